"""Which sensors the street car carries, where they sit, and when each one looks."""

from dataclasses import dataclass

import numpy as np

from viewer.formats.builder import SceneBuilder, body_rotation
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.rotation import quaternion_from_matrix

LIDAR_ID = "lidar_top"
LIDAR_POSITION = (0.1, 0.0, 1.86)
WIDTH_PX, HEIGHT_PX = 640, 400
_OPTICAL = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])


@dataclass(frozen=True)
class MountedCamera:
    """A camera on the car; angles in degrees: yaw to the left, pitch down."""

    sensor_id: str
    model: CameraModel
    position: tuple[float, float, float]
    yaw_deg: float
    pitch_deg: float
    offset_ms: float
    """How long after the lidar's reference time it looks."""

    @property
    def orientation_wxyz(self) -> tuple[float, ...]:
        """Rotation ego from camera as it is written."""
        body = body_rotation(np.radians(self.yaw_deg), np.radians(self.pitch_deg), 0.0)
        return tuple(np.round(quaternion_from_matrix(body @ _OPTICAL), 9).tolist())


def _wide(mirrored: float) -> BrownConrady:
    """Strong barrel: rational radial terms, decentring and thin prism."""
    return BrownConrady(
        WIDTH_PX, HEIGHT_PX, fx=346.0, fy=345.2, cx=319.5 + 6.4 * mirrored, cy=203.1,
        k1=0.42, k2=0.055, k3=0.0012, k4=0.79, k5=0.165, k6=0.0068,
        p1=0.0009, p2=-0.0011 * mirrored, s1=0.0021 * mirrored, s2=-0.0004, s3=-0.0017, s4=0.0003,
    )  # fmt: skip


CAMERAS = (
    MountedCamera(
        "front", Pinhole(WIDTH_PX, HEIGHT_PX, fx=430.0, fy=430.0, cx=320.0, cy=196.0),
        (1.0, 0.0, 1.62), 0.0, 2.0, 16.0,
    ),
    MountedCamera("front_left", _wide(1.0), (0.85, 0.5, 1.58), 58.0, 3.0, 9.0),
    MountedCamera("front_right", _wide(-1.0), (0.85, -0.5, 1.58), -58.0, 3.0, 23.0),
    MountedCamera(
        "rear",
        BrownConrady(
            WIDTH_PX, HEIGHT_PX, fx=372.0, fy=371.4, cx=322.3, cy=198.2,
            k1=-0.21, k2=0.048, k3=-0.004, p1=-0.0006, p2=0.0004,
        ),
        (-1.3, 0.0, 1.55), 180.0, 4.0, 38.0,
    ),
    MountedCamera(
        "left_fisheye",
        Fisheye(WIDTH_PX, HEIGHT_PX, fx=186.0, fy=185.6, cx=321.7, cy=198.9,
                k1=0.012, k2=-0.006, k3=0.0007, k4=-0.00004),
        (0.62, 0.99, 1.02), 90.0, 14.0, 2.0,
    ),
    MountedCamera(
        "right_fisheye",
        Fisheye(WIDTH_PX, HEIGHT_PX, fx=186.4, fy=186.1, cx=318.2, cy=201.4,
                k1=0.011, k2=-0.0055, k3=0.0006, k4=-0.00003, skew=0.0008),
        (0.62, -0.99, 1.02), -90.0, 14.0, 30.0,
    ),
)  # fmt: skip


def mount(builder: SceneBuilder) -> None:
    """Add the car's sensors to a scene."""
    builder.add_lidar(LIDAR_ID, position=LIDAR_POSITION)
    for camera in CAMERAS:
        builder.add_camera(
            camera.sensor_id,
            camera.model,
            position=camera.position,
            orientation_wxyz=camera.orientation_wxyz,
        )
