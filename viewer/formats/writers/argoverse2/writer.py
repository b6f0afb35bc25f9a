"""Writes scenes as Argoverse 2 sensor logs: one folder a scene."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from viewer.formats.argoverse2.format import Argoverse2Format
from viewer.formats.native.paths import file_stem
from viewer.formats.writers.argoverse2.calibration import CalibrationFiles
from viewer.formats.writers.argoverse2.label_rows import LabelRows
from viewer.formats.writers.argoverse2.sensor_files import SensorFiles
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
)
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import FrameTimes, ScenePoses, unique_stems
from viewer.formats.writers.target_files import file_writer
from viewer.progress import JobContext
from viewer.scene.scene import Scene


class Argoverse2Writer(SceneWriter):
    """A log a scene: the target itself, or a folder in it for each of several."""

    name: ClassVar[str] = Argoverse2Format.name
    title: ClassVar[str] = Argoverse2Format.title
    holds: ClassVar[str] = (
        "one cloud a frame in the vehicle's coord frame with intensity, laser and time, pinhole "
        "cameras, the vehicle's poses, tracked cuboids with the count of their points"
    )
    many_scenes: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        names = unique_stems([file_stem(scene.scene_id) for scene in scenes])
        single = len(scenes) == 1
        for scene, name in zip(scenes, names, strict=True):
            if single and scene.scene_id != name:
                job.losses.add("scene name", scene.scene_id, "a log is named by its folder")
            elif scene.scene_id != name:
                job.losses.add("scene name", scene.scene_id, f"becomes {name}")
            folder = job.place(name, is_only=single)
            log_id = folder.name if folder is not None else name
            _write_log(scene, log_id, folder, job.context, job.options, job.losses)


def _write_log(
    scene: Scene,
    log_id: str,
    folder: Path | None,
    context: JobContext,
    options: WriteOptions,
    losses: LossLog,
) -> None:
    _note_scene(scene, losses)
    note_left_out_label_sets(scene, options, losses)
    write = file_writer(folder)
    times = FrameTimes(scene, losses)
    poses = ScenePoses(scene, losses)
    sensors = SensorFiles(scene, times, poses, write, losses)
    calibration = CalibrationFiles(scene, times, poses, losses)
    label_sets = chosen_label_sets(scene, options)
    tables = LabelRows.of_sets(scene, log_id, label_sets, times, poses, losses)
    for frame in context.track(scene.frames, "Writing Argoverse 2"):
        cloud = sensors.write_frame(frame)
        calibration.add_frame(frame)
        for table in tables:
            table.add_frame(frame, cloud)
    sensors.finish()
    calibration.finish(write)
    for table in tables:
        table.finish(write)


def _note_scene(scene: Scene, losses: LossLog) -> None:
    title = Argoverse2Format.title
    if scene.description:
        losses.add("description", scene.scene_id, f"{title} has no place for it")
    losses.add(
        "fact about the scene", scene.scene_id, f"{title} has no place for it", len(scene.metadata)
    )
    if scene.independent:
        losses.add("independence of frames", scene.scene_id, "a log is one drive")
