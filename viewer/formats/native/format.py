"""Recognises and opens native scenes."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.folder_index import is_file, subfolders
from viewer.formats.json_bounds import require_few_values
from viewer.formats.lazy_frames import FramesOnDemand
from viewer.formats.native.json_file import decode
from viewer.formats.native.label_file import LabelFile
from viewer.formats.native.paths import is_plainly_inside, require_inside, resolve_inside
from viewer.formats.native.reader import BrokenScene, NativeReader
from viewer.formats.native.schema import (
    MANIFEST_NAME,
    SCHEMA_NAME,
    SCHEMA_VERSION,
    FileRecord,
    FrameRecord,
    Header,
    OverlayRecord,
    SceneManifest,
)
from viewer.formats.scene_records import class_entry, metadata_of, other_refs
from viewer.formats.text_file import read_bytes
from viewer.scene.class_map import ClassMap
from viewer.scene.images import ImageRef, OverlayRef
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Frame, Scene, SweepRef

MAX_MANIFEST_BYTES = 512 * 1024 * 1024
HEAD_BYTES = 4096


class NativeFormat:
    """A folder with ``scene.json``, the file itself, or a folder of such folders.

    Boxes: centre, size along own x, y, z, quaternion wxyz, +x is the front, in the coord frame and
    at the time that each line of a label file names.
    """

    name: ClassVar[str] = "native"
    title: ClassVar[str] = "Sightline scene"
    labels: ClassVar[str] = "all kinds"
    cameras: ClassVar[str] = "all lenses"

    def recognise(self, probe: Probe) -> Match:
        manifests = find_manifests(probe.root)
        if not manifests:
            probe.reject(f"needs {MANIFEST_NAME}, here or in a folder one level down")
        if not any(_names_schema(path) for path in manifests):
            probe.reject(f'needs "schema": "{SCHEMA_NAME}" at the start of {MANIFEST_NAME}')
        return Match.CERTAIN

    def lies_below(self, path: Path) -> bool:
        return not is_file(path / MANIFEST_NAME)

    def open(self, path: Path) -> Dataset:
        manifests = [manifest for manifest in find_manifests(path) if _names_schema(manifest)]
        if not manifests:
            raise DamagedData(path, "", f"holds no {MANIFEST_NAME} of a Sightline scene")
        scenes, damages = [], []
        for manifest in manifests:
            try:
                scenes.append(open_scene(manifest))
            except DamagedData as damage:
                damages.append(damage)
                scenes.append(_broken_scene(manifest, damage))
        if len(damages) == len(scenes):
            raise damages[0]
        return Dataset(path, self.name, tuple(scenes))


def find_manifests(path: Path) -> tuple[Path, ...]:
    """Return the manifest that a path is or holds, else those one level down."""
    if path.is_file():
        return (path,) if path.name == MANIFEST_NAME else ()
    if (path / MANIFEST_NAME).is_file():
        return (path / MANIFEST_NAME,)
    if not path.is_dir():
        return ()
    candidates = (folder / MANIFEST_NAME for folder in subfolders(path))
    return tuple(candidate for candidate in candidates if candidate.is_file())


def open_scene(manifest_path: Path) -> Scene:
    """Open one scene from its manifest; `DamagedData` names the JSON path of what is wrong."""
    data = read_bytes(manifest_path, max_bytes=MAX_MANIFEST_BYTES)
    require_few_values(data, manifest_path)
    header = decode(data, Header, manifest_path)
    if header.schema != SCHEMA_NAME:
        raise DamagedData(manifest_path, "$.schema", f"is not {SCHEMA_NAME!r}")
    if not 1 <= header.version <= SCHEMA_VERSION:
        raise DamagedData(
            manifest_path,
            "$.version",
            f"is {header.version}; this Sightline reads up to {SCHEMA_VERSION}",
        )
    manifest = decode(data, SceneManifest, manifest_path)
    _check(manifest, manifest_path)
    return _scene(manifest, manifest_path)


def _scene(manifest: SceneManifest, path: Path) -> Scene:
    label_files = {
        record.id: LabelFile(
            resolve_inside(path.parent, record.file, path, f"$.label_sets[{index}].file")
        )
        for index, record in enumerate(manifest.label_sets)
    }
    return Scene(
        scene_id=manifest.scene_id,
        path=path.parent,
        format_name=NativeFormat.name,
        frames=FramesOnDemand(
            len(manifest.frames), lambda index: _frame(index, manifest.frames[index])
        ),
        reader=NativeReader(path, manifest, label_files),
        label_sets=tuple(
            LabelSet(record.id, LabelSetKind(record.kind), record.title)
            for record in manifest.label_sets
        ),
        class_map=ClassMap(
            tuple(class_entry(row.name, row.colour, row.details) for row in manifest.classes)
        ),
        independent=manifest.independent,
        lidar_ids=_sensor_ids(
            [sensor.id for rig in manifest.rigs for sensor in rig.lidars],
            [file.sensor_id for frame in manifest.frames for file in frame.point_clouds],
        ),
        camera_ids=_sensor_ids(
            [sensor.id for rig in manifest.rigs for sensor in rig.cameras],
            [file.sensor_id for frame in manifest.frames for file in frame.images],
        ),
        description=manifest.description,
        metadata=metadata_of(manifest.metadata),
        has_overlays=any(frame.overlays for frame in manifest.frames),
    )


def _frame(index: int, record: FrameRecord) -> Frame:
    return Frame(
        index=index,
        key=record.key,
        timestamp_ns=record.timestamp_ns,
        sweeps=tuple(
            SweepRef(file.sensor_id, file.timestamp_ns, file.file) for file in record.point_clouds
        ),
        images=tuple(
            ImageRef(file.sensor_id, file.timestamp_ns, file.file) for file in record.images
        ),
        others=other_refs(record.others),
        overlays=tuple(
            OverlayRef(each.sensor_id, each.overlay_id, each.file, each.fill)
            for each in record.overlays
        ),
    )


def _check(manifest: SceneManifest, path: Path) -> None:
    """Raise on what would make frames or label sets ambiguous."""
    _require_unique((frame.key for frame in manifest.frames), path, "$.frames", "key")
    _require_unique((row.id for row in manifest.label_sets), path, "$.label_sets", "id")
    for index, frame in enumerate(manifest.frames):
        place = f"$.frames[{index}]"
        if frame.rig >= len(manifest.rigs):
            raise DamagedData(path, f"{place}.rig", f"there is no rig {frame.rig}")
        for name, files in (("point_clouds", frame.point_clouds), ("images", frame.images)):
            if files:
                _check_files(files, path, f"{place}.{name}")
        if frame.overlays:
            _check_overlays(frame.overlays, path, f"{place}.overlays")
    for index, rig in enumerate(manifest.rigs):
        for name, ids in (
            ("cameras", [camera.id for camera in rig.cameras]),
            ("lidars", [lidar.id for lidar in rig.lidars]),
        ):
            _require_unique(ids, path, f"$.rigs[{index}].{name}", "id")


def _check_files(files: list[FileRecord], path: Path, place: str) -> None:
    _require_unique((file.sensor_id for file in files), path, place, "sensor_id")
    for index, file in enumerate(files):
        if not is_plainly_inside(file.file):
            require_inside(file.file, path, f"{place}[{index}].file")


def _check_overlays(overlays: list[OverlayRecord], path: Path, place: str) -> None:
    for sensor_id in {each.sensor_id for each in overlays}:
        ids = (each.overlay_id for each in overlays if each.sensor_id == sensor_id)
        _require_unique(ids, path, place, "overlay_id")
    for index, each in enumerate(overlays):
        require_inside(each.file, path, f"{place}[{index}].file")


def _require_unique(names: Iterable[str], path: Path, place: str, field: str) -> None:
    listed = list(names)
    if len(set(listed)) < len(listed):
        name, count = Counter(listed).most_common(1)[0]
        raise DamagedData(path, place, f"{field} {name!r} occurs {count} times")


def _sensor_ids(described: list[str], used: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*described, *used]))


def _names_schema(manifest: Path) -> bool:
    try:
        with manifest.open("rb") as file:
            return f'"{SCHEMA_NAME}"'.encode() in file.read(HEAD_BYTES)
    except OSError:
        return False


def _broken_scene(manifest: Path, damage: DamagedData) -> Scene:
    folder = manifest.parent
    return Scene(folder.name, folder, NativeFormat.name, (), BrokenScene(damage))
