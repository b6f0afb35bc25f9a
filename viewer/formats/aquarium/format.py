"""Recognises and opens Aquarium files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from viewer.formats.aquarium.beginning import BeginningReader
from viewer.formats.aquarium.index import AquariumIndex, build_index
from viewer.formats.aquarium.issues import is_issues, read_issues
from viewer.formats.aquarium.project import is_project, read_project
from viewer.formats.aquarium.reader import AquariumReader
from viewer.formats.aquarium.scenes import FORMAT_NAME, MakeReader, make_scenes
from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.data_urls import DataPlaces
from viewer.formats.folder_index import is_file, manifests_below
from viewer.formats.growth import Deferred, is_large
from viewer.formats.path_map import NO_MAP, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.scene.scene import Dataset, Growth, Problem

SUFFIXES = (".jsonl", ".ndjson", ".json")
HEAD_BYTES = 256 * 1024
FIRST_ROWS = 2048
"""Of all files together: what is read before a first scene is shown."""
FEWEST_ROWS = 16
"""Of one file, however many there are."""
_ROW_KEYS = (b'"sensor_data"', b'"label_data"', b'"inference_data"', b'"coordinate_frames"')


class AquariumFormat:
    """A JSON Lines file of frames, labels or inferences, or the folder that holds such files.

    Boxes: centre, full size along own x, y, z, quaternion x y z w, in the coord frame that each
    names; front is +x by our choice. Coord frames: position and orientation w x y z are the pose
    in the parent. Files of inferences are label sets. Times: the capture date of the frame. The
    format has no sequences: frames whose metadata name a sequence or scene form scenes, all others
    are independent.
    """

    name: ClassVar[str] = FORMAT_NAME
    title: ClassVar[str] = "Aquarium"
    labels: ClassVar[str] = "cuboids, 2D labels, masks, classes"
    cameras: ClassVar[str] = "Brown-Conrady, fisheye"

    def __init__(self, path_map: PathMap = NO_MAP) -> None:
        self._path_map = path_map

    def with_choices(self, choices: Mapping[str, str]) -> "AquariumFormat":
        """Return the format that looks for data where a person says."""
        return AquariumFormat(PathMap.from_choices(choices))

    def recognise(self, probe: Probe) -> Match:
        if not find_row_files(probe.root):
            kinds = ", ".join(SUFFIXES)
            probe.reject(
                f"needs a {kinds} file whose rows have task_id and one of sensor_data,"
                " label_data, inference_data"
            )
        return Match.LIKELY

    def lies_below(self, path: Path) -> bool:
        return all(file.parent != path for file in find_row_files(path))

    def open(self, path: Path) -> Dataset:
        paths = find_row_files(path)
        if not paths:
            raise DamagedData(path, "", "holds no rows of Aquarium frames or labels")
        opened = _Opened(path, paths, self._path_map)
        return opened.beginning() or opened.whole()


class _Opened:
    """A dataset from the first rows of its files to its whole index."""

    def __init__(self, path: Path, paths: Sequence[Path], path_map: PathMap) -> None:
        self._path = path
        self._paths = paths
        root = path if path.is_dir() else path.parent
        self._places = DataPlaces(root, path_map)
        self._others = _json_files(root)
        self._projects = [file for file in self._others if is_project(file)]
        self._index = Deferred(lambda _: self._indexed())

    def beginning(self) -> Dataset | None:
        """Return what the first rows tell; None where reading all takes no longer."""
        size_bytes = sum(file.stat().st_size for file in self._paths if is_file(file))
        if not is_large(size_bytes=size_bytes):
            return None
        most_rows = max(FEWEST_ROWS, FIRST_ROWS // len(self._paths))
        # Rows that speak of frames further down are no problem yet.
        index = build_index(self._paths, self._places.root, ProblemLog(), most_rows)
        if not index.frames:
            return None
        make_reader = partial(BeginningReader, self._index)
        dataset = self._dataset(index, ProblemLog(), make_reader)
        return replace(dataset, growth=Growth(self.whole, renews=True))

    def whole(self) -> Dataset:
        """Return the dataset with all its rows."""
        index, found = self._index.result()
        problems = ProblemLog(found)
        if not index.frames:
            told = f"; first problem: {found[0]}" if found else ""
            raise DamagedData(self._path, "", f"holds no usable frame{told}")
        return self._dataset(index, problems, AquariumReader)

    def _indexed(self) -> tuple[AquariumIndex, tuple[Problem, ...]]:
        problems = ProblemLog()
        return build_index(self._paths, self._places.root, problems), problems.snapshot()

    def _dataset(
        self, index: AquariumIndex, problems: ProblemLog, make_reader: MakeReader
    ) -> Dataset:
        scenes = make_scenes(self._path, index, self._places, self._projects, problems, make_reader)
        facts = read_project(self._projects)
        issues = read_issues([file for file in self._others if is_issues(file)], problems)
        metadata = facts | {"issues": issues} if issues else facts
        return Dataset(self._path, FORMAT_NAME, scenes, metadata=metadata)


def find_row_files(path: Path) -> tuple[Path, ...]:
    """Return the files with rows: the path itself, or those in the folder and one level down."""
    return tuple(file for file in _json_files(path) if _has_rows(file))


def _json_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.name.lower().endswith(SUFFIXES) else []
    return manifests_below(path, SUFFIXES) if path.is_dir() else []


def _has_rows(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return False
    if b'"task_id"' not in head:
        return False
    return any(key in head for key in _ROW_KEYS) or b'"change"' in head
