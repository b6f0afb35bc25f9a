"""Issues, elements and comments as values."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.subject import Subject, SubjectKind

Sight = Mapping[str, Any]
"""What the window showed, as JSON that only the session understands."""


class IssueType(StrEnum):
    """What an issue is for, as Aquarium names it."""

    SPLIT = "Split"
    REGRESSION_TEST = "Regression Test"
    SCENARIO = "Scenario"
    COLLECTION_CAMPAIGN = "Collection Campaign"
    LABEL_QUALITY = "Label Quality"
    BUCKET = "Bucket"
    FRAME_ISSUE = "Frame Issue"
    WORK_QUEUE = "Work Queue"


class IssueState(StrEnum):
    """How far an issue is, as Aquarium names it."""

    TRIAGE = "triage"
    IN_PROGRESS = "inProgress"
    IN_REVIEW = "inReview"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"

    @property
    def text(self) -> str:
        """For people, e.g. ``in progress``."""
        return _STATE_TEXTS.get(self, self.value)


_STATE_TEXTS = {IssueState.IN_PROGRESS: "in progress", IssueState.IN_REVIEW: "in review"}
OPEN_STATES = (IssueState.TRIAGE, IssueState.IN_PROGRESS, IssueState.IN_REVIEW)
"""States in which something is left to do."""


class Priority(IntEnum):
    """How urgent an issue is."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class ElementStatus(StrEnum):
    """Whether an element is dealt with, as Aquarium names it."""

    UNSTARTED = "unstarted"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a track from one frame to another, both included."""

    first_frame_key: str
    last_frame_key: str

    def covers(self, frame_key: str, index_of: Mapping[str, int]) -> bool:
        """Say whether a frame is in the span, given the place of each frame in its scene."""
        keys = (self.first_frame_key, frame_key, self.last_frame_key)
        if any(key not in index_of for key in keys):
            return False
        first, here, last = (index_of[key] for key in keys)
        return first <= here <= last


@dataclass(frozen=True, slots=True)
class Point:
    """A place in 3D."""

    coord_frame_id: str
    position_m: tuple[float, float, float]

    def __post_init__(self) -> None:
        if len(self.position_m) != 3 or not all(map(math.isfinite, self.position_m)):
            raise ValueError("a point needs three finite numbers")


@dataclass(frozen=True, slots=True)
class Pixel:
    """A place in an image; the centre of the top-left pixel is (0, 0)."""

    sensor_id: str
    u_px: float
    v_px: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.u_px) and math.isfinite(self.v_px)):
            raise ValueError("a pixel needs two finite numbers")


Anchor = Span | Point | Pixel
_KINDS_OF_ANCHORED = {
    Span: (SubjectKind.TRACK,),
    Point: (SubjectKind.SCENE, SubjectKind.FRAME, SubjectKind.LABEL),
    Pixel: (SubjectKind.FRAME, SubjectKind.LABEL),
}


def check_anchor(subject: Subject, anchor: Anchor | None) -> None:
    """Raise ValueError where an anchor makes no sense on a subject."""
    if anchor is not None and subject.kind not in _KINDS_OF_ANCHORED[type(anchor)]:
        raise ValueError(f"a {type(anchor).__name__.lower()} cannot be on a {subject.kind}")


def anchor_to_json(anchor: Anchor | None) -> dict[str, Any] | None:
    """Return an anchor as JSON values."""
    match anchor:
        case Span(first, last):
            return {"kind": "span", "first": first, "last": last}
        case Point(coord_frame_id, position):
            return {"kind": "point", "coord_frame": coord_frame_id, "position": list(position)}
        case Pixel(sensor_id, u, v):
            return {"kind": "pixel", "sensor": sensor_id, "u": u, "v": v}
        case _:
            return None


def anchor_from_json(stored: Mapping[str, Any] | None) -> Anchor | None:
    """Return what `anchor_to_json` gave."""
    match stored:
        case {"kind": "span", "first": first, "last": last}:
            return Span(first, last)
        case {"kind": "point", "coord_frame": coord_frame_id, "position": [x, y, z]}:
            return Point(coord_frame_id, (x, y, z))
        case {"kind": "pixel", "sensor": sensor_id, "u": u, "v": v}:
            return Pixel(sensor_id, u, v)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Finding:
    """What an automatic check said, when it became an issue."""

    check: str
    evidence: str
    score: float | None = None

    def __post_init__(self) -> None:
        if self.score is not None and not math.isfinite(self.score):
            raise ValueError("a score is a finite number")


@dataclass(frozen=True, slots=True)
class NewElement:
    """An element to be made."""

    element_id: str
    subject: Subject
    anchor: Anchor | None = None
    snapshot: LabelSnapshot | None = None
    """The label as it is now."""
    status: ElementStatus = ElementStatus.UNSTARTED
    external: Mapping[str, Any] | None = None
    """What another tool knows of it, kept for the way back."""
    author: str | None = None
    """Who added it, when that is not the one who writes it down."""
    created_ns: int | None = None
    """When it was added, when that is not now."""

    def __post_init__(self) -> None:
        check_anchor(self.subject, self.anchor)


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that an issue is about."""

    element_id: str
    issue_id: str
    subject: Subject
    anchor: Anchor | None
    """A place on the subject; None for all of it."""
    status: ElementStatus
    author: str
    created_ns: int
    snapshot_hash: str | None = None
    """The label as it was when the element was made."""
    removed_ns: int | None = None
    external: Mapping[str, Any] | None = None

    @property
    def text(self) -> str:
        """For people, e.g. ``track 18 in street_0007, frames 000012 to 000020``."""
        match self.anchor:
            case Span(first, last):
                return f"{self.subject.text}, frames {first} to {last}"
            case Point(_, (x, y, z)):
                return f"point ({x:.2f}, {y:.2f}, {z:.2f}) m, {self.subject.text}"
            case Pixel(sensor_id, u, v):
                return f"pixel ({u:.0f}, {v:.0f}) of {sensor_id}, {self.subject.text}"
            case _:
                return self.subject.text


@dataclass(frozen=True, slots=True)
class Comment:
    """One entry of a thread."""

    comment_id: str
    issue_id: str
    element_id: str | None
    """The element it is about; None for the issue as a whole."""
    author: str
    text: str
    """Empty when deleted; `comment_history` still tells it."""
    created_ns: int
    edited_ns: int | None = None
    deleted_ns: int | None = None
    mentions: tuple[str, ...] = ()
    """Names as `viewer.review.issues.mentions` writes them."""
    external: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue without its sight, which `sight_of` gives."""

    issue_id: str
    type: IssueType
    state: IssueState
    title: str
    description: str
    reporter: str
    assignee: str | None
    priority: Priority | None
    due: dt.date | None
    created_ns: int
    labels: tuple[str, ...] = ()
    """Sorted."""
    thumbnail_hash: str | None = None
    """Of the 3D view; see `Reading.picture`."""
    camera_picture_hash: str | None = None
    finding: Finding | None = None
    element_count: int = 0
    done_count: int = 0
    """Elements that are done."""
    comment_count: int = 0
    """Comments that are not deleted."""
    external: Mapping[str, Any] | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        return self.state in OPEN_STATES
