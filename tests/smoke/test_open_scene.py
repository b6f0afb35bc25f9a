"""A scene that was built in Python opens in the window."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import numpy as np

from viewer.app import open_scene
from viewer.formats.builder import SceneBuilder
from viewer.geometry.cameras import Pinhole

builder = SceneBuilder("one box")
builder.add_lidar("top", position=(0, 0, 1.8))
builder.add_camera("front", Pinhole(64, 40, fx=40, fy=40), position=(1.5, 0, 1.4))
for number in range(3):
    frame = builder.add_frame(timestamp_ns=number * 100_000_000)
    points = np.random.default_rng(number).normal(0, 10, (500, 3)).astype(np.float32)
    frame.add_points("top", points, intensity=np.arange(500))
    frame.add_image("front", np.full((40, 64, 3), 90, np.uint8))
    frame.add_cuboids([[10, 0, 1]], [[4, 2, 1.5]], class_names=["car"], yaw_rad=0.1)
raise SystemExit(open_scene(builder.build()))
"""

pytestmark = pytest.mark.smoke


def test_scene_built_from_arrays_is_painted(screen, tmp_path):
    environment = os.environ | {
        "DISPLAY": screen,
        "QT_QPA_PLATFORM": "xcb",
        "SIGHTLINE_CONFIG": str(tmp_path),
        "SIGHTLINE_QUIT_AFTER_FIRST_FRAME": "1",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True,
        timeout=120, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "first frame painted\n"
    assert done.stderr == ""
