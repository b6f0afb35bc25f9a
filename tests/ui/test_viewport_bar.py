"""The row above the 3D view in little room."""

import pytest

pytestmark = pytest.mark.ui


@pytest.mark.parametrize("width", [1000, 620, 500, 400, 320, 240])
def test_no_text_is_cut_in_little_room(browsing, width, qtbot):
    bar = browsing.viewport_bar
    bar.setParent(None)
    with qtbot.waitExposed(bar):
        bar.show()
    bar.resize(width, bar.height())
    bar.layout().activate()
    qtbot.waitUntil(lambda: all(each.isVisible() for each in bar._presets) == (width == 1000))
    presets = [button for button in bar._presets if button.isVisible()]
    for button in (*presets, *bar._switches, bar._colour):
        assert button.width() >= button.sizeHint().width()
        assert button.geometry().right() < bar.width()
    assert (len(presets) == len(bar._presets)) == (width == 1000)
    bar.close()
