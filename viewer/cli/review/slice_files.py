"""`sightline review export-slice`, `import-slice`: slices as lists of ids, JSON, Lightly tags."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import ExitCode, fail, readable_errors
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    ReviewerName,
    dataset_of,
    one_choice,
    print_json,
    reading_workspace,
    writing_workspace,
)
from viewer.cli.review.exchange import DataPath, opened_dataset, refuse_inside
from viewer.cli.review.slices import SliceName, slice_named

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.exchange.slice_lists import ReadSlice
    from viewer.review.slices.ids import KnownIds
    from viewer.review.subject_rows import SubjectRow
    from viewer.scene.scene import Dataset, Problem


def run_export(
    file: File,
    name: SliceName,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="NAME.txt, NAME.json; a folder with --lightly.")
    ],
    short: Annotated[
        bool, typer.Option("--short", help="Last names alone in the .txt, e.g. frame keys.")
    ] = False,
    lightly: Annotated[
        bool, typer.Option("--lightly", help="As a tag of Lightly, with the list of frames.")
    ] = False,
    dataset: DatasetName = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Write the ids of a slice's members, one a line, or as JSON with how it was made."""
    with reading_workspace(file) as workspace:
        reading = workspace.reading
        dataset_id = dataset_of(reading, dataset)
        _refuse_known_dataset(reading, dataset_id, out)
        if lightly:
            with opened_dataset(reading, dataset_id, data) as opened:
                refuse_inside(out, opened.path)
                losses = _write_lightly(reading, name, out, _frames(opened, dataset_id))
        else:
            losses = _write_list(reading, name, out, dataset_id, short=short)
    if as_json:
        print_json({"path": str(out), "losses": losses})
        return
    print(out)
    for sentence, count in losses.items():
        print(f"lost {count:,} x: {sentence}")


def run_import(
    file: File,
    source: Annotated[Path, typer.Argument(metavar="PATH", help=".txt, or .json.")],
    name: Annotated[str | None, typer.Option("--name", help="Else as the file says.")] = None,
    kind: Annotated[
        str, typer.Option("--kind", help="Of ids in a .txt: scene, frame, track or label.")
    ] = "frame",
    dataset: DatasetName = None,
    data: DataPath = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Make slices of a list of ids, of what export-slice wrote, or of Lightly tags.

    Scenes and frames are looked up in the dataset; ids that it has not are told and left out.
    """
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        dataset_id = dataset_of(reading, dataset)
        with opened_dataset(reading, dataset_id, data) as opened, readable_errors():
            found, problems = _read(source, kind, opened, dataset_id)
        if name is not None and len(found) > 1:
            fail(f"{source} holds {len(found)} slices; leave --name out", ExitCode.USAGE)
        from viewer.review import Batch, new_id
        from viewer.review.commands.slices import CreateSlice

        commands = [
            CreateSlice(new_id(), name or each.name, each.members, each.how)
            for each in found
            if each.rows
        ]
        if commands:
            workspace.run(Batch(f"Import slices from {source.name}", commands))
    counts = {each.name: len(each.members) for each in commands}
    if as_json:
        print_json({"slices": counts, "problems": [str(each) for each in problems]})
        return
    for each_name, count in counts.items():
        print(f"{each_name}  {count}")
    for problem in problems:
        print(problem)
    if not counts:
        print("nothing to import")


def _refuse_known_dataset(reading: "Reading", dataset_id: str, out: Path) -> None:
    from viewer.review.datasets.entities import DATASETS

    row = reading.row(DATASETS, dataset_id)
    if row is not None and row["path"]:
        refuse_inside(out, Path(row["path"]))


def _write_list(
    reading: "Reading", name: str, out: Path, dataset_id: str, *, short: bool
) -> dict[str, int]:
    from viewer.review.datasets.entities import DATASETS
    from viewer.review.exchange.slice_lists import write_id_list, write_slice_json
    from viewer.review.slices.reading import member_rows, slice_by_id

    found = slice_named(reading, name)
    rows = [row for row in member_rows(reading, found.slice_id) if row.dataset_id == dataset_id]
    outside = found.count - len(rows)
    losses = {"members of other datasets": outside} if outside else {}
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix.lower() == ".json":
        parent = None if found.parent is None else slice_by_id(reading, found.parent)
        own = reading.row(DATASETS, dataset_id)
        write_slice_json(
            out, found, rows, dataset_name=own["name"] if own else "",
            parent_name=None if parent is None else parent.name,
        )  # fmt: skip
        return losses
    try:
        write_id_list(out, rows, short=short)
    except ValueError as error:
        fail(str(error), ExitCode.USAGE)
    return losses


def _write_lightly(
    reading: "Reading", name: str, out: Path, frames: "Sequence[SubjectRow]"
) -> dict[str, int]:
    from viewer.review.exchange.slice_tags import write_lightly_tags

    found = slice_named(reading, name)
    if found.kind != "frame":
        fail(f"{name} is a slice of {found.kind}s; Lightly's tags are of frames", ExitCode.USAGE)
    out.mkdir(parents=True, exist_ok=True)
    return dict(write_lightly_tags(out, reading, [found], frames).losses)


def _read(
    source: Path, kind: str, opened: "Dataset", dataset_id: str
) -> "tuple[list[ReadSlice], list[Problem]]":
    from viewer.formats.label_rows import load_json
    from viewer.review import SubjectKind
    from viewer.review.exchange.slice_lists import read_id_list, read_slice_json
    from viewer.review.exchange.slice_tags import is_lightly, read_lightly_tags

    if source.suffix.lower() == ".json":
        if is_lightly(load_json(source)):
            return read_lightly_tags(source, _frames(opened, dataset_id))
        found = read_slice_json(source, dataset_id)
        if found.kind in (SubjectKind.SCENE, SubjectKind.FRAME):
            found = read_slice_json(source, dataset_id, _known(opened, dataset_id, found.kind))
    else:
        of = one_choice(SubjectKind, "--kind", kind)
        is_listed = of in (SubjectKind.SCENE, SubjectKind.FRAME)
        known = _known(opened, dataset_id, of) if is_listed else None
        found = read_id_list(source, of, dataset_id, known)
    return [found], list(found.problems)


def _known(opened: "Dataset", dataset_id: str, kind: str) -> "KnownIds":
    from viewer.review import Subject
    from viewer.review.slices.ids import KnownIds
    from viewer.review.subject_rows import subject_row

    if kind == "frame":
        return KnownIds(_frames(opened, dataset_id))
    return KnownIds(
        subject_row(Subject.scene(dataset_id, scene.scene_id)) for scene in opened.scenes
    )


def _frames(opened: "Dataset", dataset_id: str) -> "list[SubjectRow]":
    from viewer.review import Subject
    from viewer.review.subject_rows import subject_row

    return [
        subject_row(Subject.frame(dataset_id, scene.scene_id, frame.key))
        for scene in opened.scenes
        for frame in scene.frames
    ]
