"""Writes recordings in every container and encoding that is read, from arrays that a test holds."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from mcap.writer import CompressionType, IndexType
from mcap.writer import Writer as McapWriter
from rosbags.rosbag1 import Writer as Writer1
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin
from rosbags.rosbag2 import Writer as Writer2
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

TF_MESSAGE = "geometry_msgs/TransformStamped[] transforms\n"
KINDS = (
    "ros1-none", "ros1-lz4", "ros1-bz2", "sqlite-none", "sqlite-zstd", "sqlite-file",
    "ros2mcap-none", "ros2mcap-zstd", "ros2mcap-zstdmessages", "mcap-none", "mcap-lz4", "mcap-zstd",
    "mcapros1-zstd", "mcapunindexed-none", "mcapunchunked-none",
)  # fmt: skip
NUMBERS = {
    np.dtype(kind): number
    for number, kind in enumerate(("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"), start=1)
}
Stamped = tuple[str, int, Any]
"""Topic, time of recording, and a message made by one of the functions below."""

STORES = {
    1: get_typestore(Stores.ROS1_NOETIC),
    2: get_typestore(Stores.ROS2_HUMBLE),
}
STORES[1].register(get_types_from_msg(TF_MESSAGE, "tf2_msgs/msg/TFMessage"))
DETECTION_TEXTS = {
    "vision_msgs/msg/ObjectHypothesis": "string class_id\nfloat64 score\n",
    "vision_msgs/msg/ObjectHypothesisWithPose": (
        "vision_msgs/ObjectHypothesis hypothesis\ngeometry_msgs/PoseWithCovariance pose\n"
    ),
    "vision_msgs/msg/BoundingBox3D": "geometry_msgs/Pose center\ngeometry_msgs/Vector3 size\n",
    "vision_msgs/msg/Detection3D": (
        "std_msgs/Header header\nvision_msgs/ObjectHypothesisWithPose[] results\n"
        "vision_msgs/BoundingBox3D bbox\nstring id\n"
    ),
    "vision_msgs/msg/Detection3DArray": (
        "std_msgs/Header header\nvision_msgs/Detection3D[] detections\n"
    ),
}
_detections: dict[str, Any] = {}
for _name, _text in DETECTION_TEXTS.items():
    _detections |= get_types_from_msg(_text, _name)
STORES[2].register(_detections)


def detection_store(version: int) -> Any:
    """Types with `vision_msgs` as they were before its version 4."""
    store = get_typestore(Stores.ROS1_NOETIC if version == 1 else Stores.ROS2_FOXY)
    identity = "int64" if version == 1 else "string"
    tail = (
        "sensor_msgs/PointCloud2 source_cloud\n"
        if version == 1
        else "bool is_tracking\nstring tracking_id\n"
    )
    types: dict[str, Any] = {}
    for name, text in DETECTION_TEXTS.items():
        if name.endswith("WithPose"):
            text = f"{identity} id\nfloat64 score\ngeometry_msgs/PoseWithCovariance pose\n"
        text = text.replace("string id\n", tail) if name.endswith("Detection3D") else text
        if not name.endswith("ObjectHypothesis"):
            types |= get_types_from_msg(text, name)
    store.register(types)
    return store


def node(type_name: str, **values: Any) -> SimpleNamespace:
    """A message, or a part of one, whose type is known and whose form is not chosen yet."""
    return SimpleNamespace(type_name=type_name, values=values)


def header(stamp_ns: int, frame_id: str) -> SimpleNamespace:
    stamp = node("builtin_interfaces/msg/Time", sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9)
    return node("std_msgs/msg/Header", stamp=stamp, frame_id=frame_id)


def xyz(kind: str, values: Sequence[float]) -> SimpleNamespace:
    x, y, z = (float(each) for each in values)
    return node(f"geometry_msgs/msg/{kind}", x=x, y=y, z=z)


def quaternion(wxyz: Sequence[float]) -> SimpleNamespace:
    w, x, y, z = (float(each) for each in wxyz)
    return node("geometry_msgs/msg/Quaternion", w=w, x=x, y=y, z=z)


def pose(position: Sequence[float], wxyz: Sequence[float]) -> SimpleNamespace:
    return node(
        "geometry_msgs/msg/Pose", position=xyz("Point", position), orientation=quaternion(wxyz)
    )


def cloud(
    stamp_ns: int,
    frame_id: str,
    points: np.ndarray,
    *,
    row_count: int = 1,
    row_padding: int = 0,
    **changes: Any,
) -> SimpleNamespace:
    """PointCloud2 from a structured array; its byte order is the message's."""
    big = any(points.dtype[name].base.byteorder == ">" for name in points.dtype.names)
    columns = []
    for name in points.dtype.names:
        kind, offset = points.dtype.fields[name][:2]
        number = NUMBERS[kind.base.newbyteorder("=")]
        count = int(np.prod(kind.shape, dtype=int))
        columns.append(
            node(
                "sensor_msgs/msg/PointField", name=name, offset=offset, datatype=number, count=count
            )
        )
    step, width = points.dtype.itemsize, len(points) // row_count
    rows = points.view(np.uint8).reshape(row_count, width * step)
    data = np.pad(rows, ((0, 0), (0, row_padding))).ravel()
    values = {
        "header": header(stamp_ns, frame_id), "height": row_count, "width": width,
        "fields": columns, "is_bigendian": big, "point_step": step,
        "row_step": width * step + row_padding,
        "data": data, "is_dense": True,
    }  # fmt: skip
    return node("sensor_msgs/msg/PointCloud2", **(values | changes))


def image(
    stamp_ns: int, frame_id: str, encoding: str, pixels: np.ndarray, **changes: Any
) -> SimpleNamespace:
    """Image from (H, W, ...) of any type."""
    values = {
        "header": header(stamp_ns, frame_id), "height": pixels.shape[0], "width": pixels.shape[1],
        "encoding": encoding, "is_bigendian": int(pixels.dtype.byteorder == ">"),
        "step": pixels[0].nbytes,
        "data": np.frombuffer(np.ascontiguousarray(pixels).tobytes(), np.uint8),
    }  # fmt: skip
    return node("sensor_msgs/msg/Image", **(values | changes))


def compressed_image(stamp_ns: int, frame_id: str, form: str, data: bytes) -> SimpleNamespace:
    return node(
        "sensor_msgs/msg/CompressedImage",
        header=header(stamp_ns, frame_id),
        format=form,
        data=np.frombuffer(data, np.uint8),
    )


def camera_info(
    stamp_ns: int,
    frame_id: str,
    size: tuple[int, int],
    k: Sequence[float],
    *,
    model: str = "plumb_bob",
    d: Sequence[float] = (),
    p: Sequence[float] | None = None,
    binning: tuple[int, int] = (0, 0),
    roi: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> SimpleNamespace:
    matrix = np.array(k, dtype=float).reshape(3, 3)
    projection = np.c_[matrix, np.zeros(3)] if p is None else np.array(p, dtype=float)
    left, top, width, height = roi
    region = node(
        "sensor_msgs/msg/RegionOfInterest",
        x_offset=left, y_offset=top, width=width, height=height, do_rectify=False,
    )  # fmt: skip
    return node(
        "sensor_msgs/msg/CameraInfo",
        header=header(stamp_ns, frame_id), width=size[0], height=size[1], distortion_model=model,
        d=np.array(d, dtype=float), k=matrix.ravel(), r=np.eye(3).ravel(), p=projection.ravel(),
        binning_x=binning[0], binning_y=binning[1], roi=region,
    )  # fmt: skip


def transform(
    stamp_ns: int, parent: str, child: str, position: Sequence[float], wxyz: Sequence[float]
) -> SimpleNamespace:
    return node(
        "geometry_msgs/msg/TransformStamped",
        header=header(stamp_ns, parent),
        child_frame_id=child,
        transform=node(
            "geometry_msgs/msg/Transform",
            translation=xyz("Vector3", position),
            rotation=quaternion(wxyz),
        ),
    )


def tf(*transforms: SimpleNamespace) -> SimpleNamespace:
    return node("tf2_msgs/msg/TFMessage", transforms=list(transforms))


def marker(
    stamp_ns: int,
    frame_id: str,
    name: str,
    number: int,
    at: SimpleNamespace,
    size: Sequence[float],
    **changes: Any,
) -> SimpleNamespace:
    duration = node("builtin_interfaces/msg/Duration", sec=0, nanosec=0)
    values = {
        "header": header(stamp_ns, frame_id), "ns": name, "id": number, "type": 1, "action": 0,
        "pose": at, "scale": xyz("Vector3", size),
        "color": node("std_msgs/msg/ColorRGBA", r=1.0, g=0.0, b=0.0, a=1.0), "lifetime": duration,
        "frame_locked": False, "points": [], "colors": [], "text": "", "mesh_resource": "",
        "mesh_use_embedded_materials": False,
        "texture_resource": "", "uv_coordinates": [],
        "texture": compressed_image(0, "", "", b""),
        "mesh_file": node("visualization_msgs/msg/MeshFile", filename="",
                          data=np.zeros(0, np.uint8)),
    }  # fmt: skip
    return node("visualization_msgs/msg/Marker", **(values | changes))


def markers(*each: SimpleNamespace) -> SimpleNamespace:
    return node("visualization_msgs/msg/MarkerArray", markers=list(each))


def detection(
    stamp_ns: int,
    frame_id: str,
    at: SimpleNamespace,
    size: Sequence[float],
    scores: Mapping[str, float],
    track_id: str,
) -> SimpleNamespace:
    where = node("geometry_msgs/msg/PoseWithCovariance", pose=at, covariance=np.zeros(36))
    results = [
        node(
            "vision_msgs/msg/ObjectHypothesisWithPose",
            hypothesis=node("vision_msgs/msg/ObjectHypothesis", class_id=name, score=score),
            pose=where,
        )
        for name, score in scores.items()
    ]
    box = node("vision_msgs/msg/BoundingBox3D", center=at, size=xyz("Vector3", size))
    return node(
        "vision_msgs/msg/Detection3D",
        header=header(stamp_ns, frame_id), results=results, bbox=box, id=track_id,
    )  # fmt: skip


def detections(stamp_ns: int, frame_id: str, *each: SimpleNamespace) -> SimpleNamespace:
    return node(
        "vision_msgs/msg/Detection3DArray",
        header=header(stamp_ns, frame_id), detections=list(each),
    )  # fmt: skip


def _message(value: Any, store: Any) -> Any:
    """A message of `rosbags` for ROS 1 or 2."""
    if isinstance(value, list):
        return [_message(each, store) for each in value]
    if not isinstance(value, SimpleNamespace):
        return value
    kind = store.types[value.type_name]
    names = [each.name for each in fields(kind) if "ClassVar" not in str(each.type)]
    given = {"seq": 0} | value.values
    # ROS 1 names matrices with capitals, and lacks the latest parts of markers.
    given |= {name.upper(): given[name] for name in "dkrp" if name in given}
    return kind(**{name: _message(given[name], store) for name in names})


def serialized(value: SimpleNamespace, version: int) -> bytes:
    store = getattr(value, "store", STORES[version])
    write = store.serialize_ros1 if version == 1 else store.serialize_cdr
    return bytes(write(_message(value, store), value.type_name))


def write_bag(
    folder: Path, kind: str, messages: Sequence[Stamped], connections_per_topic: int = 1
) -> Path:
    """Write one recording of a kind in `KINDS`; return what a person would open."""
    container, _, packing = kind.partition("-")
    if container == "ros1":
        return _write_rosbag1(folder / "drive.bag", packing, messages, connections_per_topic)
    if container in ("sqlite", "ros2mcap"):
        return _write_rosbag2(folder / "drive", container, packing, messages)
    return _write_mcap(folder / "drive.mcap", container, packing, messages)


def _write_rosbag1(
    path: Path, packing: str, messages: Sequence[Stamped], connections_per_topic: int
) -> Path:
    writer = Writer1(path)
    if packing != "none":
        writer.set_compression(Writer1.CompressionFormat[packing.upper()])
    with writer:
        _fill(writer, 1, messages, connections_per_topic)
    return path


def _write_rosbag2(path: Path, container: str, packing: str, messages: Sequence[Stamped]) -> Path:
    plugin = StoragePlugin.SQLITE3 if container == "sqlite" else StoragePlugin.MCAP
    writer = Writer2(path, version=9, storage_plugin=plugin)
    if packing != "none":
        inside = container == "sqlite" or packing == "zstdmessages"
        mode = CompressionMode.MESSAGE if inside else CompressionMode.STORAGE
        if packing == "file":
            mode = CompressionMode.FILE
        writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        _fill(writer, 2, messages)
    return path


def _fill(
    writer: Any, version: int, messages: Sequence[Stamped], connections_per_topic: int = 1
) -> None:
    connections: dict[tuple[str, int], Any] = {}
    for number, (topic, log_ns, value) in enumerate(messages):
        key = (topic, number % connections_per_topic)
        if key not in connections:
            store = getattr(value, "store", STORES[version])
            extra = {"callerid": f"/publisher_{key[1]}"} if connections_per_topic > 1 else {}
            connections[key] = writer.add_connection(
                topic, value.type_name, typestore=store, **extra
            )
        writer.write(connections[key], log_ns, serialized(value, version))


def _write_mcap(path: Path, container: str, packing: str, messages: Sequence[Stamped]) -> Path:
    version = 1 if container == "mcapros1" else 2
    with path.open("wb") as file:
        writer = McapWriter(
            file,
            chunk_size=4096,
            compression=CompressionType[packing.upper()],
            use_chunking=container != "mcapunchunked",
            use_summary_offsets=container != "mcapunindexed",
            index_types=IndexType.NONE if container == "mcapunindexed" else IndexType.ALL,
        )
        writer.start(profile=f"ros{version}")
        _fill_mcap(writer, version, messages, bytes)
        writer.finish()
    return path


def write_mutated_mcap(
    path: Path,
    messages: Sequence[Stamped],
    mutate: Callable[[bytes], bytes],
    generator: random.Random,
) -> None:
    """An MCAP file that is sound itself and holds some damaged messages."""
    with path.open("wb") as file:
        writer = McapWriter(file)
        writer.start(profile="ros2")
        chance = 0.3
        _fill_mcap(
            writer, 2, messages, lambda data: mutate(data) if generator.random() < chance else data
        )
        writer.finish()


def _fill_mcap(
    writer: McapWriter,
    version: int,
    messages: Sequence[Stamped],
    change: Callable[[bytes], bytes],
) -> None:
    channels: dict[str, int] = {}
    for topic, log_ns, value in messages:
        if topic not in channels:
            name = value.type_name if version == 2 else value.type_name.replace("/msg/", "/")
            text = STORES[version].generate_msgdef(value.type_name, ros_version=version)[0]
            schema = writer.register_schema(name, f"ros{version}msg", text.encode())
            encoding = "cdr" if version == 2 else "ros1"
            channels[topic] = writer.register_channel(topic, encoding, schema)
        writer.add_message(channels[topic], log_ns, change(serialized(value, version)), log_ns)
