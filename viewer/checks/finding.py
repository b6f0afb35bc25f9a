"""What a check says: about which labels, how sure, how bad, and why."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Severity(IntEnum):
    """How much it matters when it is true."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        """For people and files."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class LabelName:
    """Names one label of a dataset; see `review.subject` for the same in a workspace."""

    scene_id: str
    frame_key: str
    label_set_id: str
    label_id: str
    track_id: str | None = None


class BoxRole(StrEnum):
    """What a box of the evidence is."""

    LABEL = "label"
    OTHER = "other"
    PREDICTION = "prediction"
    EXPECTED = "expected"
    """Where the check would have put it."""


@dataclass(frozen=True, eq=False, slots=True)
class EvidenceBox:
    """A box to draw; world coordinates."""

    role: BoxRole
    frame_key: str
    center_m: tuple[float, float, float]
    size_m: tuple[float, float, float]
    rotation_wxyz: tuple[float, float, float, float]


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """What one looks at to believe a finding or not."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    """By name with its unit at the end: ``speed_mps``, ``points``, ``iou``."""
    boxes: tuple[EvidenceBox, ...] = ()
    points_m: Floats | None = None
    """(P, 3) points to light up, world."""
    trail_m: Floats | None = None
    """(T, 3) centres of the track, world, the one in question among them."""
    camera_id: str | None = None
    """The camera in which it shows best."""
    pixels: tuple[float, float, float, float] | None = None
    """Left, top, right, bottom in that camera's image."""
    prediction: LabelName | None = None
    """The prediction that has no label, where that is what is found."""

    @property
    def place(self) -> list[str]:
        """What tells missing labels apart: where they are, to a decimetre or a tenth of a pixel."""
        if self.boxes:
            return [f"{value:.1f}" for value in self.boxes[0].center_m]
        return [f"{value:.1f}" for value in self.pixels or ()]


class FixKind(StrEnum):
    """What would mend it."""

    FLIP_HEADING = "flip_heading"
    SET_BOX = "set_box"
    DELETE = "delete"
    CHANGE_CLASS = "change_class"
    CHANGE_TRACK = "change_track"
    MERGE_TRACKS = "merge_tracks"
    ADD_LABEL = "add_label"


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that a person may take over with one key."""

    kind: FixKind
    text: str
    """What it does, for people, e.g. ``lower by 0.42 m``."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """JSON values: ``center_m``, ``size_m``, ``rotation_wxyz`` (world), ``class_name``,
    ``track_id``, ``into_track_id``."""


@dataclass(frozen=True, eq=False, slots=True)
class Finding:
    """One thing that is probably wrong."""

    check: str
    """Id of the check."""
    scene_id: str
    frame_key: str | None
    """None where it is about the scene or a sensor as a whole."""
    labels: tuple[LabelName, ...]
    """The accused first; none where something is missing or it is no label's fault."""
    class_name: str
    """Of the accused; empty where there is none."""
    score: float
    """0..1, higher is worse; comparable within one check only."""
    severity: Severity
    text: str
    """One sentence with numbers and units."""
    evidence: Evidence = field(default_factory=Evidence)
    fix: Fix | None = None
    sensor_id: str | None = None
    about: str = ""
    """What it is about besides: a property of a file, a class, an annotator, a batch. It tells
    findings of one check on the same things apart."""
    of_dataset: bool = False
    """Whether it is about all scenes together; `scene_id` is then the one where one looks first."""
    whole_track: str | None = None
    """The track, labelled or predicted, that it is about as a whole: all findings on that count as
    one in the ranking. None where it is about this label, or this place, alone."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"a score is between 0 and 1, not {self.score}")

    @property
    def finding_id(self) -> str:
        """The same for the same check on the same things, in any run."""
        where = (self.frame_key, self.sensor_id, self.evidence.camera_id)
        parts = [self.check, self.scene_id, *(each or "" for each in where)]
        parts += [self.about] if self.about else []
        for label in self.labels:
            parts += [label.label_set_id, label.frame_key, label.label_id]
        if not self.labels:
            parts += self.evidence.place
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()
