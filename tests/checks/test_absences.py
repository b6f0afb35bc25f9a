"""Boxes where tracks have no label: where they lie, and what the points say of them."""

import tempfile

import numpy as np
import pytest
from checked_drive import FRAMES, Row, drive_scene, renamed, true_rows

from viewer.checks.absences import AbsenceMeasures, absences
from viewer.checks.finding import Severity
from viewer.checks.gathering import KeptMeasures, Wanted, gather_scene
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.track.birth_death import BirthDeath
from viewer.checks.track.track_gap import TrackGap
from viewer.progress import JobContext

T = true_rows()


def without(track, frames):
    return [row for row in T if (row.track, row.frame) not in {(track, f) for f in frames}]


def gathered(rows, **more):
    """The same labels with other points look the same to a cache: each has one of its own."""
    with tempfile.TemporaryDirectory() as cache, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGHTLINE_CACHE", cache)
        return gather_scene(drive_scene(rows, **more), Wanted("ground_truth"), JobContext())


def told(check, scene):
    found = check().run(scene, learn_scene(scene), Policy().parameters_of(check), JobContext())
    return {each.labels[0].label_id: each for each in found if each.severity > Severity.LOW}


def truth(track, frame):
    return next(row for row in T if (row.track, row.frame) == (track, frame))


def test_in_a_gap_they_lie_where_the_object_was():
    scene = gathered(without("car-1", [9, 10, 11]))
    found = absences(scene.labels, scene.steps)
    rows = np.flatnonzero([scene.track_id(int(row)) == "car-1" for row in found.rows])
    assert found.frames[rows].tolist() == [9, 10, 11]
    for row in rows.tolist():
        expected = truth("car-1", int(found.frames[row]))
        np.testing.assert_allclose(found.boxes.center[row], expected.center, atol=1e-6)
        np.testing.assert_allclose(found.boxes.size[row], expected.size, atol=1e-6)


def test_beyond_its_ends_a_track_goes_on_as_it_did():
    scene = gathered([row for row in T if row.track != "car-1" or 5 <= row.frame < 15])
    found = absences(scene.labels, scene.steps)
    ends = {
        int(found.frames[place]): found.boxes.center[place]
        for place in range(len(found.rows))
        if scene.track_id(int(found.rows[place])) == "car-1"
    }
    assert sorted(ends) == [4, 15]
    for frame, center in ends.items():
        np.testing.assert_allclose(center, truth("car-1", frame).center, atol=1e-6)


def test_without_gaps_and_ends_inside_there_are_none():
    scene = gathered(T)
    assert len(absences(scene.labels, scene.steps).rows) == 0
    assert len(scene.points.absent.rows) == 0


def test_points_are_those_of_the_object_that_lost_its_label():
    whole, gap = gathered(T), gathered(without("car-1", [9]))
    row = next(i for i in whole.boxes if whole.name(int(i)).label_id == "car-1.009")
    assert gap.points.absent.points.tolist() == [int(whole.points.fit.standing[row])]


def test_what_another_label_holds_is_not_missing():
    measured = gathered(renamed(T, "car-1", [9], "stranger")).points.absent
    gap = [place for place in range(len(measured.rows)) if measured.frames[place] == 9]
    assert len(gap) >= 1
    assert measured.points[gap].max() < 5


def test_a_gap_where_the_object_is_seen_is_told_and_one_where_nothing_is_is_not():
    assert set(told(TrackGap, gathered(without("car-1", [9, 10])))) == {"car-1.008"}
    nobody = [row for row in T if row.track != "car-1" or row.frame not in (9, 10)]
    assert told(TrackGap, gathered(nobody, truth=nobody)) == {}


def test_a_track_that_ends_where_its_object_goes_on_is_told():
    rows = [row for row in T if row.track != "car-5" or row.frame < 15]
    assert set(told(BirthDeath, gathered(rows))) == {"car-5.014"}
    assert told(BirthDeath, gathered(rows, truth=rows)) == {}


def test_measures_are_the_same_from_the_cache_and_of_changed_frames_only(monkeypatch, tmp_path):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path))
    scene = drive_scene(without("car-1", [9]))
    first, again = (gather_scene(scene, Wanted("ground_truth"), JobContext()) for _ in range(2))
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "other"))
    kept = KeptMeasures()
    edited = [
        gather_scene(scene, Wanted("ground_truth"), JobContext(), kept=kept) for _ in range(2)
    ]
    for name in ("rows", "frames", "centers_m", "points", "hidden"):
        for other in (again, *edited):
            np.testing.assert_array_equal(
                getattr(first.points.absent, name), getattr(other.points.absent, name)
            )
    arrays = first.points.absent.as_arrays()
    assert AbsenceMeasures.of_arrays(arrays).rows is arrays["absent_rows"]


def test_columns_that_are_not_there_are_an_error():
    with pytest.raises(KeyError):
        AbsenceMeasures.of_arrays({})


def test_a_track_of_one_label_goes_nowhere():
    lone = Row(5, "lone", "car", (0.0, 18.0, 0.75), (4.5, 1.8, 1.5))
    scene = gathered([*T, lone])
    assert "lone" not in {scene.track_id(int(row)) for row in scene.points.absent.rows}
    assert len(scene.labels.frames) == FRAMES
