"""Points that a finding lights up, against those that were put there."""

from dataclasses import replace

import numpy as np
import pytest
from checked_drive import changed, drive_scene, moved, true_rows
from fake_drive import Desk

from viewer.checks.finding import BoxRole, Evidence, EvidenceBox, Finding, LabelName, Severity
from viewer.progress import JobContext
from viewer.scene.scene import Dataset
from viewer.session.findings_changes import EvidenceShown
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_evidence import evidence_ghosts
from viewer.session.findings_points import MOST_POINTS, lights_points, lit_points

FRAME = 12
UPRIGHT = (1.0, 0.0, 0.0, 0.0)


@pytest.fixture
def desk(tmp_path):
    """One car is cut short, one box is empty, one stands twice."""
    desk = Desk()
    rows = changed(true_rows(), "car-4", [FRAME], center=moved(x=0.45), size=(3.6, 1.8, 1.5))
    rows = changed(rows, "pedestrian-1", [FRAME], center=moved(x=2.0, y=1.0))
    scene = drive_scene(rows)
    desk.session.open_dataset(Dataset(tmp_path / "drive", "memory", (scene,)))
    desk.settle()
    desk.session.go_to_frame(FRAME)
    desk.settle()
    yield desk
    desk.close()


def true_row(track):
    return next(row for row in true_rows() if row.track == track and row.frame == FRAME)


def labelled(desk, track):
    labels = desk.session.content.labels["ground_truth"].cuboids
    row = labels.track_ids.index(track)
    return row, labels.cuboids.center[row], labels.cuboids.size[row]


def finding_about(desk, check, track, numbers=(), others=()):
    content = desk.session.content
    boxes, names = [], []
    for place, name in enumerate((track, *others)):
        row, center, size = labelled(desk, name)
        role = BoxRole.LABEL if not place else BoxRole.OTHER
        boxes.append(
            EvidenceBox(role, content.frame.key, tuple(center), tuple(size), UPRIGHT)
        )  # fmt: skip
        label_id = content.labels["ground_truth"].cuboids.label_ids[row]
        names.append(
            LabelName(content.scene.scene_id, content.frame.key, "ground_truth", label_id, name)
        )
    return Finding(
        check, content.scene.scene_id, content.frame.key, tuple(names), "car", 0.5,
        Severity.MEDIUM, "", Evidence(dict(numbers), tuple(boxes)),
    )  # fmt: skip


def world_points(desk):
    (sweep,) = desk.session.content.sweeps
    return sweep.cloud.xyz.astype(np.float64) + np.array([0.0, 0.0, 1.8])


def inside(points, center, size, grown=(0.0, 0.0, 0.0)):
    return (np.abs(points - center) <= np.asarray(size) / 2 + np.asarray(grown)).all(axis=1)


def test_points_that_a_box_cuts_off_are_lit(desk):
    found = finding_about(desk, "tightness", "car-4", {"outside": 20.0})
    lit = lit_points(JobContext(), found, desk.session.content)
    _, center, size = labelled(desk, "car-4")
    true = true_row("car-4")
    assert len(lit) > 5
    # All of them are the car's, behind the box that was cut short at its rear.
    assert inside(lit, true.center, true.size, (0.01, 0.01, 0.01)).all()
    assert (lit[:, 0] < center[0] - size[0] / 2).all()
    assert (lit[:, 0] >= center[0] - size[0] / 2 - 0.3 - 1e-6).all()
    points = world_points(desk)
    local = points - center
    rear = (local[:, 0] < -size[0] / 2) & (local[:, 0] >= -size[0] / 2 - 0.3)
    rear &= (np.abs(local[:, 1]) <= size[1] / 2) & (np.abs(local[:, 2]) <= size[2] / 2)
    rear &= local[:, 2] >= 0.2 - size[2] / 2
    assert len(np.unique(points[rear], axis=0)) == len(lit)


def test_of_a_loose_box_what_it_holds_is_lit(desk):
    found = finding_about(desk, "tightness", "car-5", {"slack_m": 0.7})
    lit = lit_points(JobContext(), found, desk.session.content)
    true = true_row("car-5")
    assert inside(lit, true.center, true.size, (1e-3,) * 3).all()
    assert (lit[:, 2] >= 0.2 - 1e-6).all()


def test_around_an_empty_box_its_object_is_lit_and_nothing_of_others(desk):
    found = finding_about(desk, "empty-box", "pedestrian-1")
    lit = lit_points(JobContext(), found, desk.session.content)
    true = true_row("pedestrian-1")
    own = inside(lit, true.center, true.size, (0.01, 0.01, 0.01))
    assert own.any()
    labels = desk.session.content.labels["ground_truth"].cuboids
    for row, name in enumerate(labels.track_ids):
        if name != "pedestrian-1":
            held = inside(lit, labels.cuboids.center[row], labels.cuboids.size[row])
            assert not held.any(), name


def test_doubled_boxes_light_what_either_holds_and_overlaps_what_both_do(desk):
    far = finding_about(desk, "duplicate-boxes", "car-5", others=("car-6",))
    lit = lit_points(JobContext(), far, desk.session.content)
    first, second = true_row("car-5"), true_row("car-6")
    in_first = inside(lit, first.center, first.size, (1e-3,) * 3)
    in_second = inside(lit, second.center, second.size, (1e-3,) * 3)
    assert (in_first ^ in_second).all()
    assert in_first.any()
    assert in_second.any()
    apart = replace(far, check="physical-overlap")
    assert lit_points(JobContext(), apart, desk.session.content) is None


def test_few_are_lit_of_many_and_none_by_checks_that_show_no_points(desk):
    found = finding_about(desk, "duplicate-boxes", "car-5")
    assert lights_points(found)
    assert not lights_points(replace(found, check="yaw-flip"))
    assert not lights_points(replace(found, evidence=Evidence()))
    content = desk.session.content
    (sweep,) = content.sweeps
    rng = np.random.default_rng(1)
    center = np.array(true_row("car-5").center) - np.array([0.0, 0.0, 1.8])
    many = (center + rng.uniform(-0.5, 0.5, (10_000, 3))).astype(np.float32)
    cloud = replace(sweep.cloud, xyz=many, fields={})
    full = replace(content, sweeps=(replace(sweep, cloud=cloud),))
    assert 0 < len(lit_points(JobContext(), found, full)) <= MOST_POINTS


def test_a_box_of_numbers_that_are_none_lights_nothing(desk):
    found = finding_about(desk, "empty-box", "car-5")
    box = replace(found.evidence.boxes[0], size_m=(np.nan, 1.0, 1.0))
    broken = replace(found, evidence=Evidence({}, (box,)))
    assert lit_points(JobContext(), broken, desk.session.content) is None


def test_looking_at_a_finding_lights_its_points_and_leaving_puts_them_out(desk):
    findings = FindingsDesk(desk.session)
    told = []
    findings.subscribe(told.append)
    found = finding_about(desk, "tightness", "car-4", {"outside": 20.0})
    findings.walk.show(found)
    desk.settle()
    shown = [each for each in told if isinstance(each, EvidenceShown)][-1]
    expected = lit_points(JobContext(), found, desk.session.content)
    np.testing.assert_array_equal(shown.lit.points_m, expected)
    desk.session.go_to_frame(FRAME - 1)
    desk.settle()
    assert [each for each in told if isinstance(each, EvidenceShown)][-1].lit is None
    findings.dispose()


def test_where_the_object_of_an_empty_box_is_sought_is_drawn(desk):
    found = finding_about(desk, "empty-box", "pedestrian-1")
    content = desk.session.content
    ghosts = evidence_ghosts(found, content, desk.session.view)
    assert ghosts.class_names == ("searched",)
    own = found.evidence.boxes[0]
    np.testing.assert_allclose(ghosts.cuboids.center[0], own.center_m)
    np.testing.assert_allclose(ghosts.cuboids.size[0] - own.size_m, [3.0, 3.0, 0.0])
    lit = lit_points(JobContext(), found, content)
    assert inside(lit, own.center_m, ghosts.cuboids.size[0], (1e-6,) * 3).all()
    tight = replace(found, check="tightness")
    assert evidence_ghosts(tight, content, desk.session.view) is None
