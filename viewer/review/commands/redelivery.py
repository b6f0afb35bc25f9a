"""Taking decisions over to a new delivery of a dataset."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from viewer.review.change import Change
from viewer.review.errors import CommandRefused
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.ledger import Ledger
from viewer.review.redelivery.carry_over import Move
from viewer.review.redelivery.reanchor import reanchor
from viewer.review.subject import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class AcceptCarry:
    """Put decisions on the labels that were found again under another id."""

    moves: Sequence[Move]

    kind: ClassVar[str] = "accept_carry"

    @property
    def text(self) -> str:
        """What it does."""
        count = sum(not move.makes_way for move in self.moves)
        labels = "1 label" if count == 1 else f"{count} labels"
        return f"Carry decisions over to {labels}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change every row about them."""
        targets = [move.to.key for move in self.moves]
        if len(set(targets)) != len(targets):
            raise CommandRefused("decisions about two labels cannot go to one in one step")
        moves: dict[str, str] = {}
        snapshots: dict[str, LabelSnapshot] = {}
        for move in self.moves:
            key = ledger.intern(move.to)
            moves[move.subject.key] = key
            snapshots[key] = move.snapshot
        yield from reanchor(ledger, moves, snapshots)


@dataclass(frozen=True, slots=True)
class Reanchor:
    """Put decisions about something that changed or is gone where they belong now."""

    subject: Subject
    to: Subject
    """The same where it stays and only its state is accepted."""
    snapshot: LabelSnapshot | None = None
    """How that label is now; None for what is no label."""

    kind: ClassVar[str] = "reanchor"

    @property
    def text(self) -> str:
        """What it does."""
        if self.subject == self.to:
            return f"Keep decisions about changed {_short(self.subject)}"
        return f"Move decisions from {_short(self.subject)} to {_short(self.to)}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change every row about it."""
        if self.subject.kind is not self.to.kind:
            raise CommandRefused(
                f"decisions about a {self.subject.kind} cannot go to a {self.to.kind}"
            )
        key = ledger.intern(self.to)
        snapshots = {} if self.snapshot is None else {key: self.snapshot}
        yield from reanchor(ledger, {self.subject.key: key}, snapshots)


def _short(subject: Subject) -> str:
    name = {
        SubjectKind.LABEL: subject.label_id, SubjectKind.TRACK: subject.track_id,
        SubjectKind.FRAME: subject.frame_key, SubjectKind.SCENE: subject.scene_id,
    }.get(subject.kind)  # fmt: skip
    return str(subject.kind) if name is None else f"{subject.kind} {name}"
