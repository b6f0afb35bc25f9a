"""Asking where the report and exports shall go, and having them written."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from viewer.reports.apart import write_report_apart
from viewer.review import WorkspaceError
from viewer.review.exchange.base import ExchangeShape, Exported
from viewer.review.exchange.catalog import SHAPES
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_hand_over import export_decisions, exported_text, refuse_inside
from viewer.ui.panel import named
from viewer.ui.plain_parts import wrapped_label

REPORT_JOB, EXPORT_JOB = "review-report", "review-export"
DIALOG_PX = 380


def open_outside(path: Path) -> None:
    """Show a file or folder in the desktop's own program for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def ask_report(
    desk: ReviewDesk, parent: QWidget | None, shown: Callable[[Path], None] = open_outside
) -> None:
    """Ask where the report shall lie, write it in the background and show it."""
    if not _can_hand_over(desk):
        return
    start = _start_folder(desk) / f"{_stem(desk)}.html"
    chosen, _ = QFileDialog.getSaveFileName(parent, "Write report", str(start), "Web page (*.html)")
    if chosen:
        path = Path(chosen)
        write_report(desk, path if path.suffix else path.with_suffix(".html"), shown)


def write_report(desk: ReviewDesk, path: Path, shown: Callable[[Path], None]) -> None:
    """Write the report in the background; it is shown when it is there."""
    workspace, dataset, dataset_id = desk.workspace, desk.session.dataset, desk.dataset_id
    if workspace is None or dataset is None or dataset_id is None:
        return
    session = desk.session
    try:
        refuse_inside(path, dataset)
    except WorkspaceError as error:
        session.say(str(error), is_problem=True)
        return
    file, place = workspace.path, dataset.path

    def done(_nothing: None) -> None:
        session.say(f"Report written: {path}")
        shown(path)

    session.jobs.start(
        REPORT_JOB,
        lambda context: write_report_apart(path, file, place, dataset_id, context),
        done=done,
        failed=lambda error: session.say(f"No report was written: {error}", is_problem=True),
        title="Writing the report",
    )


def ask_export(desk: ReviewDesk, parent: QWidget | None) -> None:
    """Ask for a shape and a folder, and write the decisions there."""
    if not _can_hand_over(desk):
        return
    dialog = ExportDialog(parent)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return
    chosen = QFileDialog.getExistingDirectory(parent, "Export into", str(_start_folder(desk)))
    if chosen:
        export(desk, dialog.shape, Path(chosen))


def export(
    desk: ReviewDesk, shape: ExchangeShape, folder: Path,
    then: Callable[[Exported], None] = lambda _exported: None,
) -> None:  # fmt: skip
    """Write the decisions in the background, into a new folder of `folder`."""
    workspace, dataset, dataset_id = desk.workspace, desk.session.dataset, desk.dataset_id
    if workspace is None or dataset is None or dataset_id is None:
        return
    session = desk.session

    def done(exported: Exported) -> None:
        session.say(exported_text(exported))
        then(exported)

    session.jobs.start(
        EXPORT_JOB,
        lambda context: export_decisions(context, workspace, dataset, dataset_id, shape, folder),
        done=done,
        failed=lambda error: session.say(f"Nothing was exported: {error}", is_problem=True),
        title=f"Exporting for {shape.title}",
    )


class ExportDialog(QDialog):
    """Which tool's shape."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export decisions")
        self.setFixedWidth(DIALOG_PX)
        self.box = QComboBox()
        for each in SHAPES:
            self.box.addItem(each.title)
        self.holds = wrapped_label(role="secondary")
        self.holds.setMinimumHeight(54)
        note = QLabel("A new folder is made where you choose; nothing is written over.")
        note.setProperty("role", "caption")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        choose = buttons.addButton("Choose folder…", QDialogButtonBox.ButtonRole.AcceptRole)
        choose.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (named("Shape", self.box), self.box, self.holds, note, buttons):
            column.addWidget(widget)
        self.box.currentIndexChanged.connect(lambda _place: self._tell())
        self._tell()

    @property
    def shape(self) -> ExchangeShape:
        """The chosen one."""
        return SHAPES[max(0, self.box.currentIndex())]

    def _tell(self) -> None:
        holds = self.shape.holds
        self.holds.setText(f"Carries {holds}.".replace("..", "."))


def _can_hand_over(desk: ReviewDesk) -> bool:
    if desk.workspace is None or desk.session.dataset is None or desk.dataset_id is None:
        desk.session.say("Open a dataset and its workspace first", is_problem=True)
        return False
    return True


def _stem(desk: ReviewDesk) -> str:
    return "review" if desk.workspace is None else desk.workspace.path.stem


def _start_folder(desk: ReviewDesk) -> Path:
    return Path.home() if desk.workspace is None else desk.workspace.path.absolute().parent
