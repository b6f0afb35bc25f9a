"""The annotation of one point cloud: objects, their figures and the tags of both."""

import uuid
from collections.abc import Mapping
from typing import Any

from viewer.formats.euler_angles import euler_from_rotation
from viewer.formats.supervisely.labels import CUBOID
from viewer.formats.writers.cloud_cuboids import CuboidRow
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.supervisely.tags import TagKinds, cuboid_tags

_NAMES = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
"""The namespace of object identifiers (RFC 9562); what is below it is of the scene."""
_XYZ = ("x", "y", "z")


class Annotations:
    """Makes annotations of a scene; keys are UUIDs, the same whenever the same is written."""

    def __init__(self, scene_id: str, kinds: TagKinds, where: str, losses: LossLog) -> None:
        self._scene_id = scene_id
        self._kinds = kinds
        self._where = where
        self._losses = losses

    def document(
        self, stem: str, rows: list[CuboidRow], tags: Mapping[str, object]
    ) -> dict[str, Any]:
        """Return the annotation file of a cloud."""
        objects: dict[str, dict[str, Any]] = {}
        figures = []
        taken: set[str] = set()
        for row in rows:
            figure = self._figure_key(stem, row, taken)
            owner = self._add_object(objects, row, stem, figure)
            figures.append(
                {
                    "key": figure,
                    "objectKey": owner,
                    "geometryType": CUBOID,
                    "geometry": _geometry(row),
                }
            )
        return {
            "description": "",
            "key": self._key("cloud", stem),
            "tags": self._tags(tags, stem),
            "objects": list(objects.values()),
            "figures": figures,
        }

    def _add_object(
        self, objects: dict[str, dict[str, Any]], row: CuboidRow, stem: str, figure: str
    ) -> str:
        """Add the object of a figure; it is that of its track where the two agree."""
        key = self._key("object", figure)
        if row.track_id is None:
            self._losses.add("label without a track", self._where, "its object counts as one")
        else:
            key = row.track_id if _is_uuid(row.track_id) else self._key("track", row.track_id)
            if key != row.track_id:
                self._losses.add("track id", self._where, "objects are named by UUIDs")
        tags = cuboid_tags(row.attributes, self._kinds, self._where, self._losses)
        known = objects.get(key)
        made = {"key": key, "classTitle": row.class_name, "tags": self._tags(tags, f"{stem} {key}")}
        if known is not None and known != made:
            why = "an object has one class and one set of tags in a cloud; it gets its own"
            self._losses.add("track of a label", self._where, why)
            key = self._key("object", figure)
            made = {**made, "key": key}
        objects[key] = made
        return key

    def _figure_key(self, stem: str, row: CuboidRow, taken: set[str]) -> str:
        key = row.label_id
        if not _is_uuid(key) or key in taken:
            key = self._key("figure", f"{stem} {len(taken)}")
            self._losses.add("label id", self._where, "figures are named by UUIDs")
        taken.add(key)
        return key

    def _tags(self, values: Mapping[str, object], owner: str) -> list[dict[str, Any]]:
        return [
            {"name": name, "value": value, "key": self._key("tag", f"{owner} {name}")}
            for name, value in values.items()
        ]

    def _key(self, kind: str, name: str) -> str:
        return uuid.uuid5(_NAMES, f"{self._scene_id}/{kind}/{name}").hex


def _geometry(row: CuboidRow) -> dict[str, Any]:
    angles = euler_from_rotation(row.rotation, "xyz")
    parts = {"position": row.center_m, "rotation": angles, "dimensions": row.size_m}
    return {name: dict(zip(_XYZ, part, strict=True)) for name, part in parts.items()}


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
