"""Dismissed findings: written down with the label as it was, undone, brought back."""

import pytest

from viewer.review import LabelSnapshot, Reviewer, Subject, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.findings import DismissFinding, RestoreFinding
from viewer.review.dismissals.reading import dismissals
from viewer.review.errors import CommandRefused

DATASET, OTHER = "d" * 32, "e" * 32
LABEL = Subject.label(DATASET, "s1", "000004", "gt", "car-7")
FRAME = Subject.frame(DATASET, "s1", "000004")
BOX = LabelSnapshot("cuboid", "car", (1.0, 2.0, 0.8, 4.4, 1.9, 1.6, 1.0, 0.0, 0.0, 0.0), "7")


@pytest.fixture
def workspace(tmp_path):
    with Workspace.create(tmp_path / "a.sightline", Reviewer("ann")) as opened:
        opened.run(AddDataset(DATASET, "street", "street", "native"))
        yield opened


def test_a_dismissal_keeps_reason_reviewer_and_the_label(workspace):
    workspace.run(DismissFinding(LABEL, "floating", "", "a ramp", BOX))
    (found,) = dismissals(workspace.reading, DATASET)
    assert (found.subject, found.check_id, found.detail) == (LABEL, "floating", "")
    assert (found.reason, found.reviewer) == ("a ramp", "ann")
    assert found.snapshot_hash == found.shown_hash == BOX.hash
    assert workspace.reading.snapshot(BOX.hash) == BOX
    assert dismissals(workspace.reading, OTHER) == []


def test_findings_of_one_check_are_told_apart_and_dismissed_again(workspace):
    for detail in ("front", "rear", "front"):
        workspace.run(DismissFinding(LABEL, "box-2d", detail, f"at {detail}", BOX))
    assert [each.detail for each in dismissals(workspace.reading, DATASET)] == ["rear", "front"]


def test_an_edited_label_is_kept_as_delivered_and_as_edited(workspace):
    edited = LabelSnapshot("cuboid", "car", (*BOX.geometry[:2], 0.5, *BOX.geometry[3:]), "7")
    workspace.run(DismissFinding(LABEL, "floating", "", "", BOX, edited))
    (found,) = dismissals(workspace.reading, DATASET)
    assert (found.snapshot_hash, found.shown_hash) == (BOX.hash, edited.hash)


def test_undo_and_bringing_back_take_it_away(workspace):
    workspace.run(DismissFinding(FRAME, "missing-label", "1.0,2.0,3.0", "a poster"))
    assert dismissals(workspace.reading, DATASET)[0].snapshot_hash is None
    workspace.undo()
    assert dismissals(workspace.reading, DATASET) == []
    workspace.redo()
    workspace.run(RestoreFinding(FRAME, "missing-label", "1.0,2.0,3.0"))
    assert dismissals(workspace.reading, DATASET) == []


def test_a_label_is_dismissed_as_it_is(workspace):
    with pytest.raises(CommandRefused, match="as it is now"):
        workspace.run(DismissFinding(LABEL, "floating"))
    with pytest.raises(CommandRefused, match="name of its check"):
        workspace.run(DismissFinding(FRAME, " "))
