"""A panel behind a tab: made when it is first shown."""

from importlib import import_module

from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.session.changes import SceneOpened
from viewer.session.session import Session
from viewer.ui.panel import Panel


class LazyPanel(QWidget):
    """Stands for a `Panel` that costs nothing until someone looks.

    Parameters
    ----------
    place
        ``module:class`` of the panel.
    """

    def __init__(self, place: str, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self._session = session
        self._panel: Panel | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    def _make(self) -> Panel:
        module, _, name = self._place.partition(":")
        panel: Panel = getattr(import_module(module), name)(self._session)
        column = self.layout()
        if column is not None:
            column.addWidget(panel)
        if self._session.scene is not None:
            panel.on_change(SceneOpened())
        if self._session.content is not None:
            panel.show_frame()
        return panel

    def set_on_screen(self, *, on_screen: bool) -> None:
        """Say whether a person can see it; Qt's own events say so of panels behind tabs too."""
        if on_screen and self._panel is None:
            self._panel = self._make()
        if self._panel is not None:
            self._panel.set_on_screen(on_screen=on_screen)

    def dispose(self) -> None:
        """Stop listening."""
        if self._panel is not None:
            self._panel.dispose()
