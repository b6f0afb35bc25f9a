"""The rig of one KITTI object frame, from its own calibration file.

Coord frames: ``world`` is the lidar's, ``velo``; ``cam0`` is camera 0 after rectification, where
the labels live; ``image_2`` and ``image_3`` are the colour cameras, shifted in it by
inverse(K) P[:, 3]. KITTI's ``Tr_velo_to_cam`` is cam0_from_velo before rectification and
``R0_rect`` turns it: cam0_from_velo = R0_rect @ Tr_velo_to_cam.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.images import image_size
from viewer.formats.kitti_calib_file import (
    KittiCalibFile,
    RectifiedProjection,
    read_calib_file,
    read_projection,
)
from viewer.formats.kitti_object.layout import CAMERA_KEYS, LIDAR_ID
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig

BOX_COORD_FRAME_ID = "cam0"
VELO_KEYS = ("Tr_velo_to_cam", "Tr_velo_cam", "Tr_velo2cam", "Tr")
RECTIFY_KEYS = ("R0_rect", "R_rect", "R_rect_00")


def read_cam0_from_velo(calib: KittiCalibFile) -> RigidTransform:
    """Return rectified camera 0 from lidar."""
    velo = calib.numbers(*VELO_KEYS, count=12).reshape(3, 4)
    rectify = np.eye(4)[:3]
    if calib.has(*RECTIFY_KEYS):
        rectify = np.zeros((3, 4))
        rectify[:, :3] = calib.numbers(*RECTIFY_KEYS, count=9).reshape(3, 3)
    rect_from_cam0 = calib.rigid(
        BOX_COORD_FRAME_ID, "unrectified", rectify, calib.place(*RECTIFY_KEYS)
    )
    cam0_from_velo = calib.rigid("unrectified", LIDAR_ID, velo, calib.place(*VELO_KEYS))
    return rect_from_cam0 @ cam0_from_velo


def build_rig(
    calib_path: Path | None,
    expected_calib_path: Path,
    images: Mapping[str, Path | None],
    problems: ProblemLog,
) -> Rig:
    """Build a frame's rig; what cannot be had is noted, and its cameras say why.

    `images` has one entry a camera, None where this frame has no image of it.
    """
    edges = [RigidTransform.identity("world", LIDAR_ID)]
    lidars = {LIDAR_ID: LidarSensor(LIDAR_ID, LIDAR_ID)}
    cameras = {}
    try:
        calib = read_calib_file(calib_path or expected_calib_path)
        edges.append(read_cam0_from_velo(calib).inverse())
    except DamagedData as damage:
        problems.add(
            damage.path,
            damage.place,
            f"{damage.problem}; boxes and overlays of this frame are not shown",
        )
        for sensor_id in images:
            cameras[sensor_id] = _refused(
                sensor_id, f"no calibration: {damage.path.name}: {damage.problem}"
            )
        return Rig(cameras, lidars, TransformTree(edges))
    for sensor_id, image_path in images.items():
        try:
            projection = read_projection(calib, *CAMERA_KEYS[sensor_id])
            camera = _camera(sensor_id, projection, image_path, calib, problems)
        except DamagedData as damage:
            problems.add_damage(damage)
            cameras[sensor_id] = _refused(sensor_id, damage.in_short)
            continue
        cameras[sensor_id] = camera
        edges.append(projection.rectified_from_camera(BOX_COORD_FRAME_ID, sensor_id))
    return Rig(cameras, lidars, TransformTree(edges))


def _camera(
    sensor_id: str,
    projection: RectifiedProjection,
    image_path: Path | None,
    calib: KittiCalibFile,
    problems: ProblemLog,
) -> CameraSensor:
    if image_path is None:
        return CameraSensor(sensor_id, sensor_id, None, "this frame has no image of the camera")
    width_px, height_px = image_size(image_path)
    if not (0 < projection.cx < width_px and 0 < projection.cy < height_px):
        center = f"({projection.cx:.0f}, {projection.cy:.0f})"
        size = f"{width_px} x {height_px}"
        reason = f"its optical axis {center} lies outside the image of {size} pixels"
        problems.add(calib.path, calib.place(*CAMERA_KEYS[sensor_id]), reason)
        return CameraSensor(
            sensor_id, sensor_id, None, f"the calibration is of another image: {reason}"
        )
    return CameraSensor(sensor_id, sensor_id, projection.lens(width_px, height_px))


def _refused(sensor_id: str, reason: str) -> CameraSensor:
    return CameraSensor(sensor_id, "world", None, reason)
