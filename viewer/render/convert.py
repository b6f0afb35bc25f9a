"""numpy arrays as VTK's, without a copy where the layout allows it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import VTK_ID_TYPE, vtkDataArray, vtkIdTypeArray, vtkObject, vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkImageData
from vtkmodules.vtkCommonMath import vtkMatrix4x4

_ids = np.arange(0, dtype=np.int64)


def vtk_array(values: npt.NDArray[Any], name: str = "") -> vtkDataArray:
    """Wrap (N,) or (N, C) values; VTK keeps the numpy memory alive."""
    array: vtkDataArray = numpy_to_vtk(  # type: ignore[no-untyped-call]
        np.ascontiguousarray(values), deep=0
    )
    if name:
        array.SetName(name)
    return array


def numpy_array(array: vtkDataArray) -> npt.NDArray[Any]:
    """View of a VTK array."""
    values: npt.NDArray[Any] = vtk_to_numpy(array)  # type: ignore[no-untyped-call]
    return values


def vtk_points(xyz: npt.NDArray[Any]) -> vtkPoints:
    """Wrap (N, 3) positions."""
    points = vtkPoints()
    points.SetData(vtk_array(xyz))
    return points


def shared_ids(count: int) -> npt.NDArray[np.int64]:
    """0 .. count - 1 from one array that every caller shares."""
    global _ids
    if len(_ids) < count:
        _ids = np.arange(max(count, 2 * len(_ids)), dtype=np.int64)
    return _ids[:count]


def cells(connectivity: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64]) -> vtkCellArray:
    """Cells from the flat list of point ids and (cell count + 1,) offsets."""
    array = vtkCellArray()
    array.SetData(_id_array(offsets), _id_array(connectivity))
    return array


def poly_vertex(count: int) -> vtkCellArray:
    """One cell that holds every point."""
    return cells(shared_ids(count), np.array([0, count], dtype=np.int64))


def even_cells(count: int, corners: int) -> vtkCellArray:
    """`count` cells of `corners` consecutive points each."""
    return cells(
        shared_ids(count * corners), np.arange(0, (count + 1) * corners, corners, dtype=np.int64)
    )


def _id_array(values: npt.NDArray[np.int64]) -> vtkIdTypeArray:
    array: vtkIdTypeArray = numpy_to_vtk(  # type: ignore[no-untyped-call]
        np.ascontiguousarray(values), deep=0, array_type=VTK_ID_TYPE
    )
    return array


def vtk_matrix(matrix: npt.NDArray[np.float64]) -> vtkMatrix4x4:
    """(4, 4) as VTK's."""
    result = vtkMatrix4x4()
    result.DeepCopy(np.ascontiguousarray(matrix, dtype=np.float64).ravel().tolist())
    return result


def rgb_image(pixels: npt.NDArray[np.uint8]) -> vtkImageData:
    """(H, W, 3 or 4) with the top row first as a VTK image, which has the bottom row first."""
    height, width, parts = pixels.shape
    image = vtkImageData()
    image.SetDimensions(width, height, 1)
    image.GetPointData().SetScalars(vtk_array(pixels[::-1].reshape(-1, parts)))
    return image


def packed_colour(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(N, 3) colours as one exactly held float each: red + 256 green + 65536 blue."""
    weights = np.array([1, 256, 65536], dtype=np.int32)
    return (rgb.astype(np.int32) @ weights).astype(np.float32)


def observe(source: vtkObject, event: str, call: Callable[[object, str], None]) -> int:
    """Call `call` at each event of that name; returns the tag that removes it again."""
    tag: int = source.AddObserver(event, call)  # type: ignore[arg-type] # names are allowed too
    return tag
