"""Figures of classes, curves, parts and scenarios by hand, and against the plainest sums."""

import numpy as np
import pytest
from evaluated_objects import frames, objects
from hypothesis import given
from hypothesis import strategies as st

from viewer.metrics.class_metrics import metrics_table, table_of
from viewer.metrics.class_roles import ClassRoles
from viewer.metrics.confusion import ConfusionIndex
from viewer.metrics.curves import calibrations, confidence_curves
from viewer.metrics.matching.candidates import Matcher
from viewer.metrics.matching.catalog import similarity_by_name
from viewer.metrics.scenarios import Scenario, scenario_results, scenes_as_scenarios
from viewer.metrics.strata import (
    ByAttribute,
    ByNumber,
    ByOcclusion,
    by_points,
    by_range,
    by_speed,
    stratified,
)
from viewer.progress import Cancelled, JobContext, running
from viewer.scene.class_map import ClassMap

JOB = JobContext()


def prepared(labels, predictions, matcher=Matcher.BY_SCORE):
    roles = ClassRoles.of(ClassMap(), labels, predictions)
    similarity = similarity_by_name("center_distance_3d")
    return ConfusionIndex.prepare(labels, predictions, roles, similarity, JOB, matcher=matcher)


def test_figures_of_a_matrix_by_hand():
    #                 car van background
    cells = np.array([[6, 2, 2], [1, 3, 0], [4, 0, 0]])
    table = metrics_table(cells, ["car", "van"])
    car, van = table.classes
    assert (car.true_positives, car.false_positives, car.false_negatives) == (6, 5, 4)
    assert (car.precision, car.recall) == (pytest.approx(6 / 11), 0.6)
    assert car.f1 == pytest.approx(12 / 21)
    assert (van.precision, van.recall, van.support) == (0.6, 0.75, 4)
    assert table.weighted.recall == pytest.approx((0.6 * 10 + 0.75 * 4) / 14)
    assert table.weighted.precision == pytest.approx((6 / 11 * 10 + 0.6 * 4) / 14)
    assert table.macro.recall == pytest.approx(0.675)
    assert table.micro.precision == pytest.approx(9 / 16)
    assert table.micro.recall == pytest.approx(9 / 14)
    assert table.of(None) is table.weighted
    assert table.of("CAR") is car
    with pytest.raises(KeyError, match="car, van"):
        table.of("dog")


def test_nothing_predicted_and_nothing_labelled():
    table = metrics_table(np.array([[0, 0, 5], [0, 0, 0], [0, 3, 0]]), ["car", "van"])
    assert [each.precision for each in table.classes] == [0, 0]
    assert [each.f1 for each in table.classes] == [0, 0]
    assert table.weighted.recall == 0


def test_a_curve_by_hand():
    labels = objects([0.0, 10, 20, 30])
    predictions = objects([0, 10, 50, 20, 60.0], scores=[0.9, 0.8, 0.8, 0.4, 0.2])
    curve = confidence_curves(prepared(labels, predictions), 2.0, JOB)[0]
    assert curve.confidences.tolist() == [0.9, 0.8, 0.4, 0.2]
    assert curve.true_positives.tolist() == [1, 2, 3, 3]
    assert curve.false_positives.tolist() == [0, 1, 1, 2]
    assert curve.recalls.tolist() == [0.25, 0.5, 0.75, 0.75]
    assert curve.precisions.tolist() == [1, pytest.approx(2 / 3), 0.75, 0.6]
    # Precision at a recall is the best at any higher: 1, 0.75, 0.75.
    assert curve.average_precision == pytest.approx(0.25 * (1 + 0.75 + 0.75))
    assert curve.best == (pytest.approx(0.75), 0.4)


@given(st.integers(0, 2**32), st.sampled_from(list(Matcher)))
def test_curves_are_the_matrix_at_each_confidence(seed, matcher):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 25, 2).tolist()
    names = np.array(["a", "b"])
    labels = objects(rng.uniform(0, 9, (n, 3)), classes=names[rng.integers(0, 2, n)].tolist())
    predictions = objects(rng.uniform(0, 9, (m, 3)), classes=names[rng.integers(0, 2, m)].tolist(),
                          scores=rng.integers(0, 11, m) / 10)  # fmt: skip
    index = prepared(labels, predictions, matcher)
    for curve in confidence_curves(index, 2.0, JOB)[:-1]:
        for row, confidence in enumerate(curve.confidences.tolist()):
            figures = table_of(index.at(confidence, 2.0)).of(curve.name)
            assert curve.precisions[row] == pytest.approx(figures.precision)
            assert curve.recalls[row] == pytest.approx(figures.recall)
            assert curve.f1s[row] == pytest.approx(figures.f1)


def test_no_predictions_and_no_labels_make_empty_curves():
    one, none = objects([0.0]), objects([], scores=[])
    curve = confidence_curves(prepared(one, none), 2.0, JOB)[0]
    assert (len(curve.confidences), curve.average_precision) == (0, 0)
    curve = confidence_curves(prepared(none, objects([0.0], scores=[0.5])), 2.0, JOB)[0]
    assert np.isnan(curve.average_precision)
    assert curve.false_positives.tolist() == [1]


def test_calibration_by_hand():
    labels = objects([0.0, 10, 20])
    predictions = objects([0, 50, 10, 60, 70, 20], scores=[0.95, 0.9, 0.55, 0.5, 0.1, 1.0])
    found = calibrations(prepared(labels, predictions), 2.0)[-1]
    # The last of ten bins holds 0.9, 0.95 and 1.0, two of them right; the sixth 0.5 and 0.55.
    assert found.counts.tolist() == [0, 1, 0, 0, 0, 2, 0, 0, 0, 3]
    assert found.accuracies[[1, 5, 9]].tolist() == [0, 0.5, pytest.approx(2 / 3)]
    assert found.confidences[[1, 5, 9]].tolist() == [0.1, pytest.approx(0.525), pytest.approx(0.95)]
    expected = (0.1 * 1 + 0.025 * 2 + (0.95 - 2 / 3) * 3) / 6
    assert found.expected_error == pytest.approx(expected)
    assert found.largest_error == pytest.approx(0.95 - 2 / 3)
    assert np.isnan(found.accuracies[0])


def figures(strata):
    return {
        each.name: (each.table.micro.true_positives, each.table.micro.false_positives,
                    each.table.micro.false_negatives)
        for each in strata
    }  # fmt: skip


def test_parts_of_the_data_by_hand():
    labels = objects(
        [5.0, 15, 25, 120],
        point_counts=np.array([0, 3, 700, -1]),
        velocities_mps=np.array([[0, 0, 0], [3, 4, 0], [np.nan] * 3, [0, 1, 0]]),
        occlusions=np.array([0, 2, 2, -1]),
        attributes=[{"weather": "rain", "lanes": 2}, {"weather": "sun"}, {"weather": "rain"}, {}],
    )
    predictions = objects([5.5, 15.5, 60, 119.5], scores=[0.9] * 4,
                          attributes=[{}, {}, {"weather": "sun"}, {}])  # fmt: skip
    confusion = prepared(labels, predictions).at(0.0, 2.0)
    assert figures(stratified(confusion, by_range())) == {
        "0 to 10 m": (1, 0, 0), "10 to 20 m": (1, 0, 0), "20 to 30 m": (0, 0, 1),
        "50 to 75 m": (0, 1, 0), "from 100 m": (1, 0, 0),
    }  # fmt: skip
    assert figures(stratified(confusion, by_points())) == {
        "0 to 1": (1, 0, 0), "1 to 5": (1, 0, 0), "from 500": (0, 0, 1), "unknown": (1, 1, 0),
    }  # fmt: skip
    assert figures(stratified(confusion, by_speed())) == {
        "0 to 0.5 m/s": (1, 0, 0), "0.5 to 2 m/s": (1, 0, 0), "5 to 10 m/s": (1, 0, 0),
        "unknown": (0, 1, 1),
    }  # fmt: skip
    assert figures(stratified(confusion, ByOcclusion())) == {
        "fully visible": (1, 0, 0), "largely occluded": (1, 0, 1), "unknown": (1, 1, 0),
    }  # fmt: skip
    assert figures(stratified(confusion, ByAttribute("weather"))) == {
        "rain": (1, 0, 1), "sun": (1, 1, 0), "unknown": (1, 0, 0),
    }  # fmt: skip
    ordered = stratified(confusion, ByAttribute("weather", ("sun", "snow", "rain")))
    assert [each.name for each in ordered] == ["sun", "rain", "unknown"]
    only = stratified(confusion, ByAttribute("weather", ("sun",)))
    assert figures(only) == {"sun": (1, 1, 0), "unknown": (2, 0, 1)}
    lanes = stratified(confusion, ByNumber("lanes", (0, 2, 4)))
    assert figures(lanes)["2 to 4"] == (1, 0, 0)


def test_reading_attributes_can_be_given_up():
    labels = objects([0.0], attributes=[{"weather": "rain"}])
    confusion = prepared(labels, objects([0.0], scores=[0.5])).at(0.0, 2.0)
    job = JobContext()
    job.cancel()
    with running(job), pytest.raises(Cancelled):
        stratified(confusion, ByAttribute("weather"))


def test_scenarios_and_their_thresholds():
    on = frames(3, scenes=["a", "b", "b"])
    labels = objects([0.0, 10, 0, 0], on=on, frame=[0, 0, 1, 2])
    predictions = objects([0.5, 50, 0.5], on=on, frame=[0, 0, 1], scores=[0.9] * 3)
    confusion = prepared(labels, predictions).at(0.0, 2.0)
    scenarios = [
        Scenario("rain", [0], least_precision=0.5, least_recall=0.6),
        Scenario("one label", [0], label_rows=[0], least_f1=1.0),
        *scenes_as_scenarios(on),
    ]
    whole, rain, one, a, b = scenario_results(confusion, scenarios)
    assert (whole.name, whole.frame_count, whole.succeeds) == ("whole set", 3, None)
    assert (whole.precision.score, whole.recall.score) == (pytest.approx(2 / 3), 0.5)
    assert (rain.precision.score, rain.recall.score) == (0.5, 0.5)
    assert (rain.precision.succeeds, rain.recall.succeeds, rain.succeeds) == (True, False, False)
    assert (rain.false_positives, rain.false_negatives, rain.confusions) == (1, 1, 0)
    assert (one.f1.score, one.succeeds, one.false_positives) == (1, True, 0)
    assert (a.kind, a.precision.score) == ("scene", 0.5)
    assert (b.frame_count, b.recall.score, b.false_negatives) == (2, 0.5, 1)


def test_a_scenario_of_one_class():
    labels = objects([0.0, 10, 20], classes=["car", "van", "van"])
    predictions = objects([0.0, 10, 60], classes=["van", "van", "car"], scores=[0.9] * 3)
    confusion = prepared(labels, predictions).at(0.0, 2.0)
    (found,) = scenario_results(confusion, [], "van")
    assert (found.precision.score, found.recall.score) == (0.5, 0.5)
    assert (found.false_positives, found.false_negatives, found.confusions) == (0, 1, 1)
