"""How two files contradict each other, and whose word shall hold."""

from enum import StrEnum


class ConflictKind(StrEnum):
    """How two files contradict each other."""

    CHANGED = "changed"
    """Both gave a column another value."""
    DELETED = "deleted"
    """One deleted what the other changed or built on."""
    VERDICTS = "verdicts"
    """Two reviewers think otherwise about one subject."""


class Choice(StrEnum):
    """Whose value it shall be."""

    FIRST = "first"
    SECOND = "second"
    OTHER = "other"
