"""What a command puts into a slice or takes out, and the chunks in which it is stored."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from viewer.review.in_pieces import sorted_in_pieces
from viewer.review.subject import Subject, SubjectKind
from viewer.review.subject_rows import SubjectRow, subject_row

CHUNK_SIZE = 512
"""Members of one row: few enough to change one cheaply, many enough for a million in a second."""


@dataclass(frozen=True, slots=True)
class Members:
    """Subjects of one kind, each once. Make it off the main thread where there are many.

    Examples
    --------
    >>> frames = Members.of([Subject.frame("d", "street", name) for name in ("01", "00", "01")])
    >>> frames.kind, len(frames)
    (<SubjectKind.FRAME: 'frame'>, 2)
    """

    kind: SubjectKind
    keys: tuple[str, ...]
    """Rising."""
    rows: tuple[SubjectRow, ...] = ()
    """What keys mean that the workspace may not know yet."""

    @classmethod
    def of(cls, subjects: Iterable[Subject]) -> "Members":
        """Return members of a slice; ValueError unless all are of one kind, and for none."""
        return cls.of_rows(subject_row(each) for each in subjects)

    @classmethod
    def of_rows(cls, rows: Iterable[SubjectRow]) -> "Members":
        """As `of`, from rows that `viewer.review.subject_rows` makes in bulk."""
        by_key = {row.key: row for row in rows}
        kinds = {row.kind for row in by_key.values()}
        if len(kinds) != 1:
            told = " and ".join(sorted(kinds)) if kinds else "none"
            raise ValueError(f"the members of a slice must be of one kind, not {told}")
        keys = tuple(sorted_in_pieces(by_key))
        return cls(SubjectKind(kinds.pop()), keys, tuple(by_key[key] for key in keys))

    @classmethod
    def known(cls, kind: SubjectKind, keys: Iterable[str]) -> "Members":
        """Return members by the keys of subjects that the workspace knows already."""
        return cls(kind, tuple(sorted_in_pieces(set(keys))))

    def __len__(self) -> int:
        return len(self.keys)


def chunks(keys: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield (part, members) of the rows that hold rising keys."""
    left = list(keys)
    for start in range(0, len(left), CHUNK_SIZE):
        members = left[start : start + CHUNK_SIZE]
        yield hashlib.blake2b("".join(members).encode(), digest_size=16).hexdigest(), members
