"""Independent lens formulas and random lenses for the tests of geometry."""

import os

import cv2
import numpy as np
import pytest

from viewer.geometry.cameras import BrownConrady, Fisheye, Mei, Pinhole


class Reference:
    """What OpenCV says, and the fisheye polynomial by hand where OpenCV mirrors."""

    @staticmethod
    def matrix(camera):
        skew = getattr(camera, "skew", 0.0)
        return np.array([[camera.fx, camera.fx * skew, camera.cx], [0, camera.fy, camera.cy],
                         [0, 0, 1]])  # fmt: skip

    @classmethod
    def project(cls, camera, points):
        """Pixels of (N, 3) points by the raw formula, wherever they lie."""
        points = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        if isinstance(camera, Fisheye):
            return cls.fisheye_by_hand(camera, points)
        if isinstance(camera, Mei):
            return cls.mei_by_hand(camera, points)
        k = np.zeros(12)
        if isinstance(camera, BrownConrady):
            k = camera.opencv_coefficients()
        pixels, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), cls.matrix(camera), k)
        return pixels.reshape(-1, 2)

    @staticmethod
    def fisheye_by_hand(camera, points):
        x, y, z = points.T
        r = np.hypot(x, y)
        theta = np.arctan2(r, z)
        k = (camera.k1, camera.k2, camera.k3, camera.k4)
        bent = theta + sum(c * theta ** (2 * i + 3) for i, c in enumerate(k))
        scale = np.divide(bent, r, out=np.zeros_like(r), where=r > 0)
        u = camera.fx * (x * scale + camera.skew * y * scale) + camera.cx
        return np.stack([u, camera.fy * y * scale + camera.cy], axis=1)

    @staticmethod
    def mei_by_hand(camera, points):
        x, y, z = points.T
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = z + camera.xi * np.sqrt(x**2 + y**2 + z**2)
            a, b = x / depth, y / depth
        r2 = a**2 + b**2
        bent = 1 + camera.k1 * r2 + camera.k2 * r2**2
        u = a * bent + 2 * camera.p1 * a * b + camera.p2 * (r2 + 2 * a**2)
        v = b * bent + camera.p1 * (r2 + 2 * b**2) + 2 * camera.p2 * a * b
        return np.stack(
            [camera.fx * (u + camera.skew * v) + camera.cx, camera.fy * v + camera.cy], axis=1
        )

    @classmethod
    def fisheye_by_opencv(cls, camera, points):
        """For rays below 90 degrees."""
        k = np.array([camera.k1, camera.k2, camera.k3, camera.k4])
        upright = np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1.0]])
        pixels, _ = cv2.fisheye.projectPoints(
            points[:, None], np.zeros(3), np.zeros(3), upright, k, alpha=camera.skew
        )
        return pixels.reshape(-1, 2)

    @staticmethod
    def valid(camera, points):
        """Inside the domain that the camera states (the domain has tests of its own)."""
        x, y, z = np.asarray(points, dtype=np.float64).reshape(-1, 3).T
        if isinstance(camera, Fisheye | Mei):
            return np.arctan2(np.hypot(x, y), z) < camera.domain.limit
        with np.errstate(divide="ignore", invalid="ignore"):
            return (z > 0) & (np.hypot(x, y) < camera.domain.limit * z)


def random_pinhole(rng):
    width, height = rng.integers(64, 4000, 2).tolist()
    fx = width * rng.uniform(0.3, 2)
    return Pinhole(width, height, fx=fx, fy=fx * rng.uniform(0.8, 1.2))


def random_brown_conrady(rng):
    """Mild to wild: one in three with the rational part, one in three with a thin prism."""
    width, height = rng.integers(64, 4000, 2).tolist()
    fx = width * rng.uniform(0.3, 2)
    scale = 10 ** rng.uniform(-3, 0)
    numbers = dict(zip(("k1", "k2", "k3"), rng.normal(size=3) * scale, strict=True))
    numbers |= dict(zip(("p1", "p2"), rng.normal(size=2) * scale * 0.03, strict=True))
    if rng.random() < 0.35:
        numbers |= dict(zip(("k4", "k5", "k6"), rng.normal(size=3) * scale, strict=True))
    if rng.random() < 0.35:
        prism = rng.normal(size=4) * scale * 0.03
        numbers |= dict(zip(("s1", "s2", "s3", "s4"), prism, strict=True))
    return BrownConrady(
        width, height, fx=fx, fy=fx * rng.uniform(0.8, 1.2), cx=width * rng.uniform(0.3, 0.7),
        cy=height * rng.uniform(0.3, 0.7), **numbers,
    )  # fmt: skip


def random_fisheye(rng):
    """From tele to beyond 180 degrees."""
    width, height = rng.integers(64, 4000, 2).tolist()
    fx = width / rng.uniform(1.0, 5.0)
    scale = 10 ** rng.uniform(-4, -0.7)
    k = rng.normal(size=4) * scale * np.array([1, 0.3, 0.1, 0.03])
    return Fisheye(
        width, height, fx=fx, fy=fx * rng.uniform(0.9, 1.1), cx=width * rng.uniform(0.4, 0.6),
        cy=height * rng.uniform(0.4, 0.6), k1=k[0], k2=k[1], k3=k[2], k4=k[3],
        skew=rng.choice([0.0, rng.normal() * 0.01]),
    )  # fmt: skip


def random_mei(rng):
    """From a pinhole's to a wide mirror's, with folds in some."""
    width, height = rng.integers(64, 4000, 2).tolist()
    xi = rng.uniform(0, 2.5)
    fx = width * rng.uniform(0.2, 0.6) * (1 + xi)
    k = rng.normal(size=2) * 10 ** rng.uniform(-3, 0)
    p = rng.normal(size=2) * 10 ** rng.uniform(-4, -2)
    return Mei(
        width, height, fx=fx, fy=fx * rng.uniform(0.9, 1.1), cx=width * rng.uniform(0.4, 0.6),
        cy=height * rng.uniform(0.4, 0.6), xi=xi, k1=k[0], k2=k[1], p1=p[0], p2=p[1],
        skew=rng.choice([0.0, rng.normal() * 0.01]),
    )  # fmt: skip


MAKERS = {
    "pinhole": random_pinhole,
    "brown_conrady": random_brown_conrady,
    "fisheye": random_fisheye,
    "mei": random_mei,
}


@pytest.fixture
def reference():
    return Reference


@pytest.fixture
def random_camera():
    """Give a random lens: `random_camera("fisheye", rng)`."""
    return lambda name, rng: MAKERS[name](rng)


@pytest.fixture(scope="session")
def effort():
    """Factor on random repetitions: 1 in a usual run, 10 with SIGHTLINE_LONG=1."""
    return 10 if os.environ.get("SIGHTLINE_LONG") == "1" else 1
