"""Where nothing shows the ground, the rest of a track tells where a label would stand."""

from dataclasses import replace

import numpy as np
import pytest
from checked_drive import changed, drive_scene, moved, true_rows

from viewer.checks.finding import Severity
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.single_box.floating import Floating
from viewer.progress import JobContext

T = true_rows()


def found(rows, *, hidden="car-1"):
    """Findings by label where nothing shows the ground under a track."""
    scene = gather_scene(drive_scene(rows), Wanted("ground_truth"), JobContext())
    ground = scene.points.ground_m.copy()
    ground[[int(row) for row in scene.boxes if scene.track_id(int(row)) == hidden]] = np.nan
    scene = replace(scene, points=replace(scene.points, ground_m=ground))
    all_found = Floating().run(
        scene, learn_scene(scene), Policy().parameters_of(Floating), JobContext()
    )
    return {each.labels[0].label_id: each for each in all_found}


@pytest.mark.parametrize("by", [0.7, -0.6])
def test_a_label_that_jumps_up_or_down_is_told_with_how_far(by):
    off = found(changed(T, "car-1", [10, 11], center=moved(z=by)))
    assert set(off) == {"car-1.010", "car-1.011"}
    for each in off.values():
        assert each.severity == Severity.MEDIUM
        assert each.evidence.numbers["gap_m"] == pytest.approx(by, abs=0.02)
        assert "where its track has it" in each.text
        assert each.fix.values["center_m"][2] == pytest.approx(0.75, abs=0.02)


def test_labels_that_stay_on_their_way_are_not():
    assert found(T) == {}


def test_a_small_step_is_not():
    assert found(changed(T, "car-1", [10], center=moved(z=0.25))) == {}


def test_what_lies_aside_as_much_is_no_matter_of_the_ground():
    assert found(changed(T, "car-1", [10], center=moved(y=1.2, z=0.7))) == {}
