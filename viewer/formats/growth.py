"""Indexes that grow: what opening leaves for later, and how it is finished."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from viewer.progress import current_job
from viewer.scene.scene import Dataset, Growth

Result = TypeVar("Result")
GivenUp = Callable[[], bool]
"""Says that nobody waits for an index any more."""
LARGE_BYTES = 16 * 1024 * 1024
"""From this size on a file is indexed in the background, and its index kept; others are as quick to
read again."""
LARGE_COUNT = 256
"""The same for many small files that each would have to be opened."""


def is_large(*, size_bytes: int = 0, file_count: int = 0) -> bool:
    """Say whether an index is worth being made later and kept."""
    return size_bytes >= LARGE_BYTES or file_count >= LARGE_COUNT


def whole(dataset: Dataset) -> Dataset:
    """Return a dataset with all that its growth widens; reports to the job that runs here."""
    while dataset.growth is not None and dataset.growth.widens:
        dataset = dataset.growth.complete()
    return dataset


def grown(dataset: Dataset) -> Dataset:
    """Return a dataset of which nothing is left to be indexed."""
    while dataset.growth is not None:
        dataset = dataset.growth.complete()
    return dataset


def shared(dataset: Dataset) -> Dataset:
    """Return a dataset whose growth is made once, by whoever asks first; others who ask wait."""
    grows = dataset.growth
    if grows is None:
        return dataset
    made = Deferred(lambda _: shared(grows.complete()))
    return replace(dataset, growth=replace(grows, complete=made.result))


def joined_growth(
    datasets: Sequence[Dataset], join: Callable[[Sequence[Dataset]], Dataset]
) -> Growth | None:
    """Return the growth of a dataset that is joined from others; None where none of them grows."""
    growths = [each.growth for each in datasets if each.growth is not None]
    if not growths:
        return None
    return Growth(
        lambda: join([grown(each) for each in datasets]),
        any(each.widens for each in growths),
        any(each.renews for each in growths),
    )


class Deferred(Generic[Result]):
    """A value computed once, by whoever asks first; others who ask wait.

    Parameters
    ----------
    compute
        Makes the value, on any thread; its argument says when nobody waits for it any more.
    """

    def __init__(self, compute: Callable[[GivenUp], Result]) -> None:
        self._compute = compute
        self._lock = threading.Lock()
        self._values: list[Result] = []

    @property
    def is_there(self) -> bool:
        """True once asking takes no time."""
        return bool(self._values)

    def result(self) -> Result:
        """Return the value; `Cancelled` when the job that runs here was given up meanwhile."""
        with self._lock:
            if not self._values:
                self._values.append(self._compute(given_up_here()))
            return self._values[0]


def given_up_here() -> GivenUp:
    """Return what says on any thread whether the job that runs on this one was given up."""
    job = current_job()
    return lambda: job is not None and job.cancelled
