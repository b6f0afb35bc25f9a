"""The findings desk over a drive whose errors are planted: run, list, walk, decide."""

import numpy as np
import pytest
from checked_drive import changed, drive_scene, moved, true_rows
from fake_drive import Desk

from viewer.checks.finding import FixKind, Severity
from viewer.review import Reviewer
from viewer.review.dismissals.reading import dismissals
from viewer.review.issues.reading import issues
from viewer.review.marks.reading import marks
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import all_verdicts
from viewer.scene.scene import Dataset
from viewer.session.findings_changes import EvidenceShown, PlaceSought
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_list import Grouping, listed, place_of, table_of
from viewer.session.ghosts import Became
from viewer.session.review_desk import ReviewDesk

LIFTED_M = 1.7
LIFTED, FLIPPED = "car-1", "car-2"
FRAME = 12


def spoilt_rows():
    """One label floats, another looks backwards."""
    rows = changed(true_rows(), LIFTED, [FRAME], center=moved(z=LIFTED_M))
    return changed(rows, FLIPPED, [FRAME], yaw=0.0)


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def opened(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    scene = drive_scene(spoilt_rows())
    desk.session.open_dataset(Dataset(tmp_path / "drive", "memory", (scene,)))
    desk.settle()
    return desk


@pytest.fixture
def findings(opened):
    found = FindingsDesk(opened.session)
    yield found
    found.dispose()


@pytest.fixture
def review(opened, findings):
    review = ReviewDesk(opened.session, Reviewer("ann"))
    assert review.open_default()
    findings.work.review = findings.work.known_review = lambda: review
    findings.follow(review)
    opened.settle()
    yield review
    review.dispose()


@pytest.fixture
def checked(opened, findings):
    findings.check_scene()
    opened.settle()
    return findings


def of_check(findings, check):
    table = findings.table
    rows = range(len(table))
    return [table.finding(row) for row in rows if table.finding(row).check == check]


def all_listed(findings):
    listing = findings.listing
    return [listing.table.finding(int(row)) for row in listing.rows]


def test_a_run_finds_what_was_planted_worst_first(checked):
    assert checked.has_run
    assert not checked.is_checking
    (floating,) = of_check(checked, "floating")
    assert floating.labels[0].track_id == LIFTED
    assert floating.frame_key == f"{FRAME:06d}"
    listing = checked.listing
    scores = [listing.table.ranked(int(row)).score for row in listing.rows]
    assert scores == sorted(scores, reverse=True)
    accused = {each.labels[0].track_id for each in all_listed(checked)[:3]}
    assert accused <= {LIFTED, FLIPPED}


def test_filters_and_groups_agree_with_counting_by_hand(checked):
    everything = all_listed(checked)
    checked.narrow(check="floating")
    assert [each.check for each in all_listed(checked)] == ["floating"]
    checked.narrow(check=None, least=Severity.HIGH)
    assert len(all_listed(checked)) == sum(each.severity is Severity.HIGH for each in everything)
    checked.narrow(least=Severity.INFO, text=f"{LIFTED} floating")
    assert {each.labels[0].track_id for each in all_listed(checked)} == {LIFTED}
    checked.narrow(text="")
    checked.group_by(Grouping.CHECK)
    listing = checked.listing
    assert len(listing) == len(everything)
    assert sum(count for _, count in listing.groups) == len(everything)
    order = [each.check for each in all_listed(checked)]
    blocks = [check for n, check in enumerate(order) if n == 0 or order[n - 1] != check]
    assert len(blocks) == len(set(order)) == len(listing.groups)
    assert len(listing.entries) == len(listing) + len(listing.groups)
    checked.toggle_group(0)
    assert len(checked.listing.entries) == len(listing.entries) - listing.groups[0][1]


def test_looking_at_a_finding_selects_and_draws(opened, checked):
    told = []
    checked.subscribe(told.append)
    (floating,) = of_check(checked, "floating")
    checked.walk.show(floating)
    opened.settle()
    session = opened.session
    assert session.frame_index == FRAME
    assert session.selection.label_id == floating.labels[0].label_id
    ghosts = [each.ghosts for each in told if isinstance(each, EvidenceShown)][-1]
    assert Became.EXPECTED in ghosts.became
    row = ghosts.became.index(Became.EXPECTED)
    own = floating.evidence.boxes[0].center_m
    lowered = ghosts.cuboids.center[row]
    assert own[2] - lowered[2] == pytest.approx(LIFTED_M, abs=0.1)
    np.testing.assert_allclose(lowered[:2], own[:2], atol=1e-6)
    session.go_to_frame(0)
    opened.settle()
    assert [each for each in told if isinstance(each, EvidenceShown)][-1].ghosts is None


def test_label_and_expected_box_come_into_view_together(opened, checked):
    told = []
    checked.subscribe(told.append)
    (floating,) = of_check(checked, "floating")
    checked.walk.show(floating)
    opened.settle()
    (sought,) = [each.box for each in told if isinstance(each, PlaceSought)]
    # 1.5 m high, once on the ground and once 1.7 m above it.
    assert float(sought.size[2]) == pytest.approx(1.5 + LIFTED_M, abs=0.1)
    assert float(sought.center[2]) == pytest.approx((1.5 + LIFTED_M) / 2, abs=0.1)


def test_steps_walk_the_list_and_stop_at_its_ends(opened, checked):
    listed_now = all_listed(checked)
    checked.walk.step(1)
    assert checked.current is listed_now[0]
    checked.walk.step(1)
    assert checked.current is listed_now[1]
    checked.walk.step(-1)
    checked.walk.step(-1)
    assert checked.current is listed_now[0]
    opened.settle()


def test_a_dismissed_finding_stays_away_until_its_label_changes(opened, checked, review):
    (floating,) = of_check(checked, "floating")
    checked.walk.show(floating)
    opened.settle()
    assert checked.work.dismiss("a ramp")
    opened.settle()
    assert place_of(floating) not in {place_of(each) for each in all_listed(checked)}
    assert checked.dismissed_count == 1
    (kept,) = dismissals(review.reading, review.dataset_id)
    assert kept.reason == "a ramp"
    checked.check_scene()
    opened.settle()
    assert place_of(floating) not in {place_of(each) for each in all_listed(checked)}
    checked.walk.show(floating)
    opened.settle()
    x, y, z = floating.evidence.boxes[0].center_m
    assert review.editing.change_box(center=(x, y, z - 0.2))
    opened.settle()
    assert place_of(floating) in {place_of(each) for each in all_listed(checked)}
    assert checked.dismissed_count == 0


def test_undo_brings_a_dismissed_finding_back(opened, checked, review):
    before = len(checked.listing)
    checked.walk.step(1)
    opened.settle()
    assert checked.work.dismiss()
    opened.settle()
    assert len(checked.listing) == before - 1
    review.undo()
    opened.settle()
    assert len(checked.listing) == before


def test_accepting_gives_the_verdict_with_the_reason(opened, checked, review):
    (floating,) = of_check(checked, "floating")
    checked.walk.show(floating)
    opened.settle()
    assert checked.work.accept()
    opened.settle()
    ((subject, verdict),) = all_verdicts(review.reading)
    assert subject.label_id == floating.labels[0].label_id
    assert verdict.state is VerdictState.NEEDS_FIX
    assert verdict.reasons == ("wrong position",)
    assert floating.text in verdict.comment
    assert checked.work.state_of(floating) == "needs_fix"
    assert checked.current is not floating


def test_the_fix_mends_the_label_and_the_finding_goes(opened, checked, review):
    (floating,) = of_check(checked, "floating")
    assert floating.fix.kind is FixKind.SET_BOX
    checked.walk.show(floating)
    opened.settle()
    assert checked.work.fix()
    opened.settle()
    label = review.selected.label()
    true_z = 0.75
    assert float(label.cuboids.center[0][2]) == pytest.approx(true_z, abs=0.1)
    assert of_check(checked, "floating") == []
    assert checked.current is None
    checked.walk.step(1)
    assert checked.current is not None
    review.undo()
    opened.settle()
    assert len(of_check(checked, "floating")) == 1


def test_only_frames_whose_labels_changed_are_measured_again(opened, checked, review):
    (floating,) = of_check(checked, "floating")
    checked.walk.show(floating)
    opened.settle()
    reader = opened.session.scene.reader
    read, plain = [], reader.read_point_cloud

    def counted(frame_index, sensor_id):
        read.append(frame_index)
        return plain(frame_index, sensor_id)

    reader.read_point_cloud = counted
    assert checked.work.fix()
    opened.settle()
    assert set(read) <= {FRAME}


def test_a_finding_becomes_an_issue_on_its_label(opened, checked, review):
    (floating,) = of_check(checked, "floating")
    checked.walk.show(floating)
    opened.settle()
    issue_id = checked.work.open_issue()
    (found,) = issues(review.reading)
    assert found.issue_id == issue_id
    assert found.title.startswith("Floating: ")
    assert found.description == floating.text


def test_what_is_listed_becomes_a_queue_each_label_once(opened, checked, review):
    labels = {each.labels[0].label_id for each in all_listed(checked) if each.labels}
    checked.work.make_queue()
    opened.settle()
    assert review.walk.progress.total == len(labels)


def test_a_missing_label_is_sought_and_marked(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    rows = [each for each in true_rows() if each.track != "car-5"]
    guessed = [
        type(each)(each.frame, f"t{each.track}", each.class_name, each.center, each.size, each.yaw,
                   each.velocity, each.state, score=0.95)
        for each in true_rows()
    ]  # fmt: skip
    scene = drive_scene(rows, guessed, truth=true_rows())
    desk.session.open_dataset(Dataset(tmp_path / "drive", "memory", (scene,)))
    desk.settle()
    findings, review = FindingsDesk(desk.session), ReviewDesk(desk.session, Reviewer("ann"))
    assert review.open_default()
    findings.work.review = lambda: review
    findings.check_scene()
    desk.settle()
    missing = of_check(findings, "missing-label")[0]
    told = []
    findings.subscribe(told.append)
    findings.walk.show(missing)
    desk.settle()
    (sought,) = [each.box for each in told if isinstance(each, PlaceSought)]
    true = next(each for each in true_rows() if each.track == "car-5")
    np.testing.assert_allclose(sought.center, true.center, atol=0.01)
    assert findings.work.fix()
    (mark,) = marks(review.reading, review.dataset_id)
    np.testing.assert_allclose(mark.position, true.center, atol=0.01)
    assert mark.class_name == "car"
    assert not findings.work.fix()
    assert len(marks(review.reading, review.dataset_id)) == 1
    findings.dispose()
    review.dispose()


def test_the_dataset_is_checked_and_a_broken_scene_passed_over(desk, tmp_path):
    good, broken = drive_scene(spoilt_rows()), drive_scene(true_rows())
    from dataclasses import replace

    broken = replace(broken, scene_id="broken")

    def fail(_frame_index):
        raise RuntimeError("no rig")

    broken.reader.read_rig = fail
    desk.session.open_dataset(Dataset(tmp_path, "memory", (good, broken)))
    desk.settle()
    findings = FindingsDesk(desk.session)
    findings.check_dataset()
    desk.settle()
    assert not findings.is_checking
    assert list(findings.scenes) == [good.scene_id]
    assert findings.failures == {"broken": "no rig"}
    assert len(of_check(findings, "floating")) == 1
    findings.dispose()


def test_scenes_are_ranked_together(checked):
    (scene,) = checked.scenes.values()
    from dataclasses import replace

    twin = replace(scene, scene_id="twin", scores=scene.scores / 2)
    table = table_of([scene, twin], {"twin": range(len(twin))})
    assert len(table) == 2 * len(scene)
    assert int(table.dismissed.sum()) == len(twin)
    assert len(listed(table, checked.wanted)) == len(scene)
    everything = table_of([scene, twin])
    scores = [everything.scenes[s].scores[r] for s, r in zip(everything.scene, everything.row,
                                                             strict=True)]  # fmt: skip
    assert scores == sorted(scores, reverse=True)
