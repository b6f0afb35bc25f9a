"""Recognises and opens Nucleus payloads."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.folder_index import is_file, manifests_below
from viewer.formats.growth import is_large
from viewer.formats.lazy_frames import LazyFrames
from viewer.formats.nucleus.frame_list import FrameLister
from viewer.formats.nucleus.index import index_scenes, index_whole
from viewer.formats.nucleus.item_metadata import (
    INDEPENDENT,
    TypeCheck,
    with_geo_position,
)
from viewer.formats.nucleus.kept import NucleusCache, SceneFacts
from viewer.formats.nucleus.label_index import label_indexes
from viewer.formats.nucleus.labels import FrontAxis
from viewer.formats.nucleus.payload import Payload, read_payload
from viewer.formats.nucleus.reader import NucleusReader
from viewer.formats.nucleus.scene_items import SceneItems, sensor_kinds
from viewer.formats.nucleus.schema import POINT_CLOUD
from viewer.formats.nucleus.source import NucleusSource, read_facts
from viewer.formats.path_map import NO_MAP, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet
from viewer.scene.scene import Dataset, Growth, Scene

SUFFIXES = (".json", ".jsonl", ".ndjson")
HEAD_BYTES = 256 * 1024
_URL_KEYS = (b'"url"', b'"image_url"', b'"pointcloud_url"', b'"video_url"')
_FACT_KEYS = (
    b'"taxonomy_name"', b'"reference_ids"', b'"item_metadata_schema"',
    b'"annotation_metadata_schema"',
)  # fmt: skip


class NucleusFormat:
    """A payload of scenes, items, annotations or predictions, or the folder that holds some.

    Boxes: centre, full size along own x, y, z, yaw in radians about z; points, boxes and cameras in
    ``world``. The format does not say which side of a box is its front: `front_axis` does. Files
    of predictions are label sets. Frames have an order and no time.
    """

    name: ClassVar[str] = "nucleus"
    title: ClassVar[str] = "Scale Nucleus"
    labels: ClassVar[str] = "cuboids, 2D labels, masks, classes"
    cameras: ClassVar[str] = "Brown-Conrady, fisheye"

    def __init__(self, front_axis: FrontAxis = "x", path_map: PathMap = NO_MAP) -> None:
        self._front_axis: FrontAxis = front_axis
        self._path_map = path_map

    def with_choices(self, choices: Mapping[str, str]) -> "NucleusFormat":
        """Return the format that looks for data where a person says."""
        return NucleusFormat(self._front_axis, PathMap.from_choices(choices))

    def recognise(self, probe: Probe) -> Match:
        if not find_payloads(probe.root):
            kinds = ", ".join(SUFFIXES)
            probe.reject(
                f"needs a {kinds} file with reference_id beside frames with urls, or beside label"
                " and geometry"
            )
        return Match.LIKELY

    def lies_below(self, path: Path) -> bool:
        return all(file.parent != path for file in find_payloads(path))

    def open(self, path: Path) -> Dataset:
        paths = find_payloads(path)
        if not paths:
            raise DamagedData(path, "", "holds no Nucleus scenes or annotations")
        opened = _Opened(path, paths, self._front_axis, self._path_map)
        dataset = opened.dataset()
        if dataset.growth is not None and not opened.is_large:
            dataset = dataset.growth.complete()
        if not dataset.scenes:
            first = next(iter(opened.source.index_problems.snapshot()), None)
            told = f"; first problem: {first}" if first else ""
            raise DamagedData(path, "", f"holds no usable frame or annotation{told}")
        return dataset


class _Opened:
    """A dataset from the moment that its scenes are known to its whole index."""

    def __init__(
        self, path: Path, paths: Sequence[Path], front_axis: FrontAxis, path_map: PathMap
    ) -> None:
        self._path = path
        self._front_axis: FrontAxis = front_axis
        root = path if path.is_dir() else path.parent
        self.source = source = NucleusSource(root, path_map=path_map)
        self._cache = NucleusCache(paths)
        self._facts: list[SceneFacts] | None = None
        size_bytes = sum(file.stat().st_size for file in paths if is_file(file))
        kept = None
        if is_large(size_bytes=size_bytes):
            kept = self._cache.load(source.index_problems)
        if kept is not None:
            source.payloads, source.scenes, source.labels, self._facts = kept
        else:
            source.payloads = list(_read_payloads(paths, source.index_problems))
        read_facts(source)
        if kept is None:
            source.scenes = index_scenes(source.payloads, source.index_problems)
            source.labels = label_indexes(source.payloads, source.index_problems, source.id_of_item)
        self.is_large = is_large(size_bytes=size_bytes) and bool(source.scenes)
        self._parts: dict[SceneItems, tuple[LazyFrames, NucleusReader]] = {}
        self._check = TypeCheck(source.metadata_types, source.problems)

    def dataset(self) -> Dataset:
        """Return what is known now."""
        facts = self._facts
        if facts is None:
            every = frozenset(index.label_set_id for index in self.source.labels)
            facts = [
                SceneFacts(sensor_kinds(scene.ends()), every, dict(scene.metadata))
                for scene in self.source.scenes
            ]
        class_map = self.source.class_map()
        pairs = zip(self.source.scenes, facts, strict=True)
        return Dataset(
            self._path,
            NucleusFormat.name,
            tuple(self._scene(scene, own, class_map) for scene, own in pairs if scene.frame_count),
            metadata=self.source.metadata,
            metadata_types=self.source.metadata_types,
            growth=None if self._facts is not None else Growth(self._complete),
        )

    def _complete(self) -> Dataset:
        if self._facts is None:
            source = self.source
            self._facts = index_whole(source)
            if self.is_large:
                problems = source.index_problems.snapshot()
                self._cache.save(
                    source.payloads, source.scenes, source.labels, self._facts, problems
                )
        return self.dataset()

    def _scene(self, scene: SceneItems, facts: SceneFacts, class_map: ClassMap) -> Scene:
        source = self.source
        part = self._parts.get(scene)
        if part is None:
            lister = FrameLister(source, scene, self._check)
            frames = LazyFrames(scene.frame_count, lister.frames)
            part = self._parts[scene] = (frames, NucleusReader(source, scene, self._front_axis))
        used = [index for index in source.labels if index.label_set_id in facts.label_set_ids]
        metadata = with_geo_position(facts.metadata)
        independent = metadata.pop(INDEPENDENT, None) is True or scene.independent
        slices = source.slices_of([scene.scene_id])
        sensors = facts.sensors.items()
        return Scene(
            scene_id=scene.scene_id or "scene",
            path=source.root,
            format_name=NucleusFormat.name,
            frames=part[0],
            reader=part[1],
            label_sets=tuple(LabelSet(i.label_set_id, i.kind, i.label_set_id) for i in used),
            class_map=class_map,
            independent=independent,
            lidar_ids=tuple(name for name, kind in sensors if kind == POINT_CLOUD),
            camera_ids=tuple(name for name, kind in sensors if kind != POINT_CLOUD),
            description=(
                "the format does not say which side of a cuboid is its front;"
                f" +{self._front_axis} is taken"
            ),
            metadata=metadata | {"slices": slices} if slices else metadata,
        )


def _read_payloads(paths: Sequence[Path], problems: ProblemLog) -> Iterator[Payload]:
    for file in paths:
        try:
            yield read_payload(file, problems)
        except DamagedData as damage:
            problems.add_damage(damage)


def find_payloads(path: Path) -> tuple[Path, ...]:
    """Return the payload that a path is, or those in the folder and one level down.

    Files with nothing but facts of a dataset come with others and are none by themselves.
    """
    if path.is_file():
        suits = path.name.lower().endswith(SUFFIXES) and _head_of(path) is _Head.ROWS
        return (path,) if suits else ()
    if not path.is_dir():
        return ()
    heads = {file: _head_of(file) for file in manifests_below(path, SUFFIXES)}
    if _Head.ROWS not in heads.values():
        return ()
    return tuple(file for file, head in heads.items() if head is not _Head.OTHER)


class _Head(Enum):
    """What the beginning of a file looks like."""

    ROWS = "rows"
    FACTS = "facts"
    OTHER = "other"


def _head_of(path: Path) -> _Head:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return _Head.OTHER
    if b'"reference_id"' in head or b'"ref_id"' in head or b'"dataset_item_id"' in head:
        if b'"geometry"' in head and (b'"label"' in head or b'"labels"' in head):
            return _Head.ROWS
        if b'"mask_url"' in head or (b'"category"' in head and b'"label"' in head):
            return _Head.ROWS
        if any(key in head for key in _URL_KEYS):
            return _Head.ROWS
    return _Head.FACTS if any(key in head for key in _FACT_KEYS) else _Head.OTHER
