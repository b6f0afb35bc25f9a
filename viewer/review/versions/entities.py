"""Rows: versions of label sets, and what each scene has otherwise than delivered."""

from typing import Final

from viewer.review.entity import Column, Entity

VERSIONS: Final = Entity(
    "versions",
    {
        "name": Column.TEXT,
        "dataset_id": Column.DATASET,
        "label_set_id": Column.TEXT,
        "parent": Column.TEXT,
        "fingerprint": Column.TEXT,
        "keeps": Column.JSON,
        "classes": Column.JSON,
        "tags": Column.JSON,
        "created_ns": Column.INTEGER,
        "created_by": Column.TEXT,
    },
)
"""``fingerprint`` tells to which delivery the edits belong, ``keeps`` is a `model.VersionKeeps`."""
VERSION_SCENES: Final = Entity(
    "version_scenes",
    {
        "version_id": Column.TEXT,
        "scene_id": Column.TEXT,
        "edits": Column.JSON,
        "keeps": Column.JSON,
    },
    ("version_id", "scene_id"),
)
"""``edits``: by frame key, then label id; ``keeps``: a list of `model.SceneKeep`."""
