"""Reads the frames of one native scene."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData, UnknownFormat
from viewer.formats.images import read_image, read_overlay
from viewer.formats.label_records import track_of
from viewer.formats.native.label_file import LabelFile
from viewer.formats.native.paths import resolve_inside
from viewer.formats.native.rig import rig_from_record
from viewer.formats.native.schema import FileRecord, SceneManifest
from viewer.formats.points.catalog import read_points
from viewer.formats.problem_log import ProblemLog
from viewer.formats.scene_records import metadata_of
from viewer.formats.text_file import read_bytes
from viewer.scene.images import Image
from viewer.scene.labels import FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Problem
from viewer.scene.sensors import Rig
from viewer.scene.tracks import Track

MAX_IMAGE_BYTES = 256 * 1024 * 1024


class NativeReader:
    """Implements `SceneReader` over the files of a scene's folder."""

    def __init__(
        self, manifest_path: Path, manifest: SceneManifest, label_files: Mapping[str, LabelFile]
    ) -> None:
        self._path = manifest_path
        self._manifest = manifest
        self._label_files = label_files
        self._problems = ProblemLog()
        self._lock = threading.Lock()
        self._rigs: dict[int, Rig] = {}
        self._looked_at: set[str] = set()

    def read_rig(self, frame_index: int) -> Rig:
        rig_index = self._manifest.frames[frame_index].rig
        with self._lock:
            rig = self._rigs.get(rig_index)
            if rig is None:
                record = self._manifest.rigs[rig_index]
                place = f"$.rigs[{rig_index}]"
                rig = rig_from_record(record, self._path, place, self._used_cameras(rig_index))
                self._rigs[rig_index] = rig
                for note in rig.transforms.notes:
                    self._problems.add(self._path, f"$.rigs[{rig_index}].coord_frames", note)
            return rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        records = self._manifest.frames[frame_index].point_clouds
        record, path = self._file(frame_index, sensor_id, records, "point_clouds")
        lidar = self.read_rig(frame_index).lidars.get(sensor_id)
        if lidar is None:
            raise DamagedData(path, "", f"the scene describes no lidar {sensor_id!r}")
        try:
            cloud = read_points(path)
        except UnknownFormat as error:
            raise DamagedData(path, "", str(error).split("\n", 1)[0]) from None
        return replace(
            cloud,
            coord_frame_id=lidar.coord_frame_id,
            timestamp_ns=record.timestamp_ns,
        )

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._image_path(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image_path(frame_index, sensor_id), max_bytes=MAX_IMAGE_BYTES)

    def read_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> Image:
        """Return a picture that belongs over an image."""
        return read_overlay(self._overlay_path(frame_index, sensor_id, overlay_id))

    def read_encoded_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> bytes:
        """Return the file of an overlay as it is."""
        path = self._overlay_path(frame_index, sensor_id, overlay_id)
        return read_bytes(path, max_bytes=MAX_IMAGE_BYTES)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        file = self._label_files[label_set_id]
        labels = file.read(self._manifest.frames[frame_index].key)
        self._note_unknown_frames(label_set_id, file)
        return labels

    def read_frame_metadata(self, frame_index: int) -> Mapping[str, Any]:
        """Return the facts about a frame."""
        return metadata_of(self._manifest.frames[frame_index].metadata)

    def read_tracks(self, label_set_id: str) -> Sequence[Track]:
        """Return what is known of the tracks of a label set as a whole."""
        records = {record.id: record.tracks for record in self._manifest.label_sets}
        return tuple(track_of(record) for record in records[label_set_id])

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        with self._lock:
            self._rigs.clear()

    def _note_unknown_frames(self, label_set_id: str, file: LabelFile) -> None:
        """Tell, once a label set, which labels no frame of the scene shows."""
        with self._lock:
            if label_set_id in self._looked_at:
                return
            self._looked_at.add(label_set_id)
        unknown = sorted(set(file.frame_keys()) - {each.key for each in self._manifest.frames})
        if unknown:
            told = repr(unknown[0]) if len(unknown) == 1 else f"{unknown[0]!r} and others"
            count = "1 frame" if len(unknown) == 1 else f"{len(unknown):,} frames"
            self._problems.add(
                file.path, "", f"has labels of {count} that the scene does not have: {told}"
            )

    def _used_cameras(self, rig_index: int) -> tuple[str, ...]:
        """Cameras that have an image in a frame of this rig."""
        names = (
            image.sensor_id
            for frame in self._manifest.frames
            if frame.rig == rig_index
            for image in frame.images
        )
        return tuple(dict.fromkeys(names))

    def _image_path(self, frame_index: int, sensor_id: str) -> Path:
        records = self._manifest.frames[frame_index].images
        return self._file(frame_index, sensor_id, records, "images")[1]

    def _overlay_path(self, frame_index: int, sensor_id: str, overlay_id: str) -> Path:
        place = f"$.frames[{frame_index}].overlays"
        for index, each in enumerate(self._manifest.frames[frame_index].overlays):
            if (each.sensor_id, each.overlay_id) == (sensor_id, overlay_id):
                name_place = f"{place}[{index}].file"
                return resolve_inside(self._path.parent, each.file, self._path, name_place)
        problem = f"the frame has no overlay {overlay_id!r} of {sensor_id!r}"
        raise DamagedData(self._path, place, problem)

    def _file(
        self, frame_index: int, sensor_id: str, records: Sequence[FileRecord], kind: str
    ) -> tuple[FileRecord, Path]:
        place = f"$.frames[{frame_index}].{kind}"
        for index, record in enumerate(records):
            if record.sensor_id == sensor_id:
                name_place = f"{place}[{index}].file"
                return record, resolve_inside(
                    self._path.parent, record.file, self._path, name_place
                )
        raise DamagedData(self._path, place, f"the frame has no file of {sensor_id!r}")


class BrokenScene:
    """Stands in for a scene whose manifest is damaged, beside scenes that open."""

    def __init__(self, damage: DamagedData) -> None:
        self._damage = damage

    def read_rig(self, frame_index: int) -> Rig:
        raise self._damage

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        raise self._damage

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        raise self._damage

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        raise self._damage

    def problems(self) -> Sequence[Problem]:
        return (self._damage.as_problem(),)

    def close(self) -> None:
        """Hold nothing."""
