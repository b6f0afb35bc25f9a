"""One small drive, as the arrays that were recorded."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import ros_bags as ros
from PIL import Image

START_NS = 1_700_000_000_123_456_789
PERIOD_NS = 100_000_000
DELAY_NS = 7_000_000
POINT = np.dtype(
    [("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("intensity", "<f4"), ("ring", "<u2"), ("t", "<f8")],
    align=True,
)
K = (60.0, 0.0, 31.0, 0.0, 61.0, 23.0, 0.0, 0.0, 1.0)
D = (-0.1, 0.02, 0.001, -0.002, 0.003)
LIDAR_FROM_BASE = (1.0, 0.2, 1.8)
OPTICAL = (0.5, -0.5, 0.5, -0.5)
"""Base from a camera that looks along the base's x: x right, y down, z forward."""


@dataclass
class Drive:
    """What was recorded, and the recording as messages in order of time."""

    clouds: list[np.ndarray]
    pictures: list[np.ndarray]
    messages: list[ros.Stamped]

    def stamp_ns(self, frame: int) -> int:
        return START_NS + frame * PERIOD_NS


def ego_position(frame: int) -> tuple[float, float, float]:
    return 2.0 * frame, 0.5 * frame, 0.0


def make_drive(
    frame_count: int = 4, point_count: int = 300, size: tuple[int, int] = (64, 48)
) -> Drive:
    generator = np.random.default_rng(3)
    clouds, pictures = [], []
    messages: list[ros.Stamped] = [
        (
            "/tf_static",
            START_NS,
            ros.tf(
                ros.transform(0, "base_link", "lidar", LIDAR_FROM_BASE, (1, 0, 0, 0)),
                ros.transform(0, "base_link", "front_optical", (1.5, 0, 1.2), OPTICAL),
            ),
        )
    ]
    for frame in range(frame_count):
        stamp = START_NS + frame * PERIOD_NS
        points = np.zeros(point_count, POINT)
        for name in POINT.names:
            values = generator.uniform(-30, 30, point_count)
            points[name] = np.abs(values) if name == "ring" else values
        points["x"][0] = np.nan
        clouds.append(points)
        pixels = generator.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        pictures.append(pixels)
        yaw = 0.1 * frame
        pose = ros.transform(
            stamp, "map", "base_link", ego_position(frame),
            (np.cos(yaw / 2), 0, 0, np.sin(yaw / 2)),
        )  # fmt: skip
        buffer = BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        log = stamp + DELAY_NS
        messages += [
            ("/tf", stamp, ros.tf(pose)),
            ("/lidar/points", log, ros.cloud(stamp, "lidar", points)),
            ("/front/camera_info", log, ros.camera_info(stamp, "front_optical", size, K, d=D)),
            (
                "/front/image_raw",
                log,
                ros.image(stamp + 20_000_000, "front_optical", "rgb8", pixels),
            ),
            (
                "/rear/image_raw/compressed",
                log,
                ros.compressed_image(stamp - 10_000_000, "rear_optical", "png", buffer.getvalue()),
            ),
            ("/chatter", log, ros.node("std_msgs/msg/String", data=f"hello {frame}")),
        ]
    return Drive(clouds, pictures, messages)
