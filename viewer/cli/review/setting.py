"""`sightline review setting`: classes, thresholds and reasons that a workspace defines."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import (
    AsJson,
    File,
    ReviewerName,
    print_json,
    reading_workspace,
    writing_workspace,
)

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.commands.base import Command


def run(
    file: File,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="class_map/CLASS, threshold/NAME, verdict_reasons."),
    ] = None,
    value: Annotated[
        str | None,
        typer.Argument(
            metavar="[VALUE]",
            help="JSON: a number for a threshold; for a class an object with colour,"
            " prediction_colour, class_id, train_name, parent, ignored: what is told changes.",
        ),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Take NAME back to what the data or Sightline say.")
    ] = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """List what the workspace FILE defines, show the setting NAME, or give it VALUE."""
    if reset and (name is None or value is not None):
        fail("--reset needs NAME alone", ExitCode.USAGE)
    if value is not None or reset:
        command = _command(name or "", value)
        with writing_workspace(file, reviewer) as workspace:
            workspace.run(command)
            found = _settings(workspace.reading)
    else:
        with reading_workspace(file) as workspace:
            found = _settings(workspace.reading)
    if name is not None:
        if not reset and name not in found:
            fail(f"the workspace defines no {name}", ExitCode.USAGE)
        print(json.dumps(found.get(name), ensure_ascii=False))
        return
    if as_json:
        print_json(found)
        return
    for each, told in found.items():
        print(f"{each}  {json.dumps(told, ensure_ascii=False)}")
    if not found:
        print("no settings")


def _settings(reading: "Reading") -> dict[str, Any]:
    from viewer.review.datasets.entities import SETTINGS

    return {row["name"]: row["value"] for row in reading.rows(SETTINGS, "ORDER BY name")}


def _command(name: str, text: str | None) -> "Command":
    """Return what gives a setting a value; None takes it back."""
    from viewer.review.commands.class_map import ChangeClassEntry, ChangeThreshold
    from viewer.review.commands.settings import ChangeSetting
    from viewer.review.commands.verdicts import DefineReasons
    from viewer.review.datasets.class_map import CLASS, THRESHOLD
    from viewer.review.verdicts.reasons import SETTING

    value = None if text is None else _json(text)
    if name.startswith(CLASS):
        if not isinstance(value, dict | None):
            fail('a class is a JSON object, e.g. {"colour": [255, 0, 0]}', ExitCode.USAGE)
        return ChangeClassEntry(name.removeprefix(CLASS), value)
    if name.startswith(THRESHOLD):
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            fail("a threshold is a number", ExitCode.USAGE)
        return ChangeThreshold(name.removeprefix(THRESHOLD), value)
    if name != SETTING:
        fail(f"there is no setting {name}: {CLASS}CLASS, {THRESHOLD}NAME, {SETTING}",
             ExitCode.USAGE)  # fmt: skip
    if value is None:
        return ChangeSetting(SETTING, None)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        fail("reasons are a JSON list of texts", ExitCode.USAGE)
    return DefineReasons(tuple(value))


def _json(text: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        fail(f"VALUE is no JSON: {text}", ExitCode.USAGE)
    if value is None:
        fail("give a value, or --reset", ExitCode.USAGE)
    return value
