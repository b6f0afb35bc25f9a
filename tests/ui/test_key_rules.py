"""Which keys a focused control keeps, and which still reach the actions."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSlider,
    QTreeView,
    QWidget,
)

from viewer.ui.key_rules import keeps_key

pytestmark = pytest.mark.ui
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def key(code, modifiers=NONE, text=""):
    return QKeyEvent(QEvent.Type.ShortcutOverride, code, modifiers, text)


@pytest.mark.parametrize(
    ("kind", "event", "kept"),
    [
        (QTreeView, key(Qt.Key.Key_Down), True),
        (QTreeView, key(Qt.Key.Key_Home), True),
        (QTreeView, key(Qt.Key.Key_Right), False),
        (QTreeView, key(Qt.Key.Key_X, text="x"), False),
        (QSlider, key(Qt.Key.Key_Right), True),
        (QSlider, key(Qt.Key.Key_Right, SHIFT), False),
        (QSlider, key(Qt.Key.Key_Space, text=" "), False),
        (QComboBox, key(Qt.Key.Key_Up), True),
        (QComboBox, key(Qt.Key.Key_H, text="h"), True),
        (QComboBox, key(Qt.Key.Key_H, CTRL, "\x08"), False),
        (QComboBox, key(Qt.Key.Key_Left), False),
        (QComboBox, key(Qt.Key.Key_Escape, text="\x1b"), False),
        (QCheckBox, key(Qt.Key.Key_Space, text=" "), True),
        (QCheckBox, key(Qt.Key.Key_Left), False),
        (QLineEdit, key(Qt.Key.Key_X, text="x"), True),
        (QLineEdit, key(Qt.Key.Key_P, SHIFT, "P"), True),
        (QLineEdit, key(Qt.Key.Key_Home), True),
        (QLineEdit, key(Qt.Key.Key_K, CTRL, "\x0b"), False),
        (QLineEdit, key(Qt.Key.Key_Escape, text="\x1b"), False),
        (QDoubleSpinBox, key(Qt.Key.Key_1, text="1"), True),
        (QDoubleSpinBox, key(Qt.Key.Key_Up), True),
        (QWidget, key(Qt.Key.Key_Down), False),
    ],
)
def test_keeps_its_own_keys_only(qtbot, kind, event, kept):
    widget = kind()
    qtbot.addWidget(widget)
    assert keeps_key(widget, event) is kept


def test_list_with_the_focus_moves_and_letters_still_act(browsing, session, qtbot):
    tree = browsing.panels["scenes"].view
    browsing.activateWindow()
    tree.setFocus()
    qtbot.waitUntil(tree.hasFocus)
    qtbot.keyClick(tree, Qt.Key.Key_Down)
    assert session.frame_index == 1
    assert session.selection is None
    qtbot.keyClick(tree, Qt.Key.Key_X)
    assert session.view.layers.xray
    qtbot.keyClick(tree, Qt.Key.Key_Right)
    assert session.frame_index == 2


KEYPAD = Qt.KeyboardModifier.KeypadModifier


@pytest.mark.parametrize(
    ("code", "preset"),
    [
        (Qt.Key.Key_7, "top"),
        (Qt.Key.Key_1, "front"),
        (Qt.Key.Key_3, "side"),
        (Qt.Key.Key_Home, "top"),
        (Qt.Key.Key_End, "front"),
        (Qt.Key.Key_PageDown, "side"),
    ],
)
def test_number_block_runs_its_own_actions_with_and_without_num_lock(
    browsing, session, qtbot, code, preset
):
    presets = []
    browsing.viewport.go_to_preset = presets.append
    browsing.activateWindow()
    browsing.viewport_widget.setFocus()
    qtbot.waitUntil(browsing.viewport_widget.hasFocus)
    qtbot.keyClick(browsing.viewport_widget, code, KEYPAD)
    assert presets == [preset]
    assert session.large_camera is None
    assert session.frame_index == 0
    qtbot.keyClick(browsing.viewport_widget, Qt.Key.Key_Right)
    assert session.frame_index == 1
    assert presets == [preset]
