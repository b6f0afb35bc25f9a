"""`sightline review export` and `import`: handing decisions over."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail, readable_errors
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    ReviewerName,
    dataset_of,
    print_facts,
    print_json,
    reading_workspace,
    writing_workspace,
)

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.exchange.base import ExchangeShape
    from viewer.scene.scene import Dataset

DataPath = Annotated[
    Path | None,
    typer.Option("--data", metavar="PATH", help="Where the dataset lies, if not where it was."),
]
SHAPES_HELP = "json, csv, aquarium, nucleus, dataloop or picsellia."


def run_export(
    file: File,
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the files go.")],
    to: Annotated[str, typer.Option("--to", help=SHAPES_HELP)] = "json",
    dataset: DatasetName = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Write verdicts, issues and marks into FOLDER, in the shape of another tool.

    What the shape has no place for is counted and named.
    """
    shape = _shape(to)
    with reading_workspace(file) as workspace:
        dataset_id = dataset_of(workspace.reading, dataset)
        with opened_dataset(workspace.reading, dataset_id, data) as opened:
            from viewer.review.exchange.names import DatasetNames
            from viewer.review.exchange.records import read_records

            refuse_inside(out, opened.path)
            out.mkdir(parents=True, exist_ok=True)
            records = read_records(workspace.reading, dataset_id)
            exported = shape.write(records, DatasetNames(opened, dataset_id), out)
    facts = {
        "files": [str(each) for each in exported.files],
        "counts": dict(exported.counts),
        "losses": dict(exported.losses),
    }
    if as_json:
        print_json(facts)
        return
    for path in exported.files:
        print(path)
    print_facts({name: f"{count:,}" for name, count in exported.counts.items()})
    for sentence, count in exported.losses.items():
        print(f"lost {count:,} x: {sentence}")


def run_import(
    file: File,
    source: Annotated[Path, typer.Argument(metavar="PATH", help="What another tool wrote.")],
    shape_name: Annotated[str, typer.Option("--from", help=SHAPES_HELP)] = "json",
    dataset: DatasetName = None,
    data: DataPath = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would come in; change nothing.")
    ] = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Take verdicts, issues and marks that another tool wrote into FILE, as one step of undo."""
    from viewer.review.exchange.importing import plan_import
    from viewer.review.exchange.names import DatasetNames

    shape = _shape(shape_name)
    keeping = reading_workspace(file) if dry_run else writing_workspace(file, reviewer)
    with keeping as workspace:
        dataset_id = dataset_of(workspace.reading, dataset)
        with opened_dataset(workspace.reading, dataset_id, data) as opened:
            received = shape.read(source, DatasetNames(opened, dataset_id))
        plan = plan_import(workspace.reading, received.records)
        if plan.batch is not None and not dry_run:
            workspace.run(plan.batch)
    facts: dict[str, Any] = {
        "verdicts": plan.verdicts,
        "older_verdicts": plan.older_verdicts,
        "issues": plan.issues,
        "changed_issues": plan.changed_issues,
        "comments": plan.comments,
        "marks": plan.marks,
        "problems": [str(each) for each in received.problems],
    }
    if as_json:
        print_json(facts)
        return
    print_facts({name: count for name, count in facts.items() if name != "problems" and count})
    for problem in received.problems:
        print(problem)
    if dry_run:
        print("nothing was changed")


def _shape(name: str) -> "ExchangeShape":
    from viewer.review.exchange.catalog import shape_named

    try:
        return shape_named(name)
    except ValueError as error:
        return fail(str(error), ExitCode.USAGE)


@contextmanager
def opened_dataset(reading: "Reading", dataset_id: str, data: Path | None) -> "Iterator[Dataset]":
    """Open the dataset where the workspace last saw it, or where a person says it is."""
    from viewer.formats.catalog import open_dataset
    from viewer.review.datasets.entities import DATASETS

    row = reading.row(DATASETS, dataset_id)
    path = data or Path(row["path"] if row else "")
    if not path.exists():
        fail(f"the dataset is no longer at {path}; say with --data where it is", ExitCode.USAGE)
    with readable_errors():
        dataset = open_dataset(path, choices=dict(row["choices"] or {}) if row else {})
        try:
            yield dataset
        finally:
            dataset.close()


def refuse_inside(out: Path, dataset_path: Path) -> None:
    """Leave when a file would come to lie in a dataset."""
    if out.resolve().is_relative_to(dataset_path.resolve()):
        fail(f"{out} lies in the dataset, which is never written to", ExitCode.USAGE)
