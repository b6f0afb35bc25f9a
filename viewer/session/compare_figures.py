"""Figures of a comparison, each computed off the owner's thread when someone looks at it."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from viewer.progress import JobContext
from viewer.session.jobs import JobRunner

Asked = TypeVar("Asked")
Asked_co = TypeVar("Asked_co", covariant=True)


class FigureHost(Protocol[Asked_co]):
    """Who the figures are about."""

    @property
    def jobs(self) -> JobRunner:
        """Runs the work."""
        ...

    def asked(self, kind: str) -> Asked_co | None:
        """What a figure depends on, a value that compares; None while there is nothing to show."""
        ...

    def computed(self, kind: str) -> None:
        """A figure is there, or gone."""
        ...

    def failed(self, kind: str, error: Exception) -> None:
        """A figure cannot be had."""
        ...


class Figures(Generic[Asked]):
    """Figures by kind. What is asked for while one is computed is computed after it.

    So a slider that moves shows every figure that there was time for, and the last one always.
    """

    def __init__(
        self, host: FigureHost[Asked], compute: Callable[[JobContext, Asked], Any]
    ) -> None:
        self._host = host
        self._compute = compute
        self._values: dict[str, tuple[Asked, Any]] = {}
        self._running: set[str] = set()
        self._failed: dict[str, Asked] = {}

    def value(self, kind: str) -> Any:  # noqa: ANN401 - of the kind
        """The newest figure of a kind, perhaps of settings that were changed since; None before."""
        found = self._values.get(kind)
        return None if found is None else found[1]

    def is_current(self, kind: str) -> bool:
        """Whether the figure is that of the present settings."""
        found = self._values.get(kind)
        return found is not None and found[0] == self._host.asked(kind)

    def is_running(self, kind: str) -> bool:
        """Whether a figure is computed now."""
        return kind in self._running

    def ask(self, kind: str) -> None:
        """Have a figure of the present settings; the host hears when it is there."""
        asked = self._host.asked(kind)
        if asked is None or kind in self._running or self.is_current(kind):
            return
        if self._failed.get(kind) == asked:
            return
        self._running.add(kind)

        def keep(value: Any) -> None:  # noqa: ANN401
            self._running.discard(kind)
            if self._host.asked(kind) is None:
                return
            self._values[kind] = asked, value
            self._host.computed(kind)
            self.ask(kind)

        def fail(error: Exception) -> None:
            self._running.discard(kind)
            self._failed[kind] = asked
            self._host.failed(kind, error)

        self._host.jobs.start(
            f"compare-{kind}",
            lambda context: self._compute(context, asked),
            done=keep,
            failed=fail,
            given_up=lambda: self._running.discard(kind),
            priority=4,
        )

    def forget(self) -> None:
        """Drop every figure: another comparison has come."""
        self._host.jobs.cancel(*(f"compare-{kind}" for kind in tuple(self._running)))
        kinds = tuple(self._values)
        self._values.clear()
        self._failed.clear()
        for kind in kinds:
            self._host.computed(kind)
