"""`sightline review undo`: take back, or do again."""

from typing import Annotated

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import AsJson, File, ReviewerName, print_json, writing_workspace


def run(
    file: File,
    redo: Annotated[
        bool, typer.Option("--redo", help="Do again what was taken back last.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would be.")] = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Take back the reviewer's newest command in the workspace FILE."""
    with writing_workspace(file, reviewer) as workspace:
        text = workspace.redo_text if redo else workspace.undo_text
        what = "do again" if redo else "take back"
        if text is None:
            fail(f"{workspace.reviewer.name} has nothing to {what}", ExitCode.PROBLEMS)
        if not dry_run:
            _ = workspace.redo() if redo else workspace.undo()
    if as_json:
        print_json({"action": "redo" if redo else "undo", "text": text, "done": not dry_run})
        return
    done = "Would " if dry_run else ""
    print(f"{done}{what if dry_run else 'Did again' if redo else 'Took back'}: {text}")
