"""Rows of labels to and from what readers and scenes have."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from sample_scenes.labelling import BoxRow, FrameTruth, LabelRow
from viewer.formats.frame_builder import FrameBuilder
from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels

GROUND_TRUTH: Final = "ground_truth"


def add_labels(frame: FrameBuilder, truth: FrameTruth, label_set_id: str) -> None:
    """Give a frame its cuboids and 2D boxes."""
    add_cuboids(frame, truth.cuboids, label_set_id)
    for sensor_id in dict.fromkeys(row.sensor_id for row in truth.boxes):
        mine = [row for row in truth.boxes if row.sensor_id == sensor_id]
        frame.add_boxes_2d(
            sensor_id,
            [row.box_px for row in mine],
            class_names=[row.class_name for row in mine],
            label_set_id=label_set_id,
            label_ids=[row.label_id for row in mine],
            track_ids=[row.track_id for row in mine],
            attributes=[row.attributes for row in mine],
        )


def add_cuboids(frame: FrameBuilder, rows: Sequence[LabelRow], label_set_id: str) -> None:
    """Give a frame cuboids; scores only where all have one."""
    scores: list[Any] = [row.score for row in rows]
    frame.add_cuboids(
        [row.center for row in rows],
        [row.size for row in rows],
        class_names=[row.class_name for row in rows],
        orientations_wxyz=[row.orientation_wxyz for row in rows],
        label_set_id=label_set_id,
        label_ids=[row.label_id for row in rows],
        track_ids=[row.track_id for row in rows],
        scores=None if None in scores else scores,
        velocities_mps=[row.velocity_mps for row in rows],
        attributes=[row.attributes for row in rows],
    )


def rows_of(frame: FrameLabels) -> list[LabelRow]:
    """Return cuboids as rows."""
    labels = frame.cuboids
    velocities = labels.velocities_mps
    if velocities is None:
        raise ValueError("labels of made-up roads have velocities")
    return [
        LabelRow(
            labels.label_ids[row], labels.track_ids[row], labels.class_names[row],
            tuple(labels.cuboids.center[row].tolist()), tuple(labels.cuboids.size[row].tolist()),
            tuple(labels.cuboids.rotation[row].tolist()), tuple(velocities[row].tolist()),
            dict(labels.attributes[row]),
        )
        for row in range(len(labels))
    ]  # fmt: skip


def boxes_of(frame: FrameLabels) -> list[BoxRow]:
    """Return 2D boxes as rows."""
    boxes = frame.boxes_2d
    return [
        BoxRow(
            boxes.sensor_ids[row], boxes.label_ids[row], str(boxes.track_ids[row]),
            boxes.class_names[row], tuple(boxes.boxes_px[row].tolist()),
            dict(boxes.attributes[row]),
        )
        for row in range(len(boxes))
    ]  # fmt: skip


def frame_labels(rows: Sequence[LabelRow], boxes: Sequence[BoxRow]) -> FrameLabels:
    """Return rows as a reader would."""

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
