"""Writes a scene as SUSTechPOINTS: lidar, camera, calib/camera and label, by the name of a file."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from viewer.formats.euler_angles import euler_from_rotation
from viewer.formats.native.paths import file_stem
from viewer.formats.point_folder.layout import PLAIN_NAMES
from viewer.formats.rigid_matrix import is_rigid
from viewer.formats.sustechpoints.format import SustechPointsFormat
from viewer.formats.sustechpoints.labels import PLACED
from viewer.formats.sustechpoints.reader import LABEL_FOLDER, LIDAR_ID
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
)
from viewer.formats.writers.boxed_clouds import BoxedClouds
from viewer.formats.writers.cloud_cuboids import (
    CuboidRow,
    note_class_map,
    storable_attributes,
)
from viewer.formats.writers.cloud_frames import frame_stems
from viewer.formats.writers.label_survey import note_other_kinds
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import unique_stems
from viewer.formats.writers.target_files import file_writer, json_file
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.scene.class_map import ClassMap
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import CameraSensor

_XYZ = ("x", "y", "z")


class SustechPointsWriter(SceneWriter):
    """One scene; every camera has one calibration for all frames."""

    name: ClassVar[str] = SustechPointsFormat.name
    title: ClassVar[str] = SustechPointsFormat.title
    holds: ClassVar[str] = (
        "one cloud a frame, images of pinhole cameras that do not move against the lidar, "
        "tracked cuboids with attributes"
    )
    many_scenes: ClassVar[bool] = False
    writes_labels_only: ClassVar[bool] = True
    needs_sweeps: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        _FolderWriter(scenes[0], job).run()


class _FolderWriter:
    """One run over a scene."""

    def __init__(self, scene: Scene, job: WriteJob) -> None:
        options, losses = job.options, job.losses
        self._scene = scene
        self._context = job.context
        self._write = file_writer(job.draft)
        self._options = options
        self._losses = losses
        self._title = SustechPointsWriter.title
        self._clouds = BoxedClouds(scene, self._title, LABEL_FOLDER, options, losses)
        self._where = self._clouds.where
        self._class_names: set[str] = set()
        self._cameras = _camera_names(scene, losses)
        self._calibrations: dict[str, dict[str, list[float]] | None] = {}

    def run(self) -> None:
        scene, losses = self._scene, self._losses
        self._clouds.note_scene(keeps_order=True)
        if scene.independent:
            losses.add("independence of frames", scene.scene_id, "a scene is one drive")
        stems = frame_stems(scene, self._title, losses, apart_from=self._cameras.values())
        for frame in self._context.track(scene.frames, "Writing SUSTechPOINTS"):
            if not self._options.labels_only:
                self._write_sensor_data(frame, stems[frame.index])
            self._write_labels(frame, stems[frame.index])
        for sensor_id, calibration in self._calibrations.items():
            if calibration is not None:
                name = f"calib/camera/{self._cameras[sensor_id]}.json"
                self._write(name, json_file(calibration))
        note_class_map(scene, ClassMap.from_names(sorted(self._class_names)), self._title, losses)

    def _write_sensor_data(self, frame: Frame, stem: str) -> None:
        data, suffix = self._clouds.frames.file(frame)
        self._write(f"{LIDAR_ID}/{stem}{suffix}", data)
        for image in self._clouds.frames.images(frame):
            name = self._cameras[image.sensor_id]
            self._write(f"camera/{name}/{stem}{image.suffix}", image.data)
            if image.timestamp_ns != frame.timestamp_ns:
                where = f"{self._scene.scene_id}/{image.sensor_id}"
                self._losses.add("time of an image", where, "all of a frame share one time")
        self._add_calibrations(frame)

    def _add_calibrations(self, frame: Frame) -> None:
        rig = self._clouds.poses.rig(frame)
        for camera in rig.cameras.values() if rig is not None else ():
            known = self._calibrations.get(camera.sensor_id)
            if camera.sensor_id not in self._cameras or camera.model is None:
                continue
            found = self._calibration(frame, camera)
            if camera.sensor_id not in self._calibrations:
                self._calibrations[camera.sensor_id] = found
            elif found is not None and known is not None and _differ(found, known):
                where = f"{self._scene.scene_id}/{camera.sensor_id}"
                why = "a camera has one; that of its first frame is written"
                self._losses.add("calibration of a frame", where, why)

    def _calibration(self, frame: Frame, camera: CameraSensor) -> dict[str, list[float]] | None:
        where = f"{self._scene.scene_id}/{camera.sensor_id}"
        lens = camera.model
        if not isinstance(lens, Pinhole):
            name = lens.name if lens is not None else "none"
            why = f"is {name}; only pinholes have a place, the images come without calibration"
            self._losses.add("lens", where, why)
            return None
        lidar, at_ns = self._clouds.frames.place(frame)
        # Both ends at one time: how the sensors are mounted.
        pose = self._clouds.poses.between(frame, camera.coord_frame_id, lidar, at_ns, at_ns)
        if pose is None:
            return None
        matrix = pose.matrix
        if camera.camera_matrix is not None:
            matrix = camera.camera_matrix @ matrix
        if not is_rigid(matrix):
            self._losses.add("matrix of a camera", where, "is no rotation and a translation")
            return None
        return {
            "extrinsic": matrix.ravel().tolist(),
            "intrinsic": [lens.fx, 0.0, lens.cx, 0.0, lens.fy, lens.cy, 0.0, 0.0, 1.0],
        }

    def _write_labels(self, frame: Frame, stem: str) -> None:
        labels = self._clouds.labels(frame)
        if labels is None:
            if self._clouds.label_set is None:
                # By its labels, though there are none, a scene is known as one of this layout.
                self._write(f"{LABEL_FOLDER}/{stem}.json", json_file([]))
            return
        note_other_kinds(labels, self._where, self._title, self._losses)
        self._losses.add(
            "2D box", self._where, f"{self._title} has cuboids only", len(labels.boxes_2d)
        )
        rows = self._clouds.rows(frame, labels)
        self._clouds.note_label_ids(rows, stem)
        self._class_names.update(row.class_name for row in rows)
        self._write(f"{LABEL_FOLDER}/{stem}.json", json_file([self._box(row) for row in rows]))

    def _box(self, row: CuboidRow) -> dict[str, Any]:
        angles = euler_from_rotation(row.rotation, "xyz")
        parts = {"position": row.center_m, "scale": row.size_m, "rotation": angles}
        return {
            "psr": {name: dict(zip(_XYZ, part, strict=True)) for name, part in parts.items()},
            "obj_type": row.class_name,
            "obj_id": row.track_id or "",
            **storable_attributes(row.attributes, PLACED, self._where, self._losses),
        }


def _camera_names(scene: Scene, losses: LossLog) -> dict[str, str]:
    """Return the folder of each camera."""
    sensor_ids = list(scene.camera_ids)
    stems = [file_stem(sensor_id) for sensor_id in sensor_ids]
    names = unique_stems(
        [f"camera_{stem}" if stem.lower() in PLAIN_NAMES else stem for stem in stems]
    )
    for sensor_id, name in zip(sensor_ids, names, strict=True):
        if sensor_id != name:
            losses.add("name of a sensor", f"{scene.scene_id}/{sensor_id}", f"becomes {name}")
    return dict(zip(sensor_ids, names, strict=True))


def _differ(one: dict[str, list[float]], other: dict[str, list[float]]) -> bool:
    return any(not np.allclose(one[key], other[key], rtol=1e-6, atol=1e-6) for key in one)
