"""Writes a scene of any format into one scene pack."""

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData, EncodedImages
from viewer.formats.label_records import track_record
from viewer.formats.problem_log import ProblemLog
from viewer.formats.scene_pack.guarded_file import hdf5_lock
from viewer.formats.scene_pack.label_codec import pack_boxes_2d, pack_cuboids, pack_other
from viewer.formats.scene_pack.rig_codec import pack_pose, pack_rig
from viewer.formats.scene_pack.schema import (
    FORMAT_MARK,
    VERSION,
    Manifest,
    PackedClass,
    PackedFrame,
    PackedImage,
    PackedLabelSet,
    PackedOverlay,
    PackedProblem,
    PackedRig,
    PackedSweep,
    name_in_file,
)
from viewer.formats.scene_records import class_details, metadata_record, other_records
from viewer.geometry.trajectory import Trajectory
from viewer.progress import JobContext
from viewer.scene.images import Image, OverlaySource
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.metadata import FrameMetadata
from viewer.scene.scene import Frame, Problem, Scene
from viewer.scene.sensors import Rig
from viewer.scene.tracks import Track, TrackSource

CHUNK_ROWS = 131_072
COMPRESSED_FROM_BYTES = 4096


def write_scene_pack(
    scene: Scene, path: Path, context: JobContext, *, compress_points: bool = False
) -> tuple[Problem, ...]:
    """Write a whole scene; the file appears under its name only when it is complete.

    What cannot be read is left out, told in the pack's problems, and returned. Compressed points
    take about two thirds of the space and ten times the time to read.

    Raises
    ------
    ValueError
        When the path is that of the scene itself or lies inside it: data is never written to.
    OSError
        When the file cannot be written.
    """
    _refuse_source(scene, path)
    draft = path.with_name(f".{path.name}.draft")
    try:
        problems = _Packer(scene, draft, compress_points=compress_points).write(context)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return problems


def _refuse_source(scene: Scene, path: Path) -> None:
    target, source = path.resolve(), scene.path.resolve()
    inside = source.is_dir() and target.is_relative_to(source)
    if target == source or inside or target.is_dir():
        raise ValueError(f"{path} belongs to the scene; choose a place outside it")


class _Packer:
    """One run over a scene."""

    def __init__(self, scene: Scene, draft: Path, *, compress_points: bool) -> None:
        self._compress_points = compress_points
        self._scene = scene
        self._draft = draft
        self._problems = ProblemLog()
        self._rigs: list[tuple[Rig, PackedRig]] = []
        self._trajectories: list[Trajectory] = []
        self._labels: dict[str, list[FrameLabels]] = {
            label_set.label_set_id: [] for label_set in scene.label_sets
        }
        self._file: Any = None

    def write(self, context: JobContext) -> tuple[Problem, ...]:
        import h5py

        with hdf5_lock:
            self._file = h5py.File(self._draft, "w", locking=False)
        try:
            frames = tuple(
                self._pack_frame(frame)
                for frame in context.track(self._scene.frames, "Packing frames")
            )
            label_sets = self._write_labels()
            self._write_trajectories()
            left_out = self._problems.snapshot()
            self._write_manifest(frames, label_sets)
        finally:
            with hdf5_lock:
                self._file.close()
        with self._draft.open("rb+") as written:
            os.fsync(written.fileno())
        return left_out

    def _pack_frame(self, frame: Frame) -> PackedFrame:
        for label_set_id, labels in self._labels.items():
            labels.append(self._read_labels(frame, label_set_id))
        sweeps = [self._pack_sweep(frame, position) for position in range(len(frame.sweeps))]
        images = [self._pack_image(frame, position) for position in range(len(frame.images))]
        return PackedFrame(
            frame.key,
            frame.timestamp_ns,
            tuple(sweep for sweep in sweeps if sweep is not None),
            tuple(image for image in images if image is not None),
            self._pack_rig(self._scene.reader.read_rig(frame.index)),
            other_records(frame.others),
            self._frame_metadata(frame),
            self._pack_overlays(frame),
        )

    def _frame_metadata(self, frame: Frame) -> dict[str, Any]:
        reader = self._scene.reader
        if not isinstance(reader, FrameMetadata):
            return {}
        try:
            return metadata_record(reader.read_frame_metadata(frame.index))
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return {}

    def _pack_rig(self, rig: Rig) -> int:
        for number, (known, _) in enumerate(self._rigs):
            if known is rig:
                return number
        packed = pack_rig(rig, self._trajectories)
        same = next((i for i, (_, other) in enumerate(self._rigs) if other == packed), None)
        if same is not None:
            return same
        self._rigs.append((rig, packed))
        return len(self._rigs) - 1

    def _pack_sweep(self, frame: Frame, position: int) -> PackedSweep | None:
        ref = frame.sweeps[position]
        try:
            cloud = self._scene.reader.read_point_cloud(frame.index, ref.sensor_id)
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return None
        base = f"points/{frame.index}/{name_in_file(ref.sensor_id)}"
        compress = self._compress_points
        self._write_array(f"{base}/xyz", np.asarray(cloud.xyz), compress=compress)
        for name, values in cloud.fields.items():
            self._write_array(f"{base}/fields/{name_in_file(name)}", values, compress=compress)
        return PackedSweep(
            sensor_id=ref.sensor_id,
            timestamp_ns=ref.timestamp_ns,
            source=ref.source,
            coord_frame_id=cloud.coord_frame_id,
            cloud_timestamp_ns=cloud.timestamp_ns,
            finite_count=cloud.finite_count,
            organized_shape=cloud.organized_shape,
            viewpoint=None if cloud.viewpoint is None else pack_pose(cloud.viewpoint),
            fields=tuple(cloud.fields),
        )

    def _pack_image(self, frame: Frame, position: int) -> PackedImage | None:
        ref = frame.images[position]
        reader = self._scene.reader
        try:
            if isinstance(reader, EncodedImages):
                data = reader.read_encoded_image(frame.index, ref.sensor_id)
            else:
                data = _encode_png(reader.read_image(frame.index, ref.sensor_id, None))
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return None
        place = f"images/{frame.index}/{name_in_file(ref.sensor_id)}"
        self._write_array(place, np.frombuffer(data, dtype=np.uint8), compress=False)
        return PackedImage(ref.sensor_id, ref.timestamp_ns, ref.source)

    def _pack_overlays(self, frame: Frame) -> tuple[PackedOverlay, ...]:
        reader = self._scene.reader
        packed: list[PackedOverlay] = []
        if not isinstance(reader, OverlaySource):
            return ()
        for ref in frame.overlays:
            try:
                data = reader.read_encoded_overlay(frame.index, ref.sensor_id, ref.overlay_id)
            except DamagedData as damage:
                self._problems.add_damage(damage)
                continue
            place = f"overlays/{frame.index}/{len(packed)}"
            self._write_array(place, np.frombuffer(data, dtype=np.uint8), compress=False)
            packed.append(PackedOverlay(ref.sensor_id, ref.overlay_id, ref.source, ref.fill))
        return tuple(packed)

    def _read_labels(self, frame: Frame, label_set_id: str) -> FrameLabels:
        try:
            return self._scene.reader.read_labels(frame.index, label_set_id)
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return FrameLabels(CuboidLabels.empty("world"), BoxLabels2D.empty())

    def _write_labels(self) -> tuple[PackedLabelSet, ...]:
        packed = []
        for position, label_set in enumerate(self._scene.label_sets):
            frames = self._labels[label_set.label_set_id]
            headers, cuboids = pack_cuboids([labels.cuboids for labels in frames])
            boxes = pack_boxes_2d([labels.boxes_2d for labels in frames])
            self._write_arrays(f"labels/{position}/cuboids", cuboids)
            self._write_arrays(f"labels/{position}/boxes_2d", boxes)
            other = pack_other(frames)
            self._write_arrays(f"labels/{position}/other", other or {})
            packed.append(
                PackedLabelSet(
                    label_set.label_set_id,
                    label_set.kind.value,
                    label_set.title,
                    headers,
                    has_other=other is not None,
                    tracks=[track_record(each) for each in self._tracks(label_set.label_set_id)],
                )
            )
        return tuple(packed)

    def _tracks(self, label_set_id: str) -> Sequence[Track]:
        reader = self._scene.reader
        if not isinstance(reader, TrackSource):
            return ()
        try:
            return reader.read_tracks(label_set_id)
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return ()

    def _write_trajectories(self) -> None:
        for number, trajectory in enumerate(self._trajectories):
            names = ("timestamps_ns", "rotations_wxyz", "translations_m")
            arrays = {name: getattr(trajectory, name) for name in names}
            self._write_arrays(f"trajectories/{number}", arrays)

    def _write_manifest(
        self, frames: tuple[PackedFrame, ...], label_sets: tuple[PackedLabelSet, ...]
    ) -> None:
        scene = self._scene
        for problem in scene.reader.problems():
            self._problems.add_problem(problem)
        manifest = Manifest(
            version=VERSION,
            scene_id=scene.scene_id,
            made_from=scene.format_name,
            description=scene.description,
            independent=scene.independent,
            lidar_ids=tuple(scene.lidar_ids),
            camera_ids=tuple(scene.camera_ids),
            classes=tuple(
                PackedClass(entry.name, entry.colour, class_details(entry))
                for entry in scene.class_map.entries
            ),
            label_sets=label_sets,
            rigs=tuple(packed for _, packed in self._rigs),
            frames=frames,
            problems=tuple(
                PackedProblem(problem.source, problem.place, problem.message)
                for problem in self._problems.snapshot()
            ),
            metadata=metadata_record(scene.metadata),
        )
        self._write_array("manifest", np.frombuffer(msgspec.json.encode(manifest), dtype=np.uint8))
        with hdf5_lock:
            self._file.attrs["format"] = np.bytes_(FORMAT_MARK)

    def _write_arrays(self, base: str, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        for name, values in arrays.items():
            self._write_array(f"{base}/{name}", values)

    def _write_array(self, place: str, values: npt.NDArray[Any], *, compress: bool = True) -> None:
        """Write an array, in compressed chunks when that can pay."""
        options: dict[str, Any] = {}
        if compress and values.nbytes >= COMPRESSED_FROM_BYTES:
            chunk = (min(len(values), CHUNK_ROWS), *values.shape[1:])
            options = {"chunks": chunk, "compression": "gzip", "compression_opts": 1}
            options["shuffle"] = values.dtype.itemsize > 1
        with hdf5_lock:
            self._file.create_dataset(place, data=values, track_times=False, **options)


def _encode_png(image: Image) -> bytes:
    """Encode without loss, for a reader that has no image files."""
    from PIL import Image as Pillow

    buffer = io.BytesIO()
    Pillow.fromarray(np.ascontiguousarray(image.rgb())).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
