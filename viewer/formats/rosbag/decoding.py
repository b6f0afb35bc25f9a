"""Which messages are understood, and how a payload becomes one."""

import re
import struct
from enum import StrEnum
from typing import Final

from viewer.formats.rosbag.foxglove_messages import decode_foxglove, stamp_ns_of
from viewer.formats.rosbag.messages import Message, Raw
from viewer.formats.rosbag.protobuf_wire import Types, decode_protobuf, read_descriptors
from viewer.formats.rosbag.ros_messages import decode_ros
from viewer.formats.rosbag.storage import PARSE_ERRORS, Channel, words_of

HEAD_BYTES: Final = 512
"""So much of a message is enough to find its time."""
MAX_JSON_BYTES: Final = 1 << 28


class Kind(StrEnum):
    """What a topic's messages are to a scene."""

    CLOUD = "cloud"
    IMAGE = "image"
    CALIBRATION = "calibration"
    TRANSFORMS = "transforms"
    BOXES = "boxes"


KINDS: Final = {
    "sensor_msgs/PointCloud2": Kind.CLOUD,
    "sensor_msgs/Image": Kind.IMAGE,
    "sensor_msgs/CompressedImage": Kind.IMAGE,
    "sensor_msgs/CameraInfo": Kind.CALIBRATION,
    "tf2_msgs/TFMessage": Kind.TRANSFORMS,
    "tf/tfMessage": Kind.TRANSFORMS,
    "visualization_msgs/MarkerArray": Kind.BOXES,
    "vision_msgs/Detection3DArray": Kind.BOXES,
    "foxglove.PointCloud": Kind.CLOUD,
    "foxglove.RawImage": Kind.IMAGE,
    "foxglove.CompressedImage": Kind.IMAGE,
    "foxglove.CameraCalibration": Kind.CALIBRATION,
    "foxglove.FrameTransform": Kind.TRANSFORMS,
    "foxglove.FrameTransforms": Kind.TRANSFORMS,
    "foxglove.SceneUpdate": Kind.BOXES,
}
_ROS_ENCODINGS: Final = ("cdr", "ros1")
_OBJECT_ENCODINGS: Final = ("json", "protobuf")
_HEADLESS: Final = ("visualization_msgs/MarkerArray",)
_TIME = re.compile(
    rb'"timestamp"\s*:\s*\{\s*"sec(?:onds)?"\s*:\s*(\d+)\s*,\s*"n(?:ano)?sec"\s*:\s*(\d+)'
)


def kind_of(channel: Channel) -> Kind | None:
    """Return what a channel is to a scene; None for one that is not read."""
    encodings = _OBJECT_ENCODINGS if channel.type_name.startswith("foxglove.") else _ROS_ENCODINGS
    return KINDS.get(channel.type_name) if channel.encoding in encodings else None


class Decoder:
    """Decodes payloads; keeps what the files say of their types."""

    def __init__(self) -> None:
        self._types: dict[bytes, Types] = {}

    def decode(self, channel: Channel, data: memoryview) -> Message:
        """Return a message; ValueError when it is damaged."""
        try:
            if channel.encoding in _ROS_ENCODINGS:
                return decode_ros(channel.type_name, channel.encoding, data)
            return decode_foxglove(channel.type_name, self._object(channel, data))
        except PARSE_ERRORS as error:
            raise ValueError(f"the message is damaged: {words_of(error)}") from None

    def stamp_ns(self, channel: Channel, head: memoryview) -> int:
        """Return a message's own time from its first bytes; 0 when they do not tell."""
        try:
            # The header comes first, but for arrays whose first element has the first header.
            start = 8 if channel.type_name in _HEADLESS else 4
            if channel.encoding == "cdr":
                order = "<" if head[1] & 1 else ">"
                seconds, fraction = struct.unpack_from(f"{order}iI", head, start)
            elif channel.encoding == "ros1":
                seconds, fraction = struct.unpack_from("<II", head, start)
            elif channel.encoding == "json":
                found = _TIME.search(bytes(head[:HEAD_BYTES]))
                seconds, fraction = (int(each) for each in found.groups()) if found else (0, 0)
            else:
                value = self._object(channel, head)
                entities = value.get("entities")
                return stamp_ns_of((entities[0] if entities else value).get("timestamp"))
        except PARSE_ERRORS:
            return 0
        return int(seconds) * 1_000_000_000 + int(fraction)

    def _object(self, channel: Channel, data: memoryview) -> Raw:
        if channel.encoding == "json":
            import msgspec

            if len(data) > MAX_JSON_BYTES:
                raise ValueError(f"holds {len(data)} bytes of JSON, too many to be read")
            return msgspec.json.decode(data)
        types = self._types.get(channel.schema)
        if types is None:
            types = self._types[channel.schema] = read_descriptors(channel.schema)
        return decode_protobuf(types, channel.type_name, data)
