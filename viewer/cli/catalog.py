"""All commands of `sightline`, in the order in which `--help` lists them."""

from typing import Final

from viewer.cli import (
    check,
    convert,
    doctor,
    evaluate,
    formats,
    import_labels,
    info,
    open,  # noqa: A004 - the command's name
    render,
)
from viewer.cli.base import Command, CommandGroup
from viewer.cli.review.catalog import SUBCOMMANDS as REVIEW

COMMANDS: Final[tuple[Command | CommandGroup, ...]] = (
    Command("open", open.run),
    Command("info", info.run),
    Command("render", render.run),
    Command("convert", convert.run),
    Command("import", import_labels.run),
    Command("evaluate", evaluate.run),
    Command("check", check.run),
    CommandGroup("review", "Work on a workspace: issues, verdicts, queues, journal.", REVIEW),
    Command("formats", formats.run),
    Command("doctor", doctor.run),
)
