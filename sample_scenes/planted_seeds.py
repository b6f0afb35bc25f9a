"""The street with other errors at each seed: labels spoilt in memory, its points as they are.

Seeds for tuning and seeds that are held back are apart: a table of how good the checks are is only
made on those that nobody tuned with.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from sample_scenes.detector import LABEL_SET_ID as DETECTOR
from sample_scenes.detector import Detector
from sample_scenes.labelling import BoxRow, FrameTruth, LabelRow
from sample_scenes.planted_errors import PlantedLabels, plant_errors
from sample_scenes.road import Road
from viewer.formats.catalog import open_dataset
from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.scene import Scene

STREET: Final = Path(__file__).parent / "street"
GROUND_TRUTH: Final = "ground_truth"
TUNING_SEEDS: Final = tuple(range(1, 13))
ATTEMPTS: Final = 20
HELD_SEEDS: Final = tuple(range(401, 409))


@dataclass(frozen=True, eq=False)
class SpoiltStreet:
    """One seed: what the labels and predictions are, and what is wrong with the labels."""

    scene: Scene
    labels: Mapping[str, Sequence[FrameLabels]]
    """Frames by label set id."""
    entries: Sequence[Mapping[str, Any]]
    """One a spoilt label, as `planted_errors` lists them."""

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        """Return the labels of a frame, as a reader would."""
        return self.labels[label_set_id][frame_index]


def spoilt_street(seed: int) -> SpoiltStreet:
    """Plant errors of every kind with one seed, and detect with it too."""
    scene, truth = _street()
    keys = [frame.key for frame in scene.frames]
    road = Road()
    planted = _planted(truth, keys, road, seed)
    detections = Detector(road, np.random.default_rng([seed, 5])).run(list(truth), keys)
    return SpoiltStreet(
        scene,
        {
            GROUND_TRUTH: [_frame_labels(frame.cuboids, frame.boxes) for frame in planted.frames],
            DETECTOR: [_frame_labels(rows, ()) for rows in detections.frames],
        },
        planted.entries,
    )


def _planted(
    truth: tuple[FrameTruth, ...], keys: Sequence[str], road: Road, seed: int
) -> PlantedLabels:
    """Plant; where the first errors leave no room for the rest, draw again."""
    for attempt in range(ATTEMPTS):
        draws = [seed, 6] if attempt == 0 else [seed, 6, attempt]
        with suppress(ValueError):
            return plant_errors(truth, keys, road, np.random.default_rng(draws))
    raise ValueError(f"the street has no room for the errors of seed {seed}")


def clean_street(seed: int) -> SpoiltStreet:
    """Return the exact labels, with the predictions of a seed."""
    spoilt = spoilt_street(seed)
    _, truth = _street()
    exact = [_frame_labels(frame.cuboids, frame.boxes) for frame in truth]
    return SpoiltStreet(spoilt.scene, {**spoilt.labels, GROUND_TRUTH: exact}, ())


@cache
def _street() -> tuple[Scene, tuple[FrameTruth, ...]]:
    scene = open_dataset(STREET).scenes[0]
    frames = (scene.reader.read_labels(frame.index, GROUND_TRUTH) for frame in scene.frames)
    return scene, tuple(FrameTruth(_rows(each), _boxes(each)) for each in frames)


def _rows(frame: FrameLabels) -> list[LabelRow]:
    labels = frame.cuboids
    velocities = labels.velocities_mps
    if velocities is None:
        raise ValueError("the street's labels have velocities")
    return [
        LabelRow(
            labels.label_ids[row], labels.track_ids[row], labels.class_names[row],
            tuple(labels.cuboids.center[row].tolist()), tuple(labels.cuboids.size[row].tolist()),
            tuple(labels.cuboids.rotation[row].tolist()), tuple(velocities[row].tolist()),
            dict(labels.attributes[row]),
        )
        for row in range(len(labels))
    ]  # fmt: skip


def _boxes(frame: FrameLabels) -> list[BoxRow]:
    boxes = frame.boxes_2d
    return [
        BoxRow(
            boxes.sensor_ids[row], boxes.label_ids[row], str(boxes.track_ids[row]),
            boxes.class_names[row], tuple(boxes.boxes_px[row].tolist()),
            dict(boxes.attributes[row]),
        )
        for row in range(len(boxes))
    ]  # fmt: skip


def _frame_labels(rows: Sequence[LabelRow], boxes: Sequence[BoxRow]) -> FrameLabels:
    def column(values: list[Any], width: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.array(values, dtype=np.float64).reshape(-1, width)

    cuboids = Cuboids(
        column([row.center for row in rows], 3), column([row.size for row in rows], 3),
        column([row.orientation_wxyz for row in rows], 4), "world",
    )  # fmt: skip
    scores = [np.nan if row.score is None else row.score for row in rows]
    labels = CuboidLabels(
        cuboids, [row.label_id for row in rows], [row.class_name for row in rows],
        [row.track_id for row in rows], np.array(scores, dtype=np.float64),
        [row.attributes for row in rows], column([row.velocity_mps for row in rows], 3),
    )  # fmt: skip
    flat = BoxLabels2D(
        column([box.box_px for box in boxes], 4), [box.sensor_id for box in boxes],
        [box.label_id for box in boxes], [box.class_name for box in boxes],
        [box.track_id for box in boxes], np.full(len(boxes), np.nan),
        [box.attributes for box in boxes],
    )  # fmt: skip
    return FrameLabels(labels, flat)
