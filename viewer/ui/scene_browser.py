"""Scene and frame browser: a filter, scenes, and the frames of each."""

from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtWidgets import QHeaderView, QTreeView, QVBoxLayout, QWidget

from viewer.scene.scene import Dataset, Frame, Scene
from viewer.session.changes import (
    Change,
    DatasetGrown,
    DatasetOpened,
    FrameRequested,
    SceneClosed,
    SceneOpened,
)
from viewer.session.session import Session
from viewer.ui.filter_edit import FilterEdit
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import wrapped_label
from viewer.ui.theme import palette

Index = QModelIndex | QPersistentModelIndex
WIDTH_SAMPLE_ROWS = 16
"""Rows that tell how wide the times are; they differ little."""
_SCENE_ID = 0xFFFFFFFF
"""Internal id of a scene's row; a frame's row carries the number of its scene."""


class SceneModel(QAbstractItemModel):
    """Scenes and their frames that fit a filter. Two columns: name, time."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._scenes: list[int] = []
        self._frames: dict[int, list[int]] = {}
        self.current: Scene | None = None

    def set_dataset(self, dataset: Dataset | None, query: str = "") -> None:
        """Show a dataset, or what of it fits the query."""
        self.beginResetModel()
        self._dataset = dataset
        self._scenes, self._frames = [], {}
        wanted = query.casefold().strip()
        for number, scene in enumerate(dataset.scenes if dataset else ()):
            if not wanted or wanted in scene.scene_id.casefold():
                frames = [frame.index for frame in scene.frames]
            else:
                frames = [f.index for f in scene.frames if wanted in frame_text(f).casefold()]
                if not frames:
                    continue
            self._scenes.append(number)
            self._frames[number] = frames
        self.endResetModel()

    def scene_at(self, index: Index) -> int | None:
        """Number of the scene that a row is or belongs to."""
        if not index.isValid():
            return None
        if index.internalId() == _SCENE_ID:
            return self._scenes[index.row()]
        return int(index.internalId())

    def frame_at(self, index: Index) -> int | None:
        """Frame of a row, None for a scene's row."""
        if not index.isValid() or index.internalId() == _SCENE_ID:
            return None
        return self._frames[int(index.internalId())][index.row()]

    def scene_row(self, number: int) -> QModelIndex:
        """Row of a scene."""
        if number not in self._scenes:
            return QModelIndex()
        return self.createIndex(self._scenes.index(number), 0, _SCENE_ID)

    def frame_row(self, number: int, frame_index: int) -> QModelIndex:
        """Row of a frame."""
        frames = self._frames.get(number, [])
        if frame_index not in frames:
            return QModelIndex()
        return self.createIndex(frames.index(frame_index), 0, number)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        if not parent.isValid():
            if row < len(self._scenes):
                return self.createIndex(row, column, _SCENE_ID)
        elif parent.internalId() == _SCENE_ID:
            number = self._scenes[parent.row()]
            if row < len(self._frames[number]):
                return self.createIndex(row, column, number)
        return QModelIndex()

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        if not index.isValid() or index.internalId() == _SCENE_ID:
            return QModelIndex()
        return self.scene_row(int(index.internalId()))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if not parent.isValid():
            return len(self._scenes)
        if parent.internalId() == _SCENE_ID and parent.column() == 0:
            return len(self._frames[self._scenes[parent.row()]])
        return 0

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 2

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        number = self.scene_at(index)
        if self._dataset is None or number is None:
            return None
        scene, frame_index = self._dataset.scenes[number], self.frame_at(index)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 1:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 1:
            return palette().colour("secondary")
        if role == Qt.ItemDataRole.FontRole and frame_index is None and scene is self.current:
            view = self.parent_view()
            font = view.font() if view is not None else None
            if font is not None:
                font.setBold(True)
            return font
        if frame_index is None:
            return self._scene_data(scene, index.column(), role)
        return self._frame_data(scene.frames[frame_index], scene, index.column(), role)

    def parent_view(self) -> QWidget | None:
        """Widget whose font the rows have."""
        owner = QObject.parent(self)
        return owner if isinstance(owner, QWidget) else None

    @staticmethod
    def _scene_data(scene: Scene, column: int, role: int) -> str | None:
        count = len(scene.frames)
        if role == Qt.ItemDataRole.DisplayRole:
            return scene.scene_id if column == 0 else f"{count:,}"
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = (scene.description, str(scene.path), f"{count:,} frames, {scene.format_name}")
            return "\n".join(line for line in lines if line)
        return None

    @staticmethod
    def _frame_data(frame: Frame, scene: Scene, column: int, role: int) -> str | None:
        if role == Qt.ItemDataRole.DisplayRole:
            return frame_text(frame) if column == 0 else frame_time_text(scene, frame.index)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{len(frame.sweeps)} point clouds, {len(frame.images)} images"
        return None


class SceneBrowser(QWidget):
    """The list on the left: choose a scene or a frame."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelBody")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._field = FilterEdit()
        self._field.stepped.connect(self._step_rows)
        self._field.setPlaceholderText("Filter scenes and frames")
        self._field.setAccessibleName("Filter scenes and frames")
        self._field.setClearButtonEnabled(True)
        self._field.textChanged.connect(self._rebuild)
        self._view = QTreeView()
        self._view.setAccessibleName("Scenes and frames")
        self._model = SceneModel(self._view)
        self._view.setModel(self._model)
        self._view.setHeaderHidden(True)
        self._view.setUniformRowHeights(True)
        self._view.setIndentation(14)
        self._view.header().setStretchLastSection(False)
        self._view.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._view.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._view.header().setMinimumSectionSize(24)
        self._view.header().setResizeContentsPrecision(WIDTH_SAMPLE_ROWS)
        self._view.selectionModel().currentChanged.connect(self._on_current)
        self._empty = wrapped_label("Open a folder to see its scenes here.", role="secondary")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self._field)
        column.addWidget(self._view, 1)
        column.addWidget(self._empty, 1, Qt.AlignmentFlag.AlignTop)
        self._unsubscribe = session.subscribe(self._on_change)
        self._rebuild()

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    @property
    def view(self) -> QTreeView:
        """The tree."""
        return self._view

    def _on_change(self, change: Change) -> None:
        if isinstance(change, DatasetOpened | SceneClosed):
            with quietly(self._field):
                self._field.clear()
            self._rebuild()
        elif isinstance(change, DatasetGrown):
            self._rebuild()
            self._model.current = self._session.scene
        elif isinstance(change, SceneOpened):
            self._model.current = self._session.scene
            self._view.viewport().update()
            self._show_current(expand=True)
        elif isinstance(change, FrameRequested):
            self._show_current(expand=False)

    def _rebuild(self) -> None:
        dataset, query = self._session.dataset, self._field.text()
        with quietly(self._view.selectionModel()):
            self._model.set_dataset(dataset, query)
        self._view.setVisible(dataset is not None)
        self._field.setEnabled(dataset is not None)
        found = self._model.rowCount() > 0
        self._empty.setVisible(dataset is None or not found)
        nothing = f"Nothing fits “{query}”." if query else "There are no scenes here."
        self._empty.setText(
            nothing if dataset is not None else "Open a folder to see its scenes here."
        )
        if query and found:
            self._view.expandAll()
        self._show_current(expand=True)

    def _show_current(self, *, expand: bool) -> None:
        session = self._session
        if session.dataset is None or session.scene is None:
            return
        number = session.dataset.scenes.index(session.scene)
        row = self._model.scene_row(number)
        if expand and row.isValid():
            self._view.expand(row)
        place = self._model.frame_row(number, session.frame_index)
        before = self._view.currentIndex()
        if place.isValid() and place != before:
            with quietly(self._view.selectionModel()):
                self._view.selectionModel().setCurrentIndex(
                    place, QItemSelectionModel.SelectionFlag.ClearAndSelect
                    | QItemSelectionModel.SelectionFlag.Rows,
                )  # fmt: skip
            self._view.scrollTo(place)
            # Selected quietly: the two rows that look different now are painted again, not all.
            for index in (before, place):
                line = self._view.visualRect(index)
                self._view.viewport().update(0, line.y(), self._view.width(), line.height())

    def _step_rows(self, step: int) -> None:
        """Go to the row below or above, or to the first."""
        view = self._view
        here = view.currentIndex()
        if not here.isValid():
            there = self._model.index(0, 0)
        else:
            there = view.indexBelow(here) if step > 0 else view.indexAbove(here)
        if there.isValid():
            view.setCurrentIndex(there)

    def _on_current(self, index: QModelIndex, _before: QModelIndex) -> None:
        session, number = self._session, self._model.scene_at(index)
        if session.dataset is None or number is None:
            return
        frame_index = self._model.frame_at(index)
        if session.dataset.scenes[number] is not session.scene:
            session.show_scene(number)
        if frame_index is not None:
            session.go_to_frame(frame_index)


def frame_text(frame: Frame) -> str:
    """Number of a frame, and its key where that says more."""
    number = str(frame.index + 1)
    return number if frame.key == number else f"{number}   {frame.key}"


def frame_time_text(scene: Scene, index: int) -> str:
    """Seconds since the first frame, e.g. ``12.4 s``; empty where there is no time to tell."""
    first, now = scene.frames[0].timestamp_ns, scene.frames[index].timestamp_ns
    if scene.independent or len(scene.frames) < 2 or first is None or now is None:
        return ""
    return f"{(now - first) / 1e9:.1f} s"
