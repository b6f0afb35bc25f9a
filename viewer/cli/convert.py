"""`sightline convert`: a scene in another layout, and a list of what that layout cannot hold."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import (
    DataloopPose,
    ExitCode,
    Maps,
    Strict,
    fail,
    fail_on_problems,
    import_choices,
    readable_errors,
    terminal_progress,
)

if TYPE_CHECKING:
    from viewer.formats.writers.losses import LossReport
    from viewer.progress import JobContext
    from viewer.scene.scene import Dataset, Scene

PRINTED_LOSSES = 30


def run(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="A dataset or a scene.")],
    target: Annotated[Path, typer.Argument(metavar="DST", help="A new folder or file.")],
    to: Annotated[
        str,
        typer.Option("--to", help="Name of a layout that can be written; a wrong one lists all."),
    ],
    loss_report: Annotated[
        Path | None,
        typer.Option("--loss-report", help="FILE.json or FILE.csv for everything left out."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be left out; write nothing.")
    ] = False,
    scene: Annotated[
        str | None, typer.Option("--scene", help="Which scene of a dataset with several.")
    ] = None,
    label_set: Annotated[
        str | None, typer.Option("--label-set", help="Write only this label set.")
    ] = None,
    camera: Annotated[
        str | None, typer.Option("--camera", help="The camera that KITTI's boxes follow.")
    ] = None,
    labels_only: Annotated[
        bool, typer.Option("--labels-only", help="Write labels alone, neither points nor images.")
    ] = False,
    label_form: Annotated[
        str | None,
        typer.Option("--label-form", help="How labels are told, where the layout has several."),
    ] = None,
    edits: Annotated[
        Path | None,
        typer.Option(
            "--edits", metavar="FILE", help="Labels as edited in a workspace: NAME.sightline."
        ),
    ] = None,
    dataloop_pose: DataloopPose = None,
    maps: Maps = None,
    strict: Strict = False,
) -> None:
    """Write the scenes of SRC to DST in another layout, or its own; SRC is never changed.

    What the layout cannot hold is counted and listed. DST appears only when it is complete; with
    --strict not at all where anything is wrong with SRC.
    """
    from viewer.formats.writers.base import WriteOptions
    from viewer.formats.writers.catalog import writer_by_name
    from viewer.formats.writers.draft import WriteRefused

    try:
        writer = writer_by_name(to)
    except KeyError as error:
        fail(str(error.args[0]), ExitCode.USAGE)
    options = WriteOptions(
        label_set, camera, labels_only, dry_run, label_form=label_form, sources=(source,)
    )
    choices = import_choices(dataloop_pose, maps)
    require_report_place(loss_report, source, target)
    with readable_errors(), terminal_progress(f"Writing {writer.title}") as context:
        from viewer.formats.catalog import open_dataset

        dataset = open_dataset(source, choices=choices, context=context)
        try:
            if edits is not None:
                dataset = with_edits(dataset, edits, context)
            scenes = chosen_scenes(dataset, scene, source)
            if strict:
                require_sound(replace(dataset, scenes=scenes), context, samples=not labels_only)
            report = writer.write(scenes, target, context, options)
        except WriteRefused as refusal:
            fail(str(refusal), ExitCode.USAGE)
        finally:
            dataset.close()
    if loss_report is not None and not dry_run:
        write_report(report, loss_report)
    print_losses(report, target, dry_run=dry_run)


def with_edits(dataset: "Dataset", workspace: Path, context: "JobContext") -> "Dataset":
    """Return the dataset with its labels as edited; leave where the workspace has another one."""
    from viewer.cli.review.base import reading_workspace
    from viewer.review.attach import recognise_dataset
    from viewer.review.edits.edited_dataset import edited_dataset

    with reading_workspace(workspace) as opened:
        known = recognise_dataset(opened.reading, dataset, context=context)
        if known.dataset_id is None:
            fail(f"{workspace} holds no decisions about {dataset.path}", ExitCode.USAGE)
        return edited_dataset(dataset, opened.reading, known.dataset_id)


def require_sound(
    dataset: "Dataset", context: "JobContext", *, samples: bool, labels_only: bool = False
) -> None:
    """Read everything, points and images if wanted; leave when anything is wrong.

    With `labels_only` it is no problem that images are missing.
    """
    from viewer.formats.survey import all_problems

    fail_on_problems(all_problems(dataset, context, samples=samples, labels_only=labels_only))


def require_report_place(path: Path | None, source: Path, target: Path) -> None:
    """Leave with a message when the report cannot be written there."""
    if path is None:
        return
    if path.suffix.lower() not in (".json", ".csv"):
        fail(f"--loss-report must end in .json or .csv, not {path.name!r}", ExitCode.USAGE)
    if not path.resolve().parent.is_dir():
        fail(f"{path.parent} is no folder; choose another place for the report", ExitCode.USAGE)
    for place in (source.resolve(), target.resolve()):
        if path.resolve() == place or path.resolve().is_relative_to(place):
            fail(f"{path} lies in {place}; choose another place for the report", ExitCode.USAGE)
    if path.exists():
        fail(f"{path} is there already; choose a new name for the report", ExitCode.USAGE)


def chosen_scenes(dataset: "Dataset", wanted: str | None, source: Path) -> "tuple[Scene, ...]":
    """Return the scene that was asked for, else all; leave with a message when there is none."""
    if wanted is None:
        return dataset.scenes
    found = tuple(scene for scene in dataset.scenes if scene.scene_id == wanted)
    if not found:
        names = ", ".join(scene.scene_id for scene in dataset.scenes) or "none at all"
        fail(f"there is no scene {wanted!r} in {source}; it has {names}", ExitCode.USAGE)
    return found


def write_report(report: "LossReport", path: Path) -> None:
    """Write losses as JSON or CSV; the file appears when it is complete."""
    text = report.as_csv() if path.suffix.lower() == ".csv" else report.as_json()
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def print_losses(report: "LossReport", target: Path, *, dry_run: bool) -> None:
    """Print counts of what is lost, then the target."""
    kinds = report.by_kind()
    if not kinds:
        print("nothing is lost")
    for (what, why), count in list(kinds.items())[:PRINTED_LOSSES]:
        print(f"{count:>8}  {what}: {why}")
    if len(kinds) > PRINTED_LOSSES:
        print(f"          and {len(kinds) - PRINTED_LOSSES} more kinds; --loss-report lists all")
    print(f"dry run: nothing was written to {target}" if dry_run else target)
