"""Slices as lists of ids: text with one id a line, and JSON with how the slice was made."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from viewer.formats.base import DamagedData
from viewer.formats.label_rows import load_json
from viewer.formats.text_file import read_text
from viewer.review.exchange.base import MAX_BYTES, iso_text, write_json, write_text
from viewer.review.slices.ids import KnownIds, member_id, names_of, subject_of_id
from viewer.review.slices.members import Members
from viewer.review.slices.provenance import Provenance, by_import
from viewer.review.slices.reading import Slice
from viewer.review.subject import SubjectKind
from viewer.review.subject_rows import SubjectRow, subject_row
from viewer.scene.scene import Problem

FORMAT: Final = "sightline slice"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class ReadSlice:
    """A slice from a file, with what in it could not be used."""

    name: str
    kind: SubjectKind
    rows: tuple[SubjectRow, ...]
    problems: tuple[Problem, ...] = ()
    how: Provenance = field(default_factory=dict)

    @property
    def members(self) -> Members:
        """What `CreateSlice` takes; ValueError when no id could be used."""
        return Members.of_rows(self.rows)


def write_id_list(path: Path, rows: Iterable[SubjectRow], *, short: bool = False) -> int:
    """Write one id a line; return how many.

    Parameters
    ----------
    rows
        Members, as `member_rows` yields them.
    short
        Last names alone, e.g. frame keys, as other tools know them.

    Raises
    ------
    ValueError
        When a short id would stand for two members or spoil the list; nothing is written then.
    """
    ids = _short_ids(rows) if short else [member_id(row) for row in rows]
    write_text(path, "".join(f"{each}\n" for each in ids))
    return len(ids)


def write_slice_json(
    path: Path,
    found: Slice,
    rows: Iterable[SubjectRow],
    *,
    dataset_name: str = "",
    parent_name: str | None = None,
) -> int:
    """Write a slice with its name, origin and members; return how many."""
    ids = [member_id(row) for row in rows]
    document = {
        "format": FORMAT, "version": VERSION, "name": found.name, "kind": str(found.kind),
        "how": dict(found.how), "made": found.origin, "parent": parent_name,
        "created": iso_text(found.created_ns), "created_by": found.created_by,
        "dataset": dataset_name, "count": len(ids), "members": ids,
    }  # fmt: skip
    write_json(path, document)
    return len(ids)


def read_id_list(
    path: Path, kind: SubjectKind, dataset_id: str, known: KnownIds | None = None
) -> ReadSlice:
    """Read one id a line; empty lines are passed over.

    Parameters
    ----------
    known
        What the dataset has: ids that it has not are problems, and last names will do. Without
        it, any whole id is taken.

    Raises
    ------
    DamagedData
        When the file cannot be read, or none of its lines is an id.
    """
    lines = read_text(path, max_bytes=MAX_BYTES).split("\n")
    placed = (
        (f"line {number}", text)
        for number, line in enumerate(lines, start=1)
        if (text := line.removesuffix("\r"))
    )
    rows, problems = _resolved(path, placed, kind, dataset_id, known)
    return ReadSlice(path.stem, kind, rows, problems, by_import(path.name))


def read_slice_json(path: Path, dataset_id: str, known: KnownIds | None = None) -> ReadSlice:
    """Read what `write_slice_json` wrote, or a JSON list of ids of frames."""
    document = load_json(path, max_bytes=MAX_BYTES)
    if isinstance(document, list):
        document = {"name": path.stem, "kind": "frame", "members": document}
    elif not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DamagedData(path, "$.format", f"is not {FORMAT!r}, and the file is no list of ids")
    elif document.get("version") != VERSION:
        raise DamagedData(path, "$.version", "is of a later Sightline")
    name, kind = _heading(document, path)
    members = document.get("members")
    if not isinstance(members, list) or not all(isinstance(each, str) for each in members):
        raise DamagedData(path, "$.members", "is no list of ids")
    placed = ((f"$.members[{index}]", text) for index, text in enumerate(members))
    rows, problems = _resolved(path, placed, kind, dataset_id, known)
    how: Any = document.get("how")
    return ReadSlice(name, kind, rows, problems, how if _is_how(how) else by_import(path.name))


def _heading(document: dict[str, Any], path: Path) -> tuple[str, SubjectKind]:
    name, kind = document.get("name"), document.get("kind")
    if not isinstance(name, str) or not name.strip():
        raise DamagedData(path, "$.name", "is no name")
    if kind not in tuple(SubjectKind) or kind == SubjectKind.DATASET:
        raise DamagedData(path, "$.kind", "is none of scene, frame, track, label")
    return name, SubjectKind(kind)


def _is_how(how: object) -> bool:
    return isinstance(how, dict) and isinstance(how.get("by"), str)


def _resolved(
    path: Path, placed: Iterable[tuple[str, str]], kind: SubjectKind, dataset_id: str,
    known: KnownIds | None,
) -> tuple[tuple[SubjectRow, ...], tuple[Problem, ...]]:  # fmt: skip
    rows: dict[str, SubjectRow] = {}
    problems: list[Problem] = []
    for place, text in placed:
        try:
            if known is None:
                row = subject_row(subject_of_id(kind, dataset_id, text))
            else:
                row = known.find(text)
        except ValueError as error:
            problems.append(Problem(str(path), place, f"{text[:80]!r}: {error}; it is left out"))
            continue
        rows[row.key] = row
    if problems and not rows:
        first = problems[0]
        raise DamagedData(path, first.place, first.message)
    return tuple(rows.values()), tuple(problems)


def _short_ids(rows: Iterable[SubjectRow]) -> list[str]:
    names = [names_of(row)[-1] for row in rows]
    if len(set(names)) < len(names):
        raise ValueError("two members have the same last name: write whole ids")
    if any("\n" in name or "\r" in name or not name for name in names):
        raise ValueError("a name has a line break or no letters: write whole ids")
    return names
