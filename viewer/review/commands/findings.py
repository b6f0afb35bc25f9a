"""What becomes of what an automatic check found: it is dismissed, or an issue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from viewer.review.change import Change
from viewer.review.commands.issues import OpenIssue
from viewer.review.dismissals.entities import DISMISSALS
from viewer.review.errors import CommandRefused
from viewer.review.issues.model import Anchor, Finding, IssueType, NewElement, Sight
from viewer.review.issues.texts import MAX_TITLE_LENGTH
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.ledger import Ledger
from viewer.review.subject import Subject, SubjectKind


def open_from_finding(
    finding: Mapping[str, Any],
    issue_id: str,
    element_id: str,
    *,
    anchor: Anchor | None = None,
    snapshot: LabelSnapshot | None = None,
    sight: Sight | None = None,
    thumbnail: bytes | None = None,
    camera_picture: bytes | None = None,
) -> OpenIssue:
    """Return the command that makes an issue of a finding, about what it was found on.

    Parameters
    ----------
    finding
        ``check``: the check's name, e.g. ``loose_box``; ``evidence``: a text; ``subject``: a
        `Subject`; ``score``: a finite number, which may be missing.

    Raises
    ------
    CommandRefused
        When one of them is missing or of another kind.
    """
    check, evidence = finding.get("check"), finding.get("evidence", "")
    subject, score = finding.get("subject"), finding.get("score")
    if not isinstance(check, str) or not check.strip():
        raise CommandRefused("a finding needs the name of its check")
    if not isinstance(subject, Subject) or not isinstance(evidence, str):
        raise CommandRefused(f"the finding of {check} needs a subject and a text")
    try:
        kept = Finding(check, evidence, None if score is None else float(score))
    except (TypeError, ValueError) as error:
        raise CommandRefused(f"the score of {check} is no number: {score!r}") from error
    name = _check_name(check)
    title = f"{name[:1].upper()}{name[1:]}: {subject.text}"
    is_on_objects = subject.kind in (SubjectKind.LABEL, SubjectKind.TRACK)
    return OpenIssue(
        issue_id,
        title[:MAX_TITLE_LENGTH],
        IssueType.LABEL_QUALITY if is_on_objects else IssueType.FRAME_ISSUE,
        (NewElement(element_id, subject, anchor, snapshot),),
        description=evidence,
        sight=sight,
        thumbnail=thumbnail,
        camera_picture=camera_picture,
        finding=kept,
    )


@dataclass(frozen=True, slots=True)
class DismissFinding:
    """Say that what a check found is none; it does not come back unless the label changes."""

    subject: Subject
    """The accused label; the frame or scene where there is none."""
    check_id: str
    detail: str = ""
    """Tells findings of one check on one subject apart."""
    reason: str = ""
    snapshot: LabelSnapshot | None = None
    """The label as delivered; None where no label is accused."""
    shown: LabelSnapshot | None = None
    """The label as it is edited now; None for one without edits."""

    kind: ClassVar[str] = "dismiss_finding"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Dismiss {_check_name(self.check_id)} on {self.subject.text}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make or change the row."""
        if not self.check_id.strip():
            raise CommandRefused("a finding needs the name of its check")
        if self.subject.kind is SubjectKind.LABEL and self.snapshot is None:
            raise CommandRefused("a finding on a label is dismissed for the label as it is now")
        row = {
            "subject": ledger.intern(self.subject), "check_id": self.check_id,
            "detail": self.detail, "reason": self.reason, "reviewer": ledger.reviewer.name,
            "time_ns": ledger.now_ns, "snapshot_hash": ledger.keep(self.snapshot),
            "shown_hash": ledger.keep(self.shown or self.snapshot),
        }  # fmt: skip
        yield from ledger.put(DISMISSALS, row)


@dataclass(frozen=True, slots=True)
class RestoreFinding:
    """Let a dismissed finding come back."""

    subject: Subject
    check_id: str
    detail: str = ""

    kind: ClassVar[str] = "restore_finding"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Bring back {_check_name(self.check_id)} on {self.subject.text}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Delete the row."""
        row = {"subject": self.subject.key, "check_id": self.check_id, "detail": self.detail}
        yield from ledger.delete(DISMISSALS, DISMISSALS.key_of(row))


def _check_name(check_id: str) -> str:
    return check_id.replace("-", " ").replace("_", " ").strip()
