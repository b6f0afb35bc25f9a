"""Recognises and opens Pascal VOC folders."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.file_facts import Facts, FactSurvey, with_surveyed_classes
from viewer.formats.folder_index import files_by_stem, is_file, merged_stems
from viewer.formats.image_set import IMAGE
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.pascal_voc.annotation import (
    MAX_XML_BYTES,
    image_addresses,
    read_annotation,
)
from viewer.formats.pascal_voc.reader import (
    ListedImages,
    PascalVocReader,
    VocImage,
    annotation_sources,
    is_image_there,
)
from viewer.formats.path_map import NO_MAP, LeavesFolder, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

ANNOTATION_FOLDER, IMAGE_FOLDER = "Annotations", "JPEGImages"
FACTS = "voc classes 1"
LOOK_BYTES = 4096
_PLAIN_NAME = re.compile(rb"<object>\s*<name>([\w -]*\w)\s*</name>")


class PascalVocFormat:
    """``Annotations`` and ``JPEGImages``, or XML files beside their images; also one XML file."""

    name: ClassVar[str] = "pascal_voc"
    title: ClassVar[str] = "Pascal VOC"
    labels: ClassVar[str] = "2D boxes, masks"
    cameras: ClassVar[str] = ""

    def __init__(self, path_map: PathMap = NO_MAP) -> None:
        self._path_map = path_map

    def with_choices(self, choices: Mapping[str, str]) -> "PascalVocFormat":
        """Return the format that looks for data where a person says."""
        return PascalVocFormat(PathMap.from_choices(choices))

    def recognise(self, probe: Probe) -> Match:
        first = _first_annotation(probe.root)
        if first is None or not _looks_like_voc(first):
            probe.reject("needs .xml files of VOC annotations, alone or in Annotations")
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        problems = ProblemLog()
        images = _images(path)
        if self._path_map:
            images = [_mapped(each, self._path_map) for each in images]
        if not images:
            raise DamagedData(path, "", "holds no VOC annotation and no image")
        reader = PascalVocReader(path, images, problems)
        scene = Scene(
            scene_id=path.stem if path.is_file() else path.resolve().name or "images",
            path=path,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            label_sets=(LabelSet("ground_truth", LabelSetKind.GROUND_TRUTH, "annotations"),),
            independent=True,
            camera_ids=(IMAGE,) if any(is_image_there(images)) else (),
        )
        survey = FactSurvey(path, annotation_sources(images), FACTS, 1, _class_names)
        return with_surveyed_classes(Dataset(path, self.name, (scene,)), survey)


def _images(path: Path) -> Sequence[VocImage]:
    if path.is_file():
        image = _image_beside(path)
        return [VocImage(path.stem, image, path)]
    inner = path / ANNOTATION_FOLDER
    folder = inner if inner.is_dir() else path
    places = (path / IMAGE_FOLDER, path / "images", path)
    image_folder = next((each for each in places if each.is_dir()), path)
    annotations = files_by_stem(folder, (".xml",))
    images = files_by_stem(image_folder, IMAGE_SUFFIXES)
    return ListedImages(merged_stems(annotations, images), images, annotations)


def _mapped(image: VocImage, path_map: PathMap) -> VocImage:
    """Return an annotation with the image that its file names, where none lies beside it."""
    if image.image is not None or image.annotation is None:
        return image
    try:
        for address in image_addresses(read_annotation(image.annotation)):
            path = path_map.find(address)
            if path is not None and is_file(path):
                return replace(image, image=path)
    except (DamagedData, LeavesFolder):
        # Reading the labels tells of it.
        pass
    return image


def _image_beside(path: Path) -> Path | None:
    folders = (path.parent, path.parent.parent / IMAGE_FOLDER, path.parent.parent / "images")
    candidates = (folder / (path.stem + suffix) for folder in folders for suffix in IMAGE_SUFFIXES)
    return next((each for each in candidates if each.is_file()), None)


def _first_annotation(root: Path) -> Path | None:
    if root.is_file():
        return root if root.suffix.lower() == ".xml" else None
    for folder in (root / ANNOTATION_FOLDER, root):
        found = files_by_stem(folder, (".xml",)).first(1) if folder.is_dir() else []
        if found:
            return found[0]
    return None


def _looks_like_voc(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(LOOK_BYTES)
    except OSError:
        return False
    return b"<annotation" in head and (b"<object" in head or b"<size" in head or b"<filena" in head)


def _class_names(path: Path) -> Facts:
    """Return the classes that an annotation names; most are found without decoding it."""
    try:
        data = read_bytes(path, max_bytes=MAX_XML_BYTES)
        plain = _PLAIN_NAME.findall(data)
        if len(plain) == data.count(b"<object") and data.startswith(b"<annotation"):
            return (frozenset(name.decode("ascii").strip() for name in set(plain)),)
        root = read_annotation(path)
    except DamagedData:
        return (frozenset(),)
    names = {(each.findtext("name") or "").strip() for each in root.findall("object")}
    return (frozenset(names - {""}),)
