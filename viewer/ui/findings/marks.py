"""Where findings are, outside of their panel: ticks on the timeline, a line in the inspector."""

from collections.abc import Callable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from viewer.checks.finding import Finding, Severity
from viewer.session.changes import Change, FrameShown, SelectionChanged
from viewer.session.findings_changes import FindingsChange, FindingsListed
from viewer.session.findings_desk import FindingsDesk
from viewer.session.tracks import TrackExtent
from viewer.ui.findings.finding_model import told_of
from viewer.ui.findings.severity_style import STYLES, severity_colour, severity_icon
from viewer.ui.timeline_tracks import TrackArea

_Label = tuple[str, str, str]
"""Frame key, label set, label."""
_TICK_PX = 2.0
LEAST = Severity.LOW
"""From here on findings are ticks; lower ones would hide them."""


class SceneMarks:
    """Findings of the open scene by label and by frame, made once for each list."""

    def __init__(self, desk: FindingsDesk) -> None:
        self._desk = desk
        self._scene_id: str | None = None
        self._by_label: dict[_Label, list[Finding]] = {}
        self._by_frame: dict[str, Severity] = {}

    def forget(self) -> None:
        """Findings are others now."""
        self._scene_id = None

    def on_label(self, frame_key: str, set_id: str, label_id: str) -> list[Finding]:
        """Findings that accuse a label, worst first."""
        self._make()
        return self._by_label.get((frame_key, set_id, label_id), [])

    @property
    def frames(self) -> dict[str, Severity]:
        """The worst severity of each frame that has findings."""
        self._make()
        return self._by_frame

    def _make(self) -> None:
        scene = self._desk.session.scene
        scene_id = "" if scene is None else scene.scene_id
        if scene_id == self._scene_id:
            return
        self._scene_id = scene_id
        self._by_label.clear()
        self._by_frame.clear()
        for finding in self._desk.open_findings(scene_id):
            label = finding.labels[0] if finding.labels else None
            if label is not None:
                key = label.frame_key, label.label_set_id, label.label_id
                self._by_label.setdefault(key, []).append(finding)
            frame = finding.frame_key if label is None else label.frame_key
            if frame is not None and finding.severity >= LEAST:
                before = self._by_frame.get(frame, Severity.INFO)
                self._by_frame[frame] = max(before, finding.severity)


class TimelineTicks:
    """Paints a tick for each finding: as high as it matters, on the track and under the ruler."""

    def __init__(self, desk: FindingsDesk, marks: SceneMarks, area: TrackArea) -> None:
        self._desk, self._marks, self._area = desk, marks, area
        area.annotate, area.annotate_ruler = self._paint_track, self._paint_ruler

    def dispose(self) -> None:
        """Paint no more."""
        self._area.annotate = self._area.annotate_ruler = None

    def _paint_track(self, painter: QPainter, row: int, track: TrackExtent) -> None:
        scene = self._desk.session.scene
        if scene is None or not self._marks.frames:
            return
        for frame in track.frames:
            frame_key = scene.frames[frame].key
            key = track.key_at(frame)
            if key is None or frame_key not in self._marks.frames:
                continue
            found = self._marks.on_label(frame_key, key.label_set_id, key.label_id)
            worst = max((each.severity for each in found), default=Severity.INFO)
            if worst >= LEAST:
                _tick(painter, self._area.bar_rect(row, (frame, frame)), worst)

    def _paint_ruler(self, painter: QPainter, rect: Callable[[int], QRectF]) -> None:
        scene = self._desk.session.scene
        if scene is None:
            return
        for frame in scene.frames:
            severity = self._marks.frames.get(frame.key)
            if severity is not None:
                _tick(painter, rect(frame.index), severity)


def _tick(painter: QPainter, rect: QRectF, severity: Severity) -> None:
    height = rect.height() * STYLES[severity].bars / 3
    middle = rect.center().x()
    painter.fillRect(
        QRectF(middle - _TICK_PX / 2, rect.bottom() - height, _TICK_PX, height),
        severity_colour(severity),
    )


class FindingsRow(QWidget):
    """The inspector's line: how many findings the selected label has; a click looks at them."""

    def __init__(
        self, desk: FindingsDesk, marks: SceneMarks, show_panel: Callable[[], None]
    ) -> None:
        super().__init__()
        self._desk, self._marks, self._show_panel = desk, marks, show_panel
        self.button = QPushButton()
        self.button.setProperty("role", "link")
        self.button.clicked.connect(lambda _checked=False: self._open())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 0)
        row.addWidget(self.button)
        row.addStretch(1)
        self._found: list[Finding] = []
        self._unsubscribe = (
            desk.subscribe(self._on_findings), desk.session.subscribe(self._on_change)
        )  # fmt: skip
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def _on_findings(self, change: FindingsChange) -> None:
        if isinstance(change, FindingsListed):
            self.refresh()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, SelectionChanged | FrameShown):
            self.refresh()

    def refresh(self) -> None:
        """Say how many there are."""
        session = self._desk.session
        key, scene = session.selection, session.scene
        self._found = []
        if key is not None and scene is not None and 0 <= key.frame_index < len(scene.frames):
            frame_key = scene.frames[key.frame_index].key
            self._found = self._marks.on_label(frame_key, key.label_set_id, key.label_id)
        self.setVisible(bool(self._found))
        if self._found:
            count = len(self._found)
            self.button.setText(" 1 finding" if count == 1 else f" {count} findings")
            worst = max(each.severity for each in self._found)
            self.button.setIcon(severity_icon(worst))
            self.button.setToolTip("\n".join(told_of(each).split("\n")[0] for each in self._found))

    def _open(self) -> None:
        """Look at the next of them."""
        if not self._found:
            return
        current = self._desk.current
        places = [place for place, each in enumerate(self._found) if each is current]
        after = places[0] + 1 if places else 0
        self._show_panel()
        self._desk.walk.show(self._found[after % len(self._found)])
