"""Sweeps that nobody labelled, recorded between two frames."""

from typing import Protocol, runtime_checkable

from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import SweepRef


@runtime_checkable
class EarlierSweeps(Protocol):
    """A scene's reader whose format has sweeps between frames; they belong to the later frame."""

    def earlier_sweeps(self, frame_index: int) -> tuple[SweepRef, ...]:
        """Sweeps that belong to a frame besides its own, by sensor, then by time."""
        ...

    def read_earlier_sweep(self, frame_index: int, position: int) -> PointCloud:
        """Points of one of them; raises `formats.base.DamagedData`."""
        ...
