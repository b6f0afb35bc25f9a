"""Examples of commands on bookmarks, for the contract of all commands."""

from collections.abc import Callable, Mapping
from typing import Any

from review.issues_examples import DATASET, JPEG, PNG

from viewer.review import Workspace
from viewer.review.commands.base import Command
from viewer.review.commands.bookmarks import (
    AddBookmark,
    MoveBookmark,
    RemoveBookmark,
    RenameBookmark,
)

BOOKMARK = "c" * 32


def prepare(workspace: Workspace) -> None:
    """A bookmark."""
    workspace.run(AddBookmark(BOOKMARK, "Crossing", {"eye": [1, 2, 3]}, DATASET, PNG))


EXAMPLES: Mapping[type[Any], Callable[[], Command]] = {
    AddBookmark: lambda: AddBookmark("e" * 32, "Bus stop", {"frame": "000042"}),
    RenameBookmark: lambda: RenameBookmark(BOOKMARK, "Big crossing"),
    MoveBookmark: lambda: MoveBookmark(BOOKMARK, {"eye": [4, 5, 6]}, DATASET, JPEG),
    RemoveBookmark: lambda: RemoveBookmark(BOOKMARK, "Crossing"),
}
