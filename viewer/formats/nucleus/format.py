"""Recognises and opens Nucleus payloads."""

from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.folder_index import manifests_below
from viewer.formats.lazy_frames import LazyFrames
from viewer.formats.nucleus.frame_list import FrameLister
from viewer.formats.nucleus.index import (
    SceneItems,
    add_unknown,
    index_labels,
    index_scenes,
    items_of,
)
from viewer.formats.nucleus.item_metadata import (
    INDEPENDENT,
    TypeCheck,
    with_geo_position,
)
from viewer.formats.nucleus.labels import FrontAxis
from viewer.formats.nucleus.payload import read_payload
from viewer.formats.nucleus.reader import NucleusReader
from viewer.formats.nucleus.schema import POINT_CLOUD
from viewer.formats.nucleus.source import NucleusSource, read_facts
from viewer.formats.path_map import NO_MAP, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet
from viewer.scene.scene import Dataset, Scene

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
        source = open_source(path, paths, self._path_map)
        scenes, problems = source.scenes, source.problems
        if not any(scene.frames for scene in scenes):
            first = next(iter(problems.snapshot()), None)
            told = f"; first problem: {first}" if first else ""
            raise DamagedData(path, "", f"holds no usable frame or annotation{told}")
        class_map = source.class_map()
        check = TypeCheck(source.metadata_types, problems)
        opened = tuple(
            self._scene(source, scene, class_map, FrameLister(source, scene, check))
            for scene in scenes
            if scene.frames
        )
        return Dataset(
            path,
            self.name,
            opened,
            metadata=source.metadata,
            metadata_types=source.metadata_types,
        )

    def _scene(
        self,
        source: NucleusSource,
        scene: SceneItems,
        class_map: ClassMap,
        lister: FrameLister,
    ) -> Scene:
        own = {item.item_id for _, item in items_of([scene])}
        own |= {scene.scene_id} | {frame.key for frame in scene.frames if not frame.items}
        sensors: dict[str, str] = {}
        for name, item in items_of([scene]):
            if name not in sensors:
                sensors[name] = item.kind
        used = [index for index in source.labels if not own.isdisjoint(index.rows)]
        metadata = with_geo_position(scene.metadata)
        independent = metadata.pop(INDEPENDENT, None) is True or scene.independent
        slices = source.slices_of([scene.scene_id])
        return Scene(
            scene_id=scene.scene_id or "scene",
            path=source.root,
            format_name=self.name,
            frames=LazyFrames(len(scene.frames), lister.frames),
            reader=NucleusReader(source, scene, self._front_axis),
            label_sets=tuple(LabelSet(i.label_set_id, i.kind, i.label_set_id) for i in used),
            class_map=class_map,
            independent=independent,
            lidar_ids=tuple(name for name, kind in sensors.items() if kind == POINT_CLOUD),
            camera_ids=tuple(name for name, kind in sensors.items() if kind != POINT_CLOUD),
            description=(
                "the format does not say which side of a cuboid is its front;"
                f" +{self._front_axis} is taken"
            ),
            metadata=metadata | {"slices": slices} if slices else metadata,
        )


def open_source(path: Path, paths: Sequence[Path], path_map: PathMap = NO_MAP) -> NucleusSource:
    """Read the indexes of some payloads; what cannot be used is noted."""
    root = path if path.is_dir() else path.parent
    problems = ProblemLog()
    payloads = []
    for file in paths:
        try:
            payloads.append(read_payload(file, problems))
        except DamagedData as damage:
            problems.add_damage(damage)
    source = NucleusSource(root, payloads, problems, path_map)
    read_facts(source)
    scenes = index_scenes(payloads, problems)
    source.scenes = scenes
    source.labels = index_labels(payloads, problems, source.ids_of_items())
    add_unknown(scenes, source.labels, problems)
    return source


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
