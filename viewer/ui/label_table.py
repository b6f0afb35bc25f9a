"""The table of the labels of the shown frame."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.geometry import lazy_numba
from viewer.session.changes import (
    Change,
    FrameShown,
    SceneClosed,
    SceneOpened,
    SelectionChanged,
    ViewChanged,
)
from viewer.session.flat_labels import DRAWN_KINDS, shows_flat_labels
from viewer.session.frame_content import FrameContent
from viewer.session.label_rows import LabelRow, counts_by_key, label_rows
from viewer.session.marks_set import MARK_GLYPH
from viewer.session.point_counts import PointCounts, count_points
from viewer.session.selection import LabelKey
from viewer.session.session import Session
from viewer.session.view_settings import Solo
from viewer.ui.filter_edit import FilterEdit
from viewer.ui.icons import icon
from viewer.ui.label_table_model import COLUMNS, SWATCH_PX, VERDICT_COLUMN, LabelTableModel
from viewer.ui.theme import ROW_PX

COUNT_JOB = "label-points"
AFTER_PICTURES_MS = 20
"""The table follows a new frame after its pictures, and only the last of quick ones."""
_WIDTHS_PX = {
    "Class": 78,
    "Verdict": 62,
    "Track": 64,
    "Kind": 92,
    "On": 56,
    "Dist": 50,
    "Pts": 58,
    "Score": 56,
    "Yaw": 60,
    "Attributes": 200,
    "Occlusion": 80,
    "Set": 96,
    "Id": 96,
}
_NUMBER_WIDTH_PX = 76
_WIDEST_CLASS_PX = 148
_BESIDE_CLASS_PX = 36
"""Swatch and margins of the class column."""


class _Rows(QTableView):
    """Rows of a fixed height; tells of Enter and of the pointer leaving."""

    entered_by_key = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("labelRows")
        self.setAccessibleName("Labels of the frame")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setIconSize(QSize(SWATCH_PX, SWATCH_PX))
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_PX)
        rows.setDefaultSectionSize(ROW_PX)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setStretchLastSection(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_by_key.emit()
            return
        super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.left.emit()
        super().leaveEvent(event)


def _place_of(name: str) -> int:
    return next(place for place, column in enumerate(COLUMNS) if column.name == name)


class LabelTable(QWidget):
    """Lists the labels; selecting a row selects the label everywhere."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("labelTable")
        self.setAccessibleName("Labels of the frame")
        self._session = session
        self._stale = True
        self._following = False
        self._counts: PointCounts = {}
        self._counted: FrameContent | None = None
        """The frame that `_counts` belong to."""
        self._tells_kinds = self._listed = False
        self._state_of: Callable[[LabelKey], str] | None = None
        self.model = LabelTableModel(self)
        self._make_bar()
        self._make_view()
        self.empty_label = QLabel()
        self.empty_label.setProperty("role", "secondary")
        self.empty_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty_label.setWordWrap(True)
        self.empty_label.setContentsMargins(16, 16, 16, 16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.view, 1)
        column.addWidget(self.empty_label, 1)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(AFTER_PICTURES_MS)
        self._later.timeout.connect(self._refresh)
        self._unsubscribe = session.subscribe(self._on_change)
        self._refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()
        self._later.stop()
        self._session.jobs.cancel(COUNT_JOB)

    # -- parts -------------------------------------------------------------------------------

    def _make_bar(self) -> None:
        self.bar = QWidget()
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        self.filter_edit = FilterEdit()
        self.filter_edit.setPlaceholderText("Filter labels")
        self.filter_edit.setAccessibleName("Filter labels")
        self.filter_edit.setToolTip(
            "Words in class, track, id, label set or attributes; Up and Down step through the "
            "rows, Enter goes to them"
        )
        self.filter_edit.setClearButtonEnabled(True)
        self.filter_edit.textChanged.connect(self._on_filter_text)
        self.filter_edit.returnPressed.connect(self._go_to_rows)
        self.filter_edit.stepped.connect(self._step_rows)
        self.count_label = QLabel()
        self.count_label.setProperty("role", "caption")
        self.hidden_button = QToolButton()
        self.hidden_button.setCheckable(True)
        self.hidden_button.toggled.connect(self._on_hidden_toggled)
        self.copy_button = QToolButton()
        self.copy_button.clicked.connect(self.copy_csv)
        for button, name, icon_name in (
            (self.hidden_button, "List hidden labels too", "eye"),
            (self.copy_button, "Copy the table as CSV", "copy"),
        ):
            button.setProperty("role", "flat")
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.setIcon(icon(icon_name))
        row.addWidget(self.filter_edit, 1)
        row.addWidget(self.count_label)
        row.addWidget(self.hidden_button)
        row.addWidget(self.copy_button)

    def _make_view(self) -> None:
        self.view = _Rows()
        self.view.setModel(self.model)
        self.view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.view.setSortingEnabled(True)
        for place, column in enumerate(COLUMNS):
            width = _WIDTHS_PX.get(column.name, _NUMBER_WIDTH_PX)
            self.view.setColumnWidth(place, width)
        self._show_kinds(told=False)
        self.view.setColumnHidden(VERDICT_COLUMN, True)
        header = self.view.horizontalHeader()
        # What says where a label is stays in sight in a narrow dock.
        header.moveSection(header.visualIndex(_place_of("Kind")), _place_of("Pts"))
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._show_column_menu)
        self.view.selectionModel().currentRowChanged.connect(self._on_current_row)
        self.view.doubleClicked.connect(self._on_double_clicked)
        self.view.entered.connect(self._on_entered)
        self.view.left.connect(lambda: self._session.hover(None))
        self.view.entered_by_key.connect(self._on_enter)
        copy = QAction("Copy", self.view)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy_csv)
        self.view.addAction(copy)

    def _show_column_menu(self, position: QPoint) -> None:
        menu = QMenu(self)
        for place, column in enumerate(COLUMNS):
            action = menu.addAction(column.name)
            action.setCheckable(True)
            action.setChecked(not self.view.isColumnHidden(place))
            action.setEnabled(place > 0)
            action.toggled.connect(
                lambda shown, place=place: self.view.setColumnHidden(place, not shown)
            )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.view.horizontalHeader().mapToGlobal(position))

    # -- session to widget -------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        match change:
            case SceneOpened() | SceneClosed():
                self._counts = {}
                self._show_kinds(told=False)
                self._refresh()
            case FrameShown():
                self._counts = {}
                if self.model.total_count and self.isVisible():
                    self._later.start()
                else:
                    self._refresh()
            case ViewChanged(sections):
                if "time_offsets_ns" in sections:
                    self._counts = {}
                if sections & {"filters", "layers", "time_offsets_ns"} or (
                    "images" in sections and self._listed != self._drawn()
                ):
                    self._refresh()
                if "dark" in sections:
                    self._apply_icons()
            case SelectionChanged():
                if self._session.view.filters.solo is not Solo.OFF:
                    self._refresh()
                else:
                    self._show_selection()
            case _:
                pass

    def _fit_class_column(self) -> None:
        """Let the scene's longest class name be read, within reason."""
        scene = self._session.scene
        names = [entry.name for entry in scene.class_map.entries] if scene is not None else []
        metrics = self.view.fontMetrics()
        longest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        wanted = max(_WIDTHS_PX["Class"], longest + _BESIDE_CLASS_PX)
        widest = _WIDTHS_PX["Class"] if self._tells_kinds else _WIDEST_CLASS_PX
        self.view.setColumnWidth(0, min(wanted, widest))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._refresh()

    def _refresh(self) -> None:
        """Show the frame's labels; later, when the table is not visible."""
        self._later.stop()
        self._stale = not self.isVisible()
        if self._stale:
            return
        session, content = self._session, self._session.content
        self._listed = self._drawn()
        rows = () if content is None else label_rows(content, session.view, session.selection)
        class_map = session.scene.class_map if session.scene is not None else None
        with QSignalBlocker(self.view.selectionModel()):
            self.model.show_rows(rows, class_map or self.model.class_map)
        if self._state_of is not None:
            self.model.show_verdicts(self._state_of)
        if self._counts and content is not None and content is self._counted:
            self.model.show_counts(counts_by_key(content, self._counts))
        elif rows:
            self._count_points()
        if self.model.has_flat_labels and not self._tells_kinds:
            self._show_kinds(told=True)
        self._show_selection()
        self._show_counts_of_rows()

    def tell_verdicts(
        self, state_of: Callable[[LabelKey], str] | None, icons: Mapping[str, QIcon]
    ) -> None:
        """Show what was decided, in a column of its own; without `state_of` not any more."""
        known = self._state_of is not None
        self._state_of = state_of
        self.model.verdict_icons = icons
        if known != (state_of is not None):
            self.view.setColumnHidden(VERDICT_COLUMN, state_of is None)
        if self.isVisible():
            self.model.show_verdicts(state_of or (lambda _key: ""))
        else:
            self._stale = True

    def _drawn(self) -> bool:
        """Whether labels on images are drawn, and so listed beside their cuboids."""
        content = self._session.content
        return content is not None and shows_flat_labels(content, self._session.view)

    def _show_kinds(self, *, told: bool) -> None:
        """Show or hide what kind a label is and on which image."""
        self._tells_kinds = told
        self._fit_class_column()
        for place, column in enumerate(COLUMNS):
            if column.name in ("Kind", "On"):
                self.view.setColumnHidden(place, not told)

    def _count_points(self) -> None:
        content, view = self._session.content, self._session.view
        if content is None or lazy_numba.deferred():
            return

        def show(counts: PointCounts) -> None:
            if self._session.content is content:
                self._counts, self._counted = counts, content
                self.model.show_counts(counts_by_key(content, counts))

        self._session.jobs.start(
            COUNT_JOB,
            lambda context: count_points(context, content, view),
            done=show,
            failed=lambda error: self._session.say(
                f"The points in the boxes cannot be counted: {error}", is_problem=True
            ),
            priority=15,
        )

    def _show_selection(self) -> None:
        """Put the current row on the selected label."""
        selection, current = self._session.selection, self.view.currentIndex()
        row = self.model.row_of(selection)
        if current.isValid() and self.model.label_at(current.row()).key == selection:
            # Labels on several images may be one; the row that was chosen stays.
            row = current.row()
        chosen = self.view.selectionModel()
        self._following = True
        try:
            if row < 0:
                self.view.setCurrentIndex(QModelIndex())
                self.view.clearSelection()
            elif row != self.view.currentIndex().row() or not chosen.hasSelection():
                column = max(self.view.currentIndex().column(), 0)
                self.view.setCurrentIndex(self.model.index(row, column))
                self.view.selectRow(row)
        finally:
            self._following = False

    def _show_counts_of_rows(self) -> None:
        shown, total, marks = self.model.shown_count, self.model.total_count, self.model.mark_count
        text = f"{shown:,}" if shown == total else f"{shown:,} of {total:,}"
        self.count_label.setText(f"{text} · {MARK_GLYPH} {marks:,}" if marks else text)
        self.count_label.setToolTip(
            f"{shown:,} labels; {marks:,} marked as missing" if marks else f"{shown:,} labels"
        )
        self.view.setVisible(shown + marks > 0)
        self.empty_label.setVisible(shown + marks == 0)
        self.empty_label.setText(self._empty_text(total))

    def _empty_text(self, total: int) -> str:
        scene = self._session.scene
        if scene is None:
            return "Open a scene to list its labels"
        if not scene.label_sets:
            return "This scene has no labels"
        content = self._session.content
        if content is not None and content.labels_follow:
            return "Labels are shown here when they are indexed"
        if total == 0:
            return "There are no labels in this frame"
        if self.filter_edit.text().strip():
            return "No label fits the text; clear it to see all"
        return "The filters hide every label; use the eye button to list hidden ones"

    def _apply_icons(self) -> None:
        self.hidden_button.setIcon(icon("eye"))
        self.copy_button.setIcon(icon("copy"))
        self.view.viewport().update()

    # -- widget to session -------------------------------------------------------------------

    def _on_filter_text(self, text: str) -> None:
        self.model.set_text_filter(text)
        self._show_selection()
        self._show_counts_of_rows()

    def _on_hidden_toggled(self, on: bool) -> None:
        self.model.set_with_hidden(on=on)
        self._show_selection()
        self._show_counts_of_rows()

    def _on_current_row(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self._choose(self.model.label_at(current.row()))

    def _choose(self, label: LabelRow) -> None:
        """Select a label; what is drawn on images is shown from then on."""
        session, images = self._session, self._session.view.images
        session.select(label.key)
        content = session.content
        if label.kind in DRAWN_KINDS and content and not shows_flat_labels(content, session.view):
            session.set_view(images=replace(images, boxes_2d=True))
            session.say("Labels drawn on images are shown now")

    def _on_double_clicked(self, index: QModelIndex) -> None:
        label = self.model.label_at(index.row())
        self._choose(label)
        self._frame(label)

    def _go_to_rows(self) -> None:
        """Go from the filter to what it leaves: to the selected row, else to the first."""
        if not self.model.rowCount():
            return
        self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.view.selectionModel().hasSelection():
            self._choose(self.model.label_at(0))

    def _step_rows(self, step: int) -> None:
        """Select the row below or above the selected one, or the first or last."""
        count = self.model.rowCount()
        if not count:
            return
        if self.view.selectionModel().hasSelection():
            row = self.view.currentIndex().row() + step
        else:
            row = 0 if step > 0 else count - 1
        self.view.setCurrentIndex(self.model.index(min(max(row, 0), count - 1), 0))

    def _on_enter(self) -> None:
        index = self.view.currentIndex()
        if index.isValid():
            self._frame(self.model.label_at(index.row()))

    def _frame(self, label: LabelRow) -> None:
        """Bring a label into view: in 3D, or large on its image."""
        scene = self._session.scene
        if scene is not None and label.place in scene.camera_ids:
            self._session.set_large_camera(label.place)
        else:
            self._session.focus_selection()

    def _on_entered(self, index: QModelIndex) -> None:
        self._session.hover(self.model.label_at(index.row()).key)

    def copy_csv(self) -> None:
        """Put the listed rows, in their order and with the shown columns, on the clipboard."""
        header = self.view.horizontalHeader()
        columns = [header.logicalIndex(place) for place in range(header.count())]
        shown = [column for column in columns if not header.isSectionHidden(column)]
        QGuiApplication.clipboard().setText(self.model.to_csv(shown))
        self._session.say(f"Copied {self.model.rowCount():,} labels as CSV")
