"""How far merging is, and giving it up at any moment."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

from viewer.progress import Cancelled, JobContext

TOTAL = 1000
OPERATIONS_BETWEEN_LOOKS = 200_000
"""So many of SQLite's own small steps are some milliseconds."""

ITEMS_BETWEEN_REPORTS = 200
Item = TypeVar("Item")


class Steps:
    """Spreads the parts of a long job over one bar.

    Parameters
    ----------
    weights
        Share of each part by its text, in their order; they need not add up to anything.
    """

    def __init__(self, context: JobContext, weights: dict[str, float]) -> None:
        self._context = context
        total = sum(weights.values())
        self._spans: dict[str, tuple[float, float]] = {}
        begin = 0.0
        for text, weight in weights.items():
            self._spans[text] = begin / total, weight / total
            begin += weight
        self._text = ""
        self._done = 0

    def begin(self, text: str) -> None:
        """Go on with the next part; raise `Cancelled` if the work was given up."""
        self._text = text
        self.at(0, 1)

    def at(self, done: int, total: int) -> None:
        """Tell how far this part is; raise `Cancelled` if the work was given up."""
        begin, share = self._spans[self._text]
        part = min(1.0, done / total) if total else 1.0
        # What is done in rounds does not go back.
        self._done = max(self._done, round(TOTAL * (begin + share * part)))
        self._context.report(self._done, TOTAL, self._text)

    def each(self, items: Collection[Item], first: float, last: float) -> Iterator[Item]:
        """Yield items of a part of this part, telling how far it is now and then.

        Parameters
        ----------
        first, last
            How far this part is before them and after them, from 0 to 1.
        """
        count = max(1, len(items))
        for done, item in enumerate(items):
            if done % ITEMS_BETWEEN_REPORTS == 0:
                self.at(round(TOTAL * (first + (last - first) * done / count)), TOTAL)
            yield item

    @contextmanager
    def stopping(self, *connections: sqlite3.Connection) -> Iterator[None]:
        """Let what SQLite does in the block be given up too."""
        for each in connections:
            each.set_progress_handler(self._is_given_up, OPERATIONS_BETWEEN_LOOKS)
        try:
            yield
        except sqlite3.OperationalError as error:
            if self._context.cancelled:
                raise Cancelled from error
            raise
        finally:
            for each in connections:
                each.set_progress_handler(None, 0)

    def _is_given_up(self) -> int:
        return int(self._context.cancelled)
