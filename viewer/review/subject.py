"""What a decision is about: a label, track, frame, scene or dataset, by names that last."""

import hashlib
import json
from dataclasses import dataclass, fields
from enum import StrEnum

KEY_BYTES = 16


class SubjectKind(StrEnum):
    """How much of a dataset a subject is."""

    DATASET = "dataset"
    SCENE = "scene"
    FRAME = "frame"
    TRACK = "track"
    LABEL = "label"


_NAMES = {
    SubjectKind.DATASET: (),
    SubjectKind.SCENE: ("scene_id",),
    SubjectKind.FRAME: ("scene_id", "frame_key"),
    SubjectKind.TRACK: ("scene_id", "label_set_id", "track_id"),
    SubjectKind.LABEL: ("scene_id", "frame_key", "label_set_id", "label_id"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One label, track, frame, scene or dataset. Use the makers, which ask for the right names.

    Examples
    --------
    >>> Subject.track("d", "street_0007", "gt", "18").key == Subject.track("d", "s", "gt", "18").key
    False
    """

    kind: SubjectKind
    dataset_id: str
    """Id that the workspace gave the dataset."""
    scene_id: str | None = None
    frame_key: str | None = None
    label_set_id: str | None = None
    label_id: str | None = None
    track_id: str | None = None

    def __post_init__(self) -> None:
        wanted = _NAMES[self.kind]
        for field in fields(self)[2:]:
            given = getattr(self, field.name)
            if (given is not None) != (field.name in wanted):
                verb = "needs" if field.name in wanted else "has no"
                raise ValueError(f"a {self.kind} {verb} {field.name}")

    @classmethod
    def dataset(cls, dataset_id: str) -> "Subject":
        """A whole dataset."""
        return cls(SubjectKind.DATASET, dataset_id)

    @classmethod
    def scene(cls, dataset_id: str, scene_id: str) -> "Subject":
        """A scene."""
        return cls(SubjectKind.SCENE, dataset_id, scene_id)

    @classmethod
    def frame(cls, dataset_id: str, scene_id: str, frame_key: str) -> "Subject":
        """A frame, with all label sets."""
        return cls(SubjectKind.FRAME, dataset_id, scene_id, frame_key)

    @classmethod
    def track(cls, dataset_id: str, scene_id: str, label_set_id: str, track_id: str) -> "Subject":
        """The labels of one object over all frames of a scene."""
        return cls(
            SubjectKind.TRACK, dataset_id, scene_id, label_set_id=label_set_id, track_id=track_id
        )

    @classmethod
    def label(
        cls, dataset_id: str, scene_id: str, frame_key: str, label_set_id: str, label_id: str
    ) -> "Subject":
        """One label."""
        return cls(SubjectKind.LABEL, dataset_id, scene_id, frame_key, label_set_id, label_id)

    @property
    def key(self) -> str:
        """32 hex digits that stand for the subject: equal subjects have equal keys, everywhere."""
        names = [str(self.kind), *(getattr(self, field.name) for field in fields(self)[1:])]
        text = json.dumps(names, ensure_ascii=False, separators=(",", ":"))
        return hashlib.blake2b(text.encode(), digest_size=KEY_BYTES).hexdigest()

    @property
    def text(self) -> str:
        """For people, e.g. ``label 18 in street_0007 / 000042``."""
        match self.kind:
            case SubjectKind.LABEL:
                return f"label {self.label_id} in {self.scene_id} / {self.frame_key}"
            case SubjectKind.TRACK:
                return f"track {self.track_id} in {self.scene_id}"
            case SubjectKind.FRAME:
                return f"frame {self.frame_key} of {self.scene_id}"
            case SubjectKind.SCENE:
                return f"scene {self.scene_id}"
            case _:
                return "the dataset"
