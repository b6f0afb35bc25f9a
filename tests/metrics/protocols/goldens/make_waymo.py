"""Writes waymo.json: scenes and the figures of the official package on them.

Run in an environment of its own, with Python 3.10: ``pip install tensorflow-cpu==2.13.1`` and
``pip install --no-deps waymo-open-dataset-tf-2-12-0==1.6.7``, then ``python make_waymo.py``. The
package computes in floats of 32 bits: places, sizes and headings here are such numbers.
"""

import json
from pathlib import Path

import numpy as np
from google.protobuf import text_format
from waymo_open_dataset.metrics.ops import py_metrics_ops
from waymo_open_dataset.metrics.python import config_util_py
from waymo_open_dataset.protos import metrics_pb2

TYPES = {"TYPE_VEHICLE": 1, "TYPE_PEDESTRIAN": 2, "TYPE_SIGN": 3, "TYPE_CYCLIST": 4}
CONFIG = """
breakdown_generator_ids: OBJECT_TYPE
difficulties { levels: LEVEL_1 levels: LEVEL_2 }
breakdown_generator_ids: RANGE
difficulties { levels: LEVEL_1 levels: LEVEL_2 }
matcher_type: TYPE_HUNGARIAN
iou_thresholds: 0.0 iou_thresholds: 0.7 iou_thresholds: 0.5 iou_thresholds: 0.5
iou_thresholds: 0.5
box_type: TYPE_3D
"""
HARD_POINTS = 5


def exact(values):
    """Rounded to what a float of 32 bits holds."""
    return (np.round(np.asarray(values, dtype=float) * 256) / 256).tolist()


def label(frame, name, place, size, yaw, points=9):
    return [frame, name, *exact([*place, *size, yaw]), points]


def found(frame, name, place, size, yaw, score):
    return [frame, name, *exact([*place, *size, yaw]), score]


def random_scene(seed, frames, crowded):
    rng = np.random.default_rng(seed)
    names = list(TYPES)
    labels, predictions = [], []
    for frame in range(frames):
        for _ in range(rng.integers(0, 12 if crowded else 7)):
            name = names[rng.choice(4, p=[0.5, 0.25, 0.1, 0.15])]
            spread = 3 if crowded else 8
            away = rng.choice([5, 27, 48])
            place = rng.uniform(-spread, spread, 3) * [1, 1, 0.05] + [away, 0, 0]
            size, yaw = rng.uniform([2, 1.5, 1.2], [5, 2.5, 2]), rng.uniform(-7, 7)
            labels.append(label(frame, name, place, size, yaw, int(rng.integers(0, 12))))
            for _ in range(rng.integers(0, 4)):
                near = place + rng.normal(0, 0.25, 3) * [1, 1, 0.3]
                turned = yaw + rng.normal(0, 0.15) + np.pi * (rng.random() < 0.1)
                sized = size * rng.uniform(0.93, 1.07, 3)
                score = round(float(rng.random()), 2)
                predictions.append(found(frame, name, near, sized, turned, score))
        for _ in range(rng.integers(0, 3)):
            place = rng.uniform(-60, 60, 3) * [1, 1, 0.02]
            name = names[rng.integers(0, 4)]
            predictions.append(found(frame, name, place, (4, 2, 1.5), 0.3, float(rng.random())))
    return labels, predictions


def scenes():
    car, box = "TYPE_VEHICLE", ((10, 0, 0), (4, 2, 1.5), 0.5)
    yield "random", *random_scene(1, 25, False)
    yield "random and crowded", *random_scene(2, 15, True)
    yield "one detection", [label(0, car, *box)], [found(0, car, *box, 0.5)]
    yield "nothing found", [label(0, car, *box)], [found(0, "TYPE_CYCLIST", *box, 0.5)]
    yield (
        "scores at cutoffs",
        [label(i, car, *box) for i in range(101)],
        [found(i, car, *box, i / 100) for i in range(101)],
    )
    yield (
        "the same prediction thrice",
        [label(0, car, *box)],
        [found(0, car, *box, score) for score in (0.5, 0.5, 0.4)],
    )
    yield "hard labels found and missed", [
        label(0, car, *box, 5), label(0, car, (20, 0, 0), *box[1:], 5),
        label(0, car, (20, 9, 0), *box[1:], 6), label(0, car, (20, 18, 0), *box[1:], 0),
    ], [
        found(0, car, *box, 0.9), found(0, car, (20, 18, 0), *box[1:], 0.8),
    ]  # fmt: skip
    yield (
        "opposite headings",
        [label(0, car, (10, 0, 0), (4, 2, 1.5), 0.0)],
        [found(0, car, (10, 0, 0), (4, 2, 1.5), 3.14159, 0.9)],
    )
    yield (
        "at the bounds of ranges",
        [label(0, car, (x, 0, 0), *box[1:]) for x in (30, 50, 29.9, 49.9)],
        [found(0, car, (x, 0, 0), *box[1:], 0.9) for x in (30, 50, 29.9, 49.9)],
    )


def figures(labels, predictions):
    config = text_format.Parse(CONFIG, metrics_pb2.Config())
    config.score_cutoffs.extend([i * 0.01 for i in range(100)] + [1.0])
    counted = [row for row in labels if row[9] > 0]

    def columns(rows):
        boxes = np.array([row[2:9] for row in rows], dtype=np.float32).reshape(-1, 7)
        kinds = np.array([TYPES[row[1]] for row in rows], dtype=np.uint8)
        return boxes, kinds, np.array([row[0] for row in rows], dtype=np.int64)

    boxes, kinds, frames = columns(predictions)
    label_boxes, label_kinds, label_frames = columns(counted)
    ap, aph, *_ = py_metrics_ops.detection_metrics(
        prediction_bbox=boxes,
        prediction_type=kinds,
        prediction_score=np.array([row[9] for row in predictions], dtype=np.float32),
        prediction_frame_id=frames,
        prediction_overlap_nlz=np.zeros(len(predictions), dtype=bool),
        ground_truth_bbox=label_boxes,
        ground_truth_type=label_kinds,
        ground_truth_frame_id=label_frames,
        ground_truth_difficulty=np.array(
            [2 if row[9] <= HARD_POINTS else 1 for row in counted], dtype=np.uint8
        ),
        config=config.SerializeToString(),
    )
    names = config_util_py.get_breakdown_names_from_config(config)
    return {name: [round(float(ap[i]), 7), round(float(aph[i]), 7)] for i, name in enumerate(names)}


def main():
    cases = [
        {"case": case, "labels": labels, "predictions": found, "expected": figures(labels, found)}
        for case, labels, found in scenes()
    ]
    content = {"package": "waymo-open-dataset-tf-2-12-0 1.6.7", "cases": cases}
    rows = json.dumps(content, separators=(",", ":")).replace('{"case"', '\n{"case"')
    Path(__file__).with_name("waymo.json").write_text(rows + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
