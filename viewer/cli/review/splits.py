"""`sightline review splits` and `split`: scenes parted with every class's share kept."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail, terminal_progress
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    ReviewerName,
    dataset_of,
    print_json,
    print_table,
    reading_workspace,
    time_facts,
    writing_workspace,
)
from viewer.cli.review.exchange import DataPath, opened_dataset

if TYPE_CHECKING:
    from viewer.review.splits.reading import Split

DEFAULT_SHARES = ("train=0.8", "val=0.1", "test=0.1")


def run_splits(file: File, as_json: AsJson = False) -> None:
    """List the splits of the workspace FILE with how each class is spread."""
    from viewer.review.splits.reading import splits

    with reading_workspace(file) as workspace:
        found = splits(workspace.reading)
    if as_json:
        print_json([_facts(each) for each in found])
        return
    for each in found:
        _print(each)
    if not found:
        print("no splits")


def run_split(
    file: File,
    name: Annotated[str, typer.Argument(metavar="NAME", help="E.g. v1.")],
    label_set: Annotated[str, typer.Option("--label-set", help="Whose classes are spread.")],
    shares: Annotated[
        list[str] | None,
        typer.Option("--share", help="PART=SHARE, repeated; else train=0.8, val=0.1, test=0.1."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Decides among scenes of one size.")] = 0,
    dataset: DatasetName = None,
    data: DataPath = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Part the scenes of a dataset; each part becomes a slice, called NAME and the part."""
    wanted = _shares(shares or list(DEFAULT_SHARES))
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        dataset_id = dataset_of(reading, dataset)
        from viewer.review import new_id
        from viewer.review.commands.splits import SaveSplit
        from viewer.review.splits.balance import split_scenes
        from viewer.review.splits.reading import splits
        from viewer.review.versions.compare import Side, as_edited, count_classes_by_scene

        with (
            opened_dataset(reading, dataset_id, data) as opened,
            terminal_progress("Counting labels") as context,
        ):
            side = Side(opened.scenes, as_edited(reading, dataset_id, label_set))
            counts, problems = count_classes_by_scene(side, context)
        try:
            found = split_scenes(counts, wanted, seed)
        except ValueError as error:
            fail(str(error), ExitCode.USAGE)
        split_id, slice_ids = new_id(), {part: new_id() for part in wanted}
        workspace.run(SaveSplit(split_id, name, dataset_id, seed, wanted, found, slice_ids))
        made = next(each for each in splits(reading) if each.split_id == split_id)
    if as_json:
        print_json(_facts(made) | {"problems": [str(each) for each in problems]})
        return
    _print(made)
    for problem in problems:
        print(problem)


def _shares(texts: list[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for text in texts:
        part, sign, share = text.partition("=")
        try:
            found[part.strip()] = float(share)
        except ValueError:
            sign = ""
        if not sign or not part.strip():
            fail(f"--share {text} is not PART=SHARE, e.g. train=0.8", ExitCode.USAGE)
    return found


def _facts(split: "Split") -> dict[str, Any]:
    return {
        "id": split.split_id, "name": split.name, "dataset": split.dataset_id, "seed": split.seed,
        "parts": [part.to_json() for part in split.parts],
        "classes": [
            {"class": row.class_name, "counts": list(row.counts), "percents": list(row.percents)}
            for row in split.class_table
        ],
        "author": split.created_by, "created": time_facts(split.created_ns),
    }  # fmt: skip


def _print(split: "Split") -> None:
    print(f"{split.name}  seed {split.seed}")
    header = ["", *(part.name for part in split.parts)]
    scenes = ["scenes", *(str(part.scene_count) for part in split.parts)]
    rows = [header, scenes]
    for row in split.class_table:
        pairs = zip(row.counts, row.percents, strict=True)
        rows.append([row.class_name, *(f"{count:,} ({share:g} %)" for count, share in pairs)])
    print_table(rows)
