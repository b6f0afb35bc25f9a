"""The list of pairs that a query gives, and going through it row by row."""

import math
from dataclasses import dataclass

from viewer.metrics.class_roles import BACKGROUND
from viewer.session.compare_board import CompareBoard
from viewer.session.compare_changes import (
    CompareChange,
    Computed,
    QueryChanged,
    RowChosen,
    ThresholdsChanged,
)
from viewer.session.compare_found import Listed
from viewer.session.compare_walk import PairPlace, PairWalk


@dataclass(frozen=True, slots=True)
class RowFacts:
    """One row of the list in words and numbers."""

    truth: str
    """Class of the label, or the background."""
    prediction: str
    scene_id: str
    frame_key: str
    score: float
    """NaN where nothing was predicted."""
    similarity: float
    """NaN without a pair."""
    size_m3: float
    label_id: str
    prediction_id: str

    @property
    def text(self) -> str:
        """What is wrong, or right, with it."""
        if self.truth == BACKGROUND:
            return f"{self.prediction} where nothing is"
        if self.prediction == BACKGROUND:
            return f"{self.truth} missed"
        if self.truth == self.prediction:
            return f"{self.truth} found"
        return f"{self.truth} taken for {self.prediction}"


def facts_of(listed: Listed, place: int) -> RowFacts:
    """Return what is told of a row."""
    found = listed.found
    rows, guesses = listed.rows, found.predictions(of_second=listed.of_second)
    label, guess = int(rows.label_rows[place]), int(rows.prediction_rows[place])
    frames = found.truth.frames
    frame = int(rows.frame_rows[place])
    return RowFacts(
        found.label_class(label), found.prediction_class(guess, of_second=listed.of_second),
        frames.scene_ids[int(frames.scene_of_frame[frame])], frames.keys[frame],
        float(guesses.scores[guess]) if guess >= 0 else math.nan,
        float(rows.values[place]), float(rows.sizes[place]),
        found.truth.label_ids[label] if label >= 0 else "",
        guesses.label_ids[guess] if guess >= 0 else "",
    )  # fmt: skip


def place_of(listed: Listed, place: int) -> PairPlace:
    """Return where a row is to be looked at."""
    found = listed.found
    rows, guesses = listed.rows, found.predictions(of_second=listed.of_second)
    label, guess = int(rows.label_rows[place]), int(rows.prediction_rows[place])
    frames, frame = found.truth.frames, int(rows.frame_rows[place])
    set_id = found.choice.second if listed.of_second else found.choice.first
    return PairPlace(
        found.scene_places[int(frames.scene_of_frame[frame])],
        int(frames.index_in_scene[frame]),
        None if label < 0 else (found.choice.truth or "", found.truth.label_ids[label]),
        None if guess < 0 else (set_id or "", guesses.label_ids[guess]),
    )


class ErrorWalk:
    """Which row of the list is looked at."""

    def __init__(self, desk: CompareBoard) -> None:
        self._desk = desk
        self._pairs = PairWalk(desk.session)
        desk.subscribe(self._on_change)
        self.row = -1
        """Place in the list; -1 while none was gone to."""

    def dispose(self) -> None:
        """Stop listening."""
        self._pairs.dispose()

    def _on_change(self, change: CompareChange) -> None:
        """Of another list no row was looked at."""
        if isinstance(change, Computed | QueryChanged | ThresholdsChanged):
            self.row = -1

    @property
    def rows(self) -> Listed | None:
        """The list, when it is that of the present question."""
        figures = self._desk.figures
        found: Listed | None = figures.value("list")
        return found if found is not None and figures.is_current("list") else None

    def facts(self) -> RowFacts | None:
        """What is told of the present row."""
        rows = self.rows
        if rows is None or not 0 <= self.row < len(rows):
            return None
        return facts_of(rows, self.row)

    def show(self, row: int) -> bool:
        """Bring a row into view; False where there is no such row."""
        rows = self.rows
        if rows is None or not 0 <= row < len(rows):
            return False
        self.row = row
        self._pairs.show(place_of(rows, row))
        self._desk.emit(RowChosen())
        return True

    def show_place(self, place: PairPlace) -> None:
        """Bring something into view that is no row of the list."""
        self._pairs.show(place)

    def step(self, count: int) -> bool:
        """Bring a following or a former row into view; say so at the ends."""
        rows = self.rows
        if rows is None or not len(rows):
            self._desk.session.say("The list of errors is empty: choose a cell of the matrix")
            return False
        wanted = self.row + count
        if not 0 <= wanted < len(rows):
            self._desk.session.say(
                "This is the last row of the list" if count > 0 else "This is the first row"
            )
            return False
        return self.show(wanted)
