"""Recognises and opens Supervisely point cloud projects."""

import re
from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.label_rows import load_json
from viewer.formats.supervisely.layout import dataset_folders, list_dataset
from viewer.formats.supervisely.reader import SuperviselyReader
from viewer.scene.class_map import ClassMap, Rgb
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

META = "meta.json"
LABEL_SET_ID = "ann"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class SuperviselyFormat:
    """``meta.json`` and, one scene each, folders of ``pointcloud``, ``ann``, ``related_images``.

    Boxes: middle of the body, dimensions along its x y z, Rx @ Ry @ Rz in the cloud's coord frame;
    the format tells no front; no time, frames are independent. Every image has its own calibration.
    """

    name: ClassVar[str] = "supervisely"
    title: ClassVar[str] = "Supervisely point clouds"
    labels: ClassVar[str] = "cuboids"
    cameras: ClassVar[str] = "pinhole"

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        try:
            folders = dataset_folders(probe.root)
            classes = _classes(probe.root / META) if folders else None
        except DamagedData as damage:
            probe.reject(str(damage))
        if classes is None:
            probe.reject("needs meta.json with classes, and pointcloud/ and ann/ one folder down")
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        folders = dataset_folders(path)
        if not folders:
            raise DamagedData(path, "", "holds no dataset with pointcloud/ and ann/")
        class_map = _class_map(_classes(path / META) or [])
        scenes = tuple(self._scene(folder, class_map) for folder in folders)
        return Dataset(path, self.name, scenes)

    def _scene(self, folder: Path, class_map: ClassMap) -> Scene:
        listed = list_dataset(folder)
        reader = SuperviselyReader(listed)
        return Scene(
            scene_id=folder.name,
            path=folder,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            label_sets=(LabelSet(LABEL_SET_ID, LabelSetKind.GROUND_TRUTH, "Labels"),),
            class_map=class_map,
            independent=not reader.timed,
            lidar_ids=tuple(listed.clouds),
            camera_ids=tuple(listed.images),
        )


def _classes(path: Path) -> list[object] | None:
    """Return the list of classes of a project; None when the file says none."""
    document = load_json(path)
    classes = document.get("classes") if isinstance(document, dict) else None
    return classes if isinstance(classes, list) else None


def _class_map(classes: list[object]) -> ClassMap:
    colours: dict[str, Rgb] = {}
    names = []
    for each in classes:
        title = each.get("title") if isinstance(each, dict) else None
        if not isinstance(each, dict) or not isinstance(title, str):
            continue
        names.append(title)
        colour = each.get("color")
        if isinstance(colour, str) and _COLOUR.fullmatch(colour):
            red, green, blue = bytes.fromhex(colour[1:])
            colours[title] = (red, green, blue)
    return ClassMap.from_names(names, colours)
