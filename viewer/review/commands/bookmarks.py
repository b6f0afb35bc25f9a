"""Giving views names."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from viewer.review.bookmarks.entities import BOOKMARKS
from viewer.review.change import Change
from viewer.review.commands.issues import checked_sight
from viewer.review.errors import CommandRefused
from viewer.review.issues.model import Sight
from viewer.review.ledger import Ledger
from viewer.review.names import checked_name


@dataclass(frozen=True, slots=True)
class AddBookmark:
    """Keep what the window shows under a name."""

    bookmark_id: str
    name: str
    sight: Sight
    dataset_id: str | None = None
    thumbnail: bytes | None = None
    """JPEG or PNG."""

    kind: ClassVar[str] = "add_bookmark"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Bookmark this view as “{self.name.strip()}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make the row."""
        if ledger.row(BOOKMARKS, self.bookmark_id) is not None:
            raise CommandRefused(f"bookmark “{self.name}” is in the workspace already")
        row = {
            "name": checked_name(self.name), "dataset_id": self.dataset_id,
            "sight": checked_sight(self.sight),
            "thumbnail_hash": ledger.keep_picture(self.thumbnail),
            "author": ledger.reviewer.name, "created_ns": ledger.now_ns,
        }  # fmt: skip
        yield ledger.create(BOOKMARKS, row, self.bookmark_id)


@dataclass(frozen=True, slots=True)
class RenameBookmark:
    """Give a bookmark another name."""

    bookmark_id: str
    name: str

    kind: ClassVar[str] = "rename_bookmark"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Rename a bookmark to “{self.name.strip()}”"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the name."""
        yield from ledger.update(BOOKMARKS, self.bookmark_id, {"name": checked_name(self.name)})


@dataclass(frozen=True, slots=True)
class MoveBookmark:
    """Let a bookmark show what the window shows now."""

    bookmark_id: str
    sight: Sight
    dataset_id: str | None = None
    thumbnail: bytes | None = None
    name: str = ""
    """For the journal's text alone."""

    kind: ClassVar[str] = "move_bookmark"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Let {_named(self.name)} show this view"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change sight, dataset and picture."""
        columns = {
            "sight": checked_sight(self.sight), "dataset_id": self.dataset_id,
            "thumbnail_hash": ledger.keep_picture(self.thumbnail),
        }  # fmt: skip
        yield from ledger.update(BOOKMARKS, self.bookmark_id, columns)


@dataclass(frozen=True, slots=True)
class RemoveBookmark:
    """Forget a bookmark."""

    bookmark_id: str
    name: str = ""
    """For the journal's text alone."""

    kind: ClassVar[str] = "remove_bookmark"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Remove {_named(self.name)}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Delete the row."""
        yield from ledger.delete(BOOKMARKS, self.bookmark_id)


def _named(name: str) -> str:
    return f"bookmark “{name}”" if name else "a bookmark"
