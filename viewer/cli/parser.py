"""The option parser: collects the commands; each imports what it needs when it runs."""

from typing import Annotated

import typer

from viewer import __version__
from viewer.cli.base import CommandGroup
from viewer.cli.catalog import COMMANDS

app = typer.Typer(
    name="sightline",
    help="Look at, check and review 3D sensor-fusion scenes, offline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _command in COMMANDS:
    if isinstance(_command, CommandGroup):
        _group = typer.Typer(
            name=_command.name, help=_command.help, no_args_is_help=True, rich_markup_mode=None
        )
        for _subcommand in _command.subcommands:
            _group.command(_subcommand.name)(_subcommand.run)
        app.add_typer(_group)
    else:
        app.command(_command.name)(_command.run)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"sightline {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass
