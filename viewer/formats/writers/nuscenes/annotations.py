"""Cuboids of one scene as ``sample_annotation`` rows, chained by instance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.nuscenes.labels import annotation_velocities
from viewer.formats.nuscenes.schema import AnnotationRow
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nuscenes.table_rows import Row, TableRows, token_of
from viewer.formats.writers.scene_poses import WORLD, ScenePoses
from viewer.scene.labels import CuboidLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame

VISIBILITIES = {"v0-40": "1", "v40-60": "2", "v60-80": "3", "v80-100": "4"}
NAMES, VISIBILITY, AUTOMATIC = "attributes", "visibility", "automatic_annotation"
COUNTS = {"lidar": "num_lidar_pts", "radar": "num_radar_pts"}
Tokens = Mapping[tuple[str, str], str]
"""Tokens that the source has for (table, name)."""


@dataclass(eq=False, slots=True)
class _Chain:
    """The annotations of one instance, in order of the frames."""

    token: str
    category: str
    rows: list[Row] = field(default_factory=list)
    frame_index: int = -1


class Annotations:
    """Collects the rows of a scene's main label set."""

    def __init__(
        self, tables: TableRows, known: Tokens, where: str, poses: ScenePoses, losses: LossLog
    ) -> None:
        self._tables = tables
        self._known = known
        self._where = where
        self._poses = poses
        self._losses = losses
        self._chains: dict[str, _Chain] = {}
        self._rows: list[Row] = []
        self._times_ns: list[int] = []
        self._velocities: list[npt.NDArray[np.float64] | None] = []

    def add_frame(
        self,
        frame: Frame,
        sample: Row,
        time_ns: int,
        labels: CuboidLabels,
        clouds: Sequence[tuple[str, PointCloud]],
    ) -> None:
        """Add the labels of a sample; `clouds` has (modality, points) of its sweeps."""
        src_ns = frame.timestamp_ns if labels.timestamp_ns is None else labels.timestamp_ns
        boxes = self._poses.moved(labels.cuboids, frame, WORLD, src_ns, frame.timestamp_ns)
        if boxes is None:
            return
        counted = self._count(frame, labels, src_ns, clouds)
        for row in range(len(labels)):
            token = self._tables.free_token(
                "sample_annotation", labels.label_ids[row], self._where, frame.index, row
            )
            if token != labels.label_ids[row]:
                self._losses.add("label id", self._where, "is taken; a new token is given")
            chain = self._chain(frame, token, labels, row)
            length, width, height = boxes.size[row].tolist()
            values: Row = {
                "token": token,
                "sample_token": sample["token"],
                "instance_token": chain.token,
                "visibility_token": "",
                "attribute_tokens": [],
                "translation": boxes.center[row].tolist(),
                "size": [width, length, height],
                "rotation": boxes.rotation[row].tolist(),
                "prev": chain.rows[-1]["token"] if chain.rows else "",
                "next": "",
                **{COUNTS[modality]: int(counts[row]) for modality, counts in counted.items()},
            }
            self._put_attributes(values, labels.attributes[row])
            if chain.rows:
                chain.rows[-1]["next"] = token
            chain.rows.append(values)
            self._tables.add("sample_annotation", values)
            self._rows.append(values)
            self._times_ns.append(time_ns)
            given = labels.velocities_mps
            self._velocities.append(None if given is None else given[row])

    def finish(self) -> None:
        """Add the instances, and velocities where they are not those that the chains give."""
        for chain in self._chains.values():
            instance = {
                "token": chain.token,
                "category_token": self.name_token("category", chain.category),
                "nbr_annotations": len(chain.rows),
                "first_annotation_token": chain.rows[0]["token"],
                "last_annotation_token": chain.rows[-1]["token"],
            }
            self._tables.add("instance", instance)
        derived = annotation_velocities([_decoded(row) for row in self._rows], self._times_ns)
        for row, velocity in zip(self._rows, self._velocities, strict=True):
            if velocity is None or np.array_equal(velocity, derived[row["token"]], equal_nan=True):
                continue
            # T4 has the key; tools of nuScenes derive velocities and pass it over.
            known = bool(np.isfinite(velocity).all())
            row["velocity"] = velocity.tolist() if known else [None, None, None]

    def name_token(self, table: str, name: str) -> str:
        """Return the token of a category or an attribute, which is added when it is new."""
        token = self._known.get((table, name)) or token_of(table, name)
        self._tables.add(table, {"token": token, "name": name, "description": ""})
        return token

    def _count(
        self,
        frame: Frame,
        labels: CuboidLabels,
        src_ns: int | None,
        clouds: Sequence[tuple[str, PointCloud]],
    ) -> dict[str, npt.NDArray[np.int64]]:
        """Points in each box by modality, counted where the points are and when they were."""
        counts = {modality: np.zeros(len(labels), dtype=np.int64) for modality in COUNTS}
        for modality, cloud in clouds:
            at_ns = frame.timestamp_ns if cloud.timestamp_ns is None else cloud.timestamp_ns
            boxes = self._poses.moved(labels.cuboids, frame, cloud.coord_frame_id, src_ns, at_ns)
            if boxes is not None and len(boxes):
                counts[modality] += boxes.count_points(cloud.xyz)
        return counts

    def _chain(self, frame: Frame, token: str, labels: CuboidLabels, row: int) -> _Chain:
        track, name = labels.track_ids[row], labels.class_names[row]
        key = f"track {track}"
        if track is None:
            why = "every label has an instance; it becomes one of its own"
            self._losses.add("label without a track", self._where, why)
            key = f"label {token}"
        chain = self._chains.get(key)
        if chain is not None and (chain.category != name or chain.frame_index == frame.index):
            why = (
                "an instance has one category; it is split"
                if chain.category != name
                else "an instance has one box a sample; the others become their own"
            )
            self._losses.add("label of a track", f"{self._where}, track {track}", why)
            key = f"{key} {name} {token if chain.frame_index == frame.index else ''}"
            chain = self._chains.get(key)
        if chain is None:
            wanted = track or ""
            if any(other.token == wanted for other in self._chains.values()):
                wanted = ""
            instance = self._tables.free_token("instance", wanted, self._where, key)
            if track is not None and instance != track:
                place = f"{self._where}, track {track}"
                self._losses.add("track id", place, f"is taken; becomes {instance}")
            chain = self._chains[key] = _Chain(instance, name)
            self.name_token("category", name)
        chain.frame_index = frame.index
        return chain

    def _put_attributes(self, values: Row, attributes: Mapping[str, Any]) -> None:
        for name, value in attributes.items():
            if name == NAMES and _are_texts(value):
                values["attribute_tokens"] = [self.name_token("attribute", each) for each in value]
            elif name == VISIBILITY and isinstance(value, str) and value:
                values["visibility_token"] = self._visibility(value)
            elif _is_plain_fact(name, value):
                values[name] = value
            else:
                why = "an annotation has named attributes without values, and visibility"
                self._losses.add(f"attribute {name!r}", self._where, why)

    def _visibility(self, level: str) -> str:
        token = self._known.get(("visibility", level)) or VISIBILITIES.get(level)
        token = token or token_of("visibility", level)
        self._tables.add("visibility", {"token": token, "level": level, "description": ""})
        return token


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _is_plain_fact(name: str, value: object) -> bool:
    """Say whether a key of the tables has a value that it may have."""
    if name == AUTOMATIC:
        return isinstance(value, bool)
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return name in COUNTS.values() and abs(value) < 1 << 53


def _decoded(row: Row) -> AnnotationRow:
    return AnnotationRow(
        token=row["token"],
        sample_token=row["sample_token"],
        instance_token=row["instance_token"],
        translation=row["translation"],
        size=row["size"],
        rotation=row["rotation"],
        prev=row["prev"],
        next=row["next"],
    )
