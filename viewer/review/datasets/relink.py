"""Which dataset of a workspace this is, and where one that moved lies now."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from viewer.progress import JobContext
from viewer.review.datasets.entities import DATASETS, DELIVERIES
from viewer.review.datasets.fingerprint import FileDifference, Fingerprint, compare, fingerprint
from viewer.review.ledger import Reading

SAME_SHARE = 0.5
"""Share of files that must be equal for two deliveries of one name to be one dataset."""
MOST_FOLDERS = 20_000
"""How many folders a search for a moved dataset looks at."""


class Recognised(StrEnum):
    """How a dataset was recognised in a workspace."""

    SAME = "same"
    """It lies where it lay and is as it was."""
    MOVED = "moved"
    """The same content lies elsewhere."""
    DELIVERED_AGAIN = "delivered_again"
    """It lies where it lay; files differ."""
    MOVED_AND_DELIVERED_AGAIN = "moved_and_delivered_again"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Recognition:
    """Which dataset of a workspace it is."""

    how: Recognised
    dataset_id: str | None
    """None where it is new."""
    before: str | None = None
    """Fingerprint of the delivery that was seen last; None where none was."""
    difference: FileDifference | None = None
    """What changed since; None where nothing did or the former files were not kept."""


@dataclass(frozen=True, slots=True)
class Attached(Recognition):
    """Which dataset of a workspace it is, now that it is in it."""

    dataset_id: str


def recognise(reading: Reading, path: Path, name: str, found: Fingerprint) -> Recognition:
    """Return which dataset of the workspace has this content, this place, or this name.

    Equal content counts first, of several datasets at the same place; then the place; then, where
    that of a dataset of the same name is empty now, having half of the files in common.
    """
    rows = reading.rows(DATASETS)
    here = [row for row in rows if _is_same_place(row["path"], path)]
    with_content = {
        each[0]
        for each in reading.query(
            "SELECT dataset_id FROM deliveries WHERE fingerprint = ?", (found.text,)
        )
    }
    same = [row for row in here if row["key"] in with_content]
    if same:
        return _known(reading, same[0], found, Recognised.SAME)
    elsewhere = [row for row in rows if row["key"] in with_content]
    if elsewhere:
        gone = [row for row in elsewhere if not Path(row["path"]).exists()]
        return _known(reading, (gone or elsewhere)[0], found, Recognised.MOVED)
    if here:
        return _known(reading, here[0], found, Recognised.DELIVERED_AGAIN)
    for row in rows:
        if row["name"] == name and not Path(row["path"]).exists():
            known = _known(reading, row, found, Recognised.MOVED_AND_DELIVERED_AGAIN)
            difference = known.difference
            if difference is not None and difference.same_count >= SAME_SHARE * len(found.files):
                return known
    return Recognition(Recognised.NEW, None)


def last_delivery(reading: Reading, dataset_id: str) -> str | None:
    """Return the fingerprint of the content that a dataset was seen with last."""
    found = reading.query(
        "SELECT fingerprint FROM deliveries WHERE dataset_id = ? ORDER BY seen_ns DESC LIMIT 1",
        (dataset_id,),
    )
    return str(found[0][0]) if found else None


def was_delivered_again(reading: Reading, dataset_id: str) -> bool:
    """Say whether a dataset was seen with several contents, so that decisions may be stale."""
    return len(reading.rows(DELIVERIES, "WHERE dataset_id = ? LIMIT 2", (dataset_id,))) > 1


def find_moved(
    reading: Reading, dataset_id: str, places: Iterable[Path], context: JobContext | None = None
) -> Path | None:
    """Look for a dataset below folders, by its name and then by its content.

    Parameters
    ----------
    places
        Folders to look in, e.g. that of another dataset that was found, or a new disk.

    Raises
    ------
    Cancelled
        When the work was given up.
    """
    context = context or JobContext()
    row, content = reading.row(DATASETS, dataset_id), last_delivery(reading, dataset_id)
    if row is None or content is None:
        return None
    name = Path(row["path"]).name
    for candidate in _named(places, name, context):
        if fingerprint(candidate, context).text == content:
            return candidate
    return None


def _known(
    reading: Reading, row: dict[str, Any], found: Fingerprint, how: Recognised
) -> Recognition:
    before = last_delivery(reading, row["key"])
    if before is None or before == found.text:
        is_first = before is None and how is Recognised.DELIVERED_AGAIN
        return Recognition(Recognised.SAME if is_first else how, row["key"], before)
    stored = reading.file_list(before)
    difference = None if stored is None else compare(Fingerprint.unpacked(stored), found)
    if how is Recognised.SAME:
        how = Recognised.DELIVERED_AGAIN
    elif how is Recognised.MOVED:
        how = Recognised.MOVED_AND_DELIVERED_AGAIN
    return Recognition(how, row["key"], before, difference)


def _is_same_place(stored: str, path: Path) -> bool:
    return os.path.realpath(stored) == os.path.realpath(path)


def _named(places: Iterable[Path], name: str, context: JobContext) -> Iterator[Path]:
    count = 0
    for place in places:
        for folder, folders, files in os.walk(place):
            count += 1
            context.report(count, None, f"Looking for {name}")
            if count > MOST_FOLDERS:
                return
            if Path(folder).name == name:
                yield Path(folder)
            elif name in files:
                yield Path(folder, name)
            folders.sort()
