"""What slices there are and who is in them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from viewer.review.entity import to_json
from viewer.review.ledger import Reading
from viewer.review.slices.entities import SLICE_MEMBERS, SLICES
from viewer.review.slices.provenance import Provenance, describe
from viewer.review.subject import Subject, SubjectKind
from viewer.review.subject_rows import SubjectRow

FEW = 2000
"""Up to so many keys are looked up one by one; for more, the whole slice is read."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A named set, without its members."""

    slice_id: str
    name: str
    kind: SubjectKind
    parent: str | None
    """Id of the slice of which it is a part."""
    how: Provenance
    created_ns: int
    created_by: str
    count: int

    @property
    def origin(self) -> str:
        """How it was made, for people."""
        return describe(self.how)


def slices(reading: Reading, kind: SubjectKind | None = None) -> list[Slice]:
    """Return all slices, or those of one kind, by name."""
    where, values = ("", ()) if kind is None else ("WHERE kind = ?", (str(kind),))
    rows = reading.rows(SLICES, f"{where} ORDER BY name COLLATE NOCASE, name, key", values)
    return [_slice(reading, row) for row in rows]


def slice_by_id(reading: Reading, slice_id: str) -> Slice | None:
    """Return a slice, None when there is none."""
    row = reading.row(SLICES, slice_id)
    return None if row is None else _slice(reading, row | {"key": slice_id})


def slices_named(reading: Reading, name: str) -> list[Slice]:
    """Return the slices of a name: one, or more after workspaces were merged."""
    rows = reading.rows(SLICES, "WHERE name = ? ORDER BY created_ns, key", (name,))
    return [_slice(reading, row) for row in rows]


def member_keys(reading: Reading, slice_id: str) -> frozenset[str]:
    """Return the keys of all members."""
    rows = reading.rows(SLICE_MEMBERS, "WHERE slice_id = ?", (slice_id,))
    return frozenset().union(*(row["members"] for row in rows))


def keys_by_scene(reading: Reading, slice_id: str) -> dict[str, list[str]]:
    """Return the keys of all members by dataset and scene."""
    found: dict[str, list[str]] = {}
    for row in member_rows(reading, slice_id):
        found.setdefault(to_json([row.dataset_id, row.scene_id]), []).append(row.key)
    return found


def members_among(reading: Reading, slice_id: str, keys: Iterable[str]) -> frozenset[str]:
    """Return which of the keys are members; 60 labels of a frame in a few milliseconds."""
    wanted = frozenset(keys)
    if len(wanted) > FEW:
        return wanted & member_keys(reading, slice_id)
    return frozenset(_occurrences(reading, slice_id, wanted))


def is_member(reading: Reading, slice_id: str, subject: Subject) -> bool:
    """Tell whether a subject is in a slice."""
    return bool(members_among(reading, slice_id, (subject.key,)))


def chunks_with(
    reading: Reading, slice_id: str, keys: Iterable[str]
) -> list[tuple[str, list[str]]]:
    """Return (row key, members) of every chunk that may hold one of the keys."""
    found = reading.query(
        "SELECT DISTINCT s.chunk FROM json_each(?) j CROSS JOIN slice_spans s"
        " ON s.slice_id = ? AND s.first <= j.value AND s.last >= j.value ORDER BY s.chunk",
        (to_json(sorted(keys)), slice_id),
    )
    rows = ((chunk, reading.row(SLICE_MEMBERS, chunk)) for (chunk,) in found)
    return [(chunk, row["members"]) for chunk, row in rows if row is not None]


def slices_with(reading: Reading, subject: Subject) -> list[str]:
    """Return the ids of the slices that have a subject as a member."""
    key = subject.key
    found = reading.query(
        "SELECT DISTINCT s.slice_id FROM slices h JOIN slice_spans s"
        " ON s.slice_id = h.key AND s.first <= ? AND s.last >= ?"
        " JOIN slice_members m ON m.key = s.chunk"
        " WHERE h.kind = ? AND instr(m.members, ?) ORDER BY h.name COLLATE NOCASE, h.name, h.key",
        (key, key, str(subject.kind), to_json(key)),
    )
    return [slice_id for (slice_id,) in found]


def member_subjects(reading: Reading, slice_id: str) -> Iterator[Subject]:
    """Yield the members in the order of their names."""
    return (row.subject for row in member_rows(reading, slice_id))


def member_rows(reading: Reading, slice_id: str) -> Iterator[SubjectRow]:
    """Yield the members in the order of their names, cheaper than as subjects."""
    # One query a chunk, and only texts are kept: SQLite would sort a million rows on disk, and
    # a million tuples keep the garbage collector busy.
    groups: dict[tuple[str | None, ...], dict[str, str]] = {}
    places: list[int] = []
    for row in reading.rows(SLICE_MEMBERS, "WHERE slice_id = ?", (slice_id,)):
        rows = reading.query(
            "SELECT s.kind, s.dataset_id, s.scene_id, s.frame_key, s.label_set_id, s.label_id,"
            " s.track_id, s.key FROM json_each(?) j JOIN subjects s ON s.key = j.value",
            (to_json(row["members"]),),
        )
        for values in rows:
            # All are of one kind, so that the same names are there.
            places = places or [place for place in range(7) if values[place] is not None]
            groups.setdefault(values[: places[-1]], {})[values[places[-1]]] = values[7]
    for names in sorted(groups, key=_comparable):
        missing = (None,) * (6 - len(names))
        for last, key in sorted(groups[names].items()):
            yield SubjectRow._make((key, *names, last, *missing))


def _comparable(names: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(name or "" for name in names)


def _slice(reading: Reading, row: dict[str, object]) -> Slice:
    values = {name: row[name] for name in SLICES.columns}
    values["kind"] = SubjectKind(str(row["kind"]))
    slice_id = str(row["key"])
    return Slice(slice_id=slice_id, count=_count(reading, slice_id), **values)  # type: ignore[arg-type]


def _occurrences(reading: Reading, slice_id: str, keys: Collection[str]) -> list[str]:
    """Return those of the keys that are members, each once for every chunk that has it."""
    # CROSS keeps the order: from keys to the few chunks around each.
    found = reading.query(
        "SELECT j.value FROM json_each(?) j CROSS JOIN slice_spans s"
        " ON s.slice_id = ? AND s.first <= j.value AND s.last >= j.value"
        " CROSS JOIN slice_members m ON m.key = s.chunk WHERE instr(m.members, j.value)",
        (to_json(sorted(keys)), slice_id),
    )
    return [key for (key,) in found]


def _count(reading: Reading, slice_id: str) -> int:
    """Count members; only those of chunks that overlap others are looked for twice."""
    spans = reading.query(
        "SELECT first, last, count, chunk FROM slice_spans WHERE slice_id = ? ORDER BY last, first",
        (slice_id,),
    )
    end, overlapping = "", []
    for first, last, _, chunk in spans:
        if first > end:
            end = last
        else:
            overlapping.append(chunk)
    rows = [reading.row(SLICE_MEMBERS, chunk) for chunk in overlapping]
    keys = frozenset().union(*(row["members"] for row in rows if row is not None))
    if len(keys) > FEW:
        return len(member_keys(reading, slice_id))
    total: int = sum(count for _, _, count, _ in spans)
    return total - len(_occurrences(reading, slice_id, keys)) + len(keys)
