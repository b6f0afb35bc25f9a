"""The way into the review: known to the window from the start, everything else when first used."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog, QMessageBox

from viewer.session.changes import Change, DatasetOpened
from viewer.session.session import Session
from viewer.session.settings import Settings
from viewer.ui.review.window import ReviewWindow, as_widget

if TYPE_CHECKING:
    from viewer.session.review_desk import ReviewDesk
    from viewer.ui.review.room import ReviewRoom

WORKSPACE_SUFFIX = ".sightline"
WARM_JOB = "review-code"
WARM_MODULES = (
    "viewer.session.review_desk", "viewer.ui.review.room", "viewer.ui.review.queue_panel",
    "viewer.ui.review.issue_panel",
)  # fmt: skip
_FILTER = f"Sightline workspaces (*{WORKSPACE_SUFFIX})"


class ReviewEntry(QObject):
    """Opens the review for the window; `viewer.review` is not imported before `begin`.

    Parameters
    ----------
    window
        The main window.
    changed
        Called when what actions can do may have changed.
    """

    def __init__(self, window: ReviewWindow, changed: Callable[[], None]) -> None:
        super().__init__(as_widget(window))
        self._window: ReviewWindow = window
        self._session: Session = window.session
        self._changed = changed
        self._room: ReviewRoom | None = None
        self._pending: Path | None = None
        self._reviewer_name: str | None = None
        self._known_reviewer = ""
        self._poll = QTimer(self)
        self._poll.timeout.connect(self._on_poll)
        self._unsubscribe = self._session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Close the workspace; nothing is left to save."""
        self._unsubscribe()
        self._poll.stop()
        if self._room is not None:
            self._room.dispose()
            self._room = None

    # -- beginning ---------------------------------------------------------------------------

    @property
    def room(self) -> "ReviewRoom | None":
        """What the review consists of; None until it has begun."""
        return self._room

    @property
    def desk(self) -> "ReviewDesk | None":
        """The desk; None until the review has begun."""
        return None if self._room is None else self._room.desk

    def begin(self) -> "ReviewRoom":
        """Make everything of the review, once."""
        if self._room is None:
            from viewer.review import Reviewer, local_reviewer
            from viewer.session.review_desk import POLL_MS
            from viewer.ui.review.room import ReviewRoom

            settings = self._window.settings
            name = self._reviewer_name or settings.reviewer
            try:
                reviewer = Reviewer(name, settings.reviewer_email) if name else local_reviewer()
            except ValueError as error:
                self._session.say(str(error), is_problem=True)
                reviewer = local_reviewer()
            self._known_reviewer = reviewer.name
            self._room = ReviewRoom(self._window, reviewer)
            self._room.desk.subscribe(self._on_desk_change)
            self._poll.start(POLL_MS)
        return self._room

    def _on_desk_change(self, _change: object) -> None:
        desk = self.desk
        if desk is not None and desk.reviewer.name != self._known_reviewer:
            self._known_reviewer = desk.reviewer.name
            settings = replace(
                self._window.settings,
                reviewer=desk.reviewer.name,
                reviewer_email=desk.reviewer.email,
            )
            self._window.remember(settings)
        self._changed()

    def warm_up(self) -> None:
        """Read the review's code in the background, so that the first F2 need not wait for it."""
        self._session.jobs.start(
            WARM_JOB,
            lambda _context: [import_module(name) for name in WARM_MODULES],
            done=lambda _modules: None,
            failed=lambda _error: None,
            priority=70,
        )

    def ask_copy(self) -> None:
        """Ask where a copy of the workspace shall lie, write it and go on in it."""
        desk = self.desk
        if desk is None or desk.workspace is None:
            return
        from viewer.session.review_copy import go_on_in_copy

        former = desk.workspace.path
        start = Path(self._folder()) / f"{former.stem}-copy{WORKSPACE_SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(
            as_widget(self._window), "Go on in a copy of the workspace", str(start), _FILTER
        )
        if chosen:
            go_on_in_copy(desk, Path(chosen), lambda _path: self._remember())

    def issue_at_pixel(self, sensor_id: str, u: float, v: float) -> None:
        """Open an issue at a pixel of an image."""
        if self.open():
            from viewer.review.issues.model import Pixel

            self.begin().open_issue(Pixel(sensor_id, u, v))

    def issue_at_point(self, position: tuple[float, float, float]) -> None:
        """Open an issue at a position in world."""
        if self.open():
            from viewer.review.issues.model import Point

            self.begin().open_issue(Point("world", position))

    def mark_at_pixel(self, sensor_id: str, u: float, v: float) -> None:
        """Mark that an object is missing at a pixel; its class can be chosen at once."""
        if self.open():
            self.begin().marking.mark_at_pixel(sensor_id, (u, v))

    @property
    def marking(self) -> bool:
        """Whether clicks mark missing objects."""
        return self._room is not None and self._room.marking.active

    def toggle_marking(self) -> None:
        """Mark a missing object with the next click, or give up."""
        if self.marking or self.open():
            self.begin().marking.toggle()

    def leave_fields(self) -> bool:
        """Give the focus back to the 3D view from the fields of the review; False elsewhere."""
        return self._room is not None and self._room.leave_fields()

    def use_reviewer(self, name: str | None) -> None:
        """Review under a name that was given at the start, this time."""
        self._reviewer_name = name

    def open(self) -> bool:
        """Have a workspace for the open dataset; make one where there is none."""
        room = self.begin()
        dataset = self._session.dataset
        remembered = None
        if dataset is not None:
            known = dict(self._window.settings.workspaces).get(str(dataset.path))
            remembered = Path(known) if known else None
        opened = room.desk.open_default(remembered) or self._offer_backup()
        self._remember()
        return opened

    def open_file(self, path: Path) -> bool:
        """Open a workspace file, and its dataset where that is not the open one."""
        desk = self.begin().desk
        if not desk.open_workspace(path) and not self._offer_backup():
            return False
        self._remember()
        places = desk.dataset_paths()
        dataset = self._session.dataset
        if not places or (dataset is not None and dataset.path in places):
            return True
        found = next((place for place in places if place.exists()), None)
        if found is None:
            self._session.say(
                f"The dataset of {path.name} is no longer at {places[0]}: open it where it is now",
                is_problem=True,
            )
            return True
        self._session.open_path(str(found))
        return True

    def _offer_backup(self) -> bool:
        """Where the workspace is damaged, ask whether to go on with its last good backup."""
        desk = self.desk
        if desk is None or desk.damaged is None or desk.damaged.backup is None:
            return False
        question = QMessageBox(as_widget(self._window))
        question.setWindowTitle("The workspace is damaged")
        question.setIcon(QMessageBox.Icon.Warning)
        question.setText(str(desk.damaged))
        question.setInformativeText(
            "Go on with the last good backup? The damaged file is kept beside it."
        )
        question.setStandardButtons(
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel
        )
        return question.exec() == QMessageBox.StandardButton.Yes and desk.restore_backup()

    def open_with(self, path: Path) -> None:
        """Open or make this workspace once a dataset is open."""
        self._pending = path
        if self._session.dataset is not None:
            self._take_pending()

    def open_if_known(self) -> None:
        """Open the workspace that the dataset had the last time, if it had one."""
        dataset = self._session.dataset
        if dataset is None or self._pending is not None:
            return
        desk = self.desk
        if desk is not None and desk.workspace is not None:
            return
        known = dict(self._window.settings.workspaces).get(str(dataset.path))
        if known and Path(known).exists():
            self.open()

    def _take_pending(self) -> None:
        path, self._pending = self._pending, None
        if path is None:
            return
        desk = self.begin().desk
        if not path.exists():
            desk.new_workspace(path)
        elif not desk.open_workspace(path):
            self._offer_backup()
        self._remember()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, DatasetOpened) and self._session.dataset is not None:
            if self._pending is not None:
                self._take_pending()
            elif self._room is not None:
                # Everything of the review is here already: no start has to wait for it.
                QTimer.singleShot(0, self, self._follow_dataset)

    def _follow_dataset(self) -> None:
        if self._window.shell.layout_shown("review"):
            self.open()
        else:
            self.open_if_known()

    def _remember(self) -> None:
        """Keep which workspace a dataset has."""
        desk, dataset = self.desk, self._session.dataset
        if desk is None or desk.workspace is None or dataset is None or desk.dataset_id is None:
            return
        settings: Settings = self._window.settings
        path = str(desk.workspace.path.absolute())
        changed = settings.with_workspace(str(dataset.path), path)
        if changed != settings:
            self._window.remember(changed)

    # -- asking ------------------------------------------------------------------------------

    def ask_open(self) -> None:
        """Ask for a workspace file and open it."""
        chosen, _ = QFileDialog.getOpenFileName(
            as_widget(self._window), "Open workspace", self._folder(), _FILTER
        )
        if chosen:
            self.open_file(Path(chosen))

    def ask_new(self) -> None:
        """Ask where a new workspace shall lie, and make it."""
        from viewer.review import WorkspaceError
        from viewer.session.review_place import default_path

        dataset = self._session.dataset
        if dataset is None:
            return
        try:
            start = str(default_path(dataset))
        except WorkspaceError:
            start = self._folder()
        chosen, _ = QFileDialog.getSaveFileName(
            as_widget(self._window), "New workspace", start, _FILTER
        )
        if not chosen:
            return
        path = Path(chosen)
        path = (
            path
            if path.suffix == WORKSPACE_SUFFIX
            else path.with_name(path.name + WORKSPACE_SUFFIX)
        )
        if self.begin().desk.new_workspace(path):
            self._remember()

    def _folder(self) -> str:
        desk = self.desk
        if desk is not None and desk.workspace is not None:
            return str(desk.workspace.path.parent)
        from viewer.session.review_place import workspace_folder

        return str(workspace_folder())

    def _on_poll(self) -> None:
        desk = self.desk
        if desk is not None:
            desk.poll()
