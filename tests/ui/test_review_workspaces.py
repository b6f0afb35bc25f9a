"""Damaged workspaces in the window: the question, and what each answer does."""

import pytest
from PySide6.QtWidgets import QMessageBox

from viewer.review.verdicts.model import VerdictState
from viewer.session.selection import LabelKey

pytestmark = pytest.mark.ui
CAR = LabelKey("gt", 0, "a", "1")
YES, CANCEL = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.Cancel


@pytest.fixture
def damaged(browsing, session, own_config):
    """The path of a workspace with one verdict, a backup and a hole."""
    assert browsing.review.open()
    desk = browsing.review.desk
    session.select(CAR)
    assert desk.judging.judge(VerdictState("accepted"))
    path = desk.workspace.path
    desk.close_workspace()
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    path.write_bytes(content)
    return path


@pytest.fixture
def asked(monkeypatch):
    """What was asked; `answer` is what the person says."""

    class Asked(list):
        answer = YES

    found = Asked()

    def ask(question):
        found.append((question.text(), question.informativeText()))
        return found.answer

    monkeypatch.setattr(QMessageBox, "exec", ask)
    return found


def opened(window, path, way):
    if way == "file":
        return window.review.open_file(path)
    if way == "start":
        window.review.open_with(path)
        return window.review.desk.workspace is not None
    return window.review.open()


@pytest.mark.parametrize("way", ["dataset", "file", "start"])
def test_the_backup_is_offered_and_opened(browsing, session, damaged, asked, way):
    assert opened(browsing, damaged, way)
    ((text, more),) = asked
    assert str(damaged) in text
    assert "damaged file is kept" in more
    desk = browsing.review.desk
    assert desk.workspace.path == damaged
    assert desk.judging.state_of(CAR) == "accepted"
    assert len(list(damaged.parent.glob("*.damaged-*"))) == 1


def test_nothing_is_touched_when_it_is_declined(browsing, damaged, asked):
    before = damaged.read_bytes()
    asked.answer = CANCEL
    assert not browsing.review.open()
    assert browsing.review.desk.workspace is None
    assert damaged.read_bytes() == before
    assert list(damaged.parent.glob("*.damaged-*")) == []
