"""Edits in the inspector that concern a whole track."""

import pytest
from PySide6.QtTest import QTest

from viewer.session.changes import MessageShown
from viewer.session.label_lookup import visible_keys
from viewer.ui.review.edit_box import EditBox

pytestmark = pytest.mark.ui


@pytest.fixture
def review(review, shown, qtbot):
    """With the tracks read."""
    shown.read_tracks()
    qtbot.waitUntil(lambda: shown.scene_tracks is not None)
    return review


@pytest.fixture
def box(review, qtbot):
    made = EditBox(review)
    qtbot.addWidget(made)
    made.show()
    made.set_open(True)
    yield made
    made.dispose()


def tracked(session):
    return [
        key for key in visible_keys(session.content, session.view, None)
        if key.track_id is not None and key.label_set_id == "gt"
    ]  # fmt: skip


def go(session, qtbot, frame):
    session.go_to_frame(frame)
    qtbot.waitUntil(lambda: session.content.index == frame)


def ids_in(session):
    return [key.track_id for key in tracked(session)]


def test_a_track_is_split_from_a_frame_on(review, box, shown, qtbot):
    go(shown, qtbot, 5)
    key = tracked(shown)[0]
    shown.select(key)
    box.split_button.click()
    qtbot.waitUntil(lambda: f"{key.track_id}-2" in ids_in(shown))
    assert review.undo_text.startswith("Split")
    go(shown, qtbot, 4)
    assert key.track_id in ids_in(shown)
    go(shown, qtbot, 6)
    assert key.track_id not in ids_in(shown)
    review.undo()
    qtbot.waitUntil(lambda: key.track_id in ids_in(shown))


def test_two_tracks_that_never_meet_are_one(review, box, shown, qtbot):
    go(shown, qtbot, 5)
    key = tracked(shown)[0]
    shown.select(key)
    box.split_button.click()
    new = f"{key.track_id}-2"
    qtbot.waitUntil(lambda: new in ids_in(shown))
    shown.read_tracks()
    qtbot.waitUntil(lambda: shown.scene_tracks.find("gt", new) is not None)
    shown.select(next(each for each in tracked(shown) if each.track_id == new))
    box.track_edit.clear()
    QTest.keyClicks(box.track_edit, key.track_id)
    box.merge_button.click()
    qtbot.waitUntil(lambda: key.track_id in ids_in(shown) and new not in ids_in(shown))
    assert review.undo_text.startswith("Merge")


def test_without_another_id_nothing_is_merged(review, box, shown, qtbot):
    said = []
    shown.subscribe(lambda change: said.append(change) if isinstance(change, MessageShown) else 0)
    shown.select(tracked(shown)[0])
    before = review.workspace.journal.last_seq
    box.merge_button.click()
    assert said[-1].text == "Type the id of the other track first"
    assert review.workspace.journal.last_seq == before
