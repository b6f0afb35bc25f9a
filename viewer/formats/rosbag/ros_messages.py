"""ROS 1 and ROS 2 messages, decoded by `rosbags` from definitions that do not come from the bag.

A bag brings its own definitions, and compiling those would run what a stranger wrote; the types
that are read here have stood unchanged for years.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np

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

POINT_FIELD_TYPES: Final = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 8: "f8"}
"""``sensor_msgs/PointField``: numpy's name of each datatype."""
_CUBE = 1
_ADD = 0

_TRANSFORMS = "geometry_msgs/TransformStamped[] transforms\n"
_HYPOTHESES = {
    # Version 4 of the package put the class and its score into a type of their own.
    "new": (
        "vision_msgs/ObjectHypothesis",
        "string class_id\nfloat64 score\n",
        "vision_msgs/ObjectHypothesis hypothesis\n",
    ),
    "old": ("", "", "string id\nfloat64 score\n"),
    "ros1": ("", "", "int64 id\nfloat64 score\n"),
}


@cache
def _types(encoding: str, variant: str = "new") -> Raw:
    """Return the known types; they are compiled when first used."""
    from rosbags.typesys import Stores, get_types_from_msg, get_typestore

    is_ros1 = encoding == "ros1"
    types = get_typestore(Stores.ROS1_NOETIC if is_ros1 else Stores.ROS2_HUMBLE)
    for name in ("tf2_msgs/msg/TFMessage", "tf/msg/tfMessage"):
        if name not in types.types:
            types.register(get_types_from_msg(_TRANSFORMS, name))
    hypothesis, hypothesis_text, result_text = _HYPOTHESES["ros1" if is_ros1 else variant]
    tail = "" if variant == "new" and not is_ros1 else _OLD_DETECTION_TAIL
    if is_ros1:
        tail = "sensor_msgs/PointCloud2 source_cloud\n"
    identity = "string id\n" if variant == "new" and not is_ros1 else ""
    texts = {
        hypothesis: hypothesis_text,
        "vision_msgs/ObjectHypothesisWithPose": (
            result_text + "geometry_msgs/PoseWithCovariance pose\n"
        ),
        "vision_msgs/BoundingBox3D": "geometry_msgs/Pose center\ngeometry_msgs/Vector3 size\n",
        "vision_msgs/Detection3D": (
            "std_msgs/Header header\nvision_msgs/ObjectHypothesisWithPose[] results\n"
            "vision_msgs/BoundingBox3D bbox\n" + identity + tail
        ),
        "vision_msgs/Detection3DArray": (
            "std_msgs/Header header\nvision_msgs/Detection3D[] detections\n"
        ),
    }
    found: dict[str, Any] = {}
    for name, text in texts.items():
        if name:
            found |= get_types_from_msg(text, name.replace("/", "/msg/", 1))
    types.register(found)
    return types


_OLD_DETECTION_TAIL = "bool is_tracking\nstring tracking_id\n"


def decode_ros(type_name: str, encoding: str, data: memoryview) -> Message:
    """Return a message; ValueError or another of `PARSE_ERRORS` when it is damaged.

    Parameters
    ----------
    type_name
        A key of `READERS`.
    encoding
        ``ros1`` or ``cdr``.
    data
        The payload.
    """
    return READERS[type_name](_raw(type_name, encoding, data))


def _raw(type_name: str, encoding: str, data: memoryview) -> Raw:
    from rosbags.serde import SerdeError

    name = type_name.replace("/", "/msg/", 1)
    variants = ("new", "old") if type_name.startswith("vision_msgs/") else ("new",)
    failure: Exception | None = None
    for variant in variants:
        types = _types(encoding, variant)
        read = types.deserialize_ros1 if encoding == "ros1" else types.deserialize_cdr
        try:
            return read(data, name)
        except (SerdeError, ValueError, AssertionError, LookupError, TypeError) as error:
            failure = failure or error
    raise ValueError(str(failure) or "is damaged")


def _header(raw: Raw) -> Header:
    stamp = raw.stamp
    seconds = int(stamp.sec)
    return Header(seconds * 1_000_000_000 + int(stamp.nanosec), str(raw.frame_id).lstrip("/"))


def _pose(position: Raw, rotation: Raw) -> Pose:
    return Pose(
        (float(position.x), float(position.y), float(position.z)),
        (float(rotation.w), float(rotation.x), float(rotation.y), float(rotation.z)),
    )


def _cloud(raw: Raw) -> CloudMessage:
    order = ">" if raw.is_bigendian else "<"
    columns = []
    for each in raw.fields:
        kind = POINT_FIELD_TYPES.get(int(each.datatype))
        if kind is None:
            raise ValueError(f"has a point field of the unknown datatype {int(each.datatype)}")
        dtype = np.dtype(order + kind)
        columns.append(PointColumn(str(each.name), int(each.offset), dtype, int(each.count) or 1))
    return CloudMessage(
        _header(raw.header),
        tuple(columns),
        int(raw.point_step),
        int(raw.row_step),
        int(raw.width),
        int(raw.height),
        raw.data,
    )


def _image(raw: Raw) -> ImageMessage:
    return ImageMessage(
        _header(raw.header),
        str(raw.encoding),
        int(raw.width),
        int(raw.height),
        int(raw.step),
        raw.data,
        bool(raw.is_bigendian),
    )


def _encoded_image(raw: Raw) -> EncodedImageMessage:
    return EncodedImageMessage(_header(raw.header), str(raw.format), raw.data)


def _calibration(raw: Raw) -> CalibrationMessage:
    # ROS 1 names the matrices with capitals.
    d, k, p = (
        tuple(float(value) for value in getattr(raw, name, getattr(raw, name.upper(), ())))
        for name in "dkp"
    )
    roi = raw.roi
    return CalibrationMessage(
        _header(raw.header),
        int(raw.width),
        int(raw.height),
        str(raw.distortion_model),
        d,
        k,
        p,
        (int(raw.binning_x) or 1, int(raw.binning_y) or 1),
        (int(roi.x_offset), int(roi.y_offset), int(roi.width), int(roi.height)),
    )


def _transforms(raw: Raw) -> list[TransformMessage]:
    return [
        TransformMessage(
            _header(each.header),
            str(each.child_frame_id).lstrip("/"),
            _pose(each.transform.translation, each.transform.rotation),
        )
        for each in raw.transforms
    ]


def _markers(raw: Raw) -> list[BoxMessage]:
    """Cubes that are added; their name space is the class."""
    boxes = []
    for marker in raw.markers:
        if int(marker.type) != _CUBE or int(marker.action) != _ADD:
            continue
        scale = marker.scale
        boxes.append(
            BoxMessage(
                _header(marker.header),
                _pose(marker.pose.position, marker.pose.orientation),
                (float(scale.x), float(scale.y), float(scale.z)),
                str(marker.ns) or "cube",
                str(int(marker.id)),
                attributes={"text": str(marker.text)} if marker.text else {},
            )
        )
    return boxes


def _detections(raw: Raw) -> list[BoxMessage]:
    """Boxes with the likeliest of their hypotheses."""
    boxes = []
    for number, each in enumerate(raw.detections):
        header = _header(each.header)
        if not header.frame_id:
            header = _header(raw.header)
        best, score = "object", math.nan
        for result in each.results:
            stated = getattr(result, "hypothesis", result)
            if not score >= float(stated.score):
                best = str(getattr(stated, "class_id", getattr(stated, "id", ""))) or best
                score = float(stated.score)
        size = each.bbox.size
        track_id = str(getattr(each, "id", "") or getattr(each, "tracking_id", ""))
        center = each.bbox.center
        boxes.append(
            BoxMessage(
                header,
                _pose(center.position, center.orientation),
                (float(size.x), float(size.y), float(size.z)),
                best,
                f"detection {number}",
                score,
                track_id or None,
            )
        )
    return boxes


READERS: Final[dict[str, Callable[[Any], Message]]] = {
    "sensor_msgs/PointCloud2": _cloud,
    "sensor_msgs/Image": _image,
    "sensor_msgs/CompressedImage": _encoded_image,
    "sensor_msgs/CameraInfo": _calibration,
    "tf2_msgs/TFMessage": _transforms,
    "tf/tfMessage": _transforms,
    "visualization_msgs/MarkerArray": _markers,
    "vision_msgs/Detection3DArray": _detections,
}
