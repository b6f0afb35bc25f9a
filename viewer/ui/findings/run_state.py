"""What the findings stand on: whether they still hold, and the policy that the checks follow."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.session.findings_desk import FindingsDesk
from viewer.ui.icons import icon
from viewer.ui.review.window import KeyedActions


class RunState(QWidget):
    """Two rows: what changed since the checks ran, with a button; the policy, with a way back."""

    def __init__(self, desk: FindingsDesk, actions: KeyedActions) -> None:
        super().__init__()
        self._desk, self._actions = desk, actions
        self.note = QLabel()
        self.note.setProperty("role", "secondary")
        self.note.setWordWrap(True)
        self.mark = QLabel()
        self.mark.setAccessibleName("Behind")
        self.again = QPushButton("Check again")
        self.again.setProperty("role", "chip")
        self.again.clicked.connect(lambda _checked=False: self._check_again())
        self.behind = QWidget()
        row = QHBoxLayout(self.behind)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.mark)
        row.addWidget(self.note, 1)
        row.addWidget(self.again)
        self._make_policy()
        self.problem = QLabel()
        self.problem.setProperty("role", "problem")
        self.problem.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.behind)
        column.addWidget(self.policy)
        column.addWidget(self.problem)
        self.refresh()

    def _make_policy(self) -> None:
        self.name = QPushButton()
        self.name.setProperty("role", "link")
        self.name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.name.clicked.connect(lambda _checked=False: self._actions.run("findings.policy"))
        self.clear = QToolButton()
        self.clear.setIconSize(QSize(14, 14))
        self.clear.setProperty("role", "flat")
        self.clear.setToolTip("Check without a policy")
        self.clear.setAccessibleName("Check without a policy")
        self.clear.clicked.connect(lambda _checked=False: self._actions.run("findings.no_policy"))
        caption = QLabel("Policy")
        caption.setProperty("role", "caption")
        self.policy = QWidget()
        row = QHBoxLayout(self.policy)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(caption)
        row.addWidget(self.name)
        row.addWidget(self.clear)
        row.addStretch(1)

    def refresh(self) -> None:
        """Say what holds now."""
        desk, scene = self._desk, self._desk.session.scene
        stale = "" if desk.is_checking else desk.staleness.text
        self.behind.setVisible(bool(stale))
        self.note.setText(stale)
        self.mark.setPixmap(icon("problem", "warning").pixmap(QSize(14, 14)))
        self.clear.setIcon(icon("close", "secondary"))
        path, problem = desk.policy.path, desk.policy.problem
        self.policy.setVisible(scene is not None and bool(scene.label_sets))
        self.name.setText("none: choose…" if path is None else path.name)
        told = "Choose a TOML file: which checks run, and with which numbers"
        self.name.setToolTip(
            told if path is None else f"{path}\n{desk.policy.told}\nA click chooses another"
        )
        self.name.setAccessibleName(f"Policy: {'none' if path is None else path.name}")
        self.clear.setVisible(path is not None or bool(problem))
        self.problem.setVisible(bool(problem))
        self.problem.setText(f"Not in force: {problem}" if problem else "")

    def _check_again(self) -> None:
        whole = self._desk.staleness.of_dataset
        self._actions.run("findings.check_dataset" if whole else "findings.check_scene")
