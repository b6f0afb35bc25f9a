"""Checked columns of cuboids of many frames, cut into frames without a copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.json_fields import Columns
from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import CuboidLabels


@dataclass(frozen=True, eq=False, slots=True)
class CuboidColumns:
    """Cuboids whose numbers are checked; whether ids are unique is asked frame by frame."""

    cuboids: Cuboids
    label_ids: Sequence[str | None]
    class_names: Sequence[str | None]
    track_ids: Sequence[str | None]
    scores: npt.NDArray[np.float64]
    is_crowd: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.label_ids)

    def part(self, rows: slice) -> "CuboidColumns":
        """Return rows that follow each other."""
        return CuboidColumns(
            self.cuboids.part(rows),
            self.label_ids[rows],
            self.class_names[rows],
            self.track_ids[rows],
            self.scores[rows],
            None if self.is_crowd is None else self.is_crowd[rows],
        )

    def labels(
        self, attributes: Sequence[Mapping[str, Any]], timestamp_ns: int | None = None
    ) -> CuboidLabels | None:
        """Return them as the labels of a frame; None where an id or class is missing or twice."""
        label_ids = [label_id for label_id in self.label_ids if label_id]
        class_names = [name for name in self.class_names if name is not None]
        if not len(self) == len(set(label_ids)) == len(class_names):
            return None
        return CuboidLabels(
            cuboids=self.cuboids,
            label_ids=label_ids,
            class_names=class_names,
            track_ids=self.track_ids,
            scores=self.scores,
            attributes=attributes,
            timestamp_ns=timestamp_ns,
            is_crowd=self.is_crowd,
        )


def track_ids_of(columns: Columns, candidates: Sequence[int]) -> list[str | None]:
    """Return each row's first text among some columns that is not empty."""
    track_ids: list[str | None] = [None] * len(columns)
    for column in candidates:
        if columns.has_any(column):
            named = columns.strings(column)
            if column == candidates[0] and "" not in named:
                track_ids = named
            else:
                track_ids = [a or b or None for a, b in zip(track_ids, named, strict=True)]
    return track_ids
