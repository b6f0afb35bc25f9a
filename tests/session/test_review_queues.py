"""Queues at the review desk: built, walked, worked off."""

from dataclasses import replace

from tests.session.reviewing import CAR_2, go, heard, messages
from viewer.progress import JobContext
from viewer.review import SubjectKind, new_id
from viewer.review.commands.edits import ChangeClass
from viewer.review.commands.queues import CreateQueue
from viewer.review.queues.plan import QueuePlan
from viewer.review.subject import Subject
from viewer.review.verdicts.model import VerdictState
from viewer.scene.scene import Growth
from viewer.session.review_builder import QueueRequest, Source, build_plan
from viewer.session.review_changes import (
    QueueChanged,
)
from viewer.session.review_history import subject_of
from viewer.session.selection import LabelKey

ACCEPTED, REJECTED, NEEDS_FIX, SKIPPED = VerdictState


def make_queue(reviewing, desk, frames):
    scene = desk.session.scene
    subjects = [
        Subject.label(reviewing.dataset_id, scene.scene_id, scene.frames[i].key, "gt", f"car-{i}")
        for i in frames
    ]
    queue_id = new_id()
    assert reviewing.run(CreateQueue.of(queue_id, "cars", QueuePlan.of(subjects)))
    return queue_id


class TestQueue:
    def test_walks_from_verdict_to_verdict_and_counts_the_time(self, desk, reviewing):
        queue_id = make_queue(reviewing, desk, [3, 7, 8])
        reviewing.walk.choose(queue_id)
        seen = []
        for state in (ACCEPTED, REJECTED, SKIPPED):
            desk.settle()
            seen.append((desk.session.frame_index, desk.session.selection.label_id))
            assert reviewing.judging.judge(state)
        assert seen == [(3, "car-3"), (7, "car-7"), (8, "car-8")]
        progress = reviewing.walk.progress
        assert (progress.done, progress.total) == (3, 3)
        assert 0 <= progress.mean_seconds < 20
        assert messages(desk)[-1] == "The queue is done"

    def test_verdict_and_progress_are_one_step_of_undo(self, desk, reviewing):
        queue_id = make_queue(reviewing, desk, [3, 7])
        reviewing.walk.choose(queue_id)
        desk.settle()
        reviewing.judging.judge(ACCEPTED)
        entry = reviewing.undo()
        assert reviewing.walk.progress.done == 0
        assert reviewing.judging.state_of(LabelKey("gt", 3, "car-3", "1")) is None
        reviewing.walk.return_to(subject_of(reviewing.workspace, entry))
        desk.settle()
        assert desk.session.selection.label_id == "car-3"
        assert reviewing.walk.item.label_id == "car-3"

    def test_a_verdict_beside_the_queue_does_not_walk_on(self, desk, reviewing):
        reviewing.walk.choose(make_queue(reviewing, desk, [3, 7]))
        desk.settle()
        go(desk, CAR_2)
        assert reviewing.judging.judge(ACCEPTED)
        assert reviewing.walk.progress.done == 0
        assert reviewing.walk.item.label_id == "car-3"

    def test_an_item_that_is_gone_from_the_data_can_be_skipped(self, desk, reviewing):
        scene = desk.session.scene
        names = (reviewing.dataset_id, scene.scene_id)
        gone = [
            Subject.label(*names, scene.frames[2].key, "gt", "no such label"),
            Subject.label(*names, "no such frame", "gt", "car-1"),
        ]
        there = Subject.label(*names, scene.frames[5].key, "gt", "car-5")
        queue_id = new_id()
        plan = QueuePlan.of([*gone, there])
        assert reviewing.run(CreateQueue.of(queue_id, "some", plan))
        reviewing.walk.choose(queue_id)
        for subject in gone:
            desk.settle()
            assert desk.session.selection is None
            assert reviewing.judging.subject() == subject
            assert reviewing.judging.missing is None
            assert reviewing.judging.judge(SKIPPED)
        desk.settle()
        assert desk.session.selection.label_id == "car-5"
        assert reviewing.walk.lost_item is None
        assert reviewing.walk.progress.done == 2
        desk.session.select(None)
        assert reviewing.judging.subject() is None

    def test_previous_and_next_go_to_and_fro(self, desk, reviewing):
        reviewing.walk.choose(make_queue(reviewing, desk, [3, 7, 8]))
        desk.settle()
        reviewing.walk.next()
        desk.settle()
        assert desk.session.frame_index == 7
        reviewing.walk.previous()
        desk.settle()
        assert desk.session.frame_index == 3
        assert not reviewing.walk.previous()

    def test_goes_to_another_scene(self, desk, reviewing):
        yard = desk.session.dataset.scenes[1]
        subject = Subject.label(reviewing.dataset_id, "yard", yard.frames[4].key, "gt", "car-4")
        assert reviewing.walk.show(subject)
        desk.settle()
        assert (desk.session.scene.scene_id, desk.session.frame_index) == ("yard", 4)
        assert desk.session.selection.label_id == "car-4"

    def test_track_is_shown_in_its_middle_once_the_tracks_are_read(self, desk, reviewing):
        desk.session.load_kernels()
        desk.settle()
        scene = desk.session.scene
        reviewing.walk.show(Subject.track(reviewing.dataset_id, scene.scene_id, "gt", "2"))
        desk.settle()
        assert desk.session.selection == LabelKey("gt", 6, "walker-6", "2")

    def test_what_the_dataset_lost_is_said(self, desk, reviewing):
        scene = desk.session.scene
        gone = Subject.label(reviewing.dataset_id, scene.scene_id, scene.frames[1].key, "gt", "x")
        desk.changes.clear()
        reviewing.walk.show(gone)
        desk.settle()
        assert messages(desk)[-1] == "The frame no longer has label x"
        frame = Subject.frame(reviewing.dataset_id, scene.scene_id, "no such frame")
        assert not reviewing.walk.show(frame)

    def test_choosing_tells(self, desk, reviewing):
        changes = heard(reviewing)
        reviewing.walk.choose(make_queue(reviewing, desk, [3]))
        assert QueueChanged() in changes


class TestBuilding:
    def build(self, reviewing, desk, **asked):
        request = QueueRequest(
            asked.pop("kind", SubjectKind.LABEL), asked.pop("source", Source.DATASET), "gt",
            asked.pop("scene_id", None), **asked,
        )  # fmt: skip
        return build_plan(
            JobContext(), request, desk.session.dataset, reviewing.dataset_id, reviewing.workspace
        )

    def test_all_labels_of_a_class(self, desk, reviewing):
        plan = self.build(reviewing, desk, classes=frozenset({"car"}))
        assert len(plan) == 12 + 5
        assert {item.class_name for item in plan.items} == {"car"}

    def test_what_is_judged_is_left_out(self, desk, reviewing):
        go(desk, CAR_2)
        reviewing.judging.judge(ACCEPTED)
        plan = self.build(reviewing, desk, classes=frozenset({"car"}))
        assert len(plan) == 12 + 5 - 1
        assert CAR_2.label_id not in {
            item.row.label_id for item in plan.items if item.row.scene_id != "yard"
        }

    def test_tracks_of_one_scene(self, desk, reviewing):
        scene_id = desk.session.scene.scene_id
        plan = self.build(
            reviewing, desk, kind=SubjectKind.TRACK, source=Source.SCENE, scene_id=scene_id
        )
        assert sorted(item.row.track_id for item in plan.items) == ["1", "2"]

    def test_sample_is_the_same_for_the_same_seed(self, desk, reviewing):
        first, again, other = (
            [item.key for item in self.build(reviewing, desk, count=5, seed=seed).items]
            for seed in (3, 3, 4)
        )
        assert len(first) == 5
        assert first == again != other

    def test_edited_class_counts(self, desk, reviewing):
        scene = desk.session.scene
        subject = Subject.label(
            reviewing.dataset_id, scene.scene_id, scene.frames[2].key, "gt", "car-2"
        )
        assert reviewing.run(ChangeClass(subject, "bus"))
        desk.settle()
        plan = self.build(reviewing, desk, classes=frozenset({"bus"}))
        assert [item.row.label_id for item in plan.items] == ["car-2"]


def test_a_queue_that_is_taken_back_is_walked_no_more(desk, reviewing):
    reviewing.walk.choose(make_queue(reviewing, desk, [3, 7]))
    desk.settle()
    changes = heard(reviewing)
    reviewing.undo()
    assert reviewing.walk.queue_id is None
    assert reviewing.walk.progress_text == ""
    assert QueueChanged() in changes


def test_an_item_that_is_not_indexed_yet_is_shown_when_it_is(desk, reviewing):
    session = desk.session
    queue_id = make_queue(reviewing, desk, [7])
    whole = session.dataset
    (scene, *others) = whole.scenes
    early = replace(scene, frames=scene.frames[:3])
    growth = Growth(lambda: whole, renews=True)
    session.use_grown(replace(whole, scenes=(early, *others), growth=growth))
    desk.settle()
    reviewing.walk.choose(queue_id)
    desk.settle()
    assert session.frame_index < 3
    assert messages(desk)[-1] == "label car-7 is shown when the dataset is indexed"
    assert reviewing.walk.lost_item is not None
    session.use_grown(whole)
    desk.settle()
    assert (session.frame_index, session.selection.label_id) == (7, "car-7")
    assert reviewing.walk.lost_item is None
    assert reviewing.judging.judge(ACCEPTED)
    assert reviewing.walk.progress.done == 1
