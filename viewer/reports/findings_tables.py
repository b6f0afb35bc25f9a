"""Tables of a check run: what is said of no label, and numbers about the dataset."""

from collections.abc import Iterable
from typing import Final

from viewer.checks.catalog import check_by_id
from viewer.checks.dataset_base import SummaryTable
from viewer.checks.finding import Finding
from viewer.reports.review_page import Table

MOST_ROWS: Final = 1_000
DATASET: Final = "whole dataset"


def unranked_table(findings: Iterable[Finding]) -> Table | None:
    """Return findings that rank no label, the worst first; None without any.

    They are about the dataset, a scene, a sensor or a file.
    """
    told = [each for each in findings if not each.labels and not each.evidence.boxes]
    if not told:
        return None
    told.sort(key=lambda each: (-each.severity, -each.score))
    checks = check_by_id()
    rows = [
        (
            each.severity.word,
            checks[each.check].title if each.check in checks else each.check,
            _place(each),
            each.text,
        )
        for each in told[:MOST_ROWS]
    ]
    if len(told) > MOST_ROWS:
        rows.append(("", "", "", f"and {len(told) - MOST_ROWS:,} more"))
    columns = ("severity", "check", "where", "what is said")
    title = "About the dataset, scenes, sensors and files"
    return Table(title, columns, tuple(rows), (False,) * len(columns))


def summary_table(table: SummaryTable) -> Table:
    """Return numbers about the dataset, as text."""
    rows = tuple(tuple(_cell(value) for value in row) for row in table.rows)
    is_number = tuple(
        any(isinstance(row[place], int | float) for row in table.rows)
        for place in range(len(table.columns))
    )
    return Table(table.title, table.columns, rows, is_number)


def _place(finding: Finding) -> str:
    if finding.of_dataset:
        return f"{DATASET}: {finding.about}"
    parts = (finding.scene_id, finding.frame_key, finding.sensor_id)
    return " / ".join(part for part in parts if part)


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return value if isinstance(value, str) else f"{value:,}"
