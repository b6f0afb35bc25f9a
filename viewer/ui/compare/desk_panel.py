"""What the panels of the comparison share: listening to the desk, waiting until they are seen."""

from importlib import import_module

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.session.compare_changes import CompareChange
from viewer.session.compare_desk import CompareDesk
from viewer.ui.theme import palette

FINENESS = 2


class ComparePart(QWidget):
    """A widget over the desk; a hidden one catches up when it is shown.

    Subclasses override `refresh`, and `concerns` where most changes do not matter to them.
    """

    file_name = "figures"
    """Under which it is exported."""

    def __init__(self, desk: CompareDesk, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setObjectName("panelBody")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        self._behind = True
        self._unsubscribe = desk.subscribe(self._hear)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def refresh(self) -> None:
        """Show what there is now."""

    @property
    def exported(self) -> object:
        """The figure that an export writes; None for none."""
        return None

    def picture(self) -> QPixmap:
        """What an export writes as a picture, fine enough to be printed."""
        return fine_picture(self)

    def concerns(self, _change: CompareChange) -> bool:
        """Whether a change asks for `refresh`."""
        return True

    def _hear(self, change: CompareChange) -> None:
        if not self.concerns(change):
            return
        if self.isVisible():
            self.refresh()
        else:
            self._behind = True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._behind:
            self._behind = False
            self.refresh()


def fine_picture(widget: QWidget) -> QPixmap:
    """Draw a widget at `FINENESS` times its size."""
    picture = QPixmap(widget.size() * FINENESS)
    picture.setDevicePixelRatio(FINENESS)
    picture.fill(palette().colour("panel"))
    widget.render(picture)
    return picture


class LazyComparePart(QWidget):
    """Stands for a `ComparePart` that costs nothing until someone looks.

    Parameters
    ----------
    place
        ``module:class`` of the part.
    """

    def __init__(self, place: str, desk: CompareDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelBody")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._place, self._desk = place, desk
        self.part: ComparePart | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.make()

    def make(self) -> ComparePart:
        """Make the part now, once."""
        if self.part is None:
            module, _, name = self._place.partition(":")
            made: ComparePart = getattr(import_module(module), name)(self._desk)
            self.part = made
            column = self.layout()
            if column is not None:
                column.addWidget(made)
            self.setFocusProxy(made)
        return self.part

    def dispose(self) -> None:
        """Stop listening."""
        if self.part is not None:
            self.part.dispose()
