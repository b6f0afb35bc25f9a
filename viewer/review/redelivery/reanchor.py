"""Changes that make decisions be about something else."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from viewer.review.change import Change
from viewer.review.entities import ENTITIES
from viewer.review.entity import Entity, Row, to_json
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.ledger import Ledger
from viewer.review.redelivery.decided import (
    snapshot_column,
    subject_columns,
    subject_list_columns,
)
from viewer.review.verdicts.entities import VERDICTS


def reanchor(
    ledger: Ledger, moves: Mapping[str, str], snapshots: Mapping[str, LabelSnapshot]
) -> Iterator[Change]:
    """Yield the changes that put decisions about some subjects on others.

    Where someone decided the same about both, the decision about the new subject stays, and the
    other one stays where it was: nothing is lost.

    Parameters
    ----------
    moves
        Keys of subjects, from and to; the same where only the snapshot is to be renewed.
    snapshots
        By the key to which decisions go: how that label is now.
    """
    for each in snapshots.values():
        ledger.keep(each)
    for entity in ENTITIES:
        columns = subject_columns(entity)
        if columns:
            rows = _rows_about(ledger, entity, columns, moves)
            yield from _moved_rows(ledger, entity, rows, moves, snapshots)
        for column in subject_list_columns(entity):
            yield from _moved_lists(ledger, entity, column, moves)


def _rows_about(
    ledger: Ledger, entity: Entity, columns: list[str], moves: Mapping[str, str]
) -> dict[str, Row]:
    """Rows about any of the subjects, by their key."""
    found: dict[str, Row] = {}
    keys = to_json(list(moves))
    for column in columns:
        for row in ledger.rows(
            entity, f"WHERE {column} IN (SELECT value FROM json_each(?))", [keys]
        ):
            found[row.pop("key")] = row
    return found


def _moved_rows(
    ledger: Ledger,
    entity: Entity,
    rows: Mapping[str, Row],
    moves: Mapping[str, str],
    snapshots: Mapping[str, LabelSnapshot],
) -> Iterator[Change]:
    columns, kept_in = subject_columns(entity), snapshot_column(entity)
    is_keyed = any(name in entity.key_from for name in columns)
    made: dict[str, Row] = {}
    for key, row in rows.items():
        after = dict(row)
        for name in columns:
            after[name] = moves.get(row[name], row[name])
        now = next((snapshots.get(after[name]) for name in columns if row[name] in moves), None)
        if kept_in is not None and now is not None:
            after[kept_in] = now.hash
            if entity is VERDICTS:
                after["class_name"] = now.class_name
        if not is_keyed:
            yield from ledger.update(entity, key, after)
        else:
            made[key] = after
    yield from _rekeyed(ledger, entity, rows, made)


def _rekeyed(
    ledger: Ledger, entity: Entity, rows: Mapping[str, Row], made: Mapping[str, Row]
) -> Iterator[Change]:
    """Move rows whose key tells their subject; those in whose way another stays do not move."""
    targets = {key: entity.key_of(after) for key, after in made.items()}
    staying = {key for key, target in targets.items() if key == target}
    leaving: dict[str, str] = {}
    blocked: list[str] = list(staying)
    wants = {target: key for key, target in targets.items() if key != target}
    for key, target in targets.items():
        if key == target:
            continue
        if wants[target] == key and (target in targets or ledger.row(entity, target) is None):
            leaving[key] = target
        else:
            blocked.append(key)
    while blocked:
        # Who stays is in the way of who wants to come.
        waiting = wants.get(blocked.pop())
        if waiting is not None and leaving.pop(waiting, None) is not None:
            blocked.append(waiting)
    for key in leaving:
        yield Change(entity, key, rows[key], None)
    for key in leaving:
        yield ledger.create(entity, made[key], targets[key])
    for key in staying:
        yield from ledger.update(entity, key, made[key])


def _moved_lists(
    ledger: Ledger, entity: Entity, column: str, moves: Mapping[str, str]
) -> Iterator[Change]:
    real = {old: new for old, new in moves.items() if old != new}
    if not real:
        return
    found = ledger.query(
        f"SELECT DISTINCT e.key FROM {entity.name} e, json_each(e.{column}) m"
        " WHERE m.value IN (SELECT value FROM json_each(?))",
        (to_json(list(real)),),
    )
    for (key,) in found:
        row: dict[str, Any] | None = ledger.row(entity, key)
        if row is not None:
            yield from ledger.update(entity, key, {column: replaced(row[column], real)})


def replaced(members: Sequence[str], moves: Mapping[str, str]) -> list[str]:
    """Return distinct members after moves; one that would become another of them does not move.

    Examples
    --------
    >>> replaced(["a", "b", "c"], {"a": "b", "b": "d", "c": "e"})
    ['b', 'd', 'e']
    >>> replaced(["a", "b", "c"], {"a": "b"})
    ['a', 'b', 'c']
    """
    after = [moves.get(each, each) for each in members]
    while len(set(after)) < len(after):
        counts = Counter(after)
        after = [old if counts[new] > 1 else new for old, new in zip(members, after, strict=True)]
    return after
