"""Labels of many frames as one table, so that two label sets can be laid beside each other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import BoxLabels2D, FrameLabels

Floats = npt.NDArray[np.float64]
Column = TypeVar("Column")


class Place(NamedTuple):
    """Where labels can be compared: a frame, or one image of it."""

    scene_id: str
    frame_key: str
    sensor_id: str
    """Camera of 2D boxes; empty for cuboids."""
    coord_frame_id: str
    """Of cuboids; empty for 2D boxes."""


@dataclass(frozen=True, eq=False, slots=True)
class LabelTable:
    """N cuboids and 2D boxes; row i of every column belongs to the same label.

    Other kinds of labels are not compared and not in the table.
    """

    places: tuple[Place, ...]
    place: npt.NDArray[np.int64]
    """(N,) index into `places`, rising."""
    label_ids: tuple[str, ...]
    class_names: tuple[str, ...]
    track_ids: tuple[str | None, ...]
    attributes: tuple[Mapping[str, Any], ...]
    center: Floats
    """(N, 3) metres; NaN for 2D boxes."""
    size: Floats
    """(N, 3) metres; NaN for 2D boxes."""
    rotation: Floats
    """(N, 4) quaternions wxyz; (1, 0, 0, 0) for 2D boxes."""
    boxes_px: Floats
    """(N, 4) left, top, right, bottom; NaN for cuboids."""

    def __len__(self) -> int:
        return len(self.place)

    @classmethod
    def of(
        cls, frames: Iterable[tuple[str, str, FrameLabels]], *, boxes_2d: bool = True
    ) -> "LabelTable":
        """Return the labels of frames, each given with its scene id and frame key.

        Parameters
        ----------
        boxes_2d
            Whether 2D boxes are in the table too, and not cuboids alone.
        """
        places: list[Place] = []
        parts: list[_Part] = []
        for scene_id, frame_key, labels in frames:
            for part in _parts(scene_id, frame_key, labels, boxes_2d):
                places.append(part.place)
                parts.append(part)
        counts = np.array([len(part.label_ids) for part in parts], dtype=np.int64)
        return cls(
            tuple(places),
            np.repeat(np.arange(len(parts)), counts),
            _flat(part.label_ids for part in parts),
            _flat(part.class_names for part in parts),
            _flat(part.track_ids for part in parts),
            _flat(part.attributes for part in parts),
            _stacked([part.center for part in parts], 3),
            _stacked([part.size for part in parts], 3),
            _stacked([part.rotation for part in parts], 4),
            _stacked([part.boxes_px for part in parts], 4),
        )

    @property
    def is_cuboid(self) -> npt.NDArray[np.bool_]:
        """(N,) True for cuboids."""
        found: npt.NDArray[np.bool_] = np.isnan(self.boxes_px[:, 0])
        return found

    def cuboids(self, rows: npt.NDArray[np.int64]) -> Cuboids:
        """Return the boxes of some rows, for pairs whose coord frames are known to agree."""
        return Cuboids(self.center[rows], self.size[rows], self.rotation[rows], "compared")


class _Part(NamedTuple):
    place: Place
    label_ids: Sequence[str]
    class_names: Sequence[str]
    track_ids: Sequence[str | None]
    attributes: Sequence[Mapping[str, Any]]
    center: Floats
    size: Floats
    rotation: Floats
    boxes_px: Floats


def _parts(
    scene_id: str, frame_key: str, labels: FrameLabels, with_boxes_2d: bool
) -> Iterator[_Part]:
    cuboids = labels.cuboids
    if len(cuboids):
        boxes = cuboids.cuboids
        yield _Part(
            Place(scene_id, frame_key, "", boxes.coord_frame_id), cuboids.label_ids,
            cuboids.class_names, cuboids.track_ids, cuboids.attributes, boxes.center, boxes.size,
            boxes.rotation, np.full((len(cuboids), 4), np.nan),
        )  # fmt: skip
    flat = labels.boxes_2d if with_boxes_2d else BoxLabels2D.empty()
    for sensor_id in sorted(set(flat.sensor_ids)):
        rows = flat.on_image(sensor_id)
        nowhere = np.full((len(rows), 3), np.nan)
        yield _Part(
            Place(scene_id, frame_key, sensor_id, ""), _some(flat.label_ids, rows),
            _some(flat.class_names, rows), _some(flat.track_ids, rows),
            _some(flat.attributes, rows), nowhere, nowhere,
            np.tile([1.0, 0.0, 0.0, 0.0], (len(rows), 1)), flat.boxes_px[rows],
        )  # fmt: skip


def _some(column: Sequence[Column], rows: Sequence[int]) -> list[Column]:
    return [column[row] for row in rows]


def _flat(columns: Iterable[Sequence[Column]]) -> tuple[Column, ...]:
    return tuple(each for column in columns for each in column)


def _stacked(parts: Sequence[Floats], width: int) -> Floats:
    return np.concatenate(parts) if parts else np.empty((0, width))
