"""A version of a label set as values: the delivery, edits, and which labels belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from viewer.review.edits.model import LabelEdit
from viewer.review.subject import Subject, SubjectKind

SceneEdits = Mapping[str, Mapping[str, LabelEdit]]
"""Edits of one label set in one scene by frame key, then label id."""
TagNames = tuple[str | None, ...]
"""A tagged subject without its dataset: kind, scene, frame, label set, label, track."""


@dataclass(frozen=True, slots=True)
class VersionKeeps:
    """What a version has of its label set."""

    labels: bool = True
    """False for a fork without labels, which is there to be labelled anew."""
    classes: tuple[str, ...] | None = None
    """Labels of these classes alone; None for all."""
    every_scene: bool = True
    """False where only scenes with a row of their own belong to it."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        classes = None if self.classes is None else list(self.classes)
        return {"labels": self.labels, "classes": classes, "every_scene": self.every_scene}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "VersionKeeps":
        """Return what `to_json` gave."""
        classes = stored["classes"]
        return cls(
            stored["labels"], None if classes is None else tuple(classes), stored["every_scene"]
        )


@dataclass(frozen=True, slots=True)
class SceneKeep:
    """Which labels of a scene a fork took; a fork of a fork has several, all of which count."""

    frames: frozenset[str] | None = None
    labels: Mapping[str, frozenset[str]] | None = None
    """Label ids by frame key."""
    tracks: frozenset[str] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        found: dict[str, Any] = {}
        if self.frames is not None:
            found["frames"] = sorted(self.frames)
        if self.labels is not None:
            found["labels"] = {frame: sorted(ids) for frame, ids in self.labels.items()}
        if self.tracks is not None:
            found["tracks"] = sorted(self.tracks)
        return found

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "SceneKeep":
        """Return what `to_json` gave."""
        frames, labels, tracks = (stored.get(name) for name in ("frames", "labels", "tracks"))
        return cls(
            None if frames is None else frozenset(frames),
            None if labels is None else {key: frozenset(ids) for key, ids in labels.items()},
            None if tracks is None else frozenset(tracks),
        )


@dataclass(frozen=True, slots=True)
class SceneVersion:
    """One scene of a version."""

    scene_id: str
    edits: SceneEdits
    keeps: tuple[SceneKeep, ...] = ()
    """Empty where all labels belong to it."""


@dataclass(frozen=True, slots=True)
class Version:
    """A named label set at a moment, without its scenes."""

    version_id: str
    name: str
    dataset_id: str
    label_set_id: str
    parent: str | None
    """Id of the version that it is a fork of."""
    fingerprint: str
    """Of the delivery to which its edits belong."""
    keeps: VersionKeeps
    classes: tuple[str, ...]
    """Names of the class map; empty where they were not taken along."""
    tags: Mapping[str, tuple[TagNames, ...]]
    """What carried each tag."""
    created_ns: int
    created_by: str


@dataclass(frozen=True, slots=True)
class ForkChoices:
    """What a fork takes along.

    Its edits are always those of all labels, of which what is chosen counts; with `with_labels`
    off there are none.
    """

    with_labels: bool = True
    with_classes: bool = True
    """The names of the class map."""
    with_tags: bool = True
    classes: tuple[str, ...] | None = None
    """Only labels of these classes."""
    slice_id: str | None = None
    """Only what is in this slice of scenes, frames, tracks or labels."""
    tags: tuple[str, ...] | None = None
    """Only these tags."""


def edit_to_json(edit: LabelEdit) -> dict[str, Any]:
    """Return what an edit changes, as JSON values; the label's id stands elsewhere."""
    values = {field.name: getattr(edit, field.name) for field in fields(edit)[1:]}
    values["attributes"] = dict(edit.attributes) or None
    values["deleted"] = edit.deleted or None
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value is not None
    }


def edit_from_json(label_id: str, stored: Mapping[str, Any]) -> LabelEdit:
    """Return what `edit_to_json` gave."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    return LabelEdit(label_id, **values)


def tag_names(subject: Subject) -> TagNames:
    """Return a subject's names without its dataset."""
    return (
        str(subject.kind), subject.scene_id, subject.frame_key, subject.label_set_id,
        subject.label_id, subject.track_id,
    )  # fmt: skip


def tagged_subject(dataset_id: str, names: TagNames) -> Subject:
    """Return the subject that `tag_names` named."""
    kind, *others = names
    return Subject(SubjectKind(str(kind)), dataset_id, *others)
