import pytest

from viewer.review import CommandRefused, SubjectKind, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.slices import DeleteSlice
from viewer.review.commands.splits import DeleteSplit, SaveSplit
from viewer.review.slices.reading import member_subjects, slices
from viewer.review.splits.balance import split_scenes
from viewer.review.splits.reading import splits

DATASET = "d" * 32
SHARES = {"train": 80, "test": 20}
COUNTS = {f"s{n}": {"car": 10, "tram": n % 5} for n in range(10)}
PARTS = {"train": "1" * 32, "test": "2" * 32}


def saved(workspace: Workspace):
    workspace.run(AddDataset(DATASET, "street", "street", "native"))
    split = split_scenes(COUNTS, SHARES, 7)
    workspace.run(SaveSplit("3" * 32, "v1", DATASET, 7, SHARES, split, PARTS))
    return split


def test_a_split_is_saved_as_slices(workspace: Workspace):
    split = saved(workspace)
    found = splits(workspace.reading, DATASET)[0]
    assert [(part.name, part.share, part.scene_count) for part in found.parts] == [
        ("train", 0.8, 8), ("test", 0.2, 2),
    ]  # fmt: skip
    assert [row.class_name for row in found.class_table] == ["car", "tram", "all"]
    assert found.class_table[0].counts == (80, 20)
    assert found.class_table[0].percents == (80.0, 20.0)
    assert (found.name, found.seed, found.created_by) == ("v1", 7, "ann")
    held = slices(workspace.reading, SubjectKind.SCENE)
    assert [(each.name, each.origin) for each in held] == [
        ("v1 test", "20 % of split v1, seed 7"), ("v1 train", "80 % of split v1, seed 7"),
    ]  # fmt: skip
    for part, slice_id in PARTS.items():
        members = [each.scene_id for each in member_subjects(workspace.reading, slice_id)]
        assert tuple(members) == split.scenes[part]
    workspace.undo()
    assert splits(workspace.reading) == []
    assert slices(workspace.reading) == []


def test_names_are_unique(workspace: Workspace):
    split = saved(workspace)
    with pytest.raises(CommandRefused, match="split “v1” already"):
        workspace.run(SaveSplit("4" * 32, "v1", DATASET, 7, SHARES, split, PARTS))


def test_deleting_takes_the_slices_along(workspace: Workspace):
    saved(workspace)
    workspace.run(DeleteSlice(PARTS["test"], "v1 test"))
    workspace.run(DeleteSplit("3" * 32, "v1"))
    assert slices(workspace.reading) == []
    workspace.undo()
    assert [each.name for each in slices(workspace.reading)] == ["v1 train"]
    with pytest.raises(CommandRefused, match="gone"):
        workspace.run(DeleteSplit("9" * 32, "v1"))
