"""Colour maps as tables of 256 colours."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

ColourTable = npt.NDArray[np.uint8]
"""(256, 3) RGB, low value first."""

# Polynomials in t = 0..1, one column a channel, lowest power first. The first four are sixth-degree
# fits of the matplotlib maps (CC0); turbo is the published fifth-degree fit (A. Mikhailov, 2019).
_FITS: Mapping[str, tuple[tuple[float, float, float], ...]] = MappingProxyType(
    {
        "viridis": (
            (0.2777273272234177, 0.005407344544966578, 0.3340998053353061),
            (0.1050930431085774, 1.404613529898575, 1.384590162594685),
            (-0.3308618287255563, 0.214847559468213, 0.09509516302823659),
            (-4.634230498983486, -5.799100973351585, -19.33244095627987),
            (6.228269936347081, 14.17993336680509, 56.69055260068105),
            (4.776384997670288, -13.74514537774601, -65.35303263337234),
            (-5.435455855934631, 4.645852612178535, 26.3124352495832),
        ),
        "plasma": (
            (0.05873234392399702, 0.02333670892565664, 0.5433401826748754),
            (2.176514634195958, 0.2383834171260182, 0.7539604599784036),
            (-2.689460476458034, -7.455851135738909, 3.110799939717086),
            (6.130348345893603, 42.3461881477227, -28.51885465332158),
            (-11.10743619062271, -82.66631109428045, 60.13984767418263),
            (10.02306557647065, 71.41361770095349, -54.07218655560067),
            (-3.658713842777788, -22.93153465461149, 18.19190778539828),
        ),
        "inferno": (
            (0.0002189403691192265, 0.001651004631001012, -0.01948089843709184),
            (0.1065134194856116, 0.5639564367884091, 3.932712388889277),
            (11.60249308247187, -3.972853965665698, -15.9423941062914),
            (-41.70399613139459, 17.43639888205313, 44.35414519872813),
            (77.162935699427, -33.40235894210092, -81.80730925738993),
            (-71.31942824499214, 32.62606426397723, 73.20951985803202),
            (25.13112622477341, -12.24266895238567, -23.07032500287172),
        ),
        "turbo": (
            (0.13572138, 0.09140261, 0.10667330),
            (4.61539260, 2.19418839, 12.64194608),
            (-42.66032258, 4.84296658, -60.58204836),
            (132.13108234, -14.18503333, 110.36276771),
            (-152.94239396, 4.27729857, -89.90310912),
            (59.28637943, 2.82956604, 27.34824973),
        ),
        "grey": ((0.18, 0.18, 0.18), (0.82, 0.82, 0.82)),
    }
)

_STARTS: Mapping[str, float] = MappingProxyType(
    {"viridis": 0.15, "plasma": 0.1, "inferno": 0.2, "turbo": 0.04}
)
"""Where a map starts: its darkest end is left out, it would not be seen on a dark ground."""

COLOUR_MAPS: tuple[str, ...] = tuple(_FITS)
"""Names of the colour maps; all but turbo grow in lightness from end to end."""


def _table(name: str) -> ColourTable:
    t = np.linspace(_STARTS.get(name, 0.0), 1.0, 256)[:, None]
    powers = t ** np.arange(len(_FITS[name]))
    colours = powers @ np.array(_FITS[name])
    table: ColourTable = np.round(np.clip(colours, 0.0, 1.0) * 255).astype(np.uint8)
    table.setflags(write=False)
    return table


_TABLES: Mapping[str, ColourTable] = MappingProxyType({name: _table(name) for name in _FITS})


def colour_table(name: str) -> ColourTable:
    """(256, 3) uint8 RGB of a colour map; viridis when the name is unknown."""
    return _TABLES.get(name, _TABLES["viridis"])
