"""Conflicts of merged files, and what changes were before others came in between."""

SQL = """
CREATE TABLE merge_conflicts (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    entity TEXT NOT NULL,
    row_key TEXT NOT NULL,
    first_values TEXT,
    first_command TEXT NOT NULL,
    second_key TEXT NOT NULL,
    second_values TEXT,
    second_command TEXT NOT NULL,
    resolution TEXT,
    resolved_by TEXT,
    resolved_ns INTEGER
);
CREATE INDEX merge_conflicts_open ON merge_conflicts (resolution, key);
CREATE TABLE original_changes (
    seq INTEGER NOT NULL REFERENCES commands (seq),
    position INTEGER NOT NULL,
    before TEXT,
    after TEXT,
    PRIMARY KEY (seq, position)
) WITHOUT ROWID;
"""
