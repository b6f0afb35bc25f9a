"""The journal for people: who did what when, on what, and whether it still holds."""

from collections.abc import Iterable
from dataclasses import dataclass

from viewer.review import Entry, Reading, Subject, Workspace
from viewer.review.entity import Column
from viewer.review.kinds import NO_STEPS, REDO, UNDO

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One command."""

    entry: Entry
    is_undone: bool
    """Whether it was taken back and not done again."""
    is_own: bool
    """Whether the present reviewer did it and could undo to it."""

    @property
    def text(self) -> str:
        """What it did."""
        prefix = {UNDO: "Undo: ", REDO: "Redo: "}.get(self.entry.kind, "")
        return f"{prefix}{self.entry.text}"


def history(workspace: Workspace, most: int = MOST_SHOWN) -> tuple[HistoryRow, ...]:
    """The newest commands, newest first; what only states facts is left out."""
    rows: list[HistoryRow] = []
    undone: set[bytes] = set()
    redone: set[bytes] = set()
    for entry in workspace.journal.entries(newest_first=True):
        if entry.kind in NO_STEPS:
            continue
        _follow(entry, undone, redone)
        own = entry.reviewer == workspace.reviewer.name and entry.kind not in (UNDO, REDO)
        rows.append(HistoryRow(entry, entry.command_id in undone, own))
        if len(rows) >= most:
            break
    return tuple(rows)


def _follow(entry: Entry, undone: set[bytes], redone: set[bytes]) -> None:
    """Walk backwards: an undo takes its command back, unless a later redo took that undo back."""
    if entry.reverses is None:
        return
    if entry.kind == REDO:
        redone.add(entry.reverses)
    elif entry.kind == UNDO and entry.command_id not in redone:
        undone.add(entry.reverses)


def subject_of(workspace: Workspace, entry: Entry) -> Subject | None:
    """What a command was about, so far as its rows tell: the first subject that they name."""
    reading = workspace.reading
    for change in workspace.journal.changes(entry.seq):
        row = {**(change.before or {}), **(change.after or {})}
        columns = change.entity.columns
        found = _named(reading, (row.get(n) for n, c in columns.items() if c is Column.SUBJECT))
        if found is None:
            # A change carries only the columns that changed; the key may be, or hold, the subject.
            found = _named(reading, _words(change.key))
        if found is not None:
            return found
    return None


def _named(reading: Reading, keys: Iterable[object]) -> Subject | None:
    found = (reading.subject(key) for key in keys if isinstance(key, str))
    return next((subject for subject in found if subject is not None), None)


def _words(key: str) -> list[str]:
    return [part for part in key.strip("[]").replace('"', "").split(",") if len(part) == 32]
