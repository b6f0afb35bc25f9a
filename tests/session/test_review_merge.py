"""Merging two files whose reviewers never noted the dataset's content, and telling conflicts."""

from pathlib import Path

import pytest

from viewer.progress import Cancelled, JobContext
from viewer.review import Reviewer, Subject, Workspace, new_id
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.issues import ChangeIssue, OpenIssue
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.datasets.entities import DATASETS
from viewer.review.merge.merge import PARTS
from viewer.review.merge.steps import TOTAL
from viewer.review.verdicts.model import VerdictState
from viewer.scene.scene import Dataset
from viewer.session.review_merge import (
    about_text,
    issue_of,
    merge_files,
    merged_text,
    read_conflicts,
    value_lines,
)

ACCEPTED, REJECTED = VerdictState.ACCEPTED, VerdictState.REJECTED


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "street"
    folder.mkdir()
    (folder / "labels.txt").write_text("a car")
    return folder


def workspace(path: Path, name: str, dataset: Path, state: VerdictState) -> Path:
    """A file as the window makes it: its dataset has an id of its own, and no content."""
    dataset_id = new_id()
    with Workspace.create(path, Reviewer(name)) as made:
        made.run(AddDataset(dataset_id, dataset.name, str(dataset), "native"))
        made.run(SetVerdict(Subject.label(dataset_id, "s", "0", "gt", "7"), state, ("loose box",)))
    return path


def both(tmp_path, first_data, second_data):
    return (
        workspace(tmp_path / "a.sightline", "ann", first_data, REJECTED),
        workspace(tmp_path / "b.sightline", "bob", second_data, ACCEPTED),
    )


def merge(tmp_path, files, dataset=None, context=None):
    into = tmp_path / "c.sightline"
    return merge_files(context or JobContext(), *files, into, dataset, Reviewer("ann"))


def datasets(path):
    with Workspace.open(path, Reviewer("ann"), read_only=True) as opened:
        return len(opened.reading.rows(DATASETS))


def test_files_of_the_window_are_of_one_dataset(tmp_path, data):
    files = both(tmp_path, data, data)
    before = [file.read_bytes() for file in files]
    merged = merge(tmp_path, files)
    assert (datasets(merged.path), merged.datasets_joined, merged.conflicts) == (1, 1, 1)
    assert [file.read_bytes() for file in files] == before
    assert merged_text(merged).endswith("; 1 conflict to settle")


def test_a_dataset_that_lies_elsewhere_is_known_by_its_name(tmp_path, data):
    gone = tmp_path / "elsewhere" / "street"
    files = both(tmp_path, data, gone)
    opened = Dataset(data, "native", ())
    assert datasets(merge(tmp_path, files, opened).path) == 1


def test_another_name_stays_another_dataset(tmp_path, data):
    files = both(tmp_path, data, tmp_path / "elsewhere" / "yard")
    merged = merge(tmp_path, files, Dataset(data, "native", ()))
    assert (datasets(merged.path), merged.conflicts) == (2, 0)
    assert merged_text(merged).endswith("nothing contradicts itself")


def test_giving_up_at_any_moment_leaves_nothing(tmp_path, data):
    files = both(tmp_path, data, data)
    before = {each.name for each in tmp_path.iterdir()}
    moments = []

    def hear(progress):
        moments.append((progress.text, progress.done))
        if len(moments) == last:
            context.cancel()

    last = -1
    context = JobContext(hear)
    merge(tmp_path, files, context=context).path.unlink()
    reported = moments.copy()
    dones = [done for text, done in reported if text in PARTS]
    assert dones == sorted(dones), "the bar never goes back"
    assert dones[-1] == TOTAL
    for last in range(1, len(reported)):
        moments.clear()
        context = JobContext(hear)
        with pytest.raises(Cancelled):
            merge(tmp_path, files, context=context)
        assert {each.name for each in tmp_path.iterdir()} == before, reported[last]


def test_both_values_are_told(tmp_path, data):
    merged = merge(tmp_path, both(tmp_path, data, data))
    with Workspace.open(merged.path, Reviewer("ann")) as opened:
        (found,) = read_conflicts(opened, only_open=True)
    assert (found.first.reviewer, found.second.reviewer) == ("ann", "bob")
    assert [(each.name, each.first, each.second) for each in value_lines(found)] == [
        ("state", "rejected", "accepted")
    ]
    assert about_text(found) == "7, verdict"


def test_a_title_that_both_changed_is_told(tmp_path, data):
    first = workspace(tmp_path / "a.sightline", "ann", data, REJECTED)
    issue_id = new_id()
    with Workspace.open(first, Reviewer("ann")) as opened:
        opened.run(OpenIssue(issue_id, "Boxes"))
    second = tmp_path / "b.sightline"
    with Workspace.open(first, Reviewer("ann")) as opened:
        opened.copy_to(second)
    for path, name, title in ((first, "ann", "Loose boxes"), (second, "bob", "Tight boxes")):
        with Workspace.open(path, Reviewer(name)) as opened:
            opened.run(ChangeIssue(issue_id, title=title))
    merged = merge(tmp_path, (first, second))
    with Workspace.open(merged.path, Reviewer("ann")) as opened:
        (found,) = read_conflicts(opened, only_open=True)
    (line,) = value_lines(found)
    assert (about_text(found), issue_of(found)) == ("issue", issue_id)
    assert (line.name, line.first, line.second) == ("title", "Loose boxes", "Tight boxes")


def test_conflicts_stand_in_the_order_of_scenes_frames_and_numbers(tmp_path, data):
    first = workspace(tmp_path / "a.sightline", "ann", data, REJECTED)
    second = tmp_path / "b.sightline"
    with Workspace.open(first, Reviewer("ann")) as opened:
        (row,) = opened.reading.rows(DATASETS)
        opened.copy_to(second)
    places = [
        ("s", "0", "10"),
        ("s", "10", "1"),
        ("s", "2", "1"),
        ("r", "0", "b2"),
        ("s", "0", "9"),
    ]
    for path, name, state in ((first, "ann", REJECTED), (second, "bob", ACCEPTED)):
        with Workspace.open(path, Reviewer(name)) as opened:
            for scene, frame, label in places:
                subject = Subject.label(row["key"], scene, frame, "gt", label)
                opened.run(SetVerdict(subject, state))
    merged = merge(tmp_path, (first, second))
    with Workspace.open(merged.path, Reviewer("ann")) as opened:
        found = [each.subject for each in read_conflicts(opened, only_open=True)]
    assert [(each.scene_id, each.frame_key, each.label_id) for each in found] == [
        ("r", "0", "b2"), ("s", "0", "9"), ("s", "0", "10"), ("s", "2", "1"), ("s", "10", "1")
    ]  # fmt: skip
