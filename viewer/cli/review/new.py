"""`sightline review new` and `attach`: a workspace, and the datasets in it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from viewer.cli.review.base import (
    AsJson,
    File,
    ReviewerName,
    print_facts,
    print_json,
    review_errors,
    reviewer_named,
    writing_workspace,
)

if TYPE_CHECKING:
    from viewer.review import Workspace


def run_new(
    file: File,
    datasets: Annotated[
        list[Path] | None, typer.Argument(metavar="[DATASET]...", help="Datasets to review.")
    ] = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
    dataloop_pose: DataloopPose = None,
    maps: Maps = None,
) -> None:
    """Make an empty workspace FILE, with datasets to review in it; they are only read."""
    from viewer.review import Workspace

    if file.suffix != ".sightline":
        fail(f"{file} should be named NAME.sightline", ExitCode.USAGE)
    choices = import_choices(dataloop_pose, maps)
    with review_errors(), Workspace.create(file, reviewer_named(reviewer)) as workspace:
        taken = [take_in(workspace, path, choices) for path in datasets or ()]
    _print({"path": str(file), "datasets": taken}, as_json=as_json)


def run_attach(
    file: File,
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="A dataset to review.")],
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
    dataloop_pose: DataloopPose = None,
    maps: Maps = None,
) -> None:
    """Add DATASET to the workspace FILE, or say where one lies now that it knows already."""
    choices = import_choices(dataloop_pose, maps)
    with writing_workspace(file, reviewer) as workspace:
        taken = [take_in(workspace, dataset, choices)]
    _print({"path": str(file), "datasets": taken}, as_json=as_json)


def take_in(workspace: "Workspace", path: Path, choices: dict[str, str]) -> dict[str, Any]:
    """Open a dataset and take it into a workspace; return what was recognised."""
    from viewer.formats.catalog import open_dataset
    from viewer.review.attach import attach_dataset

    with readable_errors(), terminal_progress(f"Reading {path.name}") as context:
        dataset = open_dataset(path, choices=choices, context=context)
        try:
            known = attach_dataset(workspace, dataset, context=context, choices=choices)
        finally:
            dataset.close()
    return {"id": known.dataset_id, "path": str(path.resolve()), "recognised": str(known.how)}


def _print(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(facts)
        return
    datasets = "\n".join(f"{each['path']} ({each['recognised']})" for each in facts["datasets"])
    print_facts({"workspace": facts["path"], "datasets": datasets})
