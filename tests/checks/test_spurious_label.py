"""Labels that no model sees: what could be seen, what others hide, and what nothing ever shows."""

from dataclasses import replace

import numpy as np
import pytest
from checked_drive import FRAMES, Row, drive_scene, true_rows

from viewer.checks.frame.spurious_label import SpuriousLabel
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.progress import JobContext

T = true_rows()
SEEN = [replace(row, name=f"p{place}", score=0.9) for place, row in enumerate(T)]
CAR = (4.5, 1.8, 1.5)


def accused(extra, predictions=SEEN):
    scene = drive_scene([*T, *extra], predictions=predictions)
    seen = gather_scene(scene, Wanted("ground_truth", ("model",)), JobContext())
    found = SpuriousLabel().run(
        seen, learn_scene(seen), Policy().parameters_of(SpuriousLabel), JobContext()
    )
    return {each.labels[0].track_id: each for each in found}


def standing(track, center, frames):
    return [Row(frame, track, "car", center, CAR, state="parked") for frame in frames]


def test_a_label_in_the_open_that_no_model_sees_is_accused():
    found = accused(standing("ghost", (3.0, -6.0, 0.75), range(4, 8)))
    assert set(found) == {"ghost"}
    assert "others of its class" in found["ghost"].text


def test_right_labels_are_not():
    assert accused([]) == {}


def test_where_no_other_label_is_as_visible_the_nearest_tell():
    found = accused(standing("ghost", (0.0, -17.0, 0.75), range(4, 9)))
    assert set(found) == {"ghost"}


def test_a_track_that_a_model_sees_once_is_not():
    extra = standing("rare", (3.0, -6.0, 0.75), range(4, 8))
    once = replace(extra[0], name="once", score=0.4)
    assert accused(extra, [*SEEN, once]) == {}


def test_a_track_that_no_point_ever_falls_in_is_accused_though_it_may_be_hidden():
    # Beyond where the drive has ground, nothing is met: no ray tells whether it is empty.
    found = accused(standing("void", (3.0, 60.0, 0.75), range(4, 8)))
    assert set(found) == {"void"}
    assert "no point ever" in found["void"].text


@pytest.mark.parametrize("count", [1, 2])
def test_few_labels_that_nothing_shows_are_not(count):
    assert accused(standing("void", (3.0, 60.0, 0.75), range(4, 4 + count))) == {}


def test_what_models_seldom_see_at_all_accuses_nobody():
    rng = np.random.default_rng(2)
    some = [row for row in SEEN if rng.uniform() < 0.3]
    by_track = {row.track for row in some}
    assert by_track == {row.track for row in T}
    assert accused(standing("ghost", (3.0, -6.0, 0.75), [5]), some) == {}


def test_every_label_of_the_track_is_told_as_one_track():
    extra = standing("ghost", (3.0, -6.0, 0.75), range(4, FRAMES))
    scene = drive_scene([*T, *extra], predictions=SEEN)
    seen = gather_scene(scene, Wanted("ground_truth", ("model",)), JobContext())
    found = list(
        SpuriousLabel().run(
            seen, learn_scene(seen), Policy().parameters_of(SpuriousLabel), JobContext()
        )
    )
    assert len(found) == len(extra)
    assert {each.whole_track for each in found} == {"ghost"}
