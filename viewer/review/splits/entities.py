"""Rows: splits; their parts are slices."""

from typing import Final

from viewer.review.entity import Column, Entity

SPLITS: Final = Entity(
    "splits",
    {
        "name": Column.TEXT,
        "dataset_id": Column.DATASET,
        "seed": Column.INTEGER,
        "parts": Column.JSON,
        "created_ns": Column.INTEGER,
        "created_by": Column.TEXT,
    },
)
"""``parts``: a list of `model.SplitPart`, as the split was made."""
