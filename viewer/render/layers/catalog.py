"""The layers of the 3D view, in drawing order."""

from viewer.render.layers.base import Layer
from viewer.render.layers.cuboids import CuboidsLayer
from viewer.render.layers.points import PointsLayer

LAYERS: tuple[type[Layer], ...] = (PointsLayer, CuboidsLayer)
