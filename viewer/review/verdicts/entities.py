"""Rows of verdicts."""

from typing import Final

from viewer.review.entity import Column, Entity

VERDICTS: Final = Entity(
    "verdicts",
    {
        "subject": Column.SUBJECT,
        "reviewer": Column.TEXT,
        "state": Column.TEXT,
        "reasons": Column.JSON,
        "comment": Column.TEXT,
        "time_ns": Column.INTEGER,
        "snapshot_hash": Column.TEXT,
        "class_name": Column.TEXT,
    },
    ("subject", "reviewer"),
)
