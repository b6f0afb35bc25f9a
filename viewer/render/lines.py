"""Many anti-aliased line segments as one actor, with casing, halo and dashes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from viewer.render.convert import even_cells, packed_colour, vtk_array, vtk_points
from viewer.render.shaders import shader_property

LABEL_WIDTH_PX = 1.5
CASING_PX = 1.0
DASH_PX = 10.0


@dataclass(frozen=True, eq=False, slots=True)
class Segments:
    """S segments in display coordinates; columns of one row each."""

    ends: npt.NDArray[np.float32]
    """(S, 2, 3)."""
    rgb: npt.NDArray[np.uint8]
    """(S, 3)."""
    opacity: npt.NDArray[np.float32]
    """(S, 2), one for each end."""
    width_px: npt.NDArray[np.float32]
    """(S,)."""
    casing_px: npt.NDArray[np.float32]
    """(S,) dark border on either side."""
    dash_px: npt.NDArray[np.float32]
    """(S,) period of the dashes, 0 for solid lines."""
    row: npt.NDArray[np.float32]
    """(S,) what `LineSet.show_rows` picks out; -1 for none."""
    normals: npt.NDArray[np.float32]
    """(S, 2, 3) of the two faces that meet at the segment; zero where it has none."""

    @classmethod
    def plain(
        cls,
        ends: npt.NDArray[np.float32],
        rgb: npt.NDArray[np.uint8],
        *,
        opacity: float | npt.NDArray[np.float32] = 1.0,
        width_px: float = 1.0,
        casing_px: float = 0.0,
    ) -> "Segments":
        """Segments of one width, without rows, faces and dashes; colours (3,) or (S, 3)."""
        count = len(ends)
        column = np.ones(count, np.float32)
        return cls(
            np.asarray(ends, np.float32),
            np.broadcast_to(np.asarray(rgb, np.uint8), (count, 3)),
            np.broadcast_to(np.asarray(opacity, np.float32), (count, 2)),
            column * np.float32(width_px),
            column * np.float32(casing_px),
            np.zeros(count, np.float32),
            -column,
            np.zeros((count, 2, 3), np.float32),
        )


class LineSet:
    """One actor that draws `Segments`."""

    def __init__(self) -> None:
        self._data = vtkPolyData()
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetVBOShiftScaleMethod(0)
        self._mapper.SetInputData(self._data)
        self._mapper.ScalarVisibilityOff()
        for name in ("colour", "style", "row", "normal_a", "normal_b"):
            self._mapper.MapDataArrayToVertexAttribute(name, name, 0, -1)
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        # Blending is on in the opaque pass; the translucent one wants other outputs.
        self.actor.ForceOpaqueOn()
        self.actor.GetProperty().LightingOff()
        self.actor.SetVisibility(False)
        self._shaders = shader_property("lines/line", geometry=True)
        self.actor.SetShaderProperty(self._shaders)
        self._kept: list[object] = []
        self.set_drawing(xray=False, pull=0.0, casing_depth=2e-5)
        self.set_ground(dark=True)
        self.set_eye(np.zeros(3), 1.0)
        self.set_viewport(1, 1, 1.0)
        self.show_rows(-1, -1)

    def set(self, segments: Segments) -> None:
        """Draw these segments instead of the former ones."""
        count = len(segments.ends)
        self.actor.SetVisibility(count > 0)
        points = np.ascontiguousarray(segments.ends, np.float32).reshape(-1, 3)
        style = np.empty((count, 2, 4), np.float32)
        style[:, :, 0] = segments.opacity
        for column, values in enumerate(
            (segments.width_px, segments.casing_px, segments.dash_px), start=1
        ):
            style[:, :, column] = values[:, None]
        arrays = {
            "colour": np.repeat(packed_colour(segments.rgb), 2),
            "style": style.reshape(-1, 4),
            "row": np.repeat(segments.row, 2),
            "normal_a": np.repeat(segments.normals[:, 0], 2, axis=0),
            "normal_b": np.repeat(segments.normals[:, 1], 2, axis=0),
        }
        data = vtkPolyData()
        data.SetPoints(vtk_points(points))
        data.SetLines(even_cells(count, 2) if count else vtkCellArray())
        for name, values in arrays.items():
            data.GetPointData().AddArray(vtk_array(values, name))
        self._kept = [points, *arrays.values()]
        self._data = data
        self._mapper.SetInputData(data)

    def show_rows(self, selected: int, hovered: int) -> None:
        """Pick out the segments of a selected and a hovered row, -1 for none."""
        uniforms = self._shaders.GetGeometryCustomUniforms()
        uniforms.SetUniformi("selected_row", selected)
        uniforms.SetUniformi("hovered_row", hovered)

    def set_drawing(self, *, xray: bool, pull: float, casing_depth: float) -> None:
        """Say how lines meet other things: through everything, or pulled a little to the eye."""
        uniforms = self._shaders.GetGeometryCustomUniforms()
        uniforms.SetUniformi("xray", int(xray))
        uniforms.SetUniformf("pull", pull)
        depth = casing_depth * (0.001 if xray else 1.0)
        self._shaders.GetFragmentCustomUniforms().SetUniformf("casing_depth", depth)

    def set_ground(self, *, dark: bool) -> None:
        """Say what halos have to stand out from."""
        self._shaders.GetFragmentCustomUniforms().SetUniformi("light_ground", int(not dark))

    def set_eye(self, eye_display: npt.NDArray[np.float64], eye_w: float) -> None:
        """Eye position in display coordinates, or with `eye_w` 0 the direction towards it."""
        uniforms = self._shaders.GetVertexCustomUniforms()
        for name, value in zip(("eye_x", "eye_y", "eye_z"), eye_display, strict=True):
            uniforms.SetUniformf(name, float(value))
        uniforms.SetUniformf("eye_w", eye_w)

    def set_viewport(self, width_px: int, height_px: int, pixel_ratio: float) -> None:
        """Size of the picture in device pixels, and device pixels per unit of line width."""
        uniforms = self._shaders.GetGeometryCustomUniforms()
        uniforms.SetUniformf("viewport_width", float(width_px))
        uniforms.SetUniformf("viewport_height", float(height_px))
        uniforms.SetUniformf("pixel_ratio", pixel_ratio)
