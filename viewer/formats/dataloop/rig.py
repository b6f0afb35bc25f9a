"""The rig of one lidar frame: lenses bc, kb and mei, and where the cameras stand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.dataloop.lidar import CameraEntry, LidarFrame
from viewer.formats.dataloop.poses import PoseConvention, camera_edge, pose_matrix
from viewer.formats.images import image_size
from viewer.formats.json_numbers import is_number
from viewer.formats.label_rows import numbers_at
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.mei import Mei
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import ROOT, TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig

LIDAR = "lidar"
_COEFFICIENTS = {
    "bc": ("k1", "k2", "k3", "p1", "p2"),
    "kb": ("k1", "k2", "k3", "k4"),
    "mei": ("k1", "k2", "p1", "p2", "xi"),
}
_ALL = ("k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "p1", "p2", "xi")


class LensRefused(Exception):
    """The lens is one that cannot be drawn; the message says which."""


def build_rig(
    frame: LidarFrame,
    images: Mapping[str, Path],
    convention: PoseConvention,
    path: Path,
    problems: ProblemLog,
) -> Rig:
    """Return the rig; cameras that cannot be used say why.

    `images` are the files of the frame by sensor, where they lie on this machine.
    """
    try:
        pose = pose_matrix(frame.position, frame.rotation, path, frame.place)
    except DamagedData as damage:
        problems.add_damage(damage)
        pose = pose_matrix(None, None, path, frame.place)
    edges = [RigidTransform(ROOT, LIDAR, pose[:3, :3], pose[:3, 3])]
    cameras = {}
    for entry in frame.cameras:
        name = entry.sensor_id
        coord_frame_id = f"{name} camera" if name in (ROOT, LIDAR) else name
        try:
            lens = read_lens(entry, images.get(name), path, problems)
            extrinsic = pose_matrix(entry.position, entry.rotation, path, entry.place)
            if entry.position is None and entry.rotation is None:
                raise LensRefused("nothing says where the camera stands")
        except LensRefused as refusal:
            cameras[name] = CameraSensor(name, ROOT, None, str(refusal))
        except DamagedData as damage:
            problems.add_damage(damage)
            cameras[name] = CameraSensor(name, ROOT, None, damage.problem)
        else:
            edges.append(camera_edge(coord_frame_id, LIDAR, extrinsic, convention))
            cameras[name] = CameraSensor(name, coord_frame_id, lens)
    lidars = {LIDAR: LidarSensor(LIDAR, LIDAR)} if frame.remote_path else {}
    return Rig(cameras, lidars, TransformTree(edges), LIDAR)


def read_lens(
    entry: CameraEntry, image: Path | None, path: Path, problems: ProblemLog
) -> CameraModel:
    """Return the lens for the image's own size; `LensRefused` or `DamagedData` says what lacks."""
    model = str(entry.distortion.get("model") or "bc").lower()
    if model not in _COEFFICIENTS:
        raise LensRefused(f"the lens model {model[:40]!r} is not supported")
    if not entry.intrinsics:
        raise LensRefused("no calibration: the image has no intrinsics")
    if image is None:
        raise LensRefused("the image is missing, so the size that its lens has is not known")
    place = f"{entry.place} intrinsics"
    inner = numbers_at(entry.intrinsics, ("fx", "fy", "cx", "cy"), path, place)
    numbers: dict[str, Any] = dict(zip(("fx", "fy", "cx", "cy"), inner, strict=True))
    given = {key: _number(entry.distortion, key, path, entry.place) for key in _ALL}
    foreign = [key for key in _ALL if given[key] and key not in _COEFFICIENTS[model]]
    if foreign:
        listed = ", ".join(foreign)
        raise LensRefused(f"the lens model {model} with {listed} is not supported")
    coefficients = {key: given[key] for key in _COEFFICIENTS[model]}
    if (given["p1"] == 0) != (given["p2"] == 0):
        told = "has only one of p1 and p2; it counts here, the format's own tools leave it out"
        problems.add(path, f"{entry.place} distortion", told)
    skew = _number(entry.intrinsics, "skew", path, entry.place)
    if skew and model == "bc":
        raise LensRefused("the lens model bc with skewed pixels is not supported")
    width_px, height_px = image_size(image)
    try:
        if model == "mei":
            bent = {**coefficients, "skew": skew / numbers["fx"] if skew else 0.0}
            return Mei(width_px, height_px, **numbers, **bent)
        if model == "kb":
            bent = {**coefficients, "skew": skew / numbers["fx"] if skew else 0.0}
            return Fisheye(width_px, height_px, **numbers, **bent)
        if not any(coefficients.values()):
            return Pinhole(width_px, height_px, **numbers)
        return BrownConrady(width_px, height_px, **numbers, **coefficients)
    except (ValueError, ZeroDivisionError) as error:
        raise DamagedData(path, entry.place, str(error)) from None


def _number(value: Mapping[str, Any], key: str, path: Path, place: str) -> float:
    number = value.get(key)
    if number is None:
        return 0.0
    if not is_number(number):
        raise DamagedData(path, f"{place}.{key}", "is not a finite number")
    return float(number)
