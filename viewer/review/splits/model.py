"""A split as a value, and its table of classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ClassCounts = Mapping[str, int]
"""Labels by class name."""


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One part of a split."""

    name: str
    """E.g. ``train``."""
    share: float
    """What was asked for, of 1."""
    slice_id: str
    """Slice of its scenes."""
    scene_count: int
    class_counts: ClassCounts
    """Labels in its scenes."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "name": self.name, "share": self.share, "slice": self.slice_id,
            "scenes": self.scene_count, "classes": dict(self.class_counts),
        }  # fmt: skip

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "SplitPart":
        """Return what `to_json` gave."""
        return cls(
            stored["name"], stored["share"], stored["slice"], stored["scenes"], stored["classes"]
        )


@dataclass(frozen=True, slots=True)
class ClassRow:
    """How one class is spread over the parts."""

    class_name: str
    counts: tuple[int, ...]
    """Labels in each part."""
    percents: tuple[float, ...]
    """Of all labels of the class; they sum to 100, and are 0 where there are none."""


def class_table(parts: Sequence[ClassCounts]) -> list[ClassRow]:
    """Return a row for each class, by name, and the row ``all`` last.

    Examples
    --------
    >>> rows = class_table([{"car": 6, "tram": 1}, {"car": 2}])
    >>> [(row.class_name, row.counts, row.percents) for row in rows]
    [('car', (6, 2), (75.0, 25.0)), ('tram', (1, 0), (100.0, 0.0)), ('all', (7, 2), (77.8, 22.2))]
    """
    names = sorted({name for part in parts for name in part})
    counted = [(name, tuple(part.get(name, 0) for part in parts)) for name in names]
    counted.append(("all", tuple(sum(part.values()) for part in parts)))
    return [ClassRow(name, counts, _percents(counts)) for name, counts in counted]


def _percents(counts: Sequence[int]) -> tuple[float, ...]:
    total = sum(counts)
    return tuple(round(100 * count / total, 1) if total else 0.0 for count in counts)
