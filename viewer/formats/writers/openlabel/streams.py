"""Streams of a file: sensors with their lenses, and the files and times of each frame."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.native.paths import file_stem
from viewer.formats.openlabel.rig import CAMERA, CUSTOM, DISTORTION_KEYS, MATRIX_KEYS
from viewer.formats.rigid_matrix import is_rigid
from viewer.formats.writers.cloud_frames import CloudFrames
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.openlabel.coord_systems import image_shift_m
from viewer.formats.writers.scene_poses import ScenePoses, unique_stems
from viewer.formats.writers.target_files import Write
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import COEFFICIENTS, BrownConrady
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import CameraSensor, RangeSensorKind

COEFFICIENT_COUNTS = (5, 8, 12)
"""Lengths of OpenCV's distortion arrays that the schema takes."""


class StreamTable:
    """Collects streams frame by frame; the first lens that is seen is the static one."""

    def __init__(
        self, scene: Scene, folder: str, clouds: CloudFrames, poses: ScenePoses, losses: LossLog
    ) -> None:
        self._scene = scene
        self._clouds = clouds
        self._poses = poses
        self._losses = losses
        self._types = dict.fromkeys(scene.camera_ids, CAMERA)
        self._types |= dict.fromkeys(scene.lidar_ids, RangeSensorKind.LIDAR.value)
        stems = unique_stems([file_stem(name) for name in self._types])
        self._folders = {
            name: f"{folder}/{stem}" for name, stem in zip(self._types, stems, strict=True)
        }
        self._lenses: dict[str, dict[str, Any]] = {}

    def add_frame(
        self, frame: Frame, key: str, timestamp_of: Mapping[str, str], write: Write | None
    ) -> dict[str, Any]:
        """Return the streams of a frame and write their files; with None there are no files."""
        rig = self._poses.rig(frame)
        found: dict[str, dict[str, Any]] = {}
        for camera in rig.cameras.values() if rig is not None else ():
            self._types.setdefault(camera.sensor_id, CAMERA)
            shift_m = image_shift_m(rig, camera) if rig is not None else None
            changed = self._lens(camera, shift_m)
            if changed is not None:
                found[camera.sensor_id] = {"stream_properties": changed}
        for lidar in rig.lidars.values() if rig is not None else ():
            self._types[lidar.sensor_id] = lidar.kind.value
        if write is not None:
            for name, uri in self._files(frame, key, write).items():
                found.setdefault(name, {})["uri"] = uri
        for name, timestamp in timestamp_of.items():
            # Tools take a frame's properties for all there are, so that its lens stands there too.
            stream = found.setdefault(name, {})
            lens = stream.get("stream_properties", self._lenses.get(name, {}))
            stream["stream_properties"] = {**lens, "sync": {"timestamp": timestamp}}
        return found

    def is_camera(self, name: str) -> bool:
        """Say whether a stream is a camera."""
        return self._types.get(name) == CAMERA

    def as_json(self) -> dict[str, Any]:
        """Return ``streams``; tools look for the texts although the schema does not ask them."""
        found: dict[str, Any] = {
            name: {"type": kind, "description": "", "uri": ""} for name, kind in self._types.items()
        }
        for name, lens in self._lenses.items():
            found[name]["stream_properties"] = lens
        return found

    def _lens(
        self, camera: CameraSensor, shift_m: npt.NDArray[np.float64] | None
    ) -> dict[str, Any] | None:
        """Return a lens that differs from the static one."""
        if camera.model is None:
            return None
        if camera.camera_matrix is not None and not is_rigid(camera.camera_matrix):
            where = f"{self._scene.scene_id}/{camera.sensor_id}"
            self._losses.add("lens", where, "its matrix is no rotation and a translation")
            return None
        lens = lens_properties(camera.model, np.zeros(3) if shift_m is None else shift_m)
        static = self._lenses.setdefault(camera.sensor_id, lens)
        return None if lens == static else lens

    def _files(self, frame: Frame, key: str, write: Write) -> dict[str, str]:
        found = {}
        for sweep in frame.sweeps:
            file = self._clouds.sweep_file(frame, sweep)
            if file is not None:
                found[sweep.sensor_id] = f"{self._folders[sweep.sensor_id]}/{key}{file[1]}"
                write(found[sweep.sensor_id], file[0])
        for image in self._clouds.images(frame):
            found[image.sensor_id] = f"{self._folders[image.sensor_id]}/{key}{image.suffix}"
            write(found[image.sensor_id], image.data)
        return found


def lens_properties(lens: CameraModel, shift_m: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Return ``stream_properties`` of a lens; one that the standard does not know is custom.

    `shift_m` is how far points are moved before it, (3,) metres in the camera's axes.
    """
    size = {"width_px": lens.width_px, "height_px": lens.height_px}
    if not isinstance(lens, Pinhole | BrownConrady):
        parameters = dict(lens.parameters())
        return {CUSTOM: {"model": lens.name, **size, "parameters": parameters}}
    values = [float(getattr(lens, name, 0.0)) for name in COEFFICIENTS]
    used = int(np.flatnonzero(values)[-1]) + 1 if any(values) else 0
    count = next(each for each in COEFFICIENT_COUNTS if each >= used)
    matrix = np.array([[lens.fx, 0.0, lens.cx], [0.0, lens.fy, lens.cy], [0.0, 0.0, 1.0]])
    projection = np.column_stack([matrix, matrix @ shift_m])
    # The schema and the standard's own examples spell the keys differently; tools read either.
    spelt = dict.fromkeys(MATRIX_KEYS, projection.ravel().tolist())
    spelt |= dict.fromkeys(DISTORTION_KEYS, values[:count])
    return {"intrinsics_pinhole": {**size, **spelt}}
