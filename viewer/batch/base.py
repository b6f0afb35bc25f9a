"""The contract of a runner: the same work on every key, answers in the order of the keys."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from viewer.progress import Cancelled, JobContext

Key = TypeVar("Key")
Result = TypeVar("Result")
Work = Callable[[JobContext, Key], Result]
"""A function of a module with frozen inputs (`functools.partial` holds them): it is pickled."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Key, Result]):
    """What became of one key."""

    key: Key
    result: Result | None = None
    failure: str | None = None
    """Why there is no result, in one sentence; the other keys are done nevertheless."""


class Runner(ABC):
    """Maps work over keys. Reduce what it yields in its order: sums then agree bit for bit."""

    name: ClassVar[str]

    @abstractmethod
    def map(
        self, work: Work[Key, Result], keys: Sequence[Key], job: JobContext, text: str = ""
    ) -> Iterator[Outcome[Key, Result]]:
        """Yield an outcome a key, in the order of the keys, each as soon as those before are there.

        Raises
        ------
        Cancelled
            The job was given up; what runs elsewhere is ended.
        """


def attempt(work: Work[Key, Result], key: Key, job: JobContext) -> Outcome[Key, Result]:
    """Run the work on one key; whatever it raises is its outcome, but for `Cancelled`."""
    try:
        return Outcome(key, work(job, key))
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001 - one bad scene does not end the run; it is told
        return Outcome(key, failure=f"{type(error).__name__}: {error}")


def attempt_alone(work: Work[Key, Result], key: Key) -> Outcome[Key, Result]:
    """Run the work in a worker, which nobody hears of progress from."""
    return attempt(work, key, JobContext())
