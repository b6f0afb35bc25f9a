"""Opening a file of cuboid labels and reading every frame, beside the standard library's json."""

import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

LABELS = 1_000_000
LABELS_A_FRAME = 100
LABELS_PER_S = 500_000.0
TIMES_FASTER = 10.0


def run(labels: int = LABELS) -> list[dict[str, object]]:
    """Write both forms into a temporary folder and measure; one row a form."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        aquarium = _write(root / "aquarium.jsonl", _aquarium_rows(labels))
        nucleus = _write(root / "nucleus.jsonl", _nucleus_rows(labels))
        return [
            _row("Aquarium JSONL", aquarium, labels, _plain_aquarium),
            _row("Nucleus JSONL", nucleus, labels, _plain_nucleus),
        ]


def _row(title: str, path: Path, labels: int, plain: Callable[[Path], int]) -> dict[str, object]:
    _read_all(path)  # Loads the kernels and brings the file into memory.
    ours_s = min(_timed(_read_all, path, labels) for _ in range(3))
    reference_s = _timed(plain, path, labels)
    ours, reference = labels / ours_s, labels / reference_s
    return {
        "name": f"open and read {labels:,} cuboids, {title}",
        "ours": ours,
        "reference": reference,
        "reference_name": "json.loads and numpy",
        "ratio": ours / reference,
        "unit": "labels/s",
        "target": min(LABELS_PER_S, TIMES_FASTER * reference) / reference,
    }


def _timed(read: Callable[[Path], int], path: Path, labels: int) -> float:
    started = time.perf_counter()
    count = read(path)
    taken_s = time.perf_counter() - started
    assert count == labels, f"{count} of {labels} labels were read"
    return taken_s


def _read_all(path: Path) -> int:
    """Open, then read all frames, one after the other."""
    from viewer.formats.catalog import open_dataset

    dataset = open_dataset(path)
    count = 0
    for scene in dataset.scenes:
        for label_set in scene.label_sets:
            for frame in scene.frames:
                labels = scene.reader.read_labels(frame.index, label_set.label_set_id)
                count += len(labels.cuboids)
    dataset.close()
    return count


def _plain_aquarium(path: Path) -> int:
    keys = [f"{part}_{axis}" for part in ("pos", "dim", "rot") for axis in "xyz"] + ["rot_w"]
    count = 0
    with path.open("rb") as file:
        for line in file:
            labels = json.loads(line)["label_data"]
            numbers = np.array([[label["attributes"][key] for key in keys] for label in labels])
            ids = [label["uuid"] for label in labels]
            names = [label["label"] for label in labels]
            tracks = [label["attributes"].get("user__track_id") for label in labels]
            assert len(numbers) == len(ids) == len(names) == len(tracks)
            count += len(numbers)
    return count


def _plain_nucleus(path: Path) -> int:
    frames: dict[str, list[dict]] = {}
    with path.open("rb") as file:
        for line in file:
            row = json.loads(line)
            frames.setdefault(row["reference_id"], []).append(row)
    count = 0
    for rows in frames.values():
        shapes = [row["geometry"] for row in rows]
        numbers = np.array(
            [
                [*shape["position"].values(), *shape["dimensions"].values(), shape["yaw"]]
                for shape in shapes
            ]
        )
        ids = [row["annotation_id"] for row in rows]
        names = [row["label"] for row in rows]
        tracks = [row.get("track_reference_id") for row in rows]
        assert len(numbers) == len(ids) == len(names) == len(tracks)
        count += len(numbers)
    return count


def _write(path: Path, rows: Iterator[dict]) -> Path:
    with path.open("w") as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")
    return path


def _boxes(count: int) -> Iterator[tuple[int, list[float], list[float], float]]:
    generator = random.Random(0)
    for index in range(count):
        position = [generator.uniform(-80, 80), generator.uniform(-80, 80), generator.gauss(0, 1)]
        size = [generator.uniform(1, 6), generator.uniform(0.5, 2.5), generator.uniform(1, 3)]
        yield index, position, size, generator.uniform(-math.pi, math.pi)


def _aquarium_rows(count: int) -> Iterator[dict]:
    labels = []
    for index, position, size, yaw_rad in _boxes(count):
        turn = {"rot_x": 0.0, "rot_y": 0.0, "rot_z": math.sin(yaw_rad / 2)}
        attributes = dict(zip(("pos_x", "pos_y", "pos_z"), position, strict=True))
        attributes |= dict(zip(("dim_x", "dim_y", "dim_z"), size, strict=True))
        attributes |= turn | {"rot_w": math.cos(yaw_rad / 2), "iscrowd": False}
        attributes |= {"user__occluded": index % 3 == 0, "user__track_id": f"track-{index % 977}"}
        labels.append(
            {
                "uuid": f"label-{index:08d}",
                "linked_labels": [],
                "label_type": "CUBOID_3D",
                "label": ("car", "van", "cyclist")[index % 3],
                "label_coordinate_frame": "world",
                "attributes": attributes,
                "reuse_latest_embedding": False,
                "change": "ADD",
            }
        )
        if len(labels) == LABELS_A_FRAME or index == count - 1:
            yield {"task_id": f"frame-{index:08d}", "label_data": labels, "type": "GT"}
            labels = []


def _nucleus_rows(count: int) -> Iterator[dict]:
    for index, position, size, yaw_rad in _boxes(count):
        yield {
            "label": ("car", "van", "cyclist")[index % 3],
            "type": "cuboid",
            "geometry": {
                "position": dict(zip("xyz", position, strict=True)),
                "dimensions": dict(zip("xyz", size, strict=True)),
                "yaw": yaw_rad,
            },
            "reference_id": f"lidar-{index // LABELS_A_FRAME:08d}",
            "annotation_id": f"label-{index:08d}",
            "metadata": {"num_interior_pts": index % 300},
            "track_reference_id": f"track-{index % 977}",
        }


if __name__ == "__main__":
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else LABELS):
        print(row)
