"""Datasets of several folders, each a scene."""

from collections.abc import Callable, Sequence
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.scene.scene import Problem, Scene


def open_each(
    folders: Sequence[Path], open_folder: Callable[[Path], Scene]
) -> tuple[tuple[Scene, ...], tuple[Problem, ...]]:
    """Return the scenes that open, and what is wrong with the others.

    Raises
    ------
    DamagedData
        When the only folder does not open.
    """
    scenes: list[Scene] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            scenes.append(open_folder(folder))
        except DamagedData as damage:
            if len(folders) == 1:
                raise
            problems.append(damage.as_problem())
    return tuple(scenes), tuple(problems)
