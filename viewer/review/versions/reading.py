"""What versions there are, and what they hold."""

from collections.abc import Mapping
from typing import Any

from viewer.review.datasets.relink import last_delivery
from viewer.review.entity import Row
from viewer.review.ledger import Reading
from viewer.review.versions.entities import VERSION_SCENES, VERSIONS
from viewer.review.versions.model import (
    SceneKeep,
    SceneVersion,
    Version,
    VersionKeeps,
    edit_from_json,
)


def versions(
    reading: Reading, dataset_id: str | None = None, label_set_id: str | None = None
) -> list[Version]:
    """Return versions, oldest first; of one dataset, of one label set, or all."""
    wanted = {"dataset_id": dataset_id, "label_set_id": label_set_id}
    given = {name: value for name, value in wanted.items() if value is not None}
    where = " AND ".join(f"{name} = ?" for name in given) or "1"
    rows = reading.rows(VERSIONS, f"WHERE {where} ORDER BY created_ns, key", tuple(given.values()))
    return [_version(row) for row in rows]


def version_by_id(reading: Reading, version_id: str) -> Version | None:
    """Return a version, None when there is none."""
    row = reading.row(VERSIONS, version_id)
    return None if row is None else _version(row | {"key": version_id})


def scene_version(reading: Reading, version: Version, scene_id: str) -> SceneVersion | None:
    """Return a scene of a version; None where the scene does not belong to it."""
    key = VERSION_SCENES.key_of({"version_id": version.version_id, "scene_id": scene_id})
    row = reading.row(VERSION_SCENES, key)
    if row is None:
        return SceneVersion(scene_id, {}) if version.keeps.every_scene else None
    return _scene(row)


def edited_scenes(reading: Reading, version_id: str) -> list[SceneVersion]:
    """Return the scenes that have a row: those with edits or with choices of their own."""
    rows = reading.rows(VERSION_SCENES, "WHERE version_id = ? ORDER BY scene_id", (version_id,))
    return [_scene(row) for row in rows]


def scenes_that_differ(reading: Reading, first: Version, second: Version) -> list[str] | None:
    """Return the scenes in which two versions of one label set and delivery can differ.

    None where only the labels themselves tell: for two label sets, deliveries, or class choices.
    """
    same = ("dataset_id", "label_set_id", "fingerprint", "keeps")
    if any(getattr(first, name) != getattr(second, name) for name in same):
        return None
    # Equal values are equal texts (`to_json`): nothing needs decoding.
    held = [
        {
            scene_id: texts
            for scene_id, *texts in reading.query(
                "SELECT scene_id, edits, keeps FROM version_scenes WHERE version_id = ?",
                (version.version_id,),
            )
        }
        for version in (first, second)
    ]
    scene_ids = sorted(held[0].keys() | held[1].keys())
    return [each for each in scene_ids if held[0].get(each) != held[1].get(each)]


def is_of_older_delivery(reading: Reading, version: Version) -> bool:
    """Tell whether the dataset was delivered anew since a version was saved.

    Labels that it has as delivered look as they do in the new delivery then.
    """
    newest = last_delivery(reading, version.dataset_id)
    return bool(version.fingerprint) and version.fingerprint != newest


def _version(row: Row) -> Version:
    values: dict[str, Any] = {name: row[name] for name in VERSIONS.columns}
    values["keeps"] = VersionKeeps.from_json(row["keeps"])
    values["classes"] = tuple(row["classes"])
    values["tags"] = {
        tag: tuple(tuple(each) for each in carriers) for tag, carriers in row["tags"].items()
    }
    return Version(version_id=row["key"], **values)


def _scene(row: Mapping[str, Any]) -> SceneVersion:
    edits = {
        frame: {label_id: edit_from_json(label_id, stored) for label_id, stored in found.items()}
        for frame, found in row["edits"].items()
    }
    keeps = tuple(SceneKeep.from_json(each) for each in row["keeps"])
    return SceneVersion(row["scene_id"], edits, keeps)
