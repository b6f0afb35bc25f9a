"""Figures as comma-separated text."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence

from viewer.session.compare_found import Listed
from viewer.session.compare_list import facts_of
from viewer.session.compare_values import MatrixCounts, Plots, Table

LIST_COLUMNS = (
    "scene", "frame", "label_class", "prediction_class", "score", "similarity", "volume_m3",
    "label_id", "prediction_id",
)  # fmt: skip


def matrix_csv(matrix: MatrixCounts) -> str:
    """Labels in rows, predictions in columns."""
    names = matrix.all_names
    rows = ((name, *counts) for name, counts in zip(names, matrix.counts.tolist(), strict=True))
    return _text((("label \\ prediction", *names), *rows))


def table_csv(table: Table) -> str:
    """A table with its whole numbers; the notes follow as lines of their own."""
    notes = [(), *((f"# {note}",) for note in table.notes)] if table.notes else []
    rows = (tuple(map(_plain, row)) for row in table.rows)
    return _text(([column.name for column in table.columns], *rows, *notes))


def plots_csv(plots: Plots) -> str:
    """Every point of every curve, one a line."""
    rows = (
        (plot.title, curve.name, _plain(x), _plain(y))
        for plot in plots.plots
        for curve in plot.curves
        for x, y in zip(curve.x.tolist(), curve.y.tolist(), strict=True)
    )
    return _text((("plot", "curve", "x", "y"), *rows))


def list_lines(rows: Listed) -> Iterator[str]:
    """The list of pairs line by line: it may be too long for one text."""
    yield _text((LIST_COLUMNS,))
    for place in range(len(rows)):
        facts = facts_of(rows, place)
        yield _text((
            (facts.scene_id, facts.frame_key, facts.truth, facts.prediction, _plain(facts.score),
             _plain(facts.similarity), _plain(facts.size_m3), facts.label_id,
             facts.prediction_id),
        ))  # fmt: skip


def _plain(value: object) -> object:
    """A number as it is; nothing for what is not known."""
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return "" if value is None else value


def _text(rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
