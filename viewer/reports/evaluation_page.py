"""The page of an evaluation: figures, what they rest on, and what the data lack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from viewer.metrics.protocols.base import Evaluation, Protocol
from viewer.reports.charts import Part
from viewer.reports.evaluation_tables import (
    FigureCurve,
    figure_curves,
    figure_tables,
    figure_text,
    setting_text,
)
from viewer.reports.figure_charts import COLOURS, Curve, curve_chart, value_bars
from viewer.reports.page import write_page
from viewer.reports.review_page import Chart, Table, Tile

TEMPLATE: Final = "evaluation.html.j2"
MOST_TILES: Final = 6
MOST_BARS: Final = 40
HEADLINES: Final = (
    "NDS", "mAP", "AMOTA", "AMOTP", "HOTA", "DetA", "AssA", "MOTA", "mota", "IDF1", "idf1", "CDS",
    "AP", "APH",
)  # fmt: skip
"""Figures that tell most, in the order in which they are looked for."""


@dataclass(frozen=True, slots=True)
class EvaluationPage:
    """Everything on the page, in the order of reading."""

    title: str
    subtitle: str
    source: str
    tiles: tuple[Tile, ...]
    lacks: tuple[str, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]


def write_evaluation_page(
    path: Path,
    evaluation: Evaluation,
    protocol: Protocol,
    *,
    labels: str,
    predictions: str,
    notes: Sequence[str] = (),
) -> None:
    """Write one HTML file that needs nothing else.

    Parameters
    ----------
    labels, predictions
        What was compared, for the subtitle.
    notes
        Lines beside what the data lack: what was left out.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    page = evaluation_page(
        evaluation, protocol, labels=labels, predictions=predictions, notes=notes
    )
    write_page(path, TEMPLATE, {"report": page})


def evaluation_page(
    evaluation: Evaluation,
    protocol: Protocol,
    *,
    labels: str,
    predictions: str,
    notes: Sequence[str] = (),
) -> EvaluationPage:
    """Return what the page says."""
    figures = [
        _figures_table(table.columns, table.rows) for table in figure_tables(evaluation.results)
    ]
    return EvaluationPage(
        f"{protocol.title}: {predictions}",
        f"Predictions {predictions} beside labels {labels}",
        f"{protocol.source}. Equal to {evaluation.version}.",
        tuple(_tiles(evaluation.results)),
        (*notes, *evaluation.lacks),
        tuple(_charts(evaluation)),
        (*figures, _settings_table(evaluation.settings)),
    )


def _figures_table(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Table:
    title = f"Figures, {columns[1]}" if len(columns) == 2 else "Figures"
    return Table(title, columns, rows, (False, *(True for _ in columns[1:])))


def _settings_table(settings: Mapping[str, Any]) -> Table:
    rows = tuple((name, setting_text(value)) for name, value in settings.items())
    return Table("Settings", ("setting", "value"), rows, (False, False))


def _tiles(results: Mapping[str, Any]) -> list[Tile]:
    """Return the figures that tell most, of all classes together or of the only one."""
    if not results:
        return []
    name, figures = list(results.items())[-1]
    found = [key for key in HEADLINES if isinstance(figures.get(key), int | float)]
    return [Tile(figure_text(figures[key]), f"{key}, {name}") for key in found[:MOST_TILES]]


def _charts(evaluation: Evaluation) -> list[Chart]:
    charts = []
    for metric in HEADLINES:
        values = [
            (name, float(figures[metric])) for name, figures in evaluation.results.items()
            if isinstance(figures.get(metric), int | float)
        ]  # fmt: skip
        if len(values) > 1:
            title = f"{metric} by class"
            charts.append(Chart(title, value_bars(values[:MOST_BARS], title), ()))
        if len(charts) == 2:
            break
    limits = evaluation.settings.get("alpha")
    if isinstance(limits, list):
        curves = figure_curves(evaluation.results)
        for name in dict.fromkeys(curve.class_name for curve in curves):
            charts.append(_alpha_chart(name, curves, limits))
    return charts


def _alpha_chart(name: str, found: Sequence[FigureCurve], limits: Sequence[float]) -> Chart:
    wanted = [f"alpha {metric}" for metric in ("HOTA", "DetA", "AssA", "LocA")]
    by_metric = {each.metric: each.values for each in found if each.class_name == name}
    shown = [metric for metric in wanted if metric in by_metric]
    colours = dict(zip(shown, COLOURS, strict=False))
    titles = {metric: metric.removeprefix("alpha ") for metric in shown}
    curves = [Curve(titles[each], by_metric[each], colours[each]) for each in shown]
    title = f"{name}, by limit of similarity"
    key = tuple(Part(titles[each], 0, colours[each]) for each in shown)
    return Chart(title, curve_chart(curves, limits, title, "least similarity"), key)
