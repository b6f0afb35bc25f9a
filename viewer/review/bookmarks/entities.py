"""Rows: bookmarks."""

from typing import Final

from viewer.review.entity import Column, Entity

BOOKMARKS: Final = Entity(
    "bookmarks",
    {
        "name": Column.TEXT,
        "dataset_id": Column.DATASET,
        "sight": Column.JSON,
        "thumbnail_hash": Column.TEXT,
        "author": Column.TEXT,
        "created_ns": Column.INTEGER,
    },
)
