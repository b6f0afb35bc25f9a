"""How a label differs from what it was when someone decided about it."""

import math
from dataclasses import dataclass

from viewer.review.label_snapshot import LabelSnapshot

SMALLEST_M = 0.0005
SMALLEST_DEG = 0.01
SMALLEST_PX = 0.005
_SIDES = ("longer", "wider", "higher")
_OPPOSITES = {"longer": "shorter", "wider": "narrower", "higher": "lower"}


@dataclass(frozen=True, slots=True)
class LabelDifference:
    """What is otherwise about a label. Measures are None where they do not suit its kind."""

    class_before: str
    class_after: str
    track_before: str | None = None
    track_after: str | None = None
    moved_m: float | None = None
    """Distance of the centres."""
    grown_m: tuple[float, float, float] | None = None
    """Change of length, width, height."""
    turned_rad: float | None = None
    """Angle of the turn, 0 to pi."""
    edges_px: tuple[float, float, float, float] | None = None
    """Change of left, top, right, bottom."""
    reshaped: bool = False
    """Its kind or its outline is another one, which has no measure here."""

    @property
    def text(self) -> str:
        """For people, e.g. ``car is van now, moved 0.42 m``."""
        parts = []
        if self.class_before != self.class_after:
            parts.append(f"{self.class_before} is {self.class_after} now")
        if self.moved_m is not None and self.moved_m >= SMALLEST_M:
            parts.append(f"moved {self.moved_m:.2f} m")
        for side, change in zip(_SIDES, self.grown_m or (), strict=False):
            if abs(change) >= SMALLEST_M:
                word = side if change > 0 else _OPPOSITES[side]
                parts.append(f"{abs(change):.2f} m {word}")
        turned = math.degrees(self.turned_rad or 0.0)
        if turned >= SMALLEST_DEG:
            parts.append(f"turned {turned:.1f}°")
        if self.edges_px is not None and max(map(abs, self.edges_px)) >= SMALLEST_PX:
            parts.append(f"box moved up to {max(map(abs, self.edges_px)):.1f} px")
        if self.reshaped:
            parts.append("has another outline")
        if self.track_before != self.track_after:
            parts.append(f"track {self.track_before or 'none'} is {self.track_after or 'none'} now")
        return ", ".join(parts) or "differs by less than is shown"


def difference(before: LabelSnapshot, after: LabelSnapshot) -> LabelDifference:
    """Return what changed from one delivery to another.

    Examples
    --------
    >>> old = LabelSnapshot("cuboid", "car", (0, 0, 0, 4, 2, 1.5, 1, 0, 0, 0))
    >>> new = LabelSnapshot("cuboid", "van", (3, 4, 0, 4.5, 2, 1.5, 0, 0, 0, 1))
    >>> difference(old, new).text
    'car is van now, moved 5.00 m, 0.50 m longer, turned 180.0°'
    """
    names = (before.class_name, after.class_name, before.track_id, after.track_id)
    old, new = before.geometry, after.geometry
    if before.shape != after.shape or len(old) != len(new):
        return LabelDifference(*names, reshaped=True)
    if before.shape == "cuboid" and len(old) == 10:
        cosine = abs(sum(a * b for a, b in zip(old[6:], new[6:], strict=True)))
        return LabelDifference(
            *names,
            moved_m=math.dist(old[:3], new[:3]),
            grown_m=(new[3] - old[3], new[4] - old[4], new[5] - old[5]),
            turned_rad=2.0 * math.acos(min(1.0, cosine)),
        )
    if before.shape == "box_2d" and len(old) == 4:
        edges = (new[0] - old[0], new[1] - old[1], new[2] - old[2], new[3] - old[3])
        return LabelDifference(*names, edges_px=edges)
    is_other = any(abs(a - b) >= SMALLEST_PX for a, b in zip(old, new, strict=True))
    return LabelDifference(*names, reshaped=is_other)
