"""Putting tags on anything and taking them off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from viewer.review.change import Change
from viewer.review.entity import Row
from viewer.review.ledger import Ledger
from viewer.review.names import checked_name
from viewer.review.subject import Subject
from viewer.review.tags.entities import TAGS
from viewer.review.tags.model import Item, Target
from viewer.review.tags.reading import targets_of


@dataclass(frozen=True, slots=True)
class AddTag:
    """Put a tag on things; those that carry it already stay as they are."""

    tag: str
    targets: Sequence[Target]
    """For tens of thousands make a slice instead, and tag that."""

    kind: ClassVar[str] = "add_tag"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Tag {_told(self.targets)} “{self.tag}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make the rows."""
        tag = checked_name(self.tag)
        for target in self.targets:
            yield from ledger.put(TAGS, _row(ledger, tag, target))


@dataclass(frozen=True, slots=True)
class RemoveTag:
    """Take a tag off things."""

    tag: str
    targets: Sequence[Target]

    kind: ClassVar[str] = "remove_tag"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Take tag “{self.tag}” off {_told(self.targets)}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Delete the rows."""
        tag = checked_name(self.tag)
        for target in self.targets:
            yield from ledger.delete(TAGS, TAGS.key_of(_row(ledger, tag, target)))


@dataclass(frozen=True, slots=True)
class RenameTag:
    """Give a tag another name wherever it is; it joins a tag that has the name already."""

    tag: str
    name: str

    kind: ClassVar[str] = "rename_tag"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Rename tag “{self.tag}” to “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Delete each row and make it anew."""
        tag, name = checked_name(self.tag), checked_name(self.name)
        if tag == name:
            return
        for target in targets_of(ledger, tag):
            yield from ledger.delete(TAGS, TAGS.key_of({"tag": tag, **target}))
            yield from ledger.put(TAGS, {"tag": name, **target})


def _row(ledger: Ledger, tag: str, target: Target) -> Row:
    if isinstance(target, Item):
        return {
            "tag": tag, "subject": None, "item_kind": str(target.kind), "item_id": target.item_id,
        }  # fmt: skip
    return {"tag": tag, "subject": ledger.intern(target), "item_kind": None, "item_id": None}


def _told(targets: Sequence[Target]) -> str:
    if len(targets) != 1:
        return f"{len(targets):,} things"
    only = targets[0]
    return only.text if isinstance(only, Subject) else f"the {only.kind}"
