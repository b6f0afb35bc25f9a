"""Settling a conflict by a value that neither side gave."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.review import CommandRefused, Reviewer, Subject, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.edits import ChangeBox, ChangeClass
from viewer.review.commands.issues import ChangeIssue, OpenIssue
from viewer.review.commands.merge import ResolveConflict
from viewer.review.commands.settings import ChangeSetting
from viewer.review.commands.slices import AddToSlice, CreateSlice, DeleteSlice
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.conflicts.model import Choice
from viewer.review.edits.reading import edit_of
from viewer.review.entities import entity_named
from viewer.review.issues.entities import ISSUES
from viewer.review.issues.model import IssueState, Priority
from viewer.review.merge.fields import RULES, FieldRule, Shape
from viewer.review.merge.merge import merge_workspaces
from viewer.review.merge.reading import conflicts
from viewer.review.merge.third_value import OpenField, open_fields, third_values
from viewer.review.slices.members import Members
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import verdict_of

DATASET, ISSUE, SLICE = "d" * 32, "1" * 32, "5" * 32
LABEL = Subject.label(DATASET, "s", "000042", "gt", "18")
OTHER_LABEL = Subject.label(DATASET, "s", "000042", "gt", "19")


@pytest.fixture
def merged(tmp_path):
    """Opens what comes of two people's commands, as eve."""
    opened = []

    def make(ann, bob):
        mine, theirs = tmp_path / "ann.sightline", tmp_path / "bob.sightline"
        with Workspace.create(mine, Reviewer("ann")) as workspace:
            workspace.run(AddDataset(DATASET, "street", "/street", "native"))
            workspace.run(OpenIssue(ISSUE, "Boxes"))
            workspace.run(CreateSlice(SLICE, "some", Members.of([LABEL])))
            workspace.run(ChangeSetting("threshold/score", 0.5))
        shutil.copyfile(mine, theirs)
        for path, name, commands in ((mine, "ann", ann), (theirs, "bob", bob)):
            with Workspace.open(path, Reviewer(name)) as workspace:
                for command in commands:
                    workspace.run(command)
        merge_workspaces(mine, theirs, tmp_path / "both.sightline")
        opened.append(Workspace.open(tmp_path / "both.sightline", Reviewer("eve")))
        (found,) = conflicts(opened[-1].reading)
        return opened[-1], found

    yield make
    for each in opened:
        each.check_integrity()
        each.close()


def settle(workspace, found, **texts):
    values = third_values(workspace.reading, found, texts)
    workspace.run(ResolveConflict(found.conflict_id, Choice.OTHER, values))


def test_a_third_verdict_counts_and_both_stay(merged):
    workspace, found = merged(
        [SetVerdict(LABEL, VerdictState.REJECTED, ("loose box",), "too long")],
        [SetVerdict(LABEL, VerdictState.ACCEPTED)],
    )
    fields = {each.name: each for each in open_fields(workspace.reading, found)}
    assert list(fields) == ["state", "reasons", "comment"]
    assert [each.text for each in fields["state"].choices] == [
        "accepted", "rejected", "needs fix", "skipped"
    ]  # fmt: skip
    settle(workspace, found, state="Needs fix", reasons="bad heading, loose box")
    verdict = verdict_of(workspace.reading, LABEL)
    assert (verdict.state, verdict.reviewer) == (VerdictState.NEEDS_FIX, "eve")
    assert verdict.reasons == ("bad heading", "loose box")
    assert verdict.comment == "", "what is not named stays as the later side has it"
    said = workspace.reading.query("SELECT reviewer, state FROM verdicts ORDER BY reviewer")
    assert said == [("ann", "rejected"), ("bob", "accepted"), ("eve", "needs_fix")]
    (settled,) = conflicts(workspace.reading, only_open=False)
    assert settled.resolution == "other"
    workspace.undo()
    assert verdict_of(workspace.reading, LABEL).state is VerdictState.ACCEPTED
    assert len(conflicts(workspace.reading)) == 1


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("state", "great", "state: “great” is none of accepted, rejected, needs fix, skipped"),
        ("state", " ", "state must not be empty"),
        ("reasons", "too blue", "reasons: “too blue” is none of wrong class, loose box"),
        ("reviewer", "max", "“reviewer” cannot be given by hand .*: state, reasons, comment"),
    ],
)
def test_a_verdict_that_cannot_be_is_refused_and_changes_nothing(merged, field, text, message):
    workspace, found = merged(
        [SetVerdict(LABEL, VerdictState.REJECTED)], [SetVerdict(LABEL, VerdictState.ACCEPTED)]
    )
    with pytest.raises(CommandRefused, match=message):
        settle(workspace, found, **{field: text})
    assert conflicts(workspace.reading) == [found]


def test_the_command_itself_refuses_what_no_one_may_give(merged):
    """Whoever writes a script does not go through what is typed."""
    workspace, found = merged(
        [ChangeIssue(ISSUE, state=IssueState.RESOLVED)],
        [ChangeIssue(ISSUE, state=IssueState.CANCELLED)],
    )
    for values in ({"state": "done"}, {"reporter": "max"}, {"title": ""}, {"nothing": 1}):
        with pytest.raises(CommandRefused):
            workspace.run(ResolveConflict(found.conflict_id, Choice.OTHER, values))
    workspace.run(ResolveConflict(found.conflict_id, Choice.OTHER, {"state": "triage"}))
    assert workspace.reading.row(ISSUES, ISSUE)["state"] == "triage"


def test_fields_of_an_issue(merged):
    workspace, found = merged(
        [ChangeIssue(ISSUE, title="A", priority=Priority.LOW, description="x", assignee="ann")],
        [ChangeIssue(ISSUE, title="B", priority=Priority.HIGH, description="y", assignee="bob")],
    )
    fields = {each.name: each for each in open_fields(workspace.reading, found)}
    assert list(fields) == ["title", "assignee", "priority", "description"]
    assert fields["priority"].text_of(3) == "high"
    assert [each.text for each in fields["assignee"].choices] == ["ann", "bob", "eve"]
    settle(workspace, found, title=" C ", priority="medium", description="ask @ann", assignee="")
    row = workspace.reading.row(ISSUES, ISSUE)
    assert (row["title"], row["priority"], row["assignee"]) == ("C", 2, None)
    assert (row["description"], row["mentions"]) == ("ask @ann", ["ann"])


def test_an_edited_box(merged):
    workspace, found = merged(
        [ChangeBox(LABEL, size=(4.0, 2.0, 1.5)), ChangeClass(LABEL, "car")],
        [ChangeBox(LABEL, size=(5.0, 2.0, 1.5)), ChangeClass(LABEL, "van")],
    )
    for text in ("1, 2", "1 2 x", "-1 2 3", "1 2 nan"):
        with pytest.raises(CommandRefused, match="size: "):
            settle(workspace, found, size=text)
    settle(workspace, found, size="4.5, 2 1.5", class_name="truck")
    edit = edit_of(workspace.reading, LABEL)
    assert (edit.size, edit.class_name) == ((4.5, 2.0, 1.5), "truck")


def test_a_threshold(merged):
    workspace, found = merged(
        [ChangeSetting("threshold/score", 0.25)], [ChangeSetting("threshold/score", 0.75)]
    )
    with pytest.raises(CommandRefused, match="value: “high” is no number"):
        settle(workspace, found, value="high")
    settle(workspace, found, value="0.6")
    assert workspace.reading.query("SELECT value FROM settings") == [("0.6",)]


def test_what_one_deleted_comes_back_under_another_name(merged):
    workspace, found = merged(
        [DeleteSlice(SLICE, "some")], [AddToSlice(SLICE, Members.of([OTHER_LABEL]))]
    )
    assert [each.name for each in open_fields(workspace.reading, found)] == ["name"]
    workspace.run(DeleteSlice(SLICE, "some"))
    settle(workspace, found, name="kept")
    assert workspace.reading.query("SELECT key, name FROM slices") == [(SLICE, "kept")]


def test_what_was_deleted_since_cannot_be_given_a_value(merged):
    workspace, found = merged(
        [ChangeSetting("threshold/score", 0.25)], [ChangeSetting("threshold/score", 0.75)]
    )
    workspace.run(ChangeSetting("threshold/score", None))
    with pytest.raises(CommandRefused, match="deleted since"):
        settle(workspace, found, value="0.6")


def test_every_rule_is_about_a_column():
    for name, column in RULES:
        assert column in entity_named(name).columns, f"{name}.{column}"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3))
def test_numbers_come_back_as_they_were_shown(numbers):
    field = OpenField("center", FieldRule(Shape.NUMBERS, count=3), (), None, None)
    assert field.parse(field.text_of(numbers)) == numbers
