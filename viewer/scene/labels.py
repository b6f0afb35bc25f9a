"""Labels of one frame as columns: cuboids and 2D boxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids


class LabelSetKind(StrEnum):
    """What a label set claims to be."""

    GROUND_TRUTH = "ground_truth"
    PREDICTIONS = "predictions"


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

    def __len__(self) -> int:
        return len(self.boxes_px)

    @classmethod
    def empty(cls) -> "BoxLabels2D":
        """No boxes."""
        return cls(np.empty((0, 4)), (), (), (), (), np.empty(0), ())

    def on_image(self, sensor_id: str) -> list[int]:
        """Rows that lie on one camera's image."""
        return [row for row, owner in enumerate(self.sensor_ids) if owner == sensor_id]


@dataclass(frozen=True, eq=False, slots=True)
class FrameLabels:
    """All labels of one label set in one frame."""

    cuboids: CuboidLabels
    boxes_2d: BoxLabels2D = field(default_factory=BoxLabels2D.empty)
