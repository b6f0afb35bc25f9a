"""`sightline review redelivery`: what becomes of decisions when labels are delivered again."""

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
    print_json,
    reading_workspace,
    writing_workspace,
)

if TYPE_CHECKING:
    from viewer.review.redelivery.carry_over import CarryOver, Stale


def run(
    file: File,
    path: Annotated[Path, typer.Argument(metavar="DATASET", help="The new delivery.")],
    accept: Annotated[
        bool,
        typer.Option("--accept", help="Put decisions on labels that were found under another id."),
    ] = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
    dataloop_pose: DataloopPose = None,
    maps: Maps = None,
) -> None:
    """Compare the decisions of FILE with DATASET; list what is stale, with the difference.

    Without --accept nothing is written. Stale decisions stay as they are in any case.
    """
    choices = import_choices(dataloop_pose, maps)
    found = _compared(file, path, choices)
    if accept:
        _accept(file, reviewer, found)
    if as_json:
        print_json(_as_json(found))
        return
    print(found.text)
    for move in found.moves:
        if not move.makes_way:
            print(f"{move.subject.text}: is label {move.to.label_id} now")
    for stale in found.stale:
        print(stale.text)


def _accept(file: Path, reviewer: str | None, found: "CarryOver") -> None:
    from viewer.review.commands.redelivery import AcceptCarry

    if found.moves:
        with writing_workspace(file, reviewer) as workspace:
            workspace.run(AcceptCarry(found.moves))


def _compared(file: Path, path: Path, choices: dict[str, str]) -> "CarryOver":
    from viewer.formats.catalog import open_dataset
    from viewer.review.attach import recognise_dataset
    from viewer.review.redelivery.carry_over import carry_over

    with (
        reading_workspace(file) as workspace,
        readable_errors(),
        terminal_progress(f"Comparing {path.name}") as context,
    ):
        dataset = open_dataset(path, choices=choices, context=context)
        try:
            known = recognise_dataset(workspace.reading, dataset, context=context)
            if known.dataset_id is None:
                fail(f"{file} holds no decisions about {path}", ExitCode.USAGE)
            return carry_over(workspace.reading, dataset, known.dataset_id, context)
        finally:
            dataset.close()


def _as_json(found: "CarryOver") -> dict[str, Any]:
    return {
        "dataset": found.dataset_id,
        "kept": found.kept_count,
        "moves": [
            {"label": _names(move.subject), "to": move.to.label_id}
            for move in found.moves
            if not move.makes_way
        ],
        "stale": [_stale(each) for each in found.stale],
    }


def _stale(each: "Stale") -> dict[str, Any]:
    changed = each.difference
    return {
        "subject": _names(each.subject),
        "why": str(each.why),
        "decisions": dict(each.counts),
        "before": None if each.before is None else each.before.to_json(),
        "after": None if each.after is None else each.after.to_json(),
        "candidate": None if each.candidate is None else each.candidate.label_id,
        "difference": None if changed is None else changed.text,
        "text": each.text,
    }


def _names(subject: Any) -> dict[str, str]:  # noqa: ANN401 - not imported before it is needed
    names = ("kind", "scene_id", "frame_key", "label_set_id", "label_id", "track_id")
    found = {name: getattr(subject, name) for name in names}
    return {name: str(value) for name, value in found.items() if value is not None}
