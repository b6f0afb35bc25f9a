"""Rows: queues, their items in batches, and the items that are done."""

from typing import Final

from viewer.review.entity import Column, Entity

QUEUES: Final = Entity(
    "queues",
    {
        "name": Column.TEXT,
        "how": Column.JSON,
        "batch_size": Column.INTEGER,
        "created_by": Column.TEXT,
        "created_ns": Column.INTEGER,
        "is_archived": Column.BOOLEAN,
    },
)
QUEUE_BATCHES: Final = Entity(
    "queue_batches",
    {
        "queue_id": Column.TEXT,
        "number": Column.INTEGER,
        "subjects": Column.SUBJECTS,
        "details": Column.JSON,
        "assignee": Column.TEXT,
    },
)
"""Never changes but for its assignee. ``details`` are scores and texts in the items' order."""
QUEUE_DONE: Final = Entity(
    "queue_done",
    {
        "queue_id": Column.TEXT,
        "batch": Column.TEXT,
        "subject": Column.SUBJECT,
        "reviewer": Column.TEXT,
        "time_ns": Column.INTEGER,
        "spent_ms": Column.INTEGER,
    },
    ("queue_id", "subject"),
)
