"""nuScenes detection on a random set as large as the validation split, and tracking on some scenes.

The development kit runs beside it on the same files when SIGHTLINE_REFERENCE_VENV names the folder
that `references.sh` filled.
"""

import json
import tempfile
import time
from pathlib import Path

import numpy as np
from timed_rows import peak_gib, reference_row, reference_way

SAMPLES, BOXES = 6019, 200_000
TRACKING_SAMPLES, TRACKING_BOXES, FRAMES_A_SCENE = 80, 2_400, 40
TARGET = 15.0
MOST_GIB = 2.0
CLASSES = (
    "car", "truck", "bus", "trailer", "construction_vehicle", "pedestrian", "motorcycle",
    "bicycle", "traffic_cone", "barrier",
)  # fmt: skip
SHARES = (0.43, 0.08, 0.02, 0.03, 0.02, 0.19, 0.02, 0.02, 0.09, 0.10)
TRACKED = ("car", "truck", "bus", "trailer", "pedestrian", "motorcycle", "bicycle")
ATTRIBUTES = ("vehicle.moving", "vehicle.parked", "")
SEVERAL = 3
DEVKIT = "nuscenes-devkit 1.2.0"


def run(
    samples: int = SAMPLES, boxes: int = BOXES, tracking_samples: int = TRACKING_SAMPLES
) -> list[dict[str, object]]:
    """Write both sides as result files, then time reading with evaluating, and evaluating."""
    from viewer.metrics import warm_up

    warm_up()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        detection = write_detection(folder, samples, boxes)
        found, read_s, evaluate_s = our_way(*detection, "nuscenes-detection")
        most = peak_gib()
        reference = reference_way("nuscenes_detection.py", *map(str, detection))
        if reference is not None:
            compare(found["all"], reference, ("NDS", "mAP"))
            compare({n: found[n]["AP"] for n in CLASSES}, reference["AP"], CLASSES)
        title = f"nuScenes detection, {samples:,} samples, {boxes:,} boxes a side"
        rows = [
            reference_row(f"{title}, evaluated", evaluate_s, reference, ("evaluate_s",), DEVKIT,
                          TARGET),
            reference_row(f"{title}, read and evaluated", read_s + evaluate_s, reference,
                          ("read_s", "evaluate_s"), DEVKIT),
            {"name": f"{title}, most memory", "ours": most, "unit": "GiB", "target": MOST_GIB},
        ]  # fmt: skip
        tracking = write_tracking(folder, tracking_samples)
        found, _, evaluate_s = our_way(*tracking, "nuscenes-tracking")
        reference = reference_way("nuscenes_tracking.py", *map(str, tracking), str(FRAMES_A_SCENE))
        title = f"nuScenes tracking, {tracking_samples:,} samples"
        rows.append(
            reference_row(f"{title}, evaluated", evaluate_s, reference, ("evaluate_s",), DEVKIT)
        )
    return rows


def our_way(labels: Path, predictions: Path, protocol: str) -> tuple[dict, float, float]:
    """Figures, and the least of several times for reading and for evaluating."""
    from viewer.metrics.gathering import gather_paths
    from viewer.metrics.protocols.catalog import protocol_by_name
    from viewer.progress import JobContext

    read_s, evaluate_s, found = [], [], None
    for _ in range(SEVERAL):
        started = time.perf_counter()
        sides = gather_paths(labels, predictions, JobContext())
        usable = sides.predictions[0].objects(despite_problems=False)
        read = time.perf_counter()
        found = protocol_by_name(protocol).evaluate(sides.labels, usable, {}, JobContext())
        evaluate_s.append(time.perf_counter() - read)
        read_s.append(read - started)
    return dict(found.results), min(read_s), min(evaluate_s)


def compare(found: dict, expected: dict, names: tuple[str, ...]) -> None:
    for name in names:
        assert abs(found[name] - expected[name]) < 1e-9, (name, found[name], expected[name])


def write_detection(folder: Path, samples: int, boxes: int) -> tuple[Path, Path]:
    rng = np.random.default_rng(0)
    classes = rng.choice(len(CLASSES), boxes, p=SHARES)
    centers = rng.uniform(-40, 40, (boxes, 3)) * [1, 1, 0.02]
    owner = np.sort(rng.integers(0, samples, boxes))
    seen = centers + rng.normal(0, 0.7, (boxes, 3))
    is_random = rng.random(boxes) < 0.3
    seen[is_random] = rng.uniform(-40, 40, (int(is_random.sum()), 3)) * [1, 1, 0.02]
    sizes, yaws = rng.uniform(0.5, 5, (boxes, 3)), rng.uniform(-3, 3, boxes)
    scores = rng.permutation(boxes) / boxes
    velocities = rng.normal(0, 3, (boxes, 2))
    spoken = rng.integers(0, len(ATTRIBUTES), (2, boxes))
    paths = []
    for side, places, noise in ((0, centers, 0.0), (1, seen, 0.2)):
        grown = np.abs(sizes + rng.normal(0, 1, (boxes, 3)) * noise) + 0.05
        turned = yaws + rng.normal(0, 1, boxes) * noise
        moved = velocities + rng.normal(0, 1, (boxes, 2)) * noise
        results: dict[str, list] = {f"sample{each}": [] for each in range(samples)}
        for k in range(boxes):
            results[f"sample{owner[k]}"].append(
                {
                    **box(f"sample{owner[k]}", places[k], grown[k], turned[k], moved[k]),
                    "detection_name": CLASSES[classes[k]],
                    "detection_score": float(scores[k]) if side else -1.0,
                    "attribute_name": ATTRIBUTES[spoken[side, k]],
                }
            )
        paths.append(write_results(folder / f"detection{side}.json", results))
    return paths[0], paths[1]


def write_tracking(folder: Path, samples: int) -> tuple[Path, Path]:
    rng = np.random.default_rng(1)
    sides: list[dict[str, list]] = [{f"sample{k}": [] for k in range(samples)} for _ in range(2)]
    tracks = TRACKING_BOXES * samples // TRACKING_SAMPLES // 20
    for track in range(tracks):
        scene = track % max(samples // FRAMES_A_SCENE, 1)
        name = TRACKED[rng.integers(len(TRACKED))]
        place, step = rng.uniform(-40, 40, 3) * [1, 1, 0.02], rng.normal(0, 0.7, 3) * [1, 1, 0]
        first = int(rng.integers(0, FRAMES_A_SCENE - 20))
        sure, guess = rng.random(), f"p{track}"
        for frame in range(first, first + 20):
            token = f"sample{scene * FRAMES_A_SCENE + frame}"
            place = place + step
            own = {"tracking_name": name, "tracking_id": f"t{track}", "tracking_score": -1.0}
            sides[0][token].append(box(token, place, np.ones(3), 0.3, step[:2]) | own)
            if rng.random() < 0.08:
                guess = f"p{track}-{frame}"
            if rng.random() < 0.85:
                own = own | {"tracking_id": guess, "tracking_score": float(sure)}
                near = place + rng.normal(0, 0.5, 3)
                sides[1][token].append(box(token, near, np.ones(3), 0.3, step[:2]) | own)
    paths = [write_results(folder / f"tracking{k}.json", side) for k, side in enumerate(sides)]
    return paths[0], paths[1]


def box(
    token: str, place: np.ndarray, size: np.ndarray, yaw: float, velocity: np.ndarray
) -> dict[str, object]:
    return {
        "sample_token": token,
        "translation": place.round(4).tolist(),
        "size": size.round(4).tolist(),
        "rotation": [float(np.cos(yaw / 2)), 0.0, 0.0, float(np.sin(yaw / 2))],
        "velocity": velocity.round(4).tolist(),
    }


def write_results(path: Path, results: dict[str, list]) -> Path:
    path.write_text(json.dumps({"meta": {"use_lidar": True}, "results": results}))
    return path
