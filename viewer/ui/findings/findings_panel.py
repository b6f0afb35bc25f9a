"""The Findings panel: run the checks, narrow and walk what they found, decide about each."""

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.checks.catalog import all_checks
from viewer.session.changes import Change, SceneClosed, SceneOpened
from viewer.session.findings_changes import (
    EvidenceShown,
    FindingChosen,
    FindingsChange,
    FindingsListed,
    PlaceSought,
    RunChanged,
)
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_text import fix_text
from viewer.ui.findings.detail import FindingDetail
from viewer.ui.findings.filter_bar import FilterBar
from viewer.ui.findings.finding_model import FindingModel
from viewer.ui.findings.finding_rows import FindingDelegate, FindingView
from viewer.ui.findings.run_state import RunState
from viewer.ui.icons import icon
from viewer.ui.panel import quietly
from viewer.ui.review.window import KeyedActions

SHORTEST_LIST_PX = 124
_ACTS = (
    ("findings.accept", "Needs fix"), ("findings.dismiss", "Dismiss…"),
    ("findings.issue", "Issue"),
)  # fmt: skip


class FindingsPanel(QWidget):
    """One list; what it shows and does is the desk's."""

    def __init__(
        self, desk: FindingsDesk, actions: KeyedActions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.desk, self._actions = desk, actions
        self.setObjectName("panelBody")
        self.setAccessibleName("Findings panel")
        self._behind = False
        self.filters = FilterBar(desk)
        self.model = FindingModel(desk)
        self.view = FindingView()
        self.view.setModel(self.model)
        self.delegate = FindingDelegate(desk, self.model)
        self.view.setItemDelegate(self.delegate)
        self.view.clicked.connect(self._show)
        self.view.activated.connect(self._frame)
        self.detail = FindingDetail(desk, actions)
        self.state = RunState(desk, actions)
        self._make_run_row()
        self._make_buttons()
        self._make_empty()
        self._lay_out()
        self.setFocusProxy(self.view)
        self._stop_listening = (
            desk.subscribe(self._hear), desk.session.subscribe(self._on_session)
        )  # fmt: skip
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        for stop in self._stop_listening:
            stop()

    # -- parts -------------------------------------------------------------------------------

    def _make_run_row(self) -> None:
        self.count = QLabel()
        self.count.setProperty("role", "caption")
        self.count.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.more = QPushButton("Check")
        self.more.setProperty("hasMenu", True)
        self.more.setToolTip("Run the checks, or make a queue of what is listed")
        menu = QMenu(self.more)
        for name in ("findings.check_scene", "findings.check_dataset"):
            menu.addAction(self._actions[name])
        menu.addSeparator()
        for name in ("findings.policy", "findings.no_policy", "findings.write_policy"):
            menu.addAction(self._actions[name])
        menu.addSeparator()
        menu.addAction(self._actions["findings.queue"])
        self.more.setMenu(menu)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.doing = QLabel()
        self.doing.setProperty("role", "caption")
        self.doing.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.cancel = QToolButton()
        self.cancel.setIcon(icon("close", "secondary"))
        self.cancel.setIconSize(QSize(14, 14))
        self.cancel.setProperty("role", "flat")
        self.cancel.setToolTip("Stop checking; what was found stays")
        self.cancel.setAccessibleName("Stop checking")
        self.cancel.clicked.connect(lambda _checked=False: self.desk.give_up())
        self.running = QWidget()
        row = QGridLayout(self.running)
        row.setContentsMargins(0, 0, 0, 0)
        row.setVerticalSpacing(2)
        row.addWidget(self.doing, 0, 0)
        row.addWidget(self.cancel, 0, 1, 2, 1)
        row.addWidget(self.bar, 1, 0)

    def _make_buttons(self) -> None:
        self.buttons: dict[str, QPushButton] = {}
        self.fix_button = self._button("findings.fix", "Fix")
        self.deciding = QWidget()
        grid = QGridLayout(self.deciding)
        grid.setContentsMargins(12, 4, 12, 8)
        grid.setSpacing(4)
        grid.addWidget(self.fix_button, 0, 0, 1, len(_ACTS))
        for place, (name, text) in enumerate(_ACTS):
            grid.addWidget(self._button(name, text), 1, place)

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda _checked=False: self._actions.run(name))
        button.setProperty("role", "chip")
        self.buttons[name] = button
        return button

    def _make_empty(self) -> None:
        self.empty_text = QLabel()
        self.empty_text.setWordWrap(True)
        self.empty_text.setProperty("role", "secondary")
        self.empty_scene = self._button("findings.check_scene", "Check this scene")
        self.empty_scene.setProperty("role", "primary")
        self.empty_dataset = self._button("findings.check_dataset", "Check the dataset")
        self.all_button = QPushButton("Show all")
        self.all_button.clicked.connect(lambda _checked=False: self._show_all())
        self.empty = QWidget()
        column = QVBoxLayout(self.empty)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.empty_text)
        for button in (self.empty_scene, self.empty_dataset, self.all_button):
            column.addWidget(button)
        column.addStretch(1)

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 4)
        top.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.count, 1)
        head.addWidget(self.more)
        top.addWidget(self.filters)
        top.addLayout(head)
        # What comes and goes stands below what people click.
        top.addWidget(self.state)
        top.addWidget(self.running)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self.view)
        self.split.addWidget(self.detail)
        self.view.setMinimumHeight(SHORTEST_LIST_PX)
        self.split.setCollapsible(0, False)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.split, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(self.deciding)

    # -- acting ------------------------------------------------------------------------------

    def _show(self, index: QModelIndex) -> None:
        finding = self.model.finding(index.row())
        if finding is not None:
            self.desk.walk.show(finding)
        elif index.isValid() and self.view.underMouse():
            self._toggle(index)

    def _frame(self, index: QModelIndex) -> None:
        if self.model.group(index.row()) is not None:
            self._toggle(index)
            return
        finding = self.model.finding(index.row())
        if finding is not None and finding is self.desk.current:
            self.desk.session.focus_selection()
        self._show(index)

    def _toggle(self, index: QModelIndex) -> None:
        group = self.model.group(index.row())
        if group is not None:
            row = index.row()
            self.desk.toggle_group(group)
            with quietly(self.view.selectionModel()):
                self.view.setCurrentIndex(self.model.index(row, 0))

    def _show_all(self) -> None:
        wanted = type(self.desk.wanted)()
        self.filters.words.clear()
        self.desk.narrow(
            least=wanted.least, check=None, class_name=None, text="", scene_id=None
        )  # fmt: skip

    # -- following ---------------------------------------------------------------------------

    def _hear(self, change: FindingsChange) -> None:
        if isinstance(change, EvidenceShown | PlaceSought):
            return
        if not self.isVisible():
            self._behind = True
        elif isinstance(change, RunChanged):
            self._tell()
        elif isinstance(change, FindingChosen):
            self._show_current()
        elif isinstance(change, FindingsListed):
            self.refresh()

    def _on_session(self, change: Change) -> None:
        if isinstance(change, SceneOpened | SceneClosed):
            self._tell()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._behind:
            self._behind = False
            self.refresh()

    def refresh(self) -> None:
        """Show what the desk lists."""
        with quietly(self.view.selectionModel()):
            self.model.refresh()
        self.filters.refresh()
        self._show_current()

    def _show_current(self) -> None:
        finding = self.desk.current
        row = None if finding is None else self.model.row_of(finding)
        with quietly(self.view.selectionModel()):
            index = QModelIndex() if row is None else self.model.index(row, 0)
            self.view.setCurrentIndex(index)
        if row is not None:
            self.view.scrollTo(self.model.index(row, 0))
        self.view.viewport().update()
        self.detail.show_finding(finding)
        self._tell()

    def _tell(self) -> None:
        desk = self.desk
        has_rows = len(desk.listing) > 0
        self.state.refresh()
        self.running.setVisible(desk.is_checking)
        if desk.is_checking:
            done, total, text = desk.progress
            self.bar.setRange(0, total or 0)
            self.bar.setValue(done)
            self.doing.setText(text or "Checking…")
        self.filters.setVisible(desk.has_run)
        self.count.setVisible(desk.has_run)
        self.more.setVisible(desk.has_run)
        self.split.setVisible(has_rows)
        self.detail.setVisible(desk.current is not None)
        self.deciding.setVisible(has_rows and desk.current is not None)
        self.empty.setVisible(not has_rows)
        self._tell_count()
        self._tell_empty()
        self._tell_buttons()

    def _tell_count(self) -> None:
        desk = self.desk
        listed, there = len(desk.listing), desk.count
        row = None if desk.current is None else desk.row_of(desk.current)
        place = "" if row is None else f"{row + 1:,} of "
        text = f"{place}{listed:,}" if listed != there else f"{place}{there:,} findings"
        if listed != there:
            text += f" listed, {there:,} in all"
        if desk.dismissed_count:
            text += f", {desk.dismissed_count:,} dismissed"
        self.count.setText(text)
        self.count.setToolTip(text)

    def _tell_empty(self) -> None:
        desk, scene = self.desk, self.desk.session.scene
        narrowed = desk.has_run and desk.wanted.narrows
        known = scene is not None and bool(scene.label_sets)
        for button in (self.empty_scene, self.empty_dataset):
            button.setVisible(known and not desk.has_run and not desk.is_checking)
        self.all_button.setVisible(narrowed)
        if not known:
            text = "Open a scene with labels: checks then tell which of them are probably wrong."
        elif scene is not None and scene.scene_id in desk.failures and not desk.is_checking:
            text = f"{scene.scene_id} cannot be checked: {desk.failures[scene.scene_id]}"
        elif desk.is_checking and not desk.has_run:
            text = "Findings are listed here as soon as a scene is checked, the worst first."
        elif not desk.has_run:
            text = (
                f"{len(all_checks())} checks look for labels that are probably wrong: empty, "
                "floating or doubled boxes, headings that flip, tracks that jump or swap, labels "
                "that the predictions or the images contradict. Each finding opens framed, "
                "with what the check saw."
            )
        elif narrowed:
            text = "No finding fits these filters."
        else:
            labels = sum(each.labels for each in desk.scenes.values())
            text = f"No findings: {labels:,} labels were checked."
        self.empty_text.setText(text)

    def _tell_buttons(self) -> None:
        finding = self.desk.current
        fix = None if finding is None else finding.fix
        self.fix_button.setVisible(fix is not None)
        if fix is not None:
            told = fix_text(fix)
            text = f"{told[:1].upper()}{told[1:]}"
            self.fix_button.setText(text)
        for name, button in self.buttons.items():
            action = self._actions[name]
            button.setToolTip(action.toolTip())
            button.setAccessibleName(action.text())
