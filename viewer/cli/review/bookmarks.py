"""`sightline review bookmarks`: views that have names."""

from typing import TYPE_CHECKING, Any

from viewer.cli.review.base import (
    AsJson,
    File,
    print_json,
    reading_workspace,
    short_time,
    time_facts,
)

if TYPE_CHECKING:
    from viewer.review.bookmarks.reading import Bookmark


def run(file: File, as_json: AsJson = False) -> None:
    """List the named views of the workspace FILE."""
    from viewer.review.bookmarks.reading import bookmarks

    with reading_workspace(file) as workspace:
        found = bookmarks(workspace.reading)
    if as_json:
        print_json([bookmark_facts(each) for each in found])
        return
    for each in found:
        print(f"{each.name}  {each.author}, {short_time(each.created_ns)}")
    if not found:
        print("no bookmarks")


def bookmark_facts(bookmark: "Bookmark") -> dict[str, Any]:
    """Return a bookmark as JSON values."""
    return {
        "id": bookmark.bookmark_id, "name": bookmark.name, "dataset_id": bookmark.dataset_id,
        "author": bookmark.author, "created": time_facts(bookmark.created_ns),
        "sight": bookmark.sight,
    }  # fmt: skip
