"""`sightline check`: labels, calibration and files that are probably wrong."""

import heapq
import itertools
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import (
    DataloopPose,
    ExitCode,
    Maps,
    fail,
    import_choices,
    readable_errors,
    terminal_progress,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from viewer.checks.finding import Finding, Severity
    from viewer.checks.policy import Policy
    from viewer.checks.running import CheckRun
    from viewer.checks.source import ScenesAt
    from viewer.metrics.loaded_predictions import LoadedPredictions

PRINTED_ROWS = 20


def _list_all(asked: bool) -> None:
    if not asked:
        return
    from viewer.checks.catalog import all_checks

    for check in all_checks():
        print(f"{check.id:<20} {check.group:<15} {check.question}")
    _tell_left_out()
    raise typer.Exit


def run(
    path: Annotated[Path, typer.Argument(help="A dataset.")],
    predictions: Annotated[
        list[str] | None,
        typer.Option(
            "--predictions",
            metavar="FILE",
            help="Predictions to compare with: a file or folder, or a label set of the dataset by"
            " its id; else all that the dataset has.",
        ),
    ] = None,
    label_set: Annotated[
        str | None, typer.Option("--label-set", help="Which labels; else the ground truth.")
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="Numbers and checks that a site pins, TOML."),
    ] = None,
    write_policy: Annotated[
        Path | None,
        typer.Option(
            "--write-policy",
            metavar="FILE",
            help="Write the numbers that were learned of each class as a policy.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="CHECK", help="Only these checks.")
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option("--skip", metavar="CHECK", help="Not these checks.")
    ] = None,
    json_path: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all findings as JSON.")
    ] = None,
    html_path: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page, the worst with pictures."),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="SEVERITY",
            help="Exit with 1 when a finding is info, low, medium or high, or worse.",
        ),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(
            "--review",
            metavar="FILE",
            help="A workspace: from 200 verdicts on labels with findings on, the ranking tells"
            " probabilities instead of scores.",
        ),
    ] = None,
    review_dataset: Annotated[
        str | None,
        typer.Option("--review-dataset", help="Its dataset, where the workspace has several."),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="Processes that share the scenes.")
    ] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help="A Dask scheduler to work on."),
    ] = None,
    _list_checks: Annotated[
        bool,
        typer.Option(
            "--list",
            is_eager=True,
            callback=_list_all,
            help="Say what there is to check, and leave.",
        ),
    ] = False,
    dataloop_pose: DataloopPose = None,
    maps: Maps = None,
) -> None:
    """Find labels that are probably wrong, and say why.

    What is usual for a class is learned from the dataset itself. A scene that cannot be read is
    told and passed over.

    \b
    sightline check DATASET --json findings.json
    sightline check NUSCENES --predictions results.json --html findings.html
    sightline check DATASET --review FILE.sightline --json findings.json
    sightline check DATASET --write-policy site.toml
    sightline check DATASET --policy site.toml --fail-on high --workers 2
    sightline review build-queue FILE.sightline found --findings findings.json
    """  # noqa: D301 - the backspace keeps the lines apart in the help
    from viewer.batch.catalog import runner_for
    from viewer.batch.on_dask import NoCluster
    from viewer.checks.running import RunOptions, check_dataset
    from viewer.checks.source import ScenesAt

    wanted = _policy(policy, only or (), skip or (), fail_on)
    source = ScenesAt(path.absolute(), import_choices(dataloop_pose, maps), label_set_id=label_set)
    source, guesses = _with_predictions(source, predictions or ())
    options = RunOptions(label_set, guesses, wanted)
    with readable_errors(), terminal_progress("Checking") as job:
        try:
            found = check_dataset(source, options, runner_for(workers, scheduler), job)
        except (NoCluster, ValueError) as error:
            fail(str(error), ExitCode.USAGE)
    _print(found, wanted)
    scale = None
    if review is not None:
        from viewer.checks.ranking import rank
        from viewer.cli.check_review import scale_of_review

        scale = scale_of_review(review, review_dataset, rank(found.findings), source)
    if json_path is not None:
        from viewer.checks.report_json import run_document

        with readable_errors():
            json_path.write_text(json.dumps(run_document(found, scale), indent=1), encoding="utf-8")
        print(json_path)
    if write_policy is not None:
        _write_policy(write_policy, found, wanted)
    if html_path is not None:
        from viewer.reports.findings_page import write_findings_page

        with readable_errors(), terminal_progress("Drawing") as job:
            write_findings_page(html_path, found, source.dataset(), job, scale=scale)
        print(html_path)
    _leave(found, wanted.fail_on)


def _with_predictions(
    source: "ScenesAt", named: "Sequence[str]"
) -> "tuple[ScenesAt, tuple[str, ...] | None]":
    """Return where scenes come from with the files that are named, and all ids to compare with."""
    if not named:
        return source, None
    with readable_errors():
        sets = {each.label_set_id for scene in source.dataset().scenes for each in scene.label_sets}
    paths = [Path(each).absolute() for each in named if each not in sets]
    for each in paths:
        if not each.exists():
            fail(f"--predictions: {each.name} is no label set of the dataset, which has "
                 f"{', '.join(sorted(sets)) or 'none'}, and no file either: {each}",
                 ExitCode.USAGE)  # fmt: skip
    source = replace(source, predictions=tuple(paths))
    with readable_errors(), terminal_progress("Reading predictions") as job:
        try:
            loaded = source.loaded(job)
        except ValueError as error:
            fail(f"--predictions: {error}", ExitCode.USAGE)
    for found in loaded:
        _tell_unused(found)
    ids = [each for each in named if each in sets]
    return source, (*ids, *(found.label_set.label_set_id for found in loaded))


def _tell_unused(loaded: "LoadedPredictions") -> None:
    """Say which rows of a file are left out; all of them is a mistake, not a run."""
    problems, name = loaded.problems, loaded.label_set.title
    for row in problems.rows[:PRINTED_ROWS]:
        print(row, file=sys.stderr)
    if len(problems.rows) > PRINTED_ROWS:
        print(f"and {len(problems.rows) - PRINTED_ROWS:,} more", file=sys.stderr)
    if problems:
        print(f"sightline: {name}: {problems.summary()}; left out", file=sys.stderr)
    if not len(loaded.objects):
        fail(f"--predictions: nothing in {name} is on a frame of the dataset", ExitCode.USAGE)


def _write_policy(path: Path, run: "CheckRun", policy: "Policy") -> None:
    from viewer.checks.catalog import all_checks
    from viewer.checks.policy_writing import policy_text

    with readable_errors():
        path.write_text(policy_text(run.learned, policy, all_checks()), encoding="utf-8")
    print(path)


def _policy(
    path: Path | None, only: "list[str] | tuple[()]", skip: "list[str] | tuple[()]",
    fail_on: str | None,
) -> "Policy":  # fmt: skip
    from viewer.checks.catalog import all_checks
    from viewer.checks.finding import Severity
    from viewer.checks.policy import Policy, read_policy, require_known

    with readable_errors():
        policy = Policy() if path is None else read_policy(path, all_checks())
    try:
        require_known([*only, *skip], all_checks())
    except ValueError as error:
        fail(str(error), ExitCode.USAGE)
    policy = policy.narrowed(only, skip)
    if fail_on is None:
        return policy
    severity = {each.word: each for each in Severity}.get(fail_on)
    if severity is None:
        fail(f"--fail-on: {fail_on!r} is no severity; choose "
             f"{', '.join(each.word for each in Severity)}", ExitCode.USAGE)  # fmt: skip
    return replace(policy, fail_on=severity)


def _print(run: "CheckRun", policy: "Policy") -> None:
    from rich.console import Console
    from rich.table import Table

    from viewer.checks.catalog import all_checks
    from viewer.checks.finding import Severity

    counts = Counter((each.check, each.severity) for each in run.findings)
    skipped = {check: why for scene in run.scenes for check, why in scene.skipped.items()}
    skipped |= run.dataset.skipped
    table = Table(box=None, pad_edge=False)
    table.add_column("check")
    for severity in reversed(Severity):
        table.add_column(severity.word, justify="right")
    table.add_column("")
    for check in (each for each in all_checks() if policy.runs(each.id)):
        row = [f"{counts[check.id, each]:,}" if counts[check.id, each] else ""
               for each in reversed(Severity)]  # fmt: skip
        table.add_row(check.id, *row, skipped.get(check.id, "") if not any(row) else "")
    Console().print(table)
    worst, count = _worst_first(run.findings)
    for finding, frames in worst:
        label = finding.labels[0].label_id if finding.labels else ""
        place = " / ".join(part for part in (finding.scene_id, finding.frame_key, label) if part)
        if finding.of_dataset:
            place = "whole dataset"
        over = f" ({frames:,} frames)" if frames > 1 else ""
        print(f"{finding.severity.word:<6} {place}: {finding.text}{over}")
    if count > len(worst):
        print(f"and {count - len(worst):,} more")
    for problem in (each for scene in run.scenes for each in scene.broken_checks):
        print(f"sightline: {problem}", file=sys.stderr)
    _tell_left_out()
    for scene_id, why in run.failures.items():
        print(f"sightline: scene {scene_id} was passed over: {why}", file=sys.stderr)


def _worst_first(findings: "Iterable[Finding]") -> "tuple[list[tuple[Finding, int]], int]":
    """Return the worst findings, and of how many.

    Those on a track as a whole are one, with over how many frames. Only those of one scene are held
    at a time.
    """
    worst: list[tuple[Finding, int]] = []
    count = 0
    for _, own in itertools.groupby(findings, key=lambda each: each.scene_id):
        together: dict[object, list[Finding]] = {}
        for each in own:
            whole = (each.check, each.whole_track)
            together.setdefault(whole if each.whole_track else id(each), []).append(each)
        found = [(max(each, key=_badness), len(each)) for each in together.values()]
        count += len(found)
        worst = heapq.nlargest(PRINTED_ROWS, [*worst, *found], key=lambda each: _badness(each[0]))
    return worst, count


def _badness(finding: "Finding") -> tuple[int, float]:
    return finding.severity, finding.score


def _tell_left_out() -> None:
    """Say which checks of installed packages cannot be used."""
    from viewer.checks.catalog import add_ons

    for name, why in add_ons().faults.items():
        print(f"sightline: the add-on {name} is left out: it {why}", file=sys.stderr)


def _leave(run: "CheckRun", fail_on: "Severity | None") -> None:
    if fail_on is not None:
        count = sum(each.severity >= fail_on for each in run.findings)
        if count:
            word = "1 finding is" if count == 1 else f"{count:,} findings are"
            fail(f"{word} of severity {fail_on.word} or worse", ExitCode.PROBLEMS)
    if run.failures and not run.scenes:
        fail("no scene could be checked", ExitCode.UNREADABLE)
