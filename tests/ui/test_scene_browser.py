"""Scenes and frames in a list."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from viewer.scene.scene import Growth
from viewer.ui.scene_browser import SceneBrowser, SceneModel

pytestmark = pytest.mark.ui


@pytest.fixture
def browser(session, qtbot, alive):
    browser = SceneBrowser(session)
    qtbot.addWidget(browser)
    alive.append(browser)
    browser.resize(240, 400)
    browser.show()
    yield browser
    browser.dispose()


@pytest.fixture
def filled(browser, session, dataset, qtbot):
    session.open_dataset(dataset)
    qtbot.waitUntil(lambda: session.content is not None)
    return browser


def rows(model, parent=None):
    parent = parent or QModelIndex()
    return [model.index(row, 0, parent).data() for row in range(model.rowCount(parent))]


def test_model_keeps_qts_rules(dataset):
    model = SceneModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for query in ("", "yard", "000003", "nothing at all"):
        model.set_dataset(dataset, query)
    assert tester.model() is model


def test_teaches_while_nothing_is_open(browser):
    assert browser._empty.text() == "Open a folder to see its scenes here."
    assert not browser.view.isVisible()


def test_scenes_with_frames_and_times(filled):
    model = filled._model
    assert rows(model) == ["street_1", "yard_2"]
    street = model.scene_row(0)
    assert rows(model, street)[:2] == ["1   000000", "2   000001"]
    assert model.index(12, 1, street).data() == "1.2 s"
    assert filled.view.isExpanded(street)


def test_shown_frame_is_the_current_row(filled, session):
    session.go_to_frame(7)
    assert filled._model.frame_at(filled.view.currentIndex()) == 7


def test_chosen_frame_of_another_scene_is_shown(filled, session):
    filled.view.setCurrentIndex(filled._model.frame_row(1, 4))
    assert session.scene.scene_id == "yard_2"
    assert session.frame_index == 4


def test_arrow_keys_walk_through_frames(filled, session, qtbot):
    qtbot.keyClick(filled.view, Qt.Key.Key_Down)
    assert session.frame_index == 1


@pytest.mark.parametrize(
    ("query", "scenes", "frames"),
    [("yard", ["yard_2"], 30), ("000012", ["street_1", "yard_2"], 1), ("STREET", ["street_1"], 30)],
)
def test_filter_leaves_scenes_and_frames_that_fit(filled, query, scenes, frames):
    filled._field.setText(query)
    assert rows(filled._model) == scenes
    assert filled._model.rowCount(filled._model.index(0, 0)) == frames


def test_filter_that_fits_nothing_says_so_and_keeps_the_frame(filled, session):
    session.go_to_frame(3)
    filled._field.setText("zzz")
    assert filled._empty.text() == "Nothing fits “zzz”."
    assert session.frame_index == 3
    filled._field.clear()
    assert filled._model.frame_at(filled.view.currentIndex()) == 3


def test_arrows_in_the_field_step_through_what_fits(filled, session, qtbot):
    field = filled._field
    qtbot.keyClicks(field, "00002")
    seen = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(field, key)
        seen.append(session.frame_index)
    # The first row is the scene's own.
    assert seen == [0, 2, 20, 2]


def test_scenes_that_come_with_the_index_are_listed(browser, session, dataset, qtbot):
    first, second = dataset.scenes
    step = threading.Event()

    def complete():
        assert step.wait(10)
        return replace(dataset, scenes=(replace(first, description="indexed"), second))

    growth = Growth(complete)
    session.open_dataset(replace(dataset, scenes=(first,), growth=growth))
    qtbot.waitUntil(lambda: session.content is not None)
    session.go_to_frame(3)
    assert rows(browser._model) == ["street_1"]
    step.set()
    qtbot.waitUntil(lambda: session.dataset.growth is None)
    assert rows(browser._model) == ["street_1", "yard_2"]
    assert browser._model.current is session.scene
    assert session.scene.description == "indexed"
    assert browser._model.frame_at(browser.view.currentIndex()) == 3
