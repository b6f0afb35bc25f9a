"""Layers panel: what is drawn in 3D, and what the eye follows."""

from PySide6.QtWidgets import QComboBox, QWidget

from viewer.session.changes import Change, ViewChanged
from viewer.session.session import Session
from viewer.ui.panel import Panel, ViewToggle, quietly

_LAYERS = (
    ("points", "Points"),
    ("cuboids", "Cuboids"),
    ("predictions", "Predictions"),
    ("captions", "Captions"),
    ("xray", "X-ray boxes"),
    ("trails", "Track trails"),
    ("frusta", "Camera frusta"),
    ("grid", "Ground grid"),
    ("axes", "Axes and scale bar"),
)
_FOLLOW = (("ego", "Vehicle"), ("track", "Selected track"), ("world", "Nothing"))


class LayersPanel(Panel):
    """Switches of the 3D layers."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "layers", parent)
        self.add_heading("Drawn in 3D")
        self._toggles = [ViewToggle(session, "layers", name, text) for name, text in _LAYERS]
        for toggle in self._toggles:
            self.column.addWidget(toggle)
        self.add_heading("Between frames")
        self._follow = QComboBox()
        for value, text in _FOLLOW:
            self._follow.addItem(text, value)
        self._follow.activated.connect(
            lambda _row: session.set_view(follow=self._follow.currentData())
        )
        self.add_field("Eye follows", self._follow)
        self._refresh()

    def on_change(self, change: Change) -> None:
        if isinstance(change, ViewChanged) and change.sections & {"layers", "follow"}:
            self._refresh()

    def _refresh(self) -> None:
        for toggle in self._toggles:
            toggle.refresh()
        with quietly(self._follow):
            self._follow.setCurrentIndex(self._follow.findData(self.session.view.follow))
