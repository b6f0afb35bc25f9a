"""The way into the comparison: known to the window from the start, the rest when first used."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.ui.review.window import ReviewWindow, as_widget

if TYPE_CHECKING:
    from viewer.session.compare_changes import CompareChange
    from viewer.session.compare_desk import CompareDesk
    from viewer.ui.compare.room import CompareRoom
    from viewer.ui.review.entry import ReviewEntry


WARM_JOB = "compare-code"


class CompareEntry(QObject):
    """Opens the comparison for the window; nothing of `viewer.metrics` is imported before `begin`.

    Parameters
    ----------
    window
        The main window.
    review
        The way into the review, where errors become issues and queues.
    changed
        Called when what actions can do may have changed.
    """

    def __init__(
        self, window: ReviewWindow, review: "ReviewEntry", changed: Callable[[], None]
    ) -> None:
        super().__init__(as_widget(window))
        self._window = window
        self._review = review
        self._changed = changed
        self._room: CompareRoom | None = None

    def dispose(self) -> None:
        """Stop listening and computing."""
        if self._room is not None:
            self._room.dispose()
            self._room = None

    @property
    def room(self) -> "CompareRoom | None":
        """What the comparison consists of; None until it has begun."""
        return self._room

    @property
    def desk(self) -> "CompareDesk | None":
        """What is compared; None until it has begun."""
        return None if self._room is None else self._room.desk

    def begin(self) -> "CompareRoom":
        """Make everything of the comparison, once."""
        if self._room is None:
            from viewer.ui.compare.room import CompareRoom

            self._room = CompareRoom(self._window, self._review)
            self._room.desk.subscribe(self._on_change)
        return self._room

    def _on_change(self, change: "CompareChange") -> None:
        """Sliders move often; what actions can do hangs on the list and its row alone."""
        from viewer.session.compare_changes import Computed, FigureComputed, RowChosen

        if isinstance(change, Computed | RowChosen) or (
            isinstance(change, FigureComputed) and change.kind == "list"
        ):
            self._changed()

    def warm_up(self) -> None:
        """Read the code of comparing in the background, so that the first F3 need not wait."""
        self._window.session.jobs.start(
            WARM_JOB,
            lambda _context: import_module("viewer.session.compare_desk"),
            done=lambda _module: None,
            failed=lambda _error: None,
            priority=71,
        )

    def arrive(self) -> None:
        """Compare what is open, once the layout is shown."""
        self.begin().arrive()
