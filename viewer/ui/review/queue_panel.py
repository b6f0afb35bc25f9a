"""Queues: which one is worked through, how far it is, and building another."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from viewer.review.queues.model import QueueProgress
from viewer.review.queues.reading import queues
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    HoldingChanged,
    QueueChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_desk import ReviewDesk
from viewer.ui.numbers import duration_text
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import scrolled, wrapped_label
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.review.queue_builder import QueueBuilder
from viewer.ui.review.reviewer_row import ReviewerRow

NO_QUEUE = "No queue: walk freely"


class QueuePanel(DeskPanel):
    """The present queue on top, the builder below."""

    refresh_after_ms = 60

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Queue", parent)
        body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(6)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.queue_box = QComboBox()
        self.queue_box.setAccessibleName("Queue")
        self.queue_box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.queue_box.setMinimumContentsLength(8)
        self.queue_box.activated.connect(self._on_chosen)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the queue")
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.origin = wrapped_label(role="caption")
        self.note = wrapped_label(role="secondary")
        for widget in (self.queue_box, self.bar, self.facts, self.origin, self.note):
            column.addWidget(widget)
        line = QFrame()
        line.setFixedHeight(1)
        line.setObjectName("panelLine")
        column.addWidget(line)
        self.builder = QueueBuilder(desk)
        self.builder.built.connect(self._on_built)
        column.addWidget(self.builder)
        column.addSpacing(8)
        self.reviewer = ReviewerRow(desk)
        column.addWidget(self.reviewer)
        area = scrolled(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.setFocusProxy(self.builder)
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self.builder.dispose()
        self.reviewer.dispose()
        super().dispose()

    def concerns(self, change: DeskChange) -> bool:
        """Only queues."""
        told = DecisionsChanged | QueueChanged | WorkspaceOpened | WorkspaceClosed | HoldingChanged
        return isinstance(change, told)

    def refresh(self) -> None:
        """Show the queues and the progress of the present one."""
        reading, walk = self.desk.reading, self.desk.walk
        found = [] if reading is None else queues(reading)
        with quietly(self.queue_box):
            self.queue_box.clear()
            self.queue_box.addItem(NO_QUEUE, None)
            for queue in found:
                self.queue_box.addItem(f"{queue.name}  {queue.done:,}/{queue.total:,}",
                                       queue.queue_id)  # fmt: skip
            place = max(0, self.queue_box.findData(walk.queue_id))
            self.queue_box.setCurrentIndex(place)
        progress = walk.progress
        present = next((q for q in found if q.queue_id == walk.queue_id), None)
        for widget in (self.bar, self.facts, self.origin):
            widget.setVisible(progress is not None)
        self.note.setVisible(progress is None)
        if not found:
            self.note.setText("No queue yet. Build one here, and ] brings its items into view.")
        else:
            self.note.setText("Choose a queue, or build another one.")
        if progress is not None:
            self.bar.setRange(0, max(progress.total, 1))
            self.bar.setValue(progress.done)
            self.facts.setText(progress_text(progress))
            self.origin.setText("" if present is None else present.origin)
        self.builder.refresh()

    def _on_chosen(self, place: int) -> None:
        self.desk.walk.choose(self.queue_box.itemData(place))

    def _on_built(self, queue_id: str) -> None:
        self.desk.walk.choose(queue_id)


def progress_text(progress: QueueProgress) -> str:
    """How far a queue is, in a few lines."""
    lines = [f"{progress.done:,} of {progress.total:,} done, {progress.left:,} left"]
    if progress.median_seconds is not None:
        pace = f"median {progress.median_seconds:.1f} s each"
        left = progress.seconds_left
        if left is not None and progress.left:
            pace += f", about {duration_text(left)} to go"
        lines.append(pace)
    if len(progress.by_reviewer) > 1:
        lines += [f"{each.reviewer}: {each.done:,}" for each in progress.by_reviewer]
    return "\n".join(lines)
