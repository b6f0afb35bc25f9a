"""The note in the middle of an empty 3D view."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from tests.all_kinds import all_kinds_content
from viewer.session.changes import FrameShown, SceneClosed
from viewer.ui.viewport_note import ViewportNote


class Sender:
    def __init__(self):
        self.listeners = []

    def subscribe(self, listener):
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def send(self, change):
        for listener in list(self.listeners):
            listener(change)


@pytest.fixture
def viewport(qtbot, themed):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(700, 400)
    widget.show()
    return widget


def test_note_stands_in_the_middle_while_the_view_is_empty(viewport):
    session = Sender()
    note = ViewportNote(session, viewport)
    content = all_kinds_content()
    empty = replace(content, sweeps=(), labels={}, frame=replace(content.frame, sweeps=()))
    session.send(FrameShown(content))
    assert not note.isVisible()
    session.send(FrameShown(empty))
    assert note.isVisible()
    assert "neither lidar nor boxes" in note.text()
    assert note.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    for size in ((700, 400), (160, 300), (1200, 500)):
        viewport.resize(*size)
        assert viewport.rect().contains(note.geometry())
        off = note.geometry().center() - viewport.rect().center()
        assert max(abs(off.x()), abs(off.y())) <= 1
    session.send(SceneClosed())
    assert not note.isVisible()
    note.dispose()
    assert session.listeners == []
