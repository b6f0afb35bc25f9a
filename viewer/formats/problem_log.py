"""Where readers on several threads note what is wrong with the data."""

import threading
from collections.abc import Sequence
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.scene.scene import Problem

MAX_PROBLEMS = 1_000
MAX_NAMED_MISSING = 20


class ProblemLog:
    """Problems in the order they were found, each once; every method may run on any thread."""

    def __init__(self, problems: tuple[Problem, ...] = ()) -> None:
        self._lock = threading.Lock()
        self._problems: dict[Problem, None] = dict.fromkeys(problems)
        self._untold_count = 0

    def add(self, source: object, place: str, message: str) -> None:
        """Note a problem of one file."""
        self.add_problem(Problem(str(source), place, message))

    def add_damage(self, damage: DamagedData) -> None:
        """Note what a reader raised."""
        self.add_problem(damage.as_problem())

    def add_problem(self, problem: Problem) -> None:
        """Note a problem; after `MAX_PROBLEMS` they are only counted."""
        with self._lock:
            if problem in self._problems:
                return
            if len(self._problems) < MAX_PROBLEMS:
                self._problems[problem] = None
            else:
                self._untold_count += 1

    def add_missing(self, paths: Sequence[Path], what: str) -> None:
        """Note files that are missing: each by itself, or many of a folder in one problem."""
        if len(paths) <= MAX_NAMED_MISSING:
            for path in paths:
                self.add(path, "", f"the {what} is missing")
        else:
            first = paths[0]
            self.add(first.parent, "", f"{len(paths)} frames lack their {what}, first {first.name}")

    def snapshot(self) -> tuple[Problem, ...]:
        """Everything noted so far."""
        with self._lock:
            problems = tuple(self._problems)
            untold_count = self._untold_count
        if untold_count:
            problems += (Problem("", "", f"{untold_count} more problems are not listed"),)
        return problems
