"""Charts are well-formed SVG whose bars have the lengths of their counts."""

from xml.etree import ElementTree as ET

import pytest

from viewer.reports.charts import TRACK_PX, Bar, Part, stacked_bars


def _rects(svg):
    return [each.attrib for each in ET.fromstring(svg).iter("rect")]


def test_lengths_compare():
    bars = [
        Bar("car", (Part("accepted", 30, "#0f0"), Part("rejected", 10, "#f00"))),
        Bar("van", (Part("accepted", 0, "#0f0"), Part("rejected", 5, "#f00"))),
    ]
    rects = _rects(stacked_bars(bars, "Verdicts"))
    assert [float(each["width"]) for each in rects] == [225.0, 75.0, 37.5]
    assert float(rects[1]["x"]) == float(rects[0]["x"]) + 225.0
    assert float(rects[0]["width"]) + float(rects[1]["width"]) == TRACK_PX
    assert {each["y"] for each in rects[:2]}.isdisjoint({rects[2]["y"]})


@pytest.mark.parametrize("bars", [[], [Bar("nothing", ())]])
def test_nothing_is_no_error(bars):
    assert _rects(stacked_bars(bars, "Verdicts")) == []


def test_names_from_data_are_text_and_never_markup():
    svg = stacked_bars([Bar('<script x="1">', (Part("a<b", 1, "#000"),))], "x & y")
    parsed = ET.fromstring(svg)
    assert parsed.find("script") is None
    assert [each.text for each in parsed.iter("title")] == ["x & y", '<script x="1">', "a<b: 1"]
