"""Which topics are sensors, and what they are called."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from viewer.formats.folder_index import natural_key
from viewer.formats.rosbag.bag import Bag, Topic
from viewer.formats.rosbag.decoding import Kind, kind_of

_TRANSPORTS: Final = ("compressed", "compressedDepth", "theora", "ffmpeg", "zstd")
"""Last words that ``image_transport`` appends to the topic of the image that it carries."""
_CLOUD_WORDS: Final = ("points", "points_raw", "point_cloud", "pointcloud", "pointcloud2", "cloud")
STATIC_TOPIC: Final = "tf_static"


@dataclass(frozen=True, eq=False, slots=True)
class CameraTopic:
    """A topic of images and the one that describes its lens."""

    topic: Topic
    calibration: Topic | None
    rectified: bool
    """True when the images are free of distortion, by the name that ROS gives such topics."""


@dataclass(frozen=True, eq=False, slots=True)
class SensorTopics:
    """The topics of a recording that are read; sensors by their `sensor_id`."""

    clouds: dict[str, Topic]
    cameras: dict[str, CameraTopic]
    moving: tuple[Topic, ...]
    static: tuple[Topic, ...]
    boxes: dict[str, Topic]
    doubled: tuple[str, ...]
    """Topics of images that another topic carries too."""


def find_sensors(bag: Bag) -> SensorTopics:
    """Sort a recording's topics; those without messages count as absent."""
    by_kind: dict[Kind, list[Topic]] = {kind: [] for kind in Kind}
    kinds = {
        (channel.topic, channel.type_name): kind_of(channel)
        for storage in bag.storages
        for channel in storage.channels
        if kind_of(channel) is not None
    }
    for name, type_name in sorted(bag.topics, key=lambda each: natural_key(each[0])):
        kind = kinds.get((name, type_name))
        if kind is not None:
            topic = bag.topic(name, type_name)
            if len(topic):
                by_kind[kind].append(topic)
    images, doubled = _without_doubles(by_kind[Kind.IMAGE])
    calibrations = by_kind[Kind.CALIBRATION]
    cameras = [
        CameraTopic(topic, _calibration_of(topic.name, calibrations), _is_rectified(topic.name))
        for topic in images
    ]
    transforms = by_kind[Kind.TRANSFORMS]
    static = tuple(each for each in transforms if each.name.rsplit("/", 1)[-1] == STATIC_TOPIC)
    clouds, boxes = by_kind[Kind.CLOUD], by_kind[Kind.BOXES]
    wanted = [_cloud_name(each.name) for each in clouds]
    wanted += [_camera_name(each.name) for each in images]
    wanted += [each.name for each in boxes]
    # One list of names: a depth camera's points and its images share a name space.
    names = iter(_names(wanted, [*clouds, *images, *boxes]))
    return SensorTopics(
        {next(names): each for each in clouds},
        {next(names): each for each in cameras},
        tuple(each for each in transforms if each not in static),
        static,
        {next(names): each for each in boxes},
        tuple(each.name for each in doubled),
    )


def _image_topic(name: str) -> str:
    """Return the topic of an image, whatever carries it.

    Examples
    --------
    >>> _image_topic("/front/image_raw/compressed")
    '/front/image_raw'
    """
    head, _, last = name.rpartition("/")
    return head if last in _TRANSPORTS and head else name


def _is_rectified(name: str) -> bool:
    return "rect" in _image_topic(name).rpartition("/")[2].lower()


def _without_doubles(topics: Iterable[Topic]) -> tuple[list[Topic], list[Topic]]:
    """Keep one topic of each image, the one that no transport bears; and tell the others."""
    kept: dict[str, Topic] = {}
    doubled = []
    for topic in topics:
        base = _image_topic(topic.name)
        other = kept.get(base)
        if other is None:
            kept[base] = topic
        elif topic.name == base or (other.name != base and topic.name.endswith("/compressed")):
            doubled.append(other)
            kept[base] = topic
        else:
            doubled.append(topic)
    return list(kept.values()), doubled


def _calibration_of(name: str, calibrations: Sequence[Topic]) -> Topic | None:
    """Return the calibration of the same name space, as ROS pairs them, or the only one near it."""
    space = _image_topic(name).rpartition("/")[0]
    beside = [each for each in calibrations if each.name.rpartition("/")[0] == space]
    if len(beside) == 1 or (beside and space):
        named = [each for each in beside if each.name.endswith("camera_info")]
        return (named or beside)[0]
    within = [each for each in calibrations if each.name.startswith(f"{_image_topic(name)}/")]
    if within:
        return within[0]
    above = space.rpartition("/")[0]
    near = [each for each in calibrations if above and each.name.startswith(f"{above}/")]
    return near[0] if len(near) == 1 else None


def _camera_name(name: str) -> str:
    base = _image_topic(name)
    head, _, last = base.rpartition("/")
    return head if last.startswith(("image", "raw")) and head.strip("/") else base


def _cloud_name(name: str) -> str:
    head, _, last = name.rpartition("/")
    return head if last.lower() in _CLOUD_WORDS and head.strip("/") else name


def _names(wanted: Sequence[str], topics: Sequence[Topic]) -> list[str]:
    """Return names without slashes, each once; where two meet, the whole topic is the name."""
    short = [name.strip("/").replace("/", "_") or "sensor" for name in wanted]
    names: list[str] = []
    for name, topic in zip(short, topics, strict=True):
        if short.count(name) > 1:
            name = topic.name.strip("/").replace("/", "_") or "sensor"
        while name in names:
            name += "_2"
        names.append(name)
    return names
