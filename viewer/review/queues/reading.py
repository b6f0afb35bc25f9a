"""What queues there are, how far they are, and what comes next."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from viewer.review.entity import Row
from viewer.review.ledger import Reading
from viewer.review.queues.entities import QUEUE_BATCHES, QUEUES
from viewer.review.queues.model import (
    BatchState,
    ItemDetail,
    Queue,
    QueueBatch,
    QueueItem,
    QueueProgress,
    ReviewerProgress,
)

HEAD_LENGTH = 12
"""Characters of a subject's key by which the index finds its batches."""


def queues(reading: Reading, *, archived: bool = False) -> list[Queue]:
    """Return the queues, newest first; archived ones are left out unless asked for."""
    where = "" if archived else "WHERE NOT is_archived"
    rows = reading.rows(QUEUES, f"{where} ORDER BY created_ns DESC, key")
    counts = {
        queue_id: (total, done)
        for queue_id, total, done in reading.query(
            "SELECT queue_id, sum(size), sum(done) FROM queue_batch_progress GROUP BY queue_id"
        )
    }
    return [_queue(row, *counts.get(row["key"], (0, 0))) for row in rows]


def queue_by_id(reading: Reading, queue_id: str) -> Queue | None:
    """Return a queue, None when there is none."""
    row = reading.row(QUEUES, queue_id)
    if row is None:
        return None
    total, done = reading.query(
        "SELECT ifnull(sum(size), 0), ifnull(sum(done), 0) FROM queue_batch_progress"
        " WHERE queue_id = ?",
        (queue_id,),
    )[0]
    return _queue(row | {"key": queue_id}, total, done)


def batches(reading: Reading, queue_id: str) -> list[QueueBatch]:
    """Return the batches of a queue, in their order."""
    found = reading.query(
        "SELECT batch, number, assignee, size, done FROM queue_batch_progress"
        " WHERE queue_id = ? ORDER BY number, batch",
        (queue_id,),
    )
    return [QueueBatch(*each) for each in found]


def batch_items(reading: Reading, batch_key: str) -> list[QueueItem]:
    """Return the items of a batch, in their order."""
    row = reading.row(QUEUE_BATCHES, batch_key)
    if row is None:
        return []
    done = _done_in(reading, batch_key)
    details = row["details"] or [None] * len(row["subjects"])
    return [
        QueueItem(
            key, batch_key, row["number"], place,
            ItemDetail() if detail is None else ItemDetail(*detail), key in done,
        )
        for place, (key, detail) in enumerate(zip(row["subjects"], details, strict=True))
    ]  # fmt: skip


def item_of(reading: Reading, queue_id: str, subject_key: str) -> QueueItem | None:
    """Return what a queue holds of a subject; None where it is no item of the queue."""
    batch_key = batch_of(reading, queue_id, subject_key)
    items = () if batch_key is None else batch_items(reading, batch_key)
    return next((item for item in items if item.subject_key == subject_key), None)


def batch_of(reading: Reading, queue_id: str, subject_key: str) -> str | None:
    """Return the key of the batch of a queue that has an item; None where no batch has."""
    found = reading.query(
        "SELECT p.batch FROM queue_members m"
        " JOIN queue_batch_progress p ON p.batch_id = m.batch_id"
        " JOIN queue_batches b ON b.key = p.batch"
        " WHERE m.subject_head = ? AND p.queue_id = ? AND instr(b.subjects, ?)"
        " ORDER BY p.number, p.batch LIMIT 1",
        (subject_key[:HEAD_LENGTH], queue_id, f'"{subject_key}"'),
    )
    return str(found[0][0]) if found else None


def queue_progress(reading: Reading, queue_id: str) -> QueueProgress:
    """Return how far a queue is, and how long an item takes."""
    total, done, done_batches, assigned, all_batches = reading.query(
        "SELECT ifnull(sum(size), 0), ifnull(sum(done), 0), ifnull(sum(done >= size), 0),"
        " ifnull(sum(done < size AND assignee IS NOT NULL), 0), count(*)"
        " FROM queue_batch_progress WHERE queue_id = ?",
        (queue_id,),
    )[0]
    people = reading.query(
        "SELECT reviewer, done, timed, spent_ms FROM queue_reviewer_progress"
        " WHERE queue_id = ? AND done > 0 ORDER BY done DESC, reviewer",
        (queue_id,),
    )
    timed, spent_ms = sum(each[2] for each in people), sum(each[3] for each in people)
    return QueueProgress(
        total,
        done,
        {
            BatchState.QUEUED: all_batches - done_batches - assigned,
            BatchState.ASSIGNED: assigned,
            BatchState.DONE: done_batches,
        },
        _mean_seconds(spent_ms, timed),
        _median_seconds(reading, queue_id, timed),
        tuple(
            ReviewerProgress(name, count, _mean_seconds(spent, known))
            for name, count, known, spent in people
        ),
    )


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a batch stands in the order in which one reviewer meets the batches of a queue."""

    is_unassigned: bool
    """A reviewer's own batches come first, those of nobody after them."""
    number: int
    batch_key: str


def next_item(
    reading: Reading, queue_id: str, reviewer: str, after: str | None = None
) -> str | None:
    """Return the subject key of the next item that is not done; None when all are.

    The items are those of the reviewer's own batches, then of batches that are nobody's. After the
    last one it goes on from the first, so that items that were passed over come again.

    Parameters
    ----------
    after
        Key of the present item; None starts from the first.
    """
    start = None if after is None else _spot_of(reading, queue_id, reviewer, after)
    if start is not None:
        items = batch_items(reading, start.batch_key)
        place = next(each.place for each in items if each.subject_key == after)
        later = _first_open(items[place + 1 :])
        if later is not None:
            return later
    spot = _open_spot(reading, queue_id, reviewer, start) or (
        _open_spot(reading, queue_id, reviewer, None) if start else None
    )
    return None if spot is None else _first_open(batch_items(reading, spot.batch_key))


def previous_item(
    reading: Reading, queue_id: str, reviewer: str, before: str | None = None
) -> str | None:
    """Return the subject key of the item before, done or not; None at the first one.

    Parameters
    ----------
    before
        Key of the present item; None gives nothing.
    """
    spot = None if before is None else _spot_of(reading, queue_id, reviewer, before)
    if spot is None:
        return None
    items = batch_items(reading, spot.batch_key)
    place = next(each.place for each in items if each.subject_key == before)
    if place > 0:
        return items[place - 1].subject_key
    earlier = _spot_before(reading, queue_id, reviewer, spot)
    return None if earlier is None else batch_items(reading, earlier.batch_key)[-1].subject_key


def _first_open(items: list[QueueItem]) -> str | None:
    return next((each.subject_key for each in items if not each.is_done), None)


def _spot_of(reading: Reading, queue_id: str, reviewer: str, subject_key: str) -> _Spot | None:
    """Return where an item's batch stands; None where the reviewer does not meet it."""
    item = item_of(reading, queue_id, subject_key)
    if item is None:
        return None
    row = reading.row(QUEUE_BATCHES, item.batch_key)
    if row is None or row["assignee"] not in (None, reviewer):
        return None
    return _Spot(row["assignee"] is None, item.number, item.batch_key)


def _open_spot(reading: Reading, queue_id: str, reviewer: str, after: _Spot | None) -> _Spot | None:
    """Return the first batch with something to do, after another one."""
    for is_unassigned in (False, True):
        if after is not None and after.is_unassigned and not is_unassigned:
            continue
        begin = (after.number, after.batch_key) if (
            after is not None and after.is_unassigned == is_unassigned
        ) else (-1, "")  # fmt: skip
        found = reading.query(
            "SELECT number, batch FROM queue_batch_progress WHERE queue_id = ? AND assignee IS ?"
            " AND done < size AND (number, batch) > (?, ?) ORDER BY number, batch LIMIT 1",
            (queue_id, None if is_unassigned else reviewer, *begin),
        )
        if found:
            return _Spot(is_unassigned, *found[0])
    return None


def _spot_before(reading: Reading, queue_id: str, reviewer: str, spot: _Spot) -> _Spot | None:
    for is_unassigned in (True, False):
        if is_unassigned and not spot.is_unassigned:
            continue
        is_same = spot.is_unassigned == is_unassigned
        bound = " AND (number, batch) < (?, ?)" if is_same else ""
        values = (spot.number, spot.batch_key) if is_same else ()
        found = reading.query(
            "SELECT number, batch FROM queue_batch_progress WHERE queue_id = ? AND assignee IS ?"
            f"{bound} ORDER BY number DESC, batch DESC LIMIT 1",
            (queue_id, None if is_unassigned else reviewer, *values),
        )
        if found:
            return _Spot(is_unassigned, *found[0])
    return None


def _done_in(reading: Reading, batch_key: str) -> set[str]:
    found = reading.query("SELECT subject FROM queue_done WHERE batch = ?", (batch_key,))
    return {each[0] for each in found}


def _mean_seconds(spent_ms: int, count: int) -> float | None:
    return spent_ms / count / 1000 if count else None


def _median_seconds(reading: Reading, queue_id: str, timed: int) -> float | None:
    """Return the middle one, or the mean of the two in the middle."""
    if not timed:
        return None
    counts = reading.query(
        "SELECT spent_ms, count FROM queue_time_counts WHERE queue_id = ? AND count > 0"
        " ORDER BY spent_ms",
        (queue_id,),
    )
    ends = list(accumulate(count for _, count in counts))
    middle = [counts[bisect_right(ends, place)][0] for place in ((timed - 1) // 2, timed // 2)]
    return float(sum(middle)) / 2000


def _queue(row: Row, total: int, done: int) -> Queue:
    return Queue(
        row["key"], row["name"], row["how"] or {}, row["batch_size"], row["created_by"],
        row["created_ns"], row["is_archived"], total, done,
    )  # fmt: skip
