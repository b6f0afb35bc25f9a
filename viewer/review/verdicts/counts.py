"""How many verdicts there are, by what they say; kept while they are given, so always at hand."""

from dataclasses import dataclass
from enum import StrEnum

from viewer.review.ledger import Reading
from viewer.review.subject import SubjectKind
from viewer.review.verdicts.model import VerdictState


class CountBy(StrEnum):
    """What verdicts are counted by."""

    STATE = "state"
    REVIEWER = "reviewer"
    CLASS = "class_name"
    """Empty where nobody told it."""
    KIND = "kind"
    """Label, track, frame or scene."""
    DATASET = "dataset_id"
    REASON = "reason"
    """Only together with others than the state."""


@dataclass(frozen=True, slots=True)
class VerdictsInTime:
    """Verdicts that a reviewer gave from one time to the next."""

    start_ns: int
    """UTC since 1970, a whole number of steps."""
    reviewer: str
    state: VerdictState
    count: int


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """Number of verdicts that have these values, in the order in which they were asked for."""

    values: tuple[str, ...]
    count: int


def count_verdicts(
    reading: Reading,
    *by: CountBy,
    every_reviewer: bool = False,
    dataset_id: str | None = None,
    kind: SubjectKind | None = None,
) -> list[VerdictCount]:
    """Count verdicts, most first; by their state unless told otherwise.

    With a reason, a verdict of two reasons counts twice, one of none not at all.

    Parameters
    ----------
    every_reviewer
        Count what each reviewer said; otherwise a subject counts once, by its newest verdict.

    Examples
    --------
    ``count_verdicts(reading, CountBy.CLASS, CountBy.STATE)`` gives e.g.
    ``[VerdictCount(("car", "accepted"), 812), VerdictCount(("car", "rejected"), 40), ...]``.
    """
    columns = by or (CountBy.STATE,)
    if CountBy.REASON in columns and CountBy.STATE in columns:
        raise ValueError("verdicts are counted by reason or by state, not both")
    table = "verdict_reason_counts" if CountBy.REASON in columns else "verdict_counts"
    where: list[str] = ["is_effective = ?"]
    values: list[str | int] = [int(not every_reviewer)]
    for column, value in (("dataset_id", dataset_id), ("kind", kind)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(str(value))
    names = ", ".join(columns)
    found = reading.query(
        f"SELECT {names}, sum(count) AS total FROM {table} WHERE {' AND '.join(where)}"
        f" GROUP BY {names} HAVING total > 0 ORDER BY total DESC, {names}",
        values,
    )
    return [VerdictCount(tuple(each[:-1]), each[-1]) for each in found]


def verdicts_in_time(reading: Reading, step_ns: int, since_ns: int = 0) -> list[VerdictsInTime]:
    """Count what each reviewer said in steps of time, oldest first; steps of no verdict are absent.

    Looks at every verdict: a second for a million, so off the main thread.
    """
    if step_ns <= 0:
        raise ValueError("a step of time must be longer than nothing")
    found = reading.query(
        "SELECT time_ns / ? * ? AS start, reviewer, state, count(*) FROM verdicts"
        " WHERE time_ns >= ? GROUP BY start, reviewer, state ORDER BY start, reviewer, state",
        (step_ns, step_ns, since_ns),
    )
    return [
        VerdictsInTime(start, reviewer, VerdictState(state), count)
        for start, reviewer, state, count in found
    ]
