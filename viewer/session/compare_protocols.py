"""Published protocols on what is compared: chosen, run as a job, kept until something changes."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from viewer.metrics.protocols.base import Evaluation, Protocol
from viewer.metrics.protocols.catalog import all_protocols, protocol_by_name
from viewer.progress import JobContext
from viewer.session.compare_board import CompareBoard
from viewer.session.compare_changes import CompareChange, Computed, FigureComputed
from viewer.session.compare_found import Found

PROTOCOL_JOB = "compare-protocol"
KIND = "protocol"


class Run(NamedTuple):
    """One protocol on one of the sets of predictions."""

    name: str
    of_second: bool = False


def protocol_titles() -> tuple[tuple[str, str], ...]:
    """Names and titles of the protocols that there are."""
    return tuple((each.name, each.title) for each in all_protocols())


class ProtocolRuns:
    """Runs one protocol at a time on the present comparison."""

    def __init__(self, desk: CompareBoard) -> None:
        self._desk = desk
        self.results: dict[Run, Evaluation] = {}
        """Of the present comparison."""
        self.problems: dict[Run, str] = {}
        self.running = ""
        """Name of the protocol that runs."""
        desk.subscribe(self._on_change)

    def _on_change(self, change: CompareChange) -> None:
        if isinstance(change, Computed):
            self.forget()

    def forget(self) -> None:
        """Drop everything: another comparison has come."""
        self._desk.session.jobs.cancel(PROTOCOL_JOB)
        self.results.clear()
        self.problems.clear()
        self._desk.emit(FigureComputed(KIND))

    def cancel(self) -> None:
        """Give the run up."""
        self._desk.session.jobs.cancel(PROTOCOL_JOB)

    def run(
        self, name: str, settings: Mapping[str, Any] | None = None, *, of_second: bool = False
    ) -> None:
        """Evaluate in the background; nothing is left of a run that is given up."""
        key = Run(name, of_second)
        found = self._desk.found
        if found is None or found.waits_for_yes:
            return
        self.running = name
        protocol = protocol_by_name(name)
        self._desk.emit(FigureComputed(KIND))

        def keep(evaluation: Evaluation) -> None:
            self.problems.pop(key, None)
            self.results[key] = evaluation
            self._end()

        def fail(error: Exception) -> None:
            self.problems[key] = str(error)
            self._end()

        self._desk.session.jobs.start(
            PROTOCOL_JOB,
            lambda context: _evaluate(
                protocol, found, settings or {}, context, of_second=of_second
            ),
            done=keep,
            failed=fail,
            given_up=self._end,
            title=f"Evaluating by {protocol.title}",
            priority=9,
        )

    def _end(self) -> None:
        self.running = ""
        self._desk.emit(FigureComputed(KIND))


def _evaluate(
    protocol: Protocol,
    found: Found,
    settings: Mapping[str, Any],
    context: JobContext,
    *,
    of_second: bool,
) -> Evaluation:
    gathered = found.gathered
    if gathered is None:
        raise ValueError("nothing is compared")
    return protocol.evaluate(
        gathered.labels, gathered.predictions[int(of_second)].usable, settings, context
    )


def result_rows(results: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Figures of an evaluation as (path, value) in the order in which the protocol has them.

    Examples
    --------
    >>> result_rows({"car": {"AP": 0.5, "R40": [1.0, None]}})
    (('car / AP', '0.5'), ('car / R40', '1, –'))
    """
    found: list[tuple[str, str]] = []

    def collect(value: Any, path: tuple[str, ...]) -> None:  # noqa: ANN401 - JSON values
        if isinstance(value, Mapping):
            for key, inner in value.items():
                collect(inner, (*path, str(key)))
        elif isinstance(value, list | tuple):
            if len(value) <= 8 and not any(isinstance(each, Mapping | list) for each in value):
                found.append((" / ".join(path), ", ".join(map(_figure, value))))
            else:
                for place, inner in enumerate(value):
                    collect(inner, (*path, str(place + 1)))
        else:
            found.append((" / ".join(path), _figure(value)))

    collect(results, ())
    return tuple(found)


def _figure(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"
