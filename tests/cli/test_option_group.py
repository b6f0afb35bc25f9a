"""Options that several commands take together."""

import inspect
from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from viewer.cli.option_group import OptionGroup, with_option_groups

Depth = Annotated[int, typer.Option("--depth")]
Words = Annotated[list[str] | None, typer.Option("--word")]
Width = Annotated[float, typer.Option("--width")]


@dataclass(frozen=True, slots=True)
class Measures(OptionGroup):
    """Two options."""

    depth: Depth = 3
    words: Words = None


@with_option_groups
def run(name: str, *, width: Width = 0.5, measures: Measures, loud: bool = False) -> None:
    """Say what was given."""
    typer.echo(f"{name} {width} {measures} {loud}")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "0.5 Measures(depth=3, words=None) False"),
        (("--depth", "7"), "0.5 Measures(depth=7, words=None) False"),
        (
            ("--word", "a", "--loud", "--word", "b", "--width", "2"),
            "2.0 Measures(depth=3, words=['a', 'b']) True",
        ),
    ],
)
def test_options_of_a_group_reach_the_function_as_one_argument(arguments, told):
    app = typer.Typer()
    app.command()(run)
    result = CliRunner().invoke(app, ["box", *arguments])
    assert result.output == f"box {told}\n"


def test_options_stand_in_the_help_where_their_group_stands():
    assert list(inspect.signature(run).parameters) == ["name", "width", "depth", "words", "loud"]
    assert run.__doc__ == "Say what was given."


def test_two_options_of_one_name_are_refused():
    def twice(depth: Depth, measures: Measures) -> None:
        """Take the depth two times."""

    with pytest.raises(ValueError, match="depth"):
        with_option_groups(twice)
