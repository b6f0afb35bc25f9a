"""Objects of VOC files with changes: what changed is put into the text, all else stays as it is."""

import re
from pathlib import Path
from typing import Any

from viewer.formats.edited_reader import EditedReader
from viewer.formats.label_changes import LabelChange
from viewer.formats.pascal_voc.annotation import (
    EDGES,
    FLAGS,
    MAX_OBJECTS,
    MAX_XML_BYTES,
    PART,
    WORDS,
    read_annotation,
)
from viewer.formats.pascal_voc.reader import PascalVocReader
from viewer.formats.text_file import read_bytes
from viewer.formats.writers.edited_files import changes_of
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.xml_text import PlacedElement, PlacedXml, written_text
from viewer.scene.scene import Scene

TITLE = "Pascal VOC"
TRACK = "track_id"
_WHOLE = re.compile(r"\s*-?\d+\s*")


def edited_annotations(scene: Scene, losses: LossLog) -> dict[Path, bytes] | None:
    """Return the annotation files that edits change; None where one cannot be changed in place."""
    edited = scene.reader
    files: dict[Path, bytes] = {}
    if not isinstance(edited, EditedReader):
        return files
    reader = edited.base
    assert isinstance(reader, PascalVocReader)
    for index, image in enumerate(reader.images):
        for label_set in scene.label_sets:
            changes = changes_of(edited, index, label_set.label_set_id)
            if not changes or image.annotation is None:
                continue
            # It refuses what no text of labels has, such as entities.
            read_annotation(image.annotation)
            data = read_bytes(image.annotation, max_bytes=MAX_XML_BYTES)
            try:
                document = PlacedXml(data)
            except ValueError:
                return None
            where = f"{scene.scene_id}/{label_set.label_set_id}"
            for label_id, element in _labelled(document.root):
                change = changes.get(label_id)
                if change is not None and not _is_in_one_that_goes(label_id, changes):
                    _change(document, element, change, where, losses)
            files[image.annotation] = document.changed()
    return files


def _is_in_one_that_goes(label_id: str, changes: dict[str, LabelChange]) -> bool:
    whole = changes.get(label_id.partition(":")[0])
    return ":" in label_id and whole is not None and whole.is_deleted


def _labelled(root: PlacedElement) -> list[tuple[str, PlacedElement]]:
    """Return the elements of labels with their ids, as the reader gives them."""
    found = []
    for number, element in enumerate([*root.all("object")][:MAX_OBJECTS]):
        found.append((str(number), element))
        parts = element.all(PART)
        found += [(f"{number}:{index}", part) for index, part in enumerate(parts)]
    return found


def _change(
    document: PlacedXml,
    element: PlacedElement,
    change: LabelChange,
    where: str,
    losses: LossLog,
) -> None:
    if change.is_deleted:
        document.remove(element)
        return
    name = element.find("name")
    if change.class_name is not None and name is not None:
        document.set_text(name, change.class_name)
    box = element.find("bndbox")
    if change.box_px is not None and box is not None:
        for edge, value in zip(EDGES, change.box_px, strict=True):
            own = box.find(edge)
            if own is not None:
                document.set_text(own, _number(value, own.text))
    attributes: dict[str, Any] = dict(change.attributes)
    removed = list(change.removed_attributes)
    if change.changes_track:
        if change.track_id is None:
            removed.append(TRACK)
        else:
            attributes[TRACK] = change.track_id
    _Facts(document, element, where, losses).set(attributes, removed)


class _Facts:
    """What an object says beside its class and its shape."""

    def __init__(
        self, document: PlacedXml, element: PlacedElement, where: str, losses: LossLog
    ) -> None:
        self._document = document
        self._element = element
        self._where = where
        self._losses = losses
        self._list = element.find("attributes")
        named = [*self._list.all("attribute")] if self._list is not None else []
        self._named = {
            name.text.strip(): each for each in named if (name := each.find("name")) is not None
        }

    def set(self, values: dict[str, Any], removed: list[str]) -> None:
        for key in removed:
            plain = self._element.find(key) if key in (*WORDS, *FLAGS) else None
            element = plain or self._named.get(key)
            if element is not None:
                self._document.remove(element)
        fresh = []
        for key, value in values.items():
            if not isinstance(value, str | int | float | bool):
                told = f"{TITLE} holds text, numbers, yes and no"
                self._losses.add(f"attribute {key!r}", self._where, told)
            elif not self._set(key, value):
                fresh.append(_attribute(key, value))
        if not fresh:
            return
        last = self._list.children[-1] if self._list is not None and self._list.children else None
        if last is not None:
            for markup in fresh:
                self._document.insert_after(last, markup)
            return
        if self._list is not None:
            self._document.remove(self._list)
        name = self._element.find("name")
        assert name is not None
        self._document.insert_after(name, f"<attributes>{''.join(fresh)}</attributes>")

    def _set(self, key: str, value: str | float | bool) -> bool:
        plain = self._element.find(key) if key in (*WORDS, *FLAGS) else None
        if plain is not None:
            self._document.set_text(plain, _text(value, flag=key in FLAGS))
            return True
        own = self._named.get(key)
        if own is None:
            return False
        element = own.find("value")
        if element is None or own.attributes.get("type", _kind(value)) != _kind(value):
            self._document.replace(own, _attribute(key, value))
        else:
            self._document.set_text(element, _text(value))
        return True


def _kind(value: str | float | bool) -> str:
    return {bool: "bool", int: "number", float: "number"}.get(type(value), "text")


def _attribute(key: str, value: str | float | bool) -> str:
    kind = _kind(value)
    name, text = written_text(key), written_text(_text(value))
    return f'<attribute type="{kind}"><name>{name}</name><value>{text}</value></attribute>'


def _text(value: str | float | bool, *, flag: bool = False) -> str:
    if isinstance(value, bool):
        return str(int(value)) if flag else str(value).lower()
    return str(value)


def _number(value: float, before: str) -> str:
    """Write a number whole where the one before is and this one can be."""
    whole = _WHOLE.fullmatch(before) is not None and float(value).is_integer()
    return str(int(value)) if whole else repr(float(value))
