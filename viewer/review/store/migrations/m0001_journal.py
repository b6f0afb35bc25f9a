"""Journal, subjects, snapshots of labels, datasets, reviewers, settings."""

SQL = """
CREATE TABLE workspace (
    workspace_id TEXT NOT NULL,
    created_ns INTEGER NOT NULL
);
CREATE TABLE commands (
    seq INTEGER PRIMARY KEY,
    command_id BLOB NOT NULL UNIQUE,
    reviewer TEXT NOT NULL,
    time_ns INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    reverses BLOB,
    digest BLOB NOT NULL
);
CREATE INDEX commands_by_reviewer ON commands (reviewer, seq);
CREATE TABLE changes (
    seq INTEGER NOT NULL REFERENCES commands (seq),
    position INTEGER NOT NULL,
    entity TEXT NOT NULL,
    key TEXT NOT NULL,
    before TEXT,
    after TEXT,
    PRIMARY KEY (seq, position)
) WITHOUT ROWID;
CREATE INDEX changes_by_row ON changes (key, entity, seq);
CREATE TABLE subjects (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    scene_id TEXT,
    frame_key TEXT,
    label_set_id TEXT,
    label_id TEXT,
    track_id TEXT
) WITHOUT ROWID;
CREATE INDEX subjects_by_frame ON subjects (dataset_id, scene_id, frame_key);
CREATE TABLE label_snapshots (
    hash TEXT PRIMARY KEY,
    content TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE reviewers (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT
) WITHOUT ROWID;
CREATE TABLE datasets (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    format_name TEXT NOT NULL,
    choices TEXT
) WITHOUT ROWID;
CREATE TABLE deliveries (
    key TEXT PRIMARY KEY,
    dataset_id TEXT NOT NULL REFERENCES datasets (key),
    fingerprint TEXT NOT NULL,
    seen_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    value TEXT
) WITHOUT ROWID;
"""
