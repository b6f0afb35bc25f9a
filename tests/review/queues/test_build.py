import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.review import CommandRefused, Reviewer, Subject, SubjectKind, Workspace, new_id
from viewer.review.commands.queues import CreateQueue
from viewer.review.commands.slices import CreateSlice
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.queues import build
from viewer.review.queues.build import (
    class_of,
    for_second_reviewer,
    not_yet_reviewed,
    plan_of_findings,
    plan_of_judged,
    plan_of_slice,
    sampled,
    sampled_in_proportion,
    scene_of,
    tracks_of,
)
from viewer.review.queues.model import ItemDetail
from viewer.review.queues.origin import describe_queue
from viewer.review.queues.plan import PlannedItem, QueuePlan
from viewer.review.queues.reading import batch_items, batches, queue_by_id
from viewer.review.slices.members import Members
from viewer.review.subject_rows import subject_row
from viewer.review.verdicts.model import VerdictState

ACCEPTED = VerdictState.ACCEPTED


@pytest.fixture(params=[0, 5], ids=["looked up", "all read"])
def reading_verdicts(request, monkeypatch):
    """Both ways of finding who judged something."""
    monkeypatch.setattr(build, "LOOK_UP_COST", request.param)


def label(number: int, frame: str = "000042", scene: str = "street") -> Subject:
    return Subject.label("d", scene, frame, "gt", str(number))


def planned(number: int, class_name: str = "car", track: str | None = None, **more) -> PlannedItem:
    return PlannedItem(subject_row(label(number)), class_name, track, **more)


def numbers(plan: QueuePlan) -> list[int]:
    return [int(item.row.label_id) for item in plan.items]


def test_members_of_a_slice_come_in_the_order_of_frames(workspace: Workspace):
    members = [label(n, frame) for frame in ("000043", "000042") for n in (10, 9, 100)]
    random.Random(1).shuffle(members)
    slice_id = new_id()
    workspace.run(CreateSlice(slice_id, "night", Members.of(members)))
    plan = plan_of_slice(workspace.reading, slice_id)
    assert [(item.row.frame_key, item.row.label_id) for item in plan.items] == [
        (frame, name) for frame in ("000042", "000043") for name in ("9", "10", "100")
    ]
    workspace.run(CreateQueue.of("5" * 32, "night", plan))
    queue = queue_by_id(workspace.reading, "5" * 32)
    assert queue.origin == "slice night"
    with pytest.raises(CommandRefused, match="gone"):
        plan_of_slice(workspace.reading, new_id())


def test_findings_come_most_suspicious_first_and_keep_their_reasons(workspace: Workspace):
    findings = [
        (label(1), 0.2, "few points"), (label(2), 0.9, "id switch"), (label(3), None, "odd"),
        (label(1), 0.95, "flipped"), (label(2), 0.5, "id switch"), (label(4), float("nan"), ""),
    ]  # fmt: skip
    plan = plan_of_findings(findings, "all checks")
    assert numbers(plan) == [1, 2, 3, 4]
    assert plan.details[:3] == (
        ItemDetail(0.95, "few points; flipped"), ItemDetail(0.9, "id switch"),
        ItemDetail(None, "odd"),
    )  # fmt: skip
    plan = QueuePlan(plan.items[:3], plan.how)
    workspace.run(CreateQueue.of("5" * 32, "suspicious", plan))
    items = batch_items(workspace.reading, batches(workspace.reading, "5" * 32)[0].batch_key)
    assert tuple(item.detail for item in items) == plan.details
    assert queue_by_id(workspace.reading, "5" * 32).origin == "findings: all checks"


@given(st.sets(st.integers(0, 500)), st.integers(0, 60), st.integers(-5, 5), st.randoms())
@settings(max_examples=50, deadline=None)
def test_a_sample_is_the_same_for_the_same_seed_whatever_the_order(pool, count, seed, chance):
    items = [planned(number) for number in pool]
    plan = QueuePlan(tuple(items))
    drawn = sampled(plan, count, seed)
    assert len(drawn) == min(count, len(pool))
    assert numbers(drawn) == [n for n in numbers(plan) if n in set(numbers(drawn))]
    chance.shuffle(items)
    assert set(numbers(sampled(QueuePlan(tuple(items)), count, seed))) == set(numbers(drawn))
    assert drawn.how["seed"] == seed
    assert drawn.how["count"] == len(drawn)


def test_another_seed_draws_others():
    plan = QueuePlan(tuple(planned(number) for number in range(200)))
    assert numbers(sampled(plan, 50, 1)) != numbers(sampled(plan, 50, 2))


def test_a_stratified_sample_keeps_the_shares():
    classes = ["car"] * 60 + ["pedestrian"] * 30 + ["cyclist"] * 10
    plan = QueuePlan(tuple(planned(n, name) for n, name in enumerate(classes)))
    drawn = sampled_in_proportion(plan, 20, 7, class_of, "class")
    assert Counter(map(class_of, drawn.items)) == {"car": 12, "pedestrian": 6, "cyclist": 2}
    assert drawn.how == {
        "by": "drawn", "of": {"by": "hand"}, "count": 20, "seed": 7, "strata": "class"
    }  # fmt: skip
    assert len(sampled_in_proportion(plan, 5, 7, scene_of, "scene")) == 5


@pytest.mark.usefixtures("reading_verdicts")
def test_what_a_track_frame_or_scene_verdict_covers_is_reviewed(workspace: Workspace):
    plan = QueuePlan(
        (
            planned(1),
            planned(2, track="7"),
            planned(3, track="8"),
            PlannedItem(subject_row(label(4, "000043"))),
            PlannedItem(subject_row(label(5, "000044", "yard"))),
            PlannedItem(subject_row(Subject.track("d", "yard", "gt", "7"))),
            PlannedItem(subject_row(Subject.frame("d", "street", "000043"))),
            PlannedItem(subject_row(Subject.scene("d", "street"))),
        )
    )

    def left() -> list[int]:
        found = not_yet_reviewed(workspace.reading, plan)
        return [place for place, item in enumerate(plan.items) if item in found.items]

    assert left() == [0, 1, 2, 3, 4, 5, 6, 7]
    workspace.run(SetVerdict(label(1), VerdictState.SKIPPED))
    workspace.run(SetVerdict(Subject.track("d", "street", "gt", "7"), ACCEPTED))
    assert left() == [2, 3, 4, 5, 6, 7]
    workspace.run(SetVerdict(Subject.frame("d", "street", "000043"), ACCEPTED))
    assert left() == [2, 4, 5, 7]
    workspace.run(SetVerdict(Subject.scene("d", "yard"), ACCEPTED))
    assert left() == [2, 7]
    assert not_yet_reviewed(workspace.reading, plan).how == {
        "by": "not yet reviewed", "of": {"by": "hand"}
    }  # fmt: skip


@pytest.mark.usefixtures("reading_verdicts")
def test_a_second_reviewer_gets_what_only_others_judged(workspace: Workspace):
    for number in (1, 2):
        workspace.run(SetVerdict(label(number), ACCEPTED))
    workspace.reviewer = Reviewer("bob")
    for number in (2, 3):
        workspace.run(SetVerdict(label(number), ACCEPTED))
    workspace.run(SetVerdict(Subject.frame("d", "street", "000099"), ACCEPTED))
    workspace.run(SetVerdict(Subject.frame("e", "street", "000099"), ACCEPTED))
    reading = workspace.reading
    judged = plan_of_judged(reading, "d", SubjectKind.LABEL)
    assert numbers(judged) == [1, 2, 3]
    second = for_second_reviewer(reading, judged, "bob")
    assert numbers(second) == [1]
    assert describe_queue(second.how) == "what was judged, a second look by bob"
    assert numbers(for_second_reviewer(reading, judged, "ann")) == [3]
    assert numbers(for_second_reviewer(reading, judged, "eve")) == [1, 2, 3]
    assert len(plan_of_judged(reading, "d")) == 4
    pool = QueuePlan((planned(1), planned(4)))
    assert numbers(for_second_reviewer(reading, pool, "bob")) == [1]


def test_tracks_stand_for_their_labels_with_the_worst_score():
    plan = QueuePlan(
        (
            planned(1, track="7", score=0.2, why="small"),
            planned(2),
            planned(3, track="8", score=0.5, why="late"),
            planned(4, track="7", score=0.9, why="id switch"),
        )
    )
    found = tracks_of(plan)
    assert [item.row.kind for item in found.items] == ["track", "label", "track"]
    assert found.items[0].row.subject == Subject.track("d", "street", "gt", "7")
    assert (found.items[0].score, found.items[0].why) == (0.9, "id switch")
    assert found.items[2].why == "late"


def test_how_a_queue_was_made_is_told_in_words(workspace: Workspace):
    plan = plan_of_findings([(label(n), 1.0, "") for n in range(30)], "id switches")
    plan = not_yet_reviewed(workspace.reading, plan)
    plan = sampled_in_proportion(plan, 10, 7, class_of, "class")
    workspace.run(CreateQueue.of("5" * 32, "ten", plan))
    assert queue_by_id(workspace.reading, "5" * 32).origin == (
        "10 of findings: id switches, not yet reviewed, by class, seed 7"
    )


def test_a_filter_narrows_a_slice_and_tells_classes():
    plan = QueuePlan((planned(3, ""), planned(1, ""), planned(2, "")), {"by": "judged"})
    labels = QueuePlan((planned(1, "van", "t"), planned(2, "car")), {"by": "filter", "filter": "x"})
    narrowed = build.let_through(plan, labels)
    assert [(each.class_name, each.track_id) for each in narrowed.items] == [
        ("van", "t"), ("car", None),
    ]  # fmt: skip
    assert numbers(narrowed) == [1, 2]
    assert describe_queue(narrowed.how) == "what was judged, x"
    told = build.with_classes(plan, labels)
    assert [each.class_name for each in told.items] == ["", "van", "car"]
    assert told.how == plan.how
