"""Recognises and opens ROS bags and MCAP recordings."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.folder_index import files_by_stem, natural_key
from viewer.formats.rosbag.containers import (
    METADATA,
    SUFFIXES,
    is_recording,
    is_ros2_folder,
)
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Problem, Scene

MAX_FILES = 10_000


class RosbagFormat:
    """A ROS 1 ``.bag``, an ``.mcap`` or ``.db3`` file, a ROS 2 folder, or a folder of such files.

    Each recording is one scene, with a frame for each sweep of its main lidar. Times are those
    that the sensors gave; coord frames are those of tf.
    """

    name: ClassVar[str] = "rosbag"
    title: ClassVar[str] = "ROS 1 and ROS 2 bags, MCAP"
    labels: ClassVar[str] = "cuboids"
    cameras: ClassVar[str] = "pinhole, Brown-Conrady, fisheye"

    def recognise(self, probe: Probe) -> Match:
        root = probe.root
        if root.is_file():
            if not is_recording(root):
                probe.reject("needs a file that begins as a ROS bag, MCAP or SQLite .db3 does")
            return Match.CERTAIN
        if is_ros2_folder(root):
            return Match.CERTAIN
        probe.require(
            _recordings, f"needs a recording, a folder of some, or the {METADATA} of a ROS 2 bag"
        )
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        if path.is_file() or is_ros2_folder(path):
            return Dataset(path, self.name, (self._scene(path),))
        scenes: list[Scene] = []
        problems: list[Problem] = []
        for file in _recordings(path):
            try:
                scenes.append(self._scene(file))
            except DamagedData as damage:
                problems.append(damage.as_problem())
        if not scenes:
            told = problems[0].message if problems else "holds no recording"
            raise DamagedData(problems[0].source if problems else path, "", told)
        return Dataset(path, self.name, tuple(scenes), tuple(problems))

    def _scene(self, path: Path) -> Scene:
        from viewer.formats.rosbag.reader import RosbagReader

        reader = RosbagReader(path)
        label_sets = tuple(
            LabelSet(
                label_set_id,
                LabelSetKind.PREDICTIONS
                if reader.is_prediction(label_set_id)
                else LabelSetKind.GROUND_TRUTH,
                label_set_id,
            )
            for label_set_id in reader.label_set_ids
        )
        return Scene(
            scene_id=path.name if path.is_dir() else path.stem,
            path=path,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            label_sets=label_sets,
            class_map=ClassMap.from_names(reader.class_names()),
            lidar_ids=reader.lidar_ids,
            camera_ids=reader.camera_ids,
        )


def _recordings(folder: Path) -> list[Path]:
    """Return the recordings that lie directly in a folder."""
    files = [file for suffix in SUFFIXES for file in files_by_stem(folder, (suffix,)).values()]
    found = [file for file in files[:MAX_FILES] if is_recording(file)]
    return sorted(found, key=lambda file: natural_key(file.name))
