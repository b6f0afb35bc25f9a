"""KITTI's evaluation of a set as large as its validation split, beside the usual numba way.

Both read the same folders of text and give the same figures. The usual way is `kitti_reference`; it
is compiled before the clock starts.
"""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

FRAMES = 3769
TARGET = 10.0
REPEATS = 3
KINDS = ("Car", "Pedestrian", "Cyclist", "Van", "Person_sitting", "Truck")
SHARES = (0.6, 0.15, 0.08, 0.08, 0.02, 0.07)


def run() -> list[dict[str, object]]:
    """Time reading with evaluating, and evaluating alone; the figures are compared as well."""
    from kitti_reference import evaluate

    from viewer.metrics import warm_up

    warm_up()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_folders(folder, FRAMES)
        theirs: list[tuple[float, float]] = []
        ours: list[tuple[float, float]] = []
        few = read_plainly(folder / "label_2", 40), read_plainly(folder / "pred", 40)
        evaluate(*few)
        for _ in range(REPEATS):
            expected, *spent = usual_way(folder)
            theirs.append((spent[0], spent[1]))
            found, *spent = our_way(folder)
            ours.append((spent[0], spent[1]))
        compare(found, expected)
    name = f"KITTI R40 of {FRAMES:,} frames"
    return [
        row(f"{name}, read and evaluated", *(sum_of(each) for each in (ours, theirs)), None),
        row(f"{name}, evaluated", *(last_of(each) for each in (ours, theirs)), TARGET),
        {
            "name": f"{name}, most memory",
            "ours": peak_bytes() / 2**30,
            "unit": "GiB",
            "target": 2.0,
        },
    ]


def sum_of(times: list[tuple[float, float]]) -> float:
    return statistics.median(read + evaluated for read, evaluated in times)


def last_of(times: list[tuple[float, float]]) -> float:
    return statistics.median(evaluated for _, evaluated in times)


def row(name: str, ours_s: float, reference_s: float, target: float | None) -> dict[str, object]:
    return {
        "name": name,
        "ours": ours_s * 1e3,
        "reference": reference_s * 1e3,
        "reference_name": "the usual numba evaluation, compiled before",
        "ratio": reference_s / ours_s,
        "unit": "ms",
        "target": target,
    }


def peak_bytes() -> int:
    """Most physical memory of this process so far, both ways together."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def our_way(folder: Path) -> tuple[dict, float, float]:
    from viewer.metrics.gathering import gather_paths
    from viewer.metrics.protocols.kitti import KittiProtocol
    from viewer.progress import JobContext

    started = time.perf_counter()
    sides = gather_paths(folder / "label_2", folder / "pred", JobContext())
    read = time.perf_counter()
    predictions = sides.predictions[0].objects(despite_problems=False)
    found = KittiProtocol().evaluate(sides.labels, predictions, {}, JobContext())
    return found.results, read - started, time.perf_counter() - read


def usual_way(folder: Path) -> tuple[dict, float, float]:
    from kitti_reference import evaluate

    started = time.perf_counter()
    sides = read_plainly(folder / "label_2"), read_plainly(folder / "pred")
    read = time.perf_counter()
    found = evaluate(*sides)
    return found, read - started, time.perf_counter() - read


def compare(found: dict, expected: dict) -> None:
    for name, measures in expected.items():
        for measure, values in measures.items():
            ours = found[name.capitalize()][measure]["R40"]
            assert np.allclose(ours, values, rtol=0, atol=1e-9), (name, measure, ours, values)


def read_plainly(folder: Path, most: int | None = None) -> list[dict]:
    """Columns of each frame, as scripts read KITTI's text."""
    frames = []
    for path in sorted(folder.glob("*.txt"))[:most]:
        rows = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
        width = max([len(row) - 1 for row in rows], default=15)
        table = np.array([row[1:] for row in rows], dtype=float).reshape(len(rows), width)
        height, width, length = table[:, 7:10].T
        frames.append(
            {
                "names": [row[0] for row in rows],
                "truncations": table[:, 0],
                "occlusions": table[:, 1],
                "alphas": table[:, 2],
                "boxes": np.ascontiguousarray(table[:, 3:7]),
                "cuboids": np.c_[table[:, 10:13], length, width, table[:, 13], height],
                "scores": table[:, 14] if table.shape[1] > 14 else None,
            }
        )
    return frames


def write_folders(folder: Path, frames: int) -> None:
    """Write label_2 and pred: some ten labels a frame and some fifteen predictions near them."""
    rng = np.random.default_rng(0)
    for side in ("label_2", "pred"):
        (folder / side).mkdir()
    for frame in range(frames):
        labels, found = [], []
        for _ in range(rng.integers(2, 16)):
            kind = rng.choice(KINDS, p=SHARES)
            place = np.array([rng.uniform(-25, 25), rng.normal(1.6, 0.1), rng.uniform(5, 70)])
            size = np.array([1.5, 1.7, 4.0]) * rng.uniform(0.8, 1.2, 3)
            box = image_box(place, size)
            turn = rng.uniform(-3.1, 3.1)
            occlusion, truncation = rng.integers(0, 4), rng.choice([0, 0, 0.2, 0.4])
            labels.append(text(kind, truncation, occlusion, turn, box, size, place, turn))
            for _ in range(rng.choice([0, 1, 1, 2])):
                near = place + rng.normal(0, [0.1, 0.05, 0.2])
                sized, turned = size * rng.normal(1, 0.04, 3), turn + rng.normal(0, 0.05)
                # A model knows no Van: it takes it for a Car.
                known = str(kind) if kind in KINDS[:3] else "Car"
                box = image_box(near, sized) + rng.normal(0, 1, 4)
                score = round(float(rng.random()), 4)
                found.append(text(known, -1, -1, turned, box, sized, near, turned, score))
        for _ in range(rng.integers(0, 6)):
            place = np.array([rng.uniform(-25, 25), 1.6, rng.uniform(5, 70)])
            size, score = np.array([1.5, 1.7, 4.0]), round(float(rng.random()) * 0.6, 4)
            box = image_box(place, size)
            found.append(text(rng.choice(KINDS[:3]), -1, -1, 0.1, box, size, place, 0.1, score))
        region = rng.uniform([0, 150], [1000, 180], 2)
        box = [*region, *(region + rng.uniform(20, 200, 2))]
        labels.append(text("DontCare", -1, -1, -10, box, [-1] * 3, [-1000] * 3, -10))
        name = f"{frame:06}.txt"
        (folder / "label_2" / name).write_text("".join(labels), encoding="ascii")
        (folder / "pred" / name).write_text("".join(found), encoding="ascii")


def image_box(place: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Left, top, right, bottom through KITTI's camera, about."""
    focal, x, depth = 720.0, place[0], max(place[2], 1.0)
    half = focal * size[2] / 2 / depth
    middle, bottom = 610 + focal * x / depth, 175 + focal * place[1] / depth
    return np.array([middle - half, bottom - focal * size[0] / depth, middle + half, bottom])


def text(
    kind: object, truncation: object, occlusion: object, alpha: float, box: object, size: object,
    place: object, turn: float, *score: float,
) -> str:  # fmt: skip
    numbers = " ".join(f"{value:.4f}" for value in [*box, *size, *place, turn, *score])
    return f"{kind} {truncation} {occlusion} {alpha:.4f} {numbers}\n"


if __name__ == "__main__":
    for each in run():
        print(each)
