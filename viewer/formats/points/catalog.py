"""Every point-cloud format that Sightline reads."""

from pathlib import Path

from viewer.formats.base import UnknownFormat
from viewer.formats.points.base import PointFormat
from viewer.formats.points.bins import FloatBin, NuScenesBin
from viewer.formats.points.las import Las
from viewer.formats.points.npy import Npy, Npz
from viewer.formats.points.pcd import Pcd
from viewer.formats.points.ply import Ply
from viewer.scene.point_cloud import PointCloud

POINT_FORMATS: tuple[PointFormat, ...] = (
    Pcd(),
    NuScenesBin(),
    FloatBin(),
    Ply(),
    Las(),
    Npy(),
    Npz(),
)

POINT_SUFFIXES: tuple[str, ...] = tuple(
    sorted((suffix for form in POINT_FORMATS for suffix in form.suffixes), key=len, reverse=True)
)
"""All file name endings, longest first."""


def find_point_format(path: Path) -> PointFormat | None:
    """Return the format of the longest suffix that a file's name ends with; case does not count."""
    name = path.name.lower()
    for suffix in POINT_SUFFIXES:
        if name.endswith(suffix):
            return next(form for form in POINT_FORMATS if suffix in form.suffixes)
    return None


def read_points(path: Path, *, fields: tuple[str, ...] | None = None) -> PointCloud:
    """Read a point cloud of any format.

    Parameters
    ----------
    path
        The file; its name's ending chooses the format.
    fields
        Which to keep beside the positions; None for all.

    Raises
    ------
    UnknownFormat
        When no format has this ending.
    DamagedData
        When the file cannot be read.
    """
    form = find_point_format(path)
    if form is None:
        reasons = {form.title: f"needs {' or '.join(form.suffixes)}" for form in POINT_FORMATS}
        raise UnknownFormat(path, reasons)
    return form.read(path, fields=fields)
