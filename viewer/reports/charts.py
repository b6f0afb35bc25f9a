"""Charts as SVG text, without scripts, for pages that open anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

BAR_PX, GAP_PX, NAME_PX, TRACK_PX, NUMBER_PX = 16, 8, 150, 300, 60


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar."""

    title: str
    count: int
    colour: str
    """CSS colour."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart."""

    name: str
    parts: tuple[Part, ...]

    @property
    def total(self) -> int:
        """Sum of its parts."""
        return sum(part.count for part in self.parts)


def stacked_bars(bars: Sequence[Bar], title: str) -> str:
    """Return horizontal bars whose lengths compare; each piece tells its number when pointed at.

    Examples
    --------
    >>> svg = stacked_bars([Bar("car", (Part("accepted", 3, "#3fb68b"),))], "Verdicts by class")
    >>> svg.count("<rect"), "accepted: 3" in svg
    (1, True)
    """
    longest = max((bar.total for bar in bars), default=0) or 1
    height = len(bars) * (BAR_PX + GAP_PX) + GAP_PX
    width = NAME_PX + TRACK_PX + NUMBER_PX
    lines = [
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>{escape(title)}</title>",
    ]
    for place, bar in enumerate(bars):
        top = GAP_PX + place * (BAR_PX + GAP_PX)
        middle = top + BAR_PX / 2
        lines.append(
            f'<text class="name" x="{NAME_PX - 8}" y="{middle}" text-anchor="end">'
            f"{escape(_short(bar.name))}<title>{escape(bar.name)}</title></text>"
        )
        left = float(NAME_PX)
        for part in bar.parts:
            wide = TRACK_PX * part.count / longest
            if part.count:
                lines.append(
                    f'<rect x="{left:.1f}" y="{top}" width="{wide:.1f}" height="{BAR_PX}"'
                    f' fill="{part.colour}"><title>{escape(part.title)}: {part.count:,}</title>'
                    "</rect>"
                )
            left += wide
        lines.append(f'<text x="{left + 6:.1f}" y="{middle}">{bar.total:,}</text>')
    return "".join([*lines, "</svg>"])


def _short(name: str, most: int = 22) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
