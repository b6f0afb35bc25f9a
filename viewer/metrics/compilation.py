"""Runs every compiled kernel of this room once, so that the cache on disk holds them all."""

import numpy as np

from viewer.metrics.matching_compilation import compile_matching
from viewer.metrics.objects import KEYPOINTS_PX, MASKS, EvaluatedFrames, EvaluatedObjects
from viewer.metrics.protocols.catalog import all_protocols
from viewer.progress import JobContext
from viewer.scene.masks import InstanceMask, RunLengths


def compile_kernels() -> None:
    """Evaluate one object a class by each protocol, and match them, in all measures."""
    names = ("Car", "car", "REGULAR_VEHICLE", "TYPE_VEHICLE")
    frames = _frames()
    labels, predictions = _objects(frames, names), _objects(frames, names, score=0.5)
    for protocol in all_protocols():
        for settings in _ways(protocol.name):
            protocol.evaluate(labels, predictions, settings, JobContext())
    compile_matching(labels, predictions)


def _ways(name: str) -> tuple[dict[str, str], ...]:
    measures = ("bbox", "segm", "keypoints")
    return tuple({"measure": each} for each in measures) if name == "coco" else ({},)


def _frames() -> EvaluatedFrames:
    zero = np.zeros(1, dtype=np.int64)
    return EvaluatedFrames(("0",), ("0",), zero, zero, zero, np.zeros((1, 3)))


def _objects(
    frames: EvaluatedFrames, names: tuple[str, ...], score: float = float("nan")
) -> EvaluatedObjects:
    count = len(names)
    rows = np.arange(count)
    zeros = np.zeros(count, dtype=np.int64)
    mask = InstanceMask("camera", "0", names[0], RunLengths.of(np.eye(2, dtype=bool)))
    return EvaluatedObjects(
        frames=frames,
        frame_rows=zeros,
        label_ids=[str(row) for row in range(count)],
        class_names=names,
        class_rows=rows,
        scores=np.full(count, score),
        centers_m=np.ones((count, 3)),
        sizes_m=np.ones((count, 3)),
        rotations=np.tile([1.0, 0, 0, 0], (count, 1)),
        coord_frame_id="ego",
        track_ids=names,
        track_rows=rows,
        velocities_mps=np.zeros((count, 3)),
        point_counts=np.full(count, 9),
        boxes_px=np.tile([0.0, 0, 50, 50], (count, 1)),
        cameras=("camera",) * count,
        alphas_rad=np.zeros(count),
        truncations=np.zeros(count),
        occlusions=zeros,
        is_crowd=np.zeros(count, dtype=bool),
        attributes=({},) * count,
        extras={MASKS: (mask,) * count, KEYPOINTS_PX: (np.ones((17, 3)),) * count},
    )
