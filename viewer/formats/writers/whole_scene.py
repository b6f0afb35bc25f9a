"""The native layout and the scene pack: our own layouts, which hold a whole scene."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from viewer.formats.base import DamagedData, EncodedImages
from viewer.formats.native.format import NativeFormat
from viewer.formats.native.paths import file_stem
from viewer.formats.native.writer import write_native_scene
from viewer.formats.scene_pack.format import ScenePackFormat
from viewer.formats.scene_pack.writer import write_scene_pack
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
)
from viewer.formats.writers.label_survey import note_other_data
from viewer.formats.writers.losses import LossLog
from viewer.progress import JobContext
from viewer.scene.images import OverlaySource
from viewer.scene.scene import Frame, Scene


class NativeWriter(SceneWriter):
    """A folder with ``scene.json``; several scenes become folders in it."""

    name: ClassVar[str] = NativeFormat.name
    title: ClassVar[str] = NativeFormat.title
    holds: ClassVar[str] = (
        "points with all fields, images with overlays, lenses, poses, labels of all kinds, tracks, "
        "metadata"
    )
    many_scenes: ClassVar[bool] = True
    holds_overlays: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        for number, scene in enumerate(scenes):
            chosen = _with_chosen_labels(scene, job.options, job.losses)
            note_other_data(chosen, self.title, job.losses)
            name = f"{number:04d}_{file_stem(scene.scene_id)}"
            folder = job.place(name, is_only=len(scenes) == 1)
            if folder is None:
                _read_all(chosen, job.context, job.losses)
            else:
                for problem in write_native_scene(chosen, folder, job.context):
                    job.losses.add_unreadable(problem)


class ScenePackWriter(SceneWriter):
    """One HDF5 file."""

    name: ClassVar[str] = ScenePackFormat.name
    title: ClassVar[str] = ScenePackFormat.title
    holds: ClassVar[str] = NativeWriter.holds
    many_scenes: ClassVar[bool] = False
    holds_overlays: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        chosen = _with_chosen_labels(scenes[0], job.options, job.losses)
        note_other_data(chosen, self.title, job.losses)
        if job.draft is None:
            _read_all(chosen, job.context, job.losses)
            return
        for problem in write_scene_pack(chosen, job.draft, job.context):
            job.losses.add_unreadable(problem)


def _with_chosen_labels(scene: Scene, options: WriteOptions, losses: LossLog) -> Scene:
    if options.label_set_id is None:
        return scene
    note_left_out_label_sets(scene, options, losses)
    return replace(scene, label_sets=chosen_label_sets(scene, options))


def _read_all(scene: Scene, context: JobContext, losses: LossLog) -> None:
    """Note what cannot be read and would be missing from a copy."""
    for frame in context.track(scene.frames, "Reading frames"):
        for read in _reads(scene, frame):
            try:
                read()
            except DamagedData as damage:
                losses.add_unreadable(damage.as_problem())


def _reads(scene: Scene, frame: Frame) -> Iterator[Callable[[], object]]:
    reader, index = scene.reader, frame.index
    for label_set in scene.label_sets:
        yield partial(reader.read_labels, index, label_set.label_set_id)
    for sweep in frame.sweeps:
        yield partial(reader.read_point_cloud, index, sweep.sensor_id)
    for image in frame.images:
        if isinstance(reader, EncodedImages):
            yield partial(reader.read_encoded_image, index, image.sensor_id)
        else:
            yield partial(reader.read_image, index, image.sensor_id, None)
    if isinstance(reader, OverlaySource):
        for ref in frame.overlays:
            yield partial(reader.read_encoded_overlay, index, ref.sensor_id, ref.overlay_id)
