"""Writes any scene in the native layout."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.label_records import track_record
from viewer.formats.native.image_file import encoded_image, encoded_overlay
from viewer.formats.native.json_file import encode_readable
from viewer.formats.native.labels import line_from_labels
from viewer.formats.native.paths import file_stem
from viewer.formats.native.pcd_file import write_pcd
from viewer.formats.native.rig import record_from_rig
from viewer.formats.native.schema import (
    MANIFEST_NAME,
    SCHEMA_NAME,
    SCHEMA_VERSION,
    ClassRecord,
    FileRecord,
    FrameRecord,
    LabelSetRecord,
    OverlayRecord,
    RigRecord,
    SceneManifest,
)
from viewer.formats.problem_log import ProblemLog
from viewer.formats.scene_records import (
    class_details,
    metadata_record,
    other_records,
    plain_value,
)
from viewer.progress import JobContext
from viewer.scene.images import OverlaySource
from viewer.scene.labels import LabelSet
from viewer.scene.metadata import FrameMetadata
from viewer.scene.scene import Frame, Problem, Scene
from viewer.scene.sensors import Rig
from viewer.scene.tracks import Track, TrackSource


def write_native_scene(
    scene: Scene,
    folder: Path,
    context: JobContext | None = None,
    *,
    compress_points: bool = False,
) -> tuple[Problem, ...]:
    """Write a scene into a new or empty folder, which appears only when it is complete.

    Images are copied as they are stored where the scene can hand them out, else kept as PNG.
    Point clouds become PCD; with `compress_points` they are smaller and read more slowly.

    Returns
    -------
    What could not be read from the scene and is therefore missing from the copy.

    Raises
    ------
    ValueError
        If the folder holds something, or lies in the scene's own folder.
    """
    target = folder.resolve()
    _require_free(scene, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.draft-", dir=target.parent))
    try:
        problems = _SceneWriter(scene, draft, context or JobContext(), compress_points).write()
        draft.chmod(0o777 & ~_umask())
        if target.exists():
            target.rmdir()
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return problems


def _require_free(scene: Scene, target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ValueError(f"{target} is not an empty folder; choose a new one")
    if scene.path.exists() and target.is_relative_to(scene.path.resolve()):
        raise ValueError(f"{target} lies in the scene's own folder; choose one outside it")


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


class _SceneWriter:
    """Writes one scene into a draft folder."""

    def __init__(
        self, scene: Scene, draft: Path, context: JobContext, compress_points: bool
    ) -> None:
        self._scene = scene
        self._draft = draft
        self._context = context
        self._compress_points = compress_points
        self._problems = ProblemLog()
        self._rigs: list[RigRecord] = []
        self._index_by_rig: dict[int, int] = {}
        self._index_by_content: dict[bytes, int] = {}
        self._kept_rigs: list[Rig] = []

    def write(self) -> tuple[Problem, ...]:
        scene = self._scene
        stems = _stems([frame.key for frame in scene.frames])
        records = [
            self._write_frame(frame, stem)
            for frame, stem in zip(
                self._context.track(scene.frames, "Writing frames"), stems, strict=True
            )
        ]
        names = _stems([label_set.label_set_id for label_set in scene.label_sets])
        label_sets = [
            self._write_labels(label_set, f"labels/{name}.jsonl")
            for label_set, name in zip(scene.label_sets, names, strict=True)
        ]
        manifest = SceneManifest(
            schema=SCHEMA_NAME,
            version=SCHEMA_VERSION,
            scene_id=scene.scene_id,
            description=scene.description,
            independent=scene.independent,
            classes=[
                ClassRecord(entry.name, entry.colour, class_details(entry))
                for entry in scene.class_map.entries
            ],
            rigs=self._rigs,
            label_sets=label_sets,
            frames=records,
            metadata=metadata_record(scene.metadata),
        )
        (self._draft / MANIFEST_NAME).write_bytes(encode_readable(manifest))
        return self._problems.snapshot()

    def _write_frame(self, frame: Frame, stem: str) -> FrameRecord:
        record = FrameRecord(frame.key, frame.timestamp_ns, self._rig_index(frame.index))
        for sweep in frame.sweeps:
            with self._noting_damage():
                cloud = self._scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
                name = f"points/{file_stem(sweep.sensor_id)}/{stem}.pcd"
                write_pcd(self._new_file(name), cloud, compressed=self._compress_points)
                record.point_clouds.append(FileRecord(sweep.sensor_id, name, sweep.timestamp_ns))
        for image in frame.images:
            with self._noting_damage():
                data, suffix = encoded_image(self._scene.reader, frame.index, image.sensor_id)
                name = f"images/{file_stem(image.sensor_id)}/{stem}{suffix}"
                self._new_file(name).write_bytes(data)
                record.images.append(FileRecord(image.sensor_id, name, image.timestamp_ns))
        self._write_overlays(frame, stem, record)
        record.others = other_records(frame.others)
        if isinstance(self._scene.reader, FrameMetadata):
            with self._noting_damage():
                facts = self._scene.reader.read_frame_metadata(frame.index)
                record.metadata = metadata_record(facts)
        return record

    def _write_overlays(self, frame: Frame, stem: str, record: FrameRecord) -> None:
        reader = self._scene.reader
        if not isinstance(reader, OverlaySource):
            return
        for number, ref in enumerate(frame.overlays):
            with self._noting_damage():
                data, suffix = encoded_overlay(reader, frame.index, ref.sensor_id, ref.overlay_id)
                name = f"overlays/{file_stem(ref.sensor_id)}/{stem}_{number}{suffix}"
                self._new_file(name).write_bytes(data)
                overlay = OverlayRecord(ref.sensor_id, name, ref.overlay_id, ref.fill)
                record.overlays.append(overlay)

    def _write_labels(self, label_set: LabelSet, name: str) -> LabelSetRecord:
        with self._new_file(name).open("wb") as file:
            for frame in self._context.track(self._scene.frames, "Writing labels"):
                with self._noting_damage():
                    labels = self._scene.reader.read_labels(frame.index, label_set.label_set_id)
                    line = line_from_labels(frame.key, labels)
                    file.write(msgspec.json.encode(line, enc_hook=plain_value) + b"\n")
        reader = self._scene.reader
        tracks: Sequence[Track] = ()
        if isinstance(reader, TrackSource):
            with self._noting_damage():
                tracks = reader.read_tracks(label_set.label_set_id)
        record = msgspec.convert(
            {
                "id": label_set.label_set_id,
                "kind": label_set.kind.value,
                "file": name,
                "title": label_set.title,
            },
            LabelSetRecord,
        )
        record.tracks = [track_record(track) for track in tracks]
        return record

    def _rig_index(self, frame_index: int) -> int:
        rig = self._scene.reader.read_rig(frame_index)
        known = self._index_by_rig.get(id(rig))
        if known is not None:
            return known
        record = record_from_rig(rig)
        content = msgspec.json.encode(record)
        index = self._index_by_content.setdefault(content, len(self._rigs))
        if index == len(self._rigs):
            self._rigs.append(record)
        # Kept, so that its identity is not given to another object.
        self._kept_rigs.append(rig)
        self._index_by_rig[id(rig)] = index
        return index

    def _new_file(self, name: str) -> Path:
        path = self._draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @contextlib.contextmanager
    def _noting_damage(self) -> Iterator[None]:
        try:
            yield
        except DamagedData as damage:
            self._problems.add_damage(damage)


def _stems(names: list[str]) -> list[str]:
    """Return a file name for each name, all different on any file system."""
    taken: set[str] = set()
    stems = []
    for name in names:
        stem = base = file_stem(name)
        number = 2
        while stem.casefold() in taken:
            stem = f"{base}_{number}"
            number += 1
        taken.add(stem.casefold())
        stems.append(stem)
    return stems
