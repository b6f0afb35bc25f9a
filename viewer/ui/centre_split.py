"""The middle of the window: cameras above the 3D view, sharing its height."""

import json

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from viewer.session.changes import Change, LargeCameraChanged
from viewer.session.session import Session
from viewer.ui.camera_strip import CameraStrip

MOSAIC_SHARE = 0.4
"""Most of the height that the mosaic of cameras takes by itself."""
LARGE_SHARE = 0.5
"""Part of the height that a large camera takes."""
_HANDLE_PX = 4


class CentreSplit(QSplitter):
    """Gives the cameras the height that their panes fill, unless a person chose another.

    What a person chose for the mosaic and for a large camera is kept apart.
    """

    def __init__(self, session: Session, strip: CameraStrip, below: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._session = session
        self._strip = strip
        self._chosen_px: dict[str, int] = {}
        self.setChildrenCollapsible(False)
        self.setHandleWidth(_HANDLE_PX)
        self.addWidget(strip)
        self.addWidget(below)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self.splitterMoved.connect(lambda _place, _index: self._keep_choice())
        strip.fitting_changed.connect(self.share)
        self._unsubscribe = session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    @property
    def _mode(self) -> str:
        return "mosaic" if self._session.large_camera is None else "large"

    def share(self) -> None:
        """Share the height between cameras and 3D view."""
        room = self.height() - _HANDLE_PX
        wanted = self._chosen_px.get(self._mode)
        if wanted is None and self._mode == "large":
            wanted = round(room * LARGE_SHARE)
        elif wanted is None:
            wanted = self._strip.fitting_height(round(room * MOSAIC_SHARE))
        self.setSizes([wanted, max(1, room - wanted)])

    def forget_choice(self) -> None:
        """Share by itself again."""
        self._chosen_px.clear()
        self.share()

    def _keep_choice(self) -> None:
        self._chosen_px[self._mode] = self.sizes()[0]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, LargeCameraChanged):
            self.share()

    def choice(self) -> QByteArray:
        """What a person chose, to be stored."""
        return QByteArray(json.dumps(self._chosen_px).encode())

    def restore_choice(self, stored: QByteArray) -> None:
        """Take what `choice` gave; anything else is ignored."""
        try:
            chosen = json.loads(bytes(stored.data()))
        except ValueError:
            return
        if isinstance(chosen, dict):
            self._chosen_px = {
                mode: height
                for mode, height in chosen.items()
                if isinstance(height, int) and 0 < height < 1 << 16
            }
        self.share()
