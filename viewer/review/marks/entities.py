"""Rows: marks of missing objects."""

from typing import Final

from viewer.review.entity import Column, Entity

MARKS: Final = Entity(
    "marks",
    {
        "frame": Column.SUBJECT,
        "label_set_id": Column.TEXT,
        "class_name": Column.TEXT,
        "coord_frame_id": Column.TEXT,
        "position": Column.JSON,
        "size": Column.JSON,
        "yaw_rad": Column.REAL,
        "sensor_id": Column.TEXT,
        "pixel": Column.JSON,
        "box_px": Column.JSON,
        "comment": Column.TEXT,
        "reviewer": Column.TEXT,
        "time_ns": Column.INTEGER,
    },
)
"""The key is the mark's id; see `model.Mark` for what the columns mean."""
