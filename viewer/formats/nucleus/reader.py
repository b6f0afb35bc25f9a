"""Reads the frames of one Nucleus scene."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData, UnknownFormat
from viewer.formats.data_urls import UnmappedUrl
from viewer.formats.images import MAX_FILE_BYTES, image_size, read_image
from viewer.formats.kept_frames import KeptFrames
from viewer.formats.nucleus.annotation_file import Places
from viewer.formats.nucleus.cuboid_rows import (
    RowAttributes,
    TakenRows,
    plain_cuboids,
    take_frames,
)
from viewer.formats.nucleus.item_metadata import frame_metadata
from viewer.formats.nucleus.label_index import LabelIndex
from viewer.formats.nucleus.labels import (
    FrontAxis,
    PlacedAnnotation,
    id_of,
    labels_from_annotations,
)
from viewer.formats.nucleus.masks import read_mask
from viewer.formats.nucleus.point_json import read_point_json
from viewer.formats.nucleus.rig import build_rig
from viewer.formats.nucleus.scene_items import FrameItems, SceneItems
from viewer.formats.nucleus.schema import CATEGORY_TYPES, POINT_CLOUD
from viewer.formats.nucleus.source import NucleusSource
from viewer.formats.points.catalog import read_points
from viewer.formats.read_ahead import ReadAhead
from viewer.formats.text_file import read_bytes
from viewer.scene.images import Image
from viewer.scene.labels import FrameLabels, LabelSetKind
from viewer.scene.masks import SemanticMask
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Problem
from viewer.scene.sensors import Rig
from viewer.scene.shapes import ClassificationScope
from viewer.scene.tracks import Track

KEPT_RIGS = 256
MAX_FRAMES_AHEAD = 256
_IMAGE = ClassificationScope.IMAGE
_FRAME = ClassificationScope.FRAME
_SCENE = ClassificationScope.SCENE


class NucleusReader:
    """Implements `SceneReader`; annotations are decoded when their frame is asked for."""

    def __init__(self, source: NucleusSource, scene: SceneItems, front_axis: FrontAxis) -> None:
        self.source = source
        """All payloads of the dataset, for those who write them back."""
        self.scene_items = scene
        self._places = source.places
        self._scene = scene
        self._labels = {index.label_set_id: index for index in source.labels}
        self._problems = source.problems
        self._front_axis = front_axis
        self._rigs = KeptFrames(KEPT_RIGS, self._build_rig)
        self._ahead = {
            index.label_set_id: ReadAhead(partial(self._take_ahead, index))
            for index in source.labels
        }

    def read_rig(self, frame_index: int) -> Rig:
        return self._rigs.of(frame_index)

    def _build_rig(self, frame_index: int) -> Rig:
        return build_rig(self._scene.frames[frame_index], self._places, self._problems)

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        path = self._path(frame_index, sensor_id)
        if path.suffix.lower() == ".json":
            return read_point_json(path)
        try:
            return read_points(path)
        except UnknownFormat as error:
            raise DamagedData(path, "", str(error).split("\n", 1)[0]) from None

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._path(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._path(frame_index, sensor_id), max_bytes=MAX_FILE_BYTES)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        index = self._labels[label_set_id]
        frame = self._scene.frames[frame_index]
        owners = self._owners(frame)
        if len(index.spans) == 1:
            taken = self._ahead[label_set_id].get(frame_index)
            if taken is not None:
                attributes = RowAttributes(index.spans[0], taken.rows)
                cuboids = taken.columns.labels(attributes)
            else:
                parts = self._parts(index, frame)
                cuboids = plain_cuboids(index.spans[0], parts, self._front_axis)
            if cuboids is not None:
                return FrameLabels(cuboids)
        placed = self._placed(index, owners, frame)
        open_mask = partial(self._open_mask, frame)
        return labels_from_annotations(placed, self._problems, self._front_axis, open_mask)

    def placed_annotations(self, frame_index: int, label_set_id: str) -> list[PlacedAnnotation]:
        """Return the annotations behind the labels of a frame, with their places in the files."""
        frame = self._scene.frames[frame_index]
        return self._placed(self._labels[label_set_id], self._owners(frame), frame)

    def is_only_predicted(self, frame_index: int) -> bool:
        """Return True where a frame has no item, and nothing but predictions names it."""
        frame = self._scene.frames[frame_index]
        if frame.items:
            return False
        true = (each for each in self._labels.values() if each.kind != LabelSetKind.PREDICTIONS)
        return all(frame.key not in each.rows for each in true)

    def label_place(
        self, frame_index: int, label_set_id: str, label_id: str
    ) -> tuple[str, str] | None:
        """Return the file and row of an annotation."""
        for placed in self.placed_annotations(frame_index, label_set_id):
            if placed.key == label_id:
                return str(placed.path), placed.place
        return None

    @property
    def front_axis(self) -> FrontAxis:
        """The box axis that was taken for the front."""
        return self._front_axis

    def are_labels_indexed(self, frame_index: int, label_set_id: str) -> bool:
        """Say whether the annotations of a label set are indexed."""
        return self._labels[label_set_id].is_indexed

    def _parts(self, index: LabelIndex, frame: FrameItems) -> list[Places]:
        return [rows for name in self._owners(frame) for _, rows in index.rows.get(name)]

    def _take_ahead(self, index: LabelIndex, first: int) -> tuple[Mapping[int, TakenRows], int]:
        frames = enumerate(self._scene.frames[first : first + MAX_FRAMES_AHEAD], first)
        parts = ((number, self._parts(index, frame)) for number, frame in frames)
        return take_frames(index.spans[0], parts, self._front_axis)

    def _owners(self, frame: FrameItems) -> dict[str, tuple[str, ClassificationScope]]:
        """Return sensor and scope by the reference ids whose annotations a frame shows."""
        owners = {
            item.item_id: (name, _FRAME if item.kind == POINT_CLOUD else _IMAGE)
            for name, item in frame.items.items()
        }
        # A scene's own annotations show in each of its frames.
        owners.setdefault(self._scene.scene_id, ("", _SCENE))
        if not frame.items:
            owners.setdefault(frame.key, ("", _FRAME))
        return owners

    def _placed(
        self,
        index: LabelIndex,
        owners: Mapping[str, tuple[str, ClassificationScope]],
        frame: FrameItems,
    ) -> list[PlacedAnnotation]:
        """Decode the annotations of a frame, each id once an item."""
        placed: dict[tuple[str, str], PlacedAnnotation] = {}
        repeated: Counter[str] = Counter()
        for reference_id, (sensor_id, scope) in owners.items():
            for number, rows in index.rows.get(reference_id):
                spans = index.spans[number]
                for row in rows.tolist():
                    try:
                        annotation = spans.read(row)
                    except DamagedData as damage:
                        problem = f"{damage.problem}; it is left out"
                        self._problems.add(damage.path, damage.place, problem)
                        continue
                    key = (reference_id, id_of(annotation) or f"{number}:{row}")
                    if key in placed:
                        repeated["the last is kept" if spans.update else "the first is kept"] += 1
                    if key not in placed or spans.update:
                        placed[key] = PlacedAnnotation(
                            annotation, sensor_id, scope, spans, row, key[1]
                        )
        for became, count in repeated.items():
            problem = f"{count} annotations repeat the id of another of their item; {became}"
            self._problems.add(frame.path, frame.place or frame.key, problem)
        found = list(placed.values())
        _make_unique(found)
        self._note_taxonomies(found)
        return found

    def _note_taxonomies(self, placed: Sequence[PlacedAnnotation]) -> None:
        for each in placed:
            taxonomy = self.source.taxonomies.get(each.annotation.taxonomy_name or "")
            if taxonomy is None or each.annotation.kind not in CATEGORY_TYPES:
                continue
            names = {*(each.annotation.labels or ()), each.annotation.label} - {None, ""}
            strange = names.difference(taxonomy.labels)
            if strange:
                problem = f"taxonomy {taxonomy.taxonomy_name!r} has no label {min(strange)!r}"
                self._problems.add(each.path, each.place, problem)

    def _open_mask(self, frame: FrameItems, each: PlacedAnnotation) -> SemanticMask | None:
        """Return a mask; None, with a problem, where its PNG cannot be read here."""
        url = each.annotation.mask_url
        if not url:
            raise ValueError("has no mask_url")
        try:
            path = self._places.find(url, each.path.parent)
            mask, told = read_mask(path, each.annotation, each.sensor_id, each.key)
        except UnmappedUrl as unmapped:
            # One problem for all masks of a host: a list of a thousand hides the rest.
            problem = f"masks {unmapped.reason}; they are listed and not shown"
            self._problems.add(each.path, unmapped.place, problem)
            return None
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return None
        size = self._image_size(frame, each.sensor_id)
        if size is not None and size != mask.class_indices.shape[::-1]:
            told.append("the mask is not as large as its image")
        for problem in told:
            self._problems.add(each.path, each.place, problem)
        return mask

    def _image_size(self, frame: FrameItems, sensor_id: str) -> tuple[int, int] | None:
        item = frame.items.get(sensor_id)
        if item is None or not item.source:
            return None
        try:
            return image_size(self._places.find(item.source, frame.path.parent))
        except (UnmappedUrl, DamagedData):
            return None

    def read_frame_metadata(self, frame_index: int) -> Mapping[str, Any]:
        """Return the metadata of a frame's items, and the slices that one of them is in."""
        frame = self._scene.frames[frame_index]
        found = frame_metadata(frame.items)
        slices = self.source.slices_of([item.item_id for item in frame.items.values()])
        return found | {"slices": slices} if slices else found

    def read_tracks(self, label_set_id: str) -> Sequence[Track]:
        """Return the tracks that the scene describes, each with the class it is labelled as."""
        described = {track.reference_id: track.metadata or {} for track in self._scene.tracks}
        names: dict[str, str] = {}
        known = label_set_id in self._labels
        for number in range(len(self._scene.frames) if described and known else 0):
            if len(names) == len(described):
                break
            cuboids = self.read_labels(number, label_set_id).cuboids
            for track_id, name in zip(cuboids.track_ids, cuboids.class_names, strict=True):
                if track_id in described:
                    names.setdefault(track_id or "", name)
        return [
            Track(track_id, names.get(track_id, ""), attributes=metadata)
            for track_id, metadata in described.items()
        ]

    def problems(self) -> Sequence[Problem]:
        return self.source.all_problems()

    def close(self) -> None:
        self._rigs.clear()
        for ahead in self._ahead.values():
            ahead.clear()

    def _path(self, frame_index: int, sensor_id: str) -> Path:
        frame = self._scene.frames[frame_index]
        item = frame.items.get(sensor_id)
        place = f"{frame.place}.{sensor_id}"
        if item is None or not item.source:
            raise DamagedData(frame.path, place, f"the frame has no data of {sensor_id!r}")
        try:
            return self._places.find(item.source, frame.path.parent)
        except UnmappedUrl as unmapped:
            raise DamagedData(frame.path, place, str(unmapped)) from None


def _make_unique(placed: Sequence[PlacedAnnotation]) -> None:
    """Annotation ids are unique within an item only: two items of a frame may share one."""
    seen: set[str] = set()
    for each in placed:
        if each.key in seen:
            each.key = f"{each.sensor_id}:{each.key}"
        seen.add(each.key)
