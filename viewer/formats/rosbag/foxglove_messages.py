"""Foxglove's schemas, from objects that JSON or protobuf were decoded to."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.formats.rosbag.messages import (
    BoxMessage,
    CalibrationMessage,
    CloudMessage,
    EncodedImageMessage,
    Header,
    ImageMessage,
    Message,
    PointColumn,
    Pose,
    Raw,
    TransformMessage,
)

NUMERIC_TYPES: Final = {
    1: "u1", 2: "i1", 3: "u2", 4: "i2", 5: "u4", 6: "i4", 7: "f4", 8: "f8",
}  # fmt: skip
"""``foxglove.PackedElementField.NumericType``: numpy's name of each."""
_NUMERIC_NAMES: Final = {
    "UINT8": 1, "INT8": 2, "UINT16": 3, "INT16": 4, "UINT32": 5, "INT32": 6, "FLOAT32": 7,
    "FLOAT64": 8,
}  # fmt: skip


def decode_foxglove(type_name: str, value: Mapping[str, Any]) -> Message:
    """Return a message; one of `PARSE_ERRORS` when it lacks something or holds nonsense."""
    if not isinstance(value, Mapping):
        raise TypeError("is no object")
    return READERS[type_name](value)


def _header(value: Mapping[str, Any], frame_key: str = "frame_id") -> Header:
    frame_id = value.get(frame_key)
    return Header(stamp_ns_of(value.get("timestamp")), str(frame_id or "").lstrip("/"))


def stamp_ns_of(stamp: Raw) -> int:
    """Return nanoseconds of a time; 0 when there is none."""
    if not isinstance(stamp, Mapping):
        return 0
    fraction = stamp.get("nsec", stamp.get("nanos", stamp.get("nanosec", 0)))
    return int(stamp.get("sec", stamp.get("seconds", 0))) * 1_000_000_000 + int(fraction)


def _pose(value: Raw) -> Pose:
    if not isinstance(value, Mapping):
        return Pose()
    return _pose_of(value.get("position"), value.get("orientation"))


def _pose_of(position: Raw, rotation: Raw) -> Pose:
    x, y, z = _vector(position)
    wxyz = (1.0, 0.0, 0.0, 0.0)
    if isinstance(rotation, Mapping):
        wxyz = tuple(float(rotation.get(axis, 0.0)) for axis in "wxyz")  # type: ignore[assignment]
    return Pose((x, y, z), wxyz)


def _vector(value: Raw) -> tuple[float, float, float]:
    x, y, z = (float(value.get(axis, 0.0)) if isinstance(value, Mapping) else 0.0 for axis in "xyz")
    return x, y, z


def _data(value: Raw) -> npt.NDArray[np.uint8]:
    """Return bytes, which JSON holds as base64."""
    if isinstance(value, str):
        try:
            value = base64.b64decode(value, validate=True)
        except binascii.Error:
            raise ValueError("has data that is not base64") from None
    return np.frombuffer(value or b"", dtype=np.uint8)


def _cloud(value: Mapping[str, Any]) -> CloudMessage:
    step = int(value.get("point_stride", 0))
    if step < 1:
        raise ValueError(f"has points of {step} bytes")
    columns = []
    for each in _objects(value.get("fields")):
        kind = each.get("type", 0)
        kind = _NUMERIC_NAMES.get(kind, 0) if isinstance(kind, str) else int(kind)
        if kind not in NUMERIC_TYPES:
            raise ValueError(f"has a point field of the unknown type {each.get('type')!r}")
        dtype = np.dtype("<" + NUMERIC_TYPES[kind])
        columns.append(PointColumn(str(each.get("name")), int(each.get("offset", 0)), dtype))
    data = _data(value.get("data"))
    count = len(data) // step
    return CloudMessage(
        _header(value), tuple(columns), step, count * step, count, 1, data, _pose(value.get("pose"))
    )


def _raw_image(value: Mapping[str, Any]) -> ImageMessage:
    return ImageMessage(
        _header(value),
        str(value.get("encoding", "")),
        int(value.get("width", 0)),
        int(value.get("height", 0)),
        int(value.get("step", 0)),
        _data(value.get("data")),
    )


def _compressed_image(value: Mapping[str, Any]) -> EncodedImageMessage:
    return EncodedImageMessage(
        _header(value), str(value.get("format", "")), _data(value.get("data"))
    )


def _calibration(value: Mapping[str, Any]) -> CalibrationMessage:
    d, k, p = (
        tuple(float(number) for number in value.get(name) or value.get(name.lower()) or ())
        for name in "DKP"
    )
    return CalibrationMessage(
        _header(value),
        int(value.get("width", 0)),
        int(value.get("height", 0)),
        str(value.get("distortion_model", "")),
        d,
        k,
        p,
    )


def _transform(value: Mapping[str, Any]) -> TransformMessage:
    return TransformMessage(
        _header(value, "parent_frame_id"),
        str(value.get("child_frame_id") or "").lstrip("/"),
        _pose_of(value.get("translation"), value.get("rotation")),
    )


def _scene_update(value: Mapping[str, Any]) -> list[BoxMessage]:
    """Cubes of all entities; the entity's metadata are the attributes."""
    boxes = []
    for entity in _objects(value.get("entities")):
        header = _header(entity)
        pairs = _objects(entity.get("metadata"))
        facts = {str(pair.get("key")): pair.get("value") for pair in pairs}
        name = str(facts.get("category") or facts.get("class") or facts.get("label") or "cube")
        cubes = _objects(entity.get("cubes"))
        for number, cube in enumerate(cubes):
            label_id = str(entity.get("id") or "cube")
            boxes.append(
                BoxMessage(
                    header,
                    _pose(cube.get("pose")),
                    _vector(cube.get("size")),
                    name,
                    label_id if len(cubes) == 1 else f"{label_id} {number}",
                    attributes=dict(facts),
                )
            )
    return boxes


def _objects(value: Raw) -> Sequence[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


READERS: Final[dict[str, Callable[[Mapping[str, Any]], Message]]] = {
    "foxglove.PointCloud": _cloud,
    "foxglove.RawImage": _raw_image,
    "foxglove.CompressedImage": _compressed_image,
    "foxglove.CameraCalibration": _calibration,
    "foxglove.FrameTransform": lambda value: [_transform(value)],
    "foxglove.FrameTransforms": lambda value: [
        _transform(each) for each in _objects(value.get("transforms"))
    ],
    "foxglove.SceneUpdate": _scene_update,
}
