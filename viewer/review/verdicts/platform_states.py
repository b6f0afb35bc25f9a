"""Verdicts in the words of other platforms, both ways, and what a word cannot say."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from viewer.review.verdicts.model import VerdictState

ACCEPTED, REJECTED, NEEDS_FIX, SKIPPED = VerdictState


class Vocabulary(StrEnum):
    """Whose words, and of what kind of thing."""

    DATALOOP_ANNOTATION = "dataloop_annotation"
    """``metadata.system.status`` of an annotation; cleared is null there."""
    DATALOOP_ITEM = "dataloop_item"
    """Status of an item in a task; cleared is no entry there."""
    PICSELLIA = "picsellia"
    """``AnnotationStatus``."""
    NUCLEUS_AUDIT = "nucleus_audit"
    """``task_audit_status``, an audit's result: accepted, rejected, or fixed by the auditor.

    The vendor has no word for what was not audited; ours is pending.
    """
    AQUARIUM_ELEMENT = "aquarium_element"
    """Status of an issue's element."""
    AQUARIUM_QUEUE = "aquarium_queue"
    """Status of a work queue's element."""


@dataclass(frozen=True, slots=True)
class Word:
    """A platform's word for a verdict."""

    text: str | None
    """None where the platform has no entry or null."""
    loss: str | None = None
    """What the word does not say, for people; None where it says all."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a platform's word says as a verdict."""

    state: VerdictState | None
    """None where nobody judged yet, or the word does not tell."""
    loss: str | None = None
    """What is not known for certain, for people."""


@dataclass(frozen=True, slots=True)
class _Table:
    words: Mapping[VerdictState | None, Word]
    meanings: Mapping[str | None, Meaning]


_NOT_REJECTED = "rejected and needs fix are the same there"
_NOT_SKIPPED = "skipped is told as not judged"
_NO_VERDICT = "it says that someone is done, not what they think"

_TABLES: Final[Mapping[Vocabulary, _Table]] = MappingProxyType(
    {
        Vocabulary.DATALOOP_ANNOTATION: _Table(
            {
                ACCEPTED: Word("approved"),
                REJECTED: Word("issue", _NOT_REJECTED),
                NEEDS_FIX: Word("issue", _NOT_REJECTED),
                SKIPPED: Word(None, _NOT_SKIPPED),
                None: Word(None),
            },
            {
                "approved": Meaning(ACCEPTED),
                "issue": Meaning(NEEDS_FIX, _NOT_REJECTED),
                "review": Meaning(None, "it waits for another review after a fix"),
                "clear": Meaning(None),
                "cleared": Meaning(None),
                None: Meaning(None),
            },
        ),
        Vocabulary.DATALOOP_ITEM: _Table(
            {
                ACCEPTED: Word("approved"),
                REJECTED: Word("discarded", "discarded there also means not to be used at all"),
                NEEDS_FIX: Word(None, "an item that needs a fix is told as not judged"),
                SKIPPED: Word(None, _NOT_SKIPPED),
                None: Word(None),
            },
            {
                "approved": Meaning(ACCEPTED),
                "completed": Meaning(None, "it is annotated and not judged yet"),
                "discarded": Meaning(REJECTED, "it may have been taken out unseen"),
                "clear": Meaning(None),
                "cleared": Meaning(None),
                None: Meaning(None),
            },
        ),
        Vocabulary.PICSELLIA: _Table(
            {
                ACCEPTED: Word("ACCEPTED"),
                REJECTED: Word("REFUSED", _NOT_REJECTED),
                NEEDS_FIX: Word("REFUSED", _NOT_REJECTED),
                SKIPPED: Word("SKIPPED"),
                None: Word("PENDING"),
            },
            {
                "ACCEPTED": Meaning(ACCEPTED),
                "REFUSED": Meaning(REJECTED, _NOT_REJECTED),
                "SKIPPED": Meaning(SKIPPED),
                "PENDING": Meaning(None),
                None: Meaning(None),
            },
        ),
        Vocabulary.NUCLEUS_AUDIT: _Table(
            {
                ACCEPTED: Word("accepted"),
                REJECTED: Word("rejected", _NOT_REJECTED),
                NEEDS_FIX: Word("rejected", _NOT_REJECTED),
                SKIPPED: Word("pending", _NOT_SKIPPED),
                None: Word("pending"),
            },
            {
                "accepted": Meaning(ACCEPTED),
                "fixed": Meaning(ACCEPTED, "the auditor changed it first"),
                "rejected": Meaning(REJECTED, _NOT_REJECTED),
                "pending": Meaning(None),
                None: Meaning(None),
            },
        ),
        Vocabulary.AQUARIUM_ELEMENT: _Table(
            {
                ACCEPTED: Word("done", _NO_VERDICT),
                REJECTED: Word("done", _NO_VERDICT),
                NEEDS_FIX: Word("done", _NO_VERDICT),
                SKIPPED: Word("unstarted", _NOT_SKIPPED),
                None: Word("unstarted"),
            },
            {
                "done": Meaning(None, _NO_VERDICT),
                "unstarted": Meaning(None),
                None: Meaning(None),
            },
        ),
        Vocabulary.AQUARIUM_QUEUE: _Table(
            {
                ACCEPTED: Word("done", _NO_VERDICT),
                REJECTED: Word("done", _NO_VERDICT),
                NEEDS_FIX: Word("done", _NO_VERDICT),
                SKIPPED: Word("done", _NO_VERDICT),
                None: Word("queued"),
            },
            {
                "done": Meaning(None, _NO_VERDICT),
                "assigned": Meaning(None),
                "queued": Meaning(None),
                None: Meaning(None),
            },
        ),
    }
)


def words_of(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the words that a platform is known to use, without null."""
    return tuple(word for word in _TABLES[vocabulary].meanings if word is not None)


def to_platform(vocabulary: Vocabulary, state: VerdictState | None) -> Word:
    """Return a platform's word for a verdict, or for none.

    Examples
    --------
    >>> to_platform(Vocabulary.DATALOOP_ANNOTATION, VerdictState.NEEDS_FIX)
    Word(text='issue', loss='rejected and needs fix are the same there')
    """
    return _TABLES[vocabulary].words[state]


def from_platform(vocabulary: Vocabulary, word: str | None) -> Meaning:
    """Return what a platform's word says; case does not matter, an unknown word is no verdict.

    Examples
    --------
    >>> from_platform(Vocabulary.PICSELLIA, "REFUSED").state
    <VerdictState.REJECTED: 'rejected'>
    """
    meanings = _TABLES[vocabulary].meanings
    if word is None or not word.strip():
        return meanings[None]
    folded = word.strip().casefold()
    for known, meaning in meanings.items():
        if known is not None and known.casefold() == folded:
            return meaning
    return Meaning(None, f"“{word}” is no status that is known")
