"""Full-screen passes over what is already drawn: eye-dome lighting, restoring, heads-up picture."""

import numpy as np
import numpy.typing as npt
from vtkmodules.vtkRenderingOpenGL2 import (
    vtkOpenGLQuadHelper,
    vtkOpenGLRenderWindow,
    vtkShaderProgram,
    vtkTextureObject,
)

from viewer.render.shaders import load_shader

_DEPTH_TEST, _BLEND = 0x0B71, 0x0BE2
_ZERO, _ONE, _DST_COLOR = 0, 1, 0x0306
_SRC_ALPHA, _ONE_MINUS_SRC_ALPHA = 0x0302, 0x0303
_LEQUAL, _ALWAYS = 0x0203, 0x0207
_UNSIGNED_CHAR = 3
_DEPTH_FORMAT = 4
"""vtkTextureObject's 32-bit float depth."""


class _Quad:
    """A full-screen quad with one fragment shader."""

    def __init__(self, window: vtkOpenGLRenderWindow, fragment: str) -> None:
        self._window = window
        self._sources = load_shader("passes/quad.vert"), load_shader(fragment), ""
        self._quad = vtkOpenGLQuadHelper(window, *self._sources)

    def program(self) -> vtkShaderProgram:
        """Make the shader current, for setting uniforms."""
        return self._window.GetShaderCache().ReadyShaderProgram(*self._sources)

    def draw(self) -> None:
        self._quad.Render()

    def release(self) -> None:
        self._quad.ReleaseGraphicsResources(self._window)


class RestorePass:
    """Writes colour and depth of every pixel from textures into the frame buffer."""

    def __init__(self, window: vtkOpenGLRenderWindow) -> None:
        self._window = window
        self._quad: _Quad | None = None

    def draw(self, colour: vtkTextureObject, depth: vtkTextureObject) -> None:
        """Write; both textures are as large as the frame buffer."""
        if self._quad is None:
            self._quad = _Quad(self._window, "passes/restore.frag")
        state = self._window.GetState()
        colour.Activate()
        depth.Activate()
        program = self._quad.program()
        program.SetUniformi("colour_texture", colour.GetTextureUnit())
        program.SetUniformi("depth_texture", depth.GetTextureUnit())
        state.vtkglDisable(_BLEND)
        state.vtkglEnable(_DEPTH_TEST)
        state.vtkglDepthFunc(_ALWAYS)
        state.vtkglDepthMask(1)
        self._quad.draw()
        state.vtkglDepthFunc(_LEQUAL)
        state.vtkglEnable(_BLEND)
        depth.Deactivate()
        colour.Deactivate()

    def release(self) -> None:
        """Free what lives on the graphics card."""
        if self._quad is not None:
            self._quad.release()
            self._quad = None


class KeptPicture:
    """Colour and depth copied from the frame buffer, and how to put them back."""

    def __init__(self, window: vtkOpenGLRenderWindow) -> None:
        self._window = window
        self._restore = RestorePass(window)
        self._colour: vtkTextureObject | None = None
        self._depth: vtkTextureObject | None = None
        self._size_px = (0, 0)

    def _textures(self) -> tuple[vtkTextureObject, vtkTextureObject]:
        width, height = self._window.GetSize()
        if self._colour is None or self._depth is None or self._size_px != (width, height):
            self._release_textures()
            self._colour, self._depth = vtkTextureObject(), vtkTextureObject()
            self._colour.SetContext(self._window)
            self._depth.SetContext(self._window)
            self._colour.Allocate2D(width, height, 4, _UNSIGNED_CHAR)
            self._depth.AllocateDepth(width, height, _DEPTH_FORMAT)
            self._size_px = (width, height)
        return self._colour, self._depth

    def keep(self, *, colour: bool) -> vtkTextureObject:
        """Copy depth, and colour if wanted; returns the depth texture."""
        kept_colour, kept_depth = self._textures()
        wanted = (kept_colour, kept_depth) if colour else (kept_depth,)
        for texture in wanted:
            texture.Activate()
            texture.CopyFromFrameBuffer(0, 0, 0, 0, *self._size_px)
            texture.Deactivate()
        return kept_depth

    def restore(self) -> None:
        """Write colour and depth back into the frame buffer."""
        self._restore.draw(*self._textures())

    def _release_textures(self) -> None:
        for texture in (self._colour, self._depth):
            if texture is not None:
                texture.ReleaseGraphicsResources(self._window)
        self._colour = self._depth = None

    def release(self) -> None:
        """Free what lives on the graphics card."""
        self._release_textures()
        self._restore.release()


class EyeDomePass:
    """Darkens points that lie behind their neighbours on screen."""

    strength = 40.0
    radius_px = 1.4

    def __init__(self, window: vtkOpenGLRenderWindow) -> None:
        self._window = window
        self._quad: _Quad | None = None

    def draw(
        self, depth: vtkTextureObject, near_far_m: tuple[float, float], *, parallel: bool,
        pixel_ratio: float,
    ) -> None:  # fmt: skip
        """Multiply the shade into the colour buffer."""
        if self._quad is None:
            self._quad = _Quad(self._window, "passes/eye_dome.frag")
        width, height = self._window.GetSize()
        radius = self.radius_px * pixel_ratio
        state = self._window.GetState()
        depth.Activate()
        program = self._quad.program()
        program.SetUniformi("depth_texture", depth.GetTextureUnit())
        program.SetUniform2f("step_size", (radius / width, radius / height))
        program.SetUniformf("near_m", near_far_m[0])
        program.SetUniformf("far_m", near_far_m[1])
        program.SetUniformf("parallel", float(parallel))
        program.SetUniformf("strength", self.strength)
        state.vtkglDepthMask(0)
        state.vtkglDisable(_DEPTH_TEST)
        state.vtkglEnable(_BLEND)
        state.vtkglBlendFuncSeparate(_DST_COLOR, _ZERO, _ZERO, _ONE)
        self._quad.draw()
        _usual_blending(self._window)
        depth.Deactivate()

    def release(self) -> None:
        """Free what lives on the graphics card."""
        if self._quad is not None:
            self._quad.release()
            self._quad = None


class HeadsUpPass:
    """Blends a premultiplied BGRA picture over the frame buffer."""

    def __init__(self, window: vtkOpenGLRenderWindow) -> None:
        self._window = window
        self._quad: _Quad | None = None
        self._texture: vtkTextureObject | None = None

    def draw(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Blend (H, W, 4), top row first, as large as the window."""
        if self._quad is None:
            self._quad = _Quad(self._window, "passes/heads_up.frag")
            self._texture = vtkTextureObject()
            self._texture.SetContext(self._window)
        texture = self._texture
        if texture is None:
            return
        height, width = pixels.shape[:2]
        state = self._window.GetState()
        texture.Create2DFromRaw(width, height, 4, _UNSIGNED_CHAR, pixels)
        texture.Activate()
        self._quad.program().SetUniformi("picture", texture.GetTextureUnit())
        state.vtkglDepthMask(0)
        state.vtkglDisable(_DEPTH_TEST)
        state.vtkglEnable(_BLEND)
        state.vtkglBlendFuncSeparate(_ONE, _ONE_MINUS_SRC_ALPHA, _ONE, _ONE_MINUS_SRC_ALPHA)
        self._quad.draw()
        _usual_blending(self._window)
        texture.Deactivate()

    def release(self) -> None:
        """Free what lives on the graphics card."""
        if self._texture is not None:
            self._texture.ReleaseGraphicsResources(self._window)
            self._texture = None
        if self._quad is not None:
            self._quad.release()
            self._quad = None


def _usual_blending(window: vtkOpenGLRenderWindow) -> None:
    """The state that VTK expects between its own draws."""
    state = window.GetState()
    state.vtkglBlendFuncSeparate(_SRC_ALPHA, _ONE_MINUS_SRC_ALPHA, _ONE, _ONE_MINUS_SRC_ALPHA)
    state.vtkglEnable(_DEPTH_TEST)
    state.vtkglDepthMask(1)
