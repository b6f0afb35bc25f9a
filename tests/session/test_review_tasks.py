"""Tasks at the desk: made, worked off, held up by what labels lack."""

import datetime as dt

import pytest

from tests.session.reviewing import go, messages
from viewer.review import Subject, SubjectKind
from viewer.review.commands.edits import ChangeAttribute
from viewer.review.queues.split import Share
from viewer.review.tasks.model import ItemStatus, MandatoryAttribute, TaskKind, TaskPriority
from viewer.review.tasks.reading import status_log
from viewer.review.verdicts.model import VerdictState
from viewer.session.review_builder import QueueRequest, Source
from viewer.session.review_tasks import (
    TaskRequest,
    concerns_tasks,
    mandatory_from,
    mandatory_text,
    shares_from,
)
from viewer.session.selection import LabelKey

LABELS = QueueRequest(SubjectKind.LABEL, Source.SCENE, "gt", "drive", open_only=False)
FRAMES = QueueRequest(SubjectKind.FRAME, Source.SCENE, "gt", "drive", open_only=False)
TRACKS = QueueRequest(SubjectKind.TRACK, Source.SCENE, "gt", "drive", open_only=False)


def make(desk, reviewing, name="label", kind=TaskKind.ANNOTATION, items=LABELS, **others):
    reviewing.tasks.make(TaskRequest(name, kind, items, **others))
    desk.settle()
    task = reviewing.tasks.current
    assert task is not None
    assert task.name == name
    return task


class TestMaking:
    def test_a_task_holds_what_was_asked(self, desk, reviewing):
        task = make(
            desk, reviewing, due=dt.date(2026, 12, 24), priority=TaskPriority.HIGH,
            shares=(Share("ann", 50), Share("bob", 50)), instructions="Look twice",
            mandatory=(MandatoryAttribute("colour"),), batch_size=2,
        )  # fmt: skip
        assert (task.kind, task.priority, task.due) == (
            TaskKind.ANNOTATION, TaskPriority.HIGH, dt.date(2026, 12, 24),
        )  # fmt: skip
        assert (task.owner, task.instructions, task.parent_id) == ("ann", "Look twice", None)
        # 12 cars and 5 walkers: 8.5 each, the first named gets one more.
        assert reviewing.tasks.assignees(task) == {"ann": 9, "bob": 8}
        assert reviewing.tasks.progress(task).queue.total == 17

    def test_changes_and_new_shares_are_undone(self, desk, reviewing):
        task = make(desk, reviewing)
        assert reviewing.tasks.change(task, name="other", due=dt.date(2027, 1, 1))
        assert reviewing.tasks.current.name == "other"
        assert reviewing.tasks.share(task, (Share("eve"),))
        assert reviewing.tasks.assignees(task) == {"eve": 17}
        reviewing.undo()
        reviewing.undo()
        assert reviewing.tasks.current.name == "label"
        assert reviewing.tasks.assignees(task) == {None: 17}
        assert reviewing.tasks.put_away(task)
        assert reviewing.tasks.all() == []
        reviewing.undo()
        assert len(reviewing.tasks.all()) == 1

    def test_qa_checks_what_was_completed(self, desk, reviewing):
        first = make(desk, reviewing)
        reviewing.tasks.work(first)
        for _ in range(3):
            desk.settle()
            reviewing.tasks.say_done()
        desk.settle()
        reviewing.tasks.discard()
        qa = make(desk, reviewing, "check", TaskKind.QA, None, parent_id=first.task_id)
        assert qa.parent_id == first.task_id
        assert reviewing.tasks.progress(qa).queue.total == 3
        reviewing.tasks.work(qa)
        desk.settle()
        reviewing.tasks.say_done()
        assert reviewing.tasks.progress(qa).statuses[ItemStatus.APPROVED] == 1

    def test_where_nothing_is_completed_there_is_no_qa(self, desk, reviewing):
        first = make(desk, reviewing)
        reviewing.tasks.make(TaskRequest("check", TaskKind.QA, None, first.task_id))
        desk.settle()
        assert len(reviewing.tasks.all()) == 1
        assert messages(desk)[-1] == "No task: there are no items for it"


class TestWorking:
    def test_the_work_is_walked_and_each_status_logged(self, desk, reviewing):
        task = make(desk, reviewing)
        reviewing.tasks.work(task)
        desk.settle()
        assert reviewing.walk.queue_id == task.queue_id
        first = reviewing.tasks.item()
        assert first.label_id == "car-0"
        reviewing.tasks.say_done()
        desk.settle()
        assert reviewing.tasks.item().label_id == "car-1"
        reviewing.tasks.discard()
        reviewing.undo()
        progress = reviewing.tasks.progress(task)
        assert progress.statuses == {
            ItemStatus.COMPLETED: 1, ItemStatus.APPROVED: 0, ItemStatus.DISCARDED: 0,
        }  # fmt: skip
        log = reviewing.tasks.log(task)
        assert [(each.action, each.status) for each in log] == [
            ("undone", None),
            ("created", ItemStatus.DISCARDED),
            ("created", ItemStatus.COMPLETED),
        ]
        assert reviewing.tasks.subject(log[-1].subject_key) == first
        newest = status_log(reviewing.reading, task.task_id, last=2)
        assert [each.action for each in newest] == ["created", "undone"]

    def test_a_selected_item_is_the_one(self, desk, reviewing):
        task = make(desk, reviewing)
        reviewing.tasks.work(task)
        desk.settle()
        reviewing.walk.item = None
        go(desk, LabelKey("gt", 6, "walker-6", "2"))
        assert reviewing.tasks.item().label_id == "walker-6"
        assert reviewing.tasks.status(reviewing.tasks.item()) is None
        reviewing.tasks.say_done()
        desk.settle()
        assert reviewing.tasks.progress(task).statuses[ItemStatus.COMPLETED] == 1

    def test_a_verdict_alone_leaves_the_item_open(self, desk, reviewing):
        task = make(desk, reviewing)
        reviewing.tasks.work(task)
        desk.settle()
        assert reviewing.judging.judge(VerdictState.ACCEPTED)
        desk.settle()
        assert reviewing.tasks.item().label_id == "car-0"
        assert reviewing.tasks.progress(task).queue.done == 0
        assert "open until it is completed" in messages(desk)[-1]
        reviewing.tasks.say_done()
        desk.settle()
        progress = reviewing.tasks.progress(task)
        assert (progress.queue.done, progress.statuses[ItemStatus.COMPLETED]) == (1, 1)
        assert 0 <= progress.queue.mean_seconds < 20
        assert reviewing.tasks.item().label_id == "car-1"

    def test_a_status_is_cleared(self, desk, reviewing):
        task = make(desk, reviewing)
        reviewing.tasks.work(task)
        desk.settle()
        reviewing.tasks.say_done()
        desk.settle()
        reviewing.walk.previous()
        desk.settle()
        assert reviewing.tasks.status(reviewing.tasks.item()) is ItemStatus.COMPLETED
        reviewing.tasks.clear()
        assert reviewing.tasks.status(reviewing.tasks.item()) is None
        assert reviewing.tasks.progress(task).queue.done == 0

    def test_without_a_task_the_keys_say_so(self, desk, reviewing):
        reviewing.tasks.say_done()
        assert messages(desk)[-1] == "No status: work off a task first"


class TestMandatory:
    def test_what_a_label_lacks_blocks_and_is_brought_into_view(self, desk, reviewing):
        rules = (MandatoryAttribute("colour", frozenset({"car"})),)
        task = make(desk, reviewing, mandatory=rules)
        reviewing.tasks.work(task)
        desk.settle()
        reviewing.tasks.say_done()
        desk.settle()
        assert messages(desk)[-1] == "Not complete yet: label car-0 (car) lacks colour"
        assert [each.text for each in reviewing.tasks.blocking] == [
            "label car-0 (car) lacks colour"
        ]
        assert reviewing.tasks.progress(task).queue.done == 0
        desk.session.select(None)
        assert reviewing.tasks.show_blocking()
        desk.settle()
        assert desk.session.selection.label_id == "car-0"
        item = reviewing.tasks.item()
        assert reviewing.run(ChangeAttribute(item, "colour", "red"))
        desk.settle()
        reviewing.tasks.say_done()
        desk.settle()
        assert reviewing.tasks.blocking == ()
        assert reviewing.tasks.progress(task).statuses[ItemStatus.COMPLETED] == 1

    def test_of_a_track_the_frame_is_found_in_which_a_label_lacks_it(self, desk, reviewing):
        """The walker is in five frames; only its first label has the attribute."""
        task = make(desk, reviewing, items=TRACKS, mandatory=(MandatoryAttribute("pose"),))
        own = reviewing.dataset_id
        first = Subject.label(own, "drive", "000003", "gt", "walker-3")
        assert reviewing.run(ChangeAttribute(first, "pose", "upright"))
        reviewing.tasks.work(task)
        desk.settle()
        reviewing.walk.next()
        desk.settle()
        assert reviewing.tasks.item().track_id == "2"
        reviewing.tasks.say_done()
        desk.settle()
        assert [each.subject.frame_key for each in reviewing.tasks.blocking] == [
            "000004", "000006", "000007", "000008",
        ]  # fmt: skip
        assert messages(desk)[-1] == (
            "Not complete yet: label walker-4 (pedestrian) lacks pose,"
            " and 3 more labels lack something"
        )
        assert reviewing.tasks.show_blocking(2)
        desk.settle()
        assert desk.session.frame_index == 7

    def test_of_a_frame_only_the_ground_truth_counts(self, desk, reviewing):
        task = make(desk, reviewing, items=FRAMES, mandatory=(MandatoryAttribute("colour"),))
        reviewing.tasks.work(task)
        desk.settle()
        reviewing.tasks.say_done()
        desk.settle()
        assert [each.subject.label_id for each in reviewing.tasks.blocking] == ["car-0"]
        reviewing.tasks.discard()
        desk.settle()
        assert reviewing.tasks.progress(task).statuses[ItemStatus.DISCARDED] == 1
        assert reviewing.tasks.blocking == ()


def test_what_is_typed_is_understood():
    assert shares_from("ann 33.3, bob 66.7%") == (Share("ann", 33.3), Share("bob", 66.7))
    assert shares_from(" ann ,, bob b ") == (Share("ann"), Share("bob b"))
    assert shares_from("") == ()
    rules = mandatory_from("colour; occlusion of car or truck, van;")
    assert rules == (
        MandatoryAttribute("colour"),
        MandatoryAttribute("occlusion", frozenset({"car", "truck", "van"})),
    )
    assert mandatory_from(mandatory_text(rules)) == rules


@pytest.mark.parametrize("kind", [TaskKind.ANNOTATION, TaskKind.QA])
def test_changes_of_tasks_are_told(desk, reviewing, kind):
    heard = []
    reviewing.subscribe(heard.append)
    make(desk, reviewing, kind=kind)
    assert any(concerns_tasks(each) for each in heard)
