"""About: versions and what draws, to be copied into a report."""

import platform

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from viewer import __version__
from viewer.ui.popover import Popover

_PACKAGES = ("PySide6-Essentials", "vtk", "numpy", "numba", "h5py", "open3d")


class About(Popover):
    """Versions and the renderer."""

    def __init__(self, window: QWidget, renderer: str) -> None:
        super().__init__(window, "About Sightline", width_px=460, height_px=360)
        self._renderer = renderer
        self.add_title("About Sightline")
        purpose = QLabel("Look at, check and review 3D sensor-fusion scenes, offline.")
        purpose.setProperty("role", "secondary")
        self._text = QLabel()
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text.setWordWrap(True)
        self._copy = QPushButton("Copy details")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.details()))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._copy)
        self.column.addWidget(purpose)
        self.column.addWidget(self._text, 1)
        self.column.addLayout(row)

    def open_about(self) -> None:
        """Show it."""
        self._text.setText(self.details())
        self.open_popover(self._copy)

    def details(self) -> str:
        """Versions, system and renderer, a line each."""
        screen = QGuiApplication.primaryScreen()
        size = screen.size()
        lines = [
            f"Sightline {__version__}, Apache-2.0",
            f"Python {platform.python_version()}, {platform.platform(terse=True)}",
            *(f"{package} {_version(package)}" for package in _PACKAGES),
            f"Renderer: {self._renderer}",
            f"Display: {QGuiApplication.platformName()}, {size.width()} x {size.height()}, "
            f"scale {screen.devicePixelRatio():g}",
        ]
        return "\n".join(lines)


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
