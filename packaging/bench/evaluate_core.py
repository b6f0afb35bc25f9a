"""Evaluation at scale: reading 1 million labels with 2 million predictions, and a confusion matrix
of 1 million pairs while a slider moves.
"""

import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from viewer.metrics.confusion import ConfusionIndex

LABELS = 1_000_000
PREDICTIONS_A_LABEL = 2
LABELS_A_FRAME = 100
LOAD_S = 20.0
REDRAW_S = 0.1
CLASSES = ("car", "van", "cyclist")
ROW = (
    '{{"uuid":"{}","linked_labels":[],"label_type":"CUBOID_3D","label":"{}",'
    '"label_coordinate_frame":"world","attributes":{{"pos_x":{!r},"pos_y":{!r},"pos_z":{!r},'
    '"dim_x":{!r},"dim_y":{!r},"dim_z":{!r},"rot_x":0.0,"rot_y":0.0,"rot_z":{!r},"rot_w":{!r},'
    '"iscrowd":false{}}},"reuse_latest_embedding":false,"change":"ADD"}}'
)
Box = tuple[str, list[float], list[float], float]


def run(labels: int = LABELS) -> list[dict[str, object]]:
    """Measure reading, then what a slider waits for."""
    return [_load_row(labels), *_slider_rows(labels)]


def _load_row(labels: int) -> dict[str, object]:
    objects = labels * (1 + PREDICTIONS_A_LABEL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_dataset(folder, labels)
        _gather(folder)  # Loads the kernels and brings the files into memory.
        ours = objects / _seconds(lambda: _gather(folder))
        started = time.perf_counter()
        read = _read_plainly(folder, objects // 20)
        reference = read / (time.perf_counter() - started)
    return {
        "name": f"read {labels:,} labels and {objects - labels:,} predictions, Aquarium JSONL",
        "ours": ours,
        "reference": reference,
        "reference_name": "json.loads and numpy, a twentieth of it",
        "ratio": ours / reference,
        "unit": "objects/s",
        "target": objects / LOAD_S / reference,
    }


def _slider_rows(pairs: int) -> list[dict[str, object]]:
    index = confusion_index(pairs)
    index.at(0.1, 0.5)
    by_confidence = _seconds(lambda: [index.at(c, 0.5) for c in np.linspace(0.2, 0.8, 10)]) / 10
    by_overlap = _seconds(lambda: [index.at(0.3, t) for t in np.linspace(0.2, 0.8, 10)]) / 10
    reference = _seconds(lambda: _match_plainly(index, 0.3, 0.5))
    common = {
        "reference": 1 / reference,
        "reference_name": "the same loops in Python",
        "unit": "matrices/s",
        "target": reference / REDRAW_S,
    }
    count = f"{len(index.candidates):,} pairs"
    return [
        {"name": f"confusion matrix of {count} at another {what}", "ours": 1 / seconds,
         "ratio": reference / seconds, **common}
        for what, seconds in (("confidence", by_confidence), ("overlap", by_overlap))
    ]  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _gather(folder: Path) -> None:
    from viewer.metrics.gathering import gather_paths
    from viewer.progress import JobContext

    found = gather_paths(folder, folder, JobContext(), prediction_set_id="model")
    assert len(found.predictions[0].usable) == PREDICTIONS_A_LABEL * len(found.labels)


def _read_plainly(folder: Path, most: int) -> int:
    keys = [f"{part}_{axis}" for part in ("pos", "dim", "rot") for axis in "xyz"] + ["rot_w"]
    count = 0
    for line in _lines(folder / "model.jsonl"):
        labels = json.loads(line)["inference_data"]
        numbers = np.array([[each["attributes"][key] for key in keys] for each in labels])
        scores = np.array([each["attributes"]["confidence"] for each in labels])
        ids, names = [each["uuid"] for each in labels], [each["label"] for each in labels]
        assert len(numbers) == len(ids) == len(names) == len(scores)
        count += len(labels)
        if count >= most:
            break
    return count


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def confusion_index(pairs: int) -> "ConfusionIndex":
    """Prepare as many pairs: each prediction lies on its label, and one more by it."""
    from viewer.metrics.class_roles import ClassRoles
    from viewer.metrics.confusion import ConfusionIndex
    from viewer.metrics.matching.candidates import Candidates, Matcher
    from viewer.metrics.matching.catalog import similarity_by_name
    from viewer.metrics.objects import EvaluatedFrames, EvaluatedObjects

    rng = np.random.default_rng(0)
    count = pairs // PREDICTIONS_A_LABEL
    own = np.repeat(np.arange(count), PREDICTIONS_A_LABEL)
    predictions = rng.permutation(pairs)
    scores = rng.random(pairs)
    closeness = rng.random(pairs)
    order = np.argsort(-scores[predictions], kind="stable")
    classes = rng.integers(0, len(CLASSES), count)
    guesses = np.empty(pairs, dtype=np.int64)
    guesses[predictions] = np.where(rng.random(pairs) < 0.8, classes[own], (classes[own] + 1) % 3)
    zero = np.zeros(1, dtype=np.int64)
    frames = EvaluatedFrames(["0"], ["0"], zero, zero, zero, np.zeros((1, 3)))
    none = np.empty((0, 3))
    empty = EvaluatedObjects(
        frames, np.empty(0, np.int64), [], CLASSES, np.empty(0, np.int64), np.empty(0), none, none,
        np.empty((0, 4)), "world",
    )  # fmt: skip
    candidates = Candidates(
        classes, guesses, scores, own[order], predictions[order], closeness[order],
        np.full(pairs, -np.inf),
    )  # fmt: skip
    roles = ClassRoles(CLASSES, {name: row for row, name in enumerate(CLASSES)})
    similarity = similarity_by_name("iou_3d")
    return ConfusionIndex(empty, empty, roles, similarity, candidates, Matcher.BY_SCORE)


def _match_plainly(index: "ConfusionIndex", confidence: float, threshold: float) -> None:
    own = index.candidates
    scores, guesses = own.scores.tolist(), own.prediction_classes.tolist()
    classes = own.label_classes.tolist()
    taken: dict[int, int] = {}
    label_of: dict[int, int] = {}
    for label, guess, closeness in zip(
        own.label_rows.tolist(), own.prediction_rows.tolist(), own.closeness.tolist(), strict=True
    ):
        free = guess not in label_of and label not in taken
        if free and closeness >= threshold and scores[guess] >= confidence:
            taken[label], label_of[guess] = guess, label
    cells = np.zeros((4, 4), dtype=np.int64)
    for guess, score in enumerate(scores):
        if score >= confidence:
            label = label_of.get(guess, -1)
            cells[classes[label] if label >= 0 else 3, guesses[guess]] += 1
    for label, name in enumerate(classes):
        if label not in taken:
            cells[name, 3] += 1
    assert (cells == index.at(confidence, threshold).cells).all()


def write_dataset(folder: Path, labels: int) -> None:
    """Write a file of labels and one of predictions that lie near them or anywhere."""
    generator = random.Random(0)
    with (folder / "labels.jsonl").open("w") as truth, (folder / "model.jsonl").open("w") as guess:
        for frame in range(math.ceil(labels / LABELS_A_FRAME)):
            boxes = [_box(generator) for _ in range(min(LABELS_A_FRAME, labels))]
            rows = [_label(f"l{frame}-{i}", box) for i, box in enumerate(boxes)]
            found = [_label(f"p{frame}-{i}", _near(generator, box), generator.random())
                     for i, box in enumerate(boxes)]  # fmt: skip
            found += [_label(f"q{frame}-{i}", _box(generator), generator.random() ** 2)
                      for i in range(len(boxes) * (PREDICTIONS_A_LABEL - 1))]  # fmt: skip
            head = f'{{"task_id":"frame-{frame:08d}",'
            truth.write(f'{head}"label_data":[{",".join(rows)}],"type":"GT"}}\n')
            guess.write(f'{head}"inference_data":[{",".join(found)}],"type":"INFERENCE"}}\n')


def _box(generator: random.Random) -> Box:
    position = [generator.uniform(-80, 80), generator.uniform(-80, 80), generator.gauss(0, 1)]
    size = [generator.uniform(1, 6), generator.uniform(0.5, 2.5), generator.uniform(1, 3)]
    return generator.choice(CLASSES), position, size, generator.uniform(-math.pi, math.pi)


def _near(generator: random.Random, box: Box) -> Box:
    name, position, size, yaw_rad = box
    moved = [each + generator.gauss(0, 0.2) for each in position]
    named = name if generator.random() < 0.9 else generator.choice(CLASSES)
    return named, moved, size, yaw_rad + generator.gauss(0, 0.05)


def _label(label_id: str, box: Box, score: float | None = None) -> str:
    name, position, size, yaw_rad = box
    told = "" if score is None else f',"confidence":{score!r}'
    turn = (math.sin(yaw_rad / 2), math.cos(yaw_rad / 2))
    return ROW.format(label_id, name, *position, *size, *turn, told)


if __name__ == "__main__":
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else LABELS):
        print(row)
