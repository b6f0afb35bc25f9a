"""Members of slices as text: one id for each, and back."""

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import unquote

from viewer.review.subject import Subject, SubjectKind
from viewer.review.subject_rows import SubjectRow

_PARTS = {
    SubjectKind.DATASET: (),
    SubjectKind.SCENE: ("scene",),
    SubjectKind.FRAME: ("scene", "frame"),
    SubjectKind.TRACK: ("scene", "label set", "track"),
    SubjectKind.LABEL: ("scene", "frame", "label set", "label"),
}
_RESERVED = re.compile(r"[%/\x00-\x1f\x7f\x85\u2028\u2029\ufeff]|^\s|\s$")


def member_id(row: SubjectRow) -> str:
    """Return the id of a member within its dataset: its names, with slashes between.

    Percent signs, slashes, line breaks and outer spaces in a name are written as in addresses.

    Examples
    --------
    >>> from viewer.review.subject_rows import subject_row
    >>> member_id(subject_row(Subject.frame("d", "street", "a/b 7")))
    'street/a%2Fb 7'
    """
    return "/".join(_quoted(name) for name in names_of(row))


def names_of(row: SubjectRow) -> tuple[str, ...]:
    """Return the names of a member in the order of its id."""
    return tuple(name for name in row[3:] if name is not None)


def subject_of_id(kind: SubjectKind, dataset_id: str, text: str) -> Subject:
    """Return what `member_id` named; ValueError when it has too few or too many names."""
    names = [unquote(part, errors="strict") for part in text.split("/")]
    wanted = _PARTS[kind]
    if len(names) != len(wanted):
        raise ValueError(f"the id of a {kind} is {'/'.join(wanted)}")
    match kind:
        case SubjectKind.SCENE:
            return Subject.scene(dataset_id, *names)
        case SubjectKind.FRAME:
            return Subject.frame(dataset_id, *names)
        case SubjectKind.TRACK:
            return Subject.track(dataset_id, *names)
        case _:
            return Subject.label(dataset_id, *names)


class KnownIds:
    """What a dataset has, to find again by whole ids and by last names alone.

    Parameters
    ----------
    rows
        Scenes, frames, tracks or labels of a dataset, of one kind.
    """

    def __init__(self, rows: Iterable[SubjectRow]) -> None:
        self._whole: dict[str, SubjectRow] = {}
        self._last: dict[str, list[SubjectRow]] = defaultdict(list)
        for row in rows:
            self._whole[member_id(row)] = row
            self._last[names_of(row)[-1]].append(row)

    def find(self, text: str) -> SubjectRow:
        """Return what an id means: the whole id goes before the last name.

        Raises
        ------
        ValueError
            When nothing has the id, or several have the name.
        """
        found = self._whole.get(text)
        if found is not None:
            return found
        named = self._last.get(text, [])
        if len(named) == 1:
            return named[0]
        if named:
            raise ValueError(f"{len(named)} have this name, e.g. {member_id(named[0])}")
        raise ValueError("the dataset has none with this id")


def _quoted(name: str) -> str:
    return _RESERVED.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), name)
