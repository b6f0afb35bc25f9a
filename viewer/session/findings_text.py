"""Numbers of findings and parameters of checks, in words that people use."""

import math
from collections.abc import Mapping

from viewer.checks.base import Parameter, Question
from viewer.checks.catalog import check_by_id
from viewer.checks.finding import Finding, Fix, FixKind

_UNITS: tuple[tuple[str, str, float, int], ...] = (
    ("_mps3", "m/s³", 1.0, 2), ("_mps2", "m/s²", 1.0, 2), ("_mps", "m/s", 1.0, 2),
    ("_m3", "m³", 1.0, 2), ("_mm", "mm", 1.0, 1), ("_px", "px", 1.0, 1),
    ("_rad", "°", 180 / math.pi, 1), ("_deg", "°", 1.0, 1), ("_ms", "ms", 1.0, 1),
    ("_ns", "ns", 1.0, 0), ("_hz", "Hz", 1.0, 1), ("_m", "m", 1.0, 2), ("_s", "s", 1.0, 2),
)  # fmt: skip
"""End of a name, its unit for people, factor, decimals."""
_WORDS: Mapping[str, str] = {"iou": "Overlap (IoU)", "score": "Prediction's score"}
_CHECKS = check_by_id()


def number_text(name: str, value: float) -> tuple[str, str]:
    """Return what a number is, and the number with its unit.

    Examples
    --------
    >>> number_text("speed_mps", 31.26), number_text("points", 12.0)
    (('Speed', '31.26 m/s'), ('Points', '12'))
    >>> number_text("turn_rad", 3.0)[1]
    '171.9°'
    """
    for end, unit, factor, decimals in _UNITS:
        if name.endswith(end):
            space = "" if unit == "°" else " "
            return _words(name.removesuffix(end)), f"{value * factor:,.{decimals}f}{space}{unit}"
    if not math.isfinite(value):
        return _words(name), "not known"
    whole = float(value).is_integer() and abs(value) < 1e12
    return _words(name), f"{value:,.0f}" if whole else f"{value:,.3g}"


def numbers_of(finding: Finding) -> list[tuple[str, str]]:
    """The evidence in numbers: what each is, and its value with unit."""
    return [number_text(name, value) for name, value in finding.evidence.numbers.items()]


def check_of(finding: Finding) -> type[Question] | None:
    """The check that found it; None for one that this version does not have."""
    return _CHECKS.get(finding.check)


def parameter_text(parameter: Parameter) -> tuple[str, str, str]:
    """Return what a parameter is, its value with unit, and where it comes from."""
    name, value = number_text(parameter.name, parameter.default)
    return parameter.text or name, value, parameter.source or "our own proposal"


def place_text(finding: Finding) -> str:
    """Where a finding is, in one line."""
    label = finding.labels[0] if finding.labels else None
    parts = []
    if label is not None:
        own = label.track_id or label.label_id
        name = finding.class_name
        parts.append(own if not name or own.startswith(name) else f"{name} {own}")
    elif finding.class_name:
        parts.append(finding.class_name)
    if finding.sensor_id or (label is None and finding.evidence.camera_id):
        parts.append(finding.sensor_id or finding.evidence.camera_id or "")
    if finding.frame_key is not None:
        parts.append(f"frame {finding.frame_key}")
    elif finding.of_dataset:
        parts.append("whole dataset" if finding.class_name else f"whole dataset: {finding.about}")
    else:
        parts.append("whole scene")
    return "  ".join(parts)


def short_place(finding: Finding) -> str:
    """Where a finding is, for a narrow row."""
    return place_text(finding).replace("  frame ", "  ")


def fix_text(fix: Fix) -> str:
    """What a fix does here, for people: labels of a dataset are changed, not added."""
    if fix.kind is FixKind.ADD_LABEL:
        name = str(fix.values.get("class_name") or "object")
        return f"mark the missing {name}"
    return fix.text


def reason_for(check_id: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The reason of a verdict that fits a check, of those that a workspace offers."""
    wanted = _REASONS.get(check_id, "other")
    return (wanted,) if wanted in known else ()


_REASONS: Mapping[str, str] = {
    "empty-box": "not an object", "too-few-points": "not an object", "size-prior": "loose box",
    "aspect": "bad heading", "tightness": "loose box", "floating": "wrong position",
    "illegal-box": "bad heading", "taxonomy": "wrong class", "inside-ego": "wrong position",
    "duplicate-boxes": "duplicate", "physical-overlap": "wrong position",
    "duplicate-id": "id switch", "missing-label": "missing object",
    "spurious-label": "not an object", "class-swap": "wrong class",
    "speed-limit": "wrong position", "yaw-flip": "bad heading", "heading-motion": "bad heading",
    "size-change": "loose box", "class-change": "wrong class", "id-switch": "id switch",
    "track-gap": "missing object", "smoothness": "wrong position",
    "still-or-moving": "wrong attribute", "birth-death": "missing object",
    "box-2d": "wrong position",
}  # fmt: skip


def _words(name: str) -> str:
    if name in _WORDS:
        return _WORDS[name]
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]
