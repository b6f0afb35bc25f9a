"""Labels of one image as COCO annotations, over the rows that they were read from."""

import math
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from viewer.formats.coco.annotations import OWN_KEYS, SEGMENTATION_ID
from viewer.formats.coco.reader import FORMAT_NAME
from viewer.formats.coco.rle import counts_from_runs, packed_counts
from viewer.formats.image_set import IMAGE
from viewer.formats.source_rows import SourceRow
from viewer.formats.writers.image_labels import ImageLabel, labels_on_image, ring_area_px
from viewer.formats.writers.losses import LossLog
from viewer.scene.class_map import ClassMap, Skeleton

NUMBERS = ("id", "image_id", "category_id")
"""Keys that every file has its own values for."""
NO_ROWS: Mapping[str, SourceRow] = {}


class AnnotationRows:
    """Turns labels into annotations."""

    def __init__(self, categories: "CategoryNumbers", losses: LossLog) -> None:
        self._categories = categories
        self._losses = losses

    def of(
        self,
        labels: Sequence[ImageLabel],
        image_id: int,
        where: str,
        sources: Mapping[str, SourceRow] = NO_ROWS,
    ) -> list[tuple[dict[str, Any], ImageLabel]]:
        """Return the annotations of an image, each to be numbered yet, and their labels.

        A row that a label was read from keeps its values, unknown keys too, but for those that
        the label now says otherwise.
        """
        found: list[tuple[dict[str, Any], ImageLabel]] = []
        for own in _objects(labels):
            row = self._row(own, image_id, 0, where)
            source = sources.get(own[0].label_id)
            if source is not None and source.format_name == FORMAT_NAME:
                row = self._over(source, row)
            found.append((row, own[0]))
        return found

    def _over(self, source: SourceRow, row: dict[str, Any]) -> dict[str, Any]:
        quiet = AnnotationRows(self._categories, LossLog())
        before = labels_on_image(source.labels, IMAGE, "", "", LossLog())
        read = quiet._row(before, 0, 0, "") if before else {}
        merged = dict(source.values)
        if "category_id" not in merged and row["category_id"] == read.get("category_id"):
            # A caption has no class.
            row = {key: value for key, value in row.items() if key != "category_id"}
            read.pop("category_id")
        for key in row.keys() | read.keys():
            if key in row and (key in NUMBERS or row[key] != read.get(key)):
                merged[key] = row[key]
            elif key not in row:
                merged.pop(key, None)
        return merged

    def _row(
        self, own: Sequence[ImageLabel], image_id: int, number: int, where: str
    ) -> dict[str, Any]:
        row = self._annotation(own[0], image_id, number, where)
        for segmentation in own[1:]:
            second = self._annotation(segmentation, image_id, number, where)
            row |= {key: second[key] for key in ("segmentation", "area")}
            if isinstance(own[0].attributes.get("bbox"), list):
                continue
            row["bbox"] = second["bbox"]
        return row

    def _annotation(
        self, label: ImageLabel, image_id: int, annotation_id: int, where: str
    ) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": annotation_id,
            "image_id": image_id,
            "category_id": self._categories.of(label.class_name),
            "iscrowd": int(label.is_crowd),
        }
        attributes = dict(label.attributes)
        stored = attributes.pop("bbox", None)
        row |= {key: plain_value(attributes.pop(key)) for key in OWN_KEYS if key in attributes}
        if isinstance(attributes.get("caption"), str):
            row["caption"] = attributes.pop("caption")
        if not math.isnan(label.score):
            row["score"] = label.score
        if label.track_id is not None:
            attributes["track_id"] = label.track_id
        if label.rotated is not None:
            attributes["rotation"] = math.degrees(label.rotated[4]) % 360.0
            self._losses.add("2D label: rotated box", where, "COCO has none; becomes a polygon")
        if label.box_px is None:
            row |= {"bbox": [], "segmentation": [], "area": 0.0}
        else:
            left, top, right, bottom = label.box_px
            row["bbox"] = [left, top, right - left, bottom - top]
            row["area"] = (right - left) * (bottom - top)
            row["segmentation"] = []
        if isinstance(stored, list) and len(stored) == 4:
            row["bbox"] = stored
        if label.rings:
            row["segmentation"] = [ring.ravel().tolist() for ring in label.rings]
            row["area"] = sum(map(ring_area_px, label.rings))
        if label.runs is not None:
            runs = label.runs
            counts = packed_counts(counts_from_runs(runs))
            row["segmentation"] = {"size": [runs.height_px, runs.width_px], "counts": counts}
            row["area"] = float(runs.area_px)
        if label.keypoints is not None:
            self._add_keypoints(row, label, where)
        if attributes:
            row["attributes"] = plain_value(attributes)
        return row

    def _add_keypoints(self, row: dict[str, Any], label: ImageLabel, where: str) -> None:
        assert label.keypoints is not None
        known = np.isfinite(label.keypoints).all(axis=1)
        states = np.where(known, np.asarray(label.visibilities), 0)
        places = np.where(states[:, None] > 0, label.keypoints, 0.0)
        row["keypoints"] = [
            number
            for (x, y), state in zip(places.tolist(), states.tolist(), strict=True)
            for number in (x, y, int(state))
        ]
        row["num_keypoints"] = int(np.count_nonzero(states))
        if not label.keypoint_names:
            return
        skeleton = Skeleton(tuple(label.keypoint_names), tuple(label.skeleton))
        if not self._categories.set_skeleton(label.class_name, skeleton):
            self._losses.add("skeleton", where, "COCO has one a class; another stands there")


class CategoryNumbers:
    """Numbers of classes: the class maps' own where they are free, else the next from 1."""

    def __init__(self, class_maps: Sequence[ClassMap]) -> None:
        self._numbers: dict[str, int] = {}
        self._parents: dict[str, str] = {}
        self._skeletons: dict[str, Skeleton] = {}
        for class_map in class_maps:
            for entry in class_map.entries:
                own = entry.class_id
                if own is not None and own >= 0 and own not in self._numbers.values():
                    self._numbers.setdefault(entry.name, own)
                if entry.parent is not None:
                    self._parents.setdefault(entry.name, entry.parent)
                if entry.skeleton is not None:
                    self._skeletons.setdefault(entry.name, entry.skeleton)
        for class_map in class_maps:
            for entry in class_map.entries:
                self.of(entry.name)

    def of(self, name: str) -> int:
        """Return the number of a class."""
        if name not in self._numbers:
            self._numbers[name] = max(self._numbers.values(), default=0) + 1
        return self._numbers[name]

    def set_skeleton(self, name: str, skeleton: Skeleton) -> bool:
        """Give a class a skeleton; False when it has another."""
        return self._skeletons.setdefault(name, skeleton) == skeleton

    def rows(self) -> list[dict[str, Any]]:
        """Return the categories in the order of their numbers."""
        found = []
        for name, number in sorted(self._numbers.items(), key=lambda pair: pair[1]):
            row: dict[str, Any] = {"id": number, "name": name}
            row["supercategory"] = self._parents.get(name, "")
            skeleton = self._skeletons.get(name)
            if skeleton is not None:
                row["keypoints"] = list(skeleton.keypoint_names)
                row["skeleton"] = [[first + 1, last + 1] for first, last in skeleton.bones]
            found.append(row)
        return found


def number_rows(rows: Sequence[dict[str, Any]], label_ids: Sequence[str]) -> list[int]:
    """Give annotations the numbers that their labels' ids are, else those that are free.

    Returns the rows whose label has another id now.
    """
    used: set[int] = set()
    open_rows = []
    for index, (row, label_id) in enumerate(zip(rows, label_ids, strict=True)):
        is_number = label_id.isascii() and label_id.isdigit() and len(label_id) < 16
        number = int(label_id) if is_number else 0
        if str(number) == label_id and number > 0 and number not in used:
            row["id"] = number
            used.add(number)
        else:
            open_rows.append(index)
    free = (number for number in count(1) if number not in used)
    for index in open_rows:
        rows[index]["id"] = next(free)
    return open_rows


def _objects(labels: Sequence[ImageLabel]) -> list[list[ImageLabel]]:
    """Put the segmentation of an object to its keypoints; all others stand alone."""
    with_keypoints = {each.label_id for each in labels if each.keypoints is not None}
    found: dict[str, list[ImageLabel]] = {}
    seconds: list[tuple[str, ImageLabel]] = []
    objects = []
    for each in labels:
        owner = each.label_id.removesuffix(SEGMENTATION_ID)
        shaped = bool(each.rings) or each.runs is not None
        if owner != each.label_id and owner in with_keypoints and shaped:
            seconds.append((owner, each))
            continue
        own = [each]
        objects.append(own)
        if each.keypoints is not None:
            found.setdefault(each.label_id, own)
    for owner, each in seconds:
        found[owner].append(each)
    return objects


def plain_value(value: Any) -> Any:  # noqa: ANN401 - any attribute
    """Return a value that JSON can hold."""
    if isinstance(value, dict):
        return {str(key): plain_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(each) for each in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
