"""Bookmarks as values."""

from dataclasses import dataclass

from viewer.review.bookmarks.entities import BOOKMARKS
from viewer.review.entity import Row
from viewer.review.issues.model import Sight
from viewer.review.ledger import Reading


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A named sight."""

    bookmark_id: str
    name: str
    dataset_id: str | None
    """The dataset that it shows."""
    sight: Sight
    thumbnail_hash: str | None
    author: str
    created_ns: int


def bookmarks(reading: Reading, dataset_id: str | None = None) -> list[Bookmark]:
    """Return bookmarks by name; with `dataset_id` only those that show this dataset."""
    where, values = ("", ()) if dataset_id is None else ("WHERE dataset_id = ?", (dataset_id,))
    rows = reading.rows(BOOKMARKS, where, values)
    found = [_bookmark(row) for row in rows]
    return sorted(found, key=lambda each: (each.name.casefold(), each.created_ns))


def bookmark(reading: Reading, bookmark_id: str) -> Bookmark | None:
    """Return a bookmark; None when there is none with this id."""
    row = reading.row(BOOKMARKS, bookmark_id)
    return None if row is None else _bookmark({"key": bookmark_id, **row})


def _bookmark(row: Row) -> Bookmark:
    return Bookmark(
        row["key"],
        row["name"],
        row["dataset_id"],
        row["sight"],
        row["thumbnail_hash"],
        row["author"],
        row["created_ns"],
    )
