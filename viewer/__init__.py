"""Sightline: look at, check and review 3D sensor-fusion scenes."""

__version__ = "0.1.0"
