"""Rows of tasks and of the statuses of their items."""

from typing import Final

from viewer.review.entity import Column, Entity

TASKS: Final = Entity(
    "tasks",
    {
        "name": Column.TEXT,
        "kind": Column.TEXT,
        "queue_id": Column.TEXT,
        "parent_id": Column.TEXT,
        "owner": Column.TEXT,
        "instructions": Column.TEXT,
        "due": Column.TEXT,
        "priority": Column.TEXT,
        "mandatory": Column.JSON,
        "created_ns": Column.INTEGER,
        "is_archived": Column.BOOLEAN,
    },
)
"""``due`` is a day, as in ISO 8601."""
TASK_ITEMS: Final = Entity(
    "task_items",
    {
        "task_id": Column.TEXT,
        "subject": Column.SUBJECT,
        "status": Column.TEXT,
        "reviewer": Column.TEXT,
        "time_ns": Column.INTEGER,
    },
    ("task_id", "subject"),
)
"""What an item's status is now; what it was before is in the journal, which only grows."""
