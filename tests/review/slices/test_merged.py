"""Slices, tags and versions of two people in one file."""

import shutil
from pathlib import Path

import pytest
from review.slices_examples import NIGHT

from viewer.review import Reviewer, Subject, Workspace
from viewer.review.commands.datasets import AddDataset, RecordDelivery
from viewer.review.commands.edits import ChangeClass
from viewer.review.commands.slices import AddToSlice, CreateSlice
from viewer.review.commands.tags import AddTag
from viewer.review.commands.versions import RestoreVersion, SaveVersion
from viewer.review.edits.reading import edits
from viewer.review.merge.merge import merge_workspaces
from viewer.review.slices.members import Members
from viewer.review.slices.reading import (
    is_member,
    member_subjects,
    slice_by_id,
    slices,
    slices_with,
)
from viewer.review.tags.reading import tag_counts
from viewer.review.versions.reading import versions

OURS, THEIRS = "d" * 32, "e" * 32


def frames(dataset_id: str, *names: str) -> Members:
    return Members.of(Subject.frame(dataset_id, "street", name) for name in names)


def names_in(workspace: Workspace, slice_id: str) -> list[str | None]:
    return [each.frame_key for each in member_subjects(workspace.reading, slice_id)]


def test_what_two_add_to_a_slice_comes_together(tmp_path: Path):
    first, second, merged = (tmp_path / f"{name}.sightline" for name in ("a", "b", "c"))
    with Workspace.create(first, Reviewer("ann")) as workspace:
        workspace.run(AddDataset(OURS, "street", "street", "native"))
        workspace.run(CreateSlice(NIGHT, "night", frames(OURS, "00")))
    shutil.copy(first, second)
    for path, added in ((first, ("01", "02")), (second, ("02", "03"))):
        with Workspace.open(path, Reviewer(path.stem)) as workspace:
            workspace.run(AddToSlice(NIGHT, frames(OURS, *added)))
            workspace.run(AddToSlice(NIGHT, frames(OURS, "09")))
            workspace.run(AddTag("wet", [Subject.scene(OURS, "street")]))
    assert merge_workspaces(first, second, merged).conflicts == 0
    with Workspace.open(merged, Reviewer("eve")) as workspace:
        assert names_in(workspace, NIGHT) == ["00", "01", "02", "03", "09"]
        assert slice_by_id(workspace.reading, NIGHT).count == 5
        assert tag_counts(workspace.reading) == {"wet": 1}


@pytest.mark.parametrize("order", [1, -1])
def test_members_versions_and_tags_follow_a_dataset_to_its_other_id(tmp_path: Path, order: int):
    paths = [tmp_path / f"{name}.sightline" for name in ("a", "b")]
    for path, dataset_id in zip(paths, (OURS, THEIRS), strict=True):
        label = Subject.label(dataset_id, "street", "00", "gt", path.stem)
        with Workspace.create(path, Reviewer(path.stem)) as workspace:
            workspace.run(AddDataset(dataset_id, "street", "street", "native"))
            workspace.run(RecordDelivery(dataset_id, "same"))
            many = [f"{number:03}" for number in range(40)]
            workspace.run(CreateSlice(path.stem * 32, path.stem, frames(dataset_id, *many)))
            workspace.run(AddTag("wet", [Subject.scene(dataset_id, "street")]))
            workspace.run(ChangeClass(label, "bus"))
            workspace.run(SaveVersion(path.stem * 32, path.stem, dataset_id, "gt"))
    merged = tmp_path / "c.sightline"
    assert merge_workspaces(*paths[::order], merged).datasets_joined == 1
    with Workspace.open(merged, Reviewer("a")) as workspace:
        reading = workspace.reading
        dataset_id = versions(reading)[0].dataset_id
        frame = Subject.frame(dataset_id, "street", "007")
        assert [each.count for each in slices(reading)] == [40, 40]
        assert slices_with(reading, frame) == ["a" * 32, "b" * 32]
        assert is_member(reading, "b" * 32, frame)
        assert tag_counts(reading) == {"wet": 1}
        assert {each.dataset_id for each in versions(reading)} == {dataset_id}
        assert len(edits(reading)) == 2
        workspace.run(RestoreVersion("b" * 32, "b"))
        assert [subject.label_id for subject, _ in edits(reading)] == ["b"]
        workspace.undo()
        assert len(edits(reading)) == 2
