"""Rows: one finding of a check that somebody dismissed."""

from typing import Final

from viewer.review.entity import Column, Entity

DISMISSALS: Final = Entity(
    "dismissals",
    {
        "subject": Column.SUBJECT,
        "check_id": Column.TEXT,
        "detail": Column.TEXT,
        "reason": Column.TEXT,
        "reviewer": Column.TEXT,
        "time_ns": Column.INTEGER,
        "snapshot_hash": Column.TEXT,
        "shown_hash": Column.TEXT,
    },
    ("subject", "check_id", "detail"),
)
"""`snapshot_hash` is the label as it was delivered, `shown_hash` as it was edited then; None where
the finding accuses no label. `detail` tells findings of one check on one subject apart: a camera,
another label, a place."""
