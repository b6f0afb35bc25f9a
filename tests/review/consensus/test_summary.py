from pathlib import Path

import pytest

from viewer.review import LabelSnapshot, Reviewer, Subject, Workspace
from viewer.review.commands.datasets import AddDataset, RecordDelivery
from viewer.review.commands.edits import ChangeBox, ChangeClass
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.consensus.summary import consensus
from viewer.review.merge.merge import merge_workspaces
from viewer.review.verdicts.model import VerdictState

ACCEPTED, REJECTED, _, SKIPPED = VerdictState
CAR = LabelSnapshot("cuboid", "car", (10.0, 0, 1, 4, 2, 2, 1, 0, 0, 0))


def one_file(path: Path, name: str, dataset_id: str, center_x: float, states, class_name) -> Path:
    """What one reviewer did in a file of their own, of the same dataset under another id."""
    labels = [Subject.label(dataset_id, "street", "000042", "gt", str(n)) for n in range(4)]
    with Workspace.create(path, Reviewer(name)) as workspace:
        workspace.run(AddDataset(dataset_id, "street", "street", "native"))
        workspace.run(RecordDelivery(dataset_id, "the same content"))
        workspace.run(ChangeBox(labels[0], center=[center_x, 0, 1], snapshot=CAR))
        workspace.run(ChangeClass(labels[1], class_name, CAR))
        for label, state in zip(labels, states, strict=True):
            workspace.run(SetVerdict(label, state, snapshot=CAR))
    return path


def test_two_who_never_saw_each_others_file(tmp_path):
    """Boxes 2 m apart along their 4 m overlap by 2 of 6; of 3 verdicts 2 agree."""
    ann = one_file(tmp_path / "ann.sightline", "ann", "a" * 32, 10.0,
                   [ACCEPTED, REJECTED, ACCEPTED, SKIPPED], "van")  # fmt: skip
    bob = one_file(tmp_path / "bob.sightline", "bob", "b" * 32, 12.0,
                   [ACCEPTED, REJECTED, REJECTED, ACCEPTED], "bus")  # fmt: skip
    both = tmp_path / "both.sightline"
    merge_workspaces(ann, bob, both)
    with Workspace.open(both, Reviewer("eve")) as workspace:
        found = consensus(workspace.reading, "ann", "bob")
        assert (found.verdicts.total, found.verdicts.agreed, found.verdicts.skipped) == (3, 2, 1)
        assert list(found.verdicts_by_class) == ["car"]
        disagreed = [workspace.reading.subject(each.subject_key) for each in found.disagreements]
        assert [each.label_id for each in disagreed] == ["2"]
    assert found.boxes.boxes == 1
    assert found.boxes.mean_iou_3d == pytest.approx(2 / 6)
    assert found.boxes.mean_centre_m == pytest.approx(2.0)
    assert [(each.first_class, each.second_class) for each in found.labels] == [
        ("car", "car"), ("van", "bus")
    ]  # fmt: skip
    assert found.boxes_by_class["van"].same_class == 0
    assert found.boxes_by_class["car"].same_class == 1


def test_nothing_in_common(workspace: Workspace):
    found = consensus(workspace.reading, "ann", "bob")
    assert found.verdicts.kappa is None
    assert found.labels == ()
    assert found.boxes.mean_iou_3d is None
