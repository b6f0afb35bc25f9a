"""What the list of pairs holds: one of seven questions, its classes, and the order."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from viewer.metrics.class_roles import BACKGROUND
from viewer.metrics.confusion_queries import Ordering
from viewer.session.compare_values import (
    ORDERING_TEXTS,
    Query,
    QueryKind,
)
from viewer.ui.panel import quietly

KIND_TEXTS = {
    QueryKind.FALSE_POSITIVES: "False positives",
    QueryKind.FALSE_NEGATIVES: "False negatives",
    QueryKind.CONFUSIONS: "Confusions",
    QueryKind.CORRECT: "Correct",
    QueryKind.CONFUSED_AS: "Confused as",
    QueryKind.CONFUSED_FROM: "Confused from",
    QueryKind.CELL: "Cell of the matrix",
}
TWO_TEXTS = {
    QueryKind.FIXED: "Fixed by the second set",
    QueryKind.BROKEN: "Broken by the second set",
    QueryKind.BOTH_WRONG: "Both sets wrong",
    QueryKind.BOTH_RIGHT: "Both sets right",
    QueryKind.NEW_FALSE: "New false positives",
    QueryKind.GONE_FALSE: "False positives that are gone",
}
NO_LABEL, NO_PREDICTION = "no label", "no prediction"
_WITH_TRUTH = (QueryKind.CELL, QueryKind.CONFUSED_FROM)
_WITH_PREDICTION = (QueryKind.CELL, QueryKind.CONFUSED_AS)


class QueryBar(QWidget):
    """Boxes for the question; those of classes only where it needs them."""

    asked = Signal(object, object)
    """A `Query` and an `Ordering`."""

    def __init__(self) -> None:
        super().__init__()
        self.kind_box = _box("What is listed")
        for kind, text in KIND_TEXTS.items():
            self.kind_box.addItem(text, kind)
        self.truth_box = _box("Class of the label")
        self.prediction_box = _box("Class of the prediction")
        self.truth_box.setToolTip("Class of the label")
        self.prediction_box.setToolTip("Class of the prediction")
        self.ordering_box = _box("Order")
        for ordering, text in ORDERING_TEXTS.items():
            self.ordering_box.addItem(text, ordering)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.kind_box, 0, 0, 1, 2)
        grid.addWidget(self.truth_box, 1, 0)
        grid.addWidget(self.prediction_box, 1, 1)
        self._last = QHBoxLayout()
        self._last.setSpacing(4)
        self._last.addWidget(self.ordering_box, 1)
        grid.addLayout(self._last, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.kind_box.activated.connect(lambda _place: self._on_kind())
        for box in (self.truth_box, self.prediction_box, self.ordering_box):
            box.activated.connect(lambda _place: self._ask())

    def add_button(self, button: QWidget) -> None:
        """Put a button beside the order."""
        self._last.addWidget(button)

    def show_classes(self, names: tuple[str, ...]) -> None:
        """Offer these classes."""
        for box, nothing in ((self.truth_box, NO_LABEL), (self.prediction_box, NO_PREDICTION)):
            chosen = box.currentData()
            with quietly(box):
                box.clear()
                for name in names:
                    box.addItem(name, name)
                if names:
                    box.addItem(nothing, BACKGROUND)
                    box.setCurrentIndex(max(box.findData(chosen), 0))

    def offer_two(self, *, offered: bool) -> None:
        """Offer what can be asked of two sets of predictions."""
        shown = self.kind_box.count() > len(KIND_TEXTS)
        with quietly(self.kind_box):
            if offered and not shown:
                for kind, text in TWO_TEXTS.items():
                    self.kind_box.addItem(text, kind)
            while not offered and self.kind_box.count() > len(KIND_TEXTS):
                self.kind_box.removeItem(self.kind_box.count() - 1)

    def show_query(self, query: Query, ordering: Ordering) -> None:
        """Stand at a question without asking it."""
        with quietly(self.kind_box, self.truth_box, self.prediction_box, self.ordering_box):
            self.kind_box.setCurrentIndex(self.kind_box.findData(query.kind))
            self.ordering_box.setCurrentIndex(self.ordering_box.findData(ordering))
            for box, name in ((self.truth_box, query.truth), (self.prediction_box,
                                                              query.prediction)):  # fmt: skip
                if name is not None and box.findData(name) >= 0:
                    box.setCurrentIndex(box.findData(name))
        self._sync()

    def _sync(self) -> None:
        kind = self.kind_box.currentData()
        self.truth_box.setVisible(kind in _WITH_TRUTH)
        self.prediction_box.setVisible(kind in _WITH_PREDICTION)

    def _on_kind(self) -> None:
        self._sync()
        self._ask()

    def _ask(self) -> None:
        # Qt hands enumerations of text back as text.
        kind = QueryKind(self.kind_box.currentData())
        truth = self.truth_box.currentData() if kind in _WITH_TRUTH else None
        prediction = self.prediction_box.currentData() if kind in _WITH_PREDICTION else None
        if kind is not QueryKind.CELL and BACKGROUND in (truth, prediction):
            # Confused are pairs only: what has no partner is missed or false.
            truth = truth and self.truth_box.itemData(0)
            prediction = prediction and self.prediction_box.itemData(0)
        if truth == prediction == BACKGROUND:
            return
        ordering = Ordering(self.ordering_box.currentData())
        self.asked.emit(Query(kind, truth, prediction), ordering)


def _box(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box
