"""The rig of one OpenLABEL frame: streams of kind camera and lidar in their coordinate systems.

A stream lies in the coordinate system of its own name. ``camera_matrix`` is 3x4 in OpenCV's camera
axes; a fourth column moves the camera by inverse(K) times it. Fisheye coefficients are those of a
polynomial of the angle, which no lens here has, so that such a camera is refused. A lens that the
standard has no place for is told in ``intrinsics_custom``: ``model``, ``width_px``, ``height_px``
and ``parameters`` by name.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.calibration.base import LensDescription, RefusedLens
from viewer.formats.images import image_size
from viewer.formats.json_numbers import is_number
from viewer.formats.openlabel.document import OpenLabelFile, mapping_of, require_list
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.catalog import CAMERA_MODELS
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import ROOT, TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, RangeSensorKind, Rig

CAMERA, LIDAR, RADAR = "camera", "lidar", "radar"
CUSTOM = "intrinsics_custom"
_MODEL_BY_NAME = {model.name: model for model in CAMERA_MODELS}
MATRIX_KEYS = ("camera_matrix", "camera_matrix_3x4")
DISTORTION_KEYS = ("distortion_coeffs", "distortion_coeffs_1xN")


def streams_of(document: OpenLabelFile, kind: str) -> tuple[str, ...]:
    """Return the names of the streams of one kind."""
    streams = document.body.streams.items()
    return tuple(name for name, stream in streams if stream.get("type") == kind)


def build_rig(
    document: OpenLabelFile,
    edges: list[RigidTransform],
    stream_properties: Mapping[str, Any],
    images: Mapping[str, Path],
    problems: ProblemLog,
) -> Rig:
    """Build a frame's rig from the edges of its coordinate systems.

    `stream_properties` are those of the frame, by stream; `images` the frame's files, by stream.
    """
    placed = {edge.src for edge in edges}
    cameras = {}
    for name in streams_of(document, CAMERA):
        own = mapping_of(stream_properties.get(name)).get("stream_properties")
        static = document.body.streams[name].get("stream_properties")
        properties = {**mapping_of(static), **mapping_of(own)}
        camera, shift = _camera(name, properties, images.get(name), document.path, problems)
        if camera.model is not None and name not in placed:
            reason = "no coordinate system of its name says where the camera is"
            camera = CameraSensor(name, ROOT, None, reason)
        elif camera.model is not None and shift.any():
            moved = f"{name} image"
            edges.append(RigidTransform(name, moved, np.eye(3), -shift))
            camera = CameraSensor(name, moved, camera.model)
        cameras[name] = camera
    lidars = {
        name: LidarSensor(name, name if name in placed else ROOT, kind)
        for kind in RangeSensorKind
        for name in streams_of(document, kind.value)
    }
    return Rig(cameras, lidars, TransformTree(edges), _ego(document, placed))


def _ego(document: OpenLabelFile, placed: set[str]) -> str:
    systems = document.body.coordinate_systems.items()
    local = [name for name, each in systems if each.get("type") == "local_cs" and name in placed]
    return local[0] if len(local) == 1 else ROOT


def _camera(
    name: str,
    properties: Mapping[str, Any],
    image: Path | None,
    path: Path,
    problems: ProblemLog,
) -> tuple[CameraSensor, npt.NDArray[np.float64]]:
    place = f"$.openlabel.streams.{name}.stream_properties"
    shift = np.zeros(3)
    try:
        if "model" in mapping_of(properties.get(CUSTOM)):
            lens = _custom_lens(mapping_of(properties[CUSTOM]), path, f"{place}.{CUSTOM}")
            return CameraSensor(name, name, lens), shift
        description, shift = _lens_description(properties, path, place)
        size = (description.width_px, description.height_px)
        if image is not None:
            size = image_size(image)
        if size[0] is None or size[1] is None:
            raise RefusedLens("the calibration does not tell the size of the image")
        lens = description.lens(size[0], size[1])
    except RefusedLens as refusal:
        return CameraSensor(name, ROOT, None, str(refusal)), shift
    except DamagedData as damage:
        problems.add_damage(damage)
        return CameraSensor(name, ROOT, None, damage.in_short), shift
    return CameraSensor(name, name, lens), shift


def _custom_lens(given: Mapping[str, Any], path: Path, place: str) -> CameraModel:
    """Return a lens of one of our models; `RefusedLens` for another one."""
    model = _MODEL_BY_NAME.get(str(given["model"]))
    if model is None:
        raise RefusedLens(f"the lens model {str(given['model'])[:40]!r} is not supported")
    width, height = (_size(given.get(each)) for each in ("width_px", "height_px"))
    parameters = mapping_of(given.get("parameters"))
    if width is None or height is None or not all(map(is_number, parameters.values())):
        raise DamagedData(path, place, "has no image size, or a parameter that is no number")
    try:
        return model(width, height, **parameters)
    except (TypeError, ValueError) as error:
        raise DamagedData(path, f"{place}.parameters", str(error)) from None


def _lens_description(
    properties: Mapping[str, Any], path: Path, place: str
) -> tuple[LensDescription, npt.NDArray[np.float64]]:
    """Return the lens, and how far the points are moved before it, metres in camera axes."""
    if "intrinsics_fisheye" in properties:
        raise RefusedLens("the lens model radial polynomial (fisheye) is not supported")
    if "intrinsics_pinhole" not in properties:
        raise RefusedLens("no calibration: its stream has no intrinsics_pinhole")
    pinhole = mapping_of(properties["intrinsics_pinhole"])
    place = f"{place}.intrinsics_pinhole"
    key = next((key for key in MATRIX_KEYS if key in pinhole), MATRIX_KEYS[0])
    numbers = require_list(pinhole.get(key), path, f"{place}.{key}", (9, 12))
    matrix = np.array(numbers).reshape(3, -1)
    if matrix[2, :3].tolist() != [0, 0, 1] or matrix[1, 0] or not matrix[0, 0] * matrix[1, 1] > 0:
        raise DamagedData(path, f"{place}.{key}", "is not a camera matrix")
    if matrix[0, 1]:
        raise RefusedLens("the lens has skewed pixels, which are not supported")
    key = next((key for key in DISTORTION_KEYS if key in pinhole), "")
    distortion = pinhole.get(key) or []
    if distortion:
        distortion = require_list(distortion, path, f"{place}.{key}", tuple(range(1, 15)))
    width, height = (_size(pinhole.get(each)) for each in ("width_px", "height_px"))
    lens = LensDescription(
        "opencv",
        fx=float(matrix[0, 0]), fy=float(matrix[1, 1]),
        cx=float(matrix[0, 2]), cy=float(matrix[1, 2]),
        distortion=tuple(distortion), width_px=width, height_px=height,
    )  # fmt: skip
    shift = np.linalg.solve(matrix[:, :3], matrix[:, 3]) if matrix.shape[1] == 4 else np.zeros(3)
    return lens, shift


def _size(value: object) -> int | None:
    return int(value) if is_number(value) and 1 <= value < 1 << 20 else None
