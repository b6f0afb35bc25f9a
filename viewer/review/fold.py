"""What becomes of one row under changes in their order, whoever made them and wherever.

In one file each change meets the row as its maker saw it. When files merge, others changed the row
in between: the last writer of a column wins, a change of a deleted row brings it back, a row made
twice is one row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.review.entity import Row

Step = tuple[Row | None, Row | None]
"""A change's before and after, as in `Change`."""
NOTHING: Step = ({}, {})
"""The step that changes nothing, e.g. deleting what is gone."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A row's end and how each change led there."""

    state: Row | None
    """The row; None when it is deleted."""
    steps: tuple[Step, ...]
    """For each change what it met and made: a linear history, of which the last can be undone."""


def fold(changes: Sequence[Step], *, keep: bool = False) -> Folded:
    """Apply changes one after another to a row that is not there yet.

    Parameters
    ----------
    keep
        Other rows need this one: deletions at the end do nothing.
    """
    until = len(changes)
    if keep:
        while until and _is_deletion(changes[until - 1]):
            until -= 1
    state: Row | None = None
    last_known: Row = {}
    steps: list[Step] = []
    for place, (before, after) in enumerate(changes):
        if after is None:
            if state is None or place >= until:
                steps.append(NOTHING)
                continue
            steps.append((state, None))
            last_known, state = state, None
        elif before == after == {}:
            steps.append(NOTHING)
        elif state is None:
            state = last_known | after
            steps.append((None, state))
        else:
            steps.append(({name: state[name] for name in after}, after))
            state = state | after
    return Folded(state, tuple(steps))


def _is_deletion(step: Step) -> bool:
    return step[1] is None
