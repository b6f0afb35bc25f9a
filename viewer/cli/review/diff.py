"""`sightline review diff`: what lies between two versions, label sets or datasets."""

import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail, readable_errors, terminal_progress
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    dataset_of,
    print_json,
    print_table,
    reading_workspace,
)
from viewer.cli.review.exchange import DataPath, opened_dataset
from viewer.cli.review.versions import version_named

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.versions.compare import Comparison, Side
    from viewer.review.versions.diff import LabelDiff
    from viewer.review.versions.diff_totals import ClassDiff
    from viewer.scene.scene import Dataset

ROWS_SHOWN = 50
SIDE_HELP = "A version, or a label set: gt as edited, gt:delivered, or gt:PATH of another dataset."


def run(
    file: File,
    before: Annotated[str, typer.Argument(metavar="BEFORE", help=SIDE_HELP)],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="Likewise.")],
    ids: Annotated[
        bool, typer.Option("--ids/--no-ids", help="Whether equal ids mean the same label.")
    ] = True,
    attributes: Annotated[
        bool, typer.Option("--attributes/--no-attributes", help="Whether attributes count.")
    ] = True,
    tracks: Annotated[
        bool, typer.Option("--tracks/--no-tracks", help="Whether track ids match and count.")
    ] = True,
    boxes_2d: Annotated[
        bool,
        typer.Option("--boxes-2d/--no-boxes-2d", help="Whether labels on images are compared too."),
    ] = True,
    min_iou: Annotated[
        float, typer.Option("--min-iou", min=0.0, max=1.0, help="Overlap of one object's boxes.")
    ] = 0.3,
    dataset: DatasetName = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """List labels that were added, removed and changed between BEFORE and AFTER, by class."""
    with reading_workspace(file) as workspace:
        reading = workspace.reading
        dataset_id = dataset_of(reading, dataset)
        with opened_dataset(reading, dataset_id, data) as opened, ExitStack() as others:
            from viewer.review.versions.compare import compare
            from viewer.review.versions.diff import Aspect
            from viewer.review.versions.matching import MatchedBy

            first, second = (
                others.enter_context(_side(reading, dataset_id, opened, each))
                for each in (before, after)
            )
            passed_over = {MatchedBy.ID: not ids, MatchedBy.TRACK: not tracks}
            ways = [each for each in MatchedBy if not passed_over.get(each)]
            uncounted = {Aspect.ATTRIBUTES: not attributes, Aspect.TRACK: not tracks}
            aspects = [each for each in Aspect if not uncounted.get(each)]
            with terminal_progress("Comparing") as context:
                found = compare(first, second, context, ways, min_iou, aspects, boxes_2d=boxes_2d)
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found)


@contextmanager
def _side(reading: "Reading", dataset_id: str, opened: "Dataset", told: str) -> "Iterator[Side]":
    from viewer.formats.catalog import open_dataset
    from viewer.review.versions.compare import Side, as_delivered, as_edited, as_version

    name, _, where = told.partition(":")
    known = {each.label_set_id for scene in opened.scenes for each in scene.label_sets}
    if where and where != "delivered":
        with readable_errors():
            other = open_dataset(Path(where))
        try:
            sets = {each.label_set_id for scene in other.scenes for each in scene.label_sets}
            if name not in sets:
                fail(f"{where} has no label set {name}; known: {_listed(sets)}", ExitCode.USAGE)
            yield Side(other.scenes, as_delivered(name))
        finally:
            other.close()
    elif where or name in known:
        if name not in known:
            fail(f"there is no label set {name}; known: {_listed(known)}", ExitCode.USAGE)
        source = as_delivered(name) if where else as_edited(reading, dataset_id, name)
        yield Side(opened.scenes, source)
    else:
        version = version_named(reading, name)
        if version.dataset_id != dataset_id:
            fail(f"version {name} is of another dataset", ExitCode.USAGE)
        yield Side(opened.scenes, as_version(reading, version))


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _print(found: "Comparison") -> None:
    from viewer.review.versions.diff import Difference
    from viewer.review.versions.diff_totals import class_diffs, total_diff

    diff = found.diff
    rows = [["class", "before", "after", "same", "changed", "added", "removed", "mean changes"]]
    for each in (*class_diffs(diff), total_diff(diff)):
        counts = (each.before, each.after, each.same, each.changed, each.added, each.removed)
        told = _means(each)
        if each.reclassed_from or each.reclassed_to:
            told = f"{told}  other class: {each.reclassed_from} out, {each.reclassed_to} in"
        rows.append([each.class_name or "all", *map(str, counts), told.strip()])
    print_table(rows)
    shown = diff.rows(Difference.CHANGED, Difference.ADDED, Difference.REMOVED)
    for row in shown[:ROWS_SHOWN].tolist():
        facts = _row(diff, row)
        what = ", ".join(facts["what"]) or facts["difference"]
        print(f"{facts['scene']} / {facts['frame']}  {facts['class']} {facts['label']}: {what}")
    if len(shown) > ROWS_SHOWN:
        print(f"... and {len(shown) - ROWS_SHOWN:,} more; --json has all")
    for problem in found.problems:
        print(problem)


def _means(totals: "ClassDiff") -> str:
    told = (
        ("centre {:.2f} m", totals.center_m), ("size {:.2f} m", totals.size_m),
        ("heading {:.1f}°", totals.heading_deg), ("shape {:.1f} px", totals.shape_px),
        ("IoU {:.2f}", totals.iou),
    )  # fmt: skip
    return ", ".join(form.format(value) for form, value in told if not math.isnan(value))


def _as_json(found: "Comparison") -> Mapping[str, Any]:
    from dataclasses import asdict

    from viewer.review.versions.diff import Difference
    from viewer.review.versions.diff_totals import class_diffs, total_diff

    diff = found.diff
    rows = diff.rows(Difference.CHANGED, Difference.ADDED, Difference.REMOVED)
    return {
        "classes": [_finite(asdict(each)) for each in class_diffs(diff)],
        "all": _finite(asdict(total_diff(diff))),
        "labels": [_finite(_row(diff, row)) for row in rows.tolist()],
        "scenes_of_one_side": list(found.not_shared),
        "problems": [str(each) for each in found.problems],
    }


def _row(diff: "LabelDiff", row: int) -> dict[str, Any]:
    from viewer.review.versions.diff import Difference
    from viewer.review.versions.forms import FormChange
    from viewer.review.versions.matching import MatchedBy

    place = diff.place(row)
    ids = [
        table.label_ids[own] if own >= 0 else None
        for table, own in ((diff.before, diff.row_before[row]), (diff.after, diff.row_after[row]))
    ]
    way = int(diff.matched_by[row])
    change = diff.form_changes.get(row, FormChange())
    return {
        "scene": place.scene_id, "frame": place.frame_key, "camera": place.sensor_id or None,
        "kind": str(place.kind),
        "difference": Difference(diff.difference[row]).name.lower(),
        "matched_by": MatchedBy(way).name.lower() if way else None,
        "label": ids[1] if ids[1] is not None else ids[0], "label_before": ids[0],
        "class": diff.class_after(row) or diff.class_before(row),
        "class_before": diff.class_before(row), "what": list(diff.what_changed(row)),
        "center_m": float(diff.center_m[row]), "heading_deg": float(diff.heading_deg[row]),
        "size_m": [float(each) for each in diff.size_m[row]],
        "box_px": float(diff.box_px[row]), "iou": float(diff.iou[row]),
        "shape_px": change.moved_px, "only_one": change.only_one,
    }  # fmt: skip


def _finite(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts with null for numbers that have no meaning."""

    def told(value: object) -> object:
        if isinstance(value, list):
            return [told(each) for each in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return {name: told(value) for name, value in facts.items()}
