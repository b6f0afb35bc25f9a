"""Verdicts, queues, tasks, and counts of them.

The counting tables follow the others by triggers, so that undo and merging need not know of them:
a dashboard and "next" stay fast with a million rows.
"""

_EFFECTIVE = """
    SELECT 1 AS is_effective, s.dataset_id, s.kind, v.reviewer,
        ifnull(v.class_name, '') AS class_name, v.state, v.reasons
    FROM verdicts v JOIN subjects s ON s.key = v.subject
    WHERE v.subject = {row}.subject ORDER BY v.time_ns DESC, v.reviewer DESC LIMIT 1
"""
_GIVEN = """
    SELECT 0 AS is_effective, s.dataset_id, s.kind, {row}.reviewer AS reviewer,
        ifnull({row}.class_name, '') AS class_name, {row}.state AS state, {row}.reasons AS reasons
    FROM subjects s WHERE s.key = {row}.subject
"""
_STATES = "(is_effective, dataset_id, kind, reviewer, class_name, state)"
_REASONS = "(is_effective, dataset_id, kind, reviewer, class_name, reason)"


def _subtract(found: str) -> str:
    columns = "is_effective, dataset_id, kind, reviewer, class_name"
    return f"""
    UPDATE verdict_counts SET count = count - 1
        WHERE {_STATES} IN (SELECT {columns}, state FROM ({found}));
    UPDATE verdict_reason_counts SET count = count - 1
        WHERE {_REASONS} IN (SELECT {columns}, j.value FROM ({found}) f, json_each(f.reasons) j);
    """


def _add(found: str) -> str:
    columns = "is_effective, dataset_id, kind, reviewer, class_name"
    return f"""
    INSERT INTO verdict_counts SELECT {columns}, state, 1 FROM ({found}) WHERE true
        ON CONFLICT {_STATES} DO UPDATE SET count = count + 1;
    INSERT INTO verdict_reason_counts
        SELECT {columns}, j.value, 1 FROM ({found}) f, json_each(f.reasons) j WHERE true
        ON CONFLICT {_REASONS} DO UPDATE SET count = count + 1;
    """


def _counting(event: str, old: str | None, new: str | None) -> str:
    """Before a change its subject's counts are taken off, after it they are added again."""
    row = new or old or ""
    before = _subtract(_EFFECTIVE.format(row=row))
    before += _subtract(_GIVEN.format(row=old)) if old else ""
    after = _add(_EFFECTIVE.format(row=row))
    after += _add(_GIVEN.format(row=new)) if new else ""
    name = event.lower()
    return f"""
CREATE TRIGGER verdicts_before_{name} BEFORE {event} ON verdicts BEGIN {before} END;
CREATE TRIGGER verdicts_after_{name} AFTER {event} ON verdicts BEGIN {after} END;
"""


_VERDICTS = f"""
CREATE TABLE verdicts (
    key TEXT PRIMARY KEY,
    subject TEXT NOT NULL REFERENCES subjects (key),
    reviewer TEXT NOT NULL,
    state TEXT NOT NULL,
    reasons TEXT NOT NULL,
    comment TEXT NOT NULL,
    time_ns INTEGER NOT NULL,
    snapshot_hash TEXT,
    class_name TEXT
);
CREATE INDEX verdicts_by_subject ON verdicts (subject, time_ns, reviewer);
CREATE INDEX verdicts_by_state ON verdicts (state, time_ns, reviewer);
CREATE INDEX verdicts_by_time ON verdicts (time_ns, reviewer, state);
CREATE TABLE verdict_counts (
    is_effective INTEGER NOT NULL,
    dataset_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    class_name TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY {_STATES}
) WITHOUT ROWID;
CREATE TABLE verdict_reason_counts (
    is_effective INTEGER NOT NULL,
    dataset_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    class_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY {_REASONS}
) WITHOUT ROWID;
{_counting("INSERT", None, "NEW")}
{_counting("UPDATE", "OLD", "NEW")}
{_counting("DELETE", "OLD", None)}
"""

_QUEUES = """
CREATE TABLE queues (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    how TEXT,
    batch_size INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    is_archived INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE queue_batches (
    key TEXT PRIMARY KEY,
    queue_id TEXT NOT NULL REFERENCES queues (key),
    number INTEGER NOT NULL,
    subjects TEXT NOT NULL,
    details TEXT,
    assignee TEXT
);
CREATE INDEX queue_batches_by_queue ON queue_batches (queue_id, number);
CREATE TABLE queue_done (
    key TEXT PRIMARY KEY,
    queue_id TEXT NOT NULL REFERENCES queues (key),
    batch TEXT NOT NULL REFERENCES queue_batches (key),
    subject TEXT NOT NULL REFERENCES subjects (key),
    reviewer TEXT NOT NULL,
    time_ns INTEGER NOT NULL,
    spent_ms INTEGER
);
CREATE INDEX queue_done_by_batch ON queue_done (batch, subject);
CREATE TABLE queue_batch_progress (
    batch_id INTEGER PRIMARY KEY,
    batch TEXT NOT NULL UNIQUE,
    queue_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    assignee TEXT,
    size INTEGER NOT NULL,
    done INTEGER NOT NULL
);
CREATE INDEX queue_batches_open ON queue_batch_progress (queue_id, assignee, number, batch)
    WHERE done < size;
CREATE INDEX queue_batches_in_order ON queue_batch_progress (queue_id, assignee, number, batch);
CREATE TABLE queue_members (
    subject_head TEXT NOT NULL,
    batch_id INTEGER NOT NULL,
    PRIMARY KEY (subject_head, batch_id)
) WITHOUT ROWID;
CREATE TABLE queue_reviewer_progress (
    queue_id TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    done INTEGER NOT NULL,
    timed INTEGER NOT NULL,
    spent_ms INTEGER NOT NULL,
    PRIMARY KEY (queue_id, reviewer)
) WITHOUT ROWID;
CREATE TABLE queue_time_counts (
    queue_id TEXT NOT NULL,
    spent_ms INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (queue_id, spent_ms)
) WITHOUT ROWID;
CREATE TRIGGER queue_batches_insert AFTER INSERT ON queue_batches BEGIN
    INSERT INTO queue_batch_progress (batch, queue_id, number, assignee, size, done)
        SELECT NEW.key, NEW.queue_id, NEW.number, NEW.assignee, count(*), 0
        FROM json_each(NEW.subjects);
    INSERT OR IGNORE INTO queue_members
        SELECT substr(j.value, 1, 12), p.batch_id
        FROM queue_batch_progress p, json_each(NEW.subjects) j WHERE p.batch = NEW.key;
END;
CREATE TRIGGER queue_batches_assign AFTER UPDATE OF assignee ON queue_batches BEGIN
    UPDATE queue_batch_progress SET assignee = NEW.assignee WHERE batch = NEW.key;
END;
CREATE TRIGGER queue_batches_delete BEFORE DELETE ON queue_batches BEGIN
    DELETE FROM queue_members WHERE (subject_head, batch_id) IN (
        SELECT substr(j.value, 1, 12), p.batch_id
        FROM queue_batch_progress p, json_each(OLD.subjects) j WHERE p.batch = OLD.key
    );
    DELETE FROM queue_batch_progress WHERE batch = OLD.key;
END;
"""


def _done(row: str, sign: str) -> str:
    return f"""
    INSERT INTO queue_reviewer_progress VALUES ({row}.queue_id, {row}.reviewer, 0, 0, 0)
        ON CONFLICT (queue_id, reviewer) DO NOTHING;
    UPDATE queue_reviewer_progress SET
        done = done {sign} 1,
        timed = timed {sign} ({row}.spent_ms IS NOT NULL),
        spent_ms = spent_ms {sign} ifnull({row}.spent_ms, 0)
        WHERE queue_id = {row}.queue_id AND reviewer = {row}.reviewer;
    UPDATE queue_batch_progress SET done = done {sign} 1 WHERE batch = {row}.batch;
    INSERT INTO queue_time_counts
        SELECT {row}.queue_id, {row}.spent_ms, 0 WHERE {row}.spent_ms IS NOT NULL
        ON CONFLICT (queue_id, spent_ms) DO NOTHING;
    UPDATE queue_time_counts SET count = count {sign} 1
        WHERE queue_id = {row}.queue_id AND spent_ms = {row}.spent_ms;
    """


_DONE = f"""
CREATE TRIGGER queue_done_insert AFTER INSERT ON queue_done BEGIN {_done("NEW", "+")} END;
CREATE TRIGGER queue_done_update AFTER UPDATE ON queue_done BEGIN
    {_done("OLD", "-")} {_done("NEW", "+")}
END;
CREATE TRIGGER queue_done_delete AFTER DELETE ON queue_done BEGIN {_done("OLD", "-")} END;
"""

_TASKS = """
CREATE TABLE tasks (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    queue_id TEXT NOT NULL REFERENCES queues (key),
    parent_id TEXT REFERENCES tasks (key),
    owner TEXT NOT NULL,
    instructions TEXT NOT NULL,
    due TEXT,
    priority TEXT NOT NULL,
    mandatory TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    is_archived INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE task_items (
    key TEXT PRIMARY KEY,
    task_id TEXT NOT NULL REFERENCES tasks (key),
    subject TEXT NOT NULL REFERENCES subjects (key),
    status TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    time_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX task_items_by_status ON task_items (task_id, status, reviewer);
"""

SQL = _VERDICTS + _QUEUES + _DONE + _TASKS
