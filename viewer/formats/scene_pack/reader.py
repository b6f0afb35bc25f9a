"""Reads the frames of a scene pack."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.images import decode_image, decode_overlay
from viewer.formats.label_records import track_of, with_other_labels
from viewer.formats.problem_log import ProblemLog
from viewer.formats.scene_pack.guarded_file import GuardedFile
from viewer.formats.scene_pack.label_codec import (
    Array,
    unpack_boxes_2d,
    unpack_cuboids,
    unpack_other,
)
from viewer.formats.scene_pack.rig_codec import TrajectoryArrays, unpack_pose, unpack_rig
from viewer.formats.scene_pack.schema import (
    VERSION,
    Manifest,
    PackedSweep,
    PackedTrajectory,
    name_in_file,
)
from viewer.formats.scene_records import metadata_of
from viewer.scene.images import Image
from viewer.scene.labels import FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Problem
from viewer.scene.sensors import Rig
from viewer.scene.tracks import Track

MAX_MANIFEST_BYTES = 512 * 1024 * 1024
MAX_KEPT_COLUMN_BYTES = 16 * 1024 * 1024
_CUBOID_ROWS = ("center", "size", "rotation", "scores", "velocities")
_BOX_ROWS = ("boxes_px", "scores")


def read_manifest(file: GuardedFile) -> Manifest:
    """Return the manifest, its positions checked; `DamagedData` when it does not hold together."""
    data = file.read("manifest", max_bytes=MAX_MANIFEST_BYTES)
    try:
        manifest = msgspec.json.decode(data.astype(np.uint8).tobytes(), type=Manifest)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DamagedData(file.path, "manifest", str(error)) from None
    if manifest.version != VERSION:
        problem = f"is of version {manifest.version}; this program reads version {VERSION}"
        raise DamagedData(file.path, "manifest", problem)
    if any(frame.rig >= len(manifest.rigs) for frame in manifest.frames):
        raise DamagedData(file.path, "manifest", "a frame names a rig that is not there")
    if any(len(each.frames) != len(manifest.frames) for each in manifest.label_sets):
        raise DamagedData(file.path, "manifest", "a label set lacks frames")
    return manifest


class ScenePackReader:
    """Implements `SceneReader` over one file."""

    def __init__(self, file: GuardedFile, manifest: Manifest) -> None:
        self._file = file
        self._manifest = manifest
        self._lock = threading.Lock()
        self._rigs: dict[int, Rig] = {}
        self._columns: dict[str, Array] = {}
        self._problems = ProblemLog(
            tuple(Problem(each.source, each.place, each.message) for each in manifest.problems)
        )

    def read_rig(self, frame_index: int) -> Rig:
        number = self._manifest.frames[frame_index].rig
        with self._lock:
            if number not in self._rigs:
                self._rigs[number] = self._build_rig(number)
            return self._rigs[number]

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        sweep = self._sweep(frame_index, sensor_id)
        base = f"points/{frame_index}/{name_in_file(sensor_id)}"
        xyz = self._file.read(f"{base}/xyz")
        fields = {
            name: self._file.read(f"{base}/fields/{name_in_file(name)}") for name in sweep.fields
        }
        try:
            if xyz.dtype.kind != "f" or sweep.finite_count > len(xyz):
                raise ValueError("positions are not what the manifest says")
            return PointCloud(
                xyz=xyz,
                fields=fields,
                coord_frame_id=sweep.coord_frame_id,
                timestamp_ns=sweep.cloud_timestamp_ns,
                finite_count=sweep.finite_count,
                organized_shape=sweep.organized_shape,
                viewpoint=None if sweep.viewpoint is None else unpack_pose(sweep.viewpoint),
            )
        except ValueError as error:
            raise DamagedData(self._file.path, base, str(error)) from None

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        data = self.read_encoded_image(frame_index, sensor_id)
        source = f"{self._file.path}, images/{frame_index}/{name_in_file(sensor_id)}"
        return decode_image(data, source, min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file that was packed."""
        return self._bytes(f"images/{frame_index}/{name_in_file(sensor_id)}")

    def read_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> Image:
        """Return a picture that belongs over an image."""
        place = self._overlay_place(frame_index, sensor_id, overlay_id)
        return decode_overlay(self._bytes(place), f"{self._file.path}, {place}")

    def read_encoded_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> bytes:
        """Return the file of an overlay that was packed."""
        return self._bytes(self._overlay_place(frame_index, sensor_id, overlay_id))

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        ids = [each.label_set_id for each in self._manifest.label_sets]
        position = ids.index(label_set_id)
        label_set = self._manifest.label_sets[position]
        header = label_set.frames[frame_index]
        base = f"labels/{position}"
        cuboids = self._rows(f"{base}/cuboids", frame_index, _CUBOID_ROWS)
        boxes = self._rows(f"{base}/boxes_2d", frame_index, _BOX_ROWS)
        try:
            labels = FrameLabels(unpack_cuboids(header, cuboids), unpack_boxes_2d(boxes))
            if not label_set.has_other:
                return labels
            other = unpack_other(self._rows(f"{base}/other", frame_index, ())["texts"])
            return labels if other is None else with_other_labels(labels, other)
        except ValueError as error:
            raise DamagedData(self._file.path, f"{base}, frame {frame_index}", str(error)) from None

    def read_frame_metadata(self, frame_index: int) -> Mapping[str, Any]:
        """Return the facts about a frame."""
        return metadata_of(self._manifest.frames[frame_index].metadata)

    def read_tracks(self, label_set_id: str) -> Sequence[Track]:
        """Return what is known of the tracks of a label set as a whole."""
        records = {each.label_set_id: each.tracks for each in self._manifest.label_sets}
        return tuple(track_of(record) for record in records[label_set_id])

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        self._columns.clear()
        self._file.close()

    def _bytes(self, place: str) -> bytes:
        return self._file.read(place).astype(np.uint8, copy=False).tobytes()

    def _overlay_place(self, frame_index: int, sensor_id: str, overlay_id: str) -> str:
        for number, each in enumerate(self._manifest.frames[frame_index].overlays):
            if (each.sensor_id, each.overlay_id) == (sensor_id, overlay_id):
                return f"overlays/{frame_index}/{number}"
        problem = f"there is no overlay {overlay_id!r} of {sensor_id!r}"
        raise DamagedData(self._file.path, f"frame {frame_index}", problem)

    def _sweep(self, frame_index: int, sensor_id: str) -> PackedSweep:
        for sweep in self._manifest.frames[frame_index].sweeps:
            if sweep.sensor_id == sensor_id:
                return sweep
        place = f"points/{frame_index}/{name_in_file(sensor_id)}"
        raise DamagedData(self._file.path, place, "is missing")

    def _rows(self, base: str, frame_index: int, names: Sequence[str]) -> dict[str, Array]:
        rows: dict[str, Array] = {}
        if names:
            start, stop = self._span(f"{base}/offsets", frame_index)
            rows = {name: self._slice(f"{base}/{name}", start, stop) for name in names}
        start, stop = self._span(f"{base}/text_offsets", frame_index)
        rows["texts"] = self._slice(f"{base}/texts", start, stop)
        return rows

    def _slice(self, place: str, start: int, stop: int) -> Array:
        """Rows of a column of labels; columns of usual size are read once and kept."""
        column = self._columns.get(place)
        if column is None:
            if self._file.size_bytes(place) > MAX_KEPT_COLUMN_BYTES:
                return self._file.read(place, start, stop)
            column = self._columns.setdefault(place, self._file.read(place))
        return column[start:stop]

    def _span(self, place: str, frame_index: int) -> tuple[int, int]:
        offsets = self._slice(place, frame_index, frame_index + 2)
        if offsets.shape != (2,) or offsets.dtype.kind != "i" or not 0 <= offsets[0] <= offsets[1]:
            raise DamagedData(self._file.path, place, f"is wrong for frame {frame_index}")
        return int(offsets[0]), int(offsets[1])

    def _build_rig(self, number: int) -> Rig:
        packed = self._manifest.rigs[number]
        names = ("timestamps_ns", "rotations_wxyz", "translations_m")
        trajectories: dict[int, TrajectoryArrays] = {
            entry.number: {
                name: self._file.read(f"trajectories/{entry.number}/{name}") for name in names
            }
            for entry in packed.edges
            if isinstance(entry, PackedTrajectory)
        }
        try:
            return unpack_rig(packed, trajectories)
        except (ValueError, TypeError) as error:
            raise DamagedData(self._file.path, f"rig {number}", str(error)) from None


def open_pack(path: Path) -> tuple[ScenePackReader, Manifest]:
    """Open a file and read its manifest."""
    file = GuardedFile(path)
    try:
        manifest = read_manifest(file)
    except DamagedData:
        file.close()
        raise
    return ScenePackReader(file, manifest), manifest
