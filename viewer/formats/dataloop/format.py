"""Recognises and opens Dataloop exports."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.dataloop.attributes import ANNOTATIONS, PREDICTIONS
from viewer.formats.dataloop.document import head_of, is_mapping, is_scene_file, is_sheet
from viewer.formats.dataloop.layout import (
    MAPPING_FILE,
    SCENE_FILE,
    Export,
    find_export,
    lone_sheets,
    looks_like_export,
    shares_sheet,
)
from viewer.formats.dataloop.ontology import Ontology, read_ontology
from viewer.formats.dataloop.poses import DOCUMENTED, PoseConvention, stated_convention
from viewer.formats.dataloop.reader import DataloopReader
from viewer.formats.dataloop.residual import residuals_px
from viewer.formats.dataloop.scene_source import (
    SceneSource,
    lidar_sources,
    lone_source,
    other_sources,
    with_extras,
)
from viewer.formats.path_map import NO_MAP, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.metadata import MetadataType
from viewer.scene.scene import Dataset, Scene

POSE_CHOICE = "dataloop-pose"
POSE, RESIDUAL = "camera pose", "camera pose residual px"
MAX_SCANNED_BYTES = 512 * 1024 * 1024
MAX_SCANNED_FILES = 100_000
_LABEL = re.compile(rb'"label"\s*:\s*("(?:[^"\\]|\\.)*")')
_MODEL = re.compile(rb'"model"\s*:\s*\{[^{}]*?"name"\s*:\s*("(?:[^"\\]|\\.)*")')
_OPENED = re.compile(rb'"model"\s*:\s*\{\s*"')
_MARKED = re.compile(rb'"annotation_type"\s*:\s*"prediction"')


class DataloopFormat:
    """``items`` beside ``json``, a lidar folder with ``frames.json`` or ``mapping.json``, or JSON.

    Cuboids lie in ``world``: middle, full size, angles about fixed x, y, z in radians; the format
    tells no front. What an extrinsic means is a choice, see `poses`: asked for, else stated by the
    file, else the one that brings cuboids nearest to the 2D labels of the same objects, else what
    the format's viewer does.
    """

    name: ClassVar[str] = "dataloop"
    title: ClassVar[str] = "Dataloop"
    labels: ClassVar[str] = "cuboids, 2D labels, masks, classes"
    cameras: ClassVar[str] = "Brown-Conrady, fisheye, MEI"

    def __init__(self, pose: PoseConvention | None = None, path_map: PathMap = NO_MAP) -> None:
        self._pose = pose
        self._path_map = path_map

    def with_choices(self, choices: Mapping[str, str]) -> "DataloopFormat":
        """Return the format with a person's choices; ValueError for one that does not exist."""
        path_map = PathMap.from_choices(choices)
        wanted = choices.get(POSE_CHOICE)
        if wanted is None:
            return DataloopFormat(self._pose, path_map)
        if wanted not in list(PoseConvention):
            raise ValueError(f"{wanted!r} is no pose; choose {', '.join(PoseConvention)}")
        return DataloopFormat(PoseConvention(wanted), path_map)

    def recognise(self, probe: Probe) -> Match:
        root = probe.root
        if root.is_file():
            if root.suffix.lower() == ".json":
                head = head_of(root)
                if is_sheet(head) or is_scene_file(head):
                    return Match.LIKELY
                if root.name == MAPPING_FILE and is_mapping(head):
                    return Match.LIKELY
            probe.reject("needs a JSON file with annotations, isPCDFrames or lidar frames")
        if not (root.is_dir() and (looks_like_export(root) or lone_sheets(root))):
            probe.reject(
                "needs items/ beside json/ with annotations, frames.json, mapping.json, or a JSON"
                " file with label, type and coordinates"
            )
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        problems = ProblemLog()
        root = path
        if path.is_file():
            named = path.name in (SCENE_FILE, MAPPING_FILE) and not is_sheet(head_of(path))
            root = path.parent if named else path
        ontology = read_ontology(root if root.is_dir() else root.parent, problems)
        sources = self._sources(root, problems)
        if not sources:
            first = next(iter(problems.snapshot()), None)
            told = f"; first problem: {first}" if first else ""
            raise DamagedData(path, "", f"holds no Dataloop item or annotation{told}")
        notes = ProblemLog()
        scenes = tuple(self._scene(each, ontology, problems, notes) for each in sources)
        metadata: dict[str, Any] = {}
        if ontology.attributes:
            metadata["attributes"] = [dict(each) for each in ontology.attributes]
        types = ontology.attribute_types()
        types.setdefault("status", MetadataType.JSON)
        return Dataset(path, self.name, scenes, notes.snapshot(), metadata, types)

    def _sources(self, root: Path, problems: ProblemLog) -> list[SceneSource]:
        if root.is_file():
            return [lone_source(root)]
        export = find_export(root)
        if export is None:
            return [lone_source(each) for each in lone_sheets(root)]
        _note_shared(export, problems)
        lidar, used = lidar_sources(export, problems, self._path_map)
        found = lidar + (other_sources(export, used) if export.sheets or not lidar else [])
        return with_extras(found, export)

    def _scene(
        self, source: SceneSource, ontology: Ontology, problems: ProblemLog, notes: ProblemLog
    ) -> Scene:
        metadata: dict[str, Any] = {}
        convention = DOCUMENTED
        if source.lidar is not None:
            metadata.update(source.lidar.metadata)
            convention = self._convention(source, metadata, notes)
        reader = DataloopReader(source, convention, problems, ontology.paths)
        sheets = dict.fromkeys(_sheets_of(source))
        if len(sheets) > MAX_SCANNED_FILES:
            told = f"classes and models are those of its first {MAX_SCANNED_FILES} files"
            problems.add(source.path, "", f"{told}; labels of others are grey")
        names, models = _scan(sheets)
        lidar_ids = {ref.sensor_id for frame in reader.frames for ref in frame.sweeps}
        camera_ids = dict.fromkeys(ref.sensor_id for frame in reader.frames for ref in frame.images)
        return Scene(
            scene_id=source.scene_id,
            path=source.path,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            label_sets=(
                LabelSet(ANNOTATIONS, LabelSetKind.GROUND_TRUTH, "Annotations"),
                *(LabelSet(each, LabelSetKind.PREDICTIONS, each) for each in models),
            ),
            class_map=ontology.class_map(names),
            independent=source.independent,
            lidar_ids=tuple(lidar_ids),
            camera_ids=tuple(camera_ids),
            description=_description(metadata),
            metadata=metadata,
        )

    def _convention(
        self, source: SceneSource, metadata: dict[str, Any], notes: ProblemLog
    ) -> PoseConvention:
        """Choose what the poses of a scene's cameras mean, and say why and how well it fits."""
        residuals, pairs = residuals_px(source)
        finite = {each: value for each, value in residuals.items() if isfinite(value)}
        stated = stated_convention(metadata)
        if self._pose is not None:
            chosen, why = self._pose, "asked for"
        elif stated is not None:
            chosen, why = stated, "stated by the file"
        elif finite:
            order = list(PoseConvention)
            chosen = min(finite, key=lambda each: (round(finite[each], 3), order.index(each)))
            why = f"smallest residual of {pairs} labels"
        else:
            chosen, why = DOCUMENTED, "no label to check it against"
            if source.lidar and any(frame.cameras for frame in source.lidar.frames):
                told = (
                    f"camera poses are taken as {chosen}; no object has a cuboid and a 2D label"
                    f" to check it; --{POSE_CHOICE} chooses another"
                )
                notes.add(source.path, "", told)
        metadata[POSE] = f"{chosen} ({why})"
        if residuals:
            metadata[RESIDUAL] = {
                str(each): round(value, 3) if isfinite(value) else None
                for each, value in residuals.items()
            }
        return chosen


def _description(metadata: Mapping[str, Any]) -> str:
    told = "the format does not say which side of a cuboid is its front; +x is taken"
    pose = metadata.get(POSE)
    if pose is None:
        return told
    residuals = metadata.get(RESIDUAL, {})
    fit = residuals.get(str(pose).partition(" ")[0])
    return f"{told}; camera poses: {pose}" + ("" if fit is None else f", residual {fit:g} px")


def _sheets_of(source: SceneSource) -> Iterable[Path]:
    if source.timeline_sheet is not None:
        yield source.timeline_sheet
    for frame in source.frames:
        yield from frame.sheets.values()


def _scan(paths: Iterable[Path]) -> tuple[list[str], list[str]]:
    """Return the classes and the models that files name; the rest is not decoded."""
    names: set[bytes] = set()
    models: set[bytes] = set()
    scanned = 0
    for path in islice(dict.fromkeys(paths), MAX_SCANNED_FILES):
        try:
            data = path.read_bytes() if path.stat().st_size <= MAX_SCANNED_BYTES else b""
        except OSError:
            continue
        names.update(_LABEL.findall(data))
        named = _MODEL.findall(data)
        models.update(named)
        if len(named) < max(len(_OPENED.findall(data)), len(_MARKED.findall(data))):
            models.add(b'"' + PREDICTIONS.encode() + b'"')
        scanned += len(data)
        if scanned > MAX_SCANNED_BYTES:
            break
    return _texts(names), [each for each in _texts(models) if each != ANNOTATIONS]


def _texts(found: Iterable[bytes]) -> list[str]:
    texts = set()
    for each in found:
        try:
            text = msgspec.json.decode(each)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if text:
            texts.add(text)
    return sorted(texts)


def _note_shared(export: Export, problems: ProblemLog) -> None:
    """Tell of items that share one JSON file, as the first export version lets them."""
    for stem, items in shares_sheet(export.items).items():
        path = export.sheets.get(f"{stem}.json")
        if path is not None and not any(f"{item}.json" in export.sheets for item in items):
            told = f"is the only JSON of {len(items)} items ({', '.join(items[:3])})"
            problems.add(path, "", f"{told}; the others' annotations were overwritten on export")
