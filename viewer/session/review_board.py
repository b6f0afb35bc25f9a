"""The open workspace beside the session: its dataset, its commands, its news."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from viewer.review import (
    Changed,
    Command,
    DamagedWorkspace,
    Entry,
    Reading,
    Reviewer,
    Workspace,
    WorkspaceError,
    WorkspaceReadOnly,
    new_id,
)
from viewer.review.commands.datasets import AddDataset, RelinkDataset
from viewer.review.datasets.entities import DATASETS
from viewer.review.edit_book import EditBook
from viewer.review.edits.reading import has_edits
from viewer.review.marks.entities import MARKS
from viewer.review.store.restore import restore_backup
from viewer.scene.scene import Dataset
from viewer.session.changes import Change, DatasetOpened, SceneClosed
from viewer.session.label_edits import as_delivered
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    HoldingChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_marks import ShownLabels, read_marks
from viewer.session.review_place import InsideDataset, dataset_name, default_path, is_inside
from viewer.session.session import Session

POLL_MS = 500
"""How often the owner calls `poll`, about."""
BACKUP_JOB = "workspace-backup"
MOST_OF_ONE_NAME = 100
WAY_ON = "To decide, go on in a copy (Review menu)"
"""What a person can do where the workspace cannot be changed."""


_Steps = tuple[tuple[Workspace, int], tuple[str | None, str | None]]


class ReviewBoard:
    """Owns the open workspace and runs commands on it. All methods run on the owner's thread.

    Parameters
    ----------
    session
        What is looked at; its dataset is the one that is reviewed.
    reviewer
        Who reviews.
    """

    def __init__(self, session: Session, reviewer: Reviewer) -> None:
        self.session = session
        self.reviewer = reviewer
        self.workspace: Workspace | None = None
        self.dataset_id: str | None = None
        """Id of the session's dataset in the workspace; None while there is none."""
        self._listeners: list[Callable[[DeskChange], None]] = []
        self._reason: str | None = None
        self._told_steps: _Steps | None = None
        self.damaged: DamagedWorkspace | None = None
        """Why the workspace that was asked for last could not be opened, and what can be done."""
        self._edits: EditBook | None = None
        self._unsubscribe = session.subscribe(self._on_change)

    # -- listening ---------------------------------------------------------------------------

    def subscribe(self, listener: Callable[[DeskChange], None]) -> Callable[[], None]:
        """Call `listener` with every change; the returned callable ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def emit(self, change: DeskChange) -> None:
        """Tell the listeners; for the desk's own parts."""
        for listener in tuple(self._listeners):
            listener(change)

    # -- the workspace -----------------------------------------------------------------------

    @property
    def reading(self) -> Reading | None:
        """Rows of the open workspace."""
        return None if self.workspace is None else self.workspace.reading

    @property
    def read_only_reason(self) -> str | None:
        """Why nothing can be decided now, for people; None while something can."""
        if self.workspace is None:
            return "no workspace is open"
        if self.workspace.read_only_reason is not None:
            return f"{self.workspace.path.name} cannot be changed: {self._why_held()}. {WAY_ON}"
        if self.dataset_id is None:
            if self.session.dataset is None:
                return "no dataset is open"
            return f"{self.workspace.path.name} is about another dataset"
        return None

    def _why_held(self) -> str:
        workspace = self.workspace
        return "" if workspace is None else workspace.read_only_reason or ""

    def open_default(self, remembered: Path | None = None) -> bool:
        """Open the workspace of the session's dataset; make it where there is none.

        Parameters
        ----------
        remembered
            Where it was the last time.
        """
        if self.workspace is not None and self.dataset_id is not None:
            return True
        dataset = self.session.dataset
        if dataset is None:
            self.session.say("Open a dataset first", is_problem=True)
            return False
        if remembered is not None and remembered.exists():
            return self.open_workspace(remembered)
        try:
            path = self._own_path(dataset)
        except WorkspaceError as error:
            self.session.say(str(error), is_problem=True)
            return False
        return self.open_workspace(path) if path.exists() else self.new_workspace(path)

    def _own_path(self, dataset: Dataset) -> Path:
        """The first path of the dataset's name that is free or holds this dataset."""
        for number in range(1, MOST_OF_ONE_NAME):
            path = default_path(dataset, number)
            if not path.exists() or _holds(path, dataset, self.reviewer):
                return path
        raise WorkspaceError(f"there are too many workspaces named {path.name}; name a new one")

    def open_workspace(self, path: Path) -> bool:
        """Open a workspace file; say so and return False where that fails."""
        return self._take(lambda: Workspace.open(path, self.reviewer), path)

    def new_workspace(self, path: Path) -> bool:
        """Make a workspace file and open it."""
        dataset = self.session.dataset
        if dataset is not None and is_inside(path.parent, dataset.path):
            self.session.say(str(InsideDataset(path, dataset.path)), is_problem=True)
            return False

        def make() -> Workspace:
            path.parent.mkdir(parents=True, exist_ok=True)
            return Workspace.create(path, self.reviewer)

        return self._take(make, path)

    def _take(self, make: Callable[[], Workspace], path: Path) -> bool:
        if self.workspace is not None and _same_file(self.workspace.path, path):
            return True
        self.damaged = None
        try:
            workspace = make()
        except (WorkspaceError, OSError) as error:
            self.damaged = error if isinstance(error, DamagedWorkspace) else None
            reason = error.strerror if isinstance(error, OSError) else None
            self.session.say(
                f"{path} cannot be used: {reason}" if reason else str(error), is_problem=True
            )
            return False
        self.close_workspace()
        self.workspace = workspace
        self._reason = workspace.read_only_reason
        workspace.subscribe(self._on_changed)
        self._find_dataset()
        self.emit(WorkspaceOpened())
        self._back_up()
        return True

    def restore_backup(self) -> bool:
        """Put the last good backup in the place of the damaged workspace, and open it."""
        damaged = self.damaged
        if damaged is None:
            return False
        try:
            kept = restore_backup(damaged.path)
        except WorkspaceError as error:
            self.session.say(str(error), is_problem=True)
            return False
        opened = self.open_workspace(damaged.path)
        if opened:
            self.session.say(f"Back at the last good backup; the damaged file is {kept}")
        return opened

    def close_workspace(self) -> None:
        """Close the workspace; nothing is left to save."""
        self._use_edits(None)
        workspace, self.workspace = self.workspace, None
        self.dataset_id = None
        if workspace is not None:
            self.session.jobs.cancel(BACKUP_JOB)
            workspace.close()
            self.emit(WorkspaceClosed())

    def dispose(self) -> None:
        """Close everything and stop listening."""
        self._unsubscribe()
        self.close_workspace()
        self._listeners.clear()

    def _back_up(self) -> None:
        """Renew the copy that is offered when the file is damaged, off the owner's thread."""
        workspace = self.workspace
        if workspace is None or not workspace.is_backup_due:
            return
        self.session.jobs.start(
            BACKUP_JOB,
            lambda _context: workspace.back_up(),
            done=lambda _path: None,
            failed=lambda error: self.session.say(
                f"The workspace's backup was not renewed: {error}", is_problem=True
            ),
            priority=60,
        )

    def set_reviewer(self, reviewer: Reviewer) -> None:
        """Go on under another name; what was decided before keeps the former one."""
        if reviewer == self.reviewer:
            return
        self.reviewer = reviewer
        if self.workspace is not None:
            path = self.workspace.path
            self.close_workspace()
            self.open_workspace(path)

    def poll(self) -> None:
        """Take what another process wrote, and become the writer when it is gone. Cheap."""
        workspace = self.workspace
        if workspace is None:
            return
        workspace.take_news()
        if workspace.is_writable:
            return
        try:
            workspace.follow()
            workspace.try_to_hold()
        except WorkspaceError as error:
            self.session.say(str(error), is_problem=True)
            return
        if workspace.read_only_reason != self._reason:
            self._reason = workspace.read_only_reason
            if workspace.is_writable:
                self._find_dataset()
                self.session.say(f"{workspace.path.name} can be changed here now")
            self.emit(HoldingChanged())

    # -- the dataset -------------------------------------------------------------------------

    def dataset_paths(self) -> tuple[Path, ...]:
        """Where the datasets of the workspace were seen last."""
        if self.reading is None:
            return ()
        return tuple(Path(row["path"]) for row in self.reading.rows(DATASETS, "ORDER BY name, key"))

    def _find_dataset(self) -> None:
        """Recognise the session's dataset in the workspace; take it in where it is new."""
        dataset, workspace = self.session.dataset, self.workspace
        self.dataset_id = None
        if dataset is None or workspace is None:
            return
        rows = workspace.reading.rows(DATASETS)
        path = str(dataset.path)
        known = _here(rows, dataset)
        if known is None:
            known = _moved(rows, dataset)
            if known is not None and workspace.is_writable:
                self.run(RelinkDataset(known, path))
        if known is None and not rows and workspace.is_writable:
            known = new_id()
            added = AddDataset(known, dataset_name(dataset), path, str(dataset.format_name))
            known = known if self.run(added) else None
        self._use_edits(known)

    def use_dataset(self, dataset_id: str | None) -> None:
        """Take the session's dataset for this one of the workspace, once its content is known."""
        if dataset_id is None:
            self.close_workspace()
        elif dataset_id != self.dataset_id:
            self._use_edits(dataset_id)
            self.emit(WorkspaceOpened())

    def _use_edits(self, dataset_id: str | None) -> None:
        """Show the dataset's labels as they are edited in the workspace; None for no workspace."""
        before, self._edits = self._edits, None
        self.dataset_id = dataset_id
        workspace, session = self.workspace, self.session
        was_edited = session.edit_labels is not as_delivered
        session.edit_labels = as_delivered
        if workspace is not None and dataset_id is not None:
            self._edits = EditBook(workspace, dataset_id)
            found = read_marks(workspace.reading, dataset_id)
            if has_edits(workspace.reading, dataset_id) or found:
                session.edit_labels = ShownLabels(self._edits, found)
        if was_edited or session.edit_labels is not as_delivered:
            session.show_edits()
        if before is not None:
            before.close()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, DatasetOpened) and self.workspace is not None:
            # The workspace stays for its own datasets; another dataset has another one.
            dataset = self.session.dataset
            rows = self.workspace.reading.rows(DATASETS)
            is_lost = any(not Path(row["path"]).exists() for row in rows)
            if dataset is not None and not is_lost and not _lists(self.workspace.reading, dataset):
                self.close_workspace()
                return
            self._find_dataset()
            self.emit(WorkspaceOpened())
        elif isinstance(change, SceneClosed) and self.session.dataset is None:
            self._use_edits(None)

    # -- commands ----------------------------------------------------------------------------

    def run(self, command: Command) -> bool:
        """Do it; False where that failed, which is said."""
        if self.workspace is None:
            self.session.say("Nothing can be decided: no workspace is open", is_problem=True)
            return False
        try:
            self.workspace.run(command)
        except WorkspaceError as error:
            self.session.say(_told(error), is_problem=True)
            return False
        return True

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back."""
        return self._steps()[0]

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again."""
        return self._steps()[1]

    def _steps(self) -> tuple[str | None, str | None]:
        """Texts of undo and redo, looked up once after each command: menus ask often."""
        workspace = self.workspace
        if workspace is None:
            return None, None
        seq = workspace.journal.last_seq
        if self._told_steps is None or self._told_steps[0] != (workspace, seq):
            self._told_steps = (workspace, seq), (workspace.undo_text, workspace.redo_text)
        return self._told_steps[1]

    def undo(self) -> Entry | None:
        """Take back the reviewer's newest command, and say which."""
        return self._reverse(lambda workspace: workspace.undo(), "Undone", "Nothing to undo")

    def redo(self) -> Entry | None:
        """Do again what the newest undo took back, and say which."""
        return self._reverse(lambda workspace: workspace.redo(), "Done again", "Nothing to redo")

    def undo_to(self, command_id: bytes) -> None:
        """Take back the reviewer's commands after the given one."""
        if self.workspace is None:
            return
        try:
            done = self.workspace.undo_to(command_id)
        except WorkspaceError as error:
            self.session.say(_told(error), is_problem=True)
            return
        steps = "1 step" if len(done) == 1 else f"{len(done)} steps"
        self.session.say(f"Undone: {steps}" if done else "Nothing to undo")

    def _reverse(
        self, reverse: Callable[[Workspace], Entry | None], done: str, nothing: str
    ) -> Entry | None:
        if self.workspace is None:
            return None
        try:
            entry = reverse(self.workspace)
        except WorkspaceError as error:
            self.session.say(_told(error), is_problem=True)
            return None
        self.session.say(nothing if entry is None else f"{done}: {entry.text}")
        return entry

    def _show_edits(self, changed: Changed) -> None:
        """Show labels and marks as they are now, where commands changed them."""
        workspace, book = self.workspace, self._edits
        if book is None or workspace is None or self.dataset_id is None:
            return
        are_edited = book.take(changed)
        if are_edited or any(entity == MARKS.name for entity, _ in changed.touched):
            found = read_marks(workspace.reading, self.dataset_id)
            self.session.edit_labels = ShownLabels(book, found)
            self.session.show_edits(tracks=are_edited)

    def _on_changed(self, changed: Changed) -> None:
        self._show_edits(changed)
        self._back_up()
        self.emit(DecisionsChanged(changed))


def _lists(reading: Reading, dataset: Dataset) -> bool:
    rows = reading.rows(DATASETS)
    return _here(rows, dataset) is not None or _moved(rows, dataset) is not None


def _here(rows: list[dict[str, Any]], dataset: Dataset) -> str | None:
    """Id of the dataset that lies at the same place."""
    place = os.path.realpath(dataset.path)
    found = (str(row["key"]) for row in rows if os.path.realpath(row["path"]) == place)
    return next(found, None)


def _moved(rows: list[dict[str, Any]], dataset: Dataset) -> str | None:
    """Id of the dataset of the same name and format whose former place is empty."""
    for row in rows:
        alike = row["name"] == dataset_name(dataset) and row["format_name"] == dataset.format_name
        if alike and not Path(str(row["path"])).exists():
            return str(row["key"])
    return None


def _holds(path: Path, dataset: Dataset, reviewer: Reviewer) -> bool:
    try:
        with Workspace.open(path, reviewer, read_only=True) as workspace:
            rows = workspace.reading.rows(DATASETS)
            return not rows or _lists(workspace.reading, dataset)
    except DamagedWorkspace as error:
        # Its backup tells whose it is; a name that nobody can look into is not passed over.
        return error.backup is None or _holds(error.backup, dataset, reviewer)
    except WorkspaceError:
        return False


def _told(error: WorkspaceError) -> str:
    return f"{error}. {WAY_ON}" if isinstance(error, WorkspaceReadOnly) else str(error)


def _same_file(first: Path, second: Path) -> bool:
    return first.absolute() == second.absolute()
