"""Reads the frames of one scene of an Aquarium dataset."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from viewer.formats.aquarium.cuboid_rows import RowAttributes, plain_cuboids, take_rows
from viewer.formats.aquarium.custom_metrics import custom_metrics
from viewer.formats.aquarium.frame_metadata import frame_facts
from viewer.formats.aquarium.frame_state import FrameState, read_state
from viewer.formats.aquarium.index import FrameEntry
from viewer.formats.aquarium.labels import labels_from_records
from viewer.formats.aquarium.masks import read_masks
from viewer.formats.aquarium.merge import LabelRecord, merged_labels
from viewer.formats.aquarium.overlays import overlays_of
from viewer.formats.aquarium.previews import IMAGE_URL, image_path, note_preview
from viewer.formats.aquarium.rig import build_rig
from viewer.formats.aquarium.schema import ROOT, SensorRecord
from viewer.formats.base import DamagedData, UnknownFormat
from viewer.formats.cuboid_columns import CuboidColumns
from viewer.formats.data_urls import DataPlaces, UnmappedUrl
from viewer.formats.images import MAX_FILE_BYTES, read_image, read_overlay
from viewer.formats.json_lines import RowPlace
from viewer.formats.kept_frames import KeptFrames
from viewer.formats.points.bins import read_bins
from viewer.formats.points.catalog import read_points
from viewer.formats.problem_log import ProblemLog
from viewer.formats.read_ahead import ReadAhead
from viewer.formats.text_file import read_bytes
from viewer.scene.custom_metrics import CustomValue
from viewer.scene.images import Image
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.masks import Mask
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Problem
from viewer.scene.sensors import Rig

LABELS_ID = "labels"
BIN_URLS = ("pointcloud_url", "kitti_format_url", "intensity_url", "range_url")
KEPT_FRAMES = 64
MAX_FRAMES_AHEAD = 256


class AquariumReader:
    """Implements `SceneReader`; rows are decoded when their frame is asked for.

    Parameters
    ----------
    class_names
        By class id: what the values of masks mean.
    """

    def __init__(
        self,
        places: DataPlaces,
        entries: Sequence[FrameEntry],
        class_names: Mapping[int, str],
        problems: ProblemLog,
    ) -> None:
        self.root = places.root
        self.places = places
        self.entries = entries
        self._class_names = class_names
        self._problems = problems
        self._lock = threading.Lock()
        self._frames = KeptFrames(KEPT_FRAMES, self._build_frame)
        self._ahead: dict[str, ReadAhead[CuboidColumns]] = {}

    def read_rig(self, frame_index: int) -> Rig:
        return self._frames.of(frame_index)[1]

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        state, rig = self._frames.of(frame_index)
        sensor = self._sensor(state, frame_index, sensor_id, lidar=True)
        if sensor_id not in rig.lidars:
            raise self._damage(frame_index, f"the coord frame of {sensor_id!r} cannot be used")
        urls = {key: url for key, url in sensor.data_urls.items() if url}
        cloud = self._cloud(frame_index, urls)
        return replace(
            cloud,
            coord_frame_id=rig.lidars[sensor_id].coord_frame_id,
            timestamp_ns=self.entries[frame_index].time_ns,
        )

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._image_path(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image_path(frame_index, sensor_id), max_bytes=MAX_FILE_BYTES)

    def read_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> Image:
        """Return a picture that belongs over an image."""
        return read_overlay(self._overlay_path(frame_index, sensor_id, overlay_id))

    def read_encoded_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> bytes:
        """Return the file of an overlay as it is."""
        path = self._overlay_path(frame_index, sensor_id, overlay_id)
        return read_bytes(path, max_bytes=MAX_FILE_BYTES)

    def read_frame_metadata(self, frame_index: int) -> Mapping[str, Any]:
        """Return user metadata, device and place of a frame."""
        return frame_facts(self.entries[frame_index].state_rows)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        entry = self.entries[frame_index]
        rows = self.label_rows(frame_index, label_set_id)
        if not rows:
            return FrameLabels(CuboidLabels.empty(ROOT))
        timestamp_ns = entry.time_ns
        if len(rows) == 1:
            taken = self.taken_ahead(frame_index, label_set_id)
            if taken is not None:
                attributes = RowAttributes(rows[0], len(taken), self._problems)
                cuboids = taken.labels(attributes, timestamp_ns)
            else:
                cuboids = plain_cuboids(rows[0], timestamp_ns, self._problems)
            if cuboids is not None:
                return FrameLabels(cuboids)
        state, rig = self._frames.of(frame_index)
        records = merged_labels(rows, self._problems)
        return labels_from_records(
            records, rig, _frames_by_sensor(state), self._open_masks, self._problems, timestamp_ns
        )

    def label_rows(self, frame_index: int, label_set_id: str) -> Sequence[RowPlace]:
        """Return the rows with the labels of a frame."""
        return label_rows(self.entries[frame_index], label_set_id)

    def taken_ahead(self, frame_index: int, label_set_id: str) -> CuboidColumns | None:
        """Return the cuboids of a frame that were read with those of others."""
        with self._lock:
            known = self._ahead.get(label_set_id)
            if known is None:
                known = ReadAhead(partial(self._take_ahead, label_set_id))
                self._ahead[label_set_id] = known
        return known.get(frame_index)

    def read_custom_metrics(self, frame_index: int, label_set_id: str) -> Mapping[str, CustomValue]:
        """Return what the rows of an inference set tell of a frame."""
        return custom_metrics(label_rows(self.entries[frame_index], label_set_id), self._problems)

    def is_only_predicted(self, frame_index: int) -> bool:
        """Return True where no row but one of inferences names a frame."""
        entry = self.entries[frame_index]
        return not (entry.state_rows or entry.label_rows)

    def label_place(
        self, frame_index: int, label_set_id: str, label_id: str
    ) -> tuple[str, str] | None:
        """Return the file and line of a frame's labels, the last row where there are several."""
        rows = label_rows(self.entries[frame_index], label_set_id)
        return (str(rows[-1].path), f"{rows[-1].place}, {label_id}") if rows else None

    def _take_ahead(self, label_set_id: str, first: int) -> tuple[Mapping[int, CuboidColumns], int]:
        rows = []
        for entry in self.entries[first : first + MAX_FRAMES_AHEAD]:
            own = label_rows(entry, label_set_id)
            if len(own) != 1:
                break
            rows.append(own[0])
        taken, count = take_rows(rows)
        found = {first + number: columns for number, columns in taken.items()}
        return found, first + max(count, 1) - 1

    def _open_masks(self, records: Sequence[LabelRecord]) -> Sequence[Mask]:
        def resolve(url: str, record: LabelRecord) -> Path:
            return self.places.find(url, record.row.path.parent)

        return read_masks(records, self._class_names, resolve, self._problems)

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        self._frames.clear()
        with self._lock:
            self._ahead.clear()

    def _build_frame(self, frame_index: int) -> tuple[FrameState, Rig]:
        state = read_state(self.entries[frame_index], self._problems)
        return state, build_rig(state, self.places, self._problems)

    def _cloud(self, frame_index: int, urls: Mapping[str, str]) -> PointCloud:
        paths = {key: self._path(frame_index, url) for key, url in urls.items()}
        if "pcd_url" in paths:
            try:
                return read_points(paths["pcd_url"])
            except UnknownFormat as error:
                raise DamagedData(paths["pcd_url"], "", str(error).split("\n", 1)[0]) from None
        points, kitti, intensity, range_m = (paths.get(key) for key in BIN_URLS)
        if points is None and kitti is None:
            raise self._damage(frame_index, "the point cloud has neither points nor pcd_url")
        return read_bins(points=points, kitti=kitti, intensity=intensity, range_m=range_m)

    def _image_path(self, frame_index: int, sensor_id: str) -> Path:
        state, _ = self._frames.of(frame_index)
        sensor = self._sensor(state, frame_index, sensor_id, lidar=False)
        folder = self.entries[frame_index].state_rows[-1].path.parent
        try:
            path, is_preview = image_path(sensor, lambda url: self.places.find(url, folder))
        except (UnmappedUrl, LookupError) as error:
            raise self._damage(frame_index, str(error.args[0])) from None
        if is_preview:
            note_preview(sensor, self.root, self._problems)
        return path

    def _overlay_path(self, frame_index: int, sensor_id: str, overlay_id: str) -> Path:
        state, _ = self._frames.of(frame_index)
        for each in overlays_of(state.sensors):
            url = each.record.data_urls.get(IMAGE_URL)
            if (each.camera_id, each.overlay_id) == (sensor_id, overlay_id) and url:
                return self._path(frame_index, url)
        raise self._damage(frame_index, f"{sensor_id!r} has no overlay {overlay_id!r}")

    def _path(self, frame_index: int, url: str) -> Path:
        folder = self.entries[frame_index].state_rows[-1].path.parent
        try:
            return self.places.find(url, folder)
        except UnmappedUrl as unmapped:
            raise self._damage(frame_index, str(unmapped)) from None

    def _sensor(
        self, state: FrameState, frame_index: int, sensor_id: str, *, lidar: bool
    ) -> SensorRecord:
        sensor = state.find(sensor_id, lidar=lidar)
        if sensor is None:
            raise self._damage(frame_index, f"the frame has nothing of {sensor_id!r}")
        return sensor

    def _damage(self, frame_index: int, problem: str) -> DamagedData:
        rows = self.entries[frame_index].state_rows
        if rows:
            return DamagedData(rows[-1].path, rows[-1].place, problem)
        return DamagedData(self.root, self.entries[frame_index].frame_id, problem)


def _frames_by_sensor(state: FrameState) -> dict[str, str]:
    return {
        sensor.sensor_id: sensor.coordinate_frame or ROOT
        for sensor in state.sensors
        if sensor.is_lidar
    }


def label_rows(entry: FrameEntry, label_set_id: str) -> list[RowPlace]:
    """Return the rows with the labels that a frame has in one label set."""
    return (
        entry.label_rows
        if label_set_id == LABELS_ID
        else entry.inference_rows.get(label_set_id, [])
    )
