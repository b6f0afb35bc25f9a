"""Rows: one tag on one thing."""

from typing import Final

from viewer.review.entity import Column, Entity

TAGS: Final = Entity(
    "tags",
    {
        "tag": Column.TEXT,
        "subject": Column.SUBJECT,
        "item_kind": Column.TEXT,
        "item_id": Column.TEXT,
    },
    ("tag", "subject", "item_kind", "item_id"),
)
"""On a subject, or on an item that the workspace made: an issue or a slice."""
