"""`sightline review undo`, `redo`: take back, or do again."""

from pathlib import Path
from typing import Annotated

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import AsJson, File, ReviewerName, print_json, writing_workspace

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what it would be.")]


def run_undo(
    file: File,
    redo: Annotated[
        bool, typer.Option("--redo", help="Do again what was taken back last, as `redo` does.")
    ] = False,
    dry_run: DryRun = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Take back the reviewer's newest command in the workspace FILE."""
    _run(file, reviewer, redo=redo, dry_run=dry_run, as_json=as_json)


def run_redo(
    file: File, dry_run: DryRun = False, reviewer: ReviewerName = None, as_json: AsJson = False
) -> None:
    """Do again what the reviewer took back last in the workspace FILE."""
    _run(file, reviewer, redo=True, dry_run=dry_run, as_json=as_json)


def _run(file: Path, reviewer: str | None, *, redo: bool, dry_run: bool, as_json: bool) -> None:
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
