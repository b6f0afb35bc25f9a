"""Going on in a copy of a workspace that cannot be changed, and what a damaged one is taken for."""

import pytest
from fake_drive import Desk, make_dataset, make_scene

from viewer.review import Reviewer, Workspace
from viewer.review.verdicts.model import VerdictState
from viewer.session.changes import MessageShown
from viewer.session.review_board import WAY_ON
from viewer.session.review_copy import go_on_in_copy
from viewer.session.review_desk import ReviewDesk
from viewer.session.selection import LabelKey

CAR = LabelKey("gt", 0, "car-0", "1")


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def reviewing(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    desk.session.open_dataset(make_dataset(make_scene(4)))
    desk.settle()
    review = ReviewDesk(desk.session, Reviewer("ann"))
    assert review.open_default()
    desk.session.select(CAR)
    desk.settle()
    yield review
    review.dispose()


def said(desk):
    return [change.text for change in desk.seen(MessageShown)]


def judged(review):
    return review.judging.state_of(CAR)


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
        assert said(desk)[-1].endswith(WAY_ON)
        reviewing.undo()
        assert said(desk)[-1].endswith(WAY_ON)
        copy = go_on_in_copy(reviewing, tmp_path / "own")
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
    assert go_on_in_copy(reviewing, taken) is None
    assert taken.read_text(encoding="utf-8") == "mine"
    assert said(desk)[-1].startswith("No copy was made: ")
    monkeypatch.setattr("viewer.session.review_copy.is_inside", lambda *_: True)
    assert go_on_in_copy(reviewing, tmp_path / "inside.sightline") is None
    assert "never written to" in said(desk)[-1]
    assert not (tmp_path / "inside.sightline").exists()
    assert go_on_in_copy(reviewing, tmp_path / "no" / "folder.sightline") is None
    assert reviewing.workspace.path == path
    assert reviewing.judging.judge(VerdictState("accepted"))


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
