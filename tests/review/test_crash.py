"""Killing the process at random instants: what was acknowledged is there, and can be undone."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from review.conftest import tables

from viewer.review import Reviewer, Workspace

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the child processes are forked")
KILLS = 500 if os.environ.get("SIGHTLINE_LONG") else 40
KILLS_OF_ONE_FILE = 20
SEED = 20261121


@pytest.fixture
def server() -> Iterator[subprocess.Popen]:
    script = Path(__file__).with_name("editing_process.py")
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.stdin.close()
        process.wait(10)


def edit_and_kill(server: subprocess.Popen, path: Path, chance: random.Random) -> list[bytes]:
    """Let a child edit for an instant; return the commands that it was told are on disk."""
    server.stdin.write(f"{path} {chance.randrange(1 << 30)}\n")
    server.stdin.flush()
    said = server.stdout.readline().split()
    assert said[0] == "child"
    # Some die while they open the file, most while they edit.
    if chance.random() > 0.1:
        assert server.stdout.readline() == "ready\n"
    time.sleep(chance.random() ** 2 * 0.15)
    os.kill(int(said[1]), signal.SIGKILL)
    acknowledged = []
    while (line := server.stdout.readline().strip()) != "gone":
        assert line, "the editing process has ended"
        if line != "ready":
            acknowledged.append(bytes.fromhex(line))
    return acknowledged


def test_killed_at_random_instants_nothing_acknowledged_is_lost(server, tmp_path):
    chance = random.Random(SEED)
    commands = 0
    for kill in range(KILLS):
        if kill % KILLS_OF_ONE_FILE == 0:
            path = tmp_path / f"street{kill}.sightline"
            Workspace.create(path, Reviewer("ann")).close()
            acknowledged: list[bytes] = []
        new = edit_and_kill(server, path, chance)
        acknowledged += new
        commands += len(new)
        with Workspace.open(path, Reviewer("ann")) as workspace:
            assert workspace.is_writable
            assert [each for each in acknowledged if workspace.journal.entry(each) is None] == []
            workspace.check_integrity()
            before = tables(path)
            if workspace.undo() is not None:
                assert tables(path) != before
                workspace.redo()
                assert tables(path) == before
        beside = {each.name for each in tmp_path.iterdir() if each.name.startswith(f".{path.name}")}
        assert not {each for each in beside if each.endswith(".lock")}
    assert commands > 2 * KILLS
