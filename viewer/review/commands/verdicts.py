"""Giving and taking back verdicts, and defining the reasons for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from viewer.review.change import Change
from viewer.review.datasets.entities import SETTINGS
from viewer.review.errors import CommandRefused
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.ledger import Ledger
from viewer.review.subject import Subject, SubjectKind
from viewer.review.verdicts.entities import VERDICTS
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import verdict_of
from viewer.review.verdicts.reasons import SETTING, problem_with_reasons, verdict_reasons


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """Say what the reviewer thinks of a subject; replaces what they said before."""

    subject: Subject
    state: VerdictState
    reasons: tuple[str, ...] = ()
    """Of the workspace's list."""
    comment: str = ""
    snapshot: LabelSnapshot | None = None
    """The label as it is now."""
    class_name: str | None = None
    """Class of a track; a label's is in its snapshot."""
    given_by: str | None = None
    """Whose verdict it is, where it comes from another tool; None for the one who runs this."""
    given_ns: int | None = None
    """When it was given there, UTC since 1970; None for now."""

    kind: ClassVar[str] = "set_verdict"

    @property
    def text(self) -> str:
        """What it does."""
        return f"{self.state.verb} {self.subject.text}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make or change the row; nothing where the same verdict is the newest one already."""
        if self.subject.kind is SubjectKind.DATASET:
            raise CommandRefused("a verdict is of a label, track, frame or scene")
        reasons = tuple(dict.fromkeys(self.reasons))
        unknown = [reason for reason in reasons if reason not in verdict_reasons(ledger)]
        if unknown:
            raise CommandRefused(f"“{unknown[0]}” is no reason that this workspace defines")
        subject_key = ledger.intern(self.subject)
        row = {
            "subject": subject_key,
            "reviewer": self.given_by or ledger.reviewer.name,
            "state": str(self.state),
            "reasons": list(reasons),
            "comment": self.comment,
            "time_ns": ledger.now_ns if self.given_ns is None else self.given_ns,
            "snapshot_hash": ledger.keep(self.snapshot),
            "class_name": self.snapshot.class_name if self.snapshot else self.class_name,
        }
        present = ledger.row(VERDICTS, VERDICTS.key_of(row))
        again = present is not None and present | {"time_ns": row["time_ns"]} == row
        if again and self.given_ns is None:
            newest = verdict_of(ledger, subject_key)
            if newest is not None and newest.reviewer == row["reviewer"]:
                return
        yield from ledger.put(VERDICTS, row)


@dataclass(frozen=True, slots=True)
class ClearVerdict:
    """Take the reviewer's verdict of a subject away."""

    subject: Subject

    kind: ClassVar[str] = "clear_verdict"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Clear the verdict on {self.subject.text}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Delete the row."""
        mine = {"subject": self.subject.key, "reviewer": ledger.reviewer.name}
        yield from ledger.delete(VERDICTS, VERDICTS.key_of(mine))


@dataclass(frozen=True, slots=True)
class DefineReasons:
    """Say which reasons there are, in the order in which they are offered.

    Verdicts keep a reason that is no longer offered.
    """

    reasons: tuple[str, ...]

    kind: ClassVar[str] = "define_reasons"

    @property
    def text(self) -> str:
        """What it does."""
        return "Define the reasons of verdicts"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the setting."""
        problem = problem_with_reasons(self.reasons)
        if problem is not None:
            raise CommandRefused(problem)
        yield from ledger.put(SETTINGS, {"name": SETTING, "value": list(self.reasons)})
