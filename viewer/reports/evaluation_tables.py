"""The nest of figures that a protocol found as tables that people read, and as curves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LONGEST_CELL: Final = 4
"""So many values of a list stand in one cell; longer ones are curves."""
MOST_COLUMNS: Final = 8


@dataclass(frozen=True, slots=True)
class FigureTable:
    """Figures of some classes, one row a metric or one row a class, whichever is narrower."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FigureCurve:
    """One figure of one class at several limits."""

    class_name: str
    metric: str
    values: tuple[float, ...]


def figure_tables(results: Mapping[str, Any]) -> list[FigureTable]:
    """Return one table for all classes with the same metrics, in the order of the results.

    Examples
    --------
    >>> figure_tables({"car": {"AP": 0.5, "TP": 3}, "bus": {"AP": None, "TP": 0}})[0].rows
    (('AP', '0.5000', '-'), ('TP', '3', '0'))
    """
    grouped: dict[tuple[str, ...], dict[str, Mapping[str, str]]] = {}
    for name, figures in results.items():
        cells = dict(_cells(figures, ""))
        grouped.setdefault(tuple(cells), {})[name] = cells
    return [_table(metrics, classes) for metrics, classes in grouped.items() if metrics]


def figure_curves(results: Mapping[str, Any]) -> list[FigureCurve]:
    """Return every list of figures that is too long for a cell."""
    return [
        FigureCurve(name, metric, values)
        for name, figures in results.items()
        for metric, values in _lists(figures, "")
    ]


def figure_text(value: object) -> str:
    """Return a figure for people; four decimals, a dash for what is not defined.

    Examples
    --------
    >>> figure_text(0.86066), figure_text(1862), figure_text(None)
    ('0.8607', '1,862', '-')
    """
    if value is None:
        return "-"
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4f}" if abs(value) < 1e6 else f"{value:,.0f}"
    return str(value)


def setting_text(value: object) -> str:
    """Return a setting for people, on one line.

    Examples
    --------
    >>> setting_text({"car": 50.0, "bus": 40.0}), setting_text([0.5, 1.0]), setting_text(None)
    ('car 50, bus 40', '0.5, 1', 'none')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {setting_text(part)}" for name, part in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(setting_text, value)) or "none"
    return str(value)


def _table(metrics: tuple[str, ...], classes: Mapping[str, Mapping[str, str]]) -> FigureTable:
    if len(metrics) < min(len(classes), MOST_COLUMNS):
        rows = [(name, *(cells[metric] for metric in metrics)) for name, cells in classes.items()]
        return FigureTable(("class", *metrics), tuple(rows))
    by_metric = [(metric, *(cells[metric] for cells in classes.values())) for metric in metrics]
    return FigureTable(("metric", *classes), tuple(by_metric))


def _cells(figures: object, prefix: str) -> list[tuple[str, str]]:
    if isinstance(figures, Mapping):
        return [cell for name, part in figures.items() for cell in _cells(part, f"{prefix} {name}")]
    if isinstance(figures, list | tuple):
        if len(figures) > LONGEST_CELL or not all(_is_figure(each) for each in figures):
            return []
        return [(prefix.strip(), "  ".join(map(figure_text, figures)))]
    return [(prefix.strip(), figure_text(figures))]


def _lists(figures: object, prefix: str) -> list[tuple[str, tuple[float, ...]]]:
    if isinstance(figures, Mapping):
        return [
            found for name, part in figures.items() for found in _lists(part, f"{prefix} {name}")
        ]
    if not isinstance(figures, Sequence) or isinstance(figures, str):
        return []
    if len(figures) <= LONGEST_CELL or not all(_is_figure(each) for each in figures):
        return []
    values = tuple(float("nan") if each is None else float(each) for each in figures)
    return [(prefix.strip(), values)]


def _is_figure(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
