"""The row above the 3D view: presets of the eye, colour mode, and the switches used most."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from viewer.render.colour import colour_modes, resolve_mode
from viewer.session.changes import Change, FrameShown, SceneOpened, ViewChanged
from viewer.session.session import Session
from viewer.ui.action_table import ActionTable
from viewer.ui.actions.view import EYE_ACTIONS
from viewer.ui.icons import icon
from viewer.ui.panel import set_fields

HEIGHT_PX = 32
_MARGIN_PX, _SPACING_PX, _APART_PX = 8, 2, 8
_FIRST_LEFT_OUT = (1, 2, 6, 4, 5, 3, 0)
"""Places of the presets, in the order in which they make room; menus and keys keep them all."""
_SWITCHES = ("layer.xray", "label.captions", "label.predictions", "measure.toggle")
_SHORT = {
    "eye.top": "Top", "eye.front": "Front", "eye.side": "Side", "eye.ego": "Ego",
    "eye.behind": "Behind", "eye.camera": "Camera", "eye.frame": "Frame",
}  # fmt: skip
_ICONS = {"layer.xray": "xray", "label.captions": "labels",
          "label.predictions": "predictions", "measure.toggle": "measure"}  # fmt: skip


class ViewportBar(QWidget):
    """Buttons that run actions of the catalogue."""

    def __init__(self, session: Session, table: ActionTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewportBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self._session = session
        self._table = table
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 0)
        row.setSpacing(_SPACING_PX)
        self._presets: list[QToolButton] = []
        for action in EYE_ACTIONS:
            button = self._button(action.id, _SHORT[action.id])
            self._presets.append(button)
            row.addWidget(button)
        row.addStretch(1)
        self._colour = QToolButton()
        self._colour.setProperty("role", "flat")
        self._colour.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._colour.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self._menu = QMenu(self._colour)
        self._menu.setObjectName("menuColour")
        self._menu.aboutToShow.connect(self._fill_menu)
        self._colour.setMenu(self._menu)
        row.addWidget(self._colour)
        row.addSpacing(_APART_PX)
        self._switches: list[QToolButton] = []
        for action_id in _SWITCHES:
            button = self._button(action_id, "")
            self._switches.append(button)
            button.setIcon(icon(_ICONS[action_id]))
            row.addWidget(button)
        self._unsubscribe = session.subscribe(self._on_change)
        self._refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def show_colour_menu(self) -> None:
        """Open the menu of colour modes."""
        self._menu.popup(self._colour.mapToGlobal(self._colour.rect().bottomLeft()))
        active = next((a for a in self._menu.actions() if a.isChecked()), None)
        self._menu.setActiveAction(active or self._menu.actions()[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """Leave presets out, the ones that others stand in for first, so that no text is cut."""
        room = self.width() - 2 * _MARGIN_PX - _APART_PX
        for button in (*self._switches, self._colour):
            room -= button.sizeHint().width() + _SPACING_PX
        shown = list(self._presets)
        wide = {button: button.sizeHint().width() + _SPACING_PX for button in shown}
        for place in _FIRST_LEFT_OUT:
            if sum(wide[button] for button in shown) <= room:
                break
            shown.remove(self._presets[place])
        for button in self._presets:
            button.setVisible(button in shown)

    def _button(self, action_id: str, text: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "flat")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        action = self._table[action_id]
        if text:
            button.setText(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setCheckable(action.isCheckable())
        button.setAccessibleName(action.text())
        button.clicked.connect(action.trigger)

        def follow() -> None:
            button.setEnabled(action.isEnabled())
            button.setChecked(action.isChecked())
            button.setToolTip(action.toolTip())

        action.changed.connect(follow)
        follow()
        return button

    def _fill_menu(self) -> None:
        self._menu.clear()
        content = self._session.content
        chosen = self._session.view.points.colour_by
        entries = [("auto", "Automatic")]
        if content is not None:
            entries += [(mode.mode, mode.title) for mode in colour_modes(content)]
        for mode, title in entries:
            action = self._menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(mode == chosen)
            action.triggered.connect(
                lambda _checked=False, mode=mode: set_fields(
                    self._session, "points", colour_by=mode, colour_range=None
                )
            )
            if mode == "auto":
                self._menu.addSeparator()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, FrameShown | SceneOpened) or (
            isinstance(change, ViewChanged) and "points" in change.sections
        ):
            self._refresh()

    def _refresh(self) -> None:
        content = self._session.content
        chosen = self._session.view.points.colour_by
        title = chosen.capitalize()
        if content is not None:
            mode = resolve_mode(content, chosen)
            titles = {entry.mode: entry.title for entry in colour_modes(content)}
            title = titles.get(mode, mode.capitalize())
        self._colour.setText(f"Colour: {title}")
        self._colour.setAccessibleName(f"Colour mode, {title}")
        self._colour.setToolTip(self._table["points.colour"].toolTip())
        self._share_width()
        self._colour.setEnabled(content is not None)
