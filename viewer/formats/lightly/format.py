"""Recognises and opens Lightly datasets."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.folder_index import in_natural_order, is_file, natural_key
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.lightly.embeddings import read_embeddings
from viewer.formats.lightly.predictions import IMAGE
from viewer.formats.lightly.reader import LightlyReader
from viewer.formats.lightly.side_files import (
    SideFiles,
    is_inner,
    looks_like_lightly,
    read_side_files,
)
from viewer.formats.lightly.tags import chain
from viewer.formats.path_map import MAP_HINT, NO_MAP, LeavesFolder, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.scene.class_map import PALETTE, ClassEntry, ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.metadata import MetadataType
from viewer.scene.scene import Dataset, Scene

MAX_IMAGES = 2_000_000


class LightlyFormat:
    """Images with ``.lightly`` beside them: predictions, metadata, embeddings, tags, file lists.

    Every prediction task is a label set; a frame is an image, and frames share no time. The order
    of images is that of a file list, on which the bit masks of tags count, else by name.
    """

    name: ClassVar[str] = "lightly"
    title: ClassVar[str] = "Lightly"
    labels: ClassVar[str] = "2D boxes, keypoints, masks, classes"
    cameras: ClassVar[str] = ""

    def __init__(self, path_map: PathMap = NO_MAP) -> None:
        self._path_map = path_map

    def with_choices(self, choices: Mapping[str, str]) -> "LightlyFormat":
        """Return the format that looks for data where a person says."""
        return LightlyFormat(PathMap.from_choices(choices))

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        if not looks_like_lightly(probe.root):
            probe.reject(
                "needs .lightly with predictions, metadata or embeddings, or a file of embeddings,"
                " tags, custom metadata or corrupt samples"
            )
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        problems = ProblemLog()
        side = read_side_files(path, problems)
        present = _images(path)
        file_names, mapped = _ordered(side, present, problems, self._path_map)
        if not file_names:
            first = next(iter(problems.snapshot()), None)
            told = f"; first problem: {first}" if first else ""
            raise DamagedData(path, "", f"holds no image and names none{told}")
        reader = LightlyReader(side, file_names, frozenset(present), problems, mapped)
        metadata: dict[str, Any] = {}
        if side.tags:
            metadata["tags"] = {each.name: list(chain(each, side.tags)) for each in side.tags}
        if side.embeddings:
            metadata["embeddings"] = [each.stem for each in side.embeddings]
        if side.corrupt:
            metadata["corrupt samples"] = len(side.corrupt)
        scene = Scene(
            scene_id=path.resolve().name or "images",
            path=path,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            label_sets=tuple(LabelSet(name, LabelSetKind.PREDICTIONS, name) for name in side.tasks),
            class_map=_class_map(side),
            independent=True,
            camera_ids=(IMAGE,) if present or mapped else (),
            metadata=metadata,
        )
        types = {**side.metadata_types, "tags": MetadataType.JSON, "corrupt": MetadataType.TEXT}
        return Dataset(path, self.name, (scene,), metadata=metadata, metadata_types=types)


def _ordered(
    side: SideFiles, present: list[str], problems: ProblemLog, path_map: PathMap
) -> tuple[list[str], dict[str, Path]]:
    """Return the images in the dataset's order, and where those lie that a map leads to.

    Those that only a file names come last. What leads elsewhere keeps its place, on which the bits
    of tags count, and has no image.
    """
    named: dict[str, None] = dict.fromkeys(side.file_names)
    if not named:
        named = dict.fromkeys(present)
        others = [*side.metadata, *side.singletons, *side.corrupt]
        for path in side.embeddings:
            try:
                others += read_embeddings(path).file_names
            except DamagedData as damage:
                problems.add_damage(damage)
        missing = [each for each in dict.fromkeys(others) if each not in named]
        named.update(dict.fromkeys(sorted(filter(is_inner, missing), key=natural_key)))
        known = set(present)
        return list(named), _mapped([each for each in named if each not in known], path_map)
    known = set(present)
    mapped = _mapped([each for each in named if each not in known], path_map)
    away = [each for each in named if each not in known and each not in mapped]
    problems.add_missing([side.root / each for each in away if is_inner(each)], "image")
    outer = [each for each in away if not is_inner(each)]
    if outer and side.list_path is not None:
        told = f"{outer[0][:120]!r} leads out of the folder and is not read"
        more = f", nor are {len(outer) - 1} more" if len(outer) > 1 else ""
        place = f"entry {side.file_names.index(outer[0]) + 1}"
        problems.add(side.list_path, place, f"{told}{more}; {MAP_HINT}")
    return list(named), mapped


def _mapped(names: list[str], path_map: PathMap) -> dict[str, Path]:
    found = {}
    for name in names if path_map else ():
        try:
            path = path_map.find(name)
        except LeavesFolder:
            continue
        if path is not None and is_file(path):
            found[name] = path
    return found


def _images(root: Path) -> list[str]:
    """Return the visible images below a folder, in natural order."""
    found = []
    for base, folders, names in os.walk(root):
        folders[:] = sorted((each for each in folders if not each.startswith(".")), key=natural_key)
        inner = Path(base).relative_to(root).as_posix()
        shown = [
            name
            for name in names
            if name.lower().endswith(IMAGE_SUFFIXES) and not name.startswith(".")
        ]
        prefix = "" if inner == "." else f"{inner}/"
        found += [prefix + name for name in in_natural_order(shown)]
        if len(found) > MAX_IMAGES:
            raise DamagedData(root, "", f"holds more than {MAX_IMAGES} images")
    return found


def _class_map(side: SideFiles) -> ClassMap:
    entries: dict[str, ClassEntry] = {}
    for task in side.tasks.values():
        for number, name in task.categories.items():
            colour = PALETTE[len(entries) % len(PALETTE)]
            skeleton = task.skeletons.get(number)
            entries.setdefault(name, ClassEntry(name, colour, number, skeleton=skeleton))
    return ClassMap(tuple(entries.values()))
