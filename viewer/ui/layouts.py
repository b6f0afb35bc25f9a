"""The layouts of the window: each remembers where its panels stand."""

import base64
from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QMainWindow

STATE_VERSION = 1
BROWSE, REVIEW, COMPARE = "browse", "review", "compare"
LAYOUTS = (BROWSE, REVIEW, COMPARE)


class Arranged(Protocol):
    """What a window does when its layout changes."""

    def arrange(self, layout: str) -> None:
        """Put every panel to its place in a layout."""
        ...

    def show_centre(self, layout: str) -> None:
        """Show what belongs to a layout in the middle."""
        ...


class Layouts:
    """Switches between layouts and keeps the arrangement of each.

    Parameters
    ----------
    stored
        Arrangements as text by layout, as `stored` gave them.
    changed
        Called when another layout is shown.
    """

    def __init__(
        self, window: QMainWindow, parts: Arranged, stored: Mapping[str, str],
        changed: Callable[[], None],
    ) -> None:  # fmt: skip
        self._window, self._parts, self._changed = window, parts, changed
        self._states = {name: from_text(text) for name, text in stored.items() if name in LAYOUTS}
        self.current = BROWSE

    def begin(self) -> None:
        """Show the first layout as it was left."""
        self._parts.arrange(self.current)
        self._restore()

    def show(self, name: str) -> None:
        """Show another layout."""
        if name == self.current:
            return
        self._states[self.current] = self._window.saveState(STATE_VERSION)
        self.current = name
        self._parts.arrange(name)
        self._restore()
        self._parts.show_centre(name)
        self._changed()

    def reset(self) -> None:
        """Put the panels of the present layout back."""
        self._states.pop(self.current, None)
        self._parts.arrange(self.current)

    def _restore(self) -> None:
        state = self._states.get(self.current)
        if state is not None:
            self._window.restoreState(state, STATE_VERSION)

    def stored(self) -> tuple[tuple[str, str], ...]:
        """Every arrangement as text."""
        self._states[self.current] = self._window.saveState(STATE_VERSION)
        return tuple((name, to_text(state)) for name, state in self._states.items())


def to_text(state: QByteArray) -> str:
    """Write a state for the settings."""
    return base64.b64encode(state.data()).decode("ascii")


def from_text(text: str) -> QByteArray:
    """Read what `to_text` gave; anything else is an empty state."""
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except ValueError:
        return QByteArray()
