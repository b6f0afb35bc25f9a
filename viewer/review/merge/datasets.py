"""Which datasets of two workspaces are the same one, and under which id it goes on."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from viewer.review.datasets.entities import DATASETS, DELIVERIES


@dataclass(frozen=True, slots=True)
class KnownDataset:
    """A dataset of one workspace."""

    dataset_id: str
    added: tuple[int, bytes]
    """Time and id of the command that added it."""
    fingerprints: frozenset[str]


@dataclass(frozen=True, slots=True)
class SameDatasets:
    """What the ids of either file are called after merging; others keep their name."""

    in_base: dict[str, str]
    in_other: dict[str, str]


def known_datasets(connection: sqlite3.Connection) -> list[KnownDataset]:
    """Return the datasets that a workspace has."""
    fingerprints: dict[str, set[str]] = {}
    for dataset_id, fingerprint in connection.execute(
        f"SELECT dataset_id, fingerprint FROM {DELIVERIES.name}"
    ):
        fingerprints.setdefault(dataset_id, set()).add(fingerprint)
    # Datasets are never taken out again, so that the table has all of them. A cross join keeps
    # SQLite from reading the whole journal first.
    added = connection.execute(
        f"SELECT d.key, min(c.time_ns), c.command_id FROM {DATASETS.name} d"
        f" CROSS JOIN changes h ON h.key = d.key AND h.entity = '{DATASETS.name}'"
        " AND h.before IS NULL"
        " CROSS JOIN commands c ON c.seq = h.seq GROUP BY d.key"
    )
    return [
        KnownDataset(key, (time_ns, command_id), frozenset(fingerprints.get(key, ())))
        for key, time_ns, command_id in added
    ]


def same_datasets(base: list[KnownDataset], other: list[KnownDataset]) -> SameDatasets:
    """Match the datasets of two workspaces, each with at most one.

    Equal ids are the same dataset, so is what one command added, then what had the same content
    once. It goes on under the id of whichever was added first.

    Examples
    --------
    >>> ours = KnownDataset("a", (5, b"1"), frozenset({"f", "g"}))
    >>> theirs = KnownDataset("b", (4, b"2"), frozenset({"g"}))
    >>> same_datasets([ours], [theirs])
    SameDatasets(in_base={'a': 'b'}, in_other={})
    """
    found = SameDatasets({}, {})
    taken_base: set[str] = set()
    taken_other: set[str] = set()
    for mine, theirs in _pairs(base, other):
        if mine.dataset_id in taken_base or theirs.dataset_id in taken_other:
            continue
        taken_base.add(mine.dataset_id)
        taken_other.add(theirs.dataset_id)
        first = min(mine, theirs, key=_order)
        if mine.dataset_id != theirs.dataset_id:
            ours = found.in_base if first is theirs else found.in_other
            renamed = mine if first is theirs else theirs
            ours[renamed.dataset_id] = first.dataset_id
    return found


def _pairs(
    base: list[KnownDataset], other: list[KnownDataset]
) -> Iterator[tuple[KnownDataset, KnownDataset]]:
    """Yield what may be the same, surest first, in an order that does not depend on the sides."""
    pairs = [(mine, theirs) for mine in base for theirs in other]
    yield from (pair for pair in pairs if pair[0].dataset_id == pair[1].dataset_id)
    yield from (pair for pair in pairs if pair[0].added == pair[1].added)
    shared = [pair for pair in pairs if pair[0].fingerprints & pair[1].fingerprints]
    yield from sorted(shared, key=lambda pair: sorted(map(_order, pair)))


def _order(dataset: KnownDataset) -> tuple[tuple[int, bytes], str]:
    return dataset.added, dataset.dataset_id
