"""Opening and changing issues and what they are about."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Final

from viewer.review.change import Change
from viewer.review.errors import CommandRefused
from viewer.review.issues.entities import ELEMENTS, ISSUE_LABELS, ISSUES
from viewer.review.issues.model import (
    ElementStatus,
    Finding,
    IssueState,
    IssueType,
    NewElement,
    Priority,
    Sight,
    anchor_to_json,
)
from viewer.review.issues.texts import checked_json, checked_text, checked_title, mentioned
from viewer.review.ledger import Ledger


class Unchanged(Enum):
    """Stands for a field that a command leaves alone."""

    UNCHANGED = 0


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """Make an issue, with what it is about and how that looked."""

    issue_id: str
    title: str
    type: IssueType = IssueType.BUCKET
    elements: tuple[NewElement, ...] = ()
    description: str = ""
    state: IssueState = IssueState.TRIAGE
    assignee: str | None = None
    priority: Priority | None = None
    due: dt.date | None = None
    labels: tuple[str, ...] = ()
    sight: Sight | None = None
    thumbnail: bytes | None = None
    """JPEG or PNG of the 3D view."""
    camera_picture: bytes | None = None
    """JPEG or PNG of the camera that shows it best."""
    finding: Finding | None = None
    reporter: str | None = None
    """Who found it, when that is not the one who writes it down."""
    created_ns: int | None = None
    """When it was found, when that is not now."""
    external: Mapping[str, Any] | None = None
    """What another tool knows of it, kept for the way back."""

    kind: ClassVar[str] = "open_issue"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Open issue “{self.title.strip()}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make the issue's row and those of its labels and elements."""
        if ledger.row(ISSUES, self.issue_id) is not None:
            raise CommandRefused(f"issue “{self.title}” is in the workspace already")
        created_ns = ledger.now_ns if self.created_ns is None else self.created_ns
        row = {
            "type": str(self.type), "state": str(self.state), "title": checked_title(self.title),
            "description": checked_text(self.description),
            "reporter": self.reporter or ledger.reviewer.name, "assignee": self.assignee or None,
            "priority": None if self.priority is None else int(self.priority),
            "due": None if self.due is None else self.due.isoformat(), "created_ns": created_ns,
            "mentions": mentioned(ledger, self.description), "sight": checked_sight(self.sight),
            "thumbnail_hash": ledger.keep_picture(self.thumbnail),
            "camera_picture_hash": ledger.keep_picture(self.camera_picture),
            "finding_check": None if self.finding is None else self.finding.check,
            "finding": _finding_json(self.finding), "external": checked_json(self.external),
        }  # fmt: skip
        yield ledger.create(ISSUES, row, self.issue_id)
        for label in checked_labels(self.labels):
            yield ledger.create(ISSUE_LABELS, {"issue_id": self.issue_id, "label": label})
        for element in self.elements:
            yield element_made(ledger, self.issue_id, element, self.reporter)


@dataclass(frozen=True, slots=True)
class ChangeIssue:
    """Give fields of an issue other values; the rest stays."""

    issue_id: str
    type: IssueType | Unchanged = UNCHANGED
    state: IssueState | Unchanged = UNCHANGED
    title: str | Unchanged = UNCHANGED
    description: str | Unchanged = UNCHANGED
    assignee: str | Unchanged | None = UNCHANGED
    priority: Priority | Unchanged | None = UNCHANGED
    due: dt.date | Unchanged | None = UNCHANGED
    labels: tuple[str, ...] | Unchanged = UNCHANGED
    issue_title: str = ""
    """For the journal's text alone."""

    kind: ClassVar[str] = "change_issue"

    @property
    def text(self) -> str:
        """What it does: the one change, or how many."""
        texts = list(self._texts())
        what = texts[0] if len(texts) == 1 else "Change {}"
        return what.format(named(self.issue_title))

    def _texts(self) -> Iterator[str]:
        if self.state is not UNCHANGED:
            yield _STATE_TEXTS[self.state]
        if self.assignee is not UNCHANGED:
            yield f"Assign {{}} to {_braced(self.assignee)}" if self.assignee else "Unassign {}"
        if self.title is not UNCHANGED:
            yield f"Rename {{}} to “{_braced(self.title.strip())}”"
        if self.type is not UNCHANGED:
            yield f"Make {{}} a {self.type}"
        if self.priority is not UNCHANGED:
            level = self.priority.name.lower() if self.priority else "no"
            yield f"Give {{}} {level} priority"
        if self.due is not UNCHANGED:
            yield f"Make {{}} due {self.due.isoformat()}" if self.due else "Remove due date of {}"
        if self.labels is not UNCHANGED:
            yield "Label {}"
        if self.description is not UNCHANGED:
            yield "Describe {}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the columns that differ."""
        if ledger.row(ISSUES, self.issue_id) is None:
            raise CommandRefused(f"{named(self.issue_title)} is no longer in the workspace")
        yield from ledger.update(ISSUES, self.issue_id, self._columns(ledger))
        if self.labels is not UNCHANGED:
            yield from self._label_changes(ledger, checked_labels(self.labels))

    def _columns(self, ledger: Ledger) -> dict[str, Any]:
        columns: dict[str, Any] = {}
        if self.type is not UNCHANGED:
            columns["type"] = str(self.type)
        if self.state is not UNCHANGED:
            columns["state"] = str(self.state)
        if self.title is not UNCHANGED:
            columns["title"] = checked_title(self.title)
        if self.description is not UNCHANGED:
            columns["description"] = checked_text(self.description)
            columns["mentions"] = mentioned(ledger, self.description)
        if self.assignee is not UNCHANGED:
            columns["assignee"] = self.assignee or None
        if self.priority is not UNCHANGED:
            columns["priority"] = None if self.priority is None else int(self.priority)
        if self.due is not UNCHANGED:
            columns["due"] = None if self.due is None else self.due.isoformat()
        return columns

    def _label_changes(self, ledger: Ledger, wanted: list[str]) -> Iterator[Change]:
        rows = ledger.rows(ISSUE_LABELS, "WHERE issue_id = ? ORDER BY label", (self.issue_id,))
        present = [row["label"] for row in rows]
        for row in rows:
            if row["label"] not in wanted:
                yield from ledger.delete(ISSUE_LABELS, row["key"])
        for label in wanted:
            if label not in present:
                yield ledger.create(ISSUE_LABELS, {"issue_id": self.issue_id, "label": label})


@dataclass(frozen=True, slots=True)
class ShowIssueAs:
    """Give an issue another sight and other pictures: those of now."""

    issue_id: str
    sight: Sight | None
    thumbnail: bytes | None = None
    camera_picture: bytes | None = None
    issue_title: str = ""

    kind: ClassVar[str] = "show_issue_as"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Keep this view for {named(self.issue_title)}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change sight and pictures."""
        columns = {
            "sight": checked_sight(self.sight),
            "thumbnail_hash": ledger.keep_picture(self.thumbnail),
            "camera_picture_hash": ledger.keep_picture(self.camera_picture),
        }
        yield from ledger.update(ISSUES, self.issue_id, columns)


@dataclass(frozen=True, slots=True)
class AddElement:
    """Say that an issue is about one thing more."""

    issue_id: str
    element: NewElement
    issue_title: str = ""

    kind: ClassVar[str] = "add_element"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Add {self.element.subject.text} to {named(self.issue_title)}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make the row."""
        if ledger.row(ISSUES, self.issue_id) is None:
            raise CommandRefused(f"{named(self.issue_title)} is no longer in the workspace")
        if ledger.row(ELEMENTS, self.element.element_id) is not None:
            raise CommandRefused("this element is in the workspace already")
        yield element_made(ledger, self.issue_id, self.element)


@dataclass(frozen=True, slots=True)
class ChangeElement:
    """Say whether an element is dealt with."""

    element_id: str
    status: ElementStatus
    element_text: str = ""

    kind: ClassVar[str] = "change_element"

    @property
    def text(self) -> str:
        """What it does."""
        what = self.element_text or "an element"
        return f"Mark {what} as {'done' if self.status is ElementStatus.DONE else 'not done'}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the status."""
        row = ledger.row(ELEMENTS, self.element_id)
        if row is None or row["removed_ns"] is not None:
            raise CommandRefused("this element is no longer in its issue")
        yield from ledger.update(ELEMENTS, self.element_id, {"status": str(self.status)})


@dataclass(frozen=True, slots=True)
class RemoveElement:
    """Say that an issue is no longer about something; comments on it stay."""

    element_id: str
    element_text: str = ""

    kind: ClassVar[str] = "remove_element"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Remove {self.element_text or 'an element'} from its issue"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Note the time; nothing where it is removed already."""
        row = ledger.row(ELEMENTS, self.element_id)
        if row is None:
            raise CommandRefused("this element is no longer in the workspace")
        if row["removed_ns"] is None:
            yield from ledger.update(ELEMENTS, self.element_id, {"removed_ns": ledger.now_ns})


_STATE_TEXTS = {
    IssueState.TRIAGE: "Put {} back to triage",
    IssueState.IN_PROGRESS: "Start {}",
    IssueState.IN_REVIEW: "Put {} up for review",
    IssueState.RESOLVED: "Resolve {}",
    IssueState.CANCELLED: "Cancel {}",
}


def named(title: str) -> str:
    """Return how a command's text names an issue."""
    return f"“{title.strip()}”" if title.strip() else "an issue"


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def element_made(
    ledger: Ledger, issue_id: str, element: NewElement, author: str | None = None
) -> Change:
    """Return the change that makes an element's row."""
    row = {
        "issue_id": issue_id, "subject": ledger.intern(element.subject),
        "anchor": anchor_to_json(element.anchor), "status": str(element.status),
        "author": element.author or author or ledger.reviewer.name,
        "created_ns": ledger.now_ns if element.created_ns is None else element.created_ns,
        "snapshot_hash": ledger.keep(element.snapshot), "removed_ns": None,
        "external": checked_json(element.external),
    }  # fmt: skip
    return ledger.create(ELEMENTS, row, element.element_id)


def checked_labels(labels: Iterable[str]) -> list[str]:
    """Return labels sorted, each once, without blanks around them."""
    return sorted({label.strip() for label in labels} - {""})


def checked_sight(sight: Sight | None) -> dict[str, Any] | None:
    """Return a sight that JSON can hold, or refuse it."""
    return checked_json(sight)


def _finding_json(finding: Finding | None) -> dict[str, Any] | None:
    return None if finding is None else {"evidence": finding.evidence, "score": finding.score}
