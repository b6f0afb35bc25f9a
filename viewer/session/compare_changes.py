"""What the comparison tells its listeners; each change is one frozen value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChoicesChanged:
    """Other label sets can be chosen, or something else is."""


@dataclass(frozen=True, slots=True)
class Computed:
    """`desk.found` is another comparison, or none."""


@dataclass(frozen=True, slots=True)
class Computing:
    """Work began or ended; `desk.busy` tells which."""


@dataclass(frozen=True, slots=True)
class WentStale:
    """Labels changed after they were compared; `desk.is_stale`."""


@dataclass(frozen=True, slots=True)
class ThresholdsChanged:
    """`desk.thresholds` moved; the figures follow."""


@dataclass(frozen=True, slots=True)
class QueryChanged:
    """The list is asked for something else, or in another order."""


@dataclass(frozen=True, slots=True)
class FigureComputed:
    """`desk.figures.value(kind)` is new, or gone."""

    kind: str


@dataclass(frozen=True, slots=True)
class RowChosen:
    """Another row of the list is the present one."""


CompareChange = (
    ChoicesChanged
    | Computed
    | Computing
    | WentStale
    | ThresholdsChanged
    | QueryChanged
    | FigureComputed
    | RowChosen
)
