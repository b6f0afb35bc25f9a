"""Keys: defaults, changes, and conflicts that are refused."""

import pytest

from viewer.ui.actions.catalog import ACTIONS
from viewer.ui.keymap import KeyConflict, Keymap, shown_keys

pytestmark = pytest.mark.ui


def test_changed_key_is_stored_and_comes_back():
    keymap = Keymap(ACTIONS)
    keymap.assign("layer.xray", ["Ctrl+J"])
    again = Keymap(ACTIONS, keymap.to_pairs())
    assert again.keys("layer.xray") == ("Ctrl+J",)
    assert again.owner("X") is None
    assert again.keys("frame.next") == ("Right",)


def test_taken_key_is_refused_and_names_its_owner():
    keymap = Keymap(ACTIONS)
    with pytest.raises(KeyConflict, match="Points on images"):
        keymap.assign("layer.xray", ["P"])
    assert keymap.keys("layer.xray") == ("X",)
    assert keymap.to_pairs() == ()


def test_key_becomes_free_when_its_owner_gives_it_up():
    keymap = Keymap(ACTIONS)
    keymap.assign("image.points", [])
    keymap.assign("layer.xray", ["P"])
    assert keymap.owner("P").id == "layer.xray"


def test_default_comes_back_and_leaves_nothing_stored():
    keymap = Keymap(ACTIONS)
    keymap.assign("layer.xray", ["Ctrl+J"])
    assert not keymap.is_default("layer.xray")
    keymap.reset("layer.xray")
    assert keymap.keys("layer.xray") == ("X",)
    assert keymap.to_pairs() == ()


def test_stored_key_that_clashes_with_a_newer_default_gives_way():
    keymap = Keymap(ACTIONS, [("layer.xray", "P"), ("no.such", "F9")])
    assert keymap.keys("layer.xray") == ("X",)
    assert keymap.owner("P").id == "image.points"


def test_number_block_and_digit_are_different_keys():
    keymap = Keymap(ACTIONS)
    assert keymap.owner("7").id == "camera.7"
    assert keymap.owner("Num+7").id == "eye.top"


def test_keys_are_shown_as_people_know_them():
    assert shown_keys(("Ctrl+K", "F2")) == "Ctrl+K"
    assert shown_keys(()) == ""
