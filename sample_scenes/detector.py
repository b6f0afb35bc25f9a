"""A made-up detector: what it says about each frame, and a list of every mistake it makes."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sample_scenes.labelling import FrameTruth, LabelRow
from sample_scenes.stage import Stage
from viewer.geometry.rotation import (
    quaternion_from_matrix,
    quaternion_from_yaw,
    quaternion_multiply,
)

LABEL_SET_ID = "detector"


@dataclass
class Detections:
    """Predictions of every frame, and what is wrong with them."""

    frames: list[list[LabelRow]] = field(default_factory=list)
    misses: list[dict[str, Any]] = field(default_factory=list)
    false_positives: list[dict[str, Any]] = field(default_factory=list)
    class_confusions: list[dict[str, Any]] = field(default_factory=list)
    matches: list[dict[str, Any]] = field(default_factory=list)

    def truth(self) -> dict[str, Any]:
        """Return the mistakes as they are written to the truth file."""
        return {
            "misses": self.misses,
            "false_positives": self.false_positives,
            "class_confusions": self.class_confusions,
            "matches": self.matches,
        }


class Detector:
    """Sees near things well, far ones badly, and a few that are not there."""

    def __init__(self, stage: Stage, rng: np.random.Generator) -> None:
        self._stage = stage
        self._rng = rng
        self._result = Detections()
        self._track_ids: dict[str, str] = {}
        self._confused: dict[str, bool] = {}

    def run(self, frames: list[FrameTruth], keys: list[str]) -> Detections:
        """Detect in every frame."""
        for index, (truth, key) in enumerate(zip(frames, keys, strict=True)):
            rows = [row for label in truth.cuboids if (row := self._detect(label, index, key))]
            rows += self._ghosts(index, key, truth)
            rows += self._flickers(index, key, truth)
            self._result.frames.append(rows)
        return self._result

    def _detect(self, label: LabelRow, index: int, key: str) -> LabelRow | None:
        rng = self._rng
        draws = rng.uniform(size=2)
        noise = rng.normal(size=9)
        points = label.attributes["num_points"]
        if draws[0] < 0.03 + 0.75 * np.exp(-points / 5):
            self._result.misses.append(
                {"frame": key, "label_id": label.label_id, "num_points": points}
            )
            return None
        track = self._track_of(label)
        row = replace(
            label,
            label_id=f"{track}.{index:03d}",
            track_id=track,
            center=_rounded(np.array(label.center) + noise[:3] * (0.05, 0.05, 0.03), 4),
            size=_rounded(np.array(label.size) * (1 + 0.03 * noise[3:6]), 3),
            orientation_wxyz=_turned(label.orientation_wxyz, 0.025 * noise[6]),
            velocity_mps=_rounded(
                np.array(label.velocity_mps) + 0.15 * noise[[7, 8, 0]] * (1, 1, 0), 3
            ),
            attributes={},
            score=round(
                float(np.clip(0.95 - 0.6 * np.exp(-points / 30) + 0.05 * noise[8], 0.08, 0.99)), 3
            ),
        )
        if self._is_confused(label) and draws[1] < 0.5:
            row = replace(row, class_name=self._stage.confused[label.class_name])
            self._result.class_confusions.append(
                {"frame": key, "label_id": row.label_id, "said": row.class_name,
                 "is": label.class_name}
            )  # fmt: skip
        self._result.matches.append(
            {"frame": key, "label_id": row.label_id, "truth_label_id": label.label_id}
        )
        return row

    def _track_of(self, label: LabelRow) -> str:
        name = str(label.track_id)
        return self._track_ids.setdefault(name, f"t{len(self._track_ids) + 1:03d}")

    def _is_confused(self, label: LabelRow) -> bool:
        if label.class_name not in self._stage.confused:
            return False
        name = str(label.track_id)
        if name not in self._confused:
            self._confused[name] = bool(self._rng.uniform() < 0.35)
        return self._confused[name]

    def _ghosts(self, index: int, key: str, truth: FrameTruth) -> list[LabelRow]:
        rows = []
        for number, ghost in enumerate(self._stage.ghosts, 1):
            jitter, chance = self._rng.normal(size=4), self._rng.uniform()
            if not ghost.first <= index <= ghost.last or chance < 0.25:
                continue
            spot, class_name, size = ghost.spot, ghost.class_name, ghost.size_m
            center = spot.position + np.array([0, 0, size[2] / 2]) + 0.08 * jitter[:3]
            score = round(float(np.clip(0.38 + 0.12 * jitter[3], 0.05, 0.75)), 3)
            row = _row(f"ghost{number}", index, class_name, center, size, spot.rotation, score)
            if self._note_ghost(row, key, truth, "lasting"):
                rows.append(row)
        return rows

    def _flickers(self, index: int, key: str, truth: FrameTruth) -> list[LabelRow]:
        """One or none a frame: a weak box somewhere beside the road, gone in the next frame."""
        place, chance = self._rng.uniform(size=3), self._rng.uniform()
        if chance > 0.45:
            return []
        spot, class_name, size = self._stage.flicker(place)
        center = spot.position + np.array([0, 0, size[2] / 2])
        score = round(float(0.08 + 0.3 * chance), 3)
        row = _row("flicker", index, class_name, center, size, spot.rotation, score)
        return [row] if self._note_ghost(row, key, truth, "single") else []

    def _note_ghost(self, row: LabelRow, key: str, truth: FrameTruth, kind: str) -> bool:
        """Note a false positive unless something real stands there."""
        gaps = [
            np.linalg.norm(np.subtract(row.center, label.center)[:2]) - max(label.size[:2]) / 2
            for label in truth.cuboids
        ]
        if gaps and min(gaps) < max(row.size[:2]) / 2 + 0.5:
            return False
        self._result.false_positives.append(
            {"frame": key, "label_id": row.label_id, "class": row.class_name, "score": row.score,
             "kind": kind}
        )  # fmt: skip
        return True


def _row(
    track: str,
    index: int,
    class_name: str,
    center: npt.NDArray[np.float64],
    size: tuple[float, ...],
    rotation: npt.NDArray[np.float64],
    score: float,
) -> LabelRow:
    return LabelRow(
        label_id=f"{track}.{index:03d}",
        track_id=None if track == "flicker" else track,
        class_name=class_name,
        center=_rounded(center, 4),
        size=size,
        orientation_wxyz=_rounded(quaternion_from_matrix(rotation), 6),
        velocity_mps=(0.0, 0.0, 0.0),
        attributes={},
        score=score,
    )


def _turned(wxyz: tuple[float, ...], angle_rad: float) -> tuple[float, ...]:
    turn = quaternion_from_yaw(angle_rad)
    return _rounded(quaternion_multiply(np.array(wxyz), turn), 6)


def _rounded(values: npt.NDArray[np.float64], digits: int) -> tuple[float, ...]:
    return tuple(np.round(values, digits).tolist())
