"""The window: bar on top, docks around, cameras and the 3D view in the middle."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QStatusBar,
    QTabBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.render.overlay_prepare import OverlayPreparer
from viewer.session.changes import (
    Change,
    DatasetOpened,
    FrameShown,
    LargeCameraChanged,
    OpenFailed,
    SceneClosed,
    SceneOpened,
    ViewChanged,
)
from viewer.session.flat_labels import has_only_images
from viewer.session.session import Session
from viewer.session.settings import Settings
from viewer.ui.action_table import ActionTable
from viewer.ui.actions.base import ActionContext
from viewer.ui.actions.catalog import ACTIONS
from viewer.ui.actions.window import PANELS
from viewer.ui.camera_menu import CameraMenu
from viewer.ui.camera_strip import CameraStrip
from viewer.ui.centre_split import CentreSplit
from viewer.ui.compare.entry import CompareEntry
from viewer.ui.dock import DockTitle, make_dock
from viewer.ui.dock_places import arrange_docks
from viewer.ui.dock_watch import DockWatch
from viewer.ui.findings.entry import FindingsEntry
from viewer.ui.inspector import Inspector
from viewer.ui.key_rules import is_for_focus
from viewer.ui.keymap import Keymap
from viewer.ui.keypad_keys import KeypadKeys
from viewer.ui.label_table import LabelTable
from viewer.ui.layers_panel import LayersPanel
from viewer.ui.layouts import REVIEW, Layouts, from_text, to_text
from viewer.ui.lazy_panel import LazyPanel
from viewer.ui.measure_tool import MeasureTool
from viewer.ui.popover import Popover
from viewer.ui.review.entry import ReviewEntry
from viewer.ui.scene_browser import SceneBrowser
from viewer.ui.shell import WindowShell
from viewer.ui.start_page import StartPage
from viewer.ui.status_line import StatusLine
from viewer.ui.theme import apply_theme
from viewer.ui.timeline_widget import TimelineWidget
from viewer.ui.top_bar import TopBar
from viewer.ui.viewport_bar import ViewportBar
from viewer.ui.viewport_controller import Viewport, ViewportController
from viewer.ui.viewport_menu import ViewportMenu
from viewer.ui.viewport_note import ViewportNote

if TYPE_CHECKING:
    from viewer.ui.about import About
    from viewer.ui.command_palette import CommandPalette
    from viewer.ui.problem_list import ProblemList
    from viewer.ui.shortcut_sheet import ShortcutSheet

SMALLEST_PX = QSize(880, 560)
FIRST_PX = QSize(1440, 900)
FRAME_PX = QSize(16, 48)
"""Room for the frame and title that the desktop draws."""
NARROWEST_LEFT_PX, NARROWEST_RIGHT_PX = 240, 272
"""Below these widths tabs and numbers would be cut off."""
SAVE_AFTER_MS = 1_000
"""How long the view settings must rest before they are saved."""
RIGHT_PANELS = frozenset({"inspector", "labels"})
PANEL_CLASSES: dict[str, Callable[[Session], QWidget]] = {
    "scenes": SceneBrowser,
    "layers": LayersPanel,
    "filters": partial(LazyPanel, "viewer.ui.filters_panel:FiltersPanel"),
    "points": partial(LazyPanel, "viewer.ui.points_panel:PointsPanel"),
    "images": partial(LazyPanel, "viewer.ui.images_panel:ImagesPanel"),
    "inspector": Inspector,
    "labels": LabelTable,
    "timeline": TimelineWidget,
}


class MainWindow(QMainWindow):
    """One window on one session. `closed` follows when nothing of it is left to draw.

    Parameters
    ----------
    viewport
        The 3D view, a widget.
    settings, save
        What was remembered, and where changes of it go.
    """

    closed = Signal()
    _keypad: KeypadKeys | None = None

    def __init__(
        self,
        session: Session,
        viewport: QWidget,
        preparer: OverlayPreparer,
        settings: Settings,
        save: Callable[[Settings], None],
    ) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("Sightline")
        self.setMinimumSize(SMALLEST_PX)
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.session = session
        self.settings = settings
        self._save = save
        self._disposed = False
        self._is_first_frame = False
        # Not only when the window closes: the program may be ended from outside.
        self._save_later = QTimer(self)
        self._save_later.setSingleShot(True)
        self._save_later.setInterval(SAVE_AFTER_MS)
        self._save_later.timeout.connect(self._store)
        self._sync_later = QTimer(self)
        self._sync_later.setSingleShot(True)
        self._sync_later.setInterval(0)
        self._sync_later.timeout.connect(self._sync_table)
        self.docks: dict[str, QDockWidget] = {}
        self.panels: dict[str, QWidget] = {}
        self._watch = DockWatch(self.panels, self.docks_changed)
        self.viewport_widget = viewport
        self.viewport: Viewport = viewport  # type: ignore[assignment]
        self.controller = ViewportController(session, self.viewport)
        self.measure = MeasureTool(session, viewport)
        self.measure.active_changed.connect(self._on_measuring)
        self.strip = CameraStrip(session, preparer)
        self.strip.measured.connect(self.measure.pick_on_image)
        stored = dict(settings.window)
        self.layouts = Layouts(self, self, stored, self._layout_changed)
        self.review = ReviewEntry(self, self._review_changed)
        self.compare = CompareEntry(self, self.review, self._review_changed)
        self.findings = FindingsEntry(self, self.review, self._review_changed)
        self.shell = WindowShell(self, self)
        keymap = Keymap(ACTIONS, settings.shortcuts)
        self.table = ActionTable(self, ActionContext(session, self.shell), keymap)
        self._keypad = KeypadKeys(self.table, self)
        self.bar = TopBar(session, self.table)
        self.setMenuWidget(self.bar)
        self.table.fill(self.bar.menus, self._fill_recent)
        self.viewport_bar = ViewportBar(session, self.table)
        self.viewport_menu = ViewportMenu(
            session, self.table, self.measure, self, self.review.issue_at_point
        )
        self.viewport.context_requested.connect(self.viewport_menu.open_at)
        self.camera_menu = CameraMenu(
            session, self.table, self,
            open_issue=self.review.issue_at_pixel, mark=self.review.mark_at_pixel,
        )  # fmt: skip
        self.strip.menu_requested.connect(self.camera_menu.open_at)
        self._make_centre(viewport)
        self._make_docks()
        self.findings.make_docks(self)
        self.status = StatusLine(session, self.shell.show_problems)
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.status, 1)
        self.setStatusBar(bar)
        self._unsubscribe = session.subscribe(self._on_change)
        self.viewport.painted.connect(self._name_renderer)
        self.layouts.begin()
        self._restore(stored)
        self._show_page()
        self.start_page.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- parts -------------------------------------------------------------------------------

    @cached_property
    def palette_popover(self) -> "CommandPalette":
        """Search and commands; like the other popovers made when first asked for."""
        from viewer.ui.command_palette import CommandPalette

        return CommandPalette(self, self.session, self.table)

    @cached_property
    def sheet(self) -> "ShortcutSheet":
        """Every key."""
        from viewer.ui.shortcut_sheet import ShortcutSheet

        return ShortcutSheet(self, self.table, self._keys_changed)

    @cached_property
    def problem_list(self) -> "ProblemList":
        """What is wrong with the data."""
        from viewer.ui.problem_list import ProblemList

        return ProblemList(self, self.session)

    @cached_property
    def about(self) -> "About":
        """Versions and the renderer."""
        from viewer.ui.about import About

        return About(self, str(self.viewport.view.renderer_name()))

    def _make_centre(self, viewport: QWidget) -> None:
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.viewport_bar)
        column.addWidget(viewport, 1)
        self.viewport_note = ViewportNote(self.session, viewport)
        self.viewport_pane = below
        self.splitter = CentreSplit(self.session, self.strip, below)
        self.strip.fill_requested.connect(lambda _sensor_id: self.toggle_fill())
        self.start_page: StartPage = StartPage(
            self.session, self.table, lambda: self.settings.recent, self.shell.open_text
        )
        self.start_page.dismissed.connect(self._show_page)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.across.setChildrenCollapsible(False)
        self.across.addWidget(self.splitter)
        self.across.setStretchFactor(0, 1)
        page = QWidget()
        self._page_column = QVBoxLayout(page)
        self._page_column.setContentsMargins(0, 0, 0, 0)
        self._page_column.setSpacing(4)
        self._page_column.addWidget(self.across, 1)
        self.pages.addWidget(page)
        self.setCentralWidget(self.pages)

    def add_below(self, widget: QWidget) -> None:
        """Put a widget below the views, over their whole width."""
        self._page_column.addWidget(widget)

    def _make_docks(self) -> None:
        for name, title, _key in PANELS:
            panel = PANEL_CLASSES[name](self.session)
            self.panels[name] = panel
            if name != "timeline":
                narrowest = NARROWEST_RIGHT_PX if name in RIGHT_PANELS else NARROWEST_LEFT_PX
                panel.setMinimumWidth(narrowest)
            dock = make_dock(self, name, title, panel, upright=name == "timeline")
            dock.visibilityChanged.connect(partial(self._watch.on_shown, name))
            self.docks[name] = dock

    def reset_layout(self) -> None:
        """Put every panel of the present layout back to its place."""
        self.layouts.reset()
        self.splitter.forget_choice()

    def arrange(self, layout: str) -> None:
        """Put every panel to its place in a layout."""
        with self._watch.arranging():
            arrange_docks(self, self.docks, layout)

    def show_centre(self, layout: str) -> None:
        """Show what belongs to a layout around the 3D view."""
        if self.review.room is not None:
            self.review.room.centre.set_shown(shown=layout == REVIEW)
        self._show_page()

    def _layout_changed(self) -> None:
        self.bar.show_layout(self.layouts.current)
        self.docks_changed()
        self._save_later.start()

    def _review_changed(self) -> None:
        """Bring the actions up to date once, after all that a key did."""
        self.findings.follow_review()
        self._sync_later.start()

    def _sync_table(self) -> None:
        if not self._disposed:
            self.table.sync()

    def docks_changed(self, _shown: bool = False) -> None:
        """Leave the title to the tab where docks share a place; name the tabs."""
        if self._watch.is_arranging or self._disposed:
            return
        for dock in self.docks.values():
            title = dock.titleBarWidget()
            if isinstance(title, DockTitle):
                title.set_in_tabs(in_tabs=bool(self.tabifiedDockWidgets(dock)))
        for bar in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setAccessibleName("Panels")
            bar.setExpanding(False)
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setDrawBase(False)
        if not self._disposed and hasattr(self, "table"):
            self.table.sync()

    # -- pages -------------------------------------------------------------------------------

    def _show_page(self) -> None:
        """Show the views while a scene is open and no failure wants to be read."""
        views = self.session.scene is not None and self.start_page.failure is None
        self.pages.setCurrentIndex(1 if views else 0)
        scene = self.session.scene
        # Beside the object its best camera is shown; another one is shown when it is asked for.
        large = self.session.large_camera is not None
        content = self.session.content
        flat = content is not None and has_only_images(content)
        wanted = self.layouts.current != REVIEW or large or flat or self.review.marking
        self.strip.setVisible(scene is not None and bool(scene.camera_ids) and wanted)

    def toggle_fill(self) -> None:
        """Give the whole centre to the cameras, or share it again."""
        self.viewport_pane.setVisible(not self.viewport_pane.isVisible())

    @property
    def cameras_fill(self) -> bool:
        """True while the cameras have the whole centre."""
        return self.pages.currentIndex() == 1 and self.viewport_pane.isHidden()

    # -- session -----------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if isinstance(change, SceneOpened | SceneClosed | OpenFailed):
            self.viewport_pane.show()
            self._is_first_frame = True
            self._show_page()
            self.retitle()
            if isinstance(change, SceneOpened):
                self.viewport_widget.setFocus(Qt.FocusReason.OtherFocusReason)
        elif isinstance(change, DatasetOpened):
            # A scene that was built in memory has no path to come back to.
            dataset = self.session.dataset
            if dataset is not None and dataset.path.exists():
                self.remember(self.settings.with_recent(str(dataset.path)))
        elif isinstance(change, ViewChanged):
            if "dark" in change.sections:
                self.apply_theme()
            self.settings = replace(self.settings, view=self.session.view)
            self._save_later.start()
        elif isinstance(change, LargeCameraChanged):
            self._show_page()
        elif isinstance(change, FrameShown):
            if self.pages.currentIndex() == 0:
                self._show_page()
            if self._is_first_frame and has_only_images(change.content):
                # Hiding what has the focus would pass it on to a text field.
                for pane in list(self.strip.panes.values())[:1]:
                    pane.setFocus(Qt.FocusReason.OtherFocusReason)
                self.viewport_pane.hide()
            self._is_first_frame = False

    def _on_measuring(self, active: bool) -> None:
        """Clicks measure or select, not both."""
        if active and self.review.marking:
            self.review.toggle_marking()
        self.take_clicks(taken=active)

    def take_clicks(self, *, taken: bool) -> None:
        """Leave clicks to a tool, or let them select again."""
        self.controller.clicks_select = self.strip.clicks_select = not taken
        self._show_page()
        self.table.sync()

    def retitle(self) -> None:
        """Name the scene, and the workspace with how safe it is."""
        scene, room = self.session.scene, self.review.room
        parts = ["" if scene is None else scene.scene_id, "" if room is None else room.title()]
        self.setWindowTitle(" - ".join([*filter(None, parts), "Sightline"]))

    def apply_theme(self) -> None:
        """Take the theme of the view settings."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, dark=self.session.view.dark)

    def _name_renderer(self, _milliseconds: float) -> None:
        self.viewport.painted.disconnect(self._name_renderer)
        self.status.set_renderer(str(self.viewport.view.renderer_name()))

    # -- remembering -------------------------------------------------------------------------

    def remember(self, settings: Settings) -> None:
        """Keep settings, on disk at once."""
        self.settings = settings
        self._save(settings)

    def _keys_changed(self) -> None:
        self.bar.apply_keys()
        self.remember(replace(self.settings, shortcuts=self.table.keymap.to_pairs()))

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for path in self.settings.recent:
            action = menu.addAction(path)
            action.triggered.connect(lambda _checked=False, path=path: self.shell.open_text(path))
        if not self.settings.recent:
            menu.addAction("Nothing opened yet").setEnabled(False)

    def _restore(self, stored: Mapping[str, str]) -> None:
        self.resize(FIRST_PX.boundedTo(self.screen().availableSize() - FRAME_PX))
        if "geometry" in stored:
            self.restoreGeometry(from_text(stored["geometry"]))
        if "browse.cameras" in stored:
            self.splitter.restore_choice(from_text(stored["browse.cameras"]))
        self.docks_changed()

    def _store(self) -> None:
        window = (
            ("geometry", to_text(self.saveGeometry())),
            *self.layouts.stored(),
            ("browse.cameras", to_text(self.splitter.choice())),
        )
        self.remember(replace(self.settings, window=window, view=self.session.view))

    # -- events ------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        taken = self._keypad is not None and self._keypad.takes(event)
        return taken or is_for_focus(event) or super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for popover in self.findChildren(Popover):
            if popover.isVisible():
                popover.place()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()) or event.mimeData().hasText():
            event.acceptProposedAction()
            self.start_page.set_dropping(dropping=True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self.start_page.set_dropping(dropping=False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.start_page.set_dropping(dropping=False)
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        text = paths[0] if paths else event.mimeData().text().strip()
        if text:
            event.acceptProposedAction()
            self.shell.open_text(text)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange and hasattr(self, "table"):
            self.table.sync()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._disposed:
            self._store()
            self.dispose()
        event.accept()
        self.closed.emit()

    def dispose(self) -> None:
        """Let go of the session and of everything that draws; the window stays empty."""
        if self._disposed:
            return
        self._disposed = self._watch.ended = True
        self._save_later.stop()
        self.session.play(playing=False)
        self._unsubscribe()
        self.controller.dispose()
        self.findings.dispose()
        self.compare.dispose()
        self.review.dispose()
        parts = (
            *self.panels.values(), self.measure, self.splitter, self.strip, self.bar,
            self.viewport_bar, self.viewport_note, self.start_page, self.status, self.shell,
            self.table, self.viewport_widget,
        )  # fmt: skip
        if "problem_list" in vars(self):
            self.problem_list.dispose()
        for part in parts:
            part.dispose()  # type: ignore[attr-defined]
