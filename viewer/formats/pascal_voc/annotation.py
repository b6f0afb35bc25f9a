"""One VOC annotation file as labels."""

import math
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from viewer.formats.base import DamagedData
from viewer.formats.image_set import IMAGE, MAX_COORDINATE_PX
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels, LabelLink
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    ShapeKind,
)

MAX_XML_BYTES = 32 * 1024 * 1024
MAX_OBJECTS = 100_000
FLAGS = ("truncated", "difficult", "occluded")
WORDS = ("pose",)
PART = "part"
EDGES = ("xmin", "ymin", "xmax", "ymax")


def read_annotation(path: Path) -> Element:
    """Return the root of an annotation file.

    Raises
    ------
    DamagedData
        When it is no XML, has entities, or its root is another.
    """
    data = read_bytes(path, max_bytes=MAX_XML_BYTES)
    try:
        root: Element = fromstring(data)
    except ParseError as error:
        raise DamagedData(path, "", f"is not valid XML ({error})") from None
    except (DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise DamagedData(path, "", f"is not read: {type(error).__name__}") from None
    if root.tag != "annotation":
        raise DamagedData(path, "", "is no VOC annotation")
    return root


def image_addresses(root: Element) -> list[str]:
    """Return what a file says of where its image lies, the fuller address first."""
    path = (root.findtext("path") or "").strip()
    folder = (root.findtext("folder") or "").strip()
    name = (root.findtext("filename") or "").strip()
    both = f"{folder.rstrip('/')}/{name}" if folder and name else name
    return [each for each in (path, both) if each]


class ObjectLabels:
    """Collects the objects of one image.

    Boxes keep their numbers: the format counts pixels from 1 by its own description, but what
    labelling programs write is counted from 0, so neither a shift nor the last pixel is added.
    An empty element is none (Picsellia writes one for each shape that an object does not have); an
    object whose box is empty says the class of the image.
    """

    def __init__(self, path: Path, log: ProblemLog) -> None:
        self._path = path
        self._log = log
        self._shapes = ImageShapesBuilder()
        self._boxes: list[tuple[list[float], dict[str, Any]]] = []
        self._links: list[LabelLink] = []
        self._classes: list[Classification] = []

    def add_all(self, root: Element) -> None:
        """Add every object of a file; one that does not fit is noted and left out."""
        for number, element in enumerate(root.findall("object")[:MAX_OBJECTS]):
            label_id = str(number)
            self._add(element, label_id, f"object {number + 1}")
            for index, part in enumerate(element.findall(PART)):
                own = f"{label_id}:{index}"
                if self._add(part, own, f"object {number + 1} part {index + 1}"):
                    self._links.append(LabelLink(PART, own, label_id))

    def build(self) -> FrameLabels:
        """Return the labels added so far."""
        facts = [each for _, each in self._boxes]
        boxes = BoxLabels2D(
            boxes_px=np.array([box for box, _ in self._boxes], dtype=np.float64).reshape(-1, 4),
            sensor_ids=(IMAGE,) * len(facts),
            label_ids=tuple(each["label_id"] for each in facts),
            class_names=tuple(each["class_name"] for each in facts),
            track_ids=tuple(each["track_id"] for each in facts),
            scores=np.array([each["score"] for each in facts], dtype=np.float64),
            attributes=tuple(each["attributes"] for each in facts),
        )
        empty = CuboidLabels.empty("world")
        shapes = self._shapes.build()
        return FrameLabels(
            empty,
            boxes_2d=boxes,
            shapes_2d=shapes,
            classifications=tuple(self._classes),
            links=tuple(self._links),
        )

    def _add(self, element: Element, label_id: str, place: str) -> bool:
        try:
            facts = _facts(element, label_id)
            turned, polygon = element.find("robndbox"), element.find("polygon")
            if turned is not None:
                numbers = [_number(turned, key) for key in ("cx", "cy", "w", "h", "angle")]
                if min(numbers[2:4]) < 0:
                    raise ValueError("the size of a turned box is negative")
                kind = ShapeKind.ROTATED_BOX
                self._shapes.add(kind, sensor_id=IMAGE, parameters=numbers, **facts)
            elif polygon is not None and not _is_empty(polygon):
                kind = ShapeKind.POLYGONS
                self._shapes.add(kind, sensor_id=IMAGE, parts=[_ring(polygon)], **facts)
            else:
                box = element.find("bndbox")
                if box is None:
                    raise ValueError("it has no bndbox")
                if _is_empty(box):
                    scope = ClassificationScope.IMAGE
                    self._classes.append(Classification(scope, IMAGE, **facts))
                else:
                    self._boxes.append(([_number(box, edge) for edge in EDGES], facts))
        except ValueError as error:
            self._log.add(self._path, place, f"{error}; it is left out")
            return False
        return True


def _facts(element: Element, label_id: str) -> dict[str, Any]:
    name = (element.findtext("name") or "").strip()
    if not name:
        raise ValueError("it has no name")
    attributes: dict[str, Any] = {}
    for key in WORDS:
        text = element.findtext(key)
        if text is not None and text.strip():
            attributes[key] = text.strip()
    for key in FLAGS:
        text = element.findtext(key)
        if text is not None and text.strip():
            attributes[key] = _flag(text.strip())
    actions = element.find("actions")
    if actions is not None:
        attributes["actions"] = {each.tag: _flag((each.text or "").strip()) for each in actions}
    for each in element.iterfind("attributes/attribute"):
        key = (each.findtext("name") or "").strip()
        if key:
            attributes[key] = _flag((each.findtext("value") or "").strip(), each.get("type"))
    score = attributes.pop("score", math.nan)
    track_id = attributes.pop("track_id", None)
    return {
        "label_id": label_id,
        "class_name": name,
        "track_id": None if track_id is None else str(track_id),
        "score": float(score) if isinstance(score, int | float) else math.nan,
        "attributes": attributes,
    }


def _flag(text: str, kind: str | None = None) -> bool | int | float | str:
    """Return what a text says: yes or no for 0 and 1 of flags, else a number or the text."""
    if kind == "text":
        return text
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind is None and text in ("0", "1"):
        return text == "1"
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(text) if text.lstrip("-").isdigit() and len(text) < 18 else number


def _is_empty(element: Element) -> bool:
    return len(element) == 0 and not (element.text or "").strip()


def _number(element: Element, key: str) -> float:
    text = (element.findtext(key) or "").strip()
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{key} is not a number") from None
    if not abs(number) <= MAX_COORDINATE_PX:
        raise ValueError(f"{key} lies absurdly far away")
    return number


def _ring(polygon: Element) -> list[list[float]]:
    ring = []
    for index in range(1, len(polygon) // 2 + 1):
        ring.append([_number(polygon, f"x{index}"), _number(polygon, f"y{index}")])
    return ring
