"""Issues with their elements, labels and comments; pictures; bookmarks; search and mentions.

``issue_texts``, ``issue_search`` and ``mentions`` follow the other tables by triggers, so that
undo and merging need not know of them.
"""

SQL = """
CREATE TABLE pictures (
    hash TEXT PRIMARY KEY,
    content BLOB NOT NULL
);
CREATE TABLE issues (
    key TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    reporter TEXT NOT NULL,
    assignee TEXT,
    priority INTEGER,
    due TEXT,
    created_ns INTEGER NOT NULL,
    mentions TEXT,
    sight TEXT,
    thumbnail_hash TEXT REFERENCES pictures (hash),
    camera_picture_hash TEXT REFERENCES pictures (hash),
    finding_check TEXT,
    finding TEXT,
    external TEXT
);
CREATE INDEX issues_by_state ON issues (state, created_ns);
CREATE INDEX issues_by_priority ON issues (state, priority, created_ns);
CREATE INDEX issues_by_time ON issues (created_ns);
CREATE INDEX issues_by_assignee ON issues (assignee, state, created_ns);
CREATE INDEX issues_by_type ON issues (type, state, created_ns);
CREATE INDEX issues_by_reporter ON issues (reporter, state, created_ns);
CREATE INDEX issues_by_check ON issues (finding_check) WHERE finding_check IS NOT NULL;
CREATE TABLE issue_labels (
    key TEXT PRIMARY KEY,
    issue_id TEXT NOT NULL REFERENCES issues (key),
    label TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX issue_labels_by_issue ON issue_labels (issue_id, label);
CREATE INDEX issue_labels_by_label ON issue_labels (label, issue_id);
CREATE TABLE issue_elements (
    key TEXT PRIMARY KEY,
    issue_id TEXT NOT NULL REFERENCES issues (key),
    subject TEXT NOT NULL,
    anchor TEXT,
    status TEXT NOT NULL,
    author TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    snapshot_hash TEXT,
    removed_ns INTEGER,
    external TEXT
);
CREATE INDEX issue_elements_by_issue ON issue_elements (issue_id, removed_ns, status);
CREATE INDEX issue_elements_by_subject ON issue_elements (subject);
CREATE TABLE comments (
    key TEXT PRIMARY KEY,
    issue_id TEXT NOT NULL REFERENCES issues (key),
    element_id TEXT REFERENCES issue_elements (key),
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    mentions TEXT,
    created_ns INTEGER NOT NULL,
    edited_ns INTEGER,
    deleted_ns INTEGER,
    external TEXT
);
CREATE INDEX comments_by_issue ON comments (issue_id, created_ns, deleted_ns);
CREATE INDEX comments_by_element ON comments (element_id, created_ns);
CREATE TABLE bookmarks (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    dataset_id TEXT,
    sight TEXT NOT NULL,
    thumbnail_hash TEXT REFERENCES pictures (hash),
    author TEXT NOT NULL,
    created_ns INTEGER NOT NULL
);
CREATE INDEX bookmarks_by_name ON bookmarks (name);

CREATE TABLE mentions (
    name TEXT NOT NULL,
    issue_id TEXT NOT NULL,
    source_key TEXT NOT NULL,
    PRIMARY KEY (name, issue_id, source_key)
) WITHOUT ROWID;
CREATE INDEX mentions_by_source ON mentions (source_key);
CREATE TABLE issue_texts (
    id INTEGER PRIMARY KEY,
    source_key TEXT NOT NULL UNIQUE,
    issue_id TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX issue_texts_by_issue ON issue_texts (issue_id);
CREATE VIRTUAL TABLE issue_search USING fts5(
    text, content = 'issue_texts', content_rowid = 'id', tokenize = 'trigram'
);
CREATE TRIGGER issue_texts_come AFTER INSERT ON issue_texts BEGIN
    INSERT INTO issue_search (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER issue_texts_go AFTER DELETE ON issue_texts BEGIN
    INSERT INTO issue_search (issue_search, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER issues_come AFTER INSERT ON issues BEGIN
    INSERT INTO issue_texts (source_key, issue_id, text)
        VALUES (new.key, new.key, new.title || char(10) || new.description);
    INSERT INTO mentions SELECT value, new.key, new.key FROM json_each(ifnull(new.mentions, '[]'));
END;
CREATE TRIGGER issues_go AFTER DELETE ON issues BEGIN
    DELETE FROM issue_texts WHERE source_key = old.key;
    DELETE FROM mentions WHERE source_key = old.key;
END;
CREATE TRIGGER issues_change AFTER UPDATE OF title, description, mentions ON issues BEGIN
    DELETE FROM issue_texts WHERE source_key = old.key;
    DELETE FROM mentions WHERE source_key = old.key;
    INSERT INTO issue_texts (source_key, issue_id, text)
        VALUES (new.key, new.key, new.title || char(10) || new.description);
    INSERT INTO mentions SELECT value, new.key, new.key FROM json_each(ifnull(new.mentions, '[]'));
END;
CREATE TRIGGER comments_come AFTER INSERT ON comments WHEN new.deleted_ns IS NULL BEGIN
    INSERT INTO issue_texts (source_key, issue_id, text)
        VALUES (new.key, new.issue_id, new.text);
    INSERT INTO mentions
        SELECT value, new.issue_id, new.key FROM json_each(ifnull(new.mentions, '[]'));
END;
CREATE TRIGGER comments_go AFTER DELETE ON comments BEGIN
    DELETE FROM issue_texts WHERE source_key = old.key;
    DELETE FROM mentions WHERE source_key = old.key;
END;
CREATE TRIGGER comments_change AFTER UPDATE OF text, mentions, deleted_ns ON comments BEGIN
    DELETE FROM issue_texts WHERE source_key = old.key;
    DELETE FROM mentions WHERE source_key = old.key;
    INSERT INTO issue_texts (source_key, issue_id, text)
        SELECT new.key, new.issue_id, new.text WHERE new.deleted_ns IS NULL;
    INSERT INTO mentions
        SELECT value, new.issue_id, new.key FROM json_each(ifnull(new.mentions, '[]'))
        WHERE new.deleted_ns IS NULL;
END;
"""
