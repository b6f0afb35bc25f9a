"""Merging two people's files."""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from review.conftest import tables
from review.merge_actions import SOME, Desk

from viewer.review import Reviewer, Subject, Workspace, WorkspaceError
from viewer.review.commands.comments import AddComment
from viewer.review.commands.datasets import AddDataset, RecordDelivery
from viewer.review.commands.merge import ResolveConflict
from viewer.review.commands.settings import ChangeSetting
from viewer.review.commands.slices import AddToSlice, CreateSlice, DeleteSlice
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.conflicts.model import Choice
from viewer.review.entities import ENTITIES, entity_named
from viewer.review.entity import Column
from viewer.review.merge.merge import merge_workspaces
from viewer.review.merge.reading import conflicts
from viewer.review.slices.members import Members
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import verdict_of

EXAMPLES = 400 if os.environ.get("SIGHTLINE_LONG") else 10
slow = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    # An example takes a second: finding a smaller one would take many minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    print_blob=True,
)
ANN, BOB = "a" * 32, "b" * 32


def content(path: Path) -> dict:
    """Everything a file holds but its own id: tables, journal, names."""
    found = tables(path)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        for table in (
            "commands", "changes", "original_changes", "subjects", "label_snapshots",
            "verdict_counts", "queue_batch_progress", "queue_reviewer_progress", "slice_spans",
        ):  # fmt: skip
            found[table] = sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)
        # Its rows are numbered as they came.
        found["queue_batch_progress"] = sorted(
            (row[1:] for row in found["queue_batch_progress"]), key=repr
        )
        # Rows that count to nothing are as good as none.
        found["verdict_counts"] = [row for row in found["verdict_counts"] if row[-1]]
        found["queue_reviewer_progress"] = [r for r in found["queue_reviewer_progress"] if r[2]]
    finally:
        connection.close()
    return found


def ids(path: Path) -> set[bytes]:
    return {row[1] for row in content(path)["commands"] if row[4] != "merge"}


class Shared:
    """Two people's files in a folder of their own."""

    def __init__(self, folder: Path, *, one_start: bool) -> None:
        self.folder = folder
        self.ann = Desk(folder / "ann.sightline", "ann", ANN)
        self.bob = Desk(folder / "bob.sightline", "bob", BOB)
        self.one_start = one_start
        self.merged = 0

    def part(self, before: list) -> None:
        """Both begin: bob with a copy of ann's file, or on his own."""
        self.ann.begin()
        self.ann.do(before)
        if self.one_start:
            shutil.copyfile(self.ann.path, self.bob.path)
        else:
            self.bob.begin()

    def merge(self, one: Path, other: Path) -> Path:
        self.merged += 1
        path = self.folder / f"merged{self.merged}.sightline"
        merge_workspaces(one, other, path)
        return path


@pytest.mark.parametrize("one_start", [True, False])
@slow
@given(before=SOME, ann=SOME, bob=SOME, later=SOME)
def test_merging_any_two_files(one_start, before, ann, bob, later):
    with tempfile.TemporaryDirectory() as name:
        shared = Shared(Path(name), one_start=one_start)
        shared.part(before)
        parted = shared.folder / "parted.sightline"
        shutil.copyfile(shared.ann.path, parted)
        shared.ann.do(ann)
        shared.bob.do(bob)
        mine, theirs = shared.ann.path, shared.bob.path
        merged = shared.merge(mine, theirs)
        found = content(merged)
        assert content(shared.merge(theirs, mine)) == found, "commutative"
        assert ids(merged) == ids(mine) | ids(theirs), "nothing is dropped"
        assert tables(shared.merge(merged, merged)) == tables(merged), "idempotent"
        assert content(shared.merge(merged, mine)) == found, "nothing new in what it came from"
        assert content(shared.merge(theirs, merged)) == found
        if one_start:
            assert content(shared.merge(parted, mine)) == content(mine), "the ancestor adds nothing"
        assert_undo_restores(merged, found)
        # Going on from both ends and merging again works too.
        shared.ann.path = merged
        shared.ann.do(later)
        shared.bob.do(later)
        again = shared.merge(merged, theirs)
        assert content(shared.merge(theirs, merged)) == content(again)


def assert_undo_restores(path: Path, found: dict) -> None:
    """What can be undone after merging comes back with redo, exactly."""
    rows = tables(path)
    for name in ("ann", "bob"):
        copy = path.with_name(f"{name}-undoes.sightline")
        shutil.copyfile(path, copy)
        with Workspace.open(copy, Reviewer(name)) as workspace:
            states = [tables(copy)]
            while True:
                try:
                    if workspace.undo() is None:
                        break
                except WorkspaceError:
                    break
                states.append(tables(copy))
            workspace.check_integrity()
            for state in reversed(states[:-1]):
                workspace.redo()
                assert tables(copy) == state
        assert tables(copy) == rows == {each: found[each] for each in rows}


@slow
@given(before=SOME, ann=SOME, bob=SOME, eve=SOME)
def test_the_order_of_three_does_not_change_what_holds(before, ann, bob, eve):
    with tempfile.TemporaryDirectory() as name:
        shared = Shared(Path(name), one_start=True)
        shared.part(before)
        third = Desk(shared.folder / "eve.sightline", "eve", "e" * 32)
        shutil.copyfile(shared.ann.path, third.path)
        shared.ann.do(ann)
        third.do(eve)
        shared.bob.do(bob)
        paths = (shared.ann.path, shared.bob.path, third.path)
        left = tables(shared.merge(shared.merge(paths[0], paths[1]), paths[2]))
        right = tables(shared.merge(paths[0], shared.merge(paths[1], paths[2])))
        # Which pairs contradict each other depends on who met whom.
        left.pop("merge_conflicts")
        right.pop("merge_conflicts")
        assert left == right


def test_every_name_of_a_dataset_or_subject_can_be_translated(workspace):
    """A key that changes with the dataset's id must stand nowhere but in columns that say so."""
    kinds = {"datasets": Column.DATASET, "subjects": Column.SUBJECT}
    for entity in ENTITIES:
        sql = f"PRAGMA foreign_key_list({entity.name})"
        for _, _, parent, column, *_ in workspace.reading.query(sql):
            where = f"{entity.name}.{column}"
            if column == "key":
                assert parent == "subjects", where
                assert [entity.columns[name] for name in entity.key_from] == [Column.SUBJECT]
            elif parent in kinds:
                assert entity.columns[column] is kinds[parent], where
            elif parent in {each.name for each in ENTITIES}:
                made_from = entity_named(parent)
                columns = {made_from.columns[name] for name in made_from.key_from}
                assert not columns & {*kinds.values(), Column.SUBJECTS}, where
        for name, column in entity.columns.items():
            if name in ("subject", "frame"):
                assert column is Column.SUBJECT, f"{entity.name}.{name}"
            if name == "dataset_id":
                assert column is Column.DATASET, f"{entity.name}.{name}"


LABEL = Subject.label(ANN, "s", "000042", "gt", "18")


@pytest.fixture
def parted(tmp_path) -> tuple[Path, Path, Path]:
    """Ann's and bob's copies of one file, and a free name."""
    shared = Shared(tmp_path, one_start=True)
    shared.part([("set", "a", 0), ("issue", 0), ("slice", 0)])
    return shared.ann.path, shared.bob.path, tmp_path / "both.sightline"


def run(path: Path, name: str, *commands) -> None:
    with Workspace.open(path, Reviewer(name)) as workspace:
        for command in commands:
            workspace.run(command)


def test_both_change_a_value(parted):
    mine, theirs, both = parted
    run(mine, "ann", ChangeSetting("a", 1))
    run(theirs, "bob", ChangeSetting("a", 2), ChangeSetting("b", 5))
    merged = merge_workspaces(mine, theirs, both)
    assert (merged.only_first, merged.only_second, merged.conflicts) == (1, 3, 1)
    with Workspace.open(both, Reviewer("eve")) as workspace:
        (found,) = conflicts(workspace.reading)
        assert (found.first.reviewer, found.first.values) == ("ann", {"value": 1})
        assert (found.second.reviewer, found.second.values) == ("bob", {"value": 2})
        assert found.first.text == "Change a"
        assert found.text == "settings: value 1 or 2"
        value = "SELECT value FROM settings WHERE key = 'a'"
        assert workspace.reading.query(value) == [("2",)], "the later one holds"
        workspace.run(ResolveConflict(found.conflict_id, Choice.FIRST))
        assert workspace.reading.query(value) == [("1",)]
        assert conflicts(workspace.reading) == []
        workspace.undo()
        assert workspace.reading.query(value) == [("2",)]
        assert len(conflicts(workspace.reading)) == 1
        workspace.run(ResolveConflict(found.conflict_id, Choice.OTHER, {"value": 7}))
        assert workspace.reading.query(value) == [("7",)]
    again = both.with_name("again.sightline")
    assert merge_workspaces(both, mine, again).conflicts == 0
    with Workspace.open(again, Reviewer("eve")) as workspace:
        assert conflicts(workspace.reading) == []
        assert workspace.reading.query(value) == [("7",)]


def test_what_was_done_and_undone_is_no_conflict_unless_it_holds(parted):
    mine, theirs, both = parted
    with Workspace.open(mine, Reviewer("ann")) as workspace:
        workspace.run(ChangeSetting("a", 1))
        workspace.undo()
    run(theirs, "bob", ChangeSetting("a", 2))
    assert merge_workspaces(mine, theirs, both).conflicts == 0
    with Workspace.open(mine, Reviewer("ann")) as workspace:
        workspace.redo()
        workspace.undo()
    again = both.with_name("again.sightline")
    assert merge_workspaces(mine, theirs, again).conflicts == 1, "bob's value is overwritten"
    with Workspace.open(again, Reviewer("eve")) as workspace:
        (found,) = conflicts(workspace.reading)
        assert found.text == "settings: value 2 or 0"


def test_undo_after_merging_goes_back_to_the_other_value(parted):
    mine, theirs, both = parted
    run(mine, "ann", ChangeSetting("a", 1))
    run(theirs, "bob", ChangeSetting("a", 2))
    merge_workspaces(mine, theirs, both)
    value = "SELECT value FROM settings WHERE key = 'a'"
    with (
        Workspace.open(both, Reviewer("ann")) as workspace,
        pytest.raises(WorkspaceError, match="cannot be undone: bob did “Change a” later"),
    ):
        workspace.undo()
    with Workspace.open(both, Reviewer("bob")) as workspace:
        workspace.undo()
        assert workspace.reading.query(value) == [("1",)]


def test_one_deletes_what_the_other_builds_on(parted):
    mine, theirs, both = parted
    with Workspace.open(mine, Reviewer("ann")) as workspace:
        (slice_id,) = workspace.reading.query("SELECT key FROM slices")[0]
    run(mine, "ann", DeleteSlice(slice_id, "some"))
    run(theirs, "bob", AddToSlice(slice_id, Members.of([LABEL])))
    merge_workspaces(theirs, mine, both)
    with Workspace.open(both, Reviewer("eve")) as workspace:
        workspace.check_integrity()
        assert len(workspace.reading.query("SELECT * FROM slices")) == 1
        (found,) = conflicts(workspace.reading)
        assert found.entity == "slices"
        assert found.first.values is None
        assert found.first.reviewer == "ann"
        assert found.second.values["name"] == "some"
        assert found.text == "slices: deleted or changed"
        with pytest.raises(WorkspaceError, match="contradicts"):
            workspace.run(ResolveConflict(found.conflict_id, Choice.FIRST))
        workspace.run(DeleteSlice(slice_id, "some"))
        workspace.run(ResolveConflict(found.conflict_id, Choice.FIRST))
        assert workspace.reading.query("SELECT * FROM slices") == []
        workspace.run(ResolveConflict(found.conflict_id, Choice.SECOND))
        assert len(workspace.reading.query("SELECT * FROM slices")) == 1


def test_two_reviewers_judge_one_label_differently(parted):
    mine, theirs, both = parted
    run(mine, "ann", SetVerdict(LABEL, VerdictState.REJECTED, ("loose box",)))
    run(theirs, "bob", SetVerdict(LABEL, VerdictState.ACCEPTED))
    assert merge_workspaces(mine, theirs, both).conflicts == 1
    with Workspace.open(both, Reviewer("eve")) as workspace:
        (found,) = conflicts(workspace.reading)
        assert found.subject == LABEL
        assert found.text == (
            f"verdicts: reasons loose box or none; state rejected or accepted ({LABEL.text})"
        )
        assert (found.first.reviewer, found.second.reviewer) == ("ann", "bob")
        assert verdict_of(workspace.reading, LABEL).state is VerdictState.ACCEPTED
        workspace.run(ResolveConflict(found.conflict_id, Choice.FIRST))
        chosen = verdict_of(workspace.reading, LABEL)
        assert (chosen.state, chosen.reviewer) == (VerdictState.REJECTED, "eve")
        assert chosen.reasons == ("loose box",)
        assert len(workspace.reading.query("SELECT * FROM verdicts")) == 3
        workspace.undo()
        assert verdict_of(workspace.reading, LABEL).state is VerdictState.ACCEPTED


def test_the_same_verdict_twice_is_no_conflict(parted):
    mine, theirs, both = parted
    run(mine, "ann", SetVerdict(LABEL, VerdictState.REJECTED))
    run(theirs, "ann", SetVerdict(LABEL, VerdictState.REJECTED))
    assert merge_workspaces(mine, theirs, both).conflicts == 0


def test_files_without_a_common_start_meet_by_the_dataset_s_content(tmp_path):
    shared = Shared(tmp_path, one_start=False)
    shared.part([])
    run(shared.ann.path, "ann", SetVerdict(LABEL, VerdictState.REJECTED))
    theirs = Subject.label(BOB, "s", "000042", "gt", "18")
    other = Subject.label(BOB, "s", "000042", "gt", "19")
    run(
        shared.bob.path, "bob", SetVerdict(theirs, VerdictState.ACCEPTED),
        SetVerdict(other, VerdictState.SKIPPED),
        CreateSlice("5" * 32, "both", Members.of([theirs, other])),
    )  # fmt: skip
    both = tmp_path / "both.sightline"
    merged = merge_workspaces(shared.bob.path, shared.ann.path, both)
    assert (merged.shared, merged.datasets_joined, merged.conflicts) == (0, 1, 1)
    with Workspace.open(both, Reviewer("eve")) as workspace:
        assert workspace.reading.query("SELECT key FROM datasets") == [(ANN,)], "added first"
        assert workspace.reading.query("SELECT DISTINCT dataset_id FROM subjects") == [(ANN,)]
        assert verdict_of(workspace.reading, LABEL).state is VerdictState.ACCEPTED
        again = Subject.label(ANN, "s", "000042", "gt", "19")
        assert verdict_of(workspace.reading, again).reviewer == "bob"
        (found,) = workspace.reading.query("SELECT members FROM slice_members")
        assert found == ('["' + '","'.join(sorted([LABEL.key, again.key])) + '"]',)
        workspace.check_integrity()


def test_another_dataset_stays_apart(tmp_path):
    shared = Shared(tmp_path, one_start=False)
    shared.ann.begin()
    with Workspace.create(shared.bob.path, Reviewer("bob")) as workspace:
        workspace.run(AddDataset(BOB, "yard", "/yard", "native"))
        workspace.run(RecordDelivery(BOB, "other content"))
    both = tmp_path / "both.sightline"
    assert merge_workspaces(shared.ann.path, shared.bob.path, both).datasets_joined == 0
    assert [row[0] for row in tables(both)["datasets"]] == [ANN, BOB]


def test_what_cannot_be_merged_is_told_and_leaves_nothing(parted):
    mine, theirs, both = parted
    with pytest.raises(WorkspaceError, match="exists already"):
        merge_workspaces(mine, theirs, mine)
    broken = both.with_name("broken.sightline")
    broken.write_bytes(b"nothing")
    before = {each: each.read_bytes() for each in both.parent.iterdir()}
    for one, other in ((mine, broken), (broken, mine), (mine, both.with_name("none"))):
        with pytest.raises(WorkspaceError):
            merge_workspaces(one, other, both)
    with pytest.raises(WorkspaceError, match="folder does not exist"):
        merge_workspaces(mine, theirs, both.parent / "no" / "both.sightline")
    assert {each: each.read_bytes() for each in both.parent.iterdir()} == before


def test_open_files_can_be_merged(parted):
    mine, theirs, both = parted
    with Workspace.open(mine, Reviewer("ann")) as workspace:
        workspace.run(ChangeSetting("b", 3))
        workspace.run(
            AddComment("6" * 32, workspace.reading.query("SELECT key FROM issues")[0][0], "x")
        )
        merge_workspaces(mine, theirs, both)
        assert workspace.is_writable
    with Workspace.open(both, Reviewer("ann")) as workspace:
        assert workspace.reading.query("SELECT value FROM settings WHERE key = 'b'") == [("3",)]
