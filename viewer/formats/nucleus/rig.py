"""The rig of one frame: the camera poses that stand with its images.

Points, cuboids and cameras share one coord frame, ``world`` (z up). A camera's position is its
centre; its heading, a Hamilton quaternion with named parts, turns camera axes (x right, y down,
z forward) to the world: pose = world_from_camera. Headings are normalised. Without a camera model
the lens is Brown-Conrady; its k4 is OpenCV's, in the denominator of the rational factor.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.data_urls import DataPlaces, UnmappedUrl
from viewer.formats.images import image_size
from viewer.formats.json_numbers import is_number
from viewer.formats.nucleus.scene_items import FrameItems
from viewer.formats.nucleus.schema import POINT_CLOUD, Item
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig

WORLD = "world"
NORM_SLACK = 1e-3
_REQUIRED = ("fx", "fy", "cx", "cy")
_COEFFICIENTS = ("k1", "k2", "k3", "k4", "p1", "p2")


def build_rig(frame: FrameItems, places: DataPlaces, problems: ProblemLog) -> Rig:
    """Return the rig; cameras that cannot be used say why."""
    lidars, cameras, edges = {}, {}, []
    for name, item in frame.items.items():
        if item.kind == POINT_CLOUD:
            lidars[name] = LidarSensor(name, WORLD)
            continue
        coord_frame_id = name if name != WORLD else f"{WORLD} camera"
        try:
            params = camera_params(item, frame.path, f"{frame.place}.{name}")
            if params is None:
                cameras[name] = _refused(name, "the item has no camera_params")
                continue
            place = f"{frame.place}.{name}.camera_params"
            edge = _pose(coord_frame_id, params, frame.path, place, problems)
            lens = _lens(item, params, places, frame.path, place, problems)
        except UnmappedUrl as unmapped:
            cameras[name] = _refused(name, f"the size of its images is not known: {unmapped}")
        except DamagedData as damage:
            problems.add_damage(damage)
            cameras[name] = _refused(name, damage.problem)
        else:
            edges.append(edge)
            cameras[name] = CameraSensor(name, coord_frame_id, lens)
    return Rig(cameras, lidars, TransformTree(edges))


def camera_params(item: Item, path: Path, place: str) -> Mapping[str, Any] | None:
    """Return the parameters of an image: those in its metadata, else beside it."""
    for raw in (item.metadata, item.camera_params):
        if not len(raw):
            continue
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise DamagedData(path, place, str(error)) from None
        inner = raw is item.metadata and isinstance(value, dict)
        params = value.get("camera_params") if inner else value
        if params is None:
            continue
        if not isinstance(params, dict):
            raise DamagedData(path, place, "camera_params is no object")
        return params
    return None


def _pose(
    name: str, params: Mapping[str, Any], path: Path, place: str, problems: ProblemLog
) -> RigidTransform:
    position = _numbers(params.get("position"), ("x", "y", "z"), path, f"{place}.position")
    wxyz = _numbers(params.get("heading"), ("w", "x", "y", "z"), path, f"{place}.heading")
    norm = math.hypot(*wxyz)
    if abs(norm - 1.0) > NORM_SLACK:
        problems.add(path, f"{place}.heading", f"was normalised (norm {norm:.4g})")
    try:
        return RigidTransform.from_quaternion(WORLD, name, wxyz, position)
    except ValueError as error:
        raise DamagedData(path, f"{place}.heading", str(error)) from None


def _lens(
    item: Item,
    params: Mapping[str, Any],
    places: DataPlaces,
    path: Path,
    place: str,
    problems: ProblemLog,
) -> CameraModel:
    name = params.get("camera_model") or "brown_conrady"
    if name not in ("brown_conrady", "fisheye"):
        problem = f"{str(name)[:40]!r} is neither brown_conrady nor fisheye"
        raise DamagedData(path, f"{place}.camera_model", problem)
    inner = dict(zip(_REQUIRED, _numbers(params, _REQUIRED, path, place), strict=True))
    given = [key for key in _COEFFICIENTS if params.get(key) not in (None, 0)]
    coefficients = dict(zip(given, _numbers(params, given, path, place), strict=True))
    width_px, height_px = _size(item, places, path, place)
    numbers: dict[str, Any] = inner
    try:
        if name == "fisheye":
            foreign = [key for key in ("p1", "p2") if coefficients.pop(key, None)]
            if foreign:
                problem = f"{', '.join(foreign)} have no meaning in a fisheye lens and are not used"
                problems.add(path, place, problem)
            return Fisheye(width_px, height_px, **numbers, **coefficients)
        if not coefficients:
            return Pinhole(width_px, height_px, **numbers)
        if "k4" in coefficients:
            problem = "k4 of a brown_conrady lens is taken as the first of the rational denominator"
            problems.add(path, f"{place}.k4", problem)
        return BrownConrady(width_px, height_px, **numbers, **coefficients)
    except ValueError as error:
        raise DamagedData(path, place, str(error)) from None


def _size(item: Item, places: DataPlaces, path: Path, place: str) -> tuple[int, int]:
    if item.width and item.height and item.width == int(item.width) and item.height == int(
        item.height
    ):  # fmt: skip
        return int(item.width), int(item.height)
    if not item.source:
        raise DamagedData(path, place, "the size of the image is not known")
    return image_size(places.find(item.source, path.parent))


def _numbers(
    value: object, keys: tuple[str, ...] | list[str], path: Path, place: str
) -> list[float]:
    if not isinstance(value, Mapping):
        raise DamagedData(path, place, "is missing or no object")
    found = []
    for key in keys:
        number = value.get(key)
        if not is_number(number):
            raise DamagedData(path, f"{place}.{key}", "is missing or no finite number")
        found.append(float(number))
    return found


def _refused(sensor_id: str, reason: str) -> CameraSensor:
    return CameraSensor(sensor_id, WORLD, None, reason)
