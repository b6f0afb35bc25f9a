"""Calls `sightline review` as a shell would."""

import json

from click.testing import Result
from typer.testing import CliRunner

from viewer.cli.parser import app


def call(*arguments: object, code: int = 0, reviewer: str | None = None) -> str:
    return _answer(*arguments, code=code, reviewer=reviewer).output


def _answer(*arguments: object, code: int = 0, reviewer: str | None = None) -> Result:
    options = [] if reviewer is None else ["--reviewer", reviewer]
    answer = CliRunner().invoke(app, ["review", *map(str, arguments), *options])
    assert answer.exit_code == code, (answer.output, answer.exception)
    return answer


def call_json(*arguments: object, **options):
    return json.loads(_answer(*arguments, "--json", **options).stdout)
