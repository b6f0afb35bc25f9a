"""Attributes and classifications as tags, which are texts, numbers or nothing, each name one kind.

Supervisely gives every tag name one kind of value for a whole project, so that all labels are
looked through before the first tag is written.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from viewer.formats.writers.cloud_cuboids import is_json
from viewer.formats.writers.losses import LossLog
from viewer.scene.class_map import PALETTE
from viewer.scene.labels import FrameLabels
from viewer.scene.shapes import Classification, ClassificationScope

TEXT, NUMBER, NOTHING = "any_string", "any_number", "none"
VALUE = "value"
"""The one attribute of a frame's classification that a tag has a place for."""


class TagKinds:
    """The kind of value of every tag name in a project."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}

    def add(self, labels: FrameLabels) -> None:
        """Take note of the values of a frame."""
        for attributes in labels.cuboids.attributes:
            for name, value in attributes.items():
                self._add(name, value)
        for each in labels.classifications:
            if is_tag(each):
                self._add(each.class_name, each.attributes.get(VALUE))

    def written(self, name: str, value: object, where: str, losses: LossLog) -> object:
        """Return a value as its tag holds it, noting what that changes."""
        if value is None or _kind_of(value) == self._kinds[name]:
            return value
        losses.add(
            f"attribute {name!r}", where, "a tag is one kind of text or number; becomes text"
        )
        return value if isinstance(value, str) else msgspec.json.encode(value).decode()

    def as_json(self) -> list[dict[str, Any]]:
        """Return the tags of ``meta.json``."""
        return [
            {
                "name": name,
                "value_type": kind,
                "color": "#" + bytes(PALETTE[index % len(PALETTE)]).hex(),
                "hotkey": "",
                "applicable_type": "all",
                "classes": [],
            }
            for index, (name, kind) in enumerate(self._kinds.items())
        ]

    def _add(self, name: str, value: object) -> None:
        if not is_json(value):
            return
        kind, known = _kind_of(value) or TEXT, self._kinds.get(name, NOTHING)
        if known == NOTHING:
            self._kinds[name] = kind
        elif kind not in (known, NOTHING):
            self._kinds[name] = TEXT


def is_tag(each: Classification) -> bool:
    """Say whether a classification is one of a whole frame."""
    return each.scope == ClassificationScope.FRAME


def cuboid_tags(
    attributes: Mapping[str, Any], kinds: TagKinds, where: str, losses: LossLog
) -> dict[str, object]:
    """Return value by name of the tags of an object."""
    found = {}
    for name, value in attributes.items():
        if is_json(value):
            found[name] = kinds.written(name, value, where, losses)
        else:
            losses.add(f"attribute {name!r}", where, "JSON has no such value")
    return found


def frame_tags(
    labels: FrameLabels, cloud_name: str, kinds: TagKinds, where: str, losses: LossLog
) -> dict[str, object]:
    """Return value by name of the tags of a frame; other classifications are noted."""
    found: dict[str, object] = {}
    for each in labels.classifications:
        name, value = each.class_name, each.attributes.get(VALUE)
        if not is_tag(each) or name in found or not is_json(value):
            why = "only frames have tags, one of a name"
            losses.add("classification", where, why)
            continue
        found[name] = kinds.written(name, value, where, losses)
        others = sum(1 for key in each.attributes if key != VALUE)
        losses.add("attribute of a classification", where, "a tag has one value", others)
        losses.add("score", where, "a tag has none", int(each.score == each.score))
        if each.label_id != f"{cloud_name}:{name}":
            losses.add("label id", where, "a tag is named by file and name")
    return found


def _kind_of(value: object) -> str:
    """Return the kind of tag that holds a value as it is, empty where there is none."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return TEXT
    return NUMBER if isinstance(value, int | float) and not isinstance(value, bool) else ""
