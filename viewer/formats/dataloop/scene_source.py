"""What the frames of a scene are made of, before anything of them is read."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import overload

from viewer.formats.base import DamagedData
from viewer.formats.dataloop.document import head_of, is_mapping, is_scene_file
from viewer.formats.dataloop.layout import (
    AUDIO_SUFFIXES,
    MAPPING_FILE,
    SCENE_FILE,
    TEXT_SUFFIXES,
    VIDEO_SUFFIXES,
    Export,
    remote_path,
)
from viewer.formats.dataloop.lidar import LidarScene, read_lidar_scene
from viewer.formats.dataloop.rig import LIDAR
from viewer.formats.folder_index import is_file, stem_of
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.path_map import MAP_HINT, NO_MAP, LeavesFolder, PathMap
from viewer.formats.points.catalog import POINT_SUFFIXES
from viewer.formats.problem_log import ProblemLog
from viewer.scene.scene import OtherKind

IMAGE, VIDEO = "image", "video"
_KINDS = (
    (VIDEO_SUFFIXES, OtherKind.VIDEO),
    (AUDIO_SUFFIXES, OtherKind.AUDIO),
    (TEXT_SUFFIXES, OtherKind.TEXT),
)


@dataclass(frozen=True, slots=True)
class ItemFrame:
    """The files of one frame."""

    key: str
    timestamp_ns: int | None = None
    cloud: Path | None = None
    images: dict[str, Path] = field(default_factory=dict)
    sheets: dict[str, Path] = field(default_factory=dict)
    """Annotations of the frame's own items, by sensor; ``""`` where the item is of no sensor."""
    other: tuple[OtherKind, Path] | None = None


@dataclass(frozen=True, slots=True)
class SceneSource:
    """A scene: frames, and annotations that run over all of them."""

    scene_id: str
    path: Path
    frames: Sequence[ItemFrame]
    timeline_sheet: Path | None = None
    timeline_sensor: str = ""
    lidar: LidarScene | None = None
    independent: bool = False
    root: Path = Path()
    """Folder of the dataset, from which its files' names count."""
    extras: tuple[Path, ...] = ()
    """Items that no scene shows, kept with the first."""

    def sensor_ids(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the lidars and the cameras of any of the frames."""
        if isinstance(self.frames, Stills):
            return self.frames.sensor_ids()
        lidars = (LIDAR,) if any(frame.cloud is not None for frame in self.frames) else ()
        return lidars, tuple(dict.fromkeys(name for frame in self.frames for name in frame.images))

    def sheet_paths(self) -> Iterator[str]:
        """Yield where the annotation files lie, as text."""
        if self.timeline_sheet is not None:
            yield str(self.timeline_sheet)
        if isinstance(self.frames, Stills):
            yield from self.frames.sheet_paths()
            return
        for frame in self.frames:
            yield from map(str, frame.sheets.values())

    def files(self) -> tuple[list[Path], list[Path]]:
        """Return the items, then the annotation files, each once."""
        items: list[Path] = [self.path] if self.path.is_file() else []
        sheets = [] if self.timeline_sheet is None else [self.timeline_sheet]
        for frame in self.frames:
            items += [] if frame.cloud is None else [frame.cloud]
            items += frame.images.values()
            items += [] if frame.other is None else [frame.other[1]]
            sheets += frame.sheets.values()
        items += self.extras
        known = set(sheets)
        return [each for each in dict.fromkeys(items) if each not in known], list(
            dict.fromkeys(sheets)
        )


def lidar_sources(
    export: Export, problems: ProblemLog, path_map: PathMap = NO_MAP
) -> tuple[list[SceneSource], set[str]]:
    """Return the lidar scenes of an export, and the items that they use."""
    scenes: list[SceneSource] = []
    used: set[str] = set()
    described = {each for each in export.items if each.rpartition("/")[2] == SCENE_FILE}
    for item in export.items:
        folder, _, name = item.rpartition("/")
        beside = f"{folder}/{SCENE_FILE}" if folder else SCENE_FILE
        head = b""
        if name in (SCENE_FILE, MAPPING_FILE):
            head = head_of(export.path_of(item))
        if name == MAPPING_FILE and is_mapping(head):
            used.add(item)
            if beside in described:
                continue
        elif not (name == SCENE_FILE and is_scene_file(head)):
            continue
        used.add(item)
        try:
            lidar = read_lidar_scene(export.path_of(item), problems)
        except DamagedData as damage:
            problems.add_damage(damage)
            continue
        frames = tuple(_LidarFiles(export, folder, used, problems, path_map).frames(lidar))
        scene_id = folder or export.root.name or "scene"
        path = export.path_of(item)
        sheet = export.sheet_of(item)
        scenes.append(SceneSource(scene_id, path, frames, sheet, "", lidar, root=export.root))
    return scenes, used


class _LidarFiles:
    """Finds the files that a lidar scene names."""

    def __init__(
        self,
        export: Export,
        folder: str,
        used: set[str],
        problems: ProblemLog,
        path_map: PathMap,
    ) -> None:
        self._export = export
        self._folder = folder
        self._used = used
        self._problems = problems
        self._path_map = path_map
        self._known = set(export.items)

    def frames(self, lidar: LidarScene) -> list[ItemFrame]:
        """Return the files of all frames; those that are missing are told in one problem."""
        found = []
        missing: list[Path] = []
        for number, frame in enumerate(lidar.frames):
            sheets: dict[str, Path] = {}
            item = self._item(frame.remote_path, lidar.path, frame.place)
            cloud = self._file(item, LIDAR, sheets, missing)
            images = {}
            for entry in frame.cameras:
                item = self._item(entry.remote_path, lidar.path, entry.place)
                path = self._file(item, entry.sensor_id, sheets, missing)
                if path is not None:
                    images[entry.sensor_id] = path
            stem = stem_of(frame.remote_path.rpartition("/")[2], POINT_SUFFIXES)
            key = stem if stem else str(number)
            found.append(ItemFrame(key, frame.timestamp_ns, cloud, images, sheets))
        self._problems.add_missing(missing, "file that its scene names")
        keys = [each.key for each in found]
        if len(set(keys)) != len(keys):
            found = [
                ItemFrame(str(n), each.timestamp_ns, each.cloud, each.images, each.sheets)
                for n, each in enumerate(found)
            ]
        return found

    def _item(self, path: str, source: Path, place: str) -> str | Path | None:
        """Return an item of the export, or the file elsewhere that a path is mapped to."""
        if not path:
            return None
        try:
            mapped = self._path_map.find(path)
        except LeavesFolder as error:
            self._problems.add(source, place, f"{error}; it is not read")
            return None
        if mapped is not None:
            return mapped
        item = remote_path(path, self._folder)
        if item is None:
            told = f"{path[:200]!r} may leave the dataset and is not read; {MAP_HINT}"
            self._problems.add(source, place, told)
        return item

    def _file(
        self, item: str | Path | None, sensor_id: str, sheets: dict[str, Path], missing: list[Path]
    ) -> Path | None:
        if item is None:
            return None
        if isinstance(item, Path):
            if not is_file(item):
                missing.append(item)
                return None
            return item
        self._used.add(item)
        sheet = self._export.sheet_of(item)
        if sheet is not None:
            sheets[sensor_id] = sheet
        path = self._export.path_of(item)
        if item not in self._known and not is_file(path):
            missing.append(path)
            return None
        return path


def other_sources(export: Export, used: Set[str]) -> tuple[list[SceneSource], set[str]]:
    """Return one scene a video, and one of all that stands alone; and the items that they show."""
    scenes = []
    shown: set[str] = set()
    kinds: list[tuple[str, _Kind]] = []
    claimed = {name for item in used if (name := export.sheet_name_of(item)) is not None}
    for item in export.items:
        if item in used:
            continue
        name = export.sheet_name_of(item)
        if name is not None:
            claimed.add(name)
        kind = _kind_of(item)
        if item.lower().endswith(VIDEO_SUFFIXES):
            path = export.path_of(item)
            scenes.append(
                SceneSource(item, path, (), export.sheet_of(item), VIDEO, root=export.root)
            )
            shown.add(item)
        elif kind is not None or name is not None:
            kinds.append((item, kind))
            if kind is not None:
                shown.add(item)
    if not scenes or kinds:
        kinds += [(name, _SHEET) for name in export.sheets if name not in claimed]
    if kinds:
        name = export.root.name or "items"
        root = export.root
        frames = Stills(export, kinds)
        scenes.append(SceneSource(name, root, frames, independent=True, root=root))
    return scenes, shown


def with_extras(sources: list[SceneSource], export: Export, shown: Set[str]) -> list[SceneSource]:
    """Give the items that none of the scenes has to the first of them.

    Without ``items`` and ``json`` only the file beside ``frames.json`` counts: the folder may hold
    anything.
    """
    if not sources:
        return sources
    lidar = [each for each in sources if each.lidar is not None]
    taken = {path for each in lidar for files in each.files() for path in files}
    own = export.items_root != export.root
    names = (each for each in export.items if own or each == MAPPING_FILE)
    extras = tuple(
        path for each in names if each not in shown and (path := export.path_of(each)) not in taken
    )
    return [replace(sources[0], extras=extras), *sources[1:]]


def lone_source(path: Path) -> SceneSource:
    """Return the scene of one file of annotations, whose item is not there."""
    return SceneSource(path.stem, path, (), path, root=path.parent)


_SHEET = "sheet"
_Kind = str | OtherKind | None
"""Sensor of an item, or the kind of data that is only listed; None for an item of no kind."""


class Stills(Sequence[ItemFrame]):
    """Frames of single items, made when asked for."""

    def __init__(self, export: Export, kinds: Sequence[tuple[str, _Kind]]) -> None:
        self._export = export
        self._kinds = kinds

    def __len__(self) -> int:
        return len(self._kinds)

    @overload
    def __getitem__(self, index: int) -> ItemFrame: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ItemFrame]: ...
    def __getitem__(self, index: int | slice) -> ItemFrame | Sequence[ItemFrame]:
        if isinstance(index, slice):
            return Stills(self._export, self._kinds[index])
        item, kind = self._kinds[index]
        return self._frame(item, kind)

    def sensor_ids(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the lidars and the cameras of any of the frames."""
        kinds = {kind for _, kind in self._kinds}
        return (LIDAR,) if LIDAR in kinds else (), (IMAGE,) if IMAGE in kinds else ()

    def sheet_paths(self) -> Iterator[str]:
        """Yield where the annotation files lie, as text."""
        export = self._export
        folder = f"{export.sheets_root}/"
        for item, kind in self._kinds:
            name = item if kind == _SHEET else export.sheet_name_of(item)
            if name is not None:
                yield folder + name

    def _frame(self, item: str, kind: _Kind) -> ItemFrame:
        if kind == _SHEET:
            return ItemFrame(item.removesuffix(".json"), sheets={"": self._export.sheets[item]})
        path, sheet = self._export.path_of(item), self._export.sheet_of(item)
        if kind == IMAGE:
            return ItemFrame(item, images={IMAGE: path}, sheets={IMAGE: sheet} if sheet else {})
        if kind == LIDAR:
            return ItemFrame(item, cloud=path, sheets={LIDAR: sheet} if sheet else {})
        other = (kind, path) if isinstance(kind, OtherKind) else None
        return ItemFrame(item, sheets={"": sheet} if sheet else {}, other=other)


def _kind_of(item: str) -> _Kind:
    lower = item.lower()
    if lower.endswith(IMAGE_SUFFIXES):
        return IMAGE
    if stem_of(lower.rpartition("/")[2], POINT_SUFFIXES) is not None and not lower.endswith(".txt"):
        return LIDAR
    return next((kind for suffixes, kind in _KINDS if lower.endswith(suffixes)), None)
