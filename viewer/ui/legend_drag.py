"""Dragging the ends of the 3D view's colour legend."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LegendDrag:
    """One drag of one end; positions in device pixels along the colour bar."""

    moves_high: bool
    start_px: float
    width_px: float
    low: float
    high: float

    def range_at(self, x_px: float) -> tuple[float, float]:
        """Colour range while the pointer is at `x_px`; the ends never meet.

        Examples
        --------
        >>> LegendDrag(True, 100.0, 100.0, 0.0, 10.0).range_at(150.0)
        (0.0, 15.0)
        """
        span = self.high - self.low
        moved = (x_px - self.start_px) / max(self.width_px, 1.0) * span
        if self.moves_high:
            return self.low, max(self.high + moved, self.low + 0.01 * span)
        return min(self.low + moved, self.high - 0.01 * span), self.high
