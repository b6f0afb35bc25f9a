"""The page and the tables of an evaluation."""

import re

import pytest

from viewer.metrics.protocols.base import Evaluation
from viewer.metrics.protocols.catalog import protocol_by_name
from viewer.reports.evaluation_page import evaluation_page, write_evaluation_page
from viewer.reports.evaluation_tables import figure_curves, figure_tables, setting_text
from viewer.reports.figure_charts import Curve, curve_chart, value_bars

ALPHAS = [0.05 * step for step in range(1, 20)]
RESULTS = {
    "car": {
        "HOTA": 0.75, "IDSW": 3, "3d": {"R40": [90.0, 80.5, None]}, "alpha": {"HOTA": ALPHAS},
    },
    "<b>bus": {
        "HOTA": None, "IDSW": 0, "3d": {"R40": [1.0, 2.0, 3.0]}, "alpha": {"HOTA": ALPHAS},
    },
    "all": {"mAP": 0.5},
}  # fmt: skip


def evaluation(**changes):
    values = {
        "protocol": "hota", "version": "Reference 1", "settings": {"alpha": ALPHAS},
        "results": RESULTS, "lacks": ("No <i>tracks</i>.",),
    } | changes  # fmt: skip
    return Evaluation(**values)


def test_nested_figures_become_rows_and_long_lists_curves():
    first, second = figure_tables(RESULTS)
    assert first.columns == ("metric", "car", "<b>bus")
    assert first.rows == (
        ("HOTA", "0.7500", "-"),
        ("IDSW", "3", "0"),
        ("3d R40", "90.0000  80.5000  -", "1.0000  2.0000  3.0000"),
    )
    assert second.rows == (("mAP", "0.5000"),)
    assert [(curve.class_name, curve.metric) for curve in figure_curves(RESULTS)] == [
        ("car", "alpha HOTA"), ("<b>bus", "alpha HOTA"),
    ]  # fmt: skip


def test_many_classes_with_few_metrics_are_rows():
    results = {f"c{number}": {"AP": 0.1 * number, "TP": number} for number in range(5)}
    (table,) = figure_tables(results)
    assert table.columns == ("class", "AP", "TP")
    assert table.rows[3] == ("c3", "0.3000", "3")


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "yes"), ({}, "none"), ({"a": [1, 2.5]}, "a 1, 2.5"), ("word", "word")],
)
def test_settings_are_told_on_one_line(value, text):
    assert setting_text(value) == text


def test_the_page_is_one_file_with_everything_escaped(tmp_path):
    path = tmp_path / "figures.html"
    write_evaluation_page(
        path, evaluation(), protocol_by_name("hota"), labels="truth & co", predictions="<model>",
        notes=("2 of 9 cannot be used",),
    )  # fmt: skip
    text = path.read_text()
    assert "<b>bus" not in text
    assert "&lt;b&gt;bus" in text
    assert "&lt;i&gt;tracks" in text
    assert "truth &amp; co" in text
    assert "2 of 9 cannot be used" in text
    assert not re.search(r"<script|<link|src=|https?:", text)
    assert [each.name for each in tmp_path.iterdir()] == ["figures.html"]


def test_the_page_shows_curves_and_headlines():
    page = evaluation_page(
        evaluation(), protocol_by_name("hota"), labels="a", predictions="b", notes=()
    )
    assert [tile.value for tile in page.tiles] == ["0.5000"]
    titles = [chart.title for chart in page.charts]
    assert "car, by limit of similarity" in titles
    assert page.tables[-1].title == "Settings"


def test_an_evaluation_without_classes_has_a_page(tmp_path):
    path = tmp_path / "empty.html"
    write_evaluation_page(
        path, evaluation(results={}), protocol_by_name("clear"), labels="a", predictions="b"
    )
    assert "Settings" in path.read_text()


def test_bars_are_as_long_as_their_values():
    svg = value_bars([("a", 1.0), ("b", 0.5), ("c", -2.0)], "values")
    widths = [float(each) for each in re.findall(r'<rect [^>]*width="([\d.]+)"', svg)]
    assert widths[0] == 2 * widths[1] > 0
    assert widths[2] == 0


def test_unknown_values_leave_a_gap_in_a_curve():
    nan = float("nan")
    svg = curve_chart([Curve("x", [0.1, nan, 0.3, 0.4], "#000")], [0.0, 0.3, 0.6, 0.9], "t", "a")
    lines = re.findall(r'points="([^"]+)"', svg)
    assert [len(points.split()) for points in lines] == [1, 2]
