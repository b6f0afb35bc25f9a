"""Reads images with VOC annotation files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import overload
from xml.etree.ElementTree import Element

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import FileListing
from viewer.formats.image_set import ImageSetReader, inner_path
from viewer.formats.pascal_voc.annotation import ObjectLabels, image_addresses, read_annotation
from viewer.formats.pascal_voc.class_images import class_names, read_class_image
from viewer.formats.path_map import MAP_HINT
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import CuboidLabels, FrameLabels


@dataclass(frozen=True, slots=True)
class VocImage:
    """An image and its annotation file; either may be missing."""

    stem: str
    image: Path | None
    annotation: Path | None


class ListedImages(Sequence[VocImage]):
    """Images and annotations by stem; paths are made when asked for."""

    def __init__(self, stems: Sequence[str], images: FileListing, annotations: FileListing) -> None:
        self.stems = stems
        self.images = images
        self.annotations = annotations

    def __len__(self) -> int:
        return len(self.stems)

    @overload
    def __getitem__(self, index: int) -> VocImage: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[VocImage]: ...
    def __getitem__(self, index: int | slice) -> VocImage | Sequence[VocImage]:
        if isinstance(index, slice):
            return ListedImages(self.stems[index], self.images, self.annotations)
        stem = self.stems[index]
        return VocImage(stem, self.images.get(stem), self.annotations.get(stem))


def is_image_there(images: Sequence[VocImage]) -> Iterator[bool]:
    """Yield for each whether it has an image."""
    if isinstance(images, ListedImages):
        return (stem in images.images for stem in images.stems)
    return (each.image is not None for each in images)


def annotation_sources(images: Sequence[VocImage]) -> Iterator[str]:
    """Yield where the annotations lie, as text."""
    if isinstance(images, ListedImages):
        return map(images.annotations.source, images.annotations)
    return (str(each.annotation) for each in images if each.annotation is not None)


def _stems_of(images: Sequence[VocImage]) -> Sequence[str]:
    return images.stems if isinstance(images, ListedImages) else [each.stem for each in images]


class PascalVocReader(ImageSetReader):
    """A frame is an image; its key is the stem of its files."""

    def __init__(self, root: Path, images: Sequence[VocImage], problems: ProblemLog) -> None:
        super().__init__(root, _stems_of(images), list(is_image_there(images)), problems)
        self.images = images
        self.folder = root if root.is_dir() else root.parent
        try:
            self._names = class_names(self.folder)
        except DamagedData as damage:
            problems.add_damage(damage)
            self._names = {}

    def image_path(self, frame_index: int) -> Path:
        path = self.images[frame_index].image
        if path is None:
            raise DamagedData(self.root, self.frames[frame_index].key, "the image is missing")
        return path

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        image = self.images[frame_index]
        labels = FrameLabels(CuboidLabels.empty("world"))
        if image.annotation is not None:
            found = ObjectLabels(image.annotation, self.log)
            root = read_annotation(image.annotation)
            if image.image is None:
                self._note_image(image.annotation, root)
            found.add_all(root)
            labels = found.build()
        try:
            mask = read_class_image(self.folder, image.stem, self._names)
        except DamagedData as damage:
            self.log.add_damage(damage)
            mask = None
        return labels if mask is None else replace(labels, masks=(mask,))

    def _note_image(self, path: Path, root: Element) -> None:
        """Tell of an image that the file says lies elsewhere."""
        address = next(iter(image_addresses(root)), "")
        if address and inner_path(address) is None:
            told = f"{address[:200]!r} leads out of the folder and is not read; {MAP_HINT}"
            self.log.add(path, "path", told)
