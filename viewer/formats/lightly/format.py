"""Recognises and opens Lightly datasets."""

import os
from pathlib import Path
from typing import Any, ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.folder_index import natural_key
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
        file_names = _ordered(side, present, problems)
        if not file_names:
            first = next(iter(problems.snapshot()), None)
            told = f"; first problem: {first}" if first else ""
            raise DamagedData(path, "", f"holds no image and names none{told}")
        reader = LightlyReader(side, file_names, frozenset(present), problems)
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
            camera_ids=(IMAGE,) if present else (),
            metadata=metadata,
        )
        types = {**side.metadata_types, "tags": MetadataType.JSON, "corrupt": MetadataType.TEXT}
        return Dataset(path, self.name, (scene,), metadata=metadata, metadata_types=types)


def _ordered(side: SideFiles, present: list[str], problems: ProblemLog) -> list[str]:
    """Return the images in the dataset's order; those that only a file names come last."""
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
        return list(named)
    known = set(present)
    kept = [each for each in named if is_inner(each)]
    absent = [side.root / each for each in kept if each not in known]
    problems.add_missing(absent, "image")
    return kept


def _images(root: Path) -> list[str]:
    """Return the visible images below a folder, in natural order."""
    found = []
    for base, folders, names in os.walk(root):
        folders[:] = sorted((each for each in folders if not each.startswith(".")), key=natural_key)
        inner = Path(base).relative_to(root).as_posix()
        for name in sorted(names, key=natural_key):
            if name.startswith(".") or not name.lower().endswith(IMAGE_SUFFIXES):
                continue
            found.append(name if inner == "." else f"{inner}/{name}")
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
