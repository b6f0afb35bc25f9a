"""Lidar scenes: ``frames.json`` as the platform keeps it, ``mapping.json`` as it is handed in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.dataloop.document import mapping_of
from viewer.formats.folder_index import natural_key
from viewer.formats.iso_time import time_from_iso
from viewer.formats.json_numbers import is_number
from viewer.formats.label_rows import load_json
from viewer.formats.problem_log import ProblemLog

MAX_SCENE_BYTES = 256 * 1024 * 1024
_PER_FRAME = re.compile(r"^(.+?)_frame_[0-9]+$")
_FIGURE = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_UNITS = ((10**11, 9), (10**14, 6), (10**17, 3), (10**20, 0))
"""Below this figure a time is in seconds, milliseconds, microseconds, nanoseconds."""


@dataclass(frozen=True, slots=True)
class CameraEntry:
    """One image of a frame with its calibration, all as decoded."""

    sensor_id: str
    remote_path: str
    timestamp_ns: int | None
    intrinsics: Mapping[str, Any]
    distortion: Mapping[str, Any]
    position: Any
    rotation: Any
    place: str


@dataclass(frozen=True, slots=True)
class LidarFrame:
    """One frame: the cloud, its pose, the images."""

    remote_path: str
    """Path of the point cloud; empty when there is none."""
    timestamp_ns: int | None
    position: Any
    rotation: Any
    cameras: tuple[CameraEntry, ...]
    metadata: Mapping[str, Any]
    place: str


@dataclass(frozen=True, slots=True)
class LidarScene:
    """A file of frames."""

    path: Path
    frames: tuple[LidarFrame, ...]
    metadata: Mapping[str, Any]
    is_mapping: bool


def read_lidar_scene(path: Path, problems: ProblemLog) -> LidarScene:
    """Read either file; `DamagedData` when it has no usable frame."""
    document = load_json(path, max_bytes=MAX_SCENE_BYTES)
    if not isinstance(document, dict):
        raise DamagedData(path, "$", "is no object")
    frames = document.get("frames")
    if isinstance(frames, dict):
        found = tuple(_from_mapping(path, frames, problems))
        return _checked(LidarScene(path, found, {}, True))
    if not isinstance(frames, list):
        raise DamagedData(path, "$.frames", "is neither a list nor an object")
    cameras = {}
    listed = document.get("cameras")
    for index, each in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(each, dict) and isinstance(each.get("id"), str | int):
            cameras[str(each["id"])] = (each, f"$.cameras[{index}]")
    found = tuple(_from_frames(path, frames, cameras, problems))
    return _checked(LidarScene(path, found, mapping_of(document.get("metadata")), False))


def _checked(scene: LidarScene) -> LidarScene:
    if not scene.frames:
        raise DamagedData(scene.path, "$.frames", "holds no frame")
    return scene


def _from_mapping(
    path: Path, frames: Mapping[str, Any], problems: ProblemLog
) -> Iterator[LidarFrame]:
    for key in sorted(frames, key=natural_key):
        each, place = frames[key], f"$.frames.{key}"
        if not isinstance(each, dict):
            problems.add(path, place, "is no object; the frame is left out")
            continue
        images = mapping_of(each.get("images"))
        cameras = []
        for number in sorted(images, key=natural_key):
            image, inner = mapping_of(images[number]), f"{place}.images.{number}"
            extrinsics = mapping_of(image.get("extrinsics"))
            cameras.append(
                CameraEntry(
                    f"cam_{number}",
                    _text(image.get("image_path")),
                    time_of(image.get("timestamp")),
                    mapping_of(image.get("intrinsics")),
                    mapping_of(image.get("distortion")),
                    extrinsics.get("translation"),
                    extrinsics.get("rotation"),
                    inner,
                )
            )
        yield LidarFrame(
            _text(each.get("path")), time_of(each.get("timestamp")), each.get("position"),
            each.get("heading"), tuple(cameras), mapping_of(each.get("metadata")), place,
        )  # fmt: skip


def _from_frames(
    path: Path,
    frames: list[Any],
    cameras: Mapping[str, tuple[Mapping[str, Any], str]],
    problems: ProblemLog,
) -> Iterator[LidarFrame]:
    for index, each in enumerate(frames):
        place = f"$.frames[{index}]"
        if not isinstance(each, dict):
            problems.add(path, place, "is no object; the frame is left out")
            continue
        images = each.get("images")
        found: dict[str, CameraEntry] = {}
        for number, image in enumerate(images if isinstance(images, list) else ()):
            entry = _camera(mapping_of(image), cameras, f"{place}.images[{number}]")
            if entry.sensor_id in found:
                told = f"is a second image of {entry.sensor_id!r}; it is left out"
                problems.add(path, entry.place, told)
                continue
            found[entry.sensor_id] = entry
        lidar = mapping_of(each.get("lidar"))
        yield LidarFrame(
            _text(lidar.get("remote_path")), time_of(lidar.get("timestamp")),
            each.get("translation"), each.get("rotation"), tuple(found.values()),
            mapping_of(each.get("metadata")), place,
        )  # fmt: skip


def _camera(
    image: Mapping[str, Any], cameras: Mapping[str, tuple[Mapping[str, Any], str]], place: str
) -> CameraEntry:
    camera_id = str(image.get("camera_id", ""))
    camera, camera_place = cameras.get(camera_id, ({}, place))
    sensors = mapping_of(camera.get("sensorsData"))
    extrinsic = mapping_of(sensors.get("extrinsic"))
    inner = mapping_of(sensors.get("intrinsicData"))
    if "fx" not in inner and isinstance(sensors.get("intrinsicMatrix"), list):
        inner = {**_from_matrix(sensors["intrinsicMatrix"]), **inner}
    if not extrinsic:
        extrinsic = mapping_of(mapping_of(image.get("sensorsData")).get("extrinsic"))
    name = _text(camera.get("name")) or camera_id or "camera"
    per_frame = _PER_FRAME.match(name)
    return CameraEntry(
        per_frame[1] if per_frame else name,
        _text(image.get("remote_path")),
        time_of(image.get("timestamp")),
        inner,
        mapping_of(inner.get("distortion")),
        extrinsic.get("position", extrinsic.get("translation")),
        extrinsic.get("rotation"),
        camera_place,
    )


def _from_matrix(matrix: list[Any]) -> dict[str, Any]:
    if len(matrix) != 9:
        return {}
    return {"fx": matrix[0], "skew": matrix[1], "cx": matrix[2], "fy": matrix[4], "cy": matrix[5]}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def time_of(value: object) -> int | None:
    """Return nanoseconds since 1970 from a figure of any usual unit, or from a date; else None.

    Examples
    --------
    >>> time_of(1631640361.230928), time_of("1631640361230")
    (1631640361230928000, 1631640361230000000)
    """
    if isinstance(value, str):
        if not _FIGURE.fullmatch(value):
            return time_from_iso(value)
        exact = Decimal(value)
    elif is_number(value):
        exact = Decimal(repr(value))
    else:
        return None
    if not 0 <= exact < _UNITS[-1][0]:
        return None
    power = next(power for bound, power in _UNITS if exact < bound)
    return int(exact.scaleb(power))
