"""Recognises and opens COCO annotation files and folders of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.coco.annotation_file import (
    AnnotationFile,
    AnnotationIndex,
    class_map_of,
)
from viewer.formats.coco.reader import FORMAT_NAME, CocoReader, Source
from viewer.formats.folder_index import manifests_below, subfolders
from viewer.formats.growth import Deferred, GivenUp
from viewer.formats.image_set import IMAGE
from viewer.formats.path_map import NO_MAP, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Growth, Scene

MAX_FILES = 64
MAX_FOLDERS = 64
LOOK_BYTES = 64 * 1024
_LISTS = re.compile(rb'"(?:images|annotations)"\s*:\s*\[')
_ROWS = re.compile(rb'"(?:file_name|image_id)"\s*:')
_CLASSES = re.compile(rb'"(?:categories|category_id|supercategory|image_id)"\s*:')
_RESULT = re.compile(rb'^\s*\[\s*\{[^{}]*"(?:image_id|category_id)"\s*:')


class CocoFormat:
    """A file, or a folder with such files in it, in ``annotations``, or one folder down.

    Files that list the same images are label sets of one scene; lists of results join the scene
    whose images they name.
    """

    name: ClassVar[str] = FORMAT_NAME
    title: ClassVar[str] = "COCO"
    labels: ClassVar[str] = "2D boxes, polygons, keypoints, masks, classes"
    cameras: ClassVar[str] = ""

    def __init__(self, path_map: PathMap = NO_MAP) -> None:
        self._path_map = path_map

    def with_choices(self, choices: Mapping[str, str]) -> "CocoFormat":
        """Return the format that looks for data where a person says."""
        return CocoFormat(PathMap.from_choices(choices))

    def recognise(self, probe: Probe) -> Match:
        files = [probe.root] if probe.root.is_file() else _json_files(probe.root)
        if not any(_looks_like_coco(path) for path in files):
            probe.reject("needs a .json file with images, annotations and categories")
        return Match.LIKELY

    def lies_below(self, path: Path) -> bool:
        return not any(_looks_like_coco(file) for file in _json_files(path) if file.parent == path)

    def open(self, path: Path) -> Dataset:
        return self._open(path, None)

    def open_with_results(self, path: Path, results: Path) -> Dataset:
        """Open a path together with a list of results that lies elsewhere, as one more label set.

        It has the name of its file, and is there also when it names none of the images.
        """
        return self._open(path, results)

    def _open(self, path: Path, extra: Path | None) -> Dataset:
        problems = ProblemLog()
        found: list[AnnotationFile] = []
        results: list[AnnotationFile] = []
        single = path.is_file()
        for file in [path] if single else _json_files(path):
            if not single and not (_looks_like_coco(file) or _looks_like_results(file)):
                continue
            try:
                opened = AnnotationFile(file, problems)
            except (DamagedData, OSError) as error:
                damage = error if isinstance(error, DamagedData) else None
                problems.add_damage(damage or DamagedData(file, "", f"cannot be read: {error}"))
            else:
                (results if opened.is_results else found).append(opened)
        groups = _groups([each for each in found if each.images])
        if not groups:
            first = next(iter(problems.snapshot()), None)
            told = f"; first problem: {first}" if first else ""
            raise DamagedData(path, "", f"holds no list of images{told}")
        for group in groups:
            group.results += [
                each for each in results if each.path != extra and _belongs(each, group)
            ]
        if extra is not None:
            own = AnnotationFile(extra, problems)
            next((each for each in groups if _belongs(own, each)), groups[0]).results.append(own)
        scenes = tuple(
            _scene(path, group, len(groups) == 1, self._path_map, problems) for group in groups
        )
        whole = Dataset(path, self.name, scenes, metadata=_facts(found))
        sources = [
            source
            for scene in scenes
            if isinstance(scene.reader, CocoReader)
            for source in scene.reader.sources.values()
        ]

        def complete() -> Dataset:
            for source in sources:
                source.index.result()
            return whole

        if any(source.file.is_large for source in sources):
            return replace(whole, growth=Growth(complete, widens=False))
        return complete()


def _facts(files: list[AnnotationFile]) -> dict[str, Any]:
    """Return what the files tell of themselves; where they differ each has its name in front."""
    facts: dict[str, Any] = {}
    told = [(file, file.facts()) for file in files]
    for key in dict.fromkeys(key for _, own in told for key in own):
        values = [own.get(key) for _, own in told]
        if all(value == values[0] for value in values):
            facts |= {key: values[0]} if values[0] not in (None, [], {}, "") else {}
        else:
            facts |= {f"{file.path.stem} {key}": own[key] for file, own in told if own.get(key)}
    return facts


@dataclass(slots=True)
class _Group:
    """Files over the same images."""

    files: list[AnnotationFile]
    results: list[AnnotationFile] = field(default_factory=list)

    def numbers(self) -> dict[int | str, int]:
        """Return the frame of each image id."""
        return {row.id: index for index, row in enumerate(self.files[0].images)}


def _groups(files: list[AnnotationFile]) -> list[_Group]:
    by_images: dict[frozenset[tuple[int | str, str]], _Group] = {}
    for file in files:
        key = frozenset((row.id, row.file_name) for row in file.images)
        by_images.setdefault(key, _Group([])).files.append(file)
    return list(by_images.values())


def _belongs(results: AnnotationFile, group: _Group) -> bool:
    # Asks without noting: results over other images are no problem.
    quiet = AnnotationFile(results.path, ProblemLog())
    return len(quiet.index(group.numbers())) > 0


def _scene(
    path: Path, group: _Group, alone: bool, path_map: PathMap, problems: ProblemLog
) -> Scene:
    numbers = group.numbers()
    label_sets: list[LabelSet] = []
    sources: dict[str, Source] = {}
    categories = {number: row for file in group.files for number, row in file.categories.items()}
    for file in (*group.files, *group.results):
        predicted = file.is_results
        plain = len(group.files) == 1 and not predicted
        label_set_id = "ground_truth" if plain else _free(file.path.stem, sources)
        kind = LabelSetKind.PREDICTIONS if predicted else LabelSetKind.GROUND_TRUTH
        label_sets.append(LabelSet(label_set_id, kind, file.path.stem))
        own = categories if predicted else file.categories
        index = Deferred(partial(_index, file, numbers, group.files[0].path))
        sources[label_set_id] = Source(file, index, own)
    reader = CocoReader(
        path, group.files, sources, tuple(_bases(path, group.files[0].path)), problems, path_map
    )
    own_name = path.resolve().name if alone else group.files[0].path.stem
    return Scene(
        scene_id=path.stem if path.is_file() else own_name,
        path=path,
        format_name=CocoFormat.name,
        frames=reader.frames,
        reader=reader,
        label_sets=tuple(label_sets),
        class_map=class_map_of(group.files),
        independent=True,
        camera_ids=(IMAGE,),
    )


def _index(
    file: AnnotationFile, numbers: dict[int | str, int], images_path: Path, _given_up: GivenUp
) -> AnnotationIndex:
    return file.index(numbers, images_path)


def _free(name: str, taken: dict[str, Source]) -> str:
    while name in taken:
        name += "_"
    return name


def _json_files(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    # Those of the folder itself come first.
    found = sorted(manifests_below(root, (".json",)), key=lambda each: each.parent != root)
    return found[:MAX_FILES]


def _bases(root: Path, file: Path) -> Iterator[Path]:
    """Yield the folders in which images may lie, the likelier first."""
    top = root if root.is_dir() else file.parent
    if root.is_file() and file.parent.name == "annotations":
        top = file.parent.parent
    split = file.stem.rpartition("_")[2]
    first = [top / "images", top, file.parent, top / split, top / "images" / split]
    others = [*subfolders(top)[:MAX_FOLDERS], *subfolders(top / "images")[:MAX_FOLDERS]]
    yield from dict.fromkeys([*first, *others])


def _ends(path: Path) -> tuple[bytes, bytes]:
    try:
        with path.open("rb") as file:
            head = file.read(LOOK_BYTES)
            size = file.seek(0, 2)
            file.seek(max(len(head), size - LOOK_BYTES))
            return head, file.read(LOOK_BYTES)
    except OSError:
        return b"", b""


def _looks_like_coco(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return False
    head, tail = _ends(path)
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return False
    both = head + tail
    return all(pattern.search(both) is not None for pattern in (_LISTS, _ROWS, _CLASSES))


def is_results_file(path: Path) -> bool:
    """Say whether a file looks like a list of results by itself."""
    return path.is_file() and path.suffix.lower() == ".json" and _looks_like_results(path)


def _looks_like_results(path: Path) -> bool:
    return _RESULT.search(_ends(path)[0]) is not None
