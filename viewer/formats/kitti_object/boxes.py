"""KITTI camera-frame boxes to cuboids and back, without loss.

KITTI gives height, width, length, then the middle of the *bottom* face in the rectified camera-0
coord frame (x right, y down, z forward), then rotation_y about the camera's y axis; at 0 the length
lies along the camera's x (Geiger et al., object development kit, readme.txt). A cuboid here stays
in that coord frame: its +x is the box's length (front), its +z points up, against the camera's y.
"""

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids

FloatArray = npt.NDArray[np.float64]
_HALF = np.sqrt(0.5)
# Turns the box's z (up) to the camera's -y; the columns are (1,0,0), (0,0,1), (0,-1,0).
_CAMERA_FROM_UPRIGHT_WXYZ = (_HALF, _HALF, 0.0, 0.0)


def cuboids_from_kitti(
    size_hwl_m: FloatArray, bottom_m: FloatArray, rotation_y_rad: FloatArray, coord_frame_id: str
) -> Cuboids:
    """Convert (N, 3) height-width-length, (N, 3) bottom centres and (N,) rotations."""
    height = size_hwl_m[:, 0]
    center = bottom_m.astype(np.float64, copy=True)
    center[:, 1] -= height / 2.0
    # q_y(angle) * q_x(90 degrees), multiplied out.
    cos, sin = np.cos(rotation_y_rad / 2.0), np.sin(rotation_y_rad / 2.0)
    w, x, _, _ = _CAMERA_FROM_UPRIGHT_WXYZ
    rotation = np.stack([cos * w, cos * x, sin * w, -sin * x], axis=1)
    return Cuboids(center, size_hwl_m[:, ::-1].copy(), rotation, coord_frame_id)


def kitti_from_cuboids(cuboids: Cuboids) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (size_hwl_m, bottom_m, rotation_y_rad in (-pi, pi]) of cuboids in camera 0.

    A tilt against the camera's y axis, which KITTI cannot say, is dropped. Numbers are rounded to
    1e-10 so that what came from text goes back to the same text.
    """
    size_hwl_m = cuboids.size[:, ::-1].copy()
    bottom_m = cuboids.center.copy()
    bottom_m[:, 1] += size_hwl_m[:, 0] / 2.0
    front = cuboids.rotation_matrices()[:, :, 0]
    rotation_y_rad = np.arctan2(-front[:, 2], front[:, 0])
    return size_hwl_m.round(10), bottom_m.round(10), rotation_y_rad.round(10)
