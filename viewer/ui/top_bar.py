"""Top bar: menus, layout tabs, where we are, search, keys."""

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenuBar,
    QPushButton,
    QSizePolicy,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.session.changes import (
    Change,
    DatasetOpened,
    FrameRequested,
    FrameShown,
    SceneClosed,
    SceneOpened,
)
from viewer.session.session import Session
from viewer.ui.action_table import ActionTable
from viewer.ui.icons import icon
from viewer.ui.loading_line import LoadingLine
from viewer.ui.scene_browser import frame_time_text

HEIGHT_PX = 36
LAYOUTS = (("browse", "Browse"), ("review", "Review"), ("compare", "Compare"))


class TopBar(QWidget):
    """The line above everything; the loading line runs along its lower edge."""

    def __init__(self, session: Session, table: ActionTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._table = table
        self.menus = QMenuBar()
        self.menus.setNativeMenuBar(False)
        self.menus.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._tabs = QTabBar()
        self._tabs.setAccessibleName("Layouts")
        self._tabs.setDrawBase(False)
        self._tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tabs.setExpanding(False)
        # Where there is little room the menus give way, not the layouts.
        self._tabs.setUsesScrollButtons(False)
        for _name, title in LAYOUTS:
            self._tabs.addTab(title)
        self._tabs.tabBarClicked.connect(self._on_tab)
        self._tabs.currentChanged.connect(self._on_tab)
        self._place = QLabel()
        self._place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._place.setMinimumWidth(80)
        self._place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._search = QPushButton("Search or command   Ctrl+K")
        self._search.clicked.connect(lambda: table.run("help.palette"))
        self._help = QToolButton()
        self._help.setProperty("role", "flat")
        self._help.setFixedSize(QSize(28, 24))
        self._help.setAccessibleName("Keys")
        self._help.clicked.connect(lambda: table.run("help.shortcuts"))
        row = QHBoxLayout()
        row.setContentsMargins(4, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.menus)
        row.addWidget(self._tabs, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self._place, 1)
        row.addWidget(self._search)
        row.addWidget(self._help)
        self.line = LoadingLine(session)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self.line)
        self.setFixedHeight(HEIGHT_PX)
        self._full_place = ""
        self._unsubscribe = session.subscribe(self._on_change)
        self._search.setIcon(icon("search", "secondary"))
        self._help.setIcon(icon("help"))
        more = self.menus.findChild(QToolButton, "qt_menubar_ext_button")
        if isinstance(more, QToolButton):
            more.setIcon(icon("forward"))
            more.setIconSize(QSize(12, 12))
            more.setAccessibleName("More menus")
        self.apply_keys()
        self._refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()
        self.line.dispose()

    def apply_keys(self) -> None:
        """Name the keys anew, after one changed."""
        self._help.setToolTip(self._table["help.shortcuts"].toolTip())
        key = (
            self._table["help.palette"]
            .shortcut()
            .toString(self._table["help.palette"].shortcut().SequenceFormat.NativeText)
        )
        self._search.setText(f"Search or command   {key}".rstrip())
        self._search.setToolTip(self._table["help.palette"].toolTip())
        for place, (name, _title) in enumerate(LAYOUTS):
            self._tabs.setTabToolTip(place, self._table[f"layout.{name}"].toolTip())

    def show_layout(self, name: str) -> None:
        """Mark the tab of the layout that is shown."""
        with QSignalBlocker(self._tabs):
            self._tabs.setCurrentIndex([known for known, _title in LAYOUTS].index(name))

    def _on_tab(self, place: int) -> None:
        if place >= 0:
            name = LAYOUTS[place][0]
            self._table.run(f"layout.{name}")
            shell = self._table.context.shell
            if not shell.layout_shown(name):
                self.show_layout(next(n for n, _ in LAYOUTS if shell.layout_shown(n)))

    @property
    def place_text(self) -> str:
        """Where we are, in full."""
        return self._full_place

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _on_change(self, change: Change) -> None:
        if isinstance(
            change, DatasetOpened | SceneOpened | SceneClosed | FrameRequested | FrameShown
        ):
            self._refresh()

    def _refresh(self) -> None:
        scene = self._session.scene
        if scene is None:
            self._full_place = ""
        elif not scene.frames:
            self._full_place = f"{scene.scene_id} / no frames"
        else:
            index = max(self._session.frame_index, 0)
            time = frame_time_text(scene, index)
            self._full_place = f"{scene.scene_id} / frame {index + 1:,} of {len(scene.frames):,}"
            if time:
                self._full_place += f"   {time}"
        self._elide()

    def _elide(self) -> None:
        metrics = QFontMetrics(self._place.font())
        text = metrics.elidedText(
            self._full_place, Qt.TextElideMode.ElideLeft, max(self._place.width() - 8, 40)
        )
        if text != self._place.text():
            self._place.setText(text)
            self._place.setToolTip(self._full_place)
