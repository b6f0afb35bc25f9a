"""What measured: lidars and cameras, and the rig that holds them at one frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree


class RangeSensorKind(StrEnum):
    """What measured the points."""

    LIDAR = "lidar"
    RADAR = "radar"


@dataclass(frozen=True, slots=True)
class LidarSensor:
    """A lidar or radar by its `sensor_id`; its points lie in `coord_frame_id`."""

    sensor_id: str
    coord_frame_id: str
    kind: RangeSensorKind = RangeSensorKind.LIDAR


@dataclass(frozen=True, eq=False, slots=True)
class CameraSensor:
    """A camera by its `sensor_id`: lens, pose (through `coord_frame_id`), optional extra matrix."""

    sensor_id: str
    coord_frame_id: str
    model: CameraModel | None
    """None when there is no calibration, or one that is refused; `refusal` then says why."""
    refusal: str | None = None
    """Why nothing can be drawn over this camera's images, in words for people."""
    camera_matrix: npt.NDArray[np.float64] | None = None
    """(4, 4) kept as given: `p_cam = camera_matrix @ inverse(world_from_cam) @ p_world`."""


@dataclass(frozen=True, eq=False, slots=True)
class Rig:
    """Sensors and coord frames as they hold for one frame."""

    cameras: Mapping[str, CameraSensor]
    """By sensor_id, in the order in which people expect them."""
    lidars: Mapping[str, LidarSensor]
    transforms: TransformTree
    ego_coord_frame_id: str = "world"
    """The coord frame that moves with the vehicle; "world" when nothing moves."""

    def camera_from(
        self, camera: CameraSensor, src: str, image_ns: int | None, src_ns: int | None
    ) -> npt.NDArray[np.float64]:
        """(4, 4) `camera_from_src`: what lay in `src` at `src_ns`, for the image of `image_ns`."""
        camera_from_src: RigidTransform = self.transforms.transform(
            camera.coord_frame_id, src, image_ns, src_ns=src_ns
        )
        if camera.camera_matrix is None:
            return camera_from_src.matrix
        matrix: npt.NDArray[np.float64] = camera.camera_matrix @ camera_from_src.matrix
        return matrix
