"""All dataset formats, and opening a path whatever its format."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

from viewer.formats.aquarium.format import AquariumFormat
from viewer.formats.argoverse2.format import Argoverse2Format
from viewer.formats.base import (
    DamagedData,
    DatasetFormat,
    Match,
    Probe,
    Rejected,
    UnknownFormat,
)
from viewer.formats.folder_index import subfolders
from viewer.formats.kitti_object.format import KittiObjectFormat
from viewer.formats.kitti_raw.format import KittiRawFormat
from viewer.formats.kitti_tracking.format import KittiTrackingFormat
from viewer.formats.lone_file import LoneFileFormat
from viewer.formats.native.format import NativeFormat
from viewer.formats.nucleus.format import NucleusFormat
from viewer.formats.nuscenes.format import NuScenesFormat
from viewer.formats.point_folder.format import PointFolderFormat
from viewer.formats.scene_pack.format import ScenePackFormat
from viewer.formats.semantic_kitti.format import SemanticKittiFormat
from viewer.formats.sustechpoints.format import SustechPointsFormat
from viewer.scene.scene import Dataset, Problem, Scene

DATASET_FORMATS: tuple[DatasetFormat, ...] = (
    NativeFormat(),
    ScenePackFormat(),
    NuScenesFormat(),
    Argoverse2Format(),
    AquariumFormat(),
    NucleusFormat(),
    KittiRawFormat(),
    KittiTrackingFormat(),
    KittiObjectFormat(),
    SemanticKittiFormat(),
    SustechPointsFormat(),
    PointFolderFormat(),
    LoneFileFormat(),
)
ENTRY_POINT_GROUP = "sightline.formats"
COLLECTION_NAME = "collection"
"""Format name of a folder whose scenes differ in format."""
MAX_CHILDREN = 256


@cache
def all_formats() -> tuple[DatasetFormat, ...]:
    """Return the built-in formats, then those of installed packages.

    A package offers a format class or object under the entry point group
    ``sightline.formats``; one whose name is taken already is left out.
    """
    formats = list(DATASET_FORMATS)
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        offered = entry.load()
        format_ = cast("DatasetFormat", offered() if isinstance(offered, type) else offered)
        if all(format_.name != known.name for known in formats):
            formats.append(format_)
    return tuple(formats)


def recognise(path: Path) -> tuple[DatasetFormat, Match]:
    """Return the format that fits best; of equals the earlier in the catalogue.

    Raises
    ------
    UnknownFormat
        With the reason of every format.
    """
    if not path.exists():
        raise UnknownFormat(path, {"path": "there is no such file or folder"})
    best: tuple[DatasetFormat, Match] | None = None
    reasons = {}
    for format_ in all_formats():
        try:
            match = format_.recognise(Probe(path))
        except Rejected as rejected:
            reasons[format_.title] = str(rejected)
        except (DamagedData, OSError) as error:
            reasons[format_.title] = str(error)
        else:
            if best is None or match > best[1]:
                best = (format_, match)
    if best is None:
        raise UnknownFormat(path, reasons)
    return best


def format_by_name(name: str) -> DatasetFormat:
    """Return a format by its identifier; KeyError, naming all, when there is none."""
    by_name = {format_.name: format_ for format_ in all_formats()}
    if name not in by_name:
        raise KeyError(f"no format is called {name!r}; there are {', '.join(by_name)}")
    return by_name[name]


def open_dataset(path: Path, format_name: str | None = None) -> Dataset:
    """Open a path: as the format named, as the one that fits, or as a folder of scenes.

    A folder that fits no format, or only may, but some of whose direct subfolders do, opens as one
    dataset of all their scenes; the first `MAX_CHILDREN` subfolders count.

    Raises
    ------
    UnknownFormat
        When nothing fits; it has the reason of every format.
    DamagedData
        When an index that is needed cannot be read.
    KeyError
        When no format has the name.
    """
    if format_name is not None:
        return format_by_name(format_name).open(path)
    try:
        format_, match = recognise(path)
    except UnknownFormat:
        collection = _open_collection(path, _recognised_children(path))
        if collection is None:
            raise
        return collection
    if match == Match.POSSIBLE:
        children = _recognised_children(path)
        if any(child_match > Match.POSSIBLE for _, _, child_match in children):
            # Folders of clouds look like much else; what is surely a scene is none of its parts.
            return _open_collection(path, children) or format_.open(path)
    return format_.open(path)


def _recognised_children(path: Path) -> list[tuple[Path, DatasetFormat, Match]]:
    found = []
    for folder in subfolders(path)[:MAX_CHILDREN] if path.is_dir() else ():
        try:
            format_, match = recognise(folder)
        except UnknownFormat:
            continue
        found.append((folder, format_, match))
    return found


def _open_collection(
    path: Path, children: Sequence[tuple[Path, DatasetFormat, Match]]
) -> Dataset | None:
    scenes: list[Scene] = []
    problems: list[Problem] = []
    for folder, format_, _ in children:
        try:
            dataset = format_.open(folder)
        except DamagedData as damage:
            problems.append(damage.as_problem())
        else:
            scenes += dataset.scenes
            problems += dataset.problems
    if not scenes:
        return None
    folder_count = len(subfolders(path))
    if folder_count > MAX_CHILDREN:
        left_out = f"only the first {MAX_CHILDREN} of {folder_count} folders are opened"
        problems.append(Problem(str(path), "", left_out))
    names = {scene.format_name for scene in scenes}
    name = names.pop() if len(names) == 1 else COLLECTION_NAME
    return Dataset(path, name, _with_unique_ids(scenes), tuple(problems))


def _with_unique_ids(scenes: list[Scene]) -> tuple[Scene, ...]:
    """Scenes named ``training`` of two folders need telling apart: links name scenes by id."""
    ids = [scene.scene_id for scene in scenes]
    if len(set(ids)) == len(ids):
        return tuple(scenes)
    renamed: list[Scene] = []
    for index, scene in enumerate(scenes):
        if ids.count(scene.scene_id) > 1:
            scene_id = f"{scene.path.resolve().parent.name}/{scene.scene_id}"
            taken = scene_id in ids or any(other.scene_id == scene_id for other in renamed)
            renamed.append(replace(scene, scene_id=f"{scene_id} {index}" if taken else scene_id))
        else:
            renamed.append(scene)
    return tuple(renamed)
