"""The review desk: a workspace beside the session, verdicts on what is selected, queues walked."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
from fake_drive import Desk, make_dataset, make_scene

from tests.session.reviewing import CAR_2, go, heard, messages
from viewer.formats.catalog import open_dataset
from viewer.review import Reviewer, SubjectKind, Workspace
from viewer.review.commands.datasets import RelinkDataset
from viewer.review.commands.edits import ChangeClass
from viewer.review.subject import Subject
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import verdict_of
from viewer.scene.scene import Dataset
from viewer.session.review_changes import (
    DecisionsChanged,
    HoldingChanged,
    SubjectChanged,
    WorkspaceOpened,
)
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_history import history, subject_of
from viewer.session.review_place import default_path
from viewer.session.selection import LabelKey

ACCEPTED, REJECTED, NEEDS_FIX, SKIPPED = VerdictState


# -- the workspace ---------------------------------------------------------------------------


class TestWorkspace:
    def test_is_made_among_the_settings_and_not_in_the_dataset(self, desk, reviewing, tmp_path):
        name = desk.session.dataset.path.name
        assert reviewing.workspace.path == tmp_path / "config" / "workspaces" / f"{name}.sightline"
        assert reviewing.dataset_paths() == (desk.session.dataset.path,)

    def test_is_refused_in_the_datasets_folder(self, desk, tmp_path):
        dataset = make_dataset(make_scene())
        folder = tmp_path / "drive"
        folder.mkdir()
        desk.session.open_dataset(Dataset(folder, "fake", dataset.scenes))
        desk.settle()
        review = ReviewDesk(desk.session, Reviewer("ann"))
        assert not review.new_workspace(folder / "deep" / "mine.sightline")
        assert list(folder.iterdir()) == []
        assert "never written to" in messages(desk)[-1]
        review.dispose()

    def test_default_path_keeps_out_of_a_dataset_that_holds_the_settings(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "drive"))
        (tmp_path / "drive").mkdir()
        path = default_path(Dataset(tmp_path / "drive", "fake", ()))
        assert not path.is_relative_to(tmp_path / "drive")

    def test_another_dataset_of_the_same_name_gets_its_own(self, desk, reviewing, tmp_path):
        first = reviewing.workspace.path
        here = desk.session.dataset.path
        there = tmp_path / here.name
        there.mkdir()
        # The first one must still exist, or it would have moved here.
        reviewing.close_workspace()
        with Workspace.open(first, Reviewer("ann")) as workspace:
            row = workspace.reading.query("SELECT key FROM datasets")[0]
            workspace.run(RelinkDataset(row[0], str(tmp_path)))
        desk.session.open_dataset(Dataset(there, "fake", make_dataset(make_scene()).scenes))
        desk.settle()
        assert reviewing.open_default()
        assert reviewing.workspace.path == first.with_name(f"{first.stem}-2.sightline")

    def test_same_dataset_is_recognised_and_nothing_is_written_anew(self, desk, reviewing):
        path, dataset_id = reviewing.workspace.path, reviewing.dataset_id
        seq = reviewing.workspace.journal.last_seq
        reviewing.close_workspace()
        assert reviewing.open_workspace(path)
        assert reviewing.dataset_id == dataset_id
        assert reviewing.workspace.journal.last_seq == seq

    def test_a_new_workspace_has_nothing_to_undo(self, desk, reviewing):
        assert reviewing.undo_text is None
        reviewing.undo()
        assert messages(desk)[-1] == "Nothing to undo"

    def test_what_is_no_workspace_is_said_and_the_open_one_stays(self, desk, reviewing, tmp_path):
        other = tmp_path / "x.sightline"
        other.write_text("not a database, but long enough to be looked at" * 50)
        before = reviewing.workspace
        desk.changes.clear()
        assert not reviewing.open_workspace(other)
        assert reviewing.workspace is before
        assert str(other) in messages(desk)[-1]

    def test_opening_another_dataset_closes_a_workspace_that_has_not_heard_of_it(
        self, desk, reviewing, tmp_path
    ):
        (tmp_path / "other").mkdir()
        scenes = make_dataset(make_scene()).scenes
        desk.session.open_dataset(Dataset(tmp_path / "other", "fake", scenes))
        desk.settle()
        assert reviewing.workspace is None
        assert reviewing.read_only_reason == "no workspace is open"

    def test_another_name_stands_beside_what_follows(self, desk, reviewing):
        go(desk, CAR_2)
        reviewing.judging.judge(ACCEPTED)
        reviewing.set_reviewer(Reviewer("bob"))
        reviewing.judging.judge(REJECTED)
        found = [entry.reviewer for entry in reviewing.workspace.journal.entries()]
        assert found[-1] == "bob"
        assert "ann" in found


class TestSeveralProcesses:
    def test_second_one_follows_says_who_holds_it_and_takes_over(self, desk, reviewing):
        path = reviewing.workspace.path
        other = Desk()
        scenes = (make_scene(12), make_scene(5, scene_id="yard"))
        other.session.open_dataset(make_dataset(*scenes))
        other.settle()
        second = ReviewDesk(other.session, Reviewer("bob"))
        try:
            assert second.open_workspace(path)
            assert "ann" in second.read_only_reason
            assert second.dataset_id == reviewing.dataset_id
            go(other, CAR_2)
            assert not second.judging.judge(ACCEPTED)
            assert second.judging.state_of(CAR_2) is None
            changes = heard(second)
            go(desk, CAR_2)
            assert reviewing.judging.judge(NEEDS_FIX)
            second.poll()
            assert [type(change) for change in changes] == [DecisionsChanged]
            assert second.judging.state_of(CAR_2) == "needs_fix"
            reviewing.close_workspace()
            second.poll()
            assert HoldingChanged in [type(change) for change in changes]
            assert second.read_only_reason is None
            assert second.judging.judge(ACCEPTED)
        finally:
            second.dispose()
            other.close()


# -- verdicts --------------------------------------------------------------------------------


class TestVerdicts:
    def test_is_on_disk_with_reason_comment_and_how_the_label_looked(self, desk, reviewing):
        go(desk, CAR_2)
        assert reviewing.judging.judge(REJECTED, ("loose box",), "too long")
        frame_key = desk.session.scene.frames[2].key
        subject = Subject.label(
            reviewing.dataset_id, desk.session.scene.scene_id, frame_key, "gt", "car-2"
        )
        with Workspace.open(reviewing.workspace.path, Reviewer("x"), read_only=True) as reader:
            found = verdict_of(reader.reading, subject)
            assert (found.state, found.reasons, found.comment) == (
                REJECTED, ("loose box",), "too long",
            )  # fmt: skip
            assert found.class_name == "car"
            assert reader.reading.snapshot(found.snapshot_hash).class_name == "car"

    def test_nothing_selected_is_said(self, desk, reviewing):
        desk.session.select(None)
        desk.changes.clear()
        assert not reviewing.judging.judge(ACCEPTED)
        assert messages(desk) == ["No verdict: select a label first"]

    def test_a_label_takes_the_verdict_of_track_frame_and_scene_unless_it_has_its_own(
        self, desk, reviewing
    ):
        judging = reviewing.judging
        go(desk, CAR_2)
        other = LabelKey("gt", 5, "car-5", "1")
        given = [(SubjectKind.SCENE, SKIPPED), (SubjectKind.FRAME, NEEDS_FIX),
                 (SubjectKind.TRACK, REJECTED), (SubjectKind.LABEL, ACCEPTED)]  # fmt: skip
        for scope, state in given:
            judging.set_scope(scope)
            assert judging.judge(state)
            standing = judging.standing(CAR_2)
            assert (standing.verdict.state, standing.given_on) == (state, scope)
            assert judging.state_of(CAR_2) == str(state)
        assert judging.state_of(other) == "rejected"
        assert judging.standing(other).given_on is SubjectKind.TRACK
        elsewhere = LabelKey("gt", 5, "walker-5", "2")
        assert judging.state_of(elsewhere) == "skipped"

    def test_states_are_the_same_when_read_anew(self, desk, reviewing):
        judging = reviewing.judging
        go(desk, CAR_2)
        for scope, state in zip(
            (SubjectKind.TRACK, SubjectKind.LABEL, SubjectKind.FRAME),
            (REJECTED, ACCEPTED, SKIPPED),
            strict=True,
        ):  # fmt: skip
            judging.set_scope(scope)
            judging.judge(state)
        reviewing.undo()
        keys = [LabelKey("gt", frame, f"car-{frame}", "1") for frame in range(12)]
        followed = [judging.state_of(key) for key in keys]
        path = reviewing.workspace.path
        reviewing.close_workspace()
        reviewing.open_workspace(path)
        assert [judging.state_of(key) for key in keys] == followed
        assert followed == ["rejected", "rejected", "accepted", *["rejected"] * 9]

    def test_scope_goes_round_and_tells(self, reviewing):
        changes = heard(reviewing)
        seen = [reviewing.judging.scope]
        for _ in range(4):
            reviewing.judging.next_scope()
            seen.append(reviewing.judging.scope)
        assert seen == [SubjectKind.LABEL, SubjectKind.TRACK, SubjectKind.FRAME,
                        SubjectKind.SCENE, SubjectKind.LABEL]  # fmt: skip
        assert changes == [SubjectChanged()] * 4

    def test_comment_waits_for_the_verdict_or_changes_it(self, desk, reviewing):
        judging = reviewing.judging
        go(desk, CAR_2)
        assert not judging.change_comment("look at the wheel")
        assert judging.draft == "look at the wheel"
        judging.judge(NEEDS_FIX)
        assert judging.verdict().comment == "look at the wheel"
        assert judging.change_comment("the front wheel")
        assert (judging.verdict().state, judging.verdict().comment) == (
            NEEDS_FIX, "the front wheel",
        )  # fmt: skip

    def test_undo_and_redo_say_what_they_do(self, desk, reviewing):
        go(desk, CAR_2)
        reviewing.judging.judge(REJECTED)
        text = reviewing.undo_text
        assert text.startswith("Reject label car-2 in ")
        desk.changes.clear()
        reviewing.undo()
        assert messages(desk) == [f"Undone: {text}"]
        assert reviewing.judging.state_of(CAR_2) is None
        assert reviewing.redo_text == text
        reviewing.redo()
        assert reviewing.judging.state_of(CAR_2) == "rejected"

    def test_clearing_takes_only_the_label_back(self, desk, reviewing):
        go(desk, CAR_2)
        reviewing.judging.judge(REJECTED)
        reviewing.judging.clear()
        assert reviewing.judging.verdict() is None


class TestEditsAndHistory:
    def test_an_edit_is_shown_at_once_and_undone(self, desk, reviewing):
        go(desk, CAR_2)
        scene = desk.session.scene
        subject = Subject.label(
            reviewing.dataset_id, scene.scene_id, scene.frames[2].key, "gt", "car-2"
        )

        def shown():
            cuboids = desk.session.content.labels["gt"].cuboids
            return cuboids.class_names[cuboids.row_of("car-2")]

        assert shown() == "car"
        reviewing.run(ChangeClass(subject, "bus"))
        desk.settle()
        assert shown() == "bus"
        reviewing.undo()
        desk.settle()
        assert shown() == "car"

    def test_edits_leave_with_the_workspace(self, desk, reviewing):
        go(desk, CAR_2)
        scene = desk.session.scene
        subject = Subject.label(
            reviewing.dataset_id, scene.scene_id, scene.frames[2].key, "gt", "car-2"
        )
        reviewing.run(ChangeClass(subject, "bus"))
        desk.settle()
        reviewing.close_workspace()
        desk.settle()
        assert "bus" not in desk.session.content.labels["gt"].cuboids.class_names

    def test_history_says_what_still_holds(self, desk, reviewing):
        go(desk, CAR_2)
        reviewing.judging.judge(ACCEPTED)
        first = reviewing.workspace.journal.last_seq
        reviewing.judging.judge(REJECTED)
        reviewing.judging.judge(SKIPPED)
        reviewing.undo()
        reviewing.undo()
        reviewing.redo()
        rows = history(reviewing.workspace)
        told = [(row.text.split()[0], row.is_undone) for row in rows]
        assert told == [
            ("Redo:", False), ("Undo:", False), ("Undo:", False), ("Skip", True),
            ("Reject", False), ("Accept", False),
        ]  # fmt: skip
        assert rows[-1].entry.seq == first
        assert subject_of(reviewing.workspace, rows[-1].entry).label_id == "car-2"

    def test_undo_to_takes_back_what_followed(self, desk, reviewing):
        go(desk, CAR_2)
        for state in (ACCEPTED, REJECTED, SKIPPED):
            reviewing.judging.judge(state)
        oldest = history(reviewing.workspace)[-1]
        reviewing.undo_to(oldest.entry.command_id)
        assert messages(desk)[-1] == "Undone: 2 steps"
        assert reviewing.judging.verdict().state is ACCEPTED


def test_opening_tells_and_the_dataset_stays_as_it_is(desk, tmp_path, monkeypatch):
    """A review of a real folder leaves every byte of it alone."""
    source = Path(__file__).parents[2] / "sample_scenes" / "calibration_boxes"
    if not source.is_dir():
        pytest.skip("the sample scene calibration_boxes is not here")
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))

    def digest():
        found = hashlib.blake2b()
        for folder, _, names in sorted(os.walk(source)):
            for name in sorted(names):
                path = Path(folder, name)
                found.update(f"{path.relative_to(source)} {path.stat().st_mtime_ns}".encode())
                found.update(path.read_bytes())
        return found.hexdigest()

    before = digest()
    desk.session.open_dataset(open_dataset(source))
    desk.settle()
    review = ReviewDesk(desk.session, Reviewer("ann"))
    changes = heard(review)
    assert review.open_default()
    assert changes[-1] == WorkspaceOpened()
    labels = desk.session.visible_labels()
    desk.session.select(labels[0])
    assert review.judging.judge(REJECTED)
    review.undo()
    review.dispose()
    assert digest() == before


class TestDelivery:
    """On a real folder: a copy of a sample scene."""

    @pytest.fixture
    def folder(self, tmp_path):
        source = Path(__file__).parents[2] / "sample_scenes" / "calibration_boxes"
        if not source.is_dir():
            pytest.skip("the sample scene calibration_boxes is not here")
        target = tmp_path / "delivery" / "boxes"
        shutil.copytree(source, target)
        return target

    def open(self, desk, folder):
        desk.session.open_dataset(open_dataset(folder))
        desk.settle()

    @pytest.fixture
    def judged(self, desk, folder, tmp_path, monkeypatch):
        """A review with a verdict on the first label."""
        monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
        self.open(desk, folder)
        review = ReviewDesk(desk.session, Reviewer("ann"))
        assert review.open_default()
        desk.settle()
        desk.session.select(desk.session.visible_labels()[0])
        assert review.judging.judge(ACCEPTED)
        yield review
        review.dispose()

    def test_a_copy_elsewhere_is_the_same_dataset(self, desk, judged, folder, tmp_path):
        before, path = judged.dataset_id, judged.workspace.path
        moved = tmp_path / "elsewhere" / "renamed"
        shutil.move(folder, moved)
        judged.close_workspace()
        self.open(desk, moved)
        judged.open_workspace(path)
        desk.settle()
        assert judged.dataset_id == before
        assert judged.dataset_paths() == (moved,)
        assert judged.judging.state_of(desk.session.visible_labels()[0]) == "accepted"

    def test_workspace_of_other_data_is_left_alone(self, desk, judged, tmp_path):
        path, seq = judged.workspace.path, judged.workspace.journal.last_seq
        judged.close_workspace()
        desk.session.open_dataset(make_dataset(make_scene()))
        desk.settle()
        judged.open_workspace(path)
        desk.settle()
        assert judged.dataset_id is None
        assert judged.read_only_reason == f"{path.name} is about another dataset"
        assert judged.workspace.journal.last_seq == seq

    def test_changed_label_is_listed_with_the_difference_and_kept(self, desk, judged, folder):
        path, key = judged.workspace.path, desk.session.selection
        judged.close_workspace()
        assert shift_label(folder, key.label_id) == 4
        self.open(desk, folder)
        judged.open_workspace(path)
        desk.settle()
        (stale,) = judged.delivery.stale
        assert stale.subject.label_id == key.label_id
        assert "moved 0.25 m" in stale.text
        assert judged.delivery.keep(stale)
        assert judged.delivery.stale == ()
        judged.delivery.compare()
        desk.settle()
        assert judged.delivery.stale == ()

    def test_damaged_workspace_goes_back_to_its_backup(self, desk, judged):
        path = judged.workspace.path
        judged.close_workspace()
        assert path.with_name(f"{path.name}.backup").exists()
        content = bytearray(path.read_bytes())
        content[4096:12288] = b"\xff" * 8192
        path.write_bytes(content)
        assert not judged.open_workspace(path)
        assert judged.damaged is not None
        assert judged.restore_backup()
        desk.settle()
        assert judged.judging.state_of(desk.session.visible_labels()[0]) == "accepted"


def shift_label(folder, label_id):
    """Move a label 0.25 m along x in the native layout's file; return how many there were."""
    path = folder / "labels" / "ground_truth.jsonl"
    frames = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    count = 0
    for cuboids in (frame["cuboids"] for frame in frames):
        for row, name in enumerate(cuboids["label_id"]):
            if name == label_id:
                cuboids["center"][row][0] += 0.25
                count += 1
    path.write_text("".join(f"{json.dumps(frame)}\n" for frame in frames), encoding="utf-8")
    return count
