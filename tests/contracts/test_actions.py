"""Every action of the catalogue keeps the contract: what a menu can do, keys and search can too."""

import re

import pytest

pytest.importorskip("PySide6")

from PySide6.QtGui import QKeySequence

from viewer.ui.actions.base import MENUS, Action
from viewer.ui.actions.catalog import ACTIONS, action_by_id
from viewer.ui.icons import ICON_NAMES
from viewer.ui.keymap import Keymap, keys_conflict

pytestmark = pytest.mark.ui

# The keys of the interface's own table; each must run exactly this.
PROMISED = {
    "Left": "frame.previous",
    "Right": "frame.next",
    "Shift+Left": "frame.back",
    "Shift+Right": "frame.forward",
    "Home": "frame.first",
    "End": "frame.last",
    "Space": "play.toggle",
    "Up": "label.previous",
    "Down": "label.next",
    "G": "go.to",
    "Num+7": "eye.top",
    "Num+1": "eye.front",
    "Num+3": "eye.side",
    "T": "eye.top",
    "Z": "eye.frame",
    "B": "eye.behind",
    "V": "eye.camera",
    "E": "eye.ego",
    "U": "file.copy_link",
    "1": "camera.1",
    "9": "camera.9",
    "0": "camera.mosaic",
    "X": "layer.xray",
    "P": "image.points",
    "H": "label.predictions",
    "L": "label.captions",
    "M": "measure.toggle",
    "K": "points.colour",
    "Ctrl+K": "help.palette",
    "Ctrl+O": "file.open_folder",
    "Ctrl+C": "file.copy_view",
    "Ctrl+Q": "file.quit",
    "F1": "layout.browse",
    "F11": "window.full_screen",
    "Esc": "label.deselect",
    "?": "help.shortcuts",
}


def test_ids_are_unique():
    assert len(action_by_id()) == len(ACTIONS)


def test_no_key_runs_two_actions():
    assert keys_conflict(action_by_id()) == []


@pytest.mark.parametrize(("key", "action_id"), PROMISED.items())
def test_promised_key_runs_its_action(key, action_id):
    owner = Keymap(ACTIONS).owner(key)
    assert owner is not None
    assert owner.id == action_id


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
class TestAction:
    def test_id_names_an_area_and_a_verb(self, action: Action):
        assert re.fullmatch(r"[a-z]+\.[a-z0-9_]+", action.id)

    def test_text_is_a_short_phrase_without_full_stop(self, action: Action):
        assert action.text
        assert action.text[0].isupper() or action.text[0].isdigit()
        assert len(action.text) <= 34
        assert not action.text.endswith((".", "..."))

    def test_stands_in_a_menu(self, action: Action):
        assert action.menu in MENUS

    def test_tip_is_one_line_without_full_stop(self, action: Action):
        assert "\n" not in action.tip
        assert not action.tip.endswith(".")

    def test_keys_are_keys(self, action: Action):
        for key in action.shortcuts:
            sequence = QKeySequence(key)
            assert sequence.count() == 1
            assert sequence.toString(QKeySequence.SequenceFormat.PortableText) == key

    def test_icon_is_known(self, action: Action):
        assert action.icon is None or action.icon in ICON_NAMES


def test_texts_are_unique():
    texts = [action.text for action in ACTIONS]
    assert len(set(texts)) == len(texts)


def test_groups_of_a_menu_stand_together():
    for menu in MENUS:
        groups = [action.group for action in ACTIONS if action.menu == menu]
        assert groups == sorted(groups), menu
