"""Slices with their members, tags, versions of label sets, splits."""

SQL = """
CREATE TABLE slices (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent TEXT REFERENCES slices (key),
    how TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    created_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX slices_by_name ON slices (name);
CREATE INDEX slices_by_parent ON slices (parent);
CREATE TABLE slice_members (
    key TEXT PRIMARY KEY,
    slice_id TEXT NOT NULL REFERENCES slices (key),
    part TEXT NOT NULL,
    members TEXT NOT NULL
);
CREATE INDEX slice_members_by_slice ON slice_members (slice_id);
CREATE TABLE slice_spans (
    chunk TEXT PRIMARY KEY,
    slice_id TEXT NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    count INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX slice_spans_by_slice ON slice_spans (slice_id, first, last, count);
CREATE TRIGGER slice_span_made AFTER INSERT ON slice_members BEGIN
    INSERT INTO slice_spans
    SELECT new.key, new.slice_id, min(value), max(value), count(*) FROM json_each(new.members);
END;
CREATE TRIGGER slice_span_changed AFTER UPDATE ON slice_members BEGIN
    DELETE FROM slice_spans WHERE chunk = old.key;
    INSERT INTO slice_spans
    SELECT new.key, new.slice_id, min(value), max(value), count(*) FROM json_each(new.members);
END;
CREATE TRIGGER slice_span_gone AFTER DELETE ON slice_members BEGIN
    DELETE FROM slice_spans WHERE chunk = old.key;
END;
CREATE TABLE tags (
    key TEXT PRIMARY KEY,
    tag TEXT NOT NULL,
    subject TEXT,
    item_kind TEXT,
    item_id TEXT
) WITHOUT ROWID;
CREATE INDEX tags_by_tag ON tags (tag, subject, item_kind, item_id);
CREATE INDEX tags_by_subject ON tags (subject, tag);
CREATE INDEX tags_by_item ON tags (item_kind, item_id, tag);
CREATE TABLE versions (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    dataset_id TEXT NOT NULL REFERENCES datasets (key),
    label_set_id TEXT NOT NULL,
    parent TEXT REFERENCES versions (key),
    fingerprint TEXT NOT NULL,
    keeps TEXT NOT NULL,
    classes TEXT NOT NULL,
    tags TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    created_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX versions_by_dataset ON versions (dataset_id, label_set_id, created_ns);
CREATE INDEX versions_by_parent ON versions (parent);
CREATE TABLE version_scenes (
    key TEXT PRIMARY KEY,
    version_id TEXT NOT NULL REFERENCES versions (key),
    scene_id TEXT NOT NULL,
    edits TEXT NOT NULL,
    keeps TEXT NOT NULL
);
CREATE INDEX version_scenes_by_version ON version_scenes (version_id, scene_id);
CREATE TABLE splits (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    dataset_id TEXT NOT NULL REFERENCES datasets (key),
    seed INTEGER NOT NULL,
    parts TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    created_by TEXT NOT NULL
) WITHOUT ROWID;
"""
