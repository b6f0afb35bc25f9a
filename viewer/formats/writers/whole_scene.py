"""The native layout and the scene pack: our own layouts, which hold a whole scene."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, EncodedImages
from viewer.formats.native.format import NativeFormat
from viewer.formats.native.paths import file_stem
from viewer.formats.native.writer import write_native_scene
from viewer.formats.scene_pack.format import ScenePackFormat
from viewer.formats.scene_pack.writer import write_scene_pack
from viewer.formats.writers.base import (
    SceneWriter,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
)
from viewer.formats.writers.label_survey import note_shared_losses
from viewer.formats.writers.losses import LossLog
from viewer.progress import JobContext
from viewer.scene.scene import Scene


class NativeWriter(SceneWriter):
    """A folder with ``scene.json``; several scenes become folders in it."""

    name: ClassVar[str] = NativeFormat.name
    title: ClassVar[str] = NativeFormat.title
    holds: ClassVar[str] = (
        "points with all fields, images, lenses, poses, cuboids and 2D boxes with attributes"
    )
    many_scenes: ClassVar[bool] = True

    def _write(
        self,
        scenes: Sequence[Scene],
        draft: Path | None,
        context: JobContext,
        options: WriteOptions,
        losses: LossLog,
    ) -> None:
        for number, scene in enumerate(scenes):
            chosen = _with_chosen_labels(scene, options, losses)
            _survey(chosen, self.title, context, losses, read_all=draft is None)
            if draft is not None:
                single = len(scenes) == 1
                folder = draft if single else draft / f"{number:04d}_{file_stem(scene.scene_id)}"
                for problem in write_native_scene(chosen, folder, context):
                    losses.add_unreadable(problem)


class ScenePackWriter(SceneWriter):
    """One HDF5 file."""

    name: ClassVar[str] = ScenePackFormat.name
    title: ClassVar[str] = ScenePackFormat.title
    holds: ClassVar[str] = NativeWriter.holds
    many_scenes: ClassVar[bool] = False

    def _write(
        self,
        scenes: Sequence[Scene],
        draft: Path | None,
        context: JobContext,
        options: WriteOptions,
        losses: LossLog,
    ) -> None:
        chosen = _with_chosen_labels(scenes[0], options, losses)
        _survey(chosen, self.title, context, losses, read_all=True)
        if draft is not None:
            write_scene_pack(chosen, draft, context)


def _with_chosen_labels(scene: Scene, options: WriteOptions, losses: LossLog) -> Scene:
    if options.label_set_id is None:
        return scene
    note_left_out_label_sets(scene, options, losses)
    return replace(scene, label_sets=chosen_label_sets(scene, options))


def _survey(
    scene: Scene, title: str, context: JobContext, losses: LossLog, *, read_all: bool
) -> None:
    """Note labels without a place, and with `read_all` what cannot be read of the rest."""
    reader = scene.reader
    for frame in context.track(scene.frames, "Reading labels"):
        for label_set in scene.label_sets:
            where = f"{scene.scene_id}/{label_set.label_set_id}"
            try:
                labels = reader.read_labels(frame.index, label_set.label_set_id)
                note_shared_losses(labels, where, title, losses)
            except DamagedData as damage:
                losses.add_unreadable(damage.as_problem())
        if not read_all:
            continue
        for sweep in frame.sweeps:
            try:
                reader.read_point_cloud(frame.index, sweep.sensor_id)
            except DamagedData as damage:
                losses.add_unreadable(damage.as_problem())
        for image in frame.images:
            try:
                if isinstance(reader, EncodedImages):
                    reader.read_encoded_image(frame.index, image.sensor_id)
                else:
                    reader.read_image(frame.index, image.sensor_id, None)
            except DamagedData as damage:
                losses.add_unreadable(damage.as_problem())
