"""Keeping a view by key and name, and the list of those that were kept."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from viewer.formats.pictures import encode_jpeg
from viewer.review import Reviewer, Workspace
from viewer.ui.review.bookmark_panel import THUMBNAIL_PX, BookmarkPanel
from viewer.ui.review.bookmark_popover import BookmarkPopover
from viewer.ui.theme import palette

pytestmark = [pytest.mark.ui, pytest.mark.usefixtures("own_config")]
KEY = Qt.Key


@pytest.fixture
def panel(review, on_screen):
    return on_screen(BookmarkPanel(review), 300, 400)


def texts(panel):
    return [panel.list.item(row).text() for row in range(panel.list.count())]


def kept(review):
    return [each.name for each in review.bookmarks.all()]


def test_kept_views_are_listed_by_name_and_enter_comes_back(review, panel, shown, qtbot):
    assert panel.empty.isVisible()
    assert not panel.show_button.isEnabled()
    review.bookmarks.keep("the gate")
    shown.go_to_frame(5)
    qtbot.waitUntil(lambda: shown.content.index == 5)
    review.bookmarks.keep("Alley")
    qtbot.waitUntil(lambda: texts(panel) == ["Alley", "the gate"])
    assert panel.list.isVisible()
    assert panel.list.item(0).toolTip().startswith("Alley\n")
    panel.list.setCurrentRow(1)
    QTest.keyClick(panel.list, KEY.Key_Return)
    qtbot.waitUntil(lambda: shown.content.index == 0)


def test_a_name_is_typed_in_its_row(review, panel, qtbot):
    review.bookmarks.keep("gate")
    qtbot.waitUntil(lambda: texts(panel) == ["gate"])
    for name, expected in (("barrier", "barrier"), ("   ", "barrier")):
        panel.rename_button.click()
        editor = panel.list.findChild(QLineEdit)
        editor.selectAll()
        QTest.keyClicks(editor, name)
        QTest.keyClick(editor, KEY.Key_Return)
        qtbot.waitUntil(lambda expected=expected: texts(panel) == [expected])
        assert kept(review) == [expected]


def test_delete_forgets_and_undo_brings_back(review, panel, qtbot):
    for name in ("a", "b"):
        review.bookmarks.keep(name)
    qtbot.waitUntil(lambda: texts(panel) == ["a", "b"])
    panel.list.setCurrentRow(0)
    QTest.keyClick(panel.list, KEY.Key_Delete)
    qtbot.waitUntil(lambda: texts(panel) == ["b"])
    review.undo()
    qtbot.waitUntil(lambda: texts(panel) == ["a", "b"])


def test_a_held_workspace_shows_but_does_not_change(review, shown, qtbot):
    review.bookmarks.keep("gate")
    path = review.workspace.path
    review.close_workspace()
    with Workspace.open(path, Reviewer("bob")):
        assert review.open_workspace(path)
        panel = BookmarkPanel(review)
        qtbot.addWidget(panel)
        panel.show()
        assert panel.show_button.isEnabled()
        for button in (panel.rename_button, panel.move_button, panel.remove_button):
            assert not button.isEnabled()
        QTest.keyClick(panel.list, KEY.Key_Delete)
        assert kept(review) == ["gate"]
        panel.dispose()


def test_the_key_asks_for_a_name_without_leaving_the_layout(window, browsing, session, qtbot):
    window.activateWindow()
    window.table.run("review.keep_view")
    popover = window.findChild(BookmarkPopover)
    assert popover.isVisible()
    assert not window.shell.layout_shown("review")
    assert popover.field.selectedText() == "street_1 frame 1"
    QTest.keyClicks(popover.field, "   ")
    QTest.keyClick(popover.field, KEY.Key_Return)
    assert popover.isVisible()
    assert "a name needs a letter" in window.status.message
    QTest.keyClicks(popover.field, "Gate")
    QTest.keyClick(popover.field, KEY.Key_Return)
    assert not popover.isVisible()
    desk = window.review.desk
    assert kept(desk) == ["Gate"]
    (found,) = desk.bookmarks.all()
    assert found.sight["eye"] == list(window.viewport.view.eye.numbers())
    window.table.run("review.keep_view")
    QTest.keyClick(popover.field, KEY.Key_Escape)
    assert not popover.isVisible()
    assert kept(desk) == ["Gate"]


class RedLooks:
    """A window whose 3D view is red."""

    def eye(self):
        return None

    def look_from(self, numbers):
        pass

    def pictures(self):
        red = np.zeros((90, 160, 3), np.uint8)
        red[:, :, 0] = 255
        return encode_jpeg(red), None


def test_each_row_shows_the_picture_of_its_view(review, panel, qtbot):
    review.bookmarks.keep("without a window")
    review.sights.looks = RedLooks()
    review.bookmarks.keep("red")
    qtbot.waitUntil(lambda: texts(panel) == ["red", "without a window"])
    middles = [
        panel.list.item(row).data(Qt.ItemDataRole.DecorationRole).pixmap(*THUMBNAIL_PX).toImage()
        for row in range(2)
    ]
    red, none = (image.pixelColor(image.rect().center()) for image in middles)
    assert (red.red() > 240, red.green() < 20, red.blue() < 20) == (True, True, True)
    assert none == palette().colour("scene")
    ratio = panel.devicePixelRatioF()
    assert middles[0].width() == round(THUMBNAIL_PX[0] * ratio)


def test_the_palette_offers_each_bookmark(browsing, session, qtbot):
    browsing.table.run("layout.review")
    desk = browsing.review.desk
    desk.bookmarks.keep("the gate")
    session.go_to_frame(5)
    qtbot.waitUntil(lambda: session.content.index == 5)
    browsing.table.run("help.palette")
    palette_popover = browsing.palette_popover
    QTest.keyClicks(palette_popover.focusWidget() or palette_popover, "view gate")
    assert palette_popover.shown_texts()[0] == "Go to view the gate"
    QTest.keyClick(palette_popover, KEY.Key_Return)
    qtbot.waitUntil(lambda: session.content.index == 0)
