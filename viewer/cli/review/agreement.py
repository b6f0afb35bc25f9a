"""`sightline review agreement`: how far two reviewers agree."""

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import AsJson, File, print_json, print_table, reading_workspace
from viewer.cli.review.base import subject_facts as facts_of
from viewer.cli.review.queue import queue_named

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.consensus.agreement import Agreement
    from viewer.review.consensus.boxes import BoxAgreement, LabelComparison
    from viewer.review.consensus.summary import Consensus

ALL = "all"
NO_CLASS = "(no class)"


def run(
    file: File,
    first: Annotated[str, typer.Argument(metavar="REVIEWER1", help="A reviewer's name.")],
    second: Annotated[str, typer.Argument(metavar="REVIEWER2", help="Another one's.")],
    queue: Annotated[
        str | None,
        typer.Option("--queue", help="Only verdicts on what someone finished in this queue."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare the verdicts of two reviewers on the same things, and the boxes that both changed."""
    from viewer.review.consensus.summary import consensus

    if first == second:
        fail("give two reviewers", ExitCode.USAGE)
    with reading_workspace(file) as workspace:
        reading = workspace.reading
        queue_id = None if queue is None else queue_named(reading, queue).queue_id
        facts = _facts(reading, consensus(reading, first, second, queue_id))
    print_json(facts) if as_json else _show(facts)


def _facts(reading: "Reading", found: "Consensus") -> dict[str, Any]:
    return {
        "reviewers": [found.first, found.second],
        "verdicts": _verdicts(found.verdicts),
        "verdicts_by_class": {
            name: _verdicts(each) for name, each in found.verdicts_by_class.items()
        },
        "disagreements": [
            {
                "subject": _subject(reading, each.subject_key), "class": each.class_name or None,
                "states": [str(state) for state in each.states],
            }
            for each in found.disagreements
        ],
        "boxes": _boxes(found.boxes),
        "boxes_by_class": {name: _boxes(each) for name, each in found.boxes_by_class.items()},
        "labels": [_label(reading, each) for each in found.labels],
    }  # fmt: skip


def _verdicts(found: "Agreement") -> dict[str, Any]:
    return {
        "total": found.total, "agreed": found.agreed, "skipped": found.skipped,
        "share": found.share, "kappa": found.kappa,
        "counts": [
            {"states": [str(state) for state in states], "count": count}
            for states, count in sorted(found.counts.items())
        ],
    }  # fmt: skip


def _boxes(found: "BoxAgreement") -> dict[str, Any]:
    return {
        "labels": found.labels, "same_class": found.same_class,
        "deleted_by_one": found.deleted_by_one, "boxes": found.boxes,
        "same_box": found.same_box,
        "mean_iou_3d": found.mean_iou_3d, "least_iou_3d": found.least_iou_3d,
        "mean_centre_m": found.mean_centre_m, "mean_heading_rad": found.mean_heading_rad,
    }  # fmt: skip


def _label(reading: "Reading", found: "LabelComparison") -> dict[str, Any]:
    return {
        "subject": _subject(reading, found.subject_key),
        "classes": [found.first_class, found.second_class], "iou_3d": found.iou_3d,
        "centre_m": found.centre_m, "heading_rad": found.heading_rad,
        "both_moved": found.both_moved, "deleted": [found.first_deleted, found.second_deleted],
    }  # fmt: skip


def _subject(reading: "Reading", key: str) -> dict[str, Any] | None:
    subject = reading.subject(key)
    return None if subject is None else facts_of(subject) | {"text": subject.text}


def _show(facts: dict[str, Any]) -> None:
    if facts["verdicts"]["total"]:
        rows = [["verdicts", "both", "same", "kappa"]]
        for name, each in ((ALL, facts["verdicts"]), *facts["verdicts_by_class"].items()):
            rows.append(
                [
                    name or NO_CLASS, str(each["total"]), _percent(each["share"]),
                    _number(each["kappa"]),
                ]
            )  # fmt: skip
        print_table(rows)
    else:
        print("no verdicts on the same things")
    for each in facts["disagreements"]:
        of = f" ({each['class']})" if each["class"] else ""
        states = " / ".join(each["states"]).replace("_", " ")
        print(f"{(each['subject'] or {}).get('text', '?')}{of}  {states}")
    if not facts["boxes"]["labels"]:
        return
    rows = [["labels", "both", "same class", "boxes", "same box", "3D IoU", "centre", "heading"]]
    for name, each in ((ALL, facts["boxes"]), *facts["boxes_by_class"].items()):
        heading = each["mean_heading_rad"]
        rows.append(
            [
                name or NO_CLASS, str(each["labels"]), str(each["same_class"]),
                str(each["boxes"]), str(each["same_box"]), _number(each["mean_iou_3d"]),
                _number(each["mean_centre_m"], " m"),
                _number(None if heading is None else math.degrees(heading), "°"),
            ]
        )  # fmt: skip
    print_table(rows)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _number(value: float | None, unit: str = "") -> str:
    return "" if value is None else f"{value:.2f}{unit}"
