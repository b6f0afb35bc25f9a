"""Recognises and opens KITTI tracking folders."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.kitti_object.labels import CLASS_NAMES, DONT_CARE
from viewer.formats.kitti_tracking.layout import (
    LABEL_FOLDER,
    LIDAR_ID,
    KittiSequence,
    list_split,
    split_folders,
)
from viewer.formats.kitti_tracking.reader import KittiTrackingReader
from viewer.scene.class_map import UNKNOWN_COLOUR, ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Problem, Scene


class KittiTrackingFormat:
    """The folder of a split, the one that holds ``training`` and ``testing``, or ``label_02``.

    Boxes: middle of the bottom face, height-width-length, rotation about the camera's y axis, in
    rectified camera 0; front is the length axis; at the time of the frame, ten a second. DontCare
    is never a cuboid.
    """

    name: ClassVar[str] = "kitti_tracking"
    title: ClassVar[str] = "KITTI tracking"
    labels: ClassVar[str] = "cuboids, 2D boxes"
    cameras: ClassVar[str] = "pinhole"

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        try:
            found = split_folders(probe.root)
        except DamagedData as damage:
            probe.reject(str(damage))
        if not found:
            probe.reject(
                "needs label_02/NNNN.txt, or velodyne/NNNN or image_02/NNNN beside calib/NNNN.txt,"
                " here or in training/ or testing/"
            )
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        folders = split_folders(path)
        scenes: list[Scene] = []
        problems: list[Problem] = []
        for folder in folders:
            for sequence in list_split(folder):
                prefix = f"{folder.name}/" if len(folders) > 1 else ""
                scene = _open_sequence(sequence, prefix)
                if scene.frames:
                    scenes.append(scene)
                else:
                    problems += scene.reader.problems()
        if not scenes:
            raise DamagedData(path, "", "holds no KITTI tracking frames")
        return Dataset(path, self.name, tuple(scenes), tuple(problems))


def _open_sequence(sequence: KittiSequence, prefix: str) -> Scene:
    reader = KittiTrackingReader(sequence)
    names = list(CLASS_NAMES)
    label_sets = []
    for set_id, labels in reader.labels.items():
        names += labels.class_names()
        kind = LabelSetKind.PREDICTIONS if labels.is_scored else LabelSetKind.GROUND_TRUTH
        title = "Labels" if set_id == LABEL_FOLDER and not labels.is_scored else set_id
        label_sets.append(LabelSet(set_id, kind, title))
    return Scene(
        scene_id=prefix + sequence.name,
        path=sequence.root,
        format_name=KittiTrackingFormat.name,
        frames=reader.frames,
        reader=reader,
        label_sets=tuple(label_sets),
        class_map=ClassMap.from_names(names, {DONT_CARE: UNKNOWN_COLOUR}, {DONT_CARE}),
        lidar_ids=(LIDAR_ID,) if sequence.clouds else (),
        camera_ids=tuple(sequence.images),
    )
