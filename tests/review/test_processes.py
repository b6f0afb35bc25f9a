"""Several processes with one workspace: one writes, the others follow and take over."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from viewer.review import Reviewer, Workspace, WorkspaceError
from viewer.review.commands.settings import ChangeSetting

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses POSIX limits")


class Other:
    """Another process that has workspaces open."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("following_process.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, *words: object):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def start() -> Iterator[Callable[[], Other]]:
    with ExitStack() as stack:

        def new() -> Other:
            other = Other()
            stack.callback(other.end)
            return other

        yield new


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "street.sightline"
    Workspace.create(path, Reviewer("ann")).close()
    return path


def beside(path: Path) -> set[str]:
    return {each.name for each in path.parent.iterdir()} - {path.name, f"{path.name}.backup"}


def test_one_writes_the_other_follows_and_names_the_holder(path, start):
    bob = start()
    with Workspace.open(path, Reviewer("ann")) as ann:
        reason = bob("open", path, "bob")
        assert "held by ann on " in reason
        assert f"(process {ann.holder.pid})" in reason
        assert bob("holder") == ["ann", ann.holder.pid]
        assert bob("run", 1)["error"] == "WorkspaceReadOnly"
        assert bob("follow") == []
        ann.run(ChangeSetting("number", 5))
        assert bob("follow") == ["Change number"]
        assert bob("follow") == []
        ann.undo()
        assert bob("follow") == ["Change number"]
        assert bob("hold") is False
    assert bob("holder") is None
    assert bob("hold") is True
    assert bob("run", 7) is True
    assert bob("close") is None
    assert beside(path) == set()
    with Workspace.open(path, Reviewer("ann")) as ann:
        assert ann.reading.query("SELECT value FROM settings") == [('"7"',)]


@pytest.mark.parametrize("writer_closes_first", [True, False])
def test_whoever_closes_last_leaves_one_file(path, start, writer_closes_first):
    ann, bob, eve = start(), start(), start()
    assert ann("open", path, "ann") is None
    assert bob("open", path, "bob") is not None
    assert eve("open", path, "eve", "read") == "it was opened for reading"
    ann("run", 1)
    order = (ann, bob, eve) if writer_closes_first else (eve, bob, ann)
    for other in order:
        assert other("close") is None
    assert beside(path) == set()
    assert path.read_bytes()[18:20] == b"\1\1", "not in WAL mode"


def test_a_holder_that_is_killed_is_followed_by_another(path, start):
    ann, bob, eve = start(), start(), start()
    ann("open", path, "ann")
    bob("open", path, "bob")
    eve("open", path, "eve")
    for number in range(5):
        ann("run", number)
    assert bob("hold") is False
    ann.end()
    assert bob("holder") is None
    assert bob("hold") is True
    assert bob("value") == [['"4"']]
    assert bob("run", 9) is True
    assert eve("hold") is False
    assert eve("holder") == ["bob", bob.process.pid]
    assert eve("follow") == ["Change number"] * 5 + ["Reviewer bob", "Change number"]
    bob.end()
    with Workspace.open(path, Reviewer("ann")) as workspace:
        assert workspace.is_writable
        assert workspace.reading.query("SELECT value FROM settings") == [('"9"',)]
        workspace.check_integrity()
        assert workspace.undo_text == "Change number"
    eve("close")
    assert beside(path) == set()


def test_only_one_of_many_that_open_at_once_writes(path, start):
    others = [start() for _ in range(6)]
    for other in others:
        other.process.stdin.write(f"open {path} bob\n")
        other.process.stdin.flush()
    reasons = [json.loads(other.process.stdout.readline()) for other in others]
    assert reasons.count(None) == 1
    assert all("held by" in reason for reason in reasons if reason is not None)
    for other in others:
        other("close")
    assert beside(path) == set()


def test_following_a_file_that_takes_the_place(path, start):
    bob = start()
    bob("open", path, "bob", "read")
    fresh = path.with_name("fresh.sightline")
    with Workspace.create(fresh, Reviewer("ann")) as workspace:
        workspace.run(ChangeSetting("number", 3))
    fresh.replace(path)
    assert bob("follow") == []
    assert bob("value") == [["3"]]


def test_a_file_that_cannot_grow_refuses_and_takes_the_command_later(path, start):
    bob = start()
    bob("open", path, "bob")
    bob("run", "small")
    bob("limit", path.stat().st_size // 2)
    problem = bob("run", "x" * 300_000)
    assert problem["error"] == "WorkspaceUnwritable"
    assert problem["text"].startswith(f"{path} could not be written (")
    assert problem["text"].endswith("; nothing was changed, try again")
    assert bob("value") == [['"small"']]
    bob("limit", 1 << 40)
    assert bob("run", "y" * 300_000) is True
    bob("close")
    with Workspace.open(path, Reviewer("ann")) as workspace:
        workspace.check_integrity()
        assert workspace.reading.query("SELECT length(value) FROM settings") == [(300_002,)]


def test_a_disk_that_fills_up_at_any_moment_loses_nothing(path, start):
    """Also the log cannot grow when its limit comes in the middle of a page or header."""
    bob = start()
    bob("open", path, "bob")
    log = path.with_name(f"{path.name}-wal")
    last, refused = None, 0
    for number in range(60):
        bob("limit", log.stat().st_size + 1500 * (number % 40))
        value = f"{number}" * 500
        if bob("run", value) is True:
            last = value
        else:
            refused += 1
        assert bob("value") == ([[f'"{last}"']] if last else [])
        bob("limit", 1 << 40)
        last = f"{number}after"
        assert bob("run", last) is True
    assert 0 < refused < 60
    bob.end()
    with Workspace.open(path, Reviewer("ann")) as workspace:
        workspace.check_integrity()
        assert workspace.reading.query("SELECT value FROM settings") == [(f'"{last}"',)]


def test_opening_needs_the_file(tmp_path):
    with pytest.raises(WorkspaceError, match="does not exist"):
        Workspace.open(tmp_path / "none.sightline", Reviewer("ann"))
    with pytest.raises(WorkspaceError, match="folder does not exist"):
        Workspace.create(tmp_path / "no" / "a.sightline", Reviewer("ann"))
    assert list(tmp_path.iterdir()) == []
