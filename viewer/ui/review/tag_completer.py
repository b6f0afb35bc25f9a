"""Fields in which tags are typed; those that are known are offered."""

from PySide6.QtCore import QEvent, QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QLineEdit

from viewer.session.review_desk import ReviewDesk


class _Offer(QCompleter):
    """Completes the part after the last comma."""

    def __init__(self, field: QLineEdit, *, several: bool) -> None:
        super().__init__(field)
        self._several = several
        self.names = QStringListModel(self)
        self.setModel(self.names)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setFilterMode(Qt.MatchFlag.MatchContains)
        popup = self.popup()
        if popup is not None:
            popup.setAccessibleName("Known tags")

    def splitPath(self, path: str) -> list[str]:
        return [path.rpartition(",")[2].strip() if self._several else path.strip()]

    def pathFromIndex(self, index: object) -> str:
        found = str(super().pathFromIndex(index))  # type: ignore[arg-type]
        widget = self.widget()
        if not self._several or not isinstance(widget, QLineEdit):
            return found
        before = widget.text().rpartition(",")[0]
        return f"{before}, {found}" if before else found


class TagField(QLineEdit):
    """One tag."""

    def __init__(self, desk: ReviewDesk, hint: str = "Add a tag") -> None:
        super().__init__()
        self._desk = desk
        self.setPlaceholderText(hint)
        self._offer = _Offer(self, several=False)
        self.setCompleter(self._offer)

    def offer(self) -> None:
        """Offer the tags that there are now."""
        self._offer.names.setStringList(list(self._desk.tags.known()))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self.offer()
        return super().event(event)


class TagsField(QLineEdit):
    """Several tags with commas between."""

    def __init__(self, desk: ReviewDesk) -> None:
        super().__init__()
        self._desk = desk
        self.setPlaceholderText("night, rain")
        self._offer = _Offer(self, several=True)
        self.setCompleter(self._offer)

    @property
    def tags(self) -> tuple[str, ...]:
        """What is typed."""
        return tuple(dict.fromkeys(t for t in map(str.strip, self.text().split(",")) if t))

    def offer(self) -> None:
        """Offer the tags that there are now."""
        self._offer.names.setStringList(list(self._desk.tags.known()))
