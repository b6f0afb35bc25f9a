"""Edits of labels, marks of missing objects, files of deliveries."""

SQL = """
CREATE TABLE label_edits (
    key TEXT PRIMARY KEY REFERENCES subjects (key),
    subject TEXT NOT NULL,
    class_name TEXT,
    track_id TEXT,
    attributes TEXT,
    center TEXT,
    size TEXT,
    rotation TEXT,
    box_px TEXT,
    deleted INTEGER,
    base TEXT
) WITHOUT ROWID;
CREATE TABLE marks (
    key TEXT PRIMARY KEY,
    frame TEXT NOT NULL REFERENCES subjects (key),
    label_set_id TEXT,
    class_name TEXT NOT NULL,
    coord_frame_id TEXT,
    position TEXT,
    size TEXT,
    yaw_rad REAL,
    sensor_id TEXT,
    pixel TEXT,
    box_px TEXT,
    comment TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    time_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX marks_by_frame ON marks (frame);
CREATE TABLE file_lists (
    fingerprint TEXT PRIMARY KEY,
    content BLOB NOT NULL
);
CREATE TRIGGER queue_batches_carried AFTER UPDATE OF subjects ON queue_batches BEGIN
    DELETE FROM queue_members WHERE (subject_head, batch_id) IN (
        SELECT substr(j.value, 1, 12), p.batch_id
        FROM queue_batch_progress p, json_each(OLD.subjects) j WHERE p.batch = OLD.key
    );
    INSERT OR IGNORE INTO queue_members
        SELECT substr(j.value, 1, 12), p.batch_id
        FROM queue_batch_progress p, json_each(NEW.subjects) j WHERE p.batch = NEW.key;
    UPDATE queue_batch_progress SET size = (SELECT count(*) FROM json_each(NEW.subjects))
        WHERE batch = NEW.key;
END;
CREATE INDEX deliveries_by_fingerprint ON deliveries (fingerprint);
"""
