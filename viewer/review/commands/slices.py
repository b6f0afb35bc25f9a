"""Making, combining, changing and deleting slices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from viewer.review.change import Change, CreatedRows, Step
from viewer.review.entity import Row, to_json
from viewer.review.errors import CommandRefused
from viewer.review.ledger import Ledger
from viewer.review.names import checked_name
from viewer.review.slices.algebra import Operation, combine
from viewer.review.slices.entities import SLICE_MEMBERS, SLICES
from viewer.review.slices.members import Members, chunks
from viewer.review.slices.provenance import by_algebra, by_hand, by_sample
from viewer.review.slices.reading import chunks_with, keys_by_scene, member_keys, members_among
from viewer.review.slices.sample import draw, draw_in_proportion
from viewer.review.tags.entities import TAGS
from viewer.review.tags.model import Item, ItemKind
from viewer.review.tags.reading import item_tag_keys


@dataclass(frozen=True, slots=True)
class CreateSlice:
    """Save a set of scenes, frames, tracks or labels under a name."""

    slice_id: str
    name: str
    members: Members
    how: Mapping[str, Any] = field(default_factory=by_hand)
    """Made by `viewer.review.slices.provenance`."""
    parent: str | None = None
    """Id of a slice of which it is a part."""

    kind: ClassVar[str] = "create_slice"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Make slice “{self.name}” of {counted(len(self.members), self.members.kind)}"

    def changes(self, ledger: Ledger) -> Iterable[Step]:
        """Make the slice and its chunks."""
        if self.parent is not None and ledger.row(SLICES, self.parent) is None:
            raise CommandRefused("the slice above it is gone")
        require_free_name(ledger, self.name)
        yield ledger.create(
            SLICES, slice_row(ledger, self.name, self.members.kind, self.how, self.parent),
            self.slice_id,
        )  # fmt: skip
        yield from add_members(ledger, self.slice_id, self.members)


@dataclass(frozen=True, slots=True)
class CombineSlices:
    """Save the union, intersection or difference of slices under a name."""

    slice_id: str
    name: str
    operation: Operation
    slice_ids: tuple[str, ...]
    """Of one kind of members; a difference takes the others from the first."""

    kind: ClassVar[str] = "combine_slices"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Make slice “{self.name}” as {self.operation} of {len(self.slice_ids)} slices"

    def changes(self, ledger: Ledger) -> Iterable[Step]:
        """Make the slice and its chunks."""
        rows = [require_slice(ledger, each) for each in self.slice_ids]
        kinds = sorted({row["kind"] for row in rows})
        if len(kinds) != 1:
            told = " and ".join(f"{each}s" for each in kinds) or "none"
            raise CommandRefused(f"only slices of one kind can be combined, not {told}")
        require_free_name(ledger, self.name)
        named = [(each, row["name"]) for each, row in zip(self.slice_ids, rows, strict=True)]
        how = by_algebra(self.operation, named)
        parent = None if self.operation is Operation.UNION else self.slice_ids[0]
        yield ledger.create(
            SLICES, slice_row(ledger, self.name, kinds[0], how, parent), self.slice_id
        )
        sets = [member_keys(ledger, each) for each in self.slice_ids]
        yield from _chunk_changes(ledger, self.slice_id, sorted(combine(self.operation, sets)))


@dataclass(frozen=True, slots=True)
class SampleSlice:
    """Save members drawn by chance from a slice; the same seed draws the same ones everywhere."""

    slice_id: str
    name: str
    of: str
    """Id of the slice to draw from, which the new one is a part of."""
    count: int
    seed: int
    by_scene: bool = False
    """Each scene gives its share."""

    kind: ClassVar[str] = "sample_slice"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Draw slice “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Step]:
        """Make the slice and its chunks."""
        row = require_slice(ledger, self.of)
        if self.count < 1:
            raise CommandRefused("a sample needs one member at least")
        require_free_name(ledger, self.name)
        if self.by_scene:
            drawn = draw_in_proportion(keys_by_scene(ledger, self.of), self.count, self.seed)
        else:
            drawn = draw(member_keys(ledger, self.of), self.count, self.seed)
        how = by_sample(row["name"], len(drawn), self.seed, "scene" if self.by_scene else "")
        yield ledger.create(
            SLICES, slice_row(ledger, self.name, row["kind"], how, self.of), self.slice_id
        )
        yield from _chunk_changes(ledger, self.slice_id, sorted(drawn))


@dataclass(frozen=True, slots=True)
class RenameSlice:
    """Give a slice another name."""

    slice_id: str
    name: str

    kind: ClassVar[str] = "rename_slice"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Rename slice to “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the name."""
        require_free_name(ledger, self.name, but_for=self.slice_id)
        require_slice(ledger, self.slice_id)
        yield from ledger.update(SLICES, self.slice_id, {"name": checked_name(self.name)})


@dataclass(frozen=True, slots=True)
class AddToSlice:
    """Put more members into a slice; those it has already stay as they are."""

    slice_id: str
    members: Members
    name: str = ""
    """Of the slice, for the text."""

    kind: ClassVar[str] = "add_to_slice"

    @property
    def text(self) -> str:
        """What it does."""
        to = f"“{self.name}”" if self.name else "a slice"
        return f"Add {counted(len(self.members), self.members.kind)} to {to}"

    def changes(self, ledger: Ledger) -> Iterable[Step]:
        """Make chunks of what is new."""
        row = require_slice(ledger, self.slice_id)
        if row["kind"] != self.members.kind:
            raise CommandRefused(
                f"“{row['name']}” is a slice of {row['kind']}s, not of {self.members.kind}s"
            )
        yield from add_members(ledger, self.slice_id, self.members)


@dataclass(frozen=True, slots=True)
class RemoveFromSlice:
    """Take members out of a slice; those it has not are passed over."""

    slice_id: str
    keys: tuple[str, ...]
    name: str = ""
    """Of the slice, for the text."""

    kind: ClassVar[str] = "remove_from_slice"

    @property
    def text(self) -> str:
        """What it does."""
        out_of = f"“{self.name}”" if self.name else "a slice"
        return f"Take {counted(len(self.keys), 'member')} out of {out_of}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change or delete the chunks that hold them."""
        require_slice(ledger, self.slice_id)
        gone = frozenset(self.keys)
        for chunk, members in chunks_with(ledger, self.slice_id, gone):
            left = [each for each in members if each not in gone]
            if not left:
                yield from ledger.delete(SLICE_MEMBERS, chunk)
            elif len(left) < len(members):
                yield from ledger.update(SLICE_MEMBERS, chunk, {"members": left})


@dataclass(frozen=True, slots=True)
class DeleteSlice:
    """Delete a slice; the slices below it move up to the one above it."""

    slice_id: str
    name: str

    kind: ClassVar[str] = "delete_slice"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Delete slice “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Delete the chunks, the tags on the slice, and the slice."""
        row = require_slice(ledger, self.slice_id)
        for (below,) in ledger.query("SELECT key FROM slices WHERE parent = ?", (self.slice_id,)):
            yield from ledger.update(SLICES, below, {"parent": row["parent"]})
        found = ledger.query("SELECT key FROM slice_members WHERE slice_id = ?", (self.slice_id,))
        for (chunk,) in found:
            yield from ledger.delete(SLICE_MEMBERS, chunk)
        for key in item_tag_keys(ledger, Item(ItemKind.SLICE, self.slice_id)):
            yield from ledger.delete(TAGS, key)
        yield from ledger.delete(SLICES, self.slice_id)


def counted(count: int, noun: str) -> str:
    """Return e.g. ``1 label`` or ``1,200 labels``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def slice_row(
    ledger: Ledger, name: str, kind: str, how: Mapping[str, Any], parent: str | None
) -> Row:
    """Return the row of a new slice."""
    return {
        "name": checked_name(name), "kind": str(kind), "parent": parent, "how": dict(how),
        "created_ns": ledger.now_ns, "created_by": ledger.reviewer.name,
    }  # fmt: skip


def require_slice(ledger: Ledger, slice_id: str) -> Row:
    """Return its row; CommandRefused when it is gone."""
    row = ledger.row(SLICES, slice_id)
    if row is None:
        raise CommandRefused("this slice is gone")
    return row


def require_free_name(ledger: Ledger, name: str, but_for: str = "") -> None:
    """Raise CommandRefused when another slice has the name."""
    wanted = checked_name(name)
    found = ledger.query(
        "SELECT 1 FROM slices WHERE name = ? AND key <> ? LIMIT 1", (wanted, but_for)
    )
    if found:
        raise CommandRefused(f"there is a slice “{wanted}” already")


def add_members(ledger: Ledger, slice_id: str, members: Members) -> Iterable[Step]:
    """Yield the chunks of what a slice has not yet; CommandRefused for unknown subjects."""
    ledger.intern_all(members.rows)
    _require_known(ledger, members)
    present = members_among(ledger, slice_id, members.keys)
    new = members.keys
    if present:
        new = tuple(key for key in new if key not in present)
    yield from _chunk_changes(ledger, slice_id, new)


def _require_known(ledger: Ledger, members: Members) -> None:
    if len(members.rows) == len(members.keys):
        return
    unnamed = set(members.keys).difference(row.key for row in members.rows)
    known = ledger.query(
        "SELECT count(*) FROM json_each(?) j JOIN subjects s ON s.key = j.value WHERE s.kind = ?",
        (to_json(sorted(unnamed)), str(members.kind)),
    )[0][0]
    if known != len(unnamed):
        missing = counted(len(unnamed) - known, members.kind)
        raise CommandRefused(f"the workspace knows nothing of {missing}")


def _chunk_changes(ledger: Ledger, slice_id: str, keys: Iterable[str]) -> Iterable[Step]:
    rows = (
        {"slice_id": slice_id, "part": part, "members": members} for part, members in chunks(keys)
    )
    found = [each for row in rows for each in ledger.put(SLICE_MEMBERS, row)]
    yield CreatedRows(tuple(each for each in found if each.before is None))
    yield from (each for each in found if each.before is not None)
