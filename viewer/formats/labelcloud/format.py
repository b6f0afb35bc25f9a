"""Recognises and opens labelCloud folders."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.folder_index import files_by_stem, has_file
from viewer.formats.label_rows import load_json
from viewer.formats.labelcloud.classes import CLASSES_NAME, LabelCloudClasses, read_classes
from viewer.formats.labelcloud.reader import CLOUDS, LABELS, LabelCloudReader
from viewer.formats.point_folder.layout import CLOUD_SUFFIXES, find_point_folder
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

PROBED_LABEL_FILES = 8


class LabelCloudFormat:
    """``pointclouds/`` and ``labels/NAME.json``, with ``labels/_classes.json``; JSON forms only.

    Boxes: middle of the body, length-width-height, Rz @ Ry @ Rx (degrees or radians as the class
    file tells) or eight corners, in the cloud's coord frame; front is +x; no time, no tracks.
    """

    name: ClassVar[str] = "labelcloud"
    title: ClassVar[str] = "labelCloud"
    labels: ClassVar[str] = "cuboids, point classes"
    cameras: ClassVar[str] = ""

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        if not has_file(probe.root / CLOUDS, CLOUD_SUFFIXES):
            probe.reject("needs point clouds in pointclouds/")
        probe.require(
            lambda root: _classes(root) is not None or _has_labels(root),
            f"needs labels/{CLASSES_NAME} or labels/*.json with a list of objects",
        )
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        folder = find_point_folder(path)
        if folder is None or CLOUDS not in folder.clouds:
            raise DamagedData(path / CLOUDS, "", "holds no point clouds")
        classes = _classes(path)
        class_map = classes.class_map if classes is not None else ClassMap()
        label_format = classes.label_format if classes is not None else ""
        reader = LabelCloudReader(folder, label_format, class_map)
        scene = Scene(
            scene_id=path.resolve().name,
            path=path,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            label_sets=(LabelSet(LABELS, LabelSetKind.GROUND_TRUTH, "Labels"),),
            class_map=class_map,
            independent=not reader.timed,
            lidar_ids=tuple(folder.clouds),
            camera_ids=tuple(folder.images),
        )
        return Dataset(path, self.name, (scene,))


def _classes(root: Path) -> LabelCloudClasses | None:
    path = root / LABELS / CLASSES_NAME
    return read_classes(path) if path.is_file() else None


def _has_labels(root: Path) -> bool:
    paths = files_by_stem(root / LABELS, (".json",)).first(PROBED_LABEL_FILES)
    documents = (load_json(path) for path in paths)
    return any(
        isinstance(each, dict) and isinstance(each.get("objects"), list) and "filename" in each
        for each in documents
    )
