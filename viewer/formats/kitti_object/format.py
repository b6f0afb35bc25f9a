"""Recognises and opens KITTI object detection folders."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.kitti_object.labels import CLASS_NAMES, COLUMN_COUNT, DONT_CARE
from viewer.formats.kitti_object.layout import LIDAR_ID, KittiSplit, list_split, split_folders
from viewer.formats.kitti_object.reader import KittiObjectReader
from viewer.formats.text_file import read_text
from viewer.scene.class_map import UNKNOWN_COLOUR, ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

SCANNED_LABEL_FILES = 400


class KittiObjectFormat:
    """The folder of a split, or the one that holds ``training`` and ``testing``.

    Boxes: middle of the bottom face, height-width-length, rotation about the camera's y axis, in
    rectified camera 0; front is the length axis; no time. Each frame has its own calibration.
    """

    name: ClassVar[str] = "kitti_object"
    title: ClassVar[str] = "KITTI object"
    labels: ClassVar[str] = "cuboids, 2D boxes"
    cameras: ClassVar[str] = "pinhole"

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        if not split_folders(probe.root):
            probe.reject(
                "needs velodyne/ or image_2/ beside calib/*.txt or label_2/*.txt,"
                " here or in training/ or testing/"
            )
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        folders = split_folders(path)
        if not folders:
            raise DamagedData(path, "", "holds no KITTI object frames")
        scenes = tuple(_open_split(list_split(folder)) for folder in folders)
        return Dataset(path, self.name, scenes)


def _open_split(split: KittiSplit) -> Scene:
    lidar_ids = (LIDAR_ID,) if split.clouds else ()
    return Scene(
        scene_id=split.root.resolve().name,
        path=split.root,
        format_name=KittiObjectFormat.name,
        frames=split.frames(),
        reader=KittiObjectReader(split),
        label_sets=tuple(_label_set(name, files) for name, files in split.labels.items()),
        class_map=_class_map(split),
        independent=True,
        lidar_ids=lidar_ids,
        camera_ids=tuple(split.images),
    )


def _label_set(name: str, files: Mapping[str, Path]) -> LabelSet:
    """Call a folder predictions when its rows carry a score."""
    scored = any(len(words) > COLUMN_COUNT for words in _first_rows(files))
    kind = LabelSetKind.PREDICTIONS if scored else LabelSetKind.GROUND_TRUTH
    return LabelSet(name, kind, "Labels" if name == "label_2" and not scored else name)


def _first_rows(files: Mapping[str, Path]) -> list[list[str]]:
    for key in islice(files, SCANNED_LABEL_FILES):
        rows = _split_rows(files[key])
        if rows:
            return rows[:1]
    return []


def _split_rows(path: Path) -> list[list[str]]:
    try:
        lines = read_text(path).splitlines()
    except DamagedData:
        # Reading the frame's labels tells of it.
        return []
    return [line.split() for line in lines if line.strip()]


def _class_map(split: KittiSplit) -> ClassMap:
    """KITTI's classes, then others found in an even sample of the label files."""
    names = list(CLASS_NAMES)
    for files in split.labels.values():
        for key in islice(files, None, None, max(1, len(files) // SCANNED_LABEL_FILES)):
            rows = _split_rows(files[key])
            names += sorted({words[0] for words in rows if len(words) >= COLUMN_COUNT})
    return ClassMap.from_names(names, {DONT_CARE: UNKNOWN_COLOUR}, {DONT_CARE})
