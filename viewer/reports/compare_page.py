"""The page of a comparison: matrix, curves and tables of one pair of label sets, in one file."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.reports.charts import Part
from viewer.reports.evaluation_page import TEMPLATE, EvaluationPage
from viewer.reports.figure_charts import COLOURS, EDGE_PX, HEIGHT_PX, WIDTH_PX
from viewer.reports.page import write_page
from viewer.reports.review_page import Chart, Table, Tile
from viewer.session.compare_values import (
    Curve,
    Format,
    MatrixCounts,
    Plot,
    cell_text,
)
from viewer.session.compare_values import Table as Figures

MOST_CURVES = len(COLOURS)
MOST_ROWS = 100
"""Of longer tables the first rows stand on the page; their CSV holds all."""


def write_compare_page(
    path: Path,
    *,
    title: str,
    subtitle: str,
    settings: Sequence[tuple[str, str]],
    matrix: MatrixCounts | None,
    plots: Sequence[Plot],
    tables: Sequence[Figures],
    notes: Sequence[str] = (),
) -> None:
    """Write one HTML file that needs nothing else.

    Parameters
    ----------
    settings
        What the figures rest on, as (name, value).
    notes
        What was left out, a line each.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    shown = [_matrix_table(matrix)] if matrix is not None else []
    shown += [_table(each) for each in tables]
    shown.append(Table("Settings", ("setting", "value"), tuple(settings), (False, False)))
    page = EvaluationPage(
        title, subtitle, "Figures at the thresholds that the settings name.", _tiles(matrix),
        tuple(notes), tuple(_chart(each) for each in plots), tuple(shown),
    )  # fmt: skip
    write_page(path, TEMPLATE, {"report": page})


def _tiles(matrix: MatrixCounts | None) -> tuple[Tile, ...]:
    if matrix is None:
        return ()
    return (
        Tile(f"{matrix.correct:,}", "found"), Tile(f"{matrix.confused:,}", "confused"),
        Tile(f"{matrix.false_positives:,}", "false positives"),
        Tile(f"{matrix.false_negatives:,}", "missed"),
    )  # fmt: skip


def _matrix_table(matrix: MatrixCounts) -> Table:
    names = matrix.all_names
    rows = tuple(
        (name, *(f"{count:,}" if count else "·" for count in counts))
        for name, counts in zip(names, matrix.counts.tolist(), strict=True)
    )
    columns = ("label \\ prediction", *names)
    return Table("Confusion matrix", columns, rows, (False, *(True for _ in names)))


def _table(figures: Figures) -> Table:
    columns = tuple(column.name for column in figures.columns)
    rows = tuple(
        tuple(
            cell_text(value, column.format)
            for value, column in zip(row, figures.columns, strict=True)
        )
        for row in figures.rows[:MOST_ROWS]
    )
    return Table(
        figures.title, columns, rows, tuple(c.format is not Format.TEXT for c in figures.columns)
    )


def _chart(plot: Plot) -> Chart:
    shown = plot.curves[:MOST_CURVES]
    key = tuple(
        Part(f"{curve.name} {curve.note}".strip(), 0, colour)
        for curve, colour in zip(shown, COLOURS, strict=False)
    )
    return Chart(plot.title, plot_svg(plot), key)


def plot_svg(plot: Plot) -> str:
    """Return lines over the unit square, with both axes.

    Examples
    --------
    >>> line = Curve("car", np.array([0.0, 1.0]), np.array([1.0, 0.5]))
    >>> plot_svg(Plot("PR", "recall", "precision", (line,))).count("<polyline")
    1
    """
    wide, tall = WIDTH_PX - EDGE_PX - 10, HEIGHT_PX - EDGE_PX - 10
    lines = [
        f'<svg role="img" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" width="{WIDTH_PX}"'
        f' height="{HEIGHT_PX}"><title>{escape(plot.title)}</title>'
    ]
    for step in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = EDGE_PX + wide * step, 10 + tall * (1 - step)
        lines.append(
            f'<line x1="{EDGE_PX}" x2="{EDGE_PX + wide}" y1="{y:.1f}" y2="{y:.1f}"'
            f' stroke="currentColor" stroke-opacity="0.15"/>'
            f'<text x="{EDGE_PX - 6}" y="{y:.1f}" text-anchor="end">{step:g}</text>'
            f'<text x="{x:.1f}" y="{HEIGHT_PX - 30}" text-anchor="middle">{step:g}</text>'
        )
    lines.append(
        f'<text x="{EDGE_PX + wide / 2}" y="{HEIGHT_PX - 10}" text-anchor="middle">'
        f"{escape(plot.x_name)}; up: {escape(plot.y_name)}</text>"
    )
    if plot.diagonal:
        lines.append(
            f'<line x1="{EDGE_PX}" y1="{10 + tall}" x2="{EDGE_PX + wide}" y2="10"'
            f' stroke="currentColor" stroke-opacity="0.4" stroke-dasharray="4 4"/>'
        )
    for curve, colour in zip(plot.curves[:MOST_CURVES], COLOURS, strict=False):
        lines += _polylines(curve, colour, wide, tall)
    return "".join([*lines, "</svg>"])


def _polylines(curve: Curve, colour: str, wide: float, tall: float) -> list[str]:
    """One line for each stretch that is known."""
    known = np.isfinite(curve.x) & np.isfinite(curve.y)
    found = []
    for run in _runs(known):
        points = " ".join(
            f"{EDGE_PX + wide * x:.1f},{10 + tall * (1 - y):.1f}"
            for x, y in zip(
                np.clip(curve.x[run], 0, 1).tolist(), np.clip(curve.y[run], 0, 1).tolist(),
                strict=True,
            )
        )  # fmt: skip
        found.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2">'
            f"<title>{escape(curve.name)}</title></polyline>"
        )
    return found


def _runs(known: npt.NDArray[np.bool_]) -> list[slice]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
