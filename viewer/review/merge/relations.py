"""Which tables refer to which."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter

from viewer.review.entities import ENTITIES


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose rows have no meaning without a row of another table."""

    child: str
    column: str
    parent: str


def references(connection: sqlite3.Connection) -> tuple[Reference, ...]:
    """Return the references between tables of entities."""
    names = {entity.name for entity in ENTITIES}
    return tuple(
        Reference(child, column, parent)
        for child in sorted(names)
        for _, _, parent, column, *_ in connection.execute(f"PRAGMA foreign_key_list({child})")
        if parent in names
    )


def parents_first(references: Iterable[Reference]) -> list[str]:
    """Return all entities so that each comes after those that it refers to."""
    sorter: TopologicalSorter[str] = TopologicalSorter({each.name: () for each in ENTITIES})
    for reference in references:
        if reference.child != reference.parent:
            sorter.add(reference.child, reference.parent)
    return list(sorter.static_order())
