"""Recognises and opens Dataloop exports."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.dataloop.attributes import ANNOTATIONS, PREDICTIONS
from viewer.formats.dataloop.document import (
    MAX_SHEET_BYTES,
    head_of,
    is_mapping,
    is_scene_file,
    is_sheet,
)
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
from viewer.formats.file_facts import Facts, FactSurvey
from viewer.formats.path_map import NO_MAP, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.metadata import MetadataType
from viewer.scene.scene import Dataset, Growth, Scene

POSE_CHOICE = "dataloop-pose"
POSE, RESIDUAL = "camera pose", "camera pose residual px"
FACTS = "dataloop classes and models 1"
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
        surveys = [_Named(each, ontology) for each in sources]
        scenes = tuple(
            self._scene(each, names, ontology, problems, notes)
            for each, names in zip(sources, surveys, strict=True)
        )
        metadata: dict[str, Any] = {}
        if ontology.attributes:
            metadata["attributes"] = [dict(each) for each in ontology.attributes]
        types = ontology.attribute_types()
        types.setdefault("status", MetadataType.JSON)
        dataset = Dataset(path, self.name, scenes, notes.snapshot(), metadata, types)
        if not any(each.is_partial for each in surveys):
            return dataset

        def complete() -> Dataset:
            whole = (each.completed(scene) for each, scene in zip(surveys, scenes, strict=True))
            return replace(dataset, scenes=tuple(whole), growth=None)

        return replace(dataset, growth=Growth(complete))

    def _sources(self, root: Path, problems: ProblemLog) -> list[SceneSource]:
        if root.is_file():
            return [lone_source(root)]
        export = find_export(root)
        if export is None:
            return [lone_source(each) for each in lone_sheets(root)]
        _note_shared(export, problems)
        lidar, used = lidar_sources(export, problems, self._path_map)
        others, shown = other_sources(export, used) if export.sheets or not lidar else ([], set())
        return with_extras(lidar + others, export, shown)

    def _scene(
        self,
        source: SceneSource,
        named: "_Named",
        ontology: Ontology,
        problems: ProblemLog,
        notes: ProblemLog,
    ) -> Scene:
        metadata: dict[str, Any] = {}
        convention = DOCUMENTED
        if source.lidar is not None:
            metadata.update(source.lidar.metadata)
            convention = self._convention(source, metadata, notes)
        reader = DataloopReader(source, convention, problems, ontology.paths)
        lidar_ids, camera_ids = source.sensor_ids()
        scene = Scene(
            scene_id=source.scene_id,
            path=source.path,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            independent=source.independent,
            lidar_ids=lidar_ids,
            camera_ids=camera_ids,
            description=_description(metadata),
            metadata=metadata,
        )
        return named.seen_so_far(scene)

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


class _Named:
    """The classes and the models that the files of a scene name."""

    def __init__(self, source: SceneSource, ontology: Ontology) -> None:
        self._ontology = ontology
        self._survey = FactSurvey(source.path, source.sheet_paths(), FACTS, 2, _facts_of)
        self.is_partial = self._survey.is_large

    def seen_so_far(self, scene: Scene) -> Scene:
        """Return a scene with the classes and label sets that a glance finds."""
        return self._with(scene, self._survey.glance() if self.is_partial else self._all())

    def completed(self, scene: Scene) -> Scene:
        """Return a scene with all classes and label sets."""
        return self._with(scene, self._all()) if self.is_partial else scene

    def _all(self) -> Facts:
        return self._survey.read_all()

    def _with(self, scene: Scene, facts: Facts) -> Scene:
        names, models = facts
        predictions = (
            LabelSet(each, LabelSetKind.PREDICTIONS, each)
            for each in sorted(models - {ANNOTATIONS})
        )
        truth = LabelSet(ANNOTATIONS, LabelSetKind.GROUND_TRUTH, "Annotations")
        class_map = self._ontology.class_map(sorted(names))
        return replace(scene, label_sets=(truth, *predictions), class_map=class_map)


def _facts_of(path: Path) -> Facts:
    """Return the classes and the models that a file names; the rest is not decoded."""
    try:
        data = read_bytes(path, max_bytes=MAX_SHEET_BYTES)
    except DamagedData:
        return frozenset(), frozenset()
    models = _MODEL.findall(data)
    found = _texts(models)
    if len(models) < max(len(_OPENED.findall(data)), len(_MARKED.findall(data))):
        found |= {PREDICTIONS}
    return _texts(_LABEL.findall(data)), found


def _texts(found: Iterable[bytes]) -> frozenset[str]:
    texts = set()
    for each in set(found):
        try:
            text = msgspec.json.decode(each)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if text:
            texts.add(text)
    return frozenset(texts)


def _note_shared(export: Export, problems: ProblemLog) -> None:
    """Tell of items that share one JSON file, as the first export version lets them."""
    for stem, items in shares_sheet(export.items).items():
        path = export.sheets.get(f"{stem}.json")
        if path is not None and not any(f"{item}.json" in export.sheets for item in items):
            told = f"is the only JSON of {len(items)} items ({', '.join(items[:3])})"
            problems.add(path, "", f"{told}; the others' annotations were overwritten on export")
