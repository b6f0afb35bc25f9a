"""Writes scenes as KITTI object: velodyne, image_2, calib and label_2, every frame by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from viewer.formats.kitti_object.format import KittiObjectFormat
from viewer.formats.kitti_object.layout import PREDICTION_PREFIXES
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
    read_labels,
)
from viewer.formats.writers.draft import WriteRefused
from viewer.formats.writers.kitti_camera import KittiCameras, KittiView, find_cameras, view_of
from viewer.formats.writers.kitti_files import (
    calibration,
    first_rig,
    note_scene,
    sweep_time,
    write_sensor_data,
)
from viewer.formats.writers.kitti_folders import label_folders
from viewer.formats.writers.kitti_labels import OBJECT_FILLER, KittiLabels
from viewer.formats.writers.kitti_text import KittiLine
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.target_files import Write, file_writer
from viewer.geometry.transform_tree import TransformTreeError
from viewer.progress import JobContext
from viewer.scene.scene import Frame, Scene

SPLITS = ("training", "testing")
IMAGE_FOLDERS = ("image_2", "image_3")


class KittiObjectWriter(SceneWriter):
    """One split, or the two named training and testing.

    Each frame has a calibration of its own, taken between the sweep's and the image's time, so
    that points and boxes fall on the image as in the source although the vehicle moved between.
    """

    name: ClassVar[str] = KittiObjectFormat.name
    title: ClassVar[str] = KittiObjectFormat.title
    holds: ClassVar[str] = (
        "one sweep with intensity, one pinhole camera and one more of the same axes, "
        "boxes that turn about the camera's y axis"
    )
    many_scenes: ClassVar[bool] = True
    writes_labels_only: ClassVar[bool] = True

    def _require_suitable(self, scenes: Sequence[Scene], options: WriteOptions) -> None:
        super()._require_suitable(scenes, options)
        names = [scene.scene_id for scene in scenes]
        if len(scenes) > 1 and sorted(names) != sorted(SPLITS):
            raise WriteRefused(
                f"{self.title} takes one scene; choose one with --scene: {', '.join(names)}"
            )
        for scene in scenes:
            find_cameras(scene, options)

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        for scene in scenes:
            write = file_writer(job.place(scene.scene_id, is_only=len(scenes) == 1))
            split = _SplitWriter(scene, write, job.options, job.losses, self.title)
            split.run(job.context)


@dataclass(frozen=True, slots=True)
class _FrameNames:
    """Six digits where a frame is named otherwise than by digits."""

    stems: tuple[str, ...]

    @classmethod
    def of(cls, scene: Scene, losses: LossLog) -> "_FrameNames":
        keys = [frame.key for frame in scene.frames]
        if all(key.isascii() and key.isdigit() for key in keys):
            return cls(tuple(keys))
        stems = tuple(f"{frame.index:06d}" for frame in scene.frames)
        for key, stem in zip(keys, stems, strict=True):
            if key != stem:
                losses.add("frame name", f"{scene.scene_id}/{key}", f"becomes {stem}")
        return cls(stems)


class _SplitWriter:
    """One run over a scene."""

    def __init__(
        self, scene: Scene, write: Write, options: WriteOptions, losses: LossLog, title: str
    ) -> None:
        self._scene = scene
        self._write = write
        self._options = options
        self._losses = losses
        self._cameras: KittiCameras = find_cameras(scene, options)
        self._label_sets = chosen_label_sets(scene, options)
        self._folders = label_folders(self._label_sets, "label_2", PREDICTION_PREFIXES)
        self._labels = {
            each.label_set_id: KittiLabels(
                title, f"{scene.scene_id}/{each.label_set_id}", losses, OBJECT_FILLER
            )
            for each in self._label_sets
        }

    def run(self, context: JobContext) -> None:
        scene, losses = self._scene, self._losses
        note_scene(scene, first_rig(scene), scene.scene_id, losses)
        note_left_out_label_sets(scene, self._options, losses)
        names = _FrameNames.of(scene, losses)
        timed = sum(1 for frame in scene.frames if frame.timestamp_ns is not None)
        losses.add("time of a frame", scene.scene_id, "KITTI object has no times", timed)
        for frame in context.track(scene.frames, "Writing KITTI object"):
            self._write_frame(frame, names.stems[frame.index])
        for labels in self._labels.values():
            labels.finish()

    def _write_frame(self, frame: Frame, stem: str) -> None:
        view = view_of(self._scene, frame, self._cameras, self._losses, at_image_time=True)
        if not self._options.labels_only:
            write_sensor_data(
                self._scene, frame, self._cameras, IMAGE_FOLDERS, ("", stem), self._write,
                self._losses,
            )  # fmt: skip
            self._write_calibration(frame, stem, view)
        for label_set_id, folder in self._folders.items():
            labels = read_labels(self._scene, frame, label_set_id, self._losses)
            if labels is None:
                continue
            lines = self._labels[label_set_id].lines(labels, view)
            self._note_identity(lines, stem, label_set_id)
            text = "".join(line.text() + "\n" for line in lines)
            self._write(f"{folder}/{stem}.txt", text.encode())

    def _write_calibration(self, frame: Frame, stem: str, view: KittiView | None) -> None:
        try:
            if view is None:
                raise TransformTreeError("cannot be read")
            text = calibration(self._scene, view, sweep_time(self._scene, frame), tracking=False)
        except TransformTreeError as error:
            where = f"{self._scene.scene_id}/{frame.key}"
            self._losses.add("calibration", where, str(error))
            return
        self._write(f"calib/{stem}.txt", text.encode())

    def _note_identity(self, lines: Sequence[KittiLine], stem: str, label_set_id: str) -> None:
        where = f"{self._scene.scene_id}/{label_set_id}"
        tracks = sum(1 for line in lines if line.track_id is not None)
        self._losses.add("track of a label", where, "KITTI object has no tracks", tracks)
        renamed = sum(1 for row, line in enumerate(lines) if line.label_id != f"{stem}:{row}")
        self._losses.add("label id", where, "KITTI names labels by file and line", renamed)
