"""Turns the catalogue of actions into Qt actions with keys, state, menus and tooltips."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from viewer.session.changes import (
    Change,
    DatasetOpened,
    LargeCameraChanged,
    PlaybackChanged,
    SceneClosed,
    SceneOpened,
    SelectionChanged,
    ViewChanged,
)
from viewer.ui.actions.base import MENUS, Action, ActionContext
from viewer.ui.actions.catalog import ACTIONS, action_by_id
from viewer.ui.icons import icon
from viewer.ui.keymap import Keymap, shown_keys

_STATE_CHANGES = (
    DatasetOpened, SceneOpened, SceneClosed, SelectionChanged, ViewChanged, PlaybackChanged,
    LargeCameraChanged,
)  # fmt: skip


class ActionTable:
    """Qt actions by id, kept in step with the session."""

    def __init__(self, window: QWidget, context: ActionContext, keymap: Keymap) -> None:
        self.context = context
        self.keymap = keymap
        self._window = window
        self._by_id: dict[str, QAction] = {}
        self._menus: list[QMenu] = []
        for action in ACTIONS:
            self._by_id[action.id] = self._make(action)
        self.apply_keys()
        self.sync()
        self._unsubscribe = context.session.subscribe(self._on_change)

    def __getitem__(self, action_id: str) -> QAction:
        return self._by_id[action_id]

    def dispose(self) -> None:
        """Stop listening and let go of the window."""
        self._unsubscribe()
        for action in self._by_id.values():
            self._window.removeAction(action)

    def run(self, action_id: str) -> None:
        """Do it, if it is possible now."""
        made = self._by_id[action_id]
        # What it says of itself may be a moment old.
        made.setEnabled(action_by_id()[action_id].enabled(self.context))
        made.trigger()

    def apply_keys(self) -> None:
        """Take the keys of the keymap, after one changed."""
        for action in ACTIONS:
            keys = self.keymap.keys(action.id)
            made = self._by_id[action.id]
            made.setShortcuts([QKeySequence(key) for key in keys])
            made.setToolTip(tooltip(action, keys))

    def sync(self) -> None:
        """Bring enabled and checked up to date."""
        for action in ACTIONS:
            made = self._by_id[action.id]
            made.setEnabled(action.enabled(self.context))
            if action.checked is not None:
                made.setChecked(action.checked(self.context))
            if action.name is not None:
                self._rename(action, made)

    def _rename(self, action: Action, made: QAction) -> None:
        """Say what it would do now."""
        name = action.name(self.context) if action.name is not None else action.text
        if name != made.text():
            made.setText(name)
            made.setToolTip(tooltip(action, self.keymap.keys(action.id), name))

    def fill(self, bar: QMenuBar, recent: Callable[[QMenu], None]) -> None:
        """Make the menus; `recent` fills the submenu of recent paths when it opens."""
        for title in MENUS:
            menu = bar.addMenu(f"&{title}")
            menu.setObjectName(f"menu{title}")
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(self.sync)
            self._menus.append(menu)
            group = 0
            for action in ACTIONS:
                if action.menu != title or not action.listed:
                    continue
                if action.group != group:
                    menu.addSeparator()
                    group = action.group
                if action.id == "file.clear_recent":
                    submenu = menu.addMenu("Recent")
                    submenu.setObjectName("menuRecent")
                    submenu.aboutToShow.connect(lambda submenu=submenu: recent(submenu))
                    self._menus.append(submenu)
                menu.addAction(self._by_id[action.id])

    def _make(self, action: Action) -> QAction:
        made = QAction(action.text, self._window)
        made.setObjectName(action.id)
        made.setCheckable(action.checked is not None)
        made.setAutoRepeat(action.checked is None)
        made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        if action.icon is not None:
            made.setIcon(icon(action.icon))
        made.setIconVisibleInMenu(action.checked is None)
        made.triggered.connect(lambda _checked=False: self._run(action))
        self._window.addAction(made)
        return made

    def _run(self, action: Action) -> None:
        if action.enabled(self.context):
            action.run(self.context)
        self.sync()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, _STATE_CHANGES):
            self.sync()


def tooltip(action: Action, keys: tuple[str, ...], name: str = "") -> str:
    """One line: what it does and its key."""
    text = name or action.tip or action.text.rstrip("…")
    key = shown_keys(keys)
    return f"{text}  ({key})" if key else text
