"""Reads images and annotations of COCO files that share their images."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.coco.annotation_file import AnnotationFile, AnnotationIndex, CategoryRow
from viewer.formats.coco.annotations import ImageLabels
from viewer.formats.folder_index import is_file
from viewer.formats.growth import Deferred
from viewer.formats.image_set import ImageSetReader, inner_path, leads_inside
from viewer.formats.json_rows import RowDecoder
from viewer.formats.path_map import MAP_HINT, NO_MAP, LeavesFolder, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.formats.source_rows import SourceRow
from viewer.scene.labels import FrameLabels

FORMAT_NAME = "coco"
SEARCHED_IMAGES = 50


@dataclass(frozen=True, eq=False, slots=True)
class Source:
    """The file behind one label set."""

    file: AnnotationFile
    index: Deferred[AnnotationIndex]
    categories: dict[int, CategoryRow]


class CocoReader(ImageSetReader):
    """A frame is an image; its key is the file name."""

    def __init__(
        self,
        root: Path,
        files: Sequence[AnnotationFile],
        sources: dict[str, Source],
        bases: Sequence[Path],
        problems: ProblemLog,
        path_map: PathMap = NO_MAP,
    ) -> None:
        self.files = tuple(files)
        self.sources = sources
        self.images = files[0].images
        self._bases = tuple(bases)
        keys = _unique([row.file_name for row in self.images])
        self._path_map = path_map
        inner = [self._leads_here(number) for number in range(len(self.images))]
        super().__init__(root, keys, inner, problems)
        for number, fits in enumerate(inner):
            if not fits:
                name = self.images[number].file_name[:200]
                text = f"{name!r} leads out of the folder and is not read; {MAP_HINT}"
                self.image_log.add(files[0].path, f"$.images[{number}].file_name", text)
        self._decoder = RowDecoder[dict[str, Any]](dict)
        some = [number for number, fits in enumerate(inner[:SEARCHED_IMAGES]) if fits]
        if some and not any(is_file(self.image_path(number)) for number in some):
            told = "the images are not in the folder"
            self.image_log.add(files[0].path, "$.images", told)

    def image_path(self, frame_index: int) -> Path:
        mapped = self._mapped(frame_index)
        if mapped is not None:
            return mapped
        inner = inner_path(self.images[frame_index].file_name)
        if inner is None:
            raise DamagedData(self.root, self.frames[frame_index].key, "the image is missing")
        candidates = [base / inner for base in self._bases]
        return next((each for each in candidates if is_file(each)), candidates[0])

    def _mapped(self, frame_index: int) -> Path | None:
        try:
            return self._path_map.find(self.images[frame_index].file_name)
        except LeavesFolder as error:
            key = self.frames[frame_index].key
            raise DamagedData(self.files[0].path, key, str(error)) from None

    def _leads_here(self, number: int) -> bool:
        name = self.images[number].file_name
        try:
            return leads_inside(name) or self._path_map.find(name) is not None
        except LeavesFolder:
            return False

    def read_frame_metadata(self, frame_index: int) -> Mapping[str, Any]:
        """Return the keys of an image besides its name and size: tags, licence, anything."""
        try:
            return self.files[0].image_extras(frame_index)
        except DamagedData as damage:
            self.log.add_damage(damage)
            return {}

    def are_labels_indexed(self, frame_index: int, label_set_id: str) -> bool:
        """Say whether the annotations of a label set are indexed."""
        return self.sources[label_set_id].index.is_there

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        source = self.sources[label_set_id]
        labels = self._labels(source, self.log)
        for row, place, fallback_id in self._rows(source, frame_index, label_set_id):
            labels.add(row, place, fallback_id)
        return labels.build()

    def label_place(
        self, frame_index: int, label_set_id: str, label_id: str
    ) -> tuple[str, str] | None:
        """Return the file and row of an annotation."""
        source = self.sources[label_set_id]
        for row, place, fallback_id in self._rows(source, frame_index, label_set_id):
            own = row.get("id")
            if label_id == (str(own) if isinstance(own, int | str) else fallback_id):
                return str(source.file.path), place
        return None

    def read_source_rows(self, frame_index: int, label_set_id: str) -> Mapping[str, SourceRow]:
        """Return the annotation behind each label."""
        source = self.sources[label_set_id]
        found: dict[str, SourceRow] = {}
        for row, place, fallback_id in self._rows(source, frame_index, label_set_id):
            alone = self._labels(source, ProblemLog())
            alone.add(row, place, fallback_id)
            own = str(row["id"]) if isinstance(row.get("id"), int | str) else fallback_id
            found.setdefault(own, SourceRow(FORMAT_NAME, row, alone.build()))
        return found

    @staticmethod
    def _labels(source: Source, log: ProblemLog) -> ImageLabels:
        are_results = source.file.is_results
        return ImageLabels(source.file.path, source.categories, log, are_results=are_results)

    def _rows(
        self, source: Source, frame_index: int, label_set_id: str
    ) -> Iterator[tuple[dict[str, Any], str, str]]:
        """Yield (row, place, id where it has none) of an image's annotations."""
        for number, start, end in source.index.result().rows(frame_index):
            place = source.file.place(number)
            try:
                row = self._decoder.one(source.file.json, start, end, place)
            except DamagedData as damage:
                self.log.add_damage(damage)
                continue
            yield row, place, f"{label_set_id}:{number}"


def _unique(names: Sequence[str]) -> list[str]:
    taken: set[str] = set()
    keys = []
    for index, name in enumerate(names):
        key = name if name not in taken else f"{name}#{index}"
        taken.add(key)
        keys.append(key)
    return keys
