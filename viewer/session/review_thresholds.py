"""The workspace's thresholds where the window follows them: from which score predictions show."""

from dataclasses import replace

from viewer.review.commands.class_map import ChangeThreshold
from viewer.review.datasets.class_map import THRESHOLD, thresholds
from viewer.review.datasets.entities import SETTINGS
from viewer.review.datasets.known_thresholds import SCORE, threshold
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    WorkspaceClosed,
    WorkspaceOpened,
)


class ThresholdWork:
    """Follows the thresholds of the open workspace. Made by the desk."""

    def __init__(self, board: ReviewBoard) -> None:
        self._board, self._session = board, board.session
        self._followed = 0.0
        """Score that was set here last: one that a person set since stays."""
        board.subscribe(self._on_change)

    def _on_change(self, change: DeskChange) -> None:
        if isinstance(change, DecisionsChanged):
            touched = change.changed.touched
            if touched and (SETTINGS.name, THRESHOLD + SCORE) not in touched:
                return
        elif not isinstance(change, WorkspaceOpened | WorkspaceClosed):
            return
        reading = self._board.reading
        self._follow(0.0 if reading is None else threshold(reading, SCORE))

    def _follow(self, score: float) -> None:
        filters = self._session.view.filters
        if filters.min_score == self._followed and score != self._followed:
            self._session.set_view(filters=replace(filters, min_score=score))
        self._followed = score

    def defined(self) -> dict[str, float]:
        """What the workspace says."""
        reading = self._board.reading
        return {} if reading is None else thresholds(reading)

    def change(self, name: str, value: float | None) -> bool:
        """Give a threshold another value for everyone; None takes it back to its default."""
        if self.defined().get(name) == value:
            return True
        return self._board.run(ChangeThreshold(name, value))
