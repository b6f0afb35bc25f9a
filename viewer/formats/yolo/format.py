"""Recognises and opens YOLO datasets."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.image_set import IMAGE
from viewer.formats.path_map import NO_MAP, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_text
from viewer.formats.yolo.data_file import YAML_SUFFIXES, DataFile, find_data_file, read_data_file
from viewer.formats.yolo.layout import (
    YoloImage,
    class_folders,
    has_class_folders,
    images_of_split,
    split_places,
)
from viewer.formats.yolo.reader import YoloReader
from viewer.scene.class_map import PALETTE, ClassEntry, ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

CLASS_LISTS = ("classes.txt", "obj.names")
MAX_CLASS_LIST_BYTES = 4 * 1024 * 1024


class YoloFormat:
    """``data.yaml`` with folders of images and labels, or ``SPLIT/CLASS/`` of images.

    Each split is a scene. Lines are boxes, polygons, turned boxes or keypoints.
    """

    name: ClassVar[str] = "yolo"
    title: ClassVar[str] = "YOLO"
    labels: ClassVar[str] = "2D boxes, polygons, keypoints, classes"
    cameras: ClassVar[str] = ""

    def __init__(self, path_map: PathMap = NO_MAP) -> None:
        self._path_map = path_map

    def with_choices(self, choices: Mapping[str, str]) -> "YoloFormat":
        """Return the format that looks for data where a person says."""
        return YoloFormat(PathMap.from_choices(choices))

    def recognise(self, probe: Probe) -> Match:
        root = probe.root
        if root.is_file() and root.suffix.lower() in YAML_SUFFIXES:
            if find_data_file(root.parent) != root or not _mentions_names(root):
                probe.reject("needs a data.yaml with names")
            return Match.LIKELY
        probe.require_folder()
        data = find_data_file(root)
        if data is not None and _mentions_names(data):
            return Match.LIKELY
        if class_list_of(root) is not None and (root / "labels").is_dir():
            return Match.LIKELY
        if not has_class_folders(root):
            needs = "needs data.yaml with names, or classes.txt with labels, or train/CLASS/"
            probe.reject(needs)
        return Match.POSSIBLE

    def open(self, path: Path) -> Dataset:
        problems = ProblemLog()
        root = path.parent if path.is_file() else path
        data = _data(path, problems, self._path_map)
        if data is None:
            groups = class_folders(root)
            data = DataFile(None, dict(enumerate(_folder_names(groups))))
        else:
            groups = {
                split: images_of_split(root, places, problems, self._path_map)
                for split, places in _different(split_places(root, data)).items()
            }
            if not any(groups.values()):
                groups = class_folders(root)
        groups = {split: images for split, images in groups.items() if images}
        if not groups:
            first = next(iter(problems.snapshot()), None)
            told = f"; first problem: {first}" if first else ""
            raise DamagedData(path, "", f"holds no image{told}")
        names = [*data.names.values(), *_folder_names(groups)]
        class_map = _class_map(data, names)
        scenes = tuple(
            self._scene(path, split, data, images, class_map, problems)
            for split, images in groups.items()
        )
        return Dataset(path, self.name, scenes)

    def _scene(
        self,
        path: Path,
        split: str,
        data: DataFile,
        images: list[YoloImage],
        class_map: ClassMap,
        problems: ProblemLog,
    ) -> Scene:
        root = path.parent if path.is_file() else path
        reader = YoloReader(root, data, images, problems)
        return Scene(
            scene_id=split,
            path=path,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            label_sets=(LabelSet("ground_truth", LabelSetKind.GROUND_TRUTH, "labels"),),
            class_map=class_map,
            independent=True,
            camera_ids=(IMAGE,),
        )


def _different(
    splits: dict[str, tuple[PurePosixPath | str, ...]],
) -> dict[str, tuple[PurePosixPath | str, ...]]:
    """Leave out a split over the same images as one before it, as small datasets have."""
    first = {places: split for split, places in reversed(splits.items())}
    return {split: places for split, places in splits.items() if first[places] == split}


def _data(path: Path, problems: ProblemLog, path_map: PathMap) -> DataFile | None:
    found = path if path.is_file() else find_data_file(path)
    if found is not None:
        return read_data_file(found, problems, path_map)
    listed = class_list_of(path)
    if listed is None:
        return None
    lines = read_text(listed, max_bytes=MAX_CLASS_LIST_BYTES).splitlines()
    names = [line.strip() for line in lines if line.strip()]
    return DataFile(None, dict(enumerate(names)))


def class_list_of(root: Path) -> Path | None:
    """Return the file that lists class names line by line; None where there is none."""
    places = [root / inner / name for inner in (".", "labels") for name in CLASS_LISTS]
    return next((each for each in places if each.is_file()), None)


def _mentions_names(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(64 * 1024)
    except OSError:
        return False
    return head.startswith(b"names:") or b"\nnames:" in head


def _folder_names(groups: dict[str, list[YoloImage]]) -> list[str]:
    names = (each.class_name for images in groups.values() for each in images)
    return sorted({name for name in names if name is not None})


def _class_map(data: DataFile, names: list[str]) -> ClassMap:
    numbers = {name: number for number, name in data.names.items()}
    unique = list(dict.fromkeys(names))
    return ClassMap(
        tuple(
            ClassEntry(name, PALETTE[index % len(PALETTE)], numbers.get(name))
            for index, name in enumerate(unique)
        )
    )
