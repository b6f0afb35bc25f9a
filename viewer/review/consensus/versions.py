"""A label as each of several reviewers would have it, from what each changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from viewer.review.edits.entities import LABEL_EDITS, VALUES
from viewer.review.kinds import REDO, UNDO
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.ledger import Reading

BOX_COLUMNS = ("center", "size", "rotation", "box_px")


@dataclass(frozen=True, slots=True)
class LabelVersion:
    """A label as delivered, with one reviewer's own changes and nobody else's."""

    class_name: str | None
    """None where the delivered class is not known and the reviewer left it."""
    geometry: tuple[float, ...] | None
    """As in `LabelSnapshot`; None where it is not known whole."""
    shape: str | None
    has_moved: bool
    """Whether the reviewer changed the box."""
    is_deleted: bool


def versions_by_reviewer(reading: Reading, *reviewers: str) -> dict[str, dict[str, LabelVersion]]:
    """Return by subject key, then reviewer, the labels that all these reviewers changed.

    What was undone does not count, nor do labels that are as delivered by now.
    """
    histories: dict[str, dict[str, _History]] = {}
    bases: dict[str, str | None] = {}
    marks = ", ".join("?" * len(reviewers))
    for key, base, after, kind, command_id, reverses, reviewer in reading.query(
        "SELECT e.key, e.base, h.after, c.kind, c.command_id, c.reverses, c.reviewer"
        " FROM label_edits e CROSS JOIN changes h ON h.key = e.key AND h.entity = ?"
        f" JOIN commands c ON c.seq = h.seq WHERE c.reviewer IN ({marks})"
        " ORDER BY h.seq, h.position",
        (LABEL_EDITS.name, *reviewers),
    ):
        bases[key] = base
        history = histories.setdefault(key, {}).setdefault(reviewer, _History())
        history.add(kind, command_id, reverses, None if after is None else json.loads(after))
    found: dict[str, dict[str, LabelVersion]] = {}
    for key, by_reviewer in histories.items():
        changed = {name: history.values for name, history in by_reviewer.items()}
        if all(changed.get(name) for name in reviewers):
            base = bases[key]
            delivered = None if base is None else reading.snapshot(base)
            found[key] = {name: _version(delivered, values) for name, values in changed.items()}
    return found


@dataclass(slots=True)
class _History:
    """One reviewer's commands on one label, without what they took back."""

    _commands: list[tuple[bytes, list[Mapping[str, Any] | None]]] = field(default_factory=list)
    _undone: set[bytes] = field(default_factory=set)
    _undo_of: dict[bytes, bytes] = field(default_factory=dict)

    def add(
        self, kind: str, command_id: bytes, reverses: bytes | None, after: Mapping[str, Any] | None
    ) -> None:
        """Take one change of the label into account."""
        if kind == UNDO and reverses is not None:
            self._undone.add(reverses)
            self._undo_of[command_id] = reverses
        elif kind == REDO and reverses is not None:
            self._undone.discard(self._undo_of.get(reverses, b""))
        elif self._commands and self._commands[-1][0] == command_id:
            self._commands[-1][1].append(after)
        else:
            self._commands.append((command_id, [after]))

    @property
    def values(self) -> dict[str, Any]:
        """What this reviewer set, without what they gave back."""
        found: dict[str, Any] = {}
        for command_id, changes in self._commands:
            if command_id in self._undone:
                continue
            for after in changes:
                if after is None:
                    found.clear()
                else:
                    found |= {name: after[name] for name in VALUES if name in after}
        return {name: value for name, value in found.items() if value is not None}


def _version(delivered: LabelSnapshot | None, values: Mapping[str, Any]) -> LabelVersion:
    shape = delivered.shape if delivered else None
    return LabelVersion(
        values.get("class_name", delivered.class_name if delivered else None),
        _geometry(delivered, values),
        shape or ("box_2d" if "box_px" in values else "cuboid" if "center" in values else None),
        any(name in values for name in BOX_COLUMNS),
        bool(values.get("deleted")),
    )


def _geometry(
    delivered: LabelSnapshot | None, values: Mapping[str, Any]
) -> tuple[float, ...] | None:
    known = delivered.geometry if delivered and delivered.geometry else None
    if "box_px" in values:
        return tuple(values["box_px"])
    if known is not None and len(known) != 10:
        return known
    parts: list[float] = []
    for name, place in (("center", slice(0, 3)), ("size", slice(3, 6)), ("rotation", slice(6, 10))):
        part = values.get(name) if name in values else known[place] if known else None
        if part is None:
            return None
        parts.extend(float(number) for number in part)
    return tuple(parts)
