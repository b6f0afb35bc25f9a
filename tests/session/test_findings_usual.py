"""Charts of what is usual: they agree with counting by hand and with what the checks tell."""

from dataclasses import replace

import numpy as np
import pytest
from checked_drive import changed, drive_scene, true_rows
from fake_drive import Desk
from hypothesis import given
from hypothesis import strategies as st

from viewer.checks.base import Parameters
from viewer.checks.catalog import check_by_id
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.learned import POINT_BINS, SIZE_BINS, Learned, learn_scene
from viewer.checks.policy import Policy
from viewer.checks.running import check_scene
from viewer.progress import JobContext
from viewer.scene.scene import Dataset
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_own import own_values
from viewer.session.findings_usual import (
    OwnValues,
    chart_text,
    charts_of,
    classes_of,
    range_chart_of,
    range_text,
)

LONG, FRAME = 9.0, 14


@pytest.fixture(scope="module")
def scene():
    return drive_scene(changed(true_rows(), "car-3", [FRAME], size=(LONG, 1.8, 1.5)))


@pytest.fixture(scope="module")
def seen(scene):
    return gather_scene(scene, Wanted("ground_truth"), JobContext())


@pytest.fixture(scope="module")
def learned(seen):
    return learn_scene(seen)


def chart(learned, quantity, class_name="car", policy=None, own=None):
    found = charts_of(learned, class_name, policy or Policy(), own)
    return next(each for each in found if each.quantity == quantity)


def test_classes_are_counted_as_the_labels_are(learned):
    rows = true_rows()
    by_hand = {
        name: sum(row.class_name == name for row in rows) for name in ("car", "truck", "pedestrian")
    }
    assert dict(classes_of(learned)) == by_hand
    assert classes_of(learned)[0][0] == "car"


def test_columns_hold_every_label_of_few(learned):
    length = chart(learned, "length_m")
    assert length.total == int(length.counts.sum().round()) == dict(classes_of(learned))["car"]
    assert (np.diff(length.edges) > 0).all()
    middle = length.counts[(length.edges[:-1] < 4.6) & (length.edges[1:] > 4.4)].sum()
    assert middle == pytest.approx(length.total - 1, abs=0.5)
    assert length.quantiles[1] == pytest.approx(4.5, rel=0.005)
    assert length.unit == "m"
    assert length.logarithmic


def test_limits_stand_where_the_check_begins_to_speak(seen, learned):
    length = chart(learned, "length_m")
    low, high = (each.value for each in length.limits)
    assert low < 4.5 < high < LONG
    size = check_by_id()["size-prior"]

    def told(metres):
        rows = changed(true_rows(), "car-3", [FRAME], size=(metres, 1.8, 1.5))
        scene = gather_scene(drive_scene(rows), Wanted("ground_truth", points=False), JobContext())
        return check_scene(scene, learned, Policy(), JobContext(), [size]).findings

    assert not told(high * 0.98)
    assert told(high * 1.02)
    assert not any(each.is_pinned for each in length.limits)


def test_what_a_policy_pins_is_told_as_such(learned):
    pinned = {
        "size-prior": Parameters({}, {"car": {"most_length_m": 6.0}}),
        "speed-limit": Parameters({"most_speed_mps": 40.0}),
        "tightness": Parameters({}, {"truck": {"most_slack_m": 1.0}}),
    }
    policy = Policy(pinned=pinned)
    length = chart(learned, "length_m", policy=policy)
    assert [(each.value, each.is_pinned) for each in length.limits] == [(6.0, True)]
    assert "pinned by the policy" in chart_text(length)
    speed = chart(learned, "speed_mps", policy=policy)
    assert [(each.value, each.is_pinned) for each in speed.limits] == [(40.0, True)]
    assert not chart(learned, "slack_m", policy=policy).limits[0].is_pinned
    assert "the check's own" in chart_text(chart(learned, "speed_mps"))
    assert not chart(learned, "width_m", policy=policy).limits[0].is_pinned
    assert chart(learned, "slack_m", "truck", policy=policy).limits[0].is_pinned


def test_the_label_that_is_looked_at_stands_in_its_class_alone(learned):
    own = OwnValues("car", {"length_m": LONG}, 12.0, 3)
    mine = chart(learned, "length_m", own=own)
    assert mine.own == LONG
    assert f"This label: {LONG:.2f} m" in chart_text(mine)
    assert mine.edges[0] < LONG < mine.edges[-1]
    assert chart(learned, "length_m", "truck", own=own).own is None
    ranged = range_chart_of(learned, "car", Policy(), own)
    assert ranged.own == (12.0, 3.0)
    assert "3 points at 12 m" in range_text(ranged)


def test_points_by_range_agree_with_the_counts_of_the_boxes(seen, learned):
    ranged = range_chart_of(learned, "car", Policy())
    rows = seen.boxes[seen.class_of[seen.boxes] == "car"]
    counts, ranges = seen.points.fit.counts[rows], seen.ranges_m[rows]
    for place in range(len(ranged.totals)):
        low, high = ranged.edges_m[place : place + 2]
        own = counts[(ranges >= low) & (ranges < high)]
        assert ranged.totals[place] == len(own)
        if len(own):
            exact = np.quantile(own, 0.5, method="inverted_cdf")
            assert ranged.quantiles[place, 1] == pytest.approx(max(exact, 0.5), rel=0.08)
    assert not np.isfinite(ranged.least[ranged.totals < 100]).any()


def test_the_least_of_a_range_is_where_the_check_begins_to_speak():
    counts = np.zeros(POINT_BINS.count, np.int64)
    counts[POINT_BINS.places(np.full(990, 100.0))[0]] = 990
    counts[POINT_BINS.places(np.full(10, 2.0))[0]] = 10
    learned = Learned({"car": {"points_20_m": counts}}, {"scene": {"car": 1000}})
    ranged = range_chart_of(learned, "car", Policy())
    assert 1.5 < ranged.least[2] < 2.5
    assert "told below" in range_text(ranged)
    pinned = Policy(pinned={"too-few-points": Parameters({"rarest_share": 0.0})})
    assert "pinned" in range_text(range_chart_of(learned, "car", pinned))
    assert range_chart_of(Learned({"car": {}}), "car", Policy()) is None


def test_own_values_are_those_of_the_selected_label(scene, tmp_path):
    desk = Desk()
    desk.session.open_dataset(Dataset(tmp_path / "drive", "memory", (scene,)))
    desk.settle()
    findings = FindingsDesk(desk.session)
    assert own_values(desk.session.content, None, None, desk.session.view) is None
    findings.check_scene()
    desk.settle()
    table = findings.table
    found = next(
        each
        for each in map(table.finding, range(len(table)))
        if each.check == "size-prior" and each.labels[0].track_id == "car-3"
    )
    findings.walk.show(found)
    desk.settle()
    session = desk.session
    own = own_values(session.content, session.selection, findings.current, session.view)
    row = next(r for r in true_rows() if r.track == "car-3" and r.frame == FRAME)
    assert own.class_name == "car"
    assert own.values["length_m"] == pytest.approx(LONG)
    assert own.values["speed_mps"] == 0.0
    assert own.range_m == pytest.approx(float(np.hypot(*row.center[:2])))
    assert own.points > 0
    told = replace(found, evidence=replace(found.evidence, numbers={"slack_m": 0.7}))
    again = own_values(session.content, session.selection, told, session.view)
    assert again.values["slack_m"] == 0.7
    findings.dispose()
    desk.close()


@given(
    st.lists(st.floats(0.1, 40.0), min_size=1, max_size=60),
    st.one_of(st.none(), st.floats(0.01, 80.0)),
)
def test_any_histogram_can_be_charted(values, own_m):
    counts = np.bincount(SIZE_BINS.places(np.array(values)), minlength=SIZE_BINS.count)
    learned = Learned({"x": {"length_m": counts}}, {"scene": {"x": len(values)}})
    own = None if own_m is None else OwnValues("x", {"length_m": own_m})
    (found,) = charts_of(learned, "x", Policy(), own)
    assert np.isfinite(found.edges).all()
    assert (np.diff(found.edges) > 0).all()
    assert found.counts.min() >= 0
    assert found.counts.sum() <= len(values) + 1e-6
    low, middle, high = found.quantiles
    assert low <= middle <= high
    assert chart_text(found)
