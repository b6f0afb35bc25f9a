"""What the junction's car carries: two lidars that see unlike the street's, and two cameras."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_scenes.rigs import MountedCamera
from viewer.formats.builder import SceneBuilder
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.pinhole import Pinhole

FRAME_COUNT = 40
FRAME_STEP_NS = 200_000_000
POSE_STEP_NS = 50_000_000
START_NS = 1_530_000_000_000_000_000
WIDTH_PX, HEIGHT_PX = 320, 200


@dataclass(frozen=True)
class MountedLidar:
    """A lidar on the car; degrees."""

    sensor_id: str
    position: tuple[float, float, float]
    elevations_deg: tuple[float, float, int]
    azimuths_deg: tuple[float, float, int]

    def beams(self) -> npt.NDArray[np.float32]:
        """(B, 3) unit directions, ring by ring."""
        elevation = np.radians(np.linspace(*self.elevations_deg))[:, None]
        azimuth = np.radians(np.linspace(*self.azimuths_deg, endpoint=False))[None]
        flat = np.cos(elevation)
        rays = [flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation) + 0 * azimuth]
        return np.stack(rays, axis=-1).reshape(-1, 3).astype(np.float32)


LIDARS = (
    MountedLidar("roof", (0.4, 0.0, 2.15), (-20.0, 5.0, 48), (180.0, -180.0, 1100)),
    MountedLidar("bumper", (3.85, 0.0, 0.7), (-9.0, 9.0, 16), (55.0, -55.0, 220)),
)
CAMERAS = (
    MountedCamera(
        "cam_front",
        BrownConrady(
            WIDTH_PX, HEIGHT_PX, fx=220.0, fy=220.3, cx=160.6, cy=98.8,
            k1=-0.16, k2=0.03, k3=0.0, p1=0.0004, p2=-0.0003,
        ),
        (1.0, 0.0, 1.98), 0.0, 1.0, 30.0,
    ),
    MountedCamera(
        "cam_back", Pinhole(WIDTH_PX, HEIGHT_PX, fx=200.0, fy=200.0, cx=160.0, cy=100.0),
        (-0.6, 0.0, 1.95), 180.0, 3.0, 45.0,
    ),
)  # fmt: skip


def mount(builder: SceneBuilder) -> None:
    """Add the sensors to a scene."""
    for lidar in LIDARS:
        builder.add_lidar(lidar.sensor_id, position=lidar.position)
    for camera in CAMERAS:
        builder.add_camera(
            camera.sensor_id, camera.model, position=camera.position,
            orientation_wxyz=camera.orientation_wxyz,
        )  # fmt: skip
