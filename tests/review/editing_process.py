"""A process that edits a workspace and says what it is told is on disk. Run by the crash tests.

It reads lines ``PATH SEED``, edits in a child of its own for each, says ``child PID`` before and
``gone`` when someone has killed the child. Forking spares the imports of every child.
"""

import os
import random
import sys
from pathlib import Path

from viewer.review import Reviewer, Subject, Workspace, new_id
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.issues import OpenIssue
from viewer.review.commands.settings import ChangeSetting
from viewer.review.commands.verdicts import ClearVerdict, SetVerdict
from viewer.review.datasets.entities import DATASETS
from viewer.review.verdicts.model import VerdictState

DATASET = "d" * 32


def edit_for_ever(path: Path, seed: int) -> None:
    """Write one line a command: its id, after `run` came back."""
    chance = random.Random(seed)
    while True:
        with Workspace.open(path, Reviewer("ann")) as workspace:
            if not workspace.reading.rows(DATASETS):
                workspace.run(AddDataset(DATASET, "street", "street", "native"))
            say("ready")
            while chance.random() > 0.02:
                entry = _one(workspace, chance)
                if entry is not None:
                    say(entry.command_id.hex())


def say(word: str) -> None:
    """Write a line at once and whole."""
    os.write(sys.stdout.fileno(), f"{word}\n".encode())


def _one(workspace: Workspace, chance: random.Random):
    draw = chance.random()
    subject = Subject.label(DATASET, "s", "000042", "gt", str(chance.randrange(200)))
    if draw < 0.5:
        return workspace.run(SetVerdict(subject, chance.choice(list(VerdictState))))
    if draw < 0.6:
        return workspace.run(ClearVerdict(subject))
    if draw < 0.7:
        return workspace.run(ChangeSetting("score_threshold", chance.random()))
    if draw < 0.8:
        return workspace.run(OpenIssue(new_id(), "Loose boxes"))
    if draw < 0.95:
        return workspace.undo()
    return workspace.redo()


def serve() -> None:
    """Do what the module says."""
    for line in sys.stdin:
        path, seed = line.rsplit(maxsplit=1)
        child = os.fork()
        if child == 0:
            edit_for_ever(Path(path), int(seed))
        say(f"child {child}")
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    serve()
