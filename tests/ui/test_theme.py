"""Contrast of every pair of text and background, and the look as a whole."""

import re
from dataclasses import fields

import pytest
from PySide6.QtGui import QFontMetricsF

from viewer.ui.stylesheet import GLYPHS, stylesheet
from viewer.ui.theme import (
    DARK,
    FONT_PX,
    LIGHT,
    TEXT_PAIRS,
    Palette,
    apply_theme,
    contrast,
    ui_font,
)

pytestmark = pytest.mark.ui
BOTH = pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])


def test_contrast_agrees_with_published_figures():
    # WCAG 2.2: #767676 on white is the lightest grey that passes 4.5, #777777 just fails.
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@BOTH
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_reads_on_its_background(colours: Palette, text: str, ground: str):
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@BOTH
def test_focus_ring_and_checked_box_stand_out(colours: Palette):
    for ground in (colours.window, colours.panel, colours.field, colours.raised):
        assert contrast(colours.accent, ground) >= 3.0


@BOTH
def test_every_text_colour_of_the_style_sheet_is_a_tested_one(colours: Palette):
    named = {field.name: f"<{field.name}>" for field in fields(colours)}
    sheet = stylesheet(named, "dark")
    used = {name for name in re.findall(r"(?<![-\w])color: <(\w+)>", sheet) if name != "disabled"}
    assert used <= {text for text, _ in TEXT_PAIRS}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_glyph_of_the_style_sheet_exists(theme):
    sheet = stylesheet({field.name: "#000000" for field in fields(DARK)}, theme)
    names = re.findall(r"url\(([^)]+)\)", sheet)
    assert names
    assert all(name.startswith(GLYPHS.as_posix()) for name in names)
    assert [name for name in names if not (GLYPHS / name.rsplit("/", 1)[1]).is_file()] == []


def test_applying_a_theme_is_understood_by_qt(qapp, caplog, capfd):
    for dark in (True, False, True):
        apply_theme(qapp, dark=dark)
    assert "Could not parse" not in capfd.readouterr().err
    assert qapp.font().pixelSize() == FONT_PX


def test_digits_have_one_width(qapp):
    metrics = QFontMetricsF(ui_font())
    assert len({round(metrics.horizontalAdvance(digit * 10), 3) for digit in "0123456789"}) == 1
