"""What many small files name, such as classes: read once, and again where one changed."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats import growth
from viewer.formats.cache.array_file import SETTLED_NS, Arrays
from viewer.formats.cache.kept_index import KeptIndex
from viewer.progress import report_progress
from viewer.scene.class_map import ClassMap
from viewer.scene.scene import Dataset, Growth

Facts = tuple[frozenset[str], ...]
"""Texts by kind, as many kinds as the reader of the files tells."""
ReadFacts = Callable[[Path], Facts]
"""Returns what one file names, nothing where it cannot be read; runs on any thread."""
SAMPLED_FILES = 16
REPORTED_FILES = 256
_ARRAYS = {"which": np.int32, "sizes": np.int64, "changes": np.int64}


class _Kept(msgspec.Struct, array_like=True):
    """Names of the files, and the different facts that one or more of them tell."""

    names: list[str]
    facts: list[tuple[list[str], ...]]


class FactSurvey:
    """The facts of the files of one dataset.

    Parameters
    ----------
    root
        The dataset.
    paths
        Its files; each counts once.
    procedure
        What reads the facts, with a number that grows when it changes.
    kinds
        How many sets of texts there are.
    read
        Reads one file.
    """

    def __init__(
        self, root: Path, paths: Iterable[str], procedure: str, kinds: int, read: ReadFacts
    ) -> None:
        self._names = list(dict.fromkeys(paths))
        self._read = read
        self._nothing: Facts = (frozenset(),) * kinds
        name = f"facts {procedure} of {root.resolve()}"
        self._store: KeptIndex[_Kept] = KeptIndex((), name, _Kept, _ARRAYS)
        self.is_large = growth.is_large(file_count=len(self._names))
        """Whether reading them all is work for the background."""

    def glance(self) -> Facts:
        """Return what was kept when the files were read last, else what a sample of them names."""
        kept = self._store.load() if self.is_large else None
        if kept is not None:
            return self._union(map(_as_facts, kept[0].facts))
        step = max(1, len(self._names) // SAMPLED_FILES)
        return self._union(self._texts_of(self._names[::step]))

    def read_all(self) -> Facts:
        """Return what all files name; those that have not changed since are not read again.

        Reports to the job that runs here; what was read is kept also where it is given up.
        """
        if not self.is_large:
            return self._union(self._texts_of(self._names))
        names = self._names
        rows = _Rows(self._store.load(), names)
        try:
            for number, name in enumerate(names):
                if number % REPORTED_FILES == 0:
                    report_progress(number, len(names), f"Indexing {len(names):,} files")
                status = _status(Path(name))
                if not rows.is_current(number, status):
                    rows.set(number, status, self._read(Path(name)))
            report_progress(len(names), len(names), f"Indexing {len(names):,} files")
        finally:
            if rows.has_changed:
                self._store.save(*rows.kept(names))
        return self._union(rows.known())

    def _texts_of(self, names: Iterable[str]) -> Iterator[Facts]:
        return (self._read(Path(name)) for name in names)

    def _union(self, facts: Iterable[Facts]) -> Facts:
        found: tuple[set[str], ...] = tuple(set() for _ in self._nothing)
        for each in facts:
            for texts, own in zip(found, each, strict=False):
                texts |= own
        return tuple(frozenset(texts) for texts in found)


def with_surveyed_classes(dataset: Dataset, survey: FactSurvey) -> Dataset:
    """Return a dataset whose scenes have the classes that its files name, in order of name.

    Where the files are many these are the classes of a glance, and all when the dataset has grown.
    """

    def with_classes(facts: Facts) -> Dataset:
        class_map = ClassMap.from_names(sorted(facts[0]))
        scenes = tuple(replace(scene, class_map=class_map) for scene in dataset.scenes)
        return replace(dataset, scenes=scenes)

    if not survey.is_large:
        return with_classes(survey.read_all())
    grows = Growth(lambda: with_classes(survey.read_all()))
    return replace(with_classes(survey.glance()), growth=grows)


class _Rows:
    """Facts by file: those that were kept, until the file turns out to have changed."""

    def __init__(self, kept: tuple[_Kept, Arrays] | None, names: Sequence[str]) -> None:
        count = len(names)
        self.arrays: Arrays = {
            "which": np.full(count, -1, dtype=np.int32),
            "sizes": np.full(count, -1, dtype=np.int64),
            "changes": np.zeros(count, dtype=np.int64),
        }
        self._facts: list[Facts] = []
        if kept is not None and _fits(*kept):
            record, arrays = kept
            self._facts = [_as_facts(each) for each in record.facts]
            if record.names == list(names):
                self.arrays = {name: arrays[name].copy() for name in _ARRAYS}
            else:
                place = {name: number for number, name in enumerate(record.names)}
                known = np.array([place.get(name, -1) for name in names], dtype=np.int64)
                for name in _ARRAYS:
                    found = arrays[name][known[known >= 0]]
                    self.arrays[name][known >= 0] = found
        self.has_changed = kept is None or kept[0].names != list(names)
        self._place = {facts: number for number, facts in enumerate(self._facts)}
        self._which = self.arrays["which"].tolist()
        self._stamps = list(
            zip(self.arrays["sizes"].tolist(), self.arrays["changes"].tolist(), strict=True)
        )

    def is_current(self, number: int, status: tuple[int, int] | None) -> bool:
        """Say whether a file is as it was when its facts were read."""
        return self._which[number] >= 0 and self._stamps[number] == status

    def set(self, number: int, status: tuple[int, int] | None, facts: Facts) -> None:
        """Note the facts of a file; of one that has only just changed they are not kept."""
        place = self._place.setdefault(facts, len(self._facts))
        if place == len(self._facts):
            self._facts.append(facts)
        self._which[number] = place
        settled = status is not None and time.time_ns() - status[1] >= SETTLED_NS
        self.arrays["which"][number] = place
        self.arrays["sizes"][number] = status[0] if status is not None and settled else -1
        self.arrays["changes"][number] = status[1] if status is not None else 0
        self.has_changed = True

    def known(self) -> list[Facts]:
        """Return the different facts that one or more of the files tell."""
        return [self._facts[place] for place in sorted(set(self._which)) if place >= 0]

    def kept(self, names: list[str]) -> tuple[_Kept, dict[str, npt.NDArray[np.generic]]]:
        """Return what is to be kept; facts that no file tells any more are left out."""
        used, which = np.unique(self.arrays["which"], return_inverse=True)
        first = int(np.searchsorted(used, 0))
        facts = [tuple(sorted(texts) for texts in self._facts[each]) for each in used[first:]]
        return _Kept(names, facts), self.arrays | {"which": (which - first).astype(np.int32)}


def _fits(record: _Kept, arrays: Arrays) -> bool:
    count = len(record.names)
    which = arrays["which"]
    return all(each.shape == (count,) for each in arrays.values()) and (
        not count or (int(which.min()) >= -1 and int(which.max()) < len(record.facts))
    )


def _as_facts(texts: tuple[list[str], ...]) -> Facts:
    return tuple(frozenset(each) for each in texts)


def _status(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
