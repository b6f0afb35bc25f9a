"""What a target layout cannot hold: counted, listed, written as JSON or CSV."""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass

from viewer.scene.scene import Problem


@dataclass(frozen=True, slots=True)
class LossReport:
    """Rows of what was left out or changed; row i of every column belongs to the same loss."""

    what: tuple[str, ...] = ()
    """Kind of thing, e.g. ``attribute 'state'``."""
    where: tuple[str, ...] = ()
    """Scene, and label set, sensor, track or frame in it."""
    count: tuple[int, ...] = ()
    """How many things of that kind there."""
    why: tuple[str, ...] = ()
    """What the target lacks, and what became of the thing."""

    def __len__(self) -> int:
        return len(self.what)

    @property
    def total(self) -> int:
        """All things that the target does not hold as they were."""
        return sum(self.count)

    def rows(self) -> tuple[tuple[str, str, int, str], ...]:
        """(what, where, count, why) of each loss."""
        return tuple(zip(self.what, self.where, self.count, self.why, strict=True))

    def by_kind(self) -> dict[tuple[str, str], int]:
        """Count by (what, why) over all places, the most frequent first."""
        totals: Counter[tuple[str, str]] = Counter()
        for what, _, count, why in self.rows():
            totals[what, why] += count
        return dict(totals.most_common())

    def as_json(self) -> str:
        """One object a loss."""
        names = ("what", "where", "count", "why")
        losses = [dict(zip(names, row, strict=True)) for row in self.rows()]
        return json.dumps({"total": self.total, "losses": losses}, indent=1, ensure_ascii=False)

    def as_csv(self) -> str:
        """One line a loss below a line of titles."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(("what", "where", "count", "why"))
        table.writerows(self.rows())
        return text.getvalue()


class LossLog:
    """Collects losses while a writer runs; the same loss at the same place is counted."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, str], int] = {}

    def add(self, what: str, where: str, why: str, count: int = 1) -> None:
        """Note `count` more things; none when it is 0."""
        if count > 0:
            key = (what, where, why)
            self._counts[key] = self._counts.get(key, 0) + count

    def add_unreadable(self, problem: Problem) -> None:
        """Note a piece of the source that cannot be read, once however often it is met."""
        place = f"{problem.source}, {problem.place}" if problem.place else problem.source
        self._counts["unreadable", place, problem.message] = 1

    def report(self) -> LossReport:
        """Return everything noted so far, in the order of first notice."""
        return LossReport(
            what=tuple(what for what, _, _ in self._counts),
            where=tuple(where for _, where, _ in self._counts),
            count=tuple(self._counts.values()),
            why=tuple(why for _, _, why in self._counts),
        )
