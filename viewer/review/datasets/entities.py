"""Rows: reviewers, datasets with their deliveries, settings."""

from typing import Final

from viewer.review.entity import Column, Entity

REVIEWERS: Final = Entity("reviewers", {"name": Column.TEXT, "email": Column.TEXT}, ("name",))
DATASETS: Final = Entity(
    "datasets",
    {
        "name": Column.TEXT,
        "path": Column.TEXT,
        "format_name": Column.TEXT,
        "choices": Column.JSON,
    },
)
"""The key is the dataset's id; the path is where it was last seen."""
DELIVERIES: Final = Entity(
    "deliveries",
    {
        "dataset_id": Column.DATASET,
        "fingerprint": Column.TEXT,
        "seen_ns": Column.INTEGER,
    },
    ("dataset_id", "fingerprint"),
)
"""Contents that a dataset had; the newest is what the decisions were last compared with."""
SETTINGS: Final = Entity("settings", {"name": Column.TEXT, "value": Column.JSON}, ("name",))
"""Class map, thresholds, reasons of verdicts."""
