"""Flat coloured triangles as one actor."""

import numpy as np
import numpy.typing as npt
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from viewer.render.convert import even_cells, packed_colour, vtk_array, vtk_points
from viewer.render.shaders import shader_property


class TriangleSet:
    """One actor that draws triangles of one colour and opacity each."""

    def __init__(self) -> None:
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetVBOShiftScaleMethod(0)
        self._mapper.SetInputData(vtkPolyData())
        self._mapper.ScalarVisibilityOff()
        for name in ("colour", "alpha"):
            self._mapper.MapDataArrayToVertexAttribute(name, name, 0, -1)
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.ForceOpaqueOn()
        self.actor.GetProperty().LightingOff()
        self.actor.SetVisibility(False)
        self._shaders = shader_property("surfaces/flat")
        self.actor.SetShaderProperty(self._shaders)
        self._kept: list[object] = []
        self.set_drawing(xray=False, pull=0.0)

    def set(
        self,
        corners: npt.NDArray[np.float32],
        rgb: npt.NDArray[np.uint8],
        opacity: npt.NDArray[np.float32],
    ) -> None:
        """Draw triangles: (T, 3, 3) corners in display coordinates, (T, 3) colours, (T,)."""
        count = len(corners)
        self.actor.SetVisibility(count > 0)
        points = np.ascontiguousarray(corners, np.float32).reshape(-1, 3)
        colour = np.repeat(packed_colour(rgb), 3)
        alpha = np.repeat(np.asarray(opacity, np.float32), 3)
        data = vtkPolyData()
        data.SetPoints(vtk_points(points))
        data.SetPolys(even_cells(count, 3) if count else vtkCellArray())
        data.GetPointData().AddArray(vtk_array(colour, "colour"))
        data.GetPointData().AddArray(vtk_array(alpha, "alpha"))
        self._kept = [points, colour, alpha]
        self._mapper.SetInputData(data)

    def set_drawing(self, *, xray: bool, pull: float) -> None:
        """Say how triangles meet other things, as `LineSet.set_drawing`."""
        uniforms = self._shaders.GetVertexCustomUniforms()
        uniforms.SetUniformi("xray", int(xray))
        uniforms.SetUniformf("pull", pull)
