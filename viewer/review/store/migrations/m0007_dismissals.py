"""Findings of checks that somebody dismissed."""

SQL = """
CREATE TABLE dismissals (
    key TEXT PRIMARY KEY,
    subject TEXT NOT NULL REFERENCES subjects (key),
    check_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    reason TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    time_ns INTEGER NOT NULL,
    snapshot_hash TEXT,
    shown_hash TEXT
) WITHOUT ROWID;
CREATE INDEX dismissals_by_subject ON dismissals (subject);
"""
