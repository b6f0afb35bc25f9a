"""Going on in a copy of a workspace that cannot be changed, and what a damaged one is taken for."""

import threading

import pytest
from fake_drive import make_scene

from tests.session.reviewing import messages
from viewer.review import Reviewer, Workspace
from viewer.review.verdicts.model import VerdictState
from viewer.session.review_board import WAY_ON
from viewer.session.review_copy import JOB, go_on_in_copy
from viewer.session.selection import LabelKey

CAR = LabelKey("gt", 0, "car-0", "1")


@pytest.fixture
def reviewing(desk, open_review):
    review = open_review(make_scene(4))
    desk.session.select(CAR)
    desk.settle()
    return review


def judged(review):
    return review.judging.state_of(CAR)


def copied(desk, review, path):
    """Where decisions go from now on; None where no copy was made."""
    gone_on = []
    go_on_in_copy(review, path, gone_on.append)
    desk.settle()
    return gone_on[-1] if gone_on else None


def test_a_held_workspace_says_what_can_be_done_and_its_copy_is_decided_in(
    desk, reviewing, tmp_path
):
    path = reviewing.workspace.path
    assert reviewing.judging.judge(VerdictState("accepted"))
    reviewing.close_workspace()
    with Workspace.open(path, Reviewer("bob")) as held:
        assert reviewing.open_workspace(path)
        before = held.journal.last_seq
        assert not reviewing.judging.judge(VerdictState("rejected"))
        assert messages(desk)[-1].endswith(WAY_ON)
        reviewing.undo()
        assert messages(desk)[-1].endswith(WAY_ON)
        copy = copied(desk, reviewing, tmp_path / "own")
        assert copy == tmp_path / "own.sightline"
        assert reviewing.workspace.path == copy
        assert reviewing.read_only_reason is None
        assert judged(reviewing) == "accepted"
        assert reviewing.judging.judge(VerdictState("rejected"))
        assert held.journal.last_seq == before
    reviewing.open_workspace(path)
    desk.settle()
    assert judged(reviewing) == "accepted"


def test_no_file_is_written_over_and_none_into_the_dataset(desk, reviewing, tmp_path, monkeypatch):
    taken = tmp_path / "taken.sightline"
    taken.write_text("mine", encoding="utf-8")
    path = reviewing.workspace.path
    assert copied(desk, reviewing, taken) is None
    assert taken.read_text(encoding="utf-8") == "mine"
    assert messages(desk)[-1].startswith("No copy was made: ")
    monkeypatch.setattr("viewer.session.review_copy.is_inside", lambda *_: True)
    assert copied(desk, reviewing, tmp_path / "inside.sightline") is None
    assert "never written to" in messages(desk)[-1]
    assert not (tmp_path / "inside.sightline").exists()
    assert copied(desk, reviewing, tmp_path / "no" / "folder.sightline") is None
    assert reviewing.workspace.path == path
    assert reviewing.judging.judge(VerdictState("accepted"))


def test_what_is_decided_while_it_is_copied_is_in_the_copy(desk, reviewing, tmp_path, monkeypatch):
    copy_to, begun, go = Workspace.copy_to, threading.Event(), threading.Event()

    def slowly(workspace, target, context=None):
        copy_to(workspace, target, context)
        begun.set()
        assert go.wait(10)

    monkeypatch.setattr(Workspace, "copy_to", slowly)
    gone_on = []
    assert go_on_in_copy(reviewing, tmp_path / "own.sightline", gone_on.append)
    assert begun.wait(10)
    (status,) = [each for each in desk.session.jobs.statuses if each.key == JOB]
    assert status.title == f"Copying {reviewing.workspace.path.name}"
    assert reviewing.judging.judge(VerdictState("rejected")), "one goes on meanwhile"
    go.set()
    desk.settle(lambda: bool(gone_on))
    assert reviewing.workspace.path == tmp_path / "own.sightline"
    assert judged(reviewing) == "rejected"


def test_giving_up_leaves_no_copy(desk, reviewing, tmp_path, monkeypatch):
    path = reviewing.workspace.path
    copy_to = Workspace.copy_to
    ended = threading.Event()

    def given_up(workspace, target, context=None):
        desk.session.jobs.cancel(JOB)
        try:
            copy_to(workspace, target, context)
        finally:
            ended.set()

    monkeypatch.setattr(Workspace, "copy_to", given_up)
    before = sorted(each.name for each in tmp_path.iterdir())
    assert go_on_in_copy(reviewing, tmp_path / "own.sightline", lambda _: pytest.fail("no"))
    desk.settle()
    assert ended.wait(60)
    assert reviewing.workspace.path == path
    assert sorted(each.name for each in tmp_path.iterdir()) == before


def test_a_damaged_workspace_is_not_passed_over_for_a_new_one(desk, reviewing):
    path = reviewing.workspace.path
    assert reviewing.judging.judge(VerdictState("accepted"))
    reviewing.close_workspace()
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    path.write_bytes(content)
    assert not reviewing.open_default()
    assert reviewing.damaged is not None
    assert sorted(path.parent.glob("*.sightline")) == [path]
    assert reviewing.restore_backup()
    desk.settle()
    assert judged(reviewing) == "accepted"
