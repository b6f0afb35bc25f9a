"""What a tag may be on, and filters by tags."""

from dataclasses import dataclass
from enum import StrEnum

from viewer.review.subject import Subject


class ItemKind(StrEnum):
    """Things of the workspace itself that carry tags."""

    ISSUE = "issue"
    SLICE = "slice"


@dataclass(frozen=True, slots=True)
class Item:
    """An issue or a slice, by its id."""

    kind: ItemKind
    item_id: str


Target = Subject | Item
"""What carries tags: a dataset, scene, frame, track or label, an issue or a slice."""


@dataclass(frozen=True, slots=True)
class TagFilter:
    """Which things to show, by their tags; an empty condition lets everything through.

    Examples
    --------
    >>> wet = TagFilter(any_of=("rain", "snow"), none_of=("done",))
    >>> wet.accepts({"rain", "night"}), wet.accepts({"rain", "done"}), wet.accepts(set())
    (True, False, False)
    """

    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it lets everything through."""
        return not (self.all_of or self.any_of or self.none_of)

    def accepts(self, tags: set[str] | frozenset[str]) -> bool:
        """Tell whether something with these tags is shown."""
        return (
            tags.issuperset(self.all_of)
            and (not self.any_of or not tags.isdisjoint(self.any_of))
            and tags.isdisjoint(self.none_of)
        )
