"""Which classes are told apart, which are one, and which count for nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from viewer.metrics.objects import EvaluatedObjects, Ints
from viewer.scene.class_map import ClassMap

BACKGROUND = "background"
LEFT_OUT = -1
"""Class row of an object whose class is not evaluated at all."""
IGNORED = -2
"""Class row of an object that excuses predictions on it and counts for nothing itself."""


@dataclass(frozen=True, slots=True)
class ClassRoles:
    """The classes of an evaluation, in order, and what every other name is among them.

    Names are compared without regard to case. A name that is not told of is a class of its own.
    """

    names: tuple[str, ...]
    """The K classes that are told apart."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """Row of `names`, `LEFT_OUT` or `IGNORED`, by name in lower case."""

    @classmethod
    def of(
        cls,
        class_map: ClassMap,
        *sides: EvaluatedObjects,
        collapsed: bool = True,
        joined: Mapping[str, str] | None = None,
        ignored: Sequence[str] = (),
    ) -> "ClassRoles":
        """Find the classes that occur.

        Parameters
        ----------
        class_map
            Gives the order, what each class is evaluated as (`train_name`; an empty one leaves a
            class out) and which are ignored.
        collapsed
            False to tell classes apart that share a `train_name`.
        joined
            What else is evaluated as what, by name; it wins over the class map.
        ignored
            More names to ignore.
        """
        own = {_fold(name): each for name, each in (joined or {}).items()}
        ignores = {_fold(name) for name in (*class_map.ignored_names, *ignored)}
        names: dict[str, str] = {}
        rows: dict[str, int] = {}
        occurring = [name for side in sides for name in _used(side)]
        for name in (*class_map.names, *occurring):
            folded = _fold(name)
            if folded in rows:
                continue
            entry = class_map.entry(name)
            target = name
            if collapsed and entry is not None and entry.train_name is not None:
                target = entry.train_name
            target = own.get(folded, target)
            if folded in ignores:
                rows[folded] = IGNORED
            elif not target:
                rows[folded] = LEFT_OUT
            else:
                # Of one class written in several ways the first way is shown.
                names.setdefault(_fold(target), target)
                rows[folded] = list(names).index(_fold(target))
        for row, folded in enumerate(names):
            rows.setdefault(folded, row)
        used = sorted({rows[_fold(name)] for name in occurring if rows[_fold(name)] >= 0})
        # Classes that nothing has are not told apart.
        new = {old: row for row, old in enumerate(used)}
        kept = {name: new.get(row, LEFT_OUT) if row >= 0 else row for name, row in rows.items()}
        shown = tuple(names.values())
        return cls(tuple(shown[row] for row in used), kept)

    def rows_of(self, objects: EvaluatedObjects) -> Ints:
        """(N,) class row of each object, `LEFT_OUT` or `IGNORED`."""
        table = [self.rows.get(_fold(name), LEFT_OUT) for name in objects.class_names]
        return np.array([*table, LEFT_OUT], dtype=np.int64)[objects.class_rows]

    def row(self, name: str) -> int:
        """Return the row of a class by any of its names; K for the background.

        Raises
        ------
        KeyError
            When no class has the name.
        """
        if _fold(name) == BACKGROUND:
            return len(self.names)
        row = self.rows.get(_fold(name), LEFT_OUT)
        if row < 0:
            raise KeyError(f"no class {name!r} is evaluated; there are {', '.join(self.names)}")
        return row


def _used(side: EvaluatedObjects) -> list[str]:
    return [side.class_names[row] for row in np.unique(side.class_rows).tolist() if row >= 0]


def _fold(name: str) -> str:
    return name.casefold()
