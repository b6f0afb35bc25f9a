"""Projecting points beside OpenCV, drawing cuboids, and points in boxes beside plain numpy."""

import statistics
import time
from collections.abc import Callable

import numpy as np

POINTS = 1_000_000
_COEFFICIENTS = [-0.1, 0.01, 1e-3, -1e-3, 1e-3, 0.01, 1e-3, 1e-4, 1e-4, -1e-4, 1e-4, 1e-4]


def run() -> list[dict[str, object]]:
    """Measure in turns and return one row a comparison; both sides use all cores they like."""
    from viewer.geometry import warm_up

    warm_up()
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (POINTS, 3))
    points[:, 2] = rng.uniform(2, 40, POINTS)
    points[:, :2] *= points[:, 2:]
    return [*_lenses(points), _cuboids(rng), _containment(rng)]


def _lenses(points: np.ndarray) -> list[dict[str, object]]:
    import cv2

    from viewer.geometry.cameras import BrownConrady, Fisheye
    from viewer.geometry.cameras.brown_conrady import COEFFICIENTS

    matrix = np.array([[1000.0, 0, 960], [0, 1000, 540], [0, 0, 1]])
    inner = {"fx": 1000.0, "fy": 1000.0, "cx": 960.0, "cy": 540.0}
    brown = BrownConrady(1920, 1080, **inner, **dict(zip(COEFFICIENTS, _COEFFICIENTS, strict=True)))
    fisheye = Fisheye(1920, 1080, **inner, k1=-0.05, k2=0.003, k3=-0.002, k4=2e-4)
    four = np.array([fisheye.k1, fisheye.k2, fisheye.k3, fisheye.k4])
    still = np.zeros(3)
    cases = [
        (
            "12 coefficients",
            "cv2.projectPoints",
            lambda: cv2.projectPoints(points, still, still, matrix, np.array(_COEFFICIENTS))[0],
            lambda: brown.project(points).pixels,
            30.0,
        ),
        (
            "fisheye",
            "cv2.fisheye.projectPoints",
            lambda: cv2.fisheye.projectPoints(points[:, None], still, still, matrix, four)[0],
            lambda: fisheye.project(points).pixels,
            8.0,
        ),
    ]
    rows: list[dict[str, object]] = []
    for name, label, theirs, ours, target in cases:
        pixels = ours()
        seen = np.isfinite(pixels[:, 0])
        assert seen.mean() > 0.9
        assert np.abs(pixels - theirs().reshape(-1, 2))[seen].max() < 1e-6
        rows.append(_row(f"project 1 million points, {name}", label, theirs, ours, target))
    return rows


def _cuboids(rng: np.random.Generator) -> dict[str, object]:
    from viewer.geometry.cameras import Fisheye, Pinhole
    from viewer.geometry.cuboids import EDGES, Cuboids
    from viewer.geometry.projection import project_cuboids

    boxes = Cuboids(
        np.c_[rng.uniform(-20, 20, 60), rng.uniform(-2, 2, 60), rng.uniform(-20, 40, 60)],
        rng.uniform(1, 5, (60, 3)),
        rng.normal(size=(60, 4)),
        "camera",
    )
    fisheye = Fisheye(1600, 900, fx=400.0, fy=400.0, k1=-0.02)
    pinhole = Pinhole(1600, 900, fx=800.0, fy=800.0)

    def corners_only() -> None:
        pinhole.project(boxes.corners()[:, EDGES].reshape(-1, 3))

    return _row(
        "draw 60 cuboids through a fisheye, clipped and curved",
        "their corners through a pinhole",
        corners_only,
        lambda: project_cuboids(boxes, fisheye, np.eye(4)),
        None,
    )


def _containment(rng: np.random.Generator) -> dict[str, object]:
    from viewer.geometry.cuboids import Cuboids

    boxes = Cuboids(
        rng.uniform(-40, 40, (100, 3)) * [1, 1, 0.05],
        rng.uniform(1, 6, (100, 3)),
        rng.normal(size=(100, 4)),
        "ego",
    )
    points = (rng.normal(size=(POINTS, 3)) * [20, 20, 1]).astype(np.float32)
    assert np.array_equal(boxes.contains(points).sum(axis=1), boxes.count_points(points))
    return _row(
        "1 million points in 100 boxes",
        "plain numpy",
        lambda: boxes.contains(points),
        lambda: boxes.count_points(points),
        None,
    )


def _row(
    name: str,
    label: str,
    theirs: Callable[[], object],
    ours: Callable[[], object],
    target: float | None,
    repeats: int = 7,
) -> dict[str, object]:
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeats + 1):
        for function, taken in zip((theirs, ours), times, strict=True):
            started = time.perf_counter()
            function()
            if turn > 0:
                taken.append(time.perf_counter() - started)
    reference_s, ours_s = (statistics.median(taken) for taken in times)
    return {
        "name": name,
        "ours": ours_s * 1e3,
        "reference": reference_s * 1e3,
        "reference_name": label,
        "ratio": reference_s / ours_s,
        "unit": "ms",
        "target": target,
    }


if __name__ == "__main__":
    for row in run():
        print(row)
