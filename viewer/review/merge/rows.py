"""Making the rows that two files touched, each from its history."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from viewer.review.applying import apply_change
from viewer.review.change import Change
from viewer.review.conflicts.model import ConflictKind
from viewer.review.entities import entity_named
from viewer.review.entity import Row, to_json
from viewer.review.fold import Folded
from viewer.review.ledger import Reading
from viewer.review.merge.conflicts import FoundConflict, Side, conflict, said_by
from viewer.review.merge.history import Deed, History, row_of
from viewer.review.merge.relations import Reference, parents_first, references
from viewer.review.merge.steps import Steps
from viewer.review.merge.translation import Place

_HISTORY = """
    SELECT h.seq, h.position, c.command_id, c.time_ns,
        c.seq NOT IN new_seqs,
        EXISTS (SELECT 1 FROM other.commands x WHERE x.command_id = c.command_id),
        CASE WHEN o.seq IS NULL THEN h.before ELSE o.before END,
        CASE WHEN o.seq IS NULL THEN h.after ELSE o.after END,
        h.before, h.after, o.seq IS NOT NULL
    FROM main.changes h JOIN main.commands c ON c.seq = h.seq
    LEFT JOIN main.original_changes o ON o.seq = h.seq AND o.position = h.position
    WHERE h.key = ? AND h.entity = ? ORDER BY h.seq, h.position
"""


def history(connection: sqlite3.Connection, entity: str, key: str) -> History:
    """Return what happened to a row of the main file, the attached one's commands included."""
    deeds = [
        Deed(
            seq, position, command_id, time_ns, bool(in_base), bool(in_other),
            (row_of(texts[0]), row_of(texts[1])), (row_of(texts[2]), row_of(texts[3])),
            bool(texts[4]),
        )
        for seq, position, command_id, time_ns, in_base, in_other, *texts in connection.execute(
            _HISTORY, (key, entity)
        )
    ]  # fmt: skip
    return History(entity, key, tuple(deeds))


@dataclass(slots=True)
class TouchedRows:
    """Rows with their histories and what became of them."""

    connection: sqlite3.Connection
    steps: Steps
    histories: dict[Place, History] = field(default_factory=dict)
    folded: dict[Place, Folded] = field(default_factory=dict)
    kept: dict[Place, Place] = field(default_factory=dict)
    """Rows that stay because another one refers to them, and that one."""

    def add(self, places: Iterable[Place]) -> None:
        """Make rows from their histories; then keep those that living ones refer to."""
        todo = sorted(places)
        relations = references(self.connection)
        while todo:
            for place in self.steps.each(todo, 0.0, 0.4):
                if place not in self.histories:
                    self.histories[place] = history(self.connection, *place)
                self.folded[place] = self.histories[place].folded(keep=place in self.kept)
            todo = sorted(self._needed(relations, todo))

    def _needed(self, relations: Sequence[Reference], changed: Sequence[Place]) -> set[Place]:
        """Return deleted rows that a living one refers to."""
        found: dict[Place, Place] = {}
        for place in changed:
            state = self.folded[place].state
            if state is None:
                found.update(self._referred_from_untouched(relations, place))
        for child, folded in self.folded.items():
            if folded.state is None:
                continue
            for relation in relations:
                if relation.child != child[0]:
                    continue
                key = folded.state[relation.column]
                if key is not None and not self._lives((relation.parent, key)):
                    found.setdefault((relation.parent, key), child)
        self.kept.update(found)
        return set(found)

    def _referred_from_untouched(
        self, relations: Sequence[Reference], parent: Place
    ) -> dict[Place, Place]:
        for relation in relations:
            if relation.parent != parent[0]:
                continue
            for (key,) in self.connection.execute(
                f"SELECT key FROM main.{relation.child} WHERE {relation.column} = ?", (parent[1],)
            ):
                if (relation.child, key) not in self.folded:
                    return {parent: (relation.child, key)}
        return {}

    def _lives(self, place: Place) -> bool:
        if place in self.folded:
            return self.folded[place].state is not None
        found = self.connection.execute(f"SELECT 1 FROM main.{place[0]} WHERE key = ?", place[1:])
        return found.fetchone() is not None

    def write_journal(self) -> set[int]:
        """Bring the journal in line with the rows; return the commands that changed in it."""
        rewritten = set()
        for place, own in self.steps.each(self.histories.items(), 0.4, 0.6):
            for deed, step in zip(own.deeds, self.folded[place].steps, strict=True):
                is_rewritten = step != deed.original
                if step != deed.stored or is_rewritten != deed.keeps_original:
                    rewritten.add(deed.seq)
                    self._write_step(deed, step)
        return rewritten

    def _write_step(self, deed: Deed, step: tuple[Row | None, Row | None]) -> None:
        where = (deed.seq, deed.position)
        if step != deed.stored:
            self.connection.execute(
                "UPDATE main.changes SET before = ?, after = ? WHERE seq = ? AND position = ?",
                (*map(_text, step), *where),
            )
        self.connection.execute(
            "DELETE FROM main.original_changes WHERE seq = ? AND position = ?", where
        )
        if step != deed.original:
            self.connection.execute(
                "INSERT INTO main.original_changes VALUES (?, ?, ?, ?)",
                (*where, *map(_text, deed.original)),
            )

    def write_tables(self) -> None:
        """Make the rows in their tables: parents come first and go last."""
        order = {
            name: place for place, name in enumerate(parents_first(references(self.connection)))
        }
        places = sorted(self.folded, key=lambda place: (order[place[0]], place[1]))
        reading = Reading(self.connection)
        for place in self.steps.each(places, 0.6, 0.8):
            state = self.folded[place].state
            if state is not None:
                _put(self.connection, reading, place, state)
        for place in reversed(places):
            if self.folded[place].state is None:
                self.connection.execute(f"DELETE FROM main.{place[0]} WHERE key = ?", place[1:])

    def conflicts_about_kept(self) -> list[FoundConflict]:
        """Return the conflicts about rows that one file deleted and the other builds on."""
        found = []
        for parent, child in self.kept.items():
            own = self.histories[parent]
            deletion = own.deeds[-1]
            builder = history(self.connection, *child).deeds[-1]
            apart = (deletion.in_base, deletion.in_other) != (builder.in_base, builder.in_other)
            if deletion.original[1] is None and apart:
                kept = Side(builder.time_ns, builder.command_id, own.key, self.folded[parent].state)
                found.append(
                    conflict(ConflictKind.DELETED, own.entity, said_by(own, deletion, None), kept)
                )
        return found


def kept_deletions(connection: sqlite3.Connection) -> set[Place]:
    """Return rows that an earlier merge kept though they were deleted: maybe no longer needed."""
    return set(
        connection.execute(
            "SELECT DISTINCT h.entity, h.key FROM main.original_changes o"
            " JOIN main.changes h ON h.seq = o.seq AND h.position = o.position"
            " WHERE o.after IS NULL"
        ).fetchall()
    )


def _put(connection: sqlite3.Connection, reading: Reading, place: Place, state: Row) -> None:
    entity = entity_named(place[0])
    present = reading.row(entity, place[1])
    if present is None:
        apply_change(connection, Change(entity, place[1], None, state))
        return
    names = [name for name in state if present[name] != state[name]]
    if names:
        before, after = ({name: row[name] for name in names} for row in (present, state))
        apply_change(connection, Change(entity, place[1], before, after))


def _text(row: Row | None) -> str | None:
    return None if row is None else to_json(row)
