"""What the pages of the metrics dock share: a figure of the desk, or why there is none."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.session.compare_changes import (
    CompareChange,
    Computed,
    FigureComputed,
    ThresholdsChanged,
)
from viewer.session.compare_desk import CompareDesk
from viewer.ui.compare.desk_panel import ComparePart, fine_picture
from viewer.ui.plain_parts import wrapped_label

NOTHING = "Figures come once labels and predictions are compared."
COMPUTING = "Computing…"
WAITS = "Some predictions cannot be used. Say in the Compared panel whether the rest is."


class FigurePage(ComparePart):
    """Asks for one figure while it is looked at, and shows it when it is there.

    Subclasses fill `body` and override `show_figure`.
    """

    kind = ""
    """The figure of the desk."""

    def __init__(self, desk: CompareDesk, name: str, parent: QWidget | None = None) -> None:
        super().__init__(desk, name, parent)
        self.note = wrapped_label(NOTHING, role="secondary")
        self.note.setContentsMargins(12, 12, 12, 12)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.content = QWidget()
        self.content.setObjectName("panelBody")
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(0, 4, 0, 0)
        self.body.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.note)
        column.addWidget(self.content, 1)
        self._shown: object = None

    @property
    def exported(self) -> object:
        """The figure that is shown."""
        return self._shown

    def picture(self) -> QPixmap:
        """All of it but the notes."""
        return fine_picture(self.content)

    def concerns(self, change: CompareChange) -> bool:
        """Another comparison, other thresholds, or the figure itself."""
        if isinstance(change, FigureComputed):
            return change.kind == self.kind
        return isinstance(change, Computed | ThresholdsChanged)

    def refresh(self) -> None:
        """Ask for the figure; show the newest there is."""
        desk = self.desk
        desk.figures.ask(self.kind)
        value = desk.figures.value(self.kind)
        self.content.setVisible(value is not None)
        self.note.setVisible(value is None)
        if value is None:
            self.note.setText(self.why_nothing())
        elif value is not self._shown:
            self.show_figure(value)
        self._shown = value

    def why_nothing(self) -> str:
        """What is told in place of the figure."""
        if self.desk.found is None:
            return NOTHING
        if self.desk.found.waits_for_yes:
            return WAITS
        return COMPUTING if self.desk.figures.is_running(self.kind) else "There is nothing to show."

    def show_figure(self, value: object) -> None:
        """Show the figure."""
