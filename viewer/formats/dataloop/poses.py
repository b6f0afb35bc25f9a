"""What the pose of a camera means: an explicit choice, for the format's own tools disagree.

Its viewer places a camera at frame pose @ extrinsic, its projector at extrinsic alone; documents
call the extrinsic the camera's place, and files with the inverse exist. Four conventions follow.
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.label_rows import numbers_at
from viewer.formats.rigid_matrix import MAX_POSITION_M
from viewer.geometry.rotation import matrix_from_quaternion
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import ROOT


class PoseConvention(StrEnum):
    """Which two coord frames an extrinsic joins, and which way: DST_from_SRC."""

    LIDAR_FROM_CAMERA = "lidar_from_camera"
    WORLD_FROM_CAMERA = "world_from_camera"
    CAMERA_FROM_LIDAR = "camera_from_lidar"
    CAMERA_FROM_WORLD = "camera_from_world"

    @property
    def parent_is_lidar(self) -> bool:
        """True where the extrinsic counts from the lidar of its frame."""
        return self in (self.LIDAR_FROM_CAMERA, self.CAMERA_FROM_LIDAR)

    @property
    def inverted(self) -> bool:
        """True where the extrinsic takes points into the camera."""
        return self in (self.CAMERA_FROM_LIDAR, self.CAMERA_FROM_WORLD)


DOCUMENTED = PoseConvention.LIDAR_FROM_CAMERA


def pose_matrix(
    position: object, rotation: object, path: Path, place: str
) -> npt.NDArray[np.float64]:
    """(4, 4) of a position and a quaternion with named parts; what is missing is zero or none."""
    matrix = np.eye(4)
    if position is not None:
        matrix[:3, 3] = numbers_at(position, ("x", "y", "z"), path, f"{place} position")
        if np.abs(matrix[:3, 3]).max() > MAX_POSITION_M:
            raise DamagedData(path, place, "lies absurdly far away")
    if rotation is not None:
        wxyz = numbers_at(rotation, ("w", "x", "y", "z"), path, f"{place} rotation")
        try:
            matrix[:3, :3] = matrix_from_quaternion(wxyz)
        except ValueError as error:
            raise DamagedData(path, f"{place} rotation", str(error)) from None
    return matrix


def camera_edge(
    coord_frame_id: str,
    lidar_coord_frame_id: str,
    extrinsic: npt.NDArray[np.float64],
    convention: PoseConvention,
) -> RigidTransform:
    """Return the edge that places a camera under the lidar's coord frame or the world."""
    parent = lidar_coord_frame_id if convention.parent_is_lidar else ROOT
    rotation, position = extrinsic[:3, :3], extrinsic[:3, 3]
    if convention.inverted:
        rotation, position = rotation.T, -rotation.T @ position
    return RigidTransform(parent, coord_frame_id, rotation, position)


def stated_convention(metadata: Mapping[str, Any]) -> PoseConvention | None:
    """Return the convention that a scene's metadata names, as our writer does."""
    value = metadata.get("cameraPose")
    return PoseConvention(value) if value in list(PoseConvention) else None
