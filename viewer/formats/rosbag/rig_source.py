"""Rigs of a recording: made when first asked for, once where one suffices."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.calibration.base import RefusedLens
from viewer.formats.images import encoded_size
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rosbag.bag import Bag, Topic
from viewer.formats.rosbag.decoding import Decoder
from viewer.formats.rosbag.frame_times import MAX_UNPACKED_BYTES
from viewer.formats.rosbag.lenses import lens_from_message
from viewer.formats.rosbag.messages import (
    CalibrationMessage,
    CloudMessage,
    EncodedImageMessage,
    ImageMessage,
    Message,
    TransformMessage,
)
from viewer.formats.rosbag.pictures import encoded_bytes
from viewer.formats.rosbag.sensors import CameraTopic, SensorTopics
from viewer.formats.rosbag.tf_tree import TfTree, build_tf_tree
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import ROOT, TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, RangeSensorKind, Rig

WINDOW_NS: Final = 500_000_000
"""Of long recordings, tf is read this long before and after each frame."""
MAX_TF_MESSAGES: Final = 50_000
"""A recording with more of them counts as long."""
SURVEYED_PLACES: Final = 16
SURVEYED_RUN: Final = 40
"""Of long recordings, so many messages in a row are read at so many places, once: coord frames that
are told of rarely are known from there."""
KEPT_RIGS: Final = 64
TRIED_MESSAGES: Final = 8
"""So many messages of a topic are looked at before it counts as unreadable."""


@dataclass(frozen=True, eq=False, slots=True)
class _Facts:
    """What the first messages tell of the sensors."""

    cloud_frame_ids: Mapping[str, str]
    cameras: Mapping[str, CameraSensor]
    """Their coord frames still as the messages name them."""
    static: list[TransformMessage]
    surveyed: list[TransformMessage]
    """Moving ones from all over a long recording; all of a short one."""
    long: bool
    """True where `surveyed` is not all."""


class RigSource:
    """Makes rigs; every method may run on any thread."""

    def __init__(
        self, bag: Bag, topics: SensorTopics, decoder: Decoder, problems: ProblemLog
    ) -> None:
        self._bag = bag
        self._topics = topics
        self._decoder = decoder
        self._problems = problems
        self._lock = threading.Lock()
        self._facts: _Facts | None = None
        self._rigs: OrderedDict[int, Rig] = OrderedDict()

    def rig_at(self, frame_index: int, log_ns: int) -> Rig:
        """Return the rig of a frame whose main sweep was recorded at `log_ns`."""
        with self._lock:
            facts = self._facts = self._facts or self._read_facts()
            key = frame_index if facts.long else 0
            rig = self._rigs.get(key)
            if rig is None:
                rig = self._rigs[key] = self._build(facts, log_ns)
            self._rigs.move_to_end(key)
            if len(self._rigs) > KEPT_RIGS:
                self._rigs.popitem(last=False)
            return rig

    def clear(self) -> None:
        """Forget the rigs."""
        with self._lock:
            self._rigs.clear()

    def _read_facts(self) -> _Facts:
        frame_ids = {}
        for sensor_id, topic in self._topics.clouds.items():
            message = self._first(topic)
            named = message.header.frame_id if isinstance(message, CloudMessage) else ""
            frame_ids[sensor_id] = named or sensor_id
        cameras = {
            sensor_id: self._camera(sensor_id, camera)
            for sensor_id, camera in self._topics.cameras.items()
        }
        moving = self._topics.moving
        long = (
            sum(map(len, moving)) > MAX_TF_MESSAGES
            or self._bag.unpacking_bytes(moving) > MAX_UNPACKED_BYTES
        )
        static = [each for topic in self._topics.static for each in self._all(topic, None)]
        surveyed = [
            each
            for topic in moving
            for each in self._all(topic, _surveyed(len(topic)) if long else None)
        ]
        return _Facts(frame_ids, cameras, static, surveyed, long)

    def _build(self, facts: _Facts, log_ns: int) -> Rig:
        sensors = [*facts.cloud_frame_ids.values()]
        sensors += [each.coord_frame_id for each in facts.cameras.values()]
        moving = list(facts.surveyed)
        if facts.long:
            for topic in self._topics.moving:
                moving += self._all(topic, _around(topic, log_ns))
        found = build_tf_tree(moving, facts.static, sensors)
        for text in found.problems:
            self._problems.add(self._bag.path, "tf", text)
        lidars = self._lidars(found, facts)
        cameras = {
            sensor_id: _placed(camera, found.tree, sensors[0])
            for sensor_id, camera in facts.cameras.items()
        }
        return Rig(cameras, lidars, found.tree, found.ego_coord_frame_id)

    def _lidars(self, found: TfTree, facts: _Facts) -> dict[str, LidarSensor]:
        lidars = {}
        main = next(iter(facts.cloud_frame_ids.values()), ROOT)
        for sensor_id, frame_id in facts.cloud_frame_ids.items():
            if frame_id not in found.tree:
                # Better seen at the main lidar's place than not at all, and said so.
                found.tree.add(RigidTransform.identity(main, frame_id))
                told = (
                    f"{sensor_id}: no transform joins {frame_id!r} with {main!r}; its points are"
                    " shown as if the two were one"
                )
                self._problems.add(self._bag.path, "tf", told)
            is_radar = "radar" in sensor_id.lower()
            kind = RangeSensorKind.RADAR if is_radar else RangeSensorKind.LIDAR
            lidars[sensor_id] = LidarSensor(sensor_id, frame_id, kind)
        return lidars

    def _camera(self, sensor_id: str, camera: CameraTopic) -> CameraSensor:
        image = self._first(camera.topic)
        frame_id = ""
        size = None
        if isinstance(image, ImageMessage | EncodedImageMessage):
            frame_id = image.header.frame_id
            size = _size_of(image)
        if camera.calibration is None:
            told = "no calibration: no topic beside the images describes this camera"
            return CameraSensor(sensor_id, frame_id, None, told)
        message = self._first(camera.calibration)
        if not isinstance(message, CalibrationMessage):
            told = f"no calibration: no message of {camera.calibration.name} can be read"
            return CameraSensor(sensor_id, frame_id, None, told)
        frame_id = message.header.frame_id or frame_id
        try:
            lens = lens_from_message(message, size, rectified=camera.rectified)
        except RefusedLens as refusal:
            return CameraSensor(sensor_id, frame_id, None, str(refusal))
        return CameraSensor(sensor_id, frame_id, lens)

    def _first(self, topic: Topic) -> Message | None:
        """Return the first message that can be read; a calibration that is all zero is none."""
        found: Message | None = None
        for index in range(min(TRIED_MESSAGES, len(topic))):
            try:
                found = self._decode(topic, index)
            except DamagedData as damage:
                self._problems.add_damage(damage)
                continue
            if not isinstance(found, CalibrationMessage) or any(found.k):
                return found
        return found

    def _all(self, topic: Topic, rows: Sequence[int] | None) -> list[TransformMessage]:
        """Return the transforms of some messages, or of all of them."""
        transforms: list[TransformMessage] = []
        for row in range(len(topic)) if rows is None else rows:
            try:
                message = self._decode(topic, row)
            except DamagedData as damage:
                self._problems.add_damage(damage)
                continue
            if isinstance(message, list):
                transforms += [each for each in message if isinstance(each, TransformMessage)]
        return transforms

    def _decode(self, topic: Topic, index: int) -> Message:
        channel, data = topic.read(index)
        try:
            return self._decoder.decode(channel, data)
        except ValueError as error:
            raise DamagedData(topic.path, topic.place(index), str(error)) from None


def _surveyed(count: int) -> Sequence[int]:
    """Return rows of runs of messages, evenly spread."""
    starts = np.linspace(0, max(0, count - SURVEYED_RUN), SURVEYED_PLACES).astype(np.int64)
    rows = np.unique(starts[:, None] + np.arange(SURVEYED_RUN))
    found: list[int] = rows[rows < count].tolist()
    return found


def _around(topic: Topic, log_ns: int) -> Sequence[int]:
    """Return the rows near a time, and one more to either side."""
    span = np.searchsorted(topic.log_ns, (log_ns - WINDOW_NS, log_ns + WINDOW_NS))
    return range(max(0, int(span[0]) - 1), min(len(topic), int(span[1]) + 1))


def _placed(camera: CameraSensor, tree: TransformTree, main: str) -> CameraSensor:
    """Return the camera in its coord frame, or without a lens when tf does not know where it is."""
    if camera.coord_frame_id in tree and camera.coord_frame_id:
        return camera
    told = camera.refusal or (
        f"no transform joins its coord frame {camera.coord_frame_id!r} with {main!r}"
    )
    return CameraSensor(camera.sensor_id, ROOT, None, told)


def _size_of(image: ImageMessage | EncodedImageMessage) -> tuple[int, int] | None:
    if isinstance(image, ImageMessage):
        return image.width, image.height
    try:
        return encoded_size(encoded_bytes(image), "image")
    except (DamagedData, ValueError):
        return None
