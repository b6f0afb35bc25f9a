"""The files of a dataset: rows of frames, labels and inferences, clouds, images, masks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.native.image_file import encoded_image, encoded_overlay
from viewer.formats.native.paths import file_stem
from viewer.formats.writers.aquarium.coord_frame_rows import CoordFrameRows
from viewer.formats.writers.aquarium.label_rows import LabelRows
from viewer.formats.writers.aquarium.mask_rows import MASK_CLASS, mask_files
from viewer.formats.writers.aquarium.names import UniqueIds, iso_date, plain_id, user_metadata
from viewer.formats.writers.aquarium.pcd_file import pcd_bytes
from viewer.formats.writers.aquarium.project_file import class_ids, joined_classes, project_row
from viewer.formats.writers.base import WriteOptions, chosen_label_sets, read_labels
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import ScenePoses
from viewer.formats.writers.target_files import write_file
from viewer.progress import JobContext
from viewer.scene.images import OverlaySource
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.metadata import FrameMetadata, GeoPosition
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import RangeSensorKind, Rig

FRAMES, LABELS, PROJECT = "frames.jsonl", "labels.jsonl", "project.json"
INFERENCES = "inferences"
SEQUENCE = "sequence_id"
DEVICE, GEO, DEFAULT_DEVICE = "device_id", "geo_position", "default_device"
Row = dict[str, Any]


class DatasetFiles:
    """One run over scenes that come from other formats.

    Parameters
    ----------
    root
        Folder to write into; None only notes the losses.
    """

    def __init__(self, root: Path | None, options: WriteOptions, losses: LossLog) -> None:
        self._root = root
        self._options = options
        self._losses = losses
        self._ids = UniqueIds(losses)
        self._task_ids: set[str] = set()
        self._class_names: dict[str, None] = {}
        self._class_ids: Mapping[str, int] = {}
        self._scene_folders: set[str] = set()

    def write(self, scenes: Sequence[Scene], context: JobContext) -> None:
        """Write all files."""
        self._class_ids = class_ids(joined_classes(scenes))
        for scene in scenes:
            self._scene(scene, context)
        classes = joined_classes(scenes, self._class_names)
        project = msgspec.json.encode(project_row(scenes[0].scene_id, classes))
        self._file(PROJECT, msgspec.json.format(project, indent=1))

    def _scene(self, scene: Scene, context: JobContext) -> None:
        folder = file_stem(scene.scene_id)
        while folder in self._scene_folders:
            folder += "_"
        self._scene_folders.add(folder)
        self._note_order(scene)
        poses = ScenePoses(scene, self._losses)
        sets = _files_of_sets(chosen_label_sets(scene, self._options), scene, self._losses)
        for frame in context.track(scene.frames, f"Writing {scene.scene_id}"):
            task_id = self._task_id(scene, frame)
            where = f"{scene.scene_id}/{frame.key}"
            rig = poses.rig(frame)
            frames = CoordFrameRows(rig, frame.timestamp_ns, where, self._losses)
            sensors = self._sensors(scene, frame, rig, frames, folder)
            if not self._options.labels_only:
                self._row(FRAMES, self._frame_row(scene, frame, task_id, frames, sensors))
            for label_set, name, key in sets:
                self._labels(scene, frame, label_set, (task_id, name, key), frames, folder)

    def _frame_row(
        self, scene: Scene, frame: Frame, task_id: str, frames: CoordFrameRows, sensors: list[Row]
    ) -> Row:
        facts: dict[str, Any] = {}
        if isinstance(scene.reader, FrameMetadata):
            try:
                facts = dict(scene.reader.read_frame_metadata(frame.index))
            except DamagedData as damage:
                self._losses.add_unreadable(damage.as_problem())
        device, place = facts.pop(DEVICE, None), facts.pop(GEO, None)
        geo: Row = {}
        if isinstance(place, GeoPosition):
            geo["geo_EPSG4326_lat"] = float(place.latitude_deg)
            geo["geo_EPSG4326_lon"] = float(place.longitude_deg)
            altitudes = int(place.altitude_m is not None)
            self._losses.add("altitude", scene.scene_id, "a place has none", altitudes)
        if not scene.independent:
            facts.setdefault(SEQUENCE, scene.scene_id)
        return {
            "task_id": task_id,
            "date_captured": self._date(frame.timestamp_ns, scene),
            "device_id": device if isinstance(device, str) else DEFAULT_DEVICE,
            "coordinate_frames": frames.rows,
            "sensor_data": sensors,
            "geo_data": geo,
            "reuse_latest_embedding": False,
            **user_metadata(facts, scene.scene_id, self._losses),
            "change": "ADD",
        }

    def _sensors(
        self, scene: Scene, frame: Frame, rig: Rig | None, frames: CoordFrameRows, folder: str
    ) -> list[Row]:
        """Return the sensors of a frame; their files are written."""
        rows: list[Row] = []
        where = f"{scene.scene_id}/{frame.key}"
        for sweep in frame.sweeps:
            name = sweep.sensor_id
            lidar = None if rig is None else rig.lidars.get(name)
            try:
                cloud = self._cloud(scene, frame, name)
            except DamagedData as damage:
                self._losses.add_unreadable(damage.as_problem())
                continue
            given = lidar.coord_frame_id if lidar else "world"
            coord_frame = frames.sensor_frame(name, given, sweep.timestamp_ns)
            url = f"pointclouds/{folder}/{file_stem(name)}/{frame.index:06d}.pcd"
            if cloud is not None:
                self._file(url, cloud)
            is_radar = lidar is not None and lidar.kind == RangeSensorKind.RADAR
            self._losses.add("radar", where, "becomes a point cloud like others", int(is_radar))
            date = self._date(sweep.timestamp_ns, scene) or self._date(frame.timestamp_ns, scene)
            rows.append(_sensor(name, "POINTCLOUD_PCD_V0", coord_frame, {"pcd_url": url}, date, {}))
        for image in frame.images:
            name = image.sensor_id
            camera = None if rig is None else rig.cameras.get(name)
            url = f"images/{folder}/{file_stem(name)}/{frame.index:06d}"
            if not self._options.labels_only:
                try:
                    data, suffix = encoded_image(scene.reader, frame.index, name)
                except DamagedData as damage:
                    self._losses.add_unreadable(damage.as_problem())
                    continue
                url += suffix
                self._file(url, data)
            size: Row = {}
            if camera is not None and camera.model is not None:
                size = {"width": camera.model.width_px, "height": camera.model.height_px}
            coord_frame = frames.camera_frame(camera, name, image.timestamp_ns)
            date = self._date(image.timestamp_ns, scene) or self._date(frame.timestamp_ns, scene)
            rows.append(_sensor(name, "IMAGE_V0", coord_frame, {"image_url": url}, date, size))
        image_frames = {
            row["sensor_id"]: row["coordinate_frame"]
            for row in rows
            if row["sensor_type"] == "IMAGE_V0"
        }
        rows += self._overlays(scene, frame, frames, image_frames, folder)
        for other in frame.others:
            what = f"{other.kind.value} of {other.sensor_id}"
            self._losses.add(what, scene.scene_id, "is not read, so it is not copied")
        return rows

    def _overlays(
        self,
        scene: Scene,
        frame: Frame,
        frames: CoordFrameRows,
        image_frames: Mapping[str, str],
        folder: str,
    ) -> list[Row]:
        """Return the overlays of a frame's images; their files are written."""
        rows: list[Row] = []
        reader = scene.reader
        if self._options.labels_only or not isinstance(reader, OverlaySource):
            return rows
        for number, ref in enumerate(frame.overlays):
            name = ref.sensor_id
            if name not in image_frames:
                # Its image cannot be read, which is told.
                continue
            try:
                data, suffix = encoded_overlay(reader, frame.index, name, ref.overlay_id)
            except DamagedData as damage:
                self._losses.add_unreadable(damage.as_problem())
                continue
            url = f"overlays/{folder}/{file_stem(name)}/{frame.index:06d}_{number}{suffix}"
            self._file(url, data)
            coord_frame = frames.overlay_frame(name, image_frames[name])
            facts = {"overlay_id": ref.overlay_id, "resize_mode": "fill" if ref.fill else "None"}
            date = self._date(frame.timestamp_ns, scene)
            urls = {"image_url": url}
            rows.append(_sensor(name, "IMAGE_OVERLAY_V0", coord_frame, urls, date, facts))
        return rows

    def _cloud(self, scene: Scene, frame: Frame, sensor_id: str) -> bytes | None:
        if self._options.labels_only:
            return None
        cloud = scene.reader.read_point_cloud(frame.index, sensor_id)
        return pcd_bytes(cloud, scene.scene_id, self._losses)

    def _labels(
        self,
        scene: Scene,
        frame: Frame,
        label_set: LabelSet,
        target: tuple[str, str, str],
        frames: CoordFrameRows,
        folder: str,
    ) -> None:
        task_id, name, key = target
        where = f"{scene.scene_id}/{label_set.label_set_id}"
        labels = read_labels(scene, frame, label_set.label_set_id, self._losses)
        if labels is None:
            return
        maker = LabelRows(task_id, self._ids, where, self._losses)
        rows = list(maker.rows(labels, frames, frame.timestamp_ns))
        self._class_names |= dict.fromkeys(row["label"] for row in rows)
        set_folder = file_stem(label_set.label_set_id)
        for number, mask in enumerate(
            mask_files(labels.masks, self._class_ids, where, self._losses)
        ):
            url = f"masks/{folder}/{set_folder}/{frame.index:06d}_{number}.png"
            self._file(url, mask.png())
            kind = "SEMANTIC_LABEL_URL_2D" if mask.instances is None else "INSTANCE_LABEL_URL_2D"
            facts = {"url": url, "resize_mode": None}
            own = maker.row(mask.label_id, kind, MASK_CLASS, mask.sensor_id, facts)
            rows.append(own)
            for value, each in (mask.instances or {}).items():
                attributes = {"id": value, "resize_mode": None, **each.attributes}
                part = f"{own['uuid']}_{value}"
                rows.append(
                    maker.row(
                        part, "INSTANCE_LABEL_2D", each.class_name, mask.sensor_id, attributes
                    )
                )
                self._class_names[each.class_name] = None
        if key == "label_data":
            self._row(name, {"task_id": task_id, "label_data": rows, "type": "GT"})
        else:
            self._row(name, _inference_row(task_id, rows))

    def _task_id(self, scene: Scene, frame: Frame) -> str:
        name = plain_id(frame.key)
        if name in self._task_ids:
            name = plain_id(f"{scene.scene_id}_{frame.key}")
        stem, number = name, 1
        while name in self._task_ids:
            number += 1
            name = f"{stem}_{number}"
        if name != frame.key:
            why = "frames have names of their own in a dataset, of plain characters"
            self._losses.add("name of a frame", scene.scene_id, why)
        self._task_ids.add(name)
        return name

    def _date(self, time_ns: int | None, scene: Scene) -> str | None:
        date = None if time_ns is None else iso_date(time_ns)
        if time_ns is not None and date is None:
            self._losses.add("time", scene.scene_id, "lies outside of the years that dates have")
        return date

    def _note_order(self, scene: Scene) -> None:
        times = [frame.timestamp_ns for frame in scene.frames if frame.timestamp_ns is not None]
        if times != sorted(times) or 0 < len(times) < len(scene.frames):
            why = "frames are ordered by their dates, then their names"
            self._losses.add("order of frames", scene.scene_id, why)

    def _row(self, name: str, row: Row) -> None:
        if self._root is None:
            return
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")

    def _file(self, name: str, data: bytes) -> None:
        write_file(self._root, name, data)


def _files_of_sets(
    label_sets: Sequence[LabelSet], scene: Scene, losses: LossLog
) -> list[tuple[LabelSet, str, str]]:
    """Return each label set with its file and the key of its rows; one set is the labels."""
    found: list[tuple[LabelSet, str, str]] = []
    stems = {LABELS.removesuffix(".jsonl")}
    for label_set in label_sets:
        own = label_set.kind != LabelSetKind.PREDICTIONS
        if own and not any(key == "label_data" for _, _, key in found):
            found.append((label_set, LABELS, "label_data"))
            continue
        if own:
            where = f"{scene.scene_id}/{label_set.label_set_id}"
            losses.add("label set", where, "there is one set of labels; becomes inferences")
        stem = file_stem(label_set.label_set_id)
        while stem in stems:
            stem += "_"
        stems.add(stem)
        found.append((label_set, f"{INFERENCES}/{stem}.jsonl", "inference_data"))
    return found


def _sensor(
    sensor_id: str, kind: str, coord_frame: str, urls: Row, date: str | None, metadata: Row
) -> Row:
    return {
        "coordinate_frame": coord_frame,
        "data_urls": urls,
        "date_captured": date,
        "sensor_id": sensor_id,
        "sensor_metadata": metadata,
        "sensor_type": kind,
        "mirror_asset": False,
    }


def _inference_row(task_id: str, rows: list[Row]) -> Row:
    return {
        "task_id": task_id,
        "type": "Inference",
        "custom_metrics": {},
        "inference_metadata": {"visualization_assets": {}, "user_metadata": {}},
        "inference_data": rows,
        "reuse_latest_embedding": False,
        "change": "ADD",
    }
