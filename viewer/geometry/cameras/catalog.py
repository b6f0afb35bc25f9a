"""All camera models."""

from typing import Final

from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.mei import Mei
from viewer.geometry.cameras.pinhole import Pinhole

CAMERA_MODELS: Final[tuple[type[CameraModel], ...]] = (Pinhole, BrownConrady, Fisheye, Mei)
