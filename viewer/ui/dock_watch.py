"""Tells panels whether a person can see them, and the window when that changed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from PySide6.QtWidgets import QWidget

from viewer.ui.lazy_panel import LazyPanel
from viewer.ui.panel import Panel


class DockWatch:
    """While docks are arranged they come and go: only where each ends counts.

    Parameters
    ----------
    panels
        By name of their docks.
    changed
        Called after docks were shown or hidden.
    """

    def __init__(self, panels: Mapping[str, QWidget], changed: Callable[[], None]) -> None:
        self._panels, self._changed = panels, changed
        self._last: dict[str, bool] | None = None
        self.ended = False
        """Set once the window closes; nothing is told from then on."""

    @property
    def is_arranging(self) -> bool:
        """Whether docks are on their way."""
        return self._last is not None

    def on_shown(self, name: str, shown: bool) -> None:
        """Take what Qt says of a dock."""
        if self.ended:
            return
        if self._last is not None:
            self._last[name] = shown
            return
        self._tell(name, shown=shown)
        self._changed()

    @contextmanager
    def arranging(self) -> Iterator[None]:
        """Arrange docks within; panels hear of it afterwards."""
        self._last = {}
        try:
            yield
        finally:
            shown, self._last = self._last, None
            for name, is_shown in shown.items():
                self._tell(name, shown=is_shown)
            self._changed()

    def _tell(self, name: str, *, shown: bool) -> None:
        panel = self._panels[name]
        if isinstance(panel, Panel | LazyPanel) and not self.ended:
            panel.set_on_screen(on_screen=shown)
