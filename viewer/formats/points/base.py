"""The contract of a point-cloud file format."""

from pathlib import Path
from typing import ClassVar, Protocol

from viewer.scene.point_cloud import PointCloud


class PointFormat(Protocol):
    """One kind of point-cloud file. A new one is one file listed in `catalog.py`."""

    name: ClassVar[str]
    """Stable identifier, e.g. ``pcd``."""
    title: ClassVar[str]
    """For people, e.g. ``PCD``."""
    suffixes: ClassVar[tuple[str, ...]]
    """Lower-case file name endings, longest first, e.g. ``(".pcd.bin",)``."""

    def read(self, path: Path, *, fields: tuple[str, ...] | None = None) -> PointCloud:
        """Read a file; with `fields`, only these beside xyz. Raise `DamagedData`."""
        ...
