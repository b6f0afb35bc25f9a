"""A folder of folders as one dataset: the first are shown while the others are opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from viewer.formats.base import DamagedData, DatasetFormat, Match, UnknownFormat
from viewer.formats.folder_index import endings_below, shared_listings
from viewer.formats.growth import joined_growth
from viewer.progress import report_progress
from viewer.scene.scene import Dataset, Growth, Problem, Scene

COLLECTION_NAME = "collection"
"""Format name of a folder whose scenes differ in format."""
SHOWN_FOLDERS = 8
"""Opened before anything is shown, and more where none of them has a scene."""

Child = tuple[Path, DatasetFormat, Match]
"""A folder in a folder, and what it looks like."""
Recognise = Callable[[Path], tuple[DatasetFormat, Match]]
Open = Callable[[Path, DatasetFormat], Dataset]


class Siblings:
    """Recognises folders one after the other; one like the last is asked for its format first."""

    def __init__(self, recognise: Recognise, suits: Callable[[DatasetFormat, Path], bool]) -> None:
        self._recognise = recognise
        self._suits = suits
        self._last: tuple[Mapping[str, frozenset[str]], DatasetFormat, Match] | None = None

    def recognise(self, folder: Path) -> Child | None:
        """Return what a folder looks like; None where it fits no format.

        Of two with the same folders in them and the same endings of files, both are of one format
        where that is sure of both.
        """
        endings = endings_below(folder)
        if self._last is not None:
            known, format_, match = self._last
            if endings and endings == known and self._suits(format_, folder):
                return folder, format_, match
        try:
            format_, match = self._recognise(folder)
        except UnknownFormat:
            return None
        self._last = (endings, format_, match) if match > Match.POSSIBLE else None
        return folder, format_, match


class Collection:
    """The folders of a folder, opened in their order.

    Parameters
    ----------
    path
        The folder.
    known
        Those of them, or the folder itself, that are recognised already; they come first.
    folders
        The others.
    recognise
        Says what one of these looks like; None where it fits nothing.
    open_child
        Opens one as a format.
    problems
        What is known to be wrong with the collection.
    """

    def __init__(
        self,
        path: Path,
        known: Sequence[Child],
        folders: Sequence[Path],
        recognise: Callable[[Path], Child | None],
        open_child: Open,
        problems: Sequence[Problem],
    ) -> None:
        self._path = path
        self._known = list(known)
        self._folders = list(folders)
        self._recognise = recognise
        self._open_child = open_child
        self._problems = list(problems)
        self._datasets: list[Dataset] = []
        self._counts: list[int] = []
        self._shown_count = 0
        self._done = 0

    def first(self) -> Dataset | None:
        """Return the dataset of the first folders, which grows; None where none has a scene."""
        while not self._is_done and (self._done < SHOWN_FOLDERS or not any(self._counts)):
            self._next()
        if not any(self._counts):
            return None
        self._shown_count = sum(self._counts)
        dataset = self._joined(self._datasets)
        return dataset if self._is_done else replace(dataset, growth=Growth(self._complete))

    def _complete(self) -> Dataset:
        """Open the folders that are left, going on where it was given up."""
        total = len(self._known) + len(self._folders)
        while not self._is_done:
            report_progress(self._done, total, f"Opening {total:,} folders")
            self._next()
        return self._joined(self._datasets)

    @property
    def _is_done(self) -> bool:
        return self._done == len(self._known) + len(self._folders)

    def _next(self) -> None:
        count = len(self._known)
        with shared_listings():
            child: Child | None
            if self._done < count:
                child = self._known[self._done]
            else:
                child = self._recognise(self._folders[self._done - count])
            if child is not None:
                folder, format_, _ = child
                try:
                    dataset = self._open_child(folder, format_)
                except DamagedData as damage:
                    self._problems.append(damage.as_problem())
                else:
                    self._datasets.append(dataset)
                    self._counts.append(len(dataset.scenes))
        self._done += 1

    def _joined(self, datasets: Sequence[Dataset]) -> Dataset:
        # Scenes that came with the rest of an index follow those that there were.
        pairs = list(zip(datasets, self._counts, strict=True))
        scenes = [scene for each, count in pairs for scene in each.scenes[:count]]
        scenes += [scene for each, count in pairs for scene in each.scenes[count:]]
        names = {scene.format_name for scene in scenes}
        return Dataset(
            self._path,
            names.pop() if len(names) == 1 else COLLECTION_NAME,
            _with_unique_ids(scenes[: self._shown_count], scenes[self._shown_count :]),
            tuple(problem for each in datasets for problem in each.problems)
            + tuple(self._problems),
            growth=joined_growth(datasets, self._joined),
        )


def _with_unique_ids(shown: Sequence[Scene], others: Sequence[Scene]) -> tuple[Scene, ...]:
    """Scenes named ``training`` of two folders need telling apart: links name scenes by id.

    Those that are shown first keep the ids that they have then.
    """
    settled = _told_apart(shown, ())
    return (*settled, *_told_apart(others, settled))


def _told_apart(scenes: Sequence[Scene], settled: Sequence[Scene]) -> tuple[Scene, ...]:
    ids = [scene.scene_id for scene in scenes]
    known = {scene.scene_id for scene in settled}
    if len(set(ids)) == len(ids) and known.isdisjoint(ids):
        return tuple(scenes)
    counts = {name: ids.count(name) for name in set(ids)}
    renamed: list[Scene] = []
    taken = known | set(ids)
    for index, scene in enumerate(scenes):
        name = scene.scene_id
        if counts[name] > 1 or name in known:
            name = longer = f"{scene.path.resolve().parent.name}/{name}"
            while name in taken:
                name, index = f"{longer} {index}", index + 1
            scene = replace(scene, scene_id=name)
        taken.add(name)
        renamed.append(scene)
    return tuple(renamed)
