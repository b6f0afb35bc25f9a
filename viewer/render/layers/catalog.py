"""The layers of the 3D view, in drawing order."""

from viewer.render.layers.base import Layer
from viewer.render.layers.cuboids import CuboidsLayer
from viewer.render.layers.evidence import EvidenceLayer
from viewer.render.layers.frusta import FrustaLayer
from viewer.render.layers.ghosts import GhostsLayer
from viewer.render.layers.grid import GridLayer
from viewer.render.layers.measurements import MeasurementsLayer
from viewer.render.layers.pins import PinsLayer
from viewer.render.layers.points import PointsLayer
from viewer.render.layers.trails import TrailsLayer

LAYERS: tuple[type[Layer], ...] = (
    PointsLayer,
    GridLayer,
    FrustaLayer,
    TrailsLayer,
    CuboidsLayer,
    GhostsLayer,
    EvidenceLayer,
    PinsLayer,
    MeasurementsLayer,
)
