"""Facts in words and numbers for people: what the inspector shows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.scene.metadata import GeoPosition

SHOWN_VALUES = 60
LONGEST_VALUE = 400


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: its name, its value with the unit."""

    name: str
    value: str
    note: str = ""
    """How the value came about, or what it means; shown as a tooltip."""
    is_problem: bool = False


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts under one heading."""

    title: str
    facts: tuple[Fact, ...]


def text_of(title: str, groups: tuple[FactGroup, ...]) -> str:
    """All facts as plain text, for the clipboard."""
    lines = [title]
    for group in groups:
        lines += ["", group.title]
        lines += [f"{fact.name}\t{fact.value}" for fact in group.facts]
    return "\n".join(lines)


def values_group(title: str, values: Mapping[str, Any]) -> list[FactGroup]:
    """Values by name under a heading, the first of many; no group where there are none."""
    facts = [Fact(str(name), _shortened(value_text(value))) for name, value in values.items()]
    if len(facts) > SHOWN_VALUES:
        rest = Fact("More", f"{len(facts) - SHOWN_VALUES:,} further values")
        facts = [*facts[:SHOWN_VALUES], rest]
    return [FactGroup(title, tuple(facts))] if facts else []


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def value_text(value: object) -> str:
    """One value for people.

    Examples
    --------
    >>> value_text(True), value_text(0.125), value_text(2.0), value_text(["a", 1]), value_text(None)
    ('yes', '0.125', '2', 'a, 1', '-')
    >>> value_text({"lane": 2, "wet": True}), value_text(GeoPosition(1.25, -2.0, 3.5))
    ('lane: 2, wet: yes', '1.25°, -2°, 3.5 m')
    """
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float() if math.isfinite(value):
            return f"{value:.6g}"
        case list() | tuple():
            return ", ".join(value_text(item) for item in value)
        case Mapping():
            return ", ".join(f"{name}: {value_text(item)}" for name, item in value.items())
        case GeoPosition():
            place = f"{value.latitude_deg:.8g}°, {value.longitude_deg:.8g}°"
            return place if value.altitude_m is None else f"{place}, {value.altitude_m:.6g} m"
        case _:
            return str(value)


def object_name(class_name: str, own_id: str) -> str:
    """Class and track or label id, without saying the class twice.

    Examples
    --------
    >>> object_name("car", "18"), object_name("car", "car-07")
    ('car 18', 'car-07')
    """
    return own_id if own_id.casefold().startswith(class_name.casefold()) else (
        f"{class_name} {own_id}"
    )  # fmt: skip


def metres(value: float) -> str:
    """A length to the centimetre.

    Examples
    --------
    >>> metres(4.618), metres(float("nan")), metres(-0.001)
    ('4.62 m', '-', '0.00 m')
    """
    return f"{_unsigned_zero(value, 2)} m" if math.isfinite(value) else "-"


def degrees(value_rad: float) -> str:
    """An angle to a tenth of a degree.

    Examples
    --------
    >>> degrees(math.pi / 2)
    '90.0 °'
    """
    return f"{_unsigned_zero(math.degrees(value_rad), 1)} °" if math.isfinite(value_rad) else "-"


def position(values: npt.NDArray[np.float64]) -> str:
    """Three coordinates to the centimetre."""
    return "  ".join(_unsigned_zero(float(value), 2) for value in values) + " m"


def seconds(value_ns: int) -> str:
    """A duration."""
    return f"{value_ns / 1e9:.3f} s"


def _unsigned_zero(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text


def euler_rad(rotation: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """(yaw, pitch, roll) of a (3, 3) rotation: about z, then the new y, then the new x.

    A positive pitch points the front down (right-handed about y, which is to the left). At
    plus or minus 90 degrees of pitch, where yaw and roll turn about the same line, roll is 0.
    """
    sine = float(-rotation[2, 0])
    pitch = math.asin(max(-1.0, min(1.0, sine)))
    if abs(sine) > 1 - 1e-9:
        return math.atan2(-float(rotation[0, 1]), float(rotation[1, 1])), pitch, 0.0
    yaw = math.atan2(float(rotation[1, 0]), float(rotation[0, 0]))
    roll = math.atan2(float(rotation[2, 1]), float(rotation[2, 2]))
    return yaw, pitch, roll
