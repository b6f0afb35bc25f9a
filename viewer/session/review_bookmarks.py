"""Bookmarks at the desk: keeping the present view under a name, and coming back to it."""

from collections.abc import Callable

from viewer.review import Command, new_id
from viewer.review.bookmarks.entities import BOOKMARKS
from viewer.review.bookmarks.reading import Bookmark, bookmark, bookmarks
from viewer.review.commands.bookmarks import (
    AddBookmark,
    MoveBookmark,
    RemoveBookmark,
    RenameBookmark,
)
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    HoldingChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_sights import Sights


def concerns_bookmarks(change: DeskChange) -> bool:
    """Whether a change asks to show bookmarks anew."""
    if isinstance(change, DecisionsChanged):
        return any(entity == BOOKMARKS.name for entity, _ in change.changed.touched)
    return isinstance(change, WorkspaceOpened | WorkspaceClosed | HoldingChanged)


class Bookmarks:
    """The named views of the open workspace."""

    def __init__(self, board: ReviewBoard, sights: Sights) -> None:
        self._board = board
        self._sights = sights
        self._session = board.session

    def all(self) -> list[Bookmark]:
        """Those of the session's dataset, by name."""
        reading, dataset_id = self._board.reading, self._board.dataset_id
        return [] if reading is None or dataset_id is None else bookmarks(reading, dataset_id)

    def suggested_name(self) -> str:
        """What the present view may be called."""
        session = self._session
        if session.scene is None:
            return ""
        place = f"{session.scene.scene_id} frame {max(session.frame_index, 0) + 1}"
        key = session.selection
        if key is None or key.frame_index != session.frame_index:
            return place
        return f"{key.track_id or key.label_id}, {place}"

    def keep(self, name: str) -> str | None:
        """Keep the present view; return the bookmark's id, None where that failed."""
        reason, sight = self._board.read_only_reason, self._sights.present()
        if reason is not None or sight is None:
            self._session.say(f"No bookmark: {reason or 'no scene is open'}", is_problem=True)
            return None
        bookmark_id, (picture, _) = new_id(), self._sights.pictures()
        if not self._board.run(
            AddBookmark(bookmark_id, name, sight, self._board.dataset_id, picture)
        ):
            return None
        self._session.say(f"Bookmark kept: {name.strip()}")
        return bookmark_id

    def show(self, bookmark_id: str) -> bool:
        """Come back to the view of a bookmark."""
        found = self._found(bookmark_id)
        if found is None:
            return False
        if self._sights.go_to(found.sight):
            return True
        self._session.say(f"The dataset has no frame of “{found.name}”", is_problem=True)
        return False

    def rename(self, bookmark_id: str, name: str) -> bool:
        """Give a bookmark another name."""
        return self._change(bookmark_id, lambda _found: RenameBookmark(bookmark_id, name))

    def move_here(self, bookmark_id: str) -> bool:
        """Let a bookmark show the present view from now on."""
        sight = self._sights.present()
        if sight is None:
            return False
        picture, _ = self._sights.pictures()
        dataset_id = self._board.dataset_id
        return self._change(
            bookmark_id,
            lambda found: MoveBookmark(bookmark_id, sight, dataset_id, picture, found.name),
        )

    def remove(self, bookmark_id: str) -> bool:
        """Forget a bookmark; undo brings it back."""
        return self._change(bookmark_id, lambda found: RemoveBookmark(bookmark_id, found.name))

    def _change(self, bookmark_id: str, command: Callable[[Bookmark], Command]) -> bool:
        found = self._found(bookmark_id)
        return found is not None and self._board.run(command(found))

    def _found(self, bookmark_id: str) -> Bookmark | None:
        reading = self._board.reading
        return None if reading is None else bookmark(reading, bookmark_id)
