"""The fields for the workspace's thresholds."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.ui.review.threshold_popover import ThresholdPopover

pytestmark = pytest.mark.ui


def test_a_number_is_kept_followed_and_taken_back(browsing, window, session, own_config):
    window.activateWindow()
    window.table.run("review.thresholds")
    popover = window.findChild(ThresholdPopover)
    assert popover.isVisible()
    field, reset = popover.fields["score"], popover.resets["score"]
    assert field.value() == 0.0
    assert not reset.isEnabled()
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.4")
    QTest.keyClick(field, Qt.Key.Key_Return)
    desk = window.review.desk
    assert desk.thresholds.defined() == {"score": 0.4}
    assert session.view.filters.min_score == 0.4
    assert reset.isEnabled()
    assert reset.accessibleName() == "Predictions count from score: back to 0"
    reset.click()
    assert desk.thresholds.defined() == {}
    assert field.value() == 0.0
    assert session.view.filters.min_score == 0.0
    desk.undo()
    assert field.value() == 0.4
