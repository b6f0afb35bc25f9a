"""Writes scenes as KITTI tracking: a sequence with one calibration and one label file each."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from viewer.formats.kitti_tracking.format import KittiTrackingFormat
from viewer.formats.kitti_tracking.layout import LABEL_FOLDER, PREDICTION_PREFIXES
from viewer.formats.kitti_tracking.rig import FRAME_INTERVAL_NS
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
    read_labels,
)
from viewer.formats.writers.kitti_camera import KittiView, find_cameras, view_of
from viewer.formats.writers.kitti_files import (
    calibration,
    first_rig,
    note_scene,
    sweep_time,
    write_sensor_data,
)
from viewer.formats.writers.kitti_folders import label_folders
from viewer.formats.writers.kitti_labels import TRACKING_FILLER, KittiLabels
from viewer.formats.writers.kitti_text import KittiLine
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.target_files import Write, file_writer
from viewer.geometry.transform_tree import TransformTreeError
from viewer.progress import JobContext
from viewer.scene.scene import Frame, Scene

IMAGE_FOLDERS = ("image_02", "image_03")
NO_TRACK = "-1"


class KittiTrackingWriter(SceneWriter):
    """One split; every scene is a sequence of four digits.

    A sequence has one calibration, so boxes stand where the camera was at the time of the frame,
    not when its image was taken.
    """

    name: ClassVar[str] = KittiTrackingFormat.name
    title: ClassVar[str] = KittiTrackingFormat.title
    holds: ClassVar[str] = (
        "one sweep with intensity, one pinhole camera and one more of the same axes, "
        "tracked boxes that turn about the camera's y axis"
    )
    many_scenes: ClassVar[bool] = True
    writes_labels_only: ClassVar[bool] = True

    def _require_suitable(self, scenes: Sequence[Scene], options: WriteOptions) -> None:
        super()._require_suitable(scenes, options)
        for scene in scenes:
            find_cameras(scene, options)

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        names = _sequence_names(scenes)
        for scene, name in zip(scenes, names, strict=True):
            writer = _SequenceWriter(scene, name, file_writer(job.draft), job.options, job.losses)
            writer.run(job.context, self.title)


class TrackNumbers:
    """Whole numbers for track ids: their own where they are one, else the next that is free."""

    def __init__(self, track_ids: Sequence[str]) -> None:
        self._numbers = {each: each for each in track_ids if _is_number(each)}
        free = _free_numbers(set(self._numbers))
        for each in track_ids:
            if each not in self._numbers:
                self._numbers[each] = next(free)

    def of(self, track_id: str | None) -> str:
        """Return the number as text; -1 for no track."""
        return NO_TRACK if track_id is None else self._numbers[track_id]


def _tracks_in(frames: Sequence[Sequence[KittiLine]]) -> list[str]:
    """Return the track of every line that has one, in order."""
    return [line.track_id for lines in frames for line in lines if line.track_id is not None]


def _numbers(text: str) -> list[float]:
    """Return the numbers of a calibration text."""
    return [float(word) for word in text.split() if not word.endswith(":")]


def _is_number(track_id: str) -> bool:
    short = track_id.isascii() and track_id.isdigit() and len(track_id) < 10
    return short and str(int(track_id)) == track_id


def _free_numbers(taken: set[str]) -> Iterator[str]:
    number = 0
    while True:
        if str(number) not in taken:
            yield str(number)
        number += 1


def _sequence_names(scenes: Sequence[Scene]) -> list[str]:
    names: list[str] = []
    for scene in scenes:
        own = scene.scene_id.rpartition("/")[2]
        usable = len(own) == 4 and own.isascii() and own.isdigit() and own not in names
        free = (name for number in range(10_000) if (name := f"{number:04d}") not in names)
        names.append(own if usable else next(free))
    return names


class _SequenceWriter:
    """One run over a scene."""

    def __init__(
        self, scene: Scene, name: str, write: Write, options: WriteOptions, losses: LossLog
    ) -> None:
        self._scene = scene
        self._name = name
        self._write = write
        self._options = options
        self._losses = losses
        self._cameras = find_cameras(scene, options)
        self._calibration: str | None = None

    def run(self, context: JobContext, title: str) -> None:
        scene, losses = self._scene, self._losses
        note_scene(scene, first_rig(scene), self._name, losses)
        note_left_out_label_sets(scene, self._options, losses)
        label_sets = chosen_label_sets(scene, self._options)
        lines: dict[str, list[list[KittiLine]]] = {each.label_set_id: [] for each in label_sets}
        makers = {
            each: KittiLabels(title, f"{scene.scene_id}/{each}", losses, TRACKING_FILLER)
            for each in lines
        }
        for frame in context.track(scene.frames, "Writing KITTI tracking"):
            self._note_frame(frame)
            view = view_of(scene, frame, self._cameras, losses, at_image_time=False)
            if not self._options.labels_only:
                self._write_frame(frame, view)
            for label_set_id, rows in lines.items():
                labels = read_labels(scene, frame, label_set_id, losses)
                rows.append(makers[label_set_id].lines(labels, view) if labels else [])
        for maker in makers.values():
            maker.finish()
        if self._calibration is not None:
            self._write(f"calib/{self._name}.txt", self._calibration.encode())
        # One numbering for all label sets: the same track keeps one number.
        numbers = TrackNumbers([track for frames in lines.values() for track in _tracks_in(frames)])
        folders = label_folders(label_sets, LABEL_FOLDER, PREDICTION_PREFIXES)
        for label_set_id, folder in folders.items():
            where = f"{scene.scene_id}/{label_set_id}"
            text = self._label_text(lines[label_set_id], numbers, where)
            self._write(f"{folder}/{self._name}.txt", text.encode())

    def _write_frame(self, frame: Frame, view: KittiView | None) -> None:
        names = (f"{self._name}/", f"{frame.index:06d}")
        write_sensor_data(
            self._scene, frame, self._cameras, IMAGE_FOLDERS, names, self._write, self._losses
        )
        if view is None:
            return
        try:
            # Both ends at one time: how the sensors are mounted.
            at_ns = sweep_time(self._scene, frame) if view.at_ns is None else view.at_ns
            text = calibration(self._scene, view, at_ns, tracking=True)
        except TransformTreeError as error:
            self._losses.add("calibration", f"{self._scene.scene_id}/{frame.key}", str(error))
            return
        if self._calibration is None:
            self._calibration = text
        elif not np.allclose(_numbers(text), _numbers(self._calibration), rtol=1e-6, atol=1e-6):
            why = "a sequence has one; that of its first frame is written"
            self._losses.add("calibration of a frame", self._scene.scene_id, why)

    def _note_frame(self, frame: Frame) -> None:
        where, key = self._scene.scene_id, f"{frame.index:06d}"
        if frame.key != key:
            self._losses.add("frame name", f"{where}/{frame.key}", f"becomes {key}")
        counted_ns = frame.index * FRAME_INTERVAL_NS
        if frame.timestamp_ns is not None and frame.timestamp_ns != counted_ns:
            self._losses.add("time of a frame", where, "KITTI counts ten frames a second from 0")
        if any(image.timestamp_ns != frame.timestamp_ns for image in frame.images):
            self._losses.add("time of an image", where, "all of a frame have the frame's time")

    def _label_text(
        self, frames: Sequence[Sequence[KittiLine]], numbers: "TrackNumbers", where: str
    ) -> str:
        rows: list[str] = []
        for frame, lines in enumerate(frames):
            for line in lines:
                if line.label_id != f"{self._name}:{len(rows)}":
                    self._losses.add("label id", where, "KITTI names labels by file and line")
                rows.append(f"{frame} {numbers.of(line.track_id)} {line.text()}\n")
        for track_id in _tracks_in(frames):
            number = numbers.of(track_id)
            if number != track_id:
                place = f"{where}, track {track_id}"
                self._losses.add("track id", place, f"tracks are whole numbers; becomes {number}")
        return "".join(rows)
