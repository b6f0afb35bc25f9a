"""Camera models: one lens a file, listed in catalog.py."""

from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.mei import Mei
from viewer.geometry.cameras.pinhole import Pinhole

__all__ = ["BrownConrady", "Fisheye", "Mei", "Pinhole"]
