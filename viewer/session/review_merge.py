"""Merging workspaces at the desk, and settling what they say differently."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from viewer.progress import JobContext
from viewer.review import CommandRefused, Reading, Reviewer, Workspace
from viewer.review.commands.datasets import RecordDelivery
from viewer.review.commands.merge import ResolveConflict
from viewer.review.conflicts.model import Choice
from viewer.review.datasets.entities import DATASETS
from viewer.review.datasets.fingerprint import Fingerprint, fingerprint
from viewer.review.datasets.relink import last_delivery
from viewer.review.issues.entities import ISSUES
from viewer.review.merge.fields import spoken_value
from viewer.review.merge.merge import Merged, merge_workspaces
from viewer.review.merge.reading import Conflict, ConflictSide, conflicts
from viewer.review.merge.third_value import OpenField, open_fields, third_values
from viewer.scene.scene import Dataset
from viewer.session.review_board import ReviewBoard
from viewer.session.review_place import dataset_name
from viewer.session.review_subjects import short_text

HIDDEN = ("reviewer", "snapshot_hash", "key", "subject", "frame", "issue_id", "dataset_id")
FIRST_TOLD = ("state", "title")
WORDS = {"label_edits": "edit of a label", "queue_done": "item of a queue", "queues": "queue"}
"""Kinds of rows for people, where their own name does not do."""
LONGEST_VALUE = 200
DIGITS = 20
"""Numbers in names count as such: label 9 stands before label 10."""
_DIGITS = re.compile(r"\d+")
NOTHING = "–"


# -- merging ---------------------------------------------------------------------------------


def merge_files(
    context: JobContext,
    first: Path,
    second: Path,
    into: Path,
    dataset: Dataset | None,
    reviewer: Reviewer,
) -> Merged:
    """Make a new workspace of two; runs on a worker thread. Both files stay as they are.

    Datasets are matched by content. A file that does not know its dataset's content yet learns it
    in a copy: from where the dataset lies, else by its name and format from the open dataset.

    Raises
    ------
    WorkspaceError
        When it did not succeed; nothing is left of it then.
    Cancelled
        When it was given up, likewise.
    """
    contents = _Contents(context, dataset)
    with tempfile.TemporaryDirectory(prefix="sightline-merge-") as folder:
        copies = (Path(folder) / "first.sightline", Path(folder) / "second.sightline")
        first = contents.knowing(first, copies[0], reviewer)
        second = contents.knowing(second, copies[1], reviewer)
        return merge_workspaces(first, second, into, context=context)


class _Contents:
    """Finds out what the datasets contain that workspaces list; each folder is read once."""

    def __init__(self, context: JobContext, dataset: Dataset | None) -> None:
        self._context = context
        self._dataset = dataset
        self._known: dict[Path, Fingerprint] = {}

    def knowing(self, source: Path, copy: Path, reviewer: Reviewer) -> Path:
        """Return the file, or a copy that knows the content of its datasets."""
        with Workspace.open(source, reviewer, read_only=True) as workspace:
            rows = workspace.reading.rows(DATASETS)
            lacking = [row for row in rows if last_delivery(workspace.reading, row["key"]) is None]
            found = {row["key"]: self._content(row) for row in lacking}
            if not any(found.values()):
                return source
            workspace.copy_to(copy, self._context)
        with Workspace.open(copy, reviewer) as workspace:
            for dataset_id, content in found.items():
                if content is not None:
                    workspace.run(RecordDelivery(dataset_id, content.text, content.packed()))
        return copy

    def _content(self, row: dict[str, object]) -> Fingerprint | None:
        """Content of a listed dataset; None where it is nowhere to be found."""
        path, dataset = Path(str(row["path"])), self._dataset
        if not path.exists():
            alike = (row["name"], row["format_name"])
            if dataset is None or alike != (dataset_name(dataset), str(dataset.format_name)):
                return None
            path = dataset.path
        path = path.resolve()
        if path not in self._known and path.exists():
            self._known[path] = fingerprint(path, self._context)
        return self._known.get(path)


def merged_text(merged: Merged) -> str:
    """What came of it, in one sentence."""
    text = (
        f"Merged into {merged.path.name}: {merged.shared:,} steps in both,"
        f" {merged.only_first:,} only here, {merged.only_second:,} only there"
    )
    if not merged.conflicts:
        return f"{text}; nothing contradicts itself"
    return f"{text}; {merged.conflicts:,} conflict{'s' * (merged.conflicts != 1)} to settle"


# -- conflicts -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One value that the two sides give differently."""

    name: str
    first: str
    second: str


class ConflictWork:
    """The conflicts of the open workspace."""

    def __init__(self, board: ReviewBoard) -> None:
        self._board = board

    def settle(self, conflict: Conflict, choice: Choice) -> bool:
        """Say whose value holds; one step of undo."""
        return self._board.run(ResolveConflict(conflict.conflict_id, choice))

    def fields(self, conflict: Conflict) -> tuple[OpenField, ...]:
        """What can be given a value of neither side; none where nobody types it."""
        reading, scene = self._board.reading, self._board.session.scene
        if reading is None:
            return ()
        names = () if scene is None else tuple(each.name for each in scene.class_map.entries)
        return open_fields(reading, conflict, names)

    def give(self, conflict: Conflict, texts: Mapping[str, str]) -> str | None:
        """Settle by what was typed, one step of undo; why that cannot be, None where it was."""
        reading = self._board.reading
        if reading is None:
            return "no workspace is open"
        try:
            values = third_values(reading, conflict, texts)
        except CommandRefused as error:
            return str(error)
        done = self._board.run(ResolveConflict(conflict.conflict_id, Choice.OTHER, values))
        return None if done else "it could not be settled"


def read_conflicts(workspace: Workspace, *, only_open: bool) -> list[Conflict]:
    """Read the conflicts on a worker thread, those of one scene and frame beside each other."""
    with _reading(workspace) as reading:
        found = conflicts(reading, only_open=only_open)
    return sorted(found, key=lambda each: (each.resolution is not None, _place(each)))


@contextmanager
def _reading(workspace: Workspace) -> Iterator[Reading]:
    reading, connection = workspace.another_reading()
    try:
        yield reading
    finally:
        connection.close()


def _place(conflict: Conflict) -> tuple[str, ...]:
    subject = conflict.subject
    names: Sequence[str | None] = (
        (None, None, None) if subject is None
        else (subject.scene_id, subject.frame_key, subject.label_id)
    )  # fmt: skip
    counted = (_DIGITS.sub(lambda found: found[0].zfill(DIGITS), name or "") for name in names)
    return (*counted, conflict.entity, conflict.conflict_id)


def value_lines(conflict: Conflict) -> tuple[ValueLine, ...]:
    """What the two sides say differently, for people."""
    first, second = conflict.first.values, conflict.second.values
    if first is None or second is None:
        return (ValueLine("it is", _is_there(conflict.first), _is_there(conflict.second)),)
    names = [
        name for name in sorted(first, key=lambda name: (name not in FIRST_TOLD, name))
        if first[name] != second.get(name) and name not in HIDDEN and not name.endswith("_ns")
    ]  # fmt: skip
    return tuple(
        ValueLine(
            name.replace("_", " "),
            *(
                value_text(spoken_value(conflict.entity, name, side.get(name)))
                for side in (first, second)
            ),
        )
        for name in names
    )


def _is_there(side: ConflictSide) -> str:
    return "deleted" if side.values is None else "kept"


def value_text(value: object) -> str:
    """A value of a row for people.

    Examples
    --------
    >>> value_text("needs_fix"), value_text(["loose box", "bad heading"]), value_text(1.25)
    ('needs fix', 'loose box, bad heading', '1.25')
    """
    match value:
        case None | "" | [] | ():
            text = NOTHING
        case bool():
            text = "yes" if value else "no"
        case float():
            text = f"{value:.3f}".rstrip("0").rstrip(".")
        case list() | tuple():
            text = ", ".join(value_text(each) for each in value)
        case dict():
            text = ", ".join(f"{name}: {value_text(each)}" for name, each in value.items())
        case str():
            text = value.replace("_", " ") if value.isidentifier() else value
        case _:
            text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def about_text(conflict: Conflict) -> str:
    """What a conflict is about, in a few words, e.g. ``car-18, verdict``."""
    word = WORDS.get(conflict.entity, conflict.entity.replace("_", " ").removesuffix("s"))
    subject = conflict.subject
    if subject is None:
        return word
    return f"{subject.label_id or short_text(subject)}, {word}"


def issue_of(conflict: Conflict) -> str | None:
    """Id of the issue that a conflict is about; None where it is about something else."""
    return conflict.row_key if conflict.entity == ISSUES.name else None
