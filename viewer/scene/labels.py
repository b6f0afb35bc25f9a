"""Labels of one frame as columns: cuboids, 2D boxes, and through `shapes` all other kinds."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.scene.masks import InstanceMask, Mask
from viewer.scene.point_classes import PointClasses
from viewer.scene.shapes import Classification, ImageShapes, TextToken


class LabelSetKind(StrEnum):
    """What a label set claims to be."""

    GROUND_TRUTH = "ground_truth"
    PREDICTIONS = "predictions"
    UNLABELLED = "unlabelled"
    """A pool of frames that wait for labels."""


@dataclass(frozen=True, slots=True)
class LabelSet:
    """A named set of labels over a dataset."""

    label_set_id: str
    kind: LabelSetKind
    title: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class CuboidLabels:
    """N cuboids with their identity; row i of every column belongs to the same label."""

    cuboids: Cuboids
    label_ids: Sequence[str]
    class_names: Sequence[str]
    track_ids: Sequence[str | None]
    scores: npt.NDArray[np.float64]
    """(N,) confidence; NaN where the format gives none."""
    attributes: Sequence[Mapping[str, Any]]
    velocities_mps: npt.NDArray[np.float64] | None = None
    """(N, 3) in the cuboids' coord frame, NaN where unknown."""
    timestamp_ns: int | None = None
    """Reference time of the cuboids."""
    is_crowd: npt.NDArray[np.bool_] | None = None
    """(N,) True where one label stands for many objects; None when the format has no such mark."""
    class_distributions: Sequence[Mapping[str, float] | None] | None = None
    """Probability by class name; None when the format gives none."""

    is_keyframe: npt.NDArray[np.bool_] | None = None
    """(N,) False where the box was interpolated between two that someone drew; None when the
    format does not tell."""

    def __post_init__(self) -> None:
        count = len(self.cuboids)
        columns = (self.label_ids, self.class_names, self.track_ids, self.scores, self.attributes)
        if any(len(column) != count for column in columns):
            lengths = [len(column) for column in columns]
            raise ValueError(f"label columns must all have {count} rows, not {lengths}")

    def __len__(self) -> int:
        return len(self.cuboids)

    @classmethod
    def empty(cls, coord_frame_id: str) -> "CuboidLabels":
        """No labels."""
        return cls(Cuboids.empty(coord_frame_id), (), (), (), np.empty(0), ())

    def is_interpolated(self, row: int) -> bool:
        """True where the box was not drawn by anyone but lies between two that were."""
        return self.is_keyframe is not None and not self.is_keyframe[row]

    def row_of(self, label_id: str) -> int | None:
        """Row of a label, None when it is not in this frame."""
        try:
            return list(self.label_ids).index(label_id)
        except ValueError:
            return None


@dataclass(frozen=True, eq=False, slots=True)
class BoxLabels2D:
    """M upright 2D boxes on images, stored untouched."""

    boxes_px: npt.NDArray[np.float64]
    """(M, 4) left, top, right, bottom."""
    sensor_ids: Sequence[str]
    label_ids: Sequence[str]
    class_names: Sequence[str]
    track_ids: Sequence[str | None]
    scores: npt.NDArray[np.float64]
    attributes: Sequence[Mapping[str, Any]]
    is_crowd: npt.NDArray[np.bool_] | None = None
    """(M,) True where one label stands for many objects; None when the format has no such mark."""
    class_distributions: Sequence[Mapping[str, float] | None] | None = None
    """Probability by class name; None when the format gives none."""

    def __len__(self) -> int:
        return len(self.boxes_px)

    @classmethod
    def empty(cls) -> "BoxLabels2D":
        """No boxes."""
        return cls(np.empty((0, 4)), (), (), (), (), np.empty(0), ())

    def on_image(self, sensor_id: str) -> list[int]:
        """Rows that lie on one camera's image."""
        return [row for row, owner in enumerate(self.sensor_ids) if owner == sensor_id]


@dataclass(frozen=True, slots=True)
class LabelLink:
    """One label of a frame refers to another."""

    kind: str
    """What joins them, in the format's own word, e.g. ``parent`` or ``trailer_of``."""
    from_label_id: str
    to_label_id: str


@dataclass(frozen=True, eq=False, slots=True)
class FrameLabels:
    """All labels of one label set in one frame."""

    cuboids: CuboidLabels
    boxes_2d: BoxLabels2D = field(default_factory=BoxLabels2D.empty)
    shapes_2d: ImageShapes = field(default_factory=ImageShapes.empty)
    classifications: Sequence[Classification] = ()
    text_tokens: Sequence[TextToken] = ()
    masks: Sequence[Mask] = ()
    point_classes: Sequence[PointClasses] = ()
    links: Sequence[LabelLink] = ()

    def count(self, ignored_classes: Container[str] = ()) -> int:
        """Number of labels: an object's cuboid and its 2D labels of the same id or track are one.

        2D labels of ignored classes do not count.
        """
        cuboids = self.cuboids
        total = len(cuboids) + len(self.classifications) + len(self.text_tokens)
        columns = (self.boxes_2d, self.shapes_2d)
        if not (len(self.boxes_2d) or len(self.shapes_2d) or self.masks):
            return total
        ids, tracks = set(cuboids.label_ids), set(cuboids.track_ids) - {None}
        flat = [
            row for each in columns
            for row in zip(each.label_ids, each.track_ids, each.class_names, strict=True)
        ]  # fmt: skip
        for mask in self.masks:
            own = (mask.track_id, mask.class_name) if isinstance(mask, InstanceMask) else (None, "")
            flat.append((mask.label_id, *own))
        return total + sum(
            label_id not in ids and track_id not in tracks and class_name not in ignored_classes
            for label_id, track_id, class_name in flat
        )
