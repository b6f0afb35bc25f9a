"""Draws points with the processor and hands colour and depth to OpenGL, for software drivers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow, vtkTextureObject

from viewer.render import splat_kernels
from viewer.render.colour_maps import ColourTable
from viewer.render.passes import RestorePass

_UNSIGNED_CHAR, _FLOAT = 3, 10


@dataclass(frozen=True, eq=False, slots=True)
class PointBatch:
    """Some points of one sweep, and what the shader would be told of them."""

    xyz: npt.NDArray[np.float32]
    """(N, 3) from a local origin."""
    values: npt.NDArray[np.float32]
    world_from_points: npt.NDArray[np.float64]
    ego_from_points: npt.NDArray[np.float64]
    limits: npt.NDArray[np.float64]
    """As in `picking.nearest_point`."""
    box_from_points: npt.NDArray[np.float64]
    box_half_m: npt.NDArray[np.float64]
    colour_mode: int
    """One of the numbers in `splat_kernels`."""
    colour_range: tuple[float, float]


@dataclass(frozen=True, eq=False, slots=True)
class SplatStyle:
    """How all points of a picture look."""

    table: ColourTable
    solid_rgb: tuple[int, int, int]
    size_px: float
    round_splats: bool


class SplatPicture:
    """A picture of points, drawn step by step; `draw` puts it into the frame buffer."""

    def __init__(self, window: vtkOpenGLRenderWindow) -> None:
        self._window = window
        self._pass = RestorePass(window)
        self._colour = np.empty((0, 0), np.uint32)
        self._depth = np.empty((0, 0), np.float32)
        self._textures: tuple[vtkTextureObject, vtkTextureObject] | None = None
        self._uploaded = False

    def begin(self, size_px: tuple[int, int], background: tuple[float, float, float]) -> None:
        """Start an empty picture of a width and a height."""
        width, height = size_px
        if self._colour.shape != (height, width):
            self._colour = np.empty((height, width), np.uint32)
            self._depth = np.empty((height, width), np.float32)
        red, green, blue = (round(255 * part) for part in background)
        self._colour.fill(_packed((red, green, blue)))
        self._depth.fill(1.0)
        self._uploaded = False

    def add(
        self,
        batches: Sequence[PointBatch],
        clip_from_world: npt.NDArray[np.float64],
        style: SplatStyle,
    ) -> None:
        """Draw more points over what is there."""
        table = np.array([_packed(rgb) for rgb in style.table.tolist()], np.uint32)
        for batch in batches:
            splat_kernels.splat(
                batch.xyz,
                batch.values,
                np.ascontiguousarray(clip_from_world @ batch.world_from_points),
                np.ascontiguousarray(batch.ego_from_points),
                batch.limits,
                np.ascontiguousarray(batch.box_from_points),
                np.ascontiguousarray(batch.box_half_m),
                batch.colour_mode,
                *(float(end) for end in batch.colour_range),
                table,
                _packed(style.solid_rgb),
                float(style.size_px),
                style.round_splats,
                self._colour,
                self._depth,
            )
        self._uploaded = False

    def draw(self) -> None:
        """Write colour and depth of every pixel into the frame buffer. Needs its context."""
        colour, depth = self._upload()
        self._pass.draw(colour, depth)

    @property
    def depth(self) -> vtkTextureObject:
        """What was drawn, as a texture; valid after `draw`."""
        return self._upload()[1]

    def _upload(self) -> tuple[vtkTextureObject, vtkTextureObject]:
        if self._textures is None:
            self._textures = vtkTextureObject(), vtkTextureObject()
            for texture in self._textures:
                texture.SetContext(self._window)
                texture.SetMinificationFilter(vtkTextureObject.Nearest)
                texture.SetMagnificationFilter(vtkTextureObject.Nearest)
        colour, depth = self._textures
        if not self._uploaded:
            height, width = self._colour.shape
            channels = self._colour.view(np.uint8)
            colour.Create2DFromRaw(width, height, 4, _UNSIGNED_CHAR, channels)
            depth.Create2DFromRaw(width, height, 1, _FLOAT, self._depth)
            self._uploaded = True
        return colour, depth

    def release(self) -> None:
        """Free what lives on the graphics card."""
        for texture in self._textures or ():
            texture.ReleaseGraphicsResources(self._window)
        self._textures = None
        self._uploaded = False
        self._pass.release()


def _packed(rgb: Sequence[int]) -> int:
    """0xAABBGGRR, whose bytes in memory are red, green, blue, alpha."""
    red, green, blue = rgb
    return 0xFF000000 | blue << 16 | green << 8 | red
