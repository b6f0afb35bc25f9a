"""`sightline review report`: one page of what was decided, and its figures for scripts."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import terminal_progress
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    dataset_of,
    print_json,
    reading_workspace,
)
from viewer.cli.review.exchange import DataPath, opened_dataset, refuse_inside

if TYPE_CHECKING:
    from viewer.review import Reading


def run(
    file: File,
    out: Annotated[Path, typer.Option("--out", help="FILE.html.")] = Path("review.html"),
    dataset: DatasetName = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Write one HTML page with figures, charts, and every issue with its pictures."""
    with reading_workspace(file) as workspace:
        dataset_id = dataset_of(workspace.reading, dataset)
        with (
            opened_dataset(workspace.reading, dataset_id, data) as opened,
            terminal_progress("Writing the report") as context,
        ):
            from viewer.reports.review_report import write_review_report

            refuse_inside(out, opened.path)
            page = write_review_report(
                out, workspace.reading, opened, dataset_id, context=context, now_ns=time.time_ns()
            )
        facts = report_facts(workspace.reading, dataset_id) if as_json else {}
    if as_json:
        pictured = sum(bool(each.pictures) for each in page.issues)
        facts["issues"]["with_pictures"] = pictured
        print_json({"report": str(out), "bytes": out.stat().st_size, **facts})
    else:
        print(out)


def report_facts(reading: "Reading", dataset_id: str) -> dict[str, Any]:
    """Return the figures of the page as JSON values."""
    from viewer.review.edits.reading import count_edits
    from viewer.review.exchange.records import read_records
    from viewer.review.verdicts.counts import CountBy, count_verdicts

    def nested(*by: CountBy, every_reviewer: bool = False) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for each in count_verdicts(
            reading, *by, every_reviewer=every_reviewer, dataset_id=dataset_id
        ):
            *names, last = each.values
            place = found
            for name in names:
                place = place.setdefault(name, {})
            place[last] = each.count
        return found

    records = read_records(reading, dataset_id)
    by_state: dict[str, int] = {}
    for each in records.issues:
        state = str(each.issue.state)
        by_state[state] = by_state.get(state, 0) + 1
    return {
        "dataset_id": dataset_id,
        "verdicts": nested(CountBy.STATE),
        "verdicts_by_class": nested(CountBy.CLASS, CountBy.STATE),
        "verdicts_by_reviewer": nested(CountBy.REVIEWER, CountBy.STATE, every_reviewer=True),
        "reasons": nested(CountBy.REASON),
        "issues": {
            "all": len(records.issues), "open": sum(each.issue.is_open for each in records.issues),
            "by_state": by_state,
        },
        "marks": len(records.marks),
        "edited_labels": count_edits(reading, dataset_id)["labels"],
    }  # fmt: skip
