"""Decimal to binary, against Python's own parser and against exact fractions."""

import os
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.formats.points.decimal_kernels import double_from_decimal, is_single_midpoint
from viewer.formats.points.text_rows import parse_word

LONG = bool(os.environ.get("SIGHTLINE_LONG"))
F4 = np.dtype(np.float32)


def nearest_single(word: str) -> float:
    """Round a decimal to float32 with exact arithmetic, ties to even."""
    exact = Fraction(word)
    with np.errstate(over="ignore", under="ignore"):
        guess = np.float32(float(word))
        around = [
            guess,
            np.nextafter(guess, np.float32(-1e39)),
            np.nextafter(guess, np.float32(1e39)),
        ]
    around = [value for value in around if np.isfinite(value)]
    distance = {float(value): abs(Fraction(float(value)) - exact) for value in around}
    best = min(distance.values())
    nearest = [value for value, gap in distance.items() if gap == best]
    return min(nearest, key=lambda value: int(np.float32(value).view(np.uint32)) & 1)


@settings(max_examples=20_000 if LONG else 600, deadline=None)
@given(st.integers(0, 10**19 - 1), st.integers(-360, 320))
def test_double_equals_pythons_for_any_digits_and_power(digits, power):
    assert double_from_decimal(np.uint64(digits), power) == float(f"{digits}e{power}")


@settings(max_examples=20_000 if LONG else 600, deadline=None)
@given(st.integers(2**52, 2**53 - 1), st.integers(0, 4))
def test_halves_between_two_doubles_round_to_even(mantissa, power):
    digits = (2 * mantissa + 1) * 5**power
    if digits < 2**64:
        expected = float(Fraction(digits, 10**power))
        assert double_from_decimal(np.uint64(digits), -power) == expected


def test_ends_of_the_range():
    assert double_from_decimal(np.uint64(17976931348623157), 292) == 1.7976931348623157e308
    assert double_from_decimal(np.uint64(18), 307) == np.inf
    assert double_from_decimal(np.uint64(5), -324) == 5e-324
    assert double_from_decimal(np.uint64(2), -324) == 0.0
    assert double_from_decimal(np.uint64(22250738585072014), -324) == 2.2250738585072014e-308


@settings(max_examples=5_000 if LONG else 400, deadline=None)
@given(st.integers(0, 2**31 - 1), st.integers(-3, 3))
def test_words_near_the_middle_of_two_singles_round_once(bits, nudge):
    single = np.uint32(bits).view(np.float32)
    above = np.nextafter(single, np.float32(np.inf))
    if not (np.isfinite(single) and np.isfinite(above)):
        return
    middle = (Fraction(float(single)) + Fraction(float(above))) / 2
    # A decimal a hair off the middle: its float64 is the middle itself.
    word = f"{decimal_text(middle, 60)}" if nudge == 0 else decimal_text(middle, 60, nudge)
    assert is_single_midpoint(float(word))
    assert parse_word(word.encode(), F4) == nearest_single(word)


def decimal_text(value: Fraction, places: int, nudge: int = 0) -> str:
    """Write a positive fraction with many significant digits, the last one nudged."""
    if value == 0:
        return "0"
    exponent = len(str(value.numerator)) - len(str(value.denominator))
    scale = Fraction(10) ** (places - exponent)
    scaled = value * scale
    # Dyadic numbers this small need up to 150 digits to be exact.
    digits = scaled.numerator // scaled.denominator if nudge else None
    if digits is None:
        extra = 250
        exact = value * Fraction(10) ** extra
        assert exact.denominator == 1
        return f"{exact.numerator}e-{extra}"
    return f"{digits + nudge}e{exponent - places}"


def test_only_middles_are_called_middles():
    assert not is_single_midpoint(1.5)
    assert not is_single_midpoint(float(np.float32(0.1)))
    assert is_single_midpoint(1.0 + 2.0**-24)
    assert is_single_midpoint(2.0**-150)
    assert not is_single_midpoint(2.0**-151)
    assert not is_single_midpoint(0.0)
    assert not is_single_midpoint(np.nan)
    assert not is_single_midpoint(np.inf)
