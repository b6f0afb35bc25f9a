"""The doctor over a street whose front camera is turned: measure, read, go to an image."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_drive import Desk
from turned_rig import STREET, street_labels, turn, with_pose

from viewer.checks.finding import Finding, Severity
from viewer.checks.policy import Policy
from viewer.checks.running import RunOptions
from viewer.checks.sensors.health import EdgeShifts
from viewer.checks.sensors.image_edges import Shift
from viewer.progress import Cancelled, JobContext
from viewer.scene.scene import Dataset
from viewer.session.findings_changes import DoctorChanged, EvidenceShown
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_doctor import DOCTOR_JOB
from viewer.session.findings_doctor_run import measure_health
from viewer.session.findings_doctor_text import (
    Axis,
    against,
    camera_chart,
    camera_lines,
    camera_rows,
    clock_chart,
    clock_lines,
    elsewhere,
    measured_frames,
    reading,
)
from viewer.session.label_edits import as_delivered

TURNED_DEG = 1.2
SHIFT_PX = 430.0 * np.tan(np.radians(TURNED_DEG))


def turned_street():
    """Points in two frames alone, so that little is compared."""
    street = street_labels().scene
    frames = tuple(
        frame if frame.index in (0, 20) else replace(frame, sweeps=()) for frame in street.frames
    )
    return with_pose(
        replace(street, frames=frames), "front", lambda pose, _: pose @ turn(1, TURNED_DEG)
    )


@pytest.fixture(scope="module")
def street():
    return turned_street()


@pytest.fixture(scope="module")
def told_once(street):
    return measure_health(JobContext(), street, as_delivered, RunOptions())


@pytest.fixture
def desk(street):
    desk = Desk()
    desk.session.open_dataset(Dataset(Path(STREET), "memory", (street,)))
    desk.settle()
    yield desk
    desk.close()


@pytest.fixture
def findings(desk):
    found = FindingsDesk(desk.session)
    yield found
    found.dispose()


@pytest.fixture
def measured(desk, findings, told_once, monkeypatch):
    """Measured once for all tests: it takes seconds."""
    monkeypatch.setattr("viewer.session.findings_doctor.measure_health", lambda *_: told_once)
    findings.doctor.measure()
    assert findings.doctor.is_measuring
    desk.settle()
    return findings


def test_a_job_measures_in_the_background_and_says_how_far_it_is(desk, findings):
    told = []
    findings.doctor.measure()
    findings.subscribe(lambda _change: told.append(findings.doctor.progress))
    desk.settle()
    assert len(findings.doctor.health.cameras) == 6
    assert any(done and total and text for done, total, text in told)


def test_the_turned_camera_is_marked_and_the_others_are_not(measured):
    health = measured.doctor.health
    lines = {each.sensor_id: each for each in camera_lines(health)}
    assert lines["front"].finding.check == "calibration-drift"
    assert {name for name, each in lines.items() if each.finding} == {"front"}
    assert float(lines["front"].cells[0]) == pytest.approx(SHIFT_PX, rel=0.3)
    front = next(each for each in health.cameras if each.camera_id == "front")
    rows = {row.name: row for row in camera_rows(health, front)}
    assert rows["Bias"].finding is lines["front"].finding
    assert "px right" in rows["Bias"].value
    assert rows["Pose"].finding is None
    assert rows["Pose"].value.startswith("as given")
    assert "reaches 100%" in rows["Lens"].value
    assert elsewhere(health) == []
    assert "sweep-motion" in health.skipped


def test_the_chart_says_of_a_frame_what_was_measured_there(measured):
    health = measured.doctor.health
    front = next(each for each in health.cameras if each.camera_id == "front")
    policy = Policy()
    data = camera_chart(health, front, Axis.SIDEWAYS, policy)
    assert [each.name for each in data.series] == ["2D boxes", "image edges"]
    assert data.limits == (-0.004 * 640, 0.004 * 640)
    assert measured_frames(data) == front.boxes.frames.tolist()
    first = int(front.boxes.frames[0])
    told = reading(data, first)
    assert told.startswith(f"Frame {first + 1}: 2D boxes {front.boxes.right_px.median[0]:+.1f} px")
    assert f"{front.boxes.counts[0]} boxes" in told
    assert reading(data, 10_000).endswith("nothing measured")
    apart = camera_chart(health, front, Axis.APART, policy)
    assert [each.name for each in apart.series] == ["2D boxes"]
    assert (apart.series[0].values >= 0).all()


def test_times_are_charted_around_their_usual_offset(measured):
    health = measured.doctor.health
    clock = next(each for each in health.clocks if each.sensor_id == "rear")
    data = clock_chart(health, clock, Policy())
    assert np.mean(data.limits) == pytest.approx(clock.usual_ms)
    assert len(data.series[0].frames) == len(measured.session.scene.frames)
    lines = {each.sensor_id: each for each in clock_lines(health)}
    assert lines["rear"].cells[0] == f"{clock.usual_ms:+.1f}"


def test_a_frame_is_shown_large_with_the_outlines_that_were_compared(desk, measured):
    told = []
    measured.subscribe(told.append)
    health = measured.doctor.health
    boxes = next(each for each in health.cameras if each.camera_id == "front").boxes
    frame = int(boxes.frames[len(boxes.frames) // 2])
    measured.doctor.show("front", frame)
    desk.settle()
    session = desk.session
    assert (session.frame_index, session.large_camera) == (frame, "front")
    assert session.view.images.boxes_2d
    ghosts = [each.ghosts for each in told if isinstance(each, EvidenceShown)][-1]
    rows = np.flatnonzero(boxes.frame_of == frame)
    assert len(ghosts.flat) == len(rows) > 0
    low = ghosts.flat[0].outlines[0].points_px.min(axis=0)
    np.testing.assert_allclose(low, boxes.outlines_px[rows[0], :2])
    assert {each.sensor_id for each in ghosts.flat} == {"front"}
    session.go_to_frame(frame - 1)
    desk.settle()
    assert [each.ghosts for each in told if isinstance(each, EvidenceShown)][-1] is None


def test_a_finding_is_opened_and_takes_the_place_of_the_outlines(desk, measured):
    told = []
    doctor = measured.doctor
    doctor.show("front", 20)
    desk.settle()
    measured.subscribe(told.append)
    finding = against(doctor.health, "front")
    doctor.open_finding(finding)
    desk.settle()
    assert measured.current is finding
    assert desk.session.large_camera == "front"
    assert [each.ghosts for each in told if isinstance(each, EvidenceShown)][-1] is None


def test_giving_up_keeps_what_was_told(desk, measured):
    before = measured.doctor.health
    measured.doctor.measure()
    measured.doctor.give_up()
    assert not measured.doctor.is_measuring
    desk.settle()
    assert measured.doctor.health is before


def test_labels_that_change_put_it_behind_until_it_is_measured_again(desk, measured):
    told = []
    measured.subscribe(told.append)
    assert not measured.doctor.is_behind
    measured.labels_changed()
    assert measured.doctor.is_behind
    assert any(isinstance(each, DoctorChanged) for each in told)
    measured.doctor.measure()
    desk.settle()
    assert not measured.doctor.is_behind


def test_another_dataset_forgets(desk, measured):
    desk.session.open_dataset(Dataset(Path("/elsewhere"), "memory", (desk.session.scene,)))
    desk.settle()
    assert measured.doctor.health is None


def test_a_scene_without_labels_is_measured_by_its_images(street):
    scene = replace(street, label_sets=())
    health = measure_health(JobContext(), scene, as_delivered, RunOptions())
    assert {each.camera_id for each in health.cameras} == set(scene.camera_ids)
    assert all(each.boxes is None for each in health.cameras)
    assert any(each.edges is not None for each in health.cameras)
    assert {each.poses_unit for each in health.cameras if each.poses} == {"sigmas"}
    assert "calibration-drift" in health.skipped


def test_measuring_can_be_cancelled(street):
    job = JobContext()
    job.cancel()
    with pytest.raises(Cancelled):
        measure_health(job, street, as_delivered, RunOptions())


def test_the_worst_of_a_sensor_comes_first(measured):
    health = measured.doctor.health

    def said(severity, score, sensor):
        return Finding("x", health.scene_id, None, (), "", score, severity, "", sensor_id=sensor)

    others = replace(
        health,
        findings=(
            said(Severity.LOW, 0.9, "rear"), said(Severity.HIGH, 0.1, "rear"),
            said(Severity.INFO, 0.2, None), said(Severity.MEDIUM, 0.2, "ego"),
        ),
    )  # fmt: skip
    assert against(others, "rear") is others.findings[1]
    assert elsewhere(others) == [others.findings[3], others.findings[2]]


def test_a_pose_the_wrong_way_is_off_by_all_boxes_not_by_the_few_that_fit():
    street = street_labels().scene
    frames = tuple(replace(frame, sweeps=()) for frame in street.frames)
    wrong = with_pose(
        replace(street, frames=frames), "front_left", lambda pose, _: np.linalg.inv(pose)
    )
    health = measure_health(JobContext(), wrong, as_delivered, RunOptions())
    line = next(each for each in camera_lines(health) if each.sensor_id == "front_left")
    assert line.finding.check == "extrinsics"
    assert float(line.cells[0]) > 60
    camera = next(each for each in health.cameras if each.camera_id == "front_left")
    pose = next(row for row in camera_rows(health, camera) if row.name == "Pose")
    assert pose.finding is line.finding
    assert "its inverse" in pose.value


def test_a_dataset_that_grows_puts_it_behind(desk, measured):
    dataset = desk.session.dataset
    desk.session.use_grown(replace(dataset, problems=()))
    desk.settle()
    assert measured.doctor.is_behind


def test_checks_go_first_and_what_they_gathered_is_used(desk, findings, monkeypatch):
    seen = []
    true = measure_health

    def measured(*asked):
        seen.append(asked[-1])
        return true(*asked)

    monkeypatch.setattr("viewer.session.findings_doctor.measure_health", measured)
    findings.check_scene()
    findings.doctor.measure()
    assert findings.doctor.is_measuring
    assert "Waiting" in findings.doctor.progress[2]
    assert not any(each.key == DOCTOR_JOB for each in desk.session.jobs.statuses)
    desk.settle(lambda: findings.doctor.health is not None)
    assert not findings.doctor.is_measuring
    (gathered,) = seen
    assert gathered is findings.gathered_of(desk.session.scene)
    assert gathered is not None


def test_checks_that_begin_meanwhile_push_measuring_back(desk, findings):
    findings.doctor.measure()
    assert any(each.key == DOCTOR_JOB for each in desk.session.jobs.statuses)
    findings.check_scene()
    assert not any(each.key == DOCTOR_JOB for each in desk.session.jobs.statuses)
    assert findings.doctor.is_measuring
    desk.settle(lambda: findings.doctor.health is not None)
    findings.check_scene()
    findings.doctor.measure()
    findings.doctor.give_up()
    assert not findings.doctor.is_measuring
    desk.settle()
    assert not findings.doctor.is_measuring


def test_the_fit_is_a_line_through_the_frames(measured):
    health = measured.doctor.health
    front = next(each for each in health.cameras if each.camera_id == "front")
    trend = camera_chart(health, front, Axis.SIDEWAYS, Policy()).trend
    assert trend.frames == (int(front.boxes.frames[0]), int(front.boxes.frames[-1]))
    assert np.mean(trend.values) == pytest.approx(front.fit.bias_px[0])
    assert trend.values[1] - trend.values[0] == pytest.approx(front.fit.drift_px[0])
    assert np.mean(trend.values) == pytest.approx(SHIFT_PX, rel=0.3)
    assert camera_chart(health, front, Axis.APART, Policy()).trend is None


def test_a_camera_with_too_few_boxes_is_judged_by_its_edges_or_not_at_all(measured):
    health = measured.doctor.health
    few = next(each for each in health.cameras if each.fit is None and each.boxes is not None)
    alone = replace(few, edges=None, poses={}, poses_unit="")
    (line,) = camera_lines(replace(health, cameras=(alone,), findings=()))
    assert not line.measured
    assert float(line.cells[0]) == pytest.approx(few.boxes.median_px, abs=0.05)
    shift = Shift(-1.5, 0.2, 1.0, 2.0)
    edges = EdgeShifts(np.arange(4), np.full(4, -1.5), np.ones(4, bool), shift)
    (line,) = camera_lines(replace(health, cameras=(replace(alone, edges=edges),), findings=()))
    assert line.measured
    assert line.cells[0] == "1.5"
