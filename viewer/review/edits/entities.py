"""Rows: what is otherwise than delivered about a label."""

from typing import Final

from viewer.review.entity import Column, Entity

LABEL_EDITS: Final = Entity(
    "label_edits",
    {
        "subject": Column.SUBJECT,
        "class_name": Column.TEXT,
        "track_id": Column.TEXT,
        "attributes": Column.JSON,
        "center": Column.JSON,
        "size": Column.JSON,
        "rotation": Column.JSON,
        "box_px": Column.JSON,
        "deleted": Column.BOOLEAN,
        "base": Column.TEXT,
    },
    ("subject",),
)
"""None means: as delivered. ``base`` is the hash of the label's snapshot as delivered."""
VALUES: Final = (
    "class_name", "track_id", "attributes", "center", "size", "rotation", "box_px", "deleted",
)  # fmt: skip
"""The columns that say something about the label."""
