"""`sightline review backup`, `restore` and `check`: keeping a workspace sound."""

from pathlib import Path
from typing import Annotated

import typer

from viewer.cli.base import ExitCode, fail, terminal_progress
from viewer.cli.review.base import (
    AsJson,
    File,
    print_json,
    reading_workspace,
    review_errors,
)


def run_backup(
    file: File,
    target: Annotated[
        Path | None,
        typer.Argument(metavar="[TARGET]", help="A new file; else the backup beside FILE."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy the workspace FILE, which may be in use, whole and checked."""
    with reading_workspace(file) as workspace:
        if target is None:
            target = workspace.back_up()
        else:
            with terminal_progress("Copying") as context:
                workspace.copy_to(target, context)
    if as_json:
        print_json({"backup": str(target)})
    else:
        print(f"written: {target}")


def run_restore(
    file: File,
    even_if_sound: Annotated[
        bool, typer.Option("--even-if-sound", help="Go back to the backup all the same.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put the last good backup in the place of a damaged or lost FILE; what is there is kept."""
    from viewer.review.store.restore import restore_backup

    was_there = file.exists()
    if was_there and not even_if_sound and _is_sound(file):
        fail(f"{file} is sound; --even-if-sound goes back to the backup", ExitCode.PROBLEMS)
    with review_errors():
        kept = restore_backup(file)
    if as_json:
        print_json({"workspace": str(file), "former": str(kept) if was_there else None})
    else:
        print(f"restored: {file}" + (f"\nthe former file is {kept}" if was_there else ""))


def _is_sound(file: Path) -> bool:
    from viewer.review import DamagedWorkspace, Workspace, local_reviewer

    with review_errors():
        try:
            with Workspace.open(file, local_reviewer(), read_only=True) as workspace:
                workspace.check_integrity()
        except DamagedWorkspace:
            return False
        return True


def run_check(file: File, as_json: AsJson = False) -> None:
    """Read the whole workspace FILE and say whether it is as it was written."""
    with reading_workspace(file) as workspace:
        workspace.check_integrity()
        count = workspace.journal.last_seq
    if as_json:
        print_json({"workspace": str(file), "sound": True, "command_count": count})
    else:
        print(f"sound: {count} commands")
