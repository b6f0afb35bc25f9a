"""Writes argoverse2.json: scenes and the figures of the official package on them.

Run in an environment of its own: ``pip install av2==0.3.6`` (here with numpy 2.4.6, pandas 3.1.1),
then ``python make_argoverse2.py``. The kit rounds its figures to three digits: its constant for
that is set to fifteen here.
"""

import json
from pathlib import Path

import av2.evaluation.detection.eval as kit
import numpy as np
import pandas as pd
from av2.evaluation.detection.utils import DetectionCfg

CUBOID = (
    "length_m", "width_m", "height_m", "qw", "qx", "qy", "qz", "tx_m", "ty_m", "tz_m",
)  # fmt: skip
CLASSES = ("REGULAR_VEHICLE", "PEDESTRIAN", "BOLLARD", "DOG")


def box(place, *, size=(4.0, 2.0, 1.5), yaw=0.0):
    return [*size, float(np.cos(yaw / 2)), 0.0, 0.0, float(np.sin(yaw / 2)), *map(float, place)]


def label(name, place, *, log="a", time=0, points=5, **rest):
    return [log, time, name, *box(place, **rest), points]


def found(name, place, score, *, log="a", time=0, **rest):
    return [log, time, name, *box(place, **rest), score]


def random_scene(seed, frames, labels_each, spread, near):
    rng = np.random.default_rng(seed)
    labels, predictions = [], []
    for frame in range(frames):
        log, time = "cab"[frame % 3], frame
        for _ in range(rng.integers(0, labels_each)):
            name = CLASSES[rng.integers(0, 3)]
            place = np.round(rng.uniform(-spread, spread, 3) * [1, 1, 0.02], 3)
            size, yaw = np.round(rng.uniform(1, 5, 3), 2), round(rng.uniform(-3.1, 3.1), 3)
            points = int(rng.integers(0, 6))
            labels.append(label(name, place, log=log, time=time, points=points, size=size, yaw=yaw))
            for _ in range(rng.integers(0, 3)):
                moved = np.round(place + rng.normal(0, near, 3) * [1, 1, 0.2], 3)
                turned = round(yaw + rng.normal(0, 0.3) + np.pi * (rng.random() < 0.1), 3)
                sized = np.round(size * rng.uniform(0.8, 1.2, 3), 2)
                score = round(float(rng.random()), 6)
                predictions.append(
                    found(name, moved, score, log=log, time=time, size=sized, yaw=turned)
                )
        for _ in range(rng.integers(0, 4)):
            place = np.round(rng.uniform(-spread, spread, 3) * [1, 1, 0.02], 3)
            score = round(float(rng.random()) * 0.5, 6)
            name = CLASSES[rng.integers(0, 4)]
            predictions.append(found(name, place, score, log=log, time=time))
    return labels, predictions


def scenes():
    car = "REGULAR_VEHICLE"
    yield "random, near", random_scene(1, 30, 8, 60, 0.5)
    yield "random, far", random_scene(2, 30, 8, 120, 2.0)
    yield "one detection", ([label(car, (10, 0, 0))], [found(car, (10.2, 0, 0), 0.5)])
    yield (
        "the surest is too far, and keeps its label",
        ([label(car, (10, 0, 0))], [found(car, (15, 0, 0), 0.9), found(car, (10, 0, 0), 0.5)]),
    )
    yield (
        "ties over frames",
        (
            [label(car, (10, 0, 0), time=time) for time in range(4)],
            [found(car, (10 + 3 * (time % 2), 0, 0), 0.5, time=time) for time in range(4)],
        ),
    )
    yield (
        "ties over logs, by the log's name",
        (
            [label(car, (10, 0, 0), log=log) for log in "cab"],
            [found(car, (10 + 5 * (log == "a"), 0, 0), 0.5, log=log) for log in "cab"],
        ),
    )
    yield "empty class predicted", ([label(car, (5, 0, 0))], [found("DOG", (5, 0, 0), 0.5)])
    yield (
        "all ignored",
        (
            [label(car, (5, 0, 0), points=0), label(car, (160, 0, 0))],
            [found(car, (5, 0, 0), 0.9), found(car, (160, 0, 0), 0.8)],
        ),
    )
    yield (
        "at the range, and a height that only counts in space",
        (
            [label(car, (150, 0, 0)), label(car, (149.9, 0, 0)), label(car, (20, 0, 0))],
            [
                found(car, (150, 0, 0), 0.9),
                found(car, (149.9, 0, 0), 0.8),
                found(car, (20, 0, 3), 0.7),
            ],
        ),
    )
    yield (
        "opposite heading, and at the very threshold",
        (
            [label(car, (0, 0, 0), yaw=1.0), label(car, (30, 0, 0))],
            [found(car, (0, 0, 0), 0.9, yaw=1.0 - np.pi), found(car, (32, 0, 0), 0.8)],
        ),
    )
    yield (
        "more than a hundred",
        (
            [label(car, (i, 0, 0)) for i in range(0, 140, 7)],
            [found(car, (i, 0.1 * (i % 3), 0), round(1 - i / 200, 3)) for i in range(140)],
        ),
    )


def figures(labels, predictions):
    gts = pd.DataFrame(
        labels, columns=["log_id", "timestamp_ns", "category", *CUBOID, "num_interior_pts"]
    )
    dts = pd.DataFrame(
        predictions, columns=["log_id", "timestamp_ns", "category", *CUBOID, "score"]
    )
    config = DetectionCfg(categories=CLASSES, eval_only_roi_instances=False)
    _, _, summary = kit.evaluate(dts, gts, config, n_jobs=1)
    return {name: dict(row) for name, row in summary.T.to_dict().items()}


def main():
    kit.NUM_DECIMALS = 15
    cases = [
        {"case": case, "labels": labels, "predictions": found, "expected": figures(labels, found)}
        for case, (labels, found) in scenes()
    ]
    content = {"package": "av2 0.3.6", "classes": CLASSES, "cases": cases}
    rows = json.dumps(content).replace('{"case"', '\n{"case"')
    Path(__file__).with_name("argoverse2.json").write_text(rows + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
