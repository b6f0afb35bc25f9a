"""Copying a workspace tells how far it is, and leaves nothing when it is given up."""

import pytest

from viewer.progress import Cancelled, JobContext
from viewer.review import Reviewer, Workspace
from viewer.review.commands.issues import OpenIssue
from viewer.review.store import backup


@pytest.fixture
def workspace(tmp_path):
    with Workspace.create(tmp_path / "street.sightline", Reviewer("ann")) as opened:
        for number in range(100):
            opened.run(OpenIssue(f"{number:032}", "Boxes", description="x" * 5000))
        yield opened


def test_it_tells_how_far_it_is(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "PAGES_BETWEEN_REPORTS", 20)
    heard = []
    workspace.copy_to(tmp_path / "copy.sightline", JobContext(heard.append))
    dones = [each.done for each in heard]
    assert dones == sorted(dones)
    assert len(set(dones)) > 5
    assert dones[-1] == heard[-1].total or heard[-1].total == 1
    with Workspace.open(tmp_path / "copy.sightline", Reviewer("bob")) as copy:
        assert copy.journal.last_seq == workspace.journal.last_seq + 1, "bob's name is new"


@pytest.mark.parametrize("last", [1, 3])
def test_giving_up_while_pages_are_copied_leaves_nothing(workspace, tmp_path, monkeypatch, last):
    monkeypatch.setattr(backup, "PAGES_BETWEEN_REPORTS", 20)
    before = {each.name for each in tmp_path.iterdir()}
    heard = []

    def hear(progress):
        heard.append(progress)
        if len(heard) == last:
            context.cancel()

    context = JobContext(hear)
    with pytest.raises(Cancelled):
        workspace.copy_to(tmp_path / "copy.sightline", context)
    assert {each.name for each in tmp_path.iterdir()} == before


def test_giving_up_while_the_copy_is_checked_leaves_nothing(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "OPERATIONS_BETWEEN_REPORTS", 1)
    before = {each.name for each in tmp_path.iterdir()}
    context = JobContext()

    def check(connection, path):
        context.cancel()
        connection.execute("PRAGMA integrity_check").fetchall()
        pytest.fail("it went on")

    with pytest.raises(Cancelled):
        backup.copy_workspace(
            workspace.path, tmp_path / "copy.sightline", check=check,
            progress=lambda done, total: context.report(done, total),
        )  # fmt: skip
    assert {each.name for each in tmp_path.iterdir()} == before
