"""Predictions of one object over frames: by their ids, or linked from frame to frame."""

from types import SimpleNamespace

import numpy as np
from evaluated_objects import frames, objects
from hypothesis import given
from hypothesis import strategies as st

from viewer.checks.frame.predicted_tracks import MOST_GAP, name_of, runs_of

STEP_M = 2.5


def scene_of(count, *, independent=False):
    scene = SimpleNamespace(independent=independent)
    return SimpleNamespace(scene=scene, times_s=0.5 * np.arange(count))


def runs(predictions, rows=None, **kind):
    each = SimpleNamespace(set_id="model", objects=predictions)
    rows = np.arange(len(predictions)) if rows is None else np.array(rows)
    count = len(predictions.frames)
    return each, [run.tolist() for run in runs_of(scene_of(count, **kind), each, rows, STEP_M)]


def test_by_their_track_where_they_have_one():
    """Two objects that cross would be linked wrongly by place alone."""
    made = objects([0.0, 9.0, 3.0, 6.0, 6.0, 3.0, 9.0, 0.0], frame=[0, 0, 1, 1, 2, 2, 3, 3],
                   track_rows=np.array([0, 1] * 4), track_ids=("a", "b"))  # fmt: skip
    each, found = runs(made)
    assert found == [[0, 2, 4, 6], [1, 3, 5, 7]]
    assert name_of(each, np.array(found[1])) == "model b from f0"


def test_a_track_is_cut_where_its_prediction_has_a_label():
    made = objects(np.arange(5.0), frame=range(5), track_rows=np.zeros(5, int), track_ids=("a",))
    each, found = runs(made, rows=[0, 1, 3, 4])
    assert found == [[0, 1], [3, 4]]
    assert name_of(each, np.array(found[1])) == "model a from f3"


def test_a_track_is_cut_where_it_is_away_for_long():
    away = MOST_GAP + 1
    made = objects([0.0, 1.0, 2.0], frame=[0, MOST_GAP, MOST_GAP + away],
                   track_rows=np.zeros(3, int), track_ids=("a",))  # fmt: skip
    assert runs(made)[1] == [[0, 1], [2]]


def test_without_ids_the_nearest_are_linked():
    made = objects([0.0, 20.0, 1.0, 21.0, 22.0, 2.0], frame=[0, 0, 1, 1, 2, 2])
    assert runs(made)[1] == [[0, 2, 5], [1, 3, 4]]


def test_another_class_or_a_long_way_is_another_object():
    made = objects([0.0, 1.0, 9.0], frame=[0, 1, 2], classes=["car", "person", "person"])
    assert runs(made)[1] == [[0], [1], [2]]


def test_a_fast_one_is_found_where_its_velocity_leads():
    """15 m/s for half a second a frame is 7.5 m."""
    made = objects([0.0, 7.5, 15.0], frame=[0, 1, 2],
                   velocities_mps=np.array([[15.0, 0, 0]] * 3))  # fmt: skip
    assert runs(made)[1] == [[0, 1, 2]]
    assert runs(objects([0.0, 7.5, 15.0], frame=[0, 1, 2]))[1] == [[0], [1], [2]]


def test_frames_without_time_between_them_link_nothing():
    made = objects([0.0, 0.1], frame=[0, 1], track_rows=np.zeros(2, int), track_ids=("a",))
    assert runs(made, independent=True)[1] == [[0], [1]]


places = st.lists(st.tuples(st.integers(0, 9), st.floats(-20, 20)), max_size=25)


@given(places)
def test_every_prediction_is_in_one_run_and_each_frame_once_in_a_run(given_places):
    ordered = sorted(given_places)
    made = objects(
        [place for _, place in ordered], frame=[frame for frame, _ in ordered], on=frames(10)
    )
    found = runs(made)[1]
    assert sorted(row for run in found for row in run) == list(range(len(ordered)))
    for run in found:
        steps = np.diff(made.frame_rows[run])
        assert (steps >= 1).all()
        assert (steps <= MOST_GAP).all()
