"""Bringing labels into those that are there: three modes, three ways with unknown classes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from viewer.formats.label_import.joined import joined
from viewer.formats.label_import.label_columns import (
    class_names,
    free_ids,
    label_count,
    label_ids,
    with_classes,
    with_ids,
    without_dangling_links,
)
from viewer.scene.class_map import PALETTE, ClassEntry, ClassMap
from viewer.scene.labels import FrameLabels


class ImportMode(StrEnum):
    """What happens to a frame that has labels already."""

    REPLACE = "replace"
    """The incoming labels take their place."""
    CONCATENATE = "concatenate"
    """The incoming labels are added; one whose id is taken gets a new id."""
    KEEP = "keep"
    """The frame stays as it is."""

    @classmethod
    def named(cls, text: str) -> "ImportMode":
        """Return a mode by its name in any case; ``SKIP`` is another name of KEEP."""
        lower = text.lower()
        return cls.KEEP if lower == "skip" else cls(lower)


class UnknownClasses(StrEnum):
    """What happens to a class that the class map does not have."""

    CREATE = "create"
    MAP = "map"
    """Classes get the names that a table gives them; one that is unknown even so is refused."""
    REFUSE = "refuse"


class ImportRefused(ValueError):
    """Nothing was imported; the message names the classes."""


@dataclass(frozen=True, slots=True)
class ClassTable:
    """Each incoming class's name afterwards, and what that means for the class map."""

    names: Mapping[str, str]
    created: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    """Unknown classes that may not be created: nothing is imported."""

    @property
    def mapped(self) -> dict[str, str]:
        """Classes that get another name."""
        return {old: new for old, new in self.names.items() if old != new}

    def grown(self, class_map: ClassMap, incoming: ClassMap | None = None) -> ClassMap:
        """Return the class map with the created classes, as the incoming one knows them."""
        entries = list(class_map.entries)
        for name in self.created:
            known = incoming.entry(name) if incoming else None
            colour = PALETTE[len(entries) % len(PALETTE)]
            entries.append(
                ClassEntry(name, colour, parent=known.parent, skeleton=known.skeleton)
                if known
                else ClassEntry(name, colour)
            )
        return ClassMap(tuple(entries))


def class_table(
    found: Sequence[str],
    class_map: ClassMap,
    unknown: UnknownClasses,
    names: Mapping[str, str] | None = None,
) -> ClassTable:
    """Decide on the classes of incoming labels; `names` rename them in every case."""
    table = {name: (names or {}).get(name, name) for name in found}
    missing = tuple(name for name in dict.fromkeys(table.values()) if class_map.entry(name) is None)
    if unknown == UnknownClasses.CREATE:
        return ClassTable(table, created=missing)
    return ClassTable(table, refused=missing)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import does to one frame; a dry run shows only this."""

    mode: ImportMode
    existing: int
    incoming: int
    removed: int
    added: int
    kept_out: int
    """Incoming labels that a mode of KEEP leaves out."""
    new_ids: int
    """Incoming labels that got another id."""
    created_classes: tuple[str, ...] = ()
    mapped_classes: Mapping[str, str] = field(default_factory=dict)
    by_class: Mapping[str, int] = field(default_factory=dict)
    """Count of added labels by their class afterwards."""


@dataclass(frozen=True, eq=False, slots=True)
class ImportResult:
    """A plan, and what comes of it."""

    plan: ImportPlan
    labels: FrameLabels
    class_map: ClassMap
    ids: Mapping[str, str] = field(default_factory=dict)
    """Id afterwards of each incoming one that is added."""


def import_labels(
    existing: FrameLabels,
    incoming: FrameLabels,
    class_map: ClassMap,
    mode: ImportMode,
    unknown: UnknownClasses = UnknownClasses.REFUSE,
    names: Mapping[str, str] | None = None,
    taken_ids: Sequence[str] = (),
) -> ImportResult:
    """Merge the incoming labels of a frame into the existing ones; neither changes.

    Parameters
    ----------
    names
        Another name for incoming classes.
    taken_ids
        Ids of the frame besides the existing labels'.

    Raises
    ------
    ImportRefused
        When a class is unknown and may not be created, or cuboids of two coord frames meet.
    """
    before, offered = label_count(existing), label_count(incoming)
    if mode == ImportMode.KEEP and before:
        plan = ImportPlan(mode, before, offered, 0, 0, offered, 0)
        return ImportResult(plan, existing, class_map)
    found = class_names(incoming)
    table = class_table(found, class_map, unknown, names)
    if table.refused:
        raise ImportRefused(f"unknown classes: {', '.join(sorted(table.refused))}")
    renamed = with_classes(incoming, table.names)
    concatenates = mode == ImportMode.CONCATENATE and before > 0
    taken = {*taken_ids, *(label_ids(existing) if concatenates else ())}
    ids = free_ids(label_ids(renamed), taken)
    merged = renamed = without_dangling_links(with_ids(renamed, ids))
    if concatenates:
        try:
            merged = joined(existing, renamed)
        except ValueError as error:
            raise ImportRefused(str(error)) from None
    plan = ImportPlan(
        mode,
        before,
        offered,
        removed=before if mode == ImportMode.REPLACE else 0,
        added=offered,
        kept_out=0,
        new_ids=sum(ids[name] != name for name in label_ids(incoming)),
        created_classes=table.created,
        mapped_classes=table.mapped,
        by_class=Counter(class_names(renamed)),
    )
    return ImportResult(plan, merged, table.grown(class_map), ids)
