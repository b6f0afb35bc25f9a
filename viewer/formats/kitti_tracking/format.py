"""Recognises and opens KITTI tracking folders."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.kitti_object.labels import CLASS_NAMES, DONT_CARE
from viewer.formats.kitti_tracking.layout import (
    LABEL_FOLDER,
    LIDAR_ID,
    KittiSequence,
    KittiSplit,
    split_folders,
)
from viewer.formats.kitti_tracking.reader import KittiTrackingReader
from viewer.progress import report_progress
from viewer.scene.class_map import UNKNOWN_COLOUR, ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Growth, Problem, Scene

SHOWN_SEQUENCES = 8
"""Opened before anything is shown."""


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
        probe.require(
            split_folders,
            "needs label_02/NNNN.txt, or velodyne/NNNN or image_02/NNNN beside calib/NNNN.txt,"
            " here or in training/ or testing/",
        )
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        dataset = _Opened(path).dataset()
        if not dataset.scenes:
            raise DamagedData(path, "", "holds no KITTI tracking frames")
        return dataset


class _Opened:
    """The sequences of a dataset, opened in their order: the first at once, the others later."""

    def __init__(self, path: Path) -> None:
        self._path = path
        splits = [KittiSplit(folder) for folder in split_folders(path)]
        self._left = [(split, name) for split in splits for name in split.names]
        self._total = len(self._left)
        self._are_named = len(splits) > 1
        self._scenes: list[Scene] = []
        self._problems: list[Problem] = []

    def dataset(self) -> Dataset:
        """Return the first scenes, and what opens the others."""
        while self._left and len(self._scenes) < SHOWN_SEQUENCES:
            self._open_next()
        return self._so_far()

    def _so_far(self) -> Dataset:
        scenes, problems = tuple(self._scenes), tuple(self._problems)
        grows = Growth(self._complete) if self._left else None
        return Dataset(self._path, KittiTrackingFormat.name, scenes, problems, growth=grows)

    def _complete(self) -> Dataset:
        while self._left:
            done = self._total - len(self._left)
            report_progress(done, self._total, f"Opening {self._total:,} sequences")
            self._open_next()
        return self._so_far()

    def _open_next(self) -> None:
        split, name = self._left[0]
        prefix = f"{split.root.name}/" if self._are_named else ""
        scene = _open_sequence(split.sequence(name), prefix)
        if scene.frames:
            self._scenes.append(scene)
        else:
            self._problems += scene.reader.problems()
        del self._left[0]


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
