"""What the review desk tells its listeners; each change is one frozen value."""

from dataclasses import dataclass

from viewer.geometry.cuboids import Cuboid
from viewer.review import Changed, SubjectKind
from viewer.session.ghosts import FrameGhosts
from viewer.session.pins import Pins


@dataclass(frozen=True, slots=True)
class WorkspaceOpened:
    """Another workspace is open, or the same one for another dataset."""


@dataclass(frozen=True, slots=True)
class WorkspaceClosed:
    """No workspace is open."""


@dataclass(frozen=True, slots=True)
class DecisionsChanged:
    """Commands came, by this process or by the one that writes; undo and redo may differ."""

    changed: Changed


@dataclass(frozen=True, slots=True)
class HoldingChanged:
    """Whether decisions can be written here changed; `desk.read_only_reason` says why not."""


@dataclass(frozen=True, slots=True)
class SubjectChanged:
    """What the verdict keys act on changed: another selection, frame or scope."""


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """Another queue is walked, or another item of it is the present one."""


@dataclass(frozen=True, slots=True)
class IssueChosen:
    """The thread of another issue is shown, or of none."""


@dataclass(frozen=True, slots=True)
class StaleChanged:
    """Decisions were compared with the labels; `desk.delivery.stale` lists what does not fit."""


@dataclass(frozen=True, slots=True)
class GhostsShown:
    """What the shown frame's labels are compared with; it goes with the frame."""

    ghosts: FrameGhosts | None
    """None for none."""


@dataclass(frozen=True, slots=True)
class PinsShown:
    """Where open issues are anchored in the shown frame; they go with the frame."""

    pins: Pins


@dataclass(frozen=True, slots=True)
class BoxSought:
    """A box that is no label of the frame shall come into view."""

    box: Cuboid
    """In world."""


@dataclass(frozen=True, slots=True)
class SlicesChosen:
    """Commands act on other slices than before."""


@dataclass(frozen=True, slots=True)
class QueueAsked:
    """Somebody wants a queue of the members of a slice."""

    slice_id: str
    kind: SubjectKind


DeskChange = (
    WorkspaceOpened
    | WorkspaceClosed
    | DecisionsChanged
    | HoldingChanged
    | SubjectChanged
    | QueueChanged
    | IssueChosen
    | GhostsShown
    | PinsShown
    | BoxSought
    | StaleChanged
    | QueueAsked
    | SlicesChosen
)

ISSUE_ENTITIES = frozenset({"issues", "issue_labels", "issue_elements", "comments"})


def concerns_issues(change: DeskChange) -> bool:
    """Whether a change asks to show issues anew."""
    if isinstance(change, DecisionsChanged):
        return any(entity in ISSUE_ENTITIES for entity, _ in change.changed.touched)
    told = IssueChosen | WorkspaceOpened | WorkspaceClosed | HoldingChanged
    return isinstance(change, told)
