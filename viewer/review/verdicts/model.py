"""A verdict: what one reviewer thinks of one label, track, frame or scene."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class VerdictState(StrEnum):
    """What a reviewer can say."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NEEDS_FIX = "needs_fix"
    SKIPPED = "skipped"
    """Seen, and left to someone else."""

    @property
    def words(self) -> str:
        """For people, e.g. ``needs fix``."""
        return self.value.replace("_", " ")

    @property
    def verb(self) -> str:
        """What giving it is called, e.g. ``Reject``."""
        return _VERBS[self]


_VERBS: Final = {
    VerdictState.ACCEPTED: "Accept",
    VerdictState.REJECTED: "Reject",
    VerdictState.NEEDS_FIX: "Ask to fix",
    VerdictState.SKIPPED: "Skip",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reviewer said of one subject; a reviewer has one verdict of a subject at a time."""

    subject_key: str
    reviewer: str
    state: VerdictState
    reasons: tuple[str, ...] = ()
    comment: str = ""
    time_ns: int = 0
    """UTC since 1970."""
    snapshot_hash: str | None = None
    """Hash of the label as it was; None for other subjects and where nobody gave it."""
    class_name: str | None = None
    """Class of the label or track when it was judged, as far as it was told."""
