"""A small drive in Foxglove's schemas, as JSON and as protobuf, in an MCAP file."""

import base64
import json
import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from mcap.writer import CompressionType, Writer
from PIL import Image

START_NS = 1_700_000_000_000_000_000
PERIOD_NS = 100_000_000
POINT = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("intensity", "u1")])
K = [50.0, 0, 8, 0, 51.0, 6, 0, 0, 1]
D = [0.01, -0.02, 0.003, -0.0004]
FLOAT32, UINT8 = 7, 1
FIELDS: dict[str, dict[str, tuple[int, int, str]]] = {
    # Name: (number, type as in FieldDescriptorProto, name of a message type).
    # Numbers are those of Foxglove's own .proto files.
    "google.protobuf.Timestamp": {"seconds": (1, 3, ""), "nanos": (2, 5, "")},
    "foxglove.Vector3": {"x": (1, 1, ""), "y": (2, 1, ""), "z": (3, 1, "")},
    "foxglove.Quaternion": {"x": (1, 1, ""), "y": (2, 1, ""), "z": (3, 1, ""), "w": (4, 1, "")},
    "foxglove.Pose": {
        "position": (1, 11, "foxglove.Vector3"),
        "orientation": (2, 11, "foxglove.Quaternion"),
    },
    "foxglove.PackedElementField": {
        "name": (1, 9, ""), "offset": (2, 7, ""), "type": (3, 14, ""),
    },
    "foxglove.PointCloud": {
        "timestamp": (1, 11, "google.protobuf.Timestamp"), "frame_id": (2, 9, ""),
        "pose": (3, 11, "foxglove.Pose"), "point_stride": (4, 7, ""),
        "fields": (5, 11, "foxglove.PackedElementField"), "data": (6, 12, ""),
    },
    "foxglove.CompressedImage": {
        "timestamp": (1, 11, "google.protobuf.Timestamp"), "frame_id": (4, 9, ""),
        "data": (2, 12, ""), "format": (3, 9, ""),
    },
    "foxglove.CameraCalibration": {
        "timestamp": (1, 11, "google.protobuf.Timestamp"), "frame_id": (9, 9, ""),
        "width": (2, 7, ""), "height": (3, 7, ""), "distortion_model": (4, 9, ""),
        "D": (5, 1, ""), "K": (6, 1, ""), "P": (8, 1, ""),
    },
    "foxglove.FrameTransform": {
        "timestamp": (1, 11, "google.protobuf.Timestamp"), "parent_frame_id": (2, 9, ""),
        "child_frame_id": (3, 9, ""), "translation": (4, 11, "foxglove.Vector3"),
        "rotation": (5, 11, "foxglove.Quaternion"),
    },
    "foxglove.KeyValuePair": {"key": (1, 9, ""), "value": (2, 9, "")},
    "foxglove.CubePrimitive": {
        "pose": (1, 11, "foxglove.Pose"), "size": (2, 11, "foxglove.Vector3"),
    },
    "foxglove.SceneEntity": {
        "timestamp": (1, 11, "google.protobuf.Timestamp"), "frame_id": (2, 9, ""),
        "id": (3, 9, ""), "metadata": (6, 11, "foxglove.KeyValuePair"),
        "cubes": (8, 11, "foxglove.CubePrimitive"),
    },
    "foxglove.SceneUpdate": {"entities": (2, 11, "foxglove.SceneEntity")},
}  # fmt: skip
REPEATED = {"fields", "D", "K", "P", "metadata", "cubes", "entities"}


def points_of(frame: int) -> np.ndarray:
    generator = np.random.default_rng(frame)
    points = np.zeros(25, POINT)
    for name in "xyz":
        points[name] = generator.uniform(-20, 20, 25)
    points["intensity"] = generator.integers(0, 256, 25)
    return points


def picture_of(frame: int) -> np.ndarray:
    generator = np.random.default_rng(100 + frame)
    return generator.integers(0, 256, (12, 16, 3), dtype=np.uint8)


def drive_messages(frame_count: int) -> list[tuple[str, int, str, dict[str, Any]]]:
    """Topic, time of recording, schema and object of each message."""
    identity = {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0}
    messages = []
    for frame in range(frame_count):
        now = START_NS + frame * PERIOD_NS
        stamp = {"sec": now // 10**9, "nsec": now % 10**9}
        buffer = BytesIO()
        Image.fromarray(picture_of(frame)).save(buffer, "PNG")
        fields = [
            {"name": "x", "offset": 0, "type": FLOAT32},
            {"name": "y", "offset": 4, "type": FLOAT32},
            {"name": "z", "offset": 8, "type": FLOAT32},
            {"name": "intensity", "offset": 12, "type": UINT8},
        ]
        cube = {
            "pose": {"position": {"x": 5.0, "y": frame + 1.0, "z": 1.0}, "orientation": identity},
            "size": {"x": 4.0, "y": 2.0, "z": 1.5},
        }
        entity = {
            "timestamp": stamp, "frame_id": "map", "id": "car 7",
            "metadata": [{"key": "category", "value": "car"}], "cubes": [cube],
        }  # fmt: skip
        each: list[tuple[str, str, dict[str, Any]]] = [
            ("/tf", "foxglove.FrameTransform", {
                "timestamp": stamp, "parent_frame_id": "map", "child_frame_id": "base_link",
                "translation": {"x": 3.0 * frame, "y": 0.0, "z": 0.0}, "rotation": identity,
            }),
            ("/tf", "foxglove.FrameTransform", {
                "timestamp": stamp, "parent_frame_id": "base_link", "child_frame_id": "CAM_FRONT",
                "translation": {"x": 1.0, "y": 0.0, "z": 1.5},
                "rotation": {"x": -0.5, "y": 0.5, "z": -0.5, "w": 0.5},
            }),
            ("/LIDAR_TOP", "foxglove.PointCloud", {
                "timestamp": stamp, "frame_id": "base_link",
                "pose": {"position": {"x": 0.0, "y": 0.0, "z": 2.0}, "orientation": identity},
                "point_stride": 13, "fields": fields, "data": points_of(frame).tobytes(),
            }),
            ("/CAM_FRONT/image_rect_compressed", "foxglove.CompressedImage", {
                "timestamp": stamp, "frame_id": "CAM_FRONT", "data": buffer.getvalue(),
                "format": "png",
            }),
            ("/CAM_FRONT/camera_info", "foxglove.CameraCalibration", {
                "timestamp": stamp, "frame_id": "CAM_FRONT", "width": 16, "height": 12,
                "distortion_model": "", "K": K, "D": [], "P": [*K[:3], 0, *K[3:6], 0, *K[6:], 0],
            }),
            ("/markers/annotations", "foxglove.SceneUpdate", {"entities": [entity]}),
        ]  # fmt: skip
        messages += [(topic, now + 1_000_000, schema, value) for topic, schema, value in each]
    return messages


def write_foxglove_json(path: Path, frame_count: int = 3) -> Path:
    def encode(_schema: str, value: dict[str, Any]) -> bytes:
        return json.dumps(value, default=lambda data: base64.b64encode(data).decode()).encode()

    return _write(path, frame_count, "json", "jsonschema", lambda _name: b"{}", encode)


def write_foxglove_protobuf(path: Path, frame_count: int = 3) -> Path:
    return _write(path, frame_count, "protobuf", "protobuf", lambda _name: descriptors(), encoded)


def _write(
    path: Path,
    frame_count: int,
    encoding: str,
    schema_encoding: str,
    schema_of: Callable[[str], bytes],
    encode: Callable[[str, dict[str, Any]], bytes],
) -> Path:
    with path.open("wb") as file:
        writer = Writer(file, compression=CompressionType.ZSTD)
        writer.start()
        channels: dict[str, int] = {}
        for topic, log_ns, name, value in drive_messages(frame_count):
            if topic not in channels:
                schema = writer.register_schema(name, schema_encoding, schema_of(name))
                channels[topic] = writer.register_channel(topic, encoding, schema)
            writer.add_message(channels[topic], log_ns, encode(name, value), log_ns)
        writer.finish()
    return path


def encoded(name: str, value: dict[str, Any]) -> bytes:
    """A protobuf message, by the published wire format; lists of numbers are packed."""
    out = b""
    for key, each in value.items():
        if name == "google.protobuf.Timestamp":
            key = {"sec": "seconds", "nsec": "nanos"}[key]
        number, kind, inner = FIELDS[name][key]
        if key in REPEATED and kind == 1:
            packed = b"".join(struct.pack("<d", float(item)) for item in each)
            out += _varint(number << 3 | 2) + _varint(len(packed)) + packed
            continue
        for item in each if key in REPEATED else [each]:
            out += _field(number, kind, inner, item)
    return out


def _field(number: int, kind: int, inner: str, item: Any) -> bytes:
    if kind == 1:
        return _varint(number << 3 | 1) + struct.pack("<d", float(item))
    if kind == 7:
        return _varint(number << 3 | 5) + struct.pack("<I", item)
    if kind in (3, 5, 14):
        return _varint(number << 3) + _varint(item)
    data = encoded(inner, item) if kind == 11 else item.encode() if kind == 9 else item
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def descriptors() -> bytes:
    """A FileDescriptorSet of all types, a file for each package."""
    files = b""
    for package in ("google.protobuf", "foxglove"):
        file = _text(1, f"{package}.proto") + _text(2, package)
        for name, fields in FIELDS.items():
            if name.rpartition(".")[0] != package:
                continue
            message = _text(1, name.rpartition(".")[2])
            for key, (number, kind, inner) in fields.items():
                field = _text(1, key) + _varint(3 << 3) + _varint(number)
                field += _varint(4 << 3) + _varint(3 if key in REPEATED else 1)
                field += _varint(5 << 3) + _varint(kind)
                field += _text(6, f".{inner}") if inner else b""
                message += _varint(2 << 3 | 2) + _varint(len(field)) + field
            file += _varint(4 << 3 | 2) + _varint(len(message)) + message
        files += _varint(1 << 3 | 2) + _varint(len(file)) + file
    return files


def _text(number: int, text: str) -> bytes:
    data = text.encode()
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])
