"""2D shapes on images, classifications and text tokens of one frame, as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
ELLIPSE_STEPS = 64


class ShapeKind(IntEnum):
    """What the vertices and parameters of a shape mean."""

    ROTATED_BOX = 0
    """Parameters: centre x, y, width, height, angle. No vertices."""
    POLYGONS = 1
    """Each part is a closed ring that does not repeat its first vertex; holes are marked."""
    POLYLINE = 2
    """Each part is an open line of two or more vertices."""
    POINT = 3
    """One part of one vertex."""
    KEYPOINTS = 4
    """One part; vertices are named and have a visibility, NaN where they have no place."""
    ELLIPSE = 5
    """Parameters: centre x, y, half axis along x, along y before turning, angle. No vertices."""
    IMAGE_CUBOID = 6
    """One part of 8: top left, top right, bottom right, bottom left of the front, then the back."""


class Visibility(IntEnum):
    """State of one keypoint, numbered as COCO does."""

    UNLABELLED = 0
    HIDDEN = 1
    VISIBLE = 2


@dataclass(frozen=True, eq=False, slots=True)
class Outline:
    """One drawable line of a shape."""

    points_px: Floats
    """(V, 2)."""
    closed: bool
    hole: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class ImageShapes:
    """K shapes on images, stored untouched; row i of every column belongs to the same label.

    Vertices are ragged in two steps: shape k owns the parts `part_offsets[k]` to
    `part_offsets[k + 1]`, part p the vertices `vertex_offsets[p]` to `vertex_offsets[p + 1]`.
    Pixels run right and down; the centre of the top-left pixel is (0, 0).
    """

    kinds: npt.NDArray[np.int8]
    """(K,) `ShapeKind`."""
    sensor_ids: Sequence[str]
    label_ids: Sequence[str]
    class_names: Sequence[str]
    track_ids: Sequence[str | None]
    scores: Floats
    """(K,) confidence; NaN where the format gives none."""
    attributes: Sequence[Mapping[str, Any]]
    parameters: Floats
    """(K, 5) see `ShapeKind`, pixels and radians (clockwise as seen); NaN where a kind has none."""
    vertices_px: Floats
    """(V, 2) of all shapes."""
    vertex_offsets: npt.NDArray[np.int64]
    """(P + 1,)."""
    part_offsets: npt.NDArray[np.int64]
    """(K + 1,)."""
    holes: npt.NDArray[np.bool_]
    """(P,) True where a part is a hole in the ring before it."""
    visibilities: npt.NDArray[np.int8]
    """(V,) `Visibility`; VISIBLE for all that is no keypoint."""
    keypoint_names: Sequence[Sequence[str]]
    """One name a vertex of each shape of kind KEYPOINTS; empty for the others."""
    skeletons: Sequence[Sequence[tuple[int, int]]]
    """Pairs of vertices that a bone joins, for each shape of kind KEYPOINTS."""
    is_crowd: npt.NDArray[np.bool_]
    """(K,) True where one label stands for many objects."""
    class_distributions: Sequence[Mapping[str, float] | None]
    """Probability by class name, None where the format gives none."""

    def __post_init__(self) -> None:
        count = len(self.kinds)
        columns = (
            self.sensor_ids, self.label_ids, self.class_names, self.track_ids, self.scores,
            self.attributes, self.parameters, self.keypoint_names, self.skeletons, self.is_crowd,
            self.class_distributions,
        )  # fmt: skip
        if any(len(column) != count for column in columns):
            lengths = [len(column) for column in columns]
            raise ValueError(f"shape columns must all have {count} rows, not {lengths}")
        _require_offsets(self.part_offsets, count, len(self.vertex_offsets) - 1)
        _require_offsets(self.vertex_offsets, len(self.holes), len(self.vertices_px))
        if len(self.visibilities) != len(self.vertices_px):
            raise ValueError("every vertex needs a visibility")

    def __len__(self) -> int:
        return len(self.kinds)

    @classmethod
    def empty(cls) -> "ImageShapes":
        """No shapes; the same object always, for nothing in it changes."""
        return _EMPTY

    def on_image(self, sensor_id: str) -> list[int]:
        """Rows that lie on one camera's image."""
        return [row for row, owner in enumerate(self.sensor_ids) if owner == sensor_id]

    def parts(self, row: int) -> list[Floats]:
        """Vertices of a shape, part by part, each (V, 2)."""
        first, last = self.part_offsets[row : row + 2].tolist()
        edges = self.vertex_offsets[first : last + 1].tolist()
        return [self.vertices_px[start:end] for start, end in pairwise(edges)]

    def vertex_visibilities(self, row: int) -> npt.NDArray[np.int8]:
        """(V,) `Visibility` of the vertices of a shape."""
        first, last = self.part_offsets[row : row + 2].tolist()
        return self.visibilities[self.vertex_offsets[first] : self.vertex_offsets[last]]

    def outlines(self, row: int) -> list[Outline]:
        """Lines that draw a shape; none for points and keypoints without a skeleton."""
        kind = ShapeKind(int(self.kinds[row]))
        if kind == ShapeKind.ROTATED_BOX:
            unit = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
            return [Outline(_placed(unit, self.parameters[row]), True)]
        if kind == ShapeKind.ELLIPSE:
            angle = np.linspace(0.0, 2.0 * np.pi, ELLIPSE_STEPS, endpoint=False)
            unit = np.stack([np.cos(angle), np.sin(angle)], axis=1)
            return [Outline(_placed(unit, self.parameters[row]), True)]
        parts = self.parts(row)
        if kind == ShapeKind.POLYGONS:
            first = int(self.part_offsets[row])
            return [
                Outline(part, True, bool(self.holes[first + index]))
                for index, part in enumerate(parts)
            ]
        if kind == ShapeKind.POLYLINE:
            return [Outline(part, False) for part in parts]
        if kind == ShapeKind.IMAGE_CUBOID:
            front, back = parts[0][:4], parts[0][4:]
            edges = [Outline(np.stack(pair), False) for pair in zip(front, back, strict=True)]
            return [Outline(front, True), Outline(back, True), *edges]
        if kind == ShapeKind.KEYPOINTS and parts:
            bones = (parts[0][list(pair)] for pair in self.skeletons[row])
            return [Outline(bone, False) for bone in bones if np.isfinite(bone).all()]
        return []


class ImageShapesBuilder:
    """Collects shapes one by one; `build` makes the columns."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []
        self._vertices: list[Floats] = []
        self._holes: list[bool] = []
        self._part_counts: list[int] = []
        self._visibilities: list[npt.NDArray[np.int8]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(
        self,
        kind: ShapeKind,
        *,
        sensor_id: str,
        label_id: str,
        class_name: str,
        parts: Sequence[npt.ArrayLike] = (),
        holes: Sequence[bool] | None = None,
        parameters: Sequence[float] | None = None,
        visibilities: Sequence[int] | None = None,
        keypoint_names: Sequence[str] = (),
        skeleton: Sequence[tuple[int, int]] = (),
        track_id: str | None = None,
        score: float = float("nan"),
        attributes: Mapping[str, Any] | None = None,
        is_crowd: bool = False,
        class_distribution: Mapping[str, float] | None = None,
    ) -> None:
        """Add one shape; ValueError when its vertices do not suit its kind."""
        arrays = [np.asarray(part, dtype=np.float64).reshape(-1, 2) for part in parts]
        count = sum(map(len, arrays))
        _require_suitable(kind, arrays, parameters)
        if holes is not None and len(holes) != len(arrays):
            raise ValueError(f"{len(holes)} marks of holes for {len(arrays)} parts")
        if visibilities is not None and len(visibilities) != count:
            raise ValueError(f"{len(visibilities)} visibilities for {count} vertices")
        if keypoint_names and len(keypoint_names) != count:
            raise ValueError(f"{len(keypoint_names)} names for {count} keypoints")
        if any(not 0 <= end < count for bone in skeleton for end in bone):
            raise ValueError("the skeleton joins a keypoint that does not exist")
        shown = [int(Visibility.VISIBLE)] * count if visibilities is None else visibilities
        self._vertices += arrays
        self._holes += [False] * len(arrays) if holes is None else list(holes)
        self._part_counts.append(len(arrays))
        self._visibilities.append(np.asarray(shown, dtype=np.int8))
        self._rows.append(
            {
                "kind": int(kind), "sensor_id": sensor_id, "label_id": label_id,
                "class_name": class_name, "track_id": track_id, "score": score,
                "attributes": attributes or {}, "is_crowd": is_crowd,
                "parameters": parameters or [np.nan] * 5, "names": tuple(keypoint_names),
                "skeleton": tuple(skeleton), "distribution": class_distribution,
            }
        )  # fmt: skip

    def build(self) -> ImageShapes:
        """Return the shapes added so far."""
        lengths = [len(part) for part in self._vertices]
        return ImageShapes(
            kinds=np.array(self._column("kind"), dtype=np.int8),
            sensor_ids=self._column("sensor_id"),
            label_ids=self._column("label_id"),
            class_names=self._column("class_name"),
            track_ids=self._column("track_id"),
            scores=np.array(self._column("score"), dtype=np.float64),
            attributes=self._column("attributes"),
            parameters=np.array(self._column("parameters"), dtype=np.float64).reshape(-1, 5),
            vertices_px=np.concatenate([np.empty((0, 2)), *self._vertices]),
            vertex_offsets=np.cumsum([0, *lengths], dtype=np.int64),
            part_offsets=np.cumsum([0, *self._part_counts], dtype=np.int64),
            holes=np.array(self._holes, dtype=bool),
            visibilities=np.concatenate([np.empty(0, dtype=np.int8), *self._visibilities]),
            keypoint_names=self._column("names"),
            skeletons=self._column("skeleton"),
            is_crowd=np.array(self._column("is_crowd"), dtype=bool),
            class_distributions=self._column("distribution"),
        )

    def _column(self, name: str) -> tuple[Any, ...]:
        return tuple(row[name] for row in self._rows)


class ClassificationScope(StrEnum):
    """What a classification is about."""

    IMAGE = "image"
    """One camera's image: `target` is its sensor_id."""
    COORD_FRAME = "coord_frame"
    """What was measured in 3D: `target` is a coord frame id."""
    FRAME = "frame"
    SCENE = "scene"


@dataclass(frozen=True, slots=True)
class Classification:
    """One statement about something as a whole."""

    scope: ClassificationScope
    target: str
    """Sensor or coord frame id; empty for a frame or a scene."""
    label_id: str
    class_name: str
    taxonomy: str | None = None
    track_id: str | None = None
    score: float = float("nan")
    attributes: Mapping[str, Any] = field(default_factory=dict)
    class_distribution: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class TextToken:
    """One word or sign of a text sensor, with its class."""

    sensor_id: str
    label_id: str
    class_name: str
    index: int
    """Position in the text, counted in tokens from 0."""
    text: str
    visible: bool = True
    score: float = float("nan")
    attributes: Mapping[str, Any] = field(default_factory=dict)


def _placed(unit: Floats, parameters: Floats) -> Floats:
    """(V, 2) unit shape scaled, turned and moved by (x, y, width, height, angle)."""
    cos, sin = np.cos(parameters[4]), np.sin(parameters[4])
    turned: Floats = (unit * parameters[2:4]) @ np.array([[cos, sin], [-sin, cos]])
    return turned + parameters[:2]


def _require_suitable(
    kind: ShapeKind, parts: Sequence[Floats], parameters: Sequence[float] | None
) -> None:
    if kind in (ShapeKind.ROTATED_BOX, ShapeKind.ELLIPSE):
        if parts or parameters is None or len(parameters) != 5:
            raise ValueError(f"{kind.name} needs 5 parameters and no vertices")
        return
    if parameters is not None:
        raise ValueError(f"{kind.name} has vertices, not parameters")
    exact = {ShapeKind.POINT: 1, ShapeKind.IMAGE_CUBOID: 8}.get(kind)
    if exact is not None and [len(part) for part in parts] != [exact]:
        raise ValueError(f"{kind.name} needs {exact} vertices")
    if kind == ShapeKind.KEYPOINTS and len(parts) != 1:
        raise ValueError("KEYPOINTS needs one part")
    least = {ShapeKind.POLYGONS: 3, ShapeKind.POLYLINE: 2}.get(kind, 0)
    if any(len(part) < least for part in parts):
        raise ValueError(f"{kind.name} needs {least} vertices or more in each part")
    if kind != ShapeKind.KEYPOINTS and not all(np.isfinite(part).all() for part in parts):
        raise ValueError("a vertex is not finite")


def _require_offsets(offsets: npt.NDArray[np.int64], rows: int, end: int) -> None:
    if len(offsets) != rows + 1 or offsets[0] != 0 or offsets[-1] != end:
        raise ValueError(f"offsets must be {rows + 1} numbers from 0 to {end}")
    if (np.diff(offsets) < 0).any():
        raise ValueError("offsets must not fall")


_EMPTY = ImageShapesBuilder().build()
