"""What actions can ask of the window."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QFileDialog, QMainWindow

from viewer.session.flat_labels import has_only_images
from viewer.session.link import Sight, parse_link
from viewer.session.view_settings import Solo
from viewer.ui.compare.entry import CompareEntry
from viewer.ui.compare.panels import COMPARE_PANELS
from viewer.ui.findings.entry import FindingsEntry
from viewer.ui.findings.panels import FINDINGS_PANELS
from viewer.ui.layouts import BROWSE, COMPARE, REVIEW
from viewer.ui.pictures import take_picture
from viewer.ui.popover import Popover
from viewer.ui.review.entry import WORKSPACE_SUFFIX, ReviewEntry
from viewer.ui.window_parts import WindowParts


class WindowShell:
    """The window's side of the actions; `actions.base.Shell` says what each does."""

    def __init__(self, window: QMainWindow, parts: WindowParts) -> None:
        self._window = window
        self._parts = parts
        self._session = parts.session

    def dispose(self) -> None:
        """Nothing is held."""

    # -- opening -----------------------------------------------------------------------------

    def open_text(self, text: str) -> None:
        """Open a path or a link."""
        path = text.strip().removeprefix("file://")
        self.open_sight(parse_link(str(Path(path).expanduser()) if path else path))

    def open_sight(self, sight: Sight) -> None:
        """Open a place in a dataset; the eye follows once its frame is shown."""
        if sight.path.endswith(WORKSPACE_SUFFIX):
            self.review.open_file(Path(sight.path))
            return
        self._parts.controller.pending_eye = sight.eye
        self._session.open_path(sight.path, sight)

    def open_dataset_dialog(self, *, folder: bool) -> None:
        recent = self._parts.settings.recent
        start = str(Path(recent[0]).parent) if recent else str(Path.home())
        if folder:
            chosen = QFileDialog.getExistingDirectory(self._window, "Open folder", start)
        else:
            chosen, _ = QFileDialog.getOpenFileName(self._window, "Open file", start)
        if chosen:
            self.open_text(chosen)

    def paste_path(self) -> None:
        text = QGuiApplication.clipboard().text().strip()
        if text and "\n" not in text:
            self.open_text(text)
        else:
            self._session.say("The clipboard holds no path", is_problem=True)

    def clear_recent(self) -> None:
        self._parts.remember(replace(self._parts.settings, recent=()))
        self._parts.start_page.refresh()

    # -- the eye -----------------------------------------------------------------------------

    def set_eye(self, preset: str) -> None:
        self._parts.controller.set_eye(preset)

    def frame_selection(self) -> None:
        self._parts.controller.frame_selection()

    # -- copying -----------------------------------------------------------------------------

    def copy_picture(self, subject: str) -> None:
        QGuiApplication.clipboard().setImage(take_picture(self._window, self._parts, subject))
        self._session.say(f"Picture of {_SUBJECTS[subject]} copied")

    def save_picture(self, subject: str) -> None:
        picture = take_picture(self._window, self._parts, subject)
        scene = self._session.scene
        name = "sightline" if scene is None else f"{scene.scene_id}_{self._session.frame_index + 1}"
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, f"Save picture of {_SUBJECTS[subject]}", f"{name}_{subject}.png",
            "PNG (*.png)",
        )  # fmt: skip
        if not chosen:
            return
        path = Path(chosen) if Path(chosen).suffix else Path(chosen).with_suffix(".png")
        if picture.save(str(path)):
            self._session.say(f"Saved {path}")
        else:
            self._session.say(f"{path} cannot be written; choose another folder", is_problem=True)

    def copy_link(self) -> None:
        sight = self._session.sight(self._parts.viewport.view.eye.numbers())
        if sight is not None:
            QGuiApplication.clipboard().setText(sight.to_link())
            self._session.say("Link copied; `sightline open LINK` comes back here")

    # -- tools -------------------------------------------------------------------------------

    def toggle_measuring(self) -> None:
        self._parts.measure.toggle()

    @property
    def measuring(self) -> bool:
        return self._parts.measure.active

    def clear_measurements(self) -> None:
        self._parts.measure.clear()

    def choose_colour_mode(self) -> None:
        self._parts.viewport_bar.show_colour_menu()

    def step_back(self) -> None:
        session, window, parts = self._session, self._window, self._parts
        popover = next((p for p in window.findChildren(Popover) if p.isVisible()), None)
        filters = session.view.filters
        if popover is not None:
            popover.close_popover()
        elif self.review.leave_fields():
            return
        elif self.measuring:
            self._parts.measure.step_back()
        elif self.review.marking:
            self.review.toggle_marking()
        elif parts.cameras_fill:
            parts.toggle_fill()
        elif window.isFullScreen():
            self.toggle_full_screen()
        elif filters.solo is not Solo.OFF or filters.isolate_margin_m is not None:
            session.set_view(filters=replace(filters, solo=Solo.OFF, isolate_margin_m=None))
        elif session.selection is not None:
            session.select(None)
        elif session.large_camera is not None:
            session.set_large_camera(None)

    # -- the window --------------------------------------------------------------------------

    def show_palette(self, text: str = "") -> None:
        self._parts.palette_popover.open_with(text)

    def show_shortcuts(self) -> None:
        self._parts.sheet.open_sheet()

    def show_about(self) -> None:
        self._parts.about.open_about()

    def show_problems(self) -> None:
        self._parts.problem_list.open_list()

    @property
    def review(self) -> ReviewEntry:
        return self._parts.review

    @property
    def compare(self) -> CompareEntry:
        return self._parts.compare

    @property
    def findings(self) -> FindingsEntry:
        return self._parts.findings

    def toggle_panel(self, name: str) -> None:
        if name not in self._parts.docks:
            (self.compare if name in _COMPARE_NAMES else self.review).begin()
        dock = self._parts.docks[name]
        is_behind_a_tab = dock.visibleRegion().isEmpty()
        if self.panel_shown(name) and not is_behind_a_tab:
            dock.close()
        else:
            dock.show()
            dock.raise_()

    def show_panel(self, name: str) -> None:
        layout = self._layout_of(name)
        if not self.layout_shown(layout):
            self.show_layout(layout)
        if not self.layout_shown(layout):
            return
        dock = self._parts.docks.get(name)
        if dock is not None:
            dock.show()
            dock.raise_()
            if self.review.room is not None:
                # It shall be there to take the keys.
                self.review.room.panel(name)
            QTimer.singleShot(0, dock, lambda: _focus_into(dock))

    def _layout_of(self, name: str) -> str:
        """Where a panel is shown; findings stand in every layout but that of comparing."""
        present = self._parts.layouts.current
        if name in _FINDINGS_NAMES:
            return present if present in (BROWSE, REVIEW) else BROWSE
        return COMPARE if name in _COMPARE_NAMES else REVIEW

    def panel_shown(self, name: str) -> bool:
        dock = self._parts.docks.get(name)
        return dock is not None and not dock.isHidden()

    def show_layout(self, name: str) -> None:
        parts = self._parts
        if name == REVIEW and not self.review.open():
            return
        if name == COMPARE:
            self.compare.begin()
        content = self._session.content
        if parts.viewport_pane.isHidden() and not (content and has_only_images(content)):
            parts.viewport_pane.show()
        parts.layouts.show(name)
        if name == COMPARE:
            self.compare.arrive()
        if name in (REVIEW, COMPARE):
            parts.viewport_widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def layout_shown(self, name: str) -> bool:
        return self._parts.layouts.current == name

    def reset_layout(self) -> None:
        self._parts.reset_layout()

    def toggle_full_screen(self) -> None:
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    @property
    def full_screen(self) -> bool:
        return self._window.isFullScreen()

    def quit(self) -> None:
        self._window.close()


def _focus_into(dock: QDockWidget) -> None:
    content = dock.widget()
    if content is not None:
        (content.focusProxy() or content).setFocus(Qt.FocusReason.ShortcutFocusReason)


_COMPARE_NAMES = frozenset(each.name for each in COMPARE_PANELS)
_FINDINGS_NAMES = frozenset(each.name for each in FINDINGS_PANELS)
_SUBJECTS = {"3d": "the 3D view", "camera": "the cameras", "window": "the window"}
