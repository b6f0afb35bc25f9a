"""Reads the frames of one recording."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rosbag.bag import Topic, open_bag
from viewer.formats.rosbag.boxes import labels_from_boxes
from viewer.formats.rosbag.clouds import cloud_from_message
from viewer.formats.rosbag.decoding import Decoder
from viewer.formats.rosbag.frame_times import Timeline, Times, period_of, read_timelines
from viewer.formats.rosbag.messages import (
    BoxMessage,
    CloudMessage,
    EncodedImageMessage,
    ImageMessage,
    Message,
)
from viewer.formats.rosbag.pictures import encoded_bytes, picture_from_message
from viewer.formats.rosbag.rig_source import RigSource
from viewer.formats.rosbag.sensors import find_sensors
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, SweepRef
from viewer.scene.sensors import Rig

NAMED_TOPICS: Final = 12
CLASS_SAMPLES: Final = 8
"""So many messages of boxes are looked at to learn the classes."""


class RosbagReader:
    """Implements `SceneReader` and `EncodedImages`; one frame for each sweep of the main lidar.

    The main lidar is the one with the largest sweeps among those that are about as frequent as
    the most frequent one; without a lidar the most frequent camera leads.
    """

    def __init__(self, path: Path) -> None:
        self._problems = ProblemLog()
        self._bag = open_bag(path, self._problems)
        try:
            self._decoder = Decoder()
            self._topics = find_sensors(self._bag)
            self._note_left_out()
            self._lines = self._read_timelines()
            self._main = self._main_sensor()
            self._topics = replace(self._topics, clouds=_first(self._topics.clouds, self._main))
            self._rows = self._assign()
        except DamagedData:
            self._bag.close()
            raise
        self._rigs = RigSource(self._bag, self._topics, self._decoder, self._problems)
        self.frames = tuple(self._frame(index) for index in range(len(self._rows[self._main])))
        self.lidar_ids = tuple(self._topics.clouds)
        self.camera_ids = tuple(self._topics.cameras)
        self.label_set_ids = tuple(self._topics.boxes)

    def read_rig(self, frame_index: int) -> Rig:
        return self._rigs.rig_at(frame_index, self._main_log_ns(frame_index))

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        topic = self._topics.clouds.get(sensor_id)
        index = self._message_index(frame_index, sensor_id, "point cloud")
        assert topic is not None
        message = self._decode(topic, index)
        assert isinstance(message, CloudMessage)
        try:
            cloud = cloud_from_message(message)
        except (ValueError, MemoryError) as error:
            raise DamagedData(topic.path, topic.place(index), str(error)) from None
        coord_frame_id = self.read_rig(frame_index).lidars[sensor_id].coord_frame_id
        stamp_ns = message.header.stamp_ns
        if stamp_ns <= 0:
            stamp_ns = int(self._lines[sensor_id].stamps_ns[self._rows[sensor_id][frame_index]])
        return replace(cloud, coord_frame_id=coord_frame_id, timestamp_ns=stamp_ns)

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        topic, index, message = self._image(frame_index, sensor_id)
        try:
            return picture_from_message(message, topic.source(index), min_width_px)
        except (ValueError, MemoryError) as error:
            raise DamagedData(topic.path, topic.place(index), str(error)) from None

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file in the message; of raw pixels there is none."""
        topic, index, message = self._image(frame_index, sensor_id)
        try:
            if isinstance(message, EncodedImageMessage):
                return encoded_bytes(message)
        except ValueError as error:
            raise DamagedData(topic.path, topic.place(index), str(error)) from None
        raise DamagedData(topic.path, topic.place(index), "holds raw pixels, no image file")

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        rig = self.read_rig(frame_index)
        fallback = rig.ego_coord_frame_id
        row = int(self._rows[label_set_id][frame_index]) if label_set_id in self._rows else -1
        if row < 0:
            return FrameLabels(CuboidLabels.empty(fallback))
        line = self._lines[label_set_id]
        index = int(line.index[row])
        message = self._decode(line.topic, index)
        boxes = (
            [each for each in message if isinstance(each, BoxMessage)]
            if isinstance(message, list)
            else []
        )
        stamp_ns = int(line.stamps_ns[row])
        labels, problems = labels_from_boxes(boxes, rig.transforms, fallback, stamp_ns)
        for text in problems:
            self._problems.add(line.topic.path, line.topic.place(index), text)
        return FrameLabels(labels)

    def class_names(self) -> list[str]:
        """Return the classes of some messages of boxes, from all over the recording."""
        names: dict[str, None] = {}
        for topic in self._topics.boxes.values():
            rows = np.unique(np.linspace(0, len(topic) - 1, CLASS_SAMPLES).astype(int))
            for row in rows.tolist():
                try:
                    message = self._decode(topic, row)
                except DamagedData:
                    continue
                if isinstance(message, list):
                    names |= dict.fromkeys(
                        each.class_name for each in message if isinstance(each, BoxMessage)
                    )
        return sorted(names)

    def is_prediction(self, label_set_id: str) -> bool:
        """Say whether a label set comes from a detector, by the type of its messages."""
        return self._topics.boxes[label_set_id].type_name.startswith("vision_msgs/")

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        self._rigs.clear()
        self._bag.close()

    def _note_left_out(self) -> None:
        for name in self._topics.doubled:
            told = f"{name}: another topic carries the same images; it is not shown twice"
            self._problems.add(self._bag.path, "", told)
        if self._topics.clouds or self._topics.cameras:
            return
        names = [name for name, _ in self._bag.topics]
        listed = ", ".join(names[:NAMED_TOPICS]) + (" ..." if len(names) > NAMED_TOPICS else "")
        told = f"holds no point clouds and no images; its topics are {listed or 'none'}"
        raise DamagedData(self._bag.path, "", told)

    def _read_timelines(self) -> dict[str, Timeline]:
        topics = dict(self._topics.clouds)
        topics |= {name: camera.topic for name, camera in self._topics.cameras.items()}
        topics |= self._topics.boxes
        lines = read_timelines(self._bag, [*topics.values()], self._decoder, self._problems)
        return dict(zip(topics, lines, strict=True))

    def _main_sensor(self) -> str:
        clouds, cameras = self._topics.clouds, self._topics.cameras
        if not clouds:
            return max(cameras, key=lambda name: len(cameras[name].topic))
        most = max(len(topic) for topic in clouds.values())
        often = [name for name, topic in clouds.items() if 2 * len(topic) >= most]
        return max(often, key=lambda name: self._usual_bytes(clouds[name]))

    def _usual_bytes(self, topic: Topic) -> int:
        try:
            return len(topic.read(len(topic) // 2)[1])
        except DamagedData:
            return 0

    def _assign(self) -> dict[str, Times]:
        """Rows of each sensor's timeline by frame, -1 where a frame has none of it."""
        main = self._lines[self._main].stamps_ns
        within_ns = period_of(main) // 2
        rows = {name: line.nearest(main, within_ns) for name, line in self._lines.items()}
        rows[self._main] = np.arange(len(main))
        return rows

    def _main_log_ns(self, frame_index: int) -> int:
        line = self._lines[self._main]
        return int(line.topic.log_ns[line.index[frame_index]])

    def _frame(self, index: int) -> Frame:
        sweeps, images = [], []
        for name in self._topics.clouds:
            found = self._told(name, index)
            if found is not None:
                sweeps.append(SweepRef(name, *found))
        for name in self._topics.cameras:
            found = self._told(name, index)
            if found is not None:
                images.append(ImageRef(name, *found))
        stamp_ns = int(self._lines[self._main].stamps_ns[index])
        return Frame(index, f"{index:06d}", stamp_ns, tuple(sweeps), tuple(images))

    def _told(self, sensor_id: str, frame_index: int) -> tuple[int, str] | None:
        """Return when a frame's message was measured, and where it lies."""
        row = int(self._rows[sensor_id][frame_index])
        if row < 0:
            return None
        line = self._lines[sensor_id]
        return int(line.stamps_ns[row]), line.topic.source(int(line.index[row]))

    def _message_index(self, frame_index: int, sensor_id: str, what: str) -> int:
        rows = self._rows.get(sensor_id)
        row = int(rows[frame_index]) if rows is not None else -1
        if row < 0:
            raise DamagedData(self._bag.path, sensor_id, f"the frame has no such {what}")
        return int(self._lines[sensor_id].index[row])

    def _image(
        self, frame_index: int, sensor_id: str
    ) -> tuple[Topic, int, ImageMessage | EncodedImageMessage]:
        index = self._message_index(frame_index, sensor_id, "image")
        topic = self._topics.cameras[sensor_id].topic
        message = self._decode(topic, index)
        assert isinstance(message, ImageMessage | EncodedImageMessage)
        return topic, index, message

    def _decode(self, topic: Topic, index: int) -> Message:
        channel, data = topic.read(index)
        try:
            return self._decoder.decode(channel, data)
        except ValueError as error:
            raise DamagedData(topic.path, topic.place(index), str(error)) from None


def _first(topics: Mapping[str, Topic], main: str) -> dict[str, Topic]:
    """Return topics with the main one, if it is among them, in front."""
    return {name: topics[name] for name in sorted(topics, key=lambda name: name != main)}
