"""Camera frusta: the true outline of the lens, with the image as a thumbnail."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkTexture

from viewer.geometry import lazy_numba
from viewer.geometry.cameras.base import CameraModel
from viewer.render.convert import cells, rgb_image, vtk_array, vtk_matrix, vtk_points
from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Layer, Shown, Stage
from viewer.render.lines import CASING_PX, LineSet, Segments
from viewer.render.shaders import shader_property
from viewer.session.frame_poses import camera_from_world

_RGB = (154, 161, 171)
_CELLS = (32, 24)
_THUMBNAIL_PX = 320
_OPACITY = 0.92


@dataclass(frozen=True, eq=False, slots=True)
class LensMesh:
    """The part of an image that the lens reaches, as a mesh of unit rays."""

    rays: npt.NDArray[np.float64]
    """(V, 3) in the camera; NaN where the lens does not reach."""
    image_place: npt.NDArray[np.float32]
    """(V, 2) texture coordinates, v upwards."""
    quads: npt.NDArray[np.int64]
    """(Q, 4)."""
    outline: npt.NDArray[np.int64]
    """(E, 2) sides that belong to one quad only."""
    spokes: npt.NDArray[np.int64]
    """(K,) vertices that lines from the camera lead to."""


def lens_mesh(model: CameraModel) -> LensMesh:
    """Unproject a grid of pixels that reaches to the outer edges of the image."""
    columns, rows = _CELLS
    u = np.linspace(0.0, 1.0, columns + 1)
    v = np.linspace(0.0, 1.0, rows + 1)
    grid_u, grid_v = np.meshgrid(u, v)
    across, down = grid_u.ravel(), grid_v.ravel()
    pixels = np.column_stack([across * model.width_px - 0.5, down * model.height_px - 0.5])
    rays = model.unproject(pixels)
    first = (np.arange(rows)[:, None] * (columns + 1) + np.arange(columns)).ravel()
    quads = np.column_stack([first, first + 1, first + columns + 2, first + columns + 1])
    quads = quads[rays.valid[quads].all(axis=1)]
    sides = np.concatenate([quads[:, [i, (i + 1) % 4]] for i in range(4)])
    unique, counts = np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)
    outline = unique[counts == 1]
    spokes = np.empty(0, np.int64)
    if len(outline):
        rim = np.unique(outline)
        aims = ((0, 0), (1, 0), (1, 1), (0, 1))
        apart = [np.hypot(across[rim] - aim[0], down[rim] - aim[1]) for aim in aims]
        spokes = np.unique(rim[[int(np.argmin(one)) for one in apart]])
    place = np.column_stack([across, 1.0 - down]).astype(np.float32)
    return LensMesh(rays.directions, place, quads.astype(np.int64), outline, spokes)


class _Thumbnail:
    """One camera's image on its lens mesh."""

    def __init__(self) -> None:
        self._texture = vtkTexture()
        self._texture.SetColorModeToDirectScalars()
        self._texture.InterpolateOn()
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetVBOShiftScaleMethod(0)
        self._mapper.ScalarVisibilityOff()
        self._mapper.MapDataArrayToVertexAttribute("image_place", "image_place", 0, -1)
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.ForceOpaqueOn()
        self.actor.GetProperty().LightingOff()
        self.actor.GetProperty().SetTexture("picture", self._texture)
        shaders = shader_property("surfaces/picture")
        shaders.GetFragmentCustomUniforms().SetUniformf("picture_opacity", _OPACITY)
        self.actor.SetShaderProperty(shaders)
        self._mesh: LensMesh | None = None

    def set(
        self, mesh: LensMesh, depth_m: float, pixels: npt.NDArray[np.uint8],
        display_from_cam: npt.NDArray[np.float64],
    ) -> None:  # fmt: skip
        if self._mesh is not mesh:
            self._mesh = mesh
            data = vtkPolyData()
            rays = np.nan_to_num(mesh.rays * depth_m)
            data.SetPoints(vtk_points(rays.astype(np.float32)))
            offsets = np.arange(0, 4 * len(mesh.quads) + 1, 4, dtype=np.int64)
            data.SetPolys(cells(mesh.quads.ravel(), offsets))
            data.GetPointData().AddArray(vtk_array(mesh.image_place, "image_place"))
            self._mapper.SetInputData(data)
        step = max(1, pixels.shape[1] // _THUMBNAIL_PX)
        rgb = np.ascontiguousarray(pixels[::step, ::step, 2::-1])
        self._texture.SetInputData(rgb_image(rgb))
        self.actor.SetUserMatrix(vtk_matrix(display_from_cam))


class FrustaLayer(Layer):
    """Every calibrated camera of the frame."""

    name: ClassVar[str] = "frusta"
    title: ClassVar[str] = "Camera frusta"
    reads: ClassVar[frozenset[str]] = frozenset({"frame", "layers", "time_offsets_ns"})

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._lines = LineSet()
        stage.add(stage.lines, self._lines.actor)
        self._thumbnails: dict[str, _Thumbnail] = {}
        self._meshes: dict[CameraModel, LensMesh] = {}

    def update(self, shown: Shown, changed: frozenset[str]) -> None:
        """Stand every camera where it was when its image was taken."""
        content = shown.content
        segments: list[npt.NDArray[np.float64]] = []
        drawn: set[str] = set()
        depth_m = float(np.clip(0.06 * shown.extent.radius_m, 0.1, 2.5))
        wanted = shown.view.layers.frusta and not lazy_numba.deferred()
        cameras = content.rig.cameras if wanted else {}
        for sensor_id, camera in cameras.items():
            if camera.model is None:
                continue
            if camera.model not in self._meshes:
                self._meshes[camera.model] = lens_mesh(camera.model)
            mesh = self._meshes[camera.model]
            world_from_cam = np.linalg.inv(camera_from_world(content, camera, shown.view))
            display_from_cam = shown.display_from_world() @ world_from_cam
            segments.append(_frustum_lines(mesh, depth_m, display_from_cam))
            image = content.images.get(sensor_id)
            if image is not None and len(mesh.quads):
                drawn.add(sensor_id)
                self._thumbnail(sensor_id).set(mesh, depth_m, image.pixels, display_from_cam)
        for sensor_id, thumbnail in self._thumbnails.items():
            thumbnail.actor.SetVisibility(sensor_id in drawn)
        ends = np.concatenate(segments) if segments else np.empty((0, 2, 3))
        rgb = np.array(_RGB, np.uint8)
        plain = Segments.plain(ends.astype(np.float32), rgb, opacity=0.8, casing_px=CASING_PX)
        self._lines.set(plain)

    def _thumbnail(self, sensor_id: str) -> _Thumbnail:
        if sensor_id not in self._thumbnails:
            self._thumbnails[sensor_id] = _Thumbnail()
            self.stage.add(self.stage.lines, self._thumbnails[sensor_id].actor)
        return self._thumbnails[sensor_id]

    def eye_moved(self, eye: Eye, shown: Shown, canvas: Canvas) -> None:
        """Keep the width of lines."""
        self._lines.set_viewport(canvas.width_px, canvas.height_px, canvas.pixel_ratio)


def _frustum_lines(
    mesh: LensMesh, depth_m: float, display_from_cam: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(S, 2, 3) outline and spokes in display coordinates."""
    points = mesh.rays * depth_m @ display_from_cam[:3, :3].T + display_from_cam[:3, 3]
    rim = points[mesh.outline]
    spokes = np.empty((len(mesh.spokes), 2, 3))
    spokes[:, 0] = display_from_cam[:3, 3]
    spokes[:, 1] = points[mesh.spokes]
    return np.concatenate([rim, spokes])
