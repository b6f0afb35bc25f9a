"""What checks say of each camera, side by side."""

from collections.abc import Iterable
from typing import Final

from viewer.checks.finding import Finding
from viewer.reports.review_page import Table

COLUMNS: Final = (
    ("bias right, px", "bias_right_px"),
    ("bias down, px", "bias_down_px"),
    ("drift right, px", "drift_right_px"),
    ("drift down, px", "drift_down_px"),
    ("roll, \N{DEGREE SIGN}", "roll_deg"),
    ("clock, ms", "offset_ms"),
)
CHECKS: Final = ("image-edges", "calibration-drift", "sync-offset")
"""A later one's numbers stand where both tell them: 2D boxes are surer than edges."""


def camera_table(findings: Iterable[Finding]) -> Table | None:
    """Return one row for each camera that is off in place or time; None when none is."""
    numbers: dict[tuple[str, str], dict[str, float]] = {}
    told = [each for each in findings if each.check in CHECKS and each.sensor_id is not None]
    for each in sorted(told, key=lambda finding: CHECKS.index(finding.check)):
        own = numbers.setdefault((each.scene_id, each.sensor_id or ""), {})
        own |= each.evidence.numbers
    if not numbers:
        return None
    rows = tuple(
        (scene_id, camera_id, *(_cell(own.get(number)) for _, number in COLUMNS))
        for (scene_id, camera_id), own in sorted(numbers.items())
    )
    names = ("scene", "camera", *(name for name, _ in COLUMNS))
    return Table("Cameras that are off", names, rows, (False, False, *(True for _ in COLUMNS)))


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:+.1f}"
