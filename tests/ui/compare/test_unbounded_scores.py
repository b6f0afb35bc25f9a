"""Scores that are no probabilities, as KITTI's: the thresholds follow their range."""

from dataclasses import replace

import pytest

pytestmark = pytest.mark.ui
LOW, HIGH = -2.5, 14.0


@pytest.fixture
def guess_rows():
    return (
        ("hit", "car", (10.2, 0.0, 0.8), HIGH),
        ("mixed", "person", (15.0, 4.0, 0.8), 0.6),
        ("ghost", "car", (-12.0, 3.0, 0.8), LOW),
    )


@pytest.fixture
def dataset(dataset):
    return replace(dataset, format_name="kitti_object")


def test_all_count_at_first_and_the_slider_spans_them(comparing, qtbot):
    desk = comparing.compare.desk
    metrics = comparing.compare.room.part("metrics")
    assert desk.found.score_bounds == (LOW, HIGH)
    assert desk.thresholds.confidence == LOW
    assert metrics.confidence.value == LOW
    assert metrics.confidence.number.maximum() == HIGH
    desk.set_thresholds(confidence=3.0)
    assert metrics.confidence.slider.value() == 30
    metrics.confidence.slider.setValue(metrics.confidence.slider.maximum())
    assert desk.thresholds.confidence == HIGH


def test_the_curve_over_the_threshold_spans_them(comparing, qtbot):
    metrics = comparing.compare.room.part("metrics")
    metrics.tabs.setCurrentIndex(1)
    page = metrics.page("Curves")
    qtbot.waitUntil(lambda: any(each.plot is not None for each in page.plots))
    qtbot.waitUntil(lambda: all(each.plot is not None for each in page.plots))
    (over,) = (each.plot for each in page.plots if each.plot.over_confidence)
    assert over.x_bounds == (LOW, HIGH)
    assert min(over.curves[0].x) >= LOW
