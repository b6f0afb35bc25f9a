"""The metrics dock: thresholds on top, then matrix, curves, tables, two sets, protocols."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from viewer.session.compare_changes import (
    ChoicesChanged,
    CompareChange,
    Computed,
    ThresholdsChanged,
    WentStale,
)
from viewer.session.compare_choice import WIDEST_DISTANCE_M
from viewer.session.compare_desk import CompareDesk
from viewer.ui.compare.desk_panel import ComparePart, LazyComparePart
from viewer.ui.compare.export_button import ExportButton
from viewer.ui.compare.threshold_slider import ThresholdSlider, fine_step

PAGES = (
    ("Matrix", "viewer.ui.compare.matrix_page:MatrixPage"),
    ("Curves", "viewer.ui.compare.curves_page:CurvesPage"),
    ("Tables", "viewer.ui.compare.tables_page:TablesPage"),
    ("A and B", "viewer.ui.compare.pair_page:PairPage"),
    ("Protocols", "viewer.ui.compare.protocol_page:ProtocolPage"),
)
_TOLD = ChoicesChanged | Computed | ThresholdsChanged | WentStale


class MetricsPanel(ComparePart):
    """Pages are made when they are first looked at."""

    def __init__(self, desk: CompareDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Metrics panel", parent)
        self.confidence = ThresholdSlider(
            "Score from", "Predictions with a lower score are left out"
        )
        self.similarity = ThresholdSlider("IoU from", "How alike a pair must be to count")
        self.confidence.changed.connect(lambda value: desk.set_thresholds(confidence=value))
        self.similarity.changed.connect(lambda value: desk.set_thresholds(similarity=value))
        self.stale = QLabel()
        self.stale.setProperty("role", "problem")
        self.export = ExportButton(desk, self._looked_at)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName("Metrics")
        self.tabs.tabBar().setExpanding(False)
        self.tabs.tabBar().setDrawBase(False)
        self.pages: dict[str, LazyComparePart] = {}
        for title, place in PAGES:
            page = LazyComparePart(place, desk)
            self.pages[title] = page
            self.tabs.addTab(page, title)
        self._lay_out()
        self.setFocusProxy(self.tabs)
        self.refresh()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 4)
        top.setSpacing(2)
        top.addWidget(self.confidence)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self.similarity, 1)
        top.addLayout(second)
        top.addWidget(self.stale)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        self.tabs.setCornerWidget(self.export, Qt.Corner.TopRightCorner)
        column.addWidget(self.tabs, 1)

    def dispose(self) -> None:
        """Stop listening."""
        for page in self.pages.values():
            page.dispose()
        super().dispose()

    def page(self, title: str) -> ComparePart:
        """A page by its title, made if need be."""
        return self.pages[title].make()

    def _looked_at(self) -> ComparePart | None:
        page = self.tabs.currentWidget()
        return page.part if isinstance(page, LazyComparePart) else None

    def concerns(self, change: CompareChange) -> bool:
        """Only the thresholds, and whether there is anything."""
        return isinstance(change, _TOLD)

    def refresh(self) -> None:
        """Stand where the thresholds are."""
        desk = self.desk
        choice = desk.choice
        self.similarity.rename(choice.threshold_name, "m" if choice.is_distance else "")
        if choice.is_distance:
            self.similarity.set_range(0.05, WIDEST_DISTANCE_M, 0.05)
        else:
            self.similarity.set_range(0.01, 1.0, 0.01)
        low, high = (0.0, 1.0) if desk.found is None else desk.found.score_bounds
        self.confidence.set_range(low, high, fine_step(high - low))
        self.confidence.show_value(desk.thresholds.confidence)
        self.similarity.show_value(desk.thresholds.similarity)
        ready = desk.found is not None
        for slider in (self.confidence, self.similarity):
            slider.setEnabled(ready)
        self.stale.setVisible(desk.is_stale)
        self.stale.setText(desk.stale_text)
        self.export.setEnabled(ready)
