"""The figures of the dashboard, against counts made by hand."""

import datetime as dt

import pytest
from fake_drive import make_dataset, make_scene

from viewer.progress import JobContext
from viewer.review import Reviewer, Subject, Workspace, new_id
from viewer.review.commands.issues import OpenIssue
from viewer.review.commands.queues import CreateQueue, FinishItem
from viewer.review.commands.tasks import CreateTask, SetItemStatus
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.exchange.catalog import shape_named
from viewer.review.issues.model import IssueState
from viewer.review.tasks.model import ItemStatus, TaskKind
from viewer.review.verdicts.counts import VerdictCount
from viewer.review.verdicts.model import VerdictState
from viewer.session.review_dashboard import (
    DAY_NS,
    MOST_BARS,
    MOST_STEPS,
    STEPS_NS,
    read_dashboard,
    state_bars,
    step_for,
)
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_hand_over import export_decisions, exported_text
from viewer.session.review_place import InsideDataset

TODAY = dt.date(2026, 5, 2)
ACCEPTED, REJECTED, NEEDS_FIX, SKIPPED = VerdictState


@pytest.fixture
def review(open_review):
    return open_review(make_scene(12))


def label(review, number):
    return Subject.label(review.dataset_id, "drive", f"{number:06d}", "gt", f"car-{number}")


def read(review):
    return read_dashboard(review.workspace, review.dataset_id, TODAY)


def test_a_new_workspace_has_nothing_to_show(review):
    found = read(review)
    assert found.is_empty
    assert (found.judged, found.in_time, found.by_class) == (0, (), ())


def test_figures_are_those_counted_by_hand(review, desk):
    run = review.workspace.run
    run(SetVerdict(label(review, 0), ACCEPTED, class_name="car"))
    run(SetVerdict(label(review, 1), REJECTED, ("loose box",), class_name="car"))
    run(SetVerdict(label(review, 2), NEEDS_FIX, ("loose box", "bad heading"), class_name="van"))
    run(OpenIssue(new_id(), "Loose"))
    run(OpenIssue(new_id(), "Done", state=IssueState.RESOLVED))
    path = review.workspace.path
    review.close_workspace()
    with Workspace.open(path, Reviewer("bob")) as other:
        dataset_id = other.reading.query("SELECT key FROM datasets")[0][0]
        other.run(
            SetVerdict(Subject.label(dataset_id, "drive", "000000", "gt", "car-0"), REJECTED,
                       ("wrong class",), class_name="car")
        )  # fmt: skip
    review.open_workspace(path)
    desk.settle()
    found = read(review)
    # Bob's newer word on label 0 holds; both reviewers' count under their names.
    assert found.states == {REJECTED: 2, NEEDS_FIX: 1}
    assert found.judged == 3
    assert (found.open_issues, found.issues) == (1, 2)
    assert {b.name: dict(b.counts) for b in found.by_class} == {
        "car": {REJECTED: 2}, "van": {NEEDS_FIX: 1},
    }  # fmt: skip
    assert [(b.name, b.total) for b in found.by_reviewer] == [("ann", 3), ("bob", 1)]
    assert dict(found.reasons) == {"loose box": 2, "bad heading": 1, "wrong class": 1}
    assert sum(sum(bar.counts.values()) for bar in found.in_time) == 4
    assert all(bar.start_ns % found.step_ns == 0 for bar in found.in_time)


def test_queues_and_tasks_tell_how_far_they_are(review):
    run = review.workspace.run
    queue_id = new_id()
    run(CreateQueue(queue_id, "Cars", tuple(label(review, each) for each in range(4))))
    run(FinishItem(queue_id, label(review, 0).key, 2.0))
    shared, task_id = new_id(), new_id()
    subjects = (label(review, 7), label(review, 8))
    due = dt.date(2026, 5, 1)
    run(CreateTask(task_id, shared, "QA", TaskKind.QA, subjects, owner="bob", due=due))
    run(FinishItem(shared, label(review, 7).key, 3.0))
    run(SetItemStatus(task_id, label(review, 7).key, ItemStatus.APPROVED))
    found = read(review)
    (queue,), (task,) = found.queues, found.tasks
    assert (queue.name, queue.done, queue.total, queue.seconds_left) == ("Cars", 1, 4, 6.0)
    assert queue.note == "median 2.0 s each"
    assert (task.name, task.done, task.total, task.is_overdue) == ("QA", 1, 2, True)
    assert task.note == "bob, due 2026-05-01, 1 approved, median 3.0 s each"
    assert not read_dashboard(review.workspace, review.dataset_id, due).tasks[0].is_overdue


def test_many_classes_are_summed_up_and_none_is_lost():
    counts = [VerdictCount((f"class {n:02d}", "accepted"), 100 - n) for n in range(40)]
    bars = state_bars(counts, "(none)")
    assert len(bars) == MOST_BARS
    assert bars[-1].name == f"{40 - MOST_BARS + 1} more"
    assert sum(bar.total for bar in bars) == sum(each.count for each in counts)


@pytest.mark.parametrize("span_ns", [0, STEPS_NS[0], DAY_NS, 40 * DAY_NS, 1000 * DAY_NS])
def test_steps_are_few_and_no_longer_than_needed(span_ns):
    step = step_for(span_ns)
    assert span_ns // step < MOST_STEPS
    shorter = [each for each in STEPS_NS if each < step]
    assert all(span_ns // each >= MOST_STEPS for each in shorter)


class TestExport:
    def export(self, review, folder):
        return export_decisions(
            JobContext(), review.workspace, review.session.dataset, review.dataset_id,
            shape_named("csv"), folder,
        )  # fmt: skip

    def test_goes_into_a_new_folder_each_time(self, review, tmp_path):
        review.workspace.run(SetVerdict(label(review, 0), ACCEPTED, class_name="car"))
        first, second = (self.export(review, tmp_path) for _ in range(2))
        folders = [{file.parent for file in each.files} for each in (first, second)]
        stem = review.workspace.path.stem
        assert folders == [{tmp_path / f"{stem}-csv"}, {tmp_path / f"{stem}-csv-2"}]
        assert first.counts["verdicts"] == 1
        text = next(each for each in first.files if each.name.startswith("verdicts")).read_text()
        assert "accepted" in text
        assert exported_text(first).startswith("Exported 1 verdicts")

    def test_never_goes_into_the_dataset(self, desk, tmp_path, monkeypatch):
        monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
        home = tmp_path / "data"
        home.mkdir()
        dataset = make_dataset(make_scene(2))
        object.__setattr__(dataset, "path", home)
        desk.session.open_dataset(dataset)
        desk.settle()
        review = ReviewDesk(desk.session, Reviewer("ann"))
        assert review.open_default()
        desk.settle()
        with pytest.raises(InsideDataset):
            self.export(review, home / "out")
        assert list(home.iterdir()) == []
        review.dispose()
