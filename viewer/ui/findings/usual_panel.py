"""The Usual panel: what was learned of each class, with the limits that checks start from."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.checks.finding import Finding
from viewer.checks.learned import Learned
from viewer.session.changes import Change, FrameShown, SelectionChanged
from viewer.session.findings_changes import (
    FindingChosen,
    FindingsChange,
    FindingsListed,
    RunChanged,
)
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_own import own_values
from viewer.session.findings_usual import (
    POINTS,
    QUANTITY_OF,
    OwnValues,
    chart_text,
    charts_of,
    classes_of,
    range_chart_of,
    range_text,
)
from viewer.ui.findings.usual_chart import HistogramView, RangeView
from viewer.ui.panel import clear_layout, quietly
from viewer.ui.plain_parts import plain_label, scroll_down_alone
from viewer.ui.review.window import KeyedActions

FOLLOW_MS = 120
"""While frames are played charts wait."""
SETTLED_MS, REVEALED_PX = 60, 72
"""So long new charts take to stand; so much is shown around the one that is sought."""
_TEACHING = (
    "What is usual for each class is learned from the dataset itself: sizes, speeds, how close "
    "boxes lie, points by range. Checks tell what is far from it. Run them to see it here."
)
_KEY = (
    "Columns: labels (heights as square roots). Bar: 90 % of them, with the median. Dashed: beyond "
    "it a check speaks; a line with a dot is pinned by the policy."
)


class UsualPanel(QScrollArea):
    """Charts of one class; the label that is looked at stands in them."""

    def __init__(self, desk: FindingsDesk, actions: KeyedActions) -> None:
        super().__init__()
        self.desk, self._actions = desk, actions
        self.setAccessibleName("Usual panel")
        scroll_down_alone(self)
        self._class_name: str | None = None
        self._learned: Learned | None = None
        self._shown: tuple[object, ...] = ()
        self.charts: dict[str, QWidget] = {}
        self._make_parts()
        self.setFocusProxy(self.classes)
        self._sought: str | None = None
        self._seek = QTimer(self)
        self._seek.setSingleShot(True)
        self._seek.setInterval(SETTLED_MS)
        self._seek.timeout.connect(self._reveal)
        # Charts get their places bit by bit, the first time above all.
        self.verticalScrollBar().rangeChanged.connect(lambda _low, _high: self._seek_again())
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(FOLLOW_MS)
        self._later.timeout.connect(self.refresh)
        self._stop_listening = (
            desk.subscribe(self._hear), desk.session.subscribe(self._on_session)
        )  # fmt: skip
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self._later.stop()
        self._seek.stop()
        for stop in self._stop_listening:
            stop()

    def _make_parts(self) -> None:
        self.classes = QComboBox()
        self.classes.setAccessibleName("Class")
        self.classes.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.classes.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.classes.currentIndexChanged.connect(lambda _place: self._choose())
        self.told = plain_label(role="caption")
        self.empty = plain_label(_TEACHING, role="secondary")
        self.run = QPushButton("Check this scene")
        self.run.setProperty("role", "primary")
        self.run.clicked.connect(lambda _checked=False: self._actions.run("findings.check_scene"))
        self.write = QPushButton("Write as a policy…")
        self.write.setProperty("role", "chip")
        self.write.clicked.connect(
            lambda _checked=False: self._actions.run("findings.write_policy")
        )
        self.key = plain_label(_KEY, role="caption")
        self.column = QVBoxLayout()
        self.column.setSpacing(2)
        body = QWidget()
        body.setObjectName("panelBody")
        outer = QVBoxLayout(body)
        outer.setContentsMargins(12, 8, 12, 12)
        outer.setSpacing(6)
        for widget in (self.empty, self.run, self.classes, self.told):
            outer.addWidget(widget)
        outer.addLayout(self.column)
        for widget in (self.key, self.write):
            outer.addWidget(widget)
        outer.addStretch(1)
        self.setWidget(body)

    # -- acting ------------------------------------------------------------------------------

    def show_why(self, finding: Finding) -> None:
        """Show what is usual for the class of a finding, at the chart that its check looks at."""
        self._class_name = finding.class_name or self._class_name
        self._sought = quantity_of(finding)
        self.refresh()
        self._seek.start()

    def _reveal(self) -> None:
        """Scroll to the chart that is sought, once charts have their places."""
        chart = None if self._sought is None else self.charts.get(self._sought)
        body = self.widget()
        if chart is not None and body is not None:
            layout = body.layout()
            if layout is not None:
                layout.activate()
            self.ensureWidgetVisible(chart, 0, REVEALED_PX)

    def _seek_again(self) -> None:
        if self._sought is not None:
            self._seek.start()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._sought = None
        super().wheelEvent(event)

    def _choose(self) -> None:
        place = self.classes.currentIndex()
        if place >= 0:
            self._sought = None
            self._class_name = self.classes.itemData(place)
            self.refresh()

    # -- following ---------------------------------------------------------------------------

    def _hear(self, change: FindingsChange) -> None:
        if isinstance(change, FindingChosen):
            finding = self.desk.current
            self._sought = None if finding is None else quantity_of(finding)
            self._seek_again()
        told = isinstance(change, RunChanged | FindingsListed | FindingChosen)
        if told and self.isVisible():
            self._later.start()

    def _on_session(self, change: Change) -> None:
        if isinstance(change, SelectionChanged | FrameShown) and self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now; a hidden panel catches up when it is shown."""
        learned, scene = self.desk.learned, self.desk.session.scene
        has = learned is not None and bool(learned.class_names)
        self.empty.setVisible(not has)
        self.run.setVisible(not has and scene is not None and bool(scene.label_sets))
        self.run.setEnabled(not self.desk.is_checking)
        for widget in (self.classes, self.told, self.key, self.write):
            widget.setVisible(has)
        if learned is None or not has:
            self._show_nothing()
            return
        own = self._own()
        if own is not None and own.class_name in learned.class_names and self._follows(own):
            self._class_name = own.class_name
        self._fill_classes(learned)
        class_name = self._class_name or ""
        now = (learned, class_name, self.desk.options.policy, own)
        if now != self._shown:
            self._shown = now
            self._draw(learned, class_name, own)

    def _follows(self, own: OwnValues) -> bool:
        """Another label is looked at than the last time."""
        before = self._shown[3] if len(self._shown) > 3 else None
        return before != own

    def _own(self) -> OwnValues | None:
        if not self.isVisible():
            return None
        session = self.desk.session
        return own_values(session.content, session.selection, self.desk.current, session.view)

    def _show_nothing(self) -> None:
        self._shown, self._learned, self.charts = (), None, {}
        clear_layout(self.column)

    def _fill_classes(self, learned: Learned) -> None:
        known = classes_of(learned)
        if learned is not self._learned:
            self._learned = learned
            with quietly(self.classes):
                self.classes.clear()
                for name, count in known:
                    self.classes.addItem(f"{name}  {count:,}", name)
        names = [name for name, _ in known]
        if self._class_name not in names:
            self._class_name = names[0] if names else None
        with quietly(self.classes):
            self.classes.setCurrentIndex(self.classes.findData(self._class_name))
        scenes = len(learned.labels_by_scene)
        whole = self.desk.staleness.of_dataset and scenes > 0
        told = f"Learned from {scenes:,} {'scene' if scenes == 1 else 'scenes'}"
        self.told.setText(told if whole else f"{told}; check the dataset to learn from all")

    def _draw(self, learned: Learned, class_name: str, own: OwnValues | None) -> None:
        clear_layout(self.column)
        self.charts = {}
        policy = self.desk.options.policy
        for chart in charts_of(learned, class_name, policy, own):
            self._add(chart.quantity, chart.title, HistogramView(chart), chart_text(chart))
        ranged = range_chart_of(learned, class_name, policy, own)
        if ranged is not None:
            self._add(POINTS, "Points by range", RangeView(ranged), range_text(ranged))
        self._seek_again()

    def _add(self, quantity: str, title: str, view: QWidget, text: str) -> None:
        view.setAccessibleName(title)
        view.setAccessibleDescription(text)
        view.setToolTip(text)
        self.charts[quantity] = view
        self.column.addWidget(plain_label(title, role="heading"))
        self.column.addWidget(view)
        self.column.addWidget(plain_label(text, role="caption"))
        self.column.addSpacing(8)


def quantity_of(finding: Finding) -> str | None:
    """The chart that tells why a finding is one; None for a finding that none tells of."""
    wanted = QUANTITY_OF.get(finding.check)
    if finding.check == "size-prior":
        sizes = ("length_m", "width_m", "height_m")
        return next((each for each in sizes if each in finding.evidence.numbers), wanted)
    if finding.check == "speed-limit" and "acceleration_mps2" not in finding.evidence.numbers:
        return "speed_mps"
    return wanted
