"""The least that each scene and slice must reach; without a number nothing is asked."""

from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QWidget

from viewer.session.compare_choice import Least
from viewer.session.compare_desk import CompareDesk

FIELDS = (("Precision", "precision"), ("Recall", "recall"), ("F1", "f1"))


class LeastRow(QWidget):
    """Three numbers; at 0 they ask nothing."""

    def __init__(self, desk: CompareDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 8)
        row.setSpacing(6)
        row.addWidget(QLabel("At least"))
        self.fields: dict[str, QDoubleSpinBox] = {}
        for text, name in FIELDS:
            field = QDoubleSpinBox()
            field.setRange(0.0, 1.0)
            field.setSingleStep(0.05)
            field.setDecimals(2)
            field.setSpecialValueText("–")
            field.setProperty("plain", True)
            field.setKeyboardTracking(False)
            field.setFixedWidth(46)
            field.setAccessibleName(f"{text} at least")
            field.setValue(getattr(desk.thresholds.least, name) or 0.0)
            field.valueChanged.connect(lambda _value: self._tell())
            label = QLabel(text)
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field)
            self.fields[name] = field
        row.addStretch(1)

    def _tell(self) -> None:
        told = {name: field.value() or None for name, field in self.fields.items()}
        self._desk.set_thresholds(least=Least(**told))
