"""`sightline evaluate`: a protocol's figures for predictions beside labels."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail, readable_errors, terminal_progress

if TYPE_CHECKING:
    from viewer.metrics.gathering import PredictionSet
    from viewer.metrics.objects import EvaluatedObjects
    from viewer.metrics.protocols.base import Evaluation, Protocol
    from viewer.metrics.protocols.declared_settings import Setting

PRINTED_ROWS = 20
"""So many rows of bad predictions are named; beyond, they are only counted."""
COLUMN_GAP = 3
"""Characters between columns of a table."""


def run(
    labels: Annotated[
        Path, typer.Argument(help="A dataset, or a folder or file of labels, KITTI's included.")
    ],
    predictions: Annotated[
        Path, typer.Argument(help="The same for predictions; the dataset again for its own.")
    ],
    protocol: Annotated[
        str,
        typer.Option(
            "--protocol",
            help="kitti, nuscenes-detection, nuscenes-tracking, argoverse2, waymo, clear, hota or"
            " coco.",
        ),
    ],
    json_path: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON.")
    ] = None,
    html_path: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with the figures.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--setting",
            metavar="KEY=VALUE",
            help="Another value than the protocol's own; can be given several times.",
        ),
    ] = None,
    sequences: Annotated[
        list[str] | None,
        typer.Option("--sequences", help="Only these, with commas or blanks between them."),
    ] = None,
    more_sequences: Annotated[
        list[str] | None, typer.Argument(hidden=True, metavar="sequences")
    ] = None,
    label_set: Annotated[
        str | None, typer.Option("--label-set", help="Which labels of a dataset with several.")
    ] = None,
    prediction_set: Annotated[
        str | None, typer.Option("--prediction-set", help="Which predictions of several.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Leave out predictions that cannot be used.")
    ] = False,
) -> None:
    """Compare predictions with labels by a published protocol.

    Prints the settings used, what the data lack for the protocol, and the figures. Predictions
    that cannot be used are named by row, and the rest is used only after a yes.

    \b
    sightline evaluate label_2 results --protocol kitti --json figures.json
    sightline evaluate label_02 tracks --protocol hota --sequences 0006,0012
    sightline evaluate NUSCENES results.json --protocol nuscenes-detection --html figures.html
    sightline evaluate DATASET DATASET --protocol clear --setting similarity=distance_bev
    """  # noqa: D301 - the backspace keeps the lines apart in the help
    from viewer.metrics.gathering import gather_paths
    from viewer.metrics.sides import NoSuchLabelSet

    chosen = _protocol(protocol)
    wanted = _settings(chosen, settings or ())
    for place in (json_path, html_path):
        _require_place(place, (labels, predictions))
    names = _sequence_names(sequences or (), more_sequences or ())
    with readable_errors(), terminal_progress("Evaluating") as job:
        try:
            gathered = gather_paths(
                labels, predictions, job, label_set_id=label_set, prediction_set_id=prediction_set,
                sequences=names or None,
            )  # fmt: skip
        except (NoSuchLabelSet, ValueError) as error:
            fail(str(error), ExitCode.USAGE)
    for problem in gathered.label_problems[:PRINTED_ROWS]:
        print(problem, file=sys.stderr)
    found = gathered.predictions[0]
    usable = _usable(found, yes=yes)
    with terminal_progress("Evaluating") as job:
        try:
            evaluation = chosen.evaluate(gathered.labels, usable, wanted, job)
        except ValueError as error:
            fail(str(error), ExitCode.USAGE)
    notes = [found.problems.summary() + "; left out"] if found.problems else []
    _print(evaluation, chosen, notes)
    if json_path is not None:
        _write_json(json_path, evaluation, chosen, labels, predictions, notes)
    if html_path is not None:
        from viewer.reports.evaluation_page import write_evaluation_page

        with readable_errors():
            write_evaluation_page(
                html_path, evaluation, chosen, labels=_named(labels, label_set),
                predictions=_named(predictions, prediction_set), notes=notes,
            )  # fmt: skip
        print(html_path)


def _sequence_names(given: Sequence[str], more: Sequence[str]) -> list[str]:
    """Return names between commas or blanks; the shell hands the latter on as arguments."""
    if more and not given:
        fail(f"there is no use for {' '.join(more)!r}; two paths are compared", ExitCode.USAGE)
    return [name for part in (*given, *more) for name in part.replace(",", " ").split()]


def _named(path: Path, label_set: str | None) -> str:
    return path.name if label_set is None else f"{label_set} of {path.name}"


def _protocol(name: str) -> "Protocol":
    from viewer.metrics.protocols.catalog import protocol_by_name

    try:
        return protocol_by_name(name)
    except KeyError as error:
        fail(str(error.args[0]), ExitCode.USAGE)


def _settings(protocol: "Protocol", pairs: Sequence[str]) -> dict[str, Any]:
    """Read ``KEY=VALUE``; a value is JSON, words with commas between them, or one word."""
    wanted: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            fail(f"--setting needs KEY=VALUE, not {pair!r}", ExitCode.USAGE)
        if name not in protocol.settings:
            known = "".join(f"\n  {own}: {each.meaning}" for own, each in protocol.settings.items())
            fail(f"{protocol.name} has no setting {name!r}; it has{known}", ExitCode.USAGE)
        wanted[name] = _value(protocol.settings[name], name, text)
    return wanted


def _value(setting: "Setting", name: str, text: str) -> Any:  # noqa: ANN401 - what a setting holds
    """Return the first reading of a text that the setting takes."""
    parts = [_json_or_word(part) for part in text.split(",")]
    problems = []
    for value in (_json_or_word(text), text, parts, text.split(",")):
        try:
            setting.check(value)
        except ValueError as error:
            problems.append(str(error))
            continue
        return value
    return fail(f"--setting {name}: {problems[0]} ({setting.meaning})", ExitCode.USAGE)


def _json_or_word(text: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text)
    except ValueError:
        return text


def _require_place(path: Path | None, inputs: Sequence[Path]) -> None:
    """Leave with a message when a file would lie in what is evaluated, or nowhere."""
    if path is None:
        return
    if not path.resolve().parent.is_dir():
        fail(f"{path.parent} is no folder; choose another place for {path.name}", ExitCode.USAGE)
    for source in inputs:
        if path.resolve() == source.resolve() or path.resolve().is_relative_to(source.resolve()):
            fail(f"{path} lies in {source}, which is never written to", ExitCode.USAGE)
    if path.is_dir():
        fail(f"{path} is a folder; give the name of a file", ExitCode.USAGE)


def _usable(found: "PredictionSet", *, yes: bool) -> "EvaluatedObjects":
    """Return the predictions that can be used, after a yes where some cannot."""
    problems = found.problems
    if not problems:
        return found.objects(despite_problems=False)
    for row in problems.rows[:PRINTED_ROWS]:
        print(row, file=sys.stderr)
    if len(problems.rows) > PRINTED_ROWS:
        print(f"and {len(problems.rows) - PRINTED_ROWS:,} more", file=sys.stderr)
    if not yes and sys.stdin.isatty() and sys.stderr.isatty():
        print(problems.summary(), file=sys.stderr)
        yes = typer.confirm("Leave them out and use the rest?", err=True)
    if not yes:
        fail(f"{problems.summary()}; --yes leaves them out", ExitCode.PROBLEMS)
    print(f"{problems.summary()}; left out", file=sys.stderr)
    return found.objects(despite_problems=True)


def _print(evaluation: "Evaluation", protocol: "Protocol", notes: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from viewer.reports.evaluation_tables import figure_tables, setting_text

    # What goes into a file or a pipe is not cut to the width of a terminal.
    console = Console(width=None if sys.stdout.isatty() else 10_000, highlight=False)
    print(f"{protocol.title} ({protocol.source})")
    print(f"equal to {evaluation.version}")
    for name, value in evaluation.settings.items():
        print(f"  {name}: {setting_text(value)}")
    for line in (*notes, *evaluation.lacks):
        print(f"note: {line}")
    tables = figure_tables(evaluation.results)
    if not tables:
        print("no class to evaluate")
    for found in tables:
        for places in _fitting(found.columns, found.rows, console.width):
            table = Table(box=SIMPLE_HEAD, pad_edge=False)
            for place in places:
                table.add_column(found.columns[place], justify="right" if place else "left")
            for row in found.rows:
                table.add_row(*(row[place] for place in places))
            console.print(table)


def _fitting(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[list[int]]:
    """Return places of columns, the first in each, in parts that are no wider than the terminal."""
    wide = [max(map(len, cells)) + COLUMN_GAP for cells in zip(columns, *rows, strict=True)]
    parts = [[0]]
    for place in range(1, len(columns)):
        taken = sum(wide[each] for each in parts[-1]) + wide[place]
        if taken > width and len(parts[-1]) > 1:
            parts.append([0])
        parts[-1].append(place)
    return parts


def _write_json(
    path: Path,
    evaluation: "Evaluation",
    protocol: "Protocol",
    labels: Path,
    predictions: Path,
    notes: Sequence[str],
) -> None:
    document = {
        "protocol": evaluation.protocol,
        "version": evaluation.version,
        "source": protocol.source,
        "labels": str(labels),
        "predictions": str(predictions),
        "settings": dict(evaluation.settings),
        "notes": [*notes, *evaluation.lacks],
        "results": evaluation.results,
    }
    draft = path.with_name(f".{path.name}.draft")
    with readable_errors():
        try:
            text = json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False)
            draft.write_text(text + "\n", encoding="utf-8")
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    print(path)
