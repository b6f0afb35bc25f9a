"""The points of a picture: at once or in steps, by the card or the processor, shaded, kept."""

import time
from dataclasses import dataclass

from vtkmodules.vtkRenderingCore import vtkRenderer
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow

from viewer.geometry import lazy_numba
from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Shown
from viewer.render.layers.points import PointsLayer
from viewer.render.offscreen import is_software
from viewer.render.passes import EyeDomePass, KeptPicture
from viewer.render.splats import SplatPicture

MOVING_FRAME_S = 0.045
"""Time for the points of one picture; the rest of them follow when the eye rests."""
_SOFTWARE_POINTS_PER_S = 9e6
_SPLATS_PER_S = 4e7
_HARDWARE_POINTS_PER_S = 1e9
_MEASURED_POINTS = 100_000
"""So many points at least tell how fast they are drawn."""


@dataclass(frozen=True, eq=False, slots=True)
class Sight:
    """What is shown, and from where."""

    shown: Shown
    eye: Eye
    canvas: Canvas
    near_far_m: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Progress:
    """How much of the points is in the picture."""

    slabs_done: int = 0
    kept: bool = False
    """`slabs_done` slabs can be put back without drawing them again."""
    shaded: bool = False
    """What can be put back is complete and went through eye-dome lighting."""
    drawn: bool = False
    """A complete picture was drawn in one go, and not kept."""


class PointsPicture:
    """Draws the points renderer of a window, which calls `before` and `after` while it draws.

    Where the driver is a program, the processor draws the points itself, which is several times
    faster than asking that program to.
    """

    def __init__(self, window: vtkOpenGLRenderWindow, renderer: vtkRenderer) -> None:
        self._window = window
        self._renderer = renderer
        self._kept = KeptPicture(window)
        self._splats = SplatPicture(window)
        self._eye_dome = EyeDomePass(window)
        self._layer: PointsLayer | None = None
        self._sight: Sight | None = None
        self._progress = _Progress()
        self._step = (0, 0)
        self._restoring = self._splatting = False
        self._software: bool | None = None
        self._points_per_s, self._splats_per_s = _SOFTWARE_POINTS_PER_S, _SPLATS_PER_S
        self.moving = False
        """While moving, only as many points are drawn as keep the picture fluent."""

    def set_layer(self, layer: PointsLayer) -> None:
        """Take the layer whose slabs are drawn."""
        self._layer = layer
        self.draw_anew()

    def draw_anew(self) -> None:
        """Forget what was drawn."""
        self._progress = _Progress()

    def release(self) -> None:
        """Free what lives on the graphics card; it is made again when needed."""
        self._kept.release()
        self._splats.release()
        self._eye_dome.release()
        self.draw_anew()

    # -- in steps ----------------------------------------------------------------------------

    def render_nothing(self) -> None:
        """Draw the window without points."""
        self._sight = None
        self._preserve(whole=False)
        self._window.Render()

    def render(self, sight: Sight) -> None:
        """Draw a picture at once: complete, or as much of the points as there is time for."""
        if self._progress.kept:
            done = self._progress.slabs_done
            self._draw(sight, done, done, restore=True)
        else:
            self._draw(sight, 0, self._slabs_in_budget(0), restore=False)

    def refine(self, sight: Sight) -> None:
        """Add more of the points over what is drawn."""
        if not self._progress.kept:
            self.render(sight)
        else:
            done = self._progress.slabs_done
            self._draw(sight, done, self._slabs_in_budget(done), restore=True)

    @property
    def is_refinable(self) -> bool:
        """True while the picture at rest lacks points."""
        return self._progress.slabs_done < len(self._sizes)

    @property
    def _sizes(self) -> list[int]:
        return self._layer.slab_sizes if self._layer is not None else []

    def _slabs_in_budget(self, first: int) -> int:
        rate = self._splats_per_s if self._can_splat else self._points_per_s
        budget = rate * MOVING_FRAME_S
        end, total, sizes = first, 0, self._sizes
        while end < len(sizes) and (end == first or total + sizes[end] <= budget):
            total += sizes[end]
            end += 1
        return end

    # -- drawing -----------------------------------------------------------------------------

    @property
    def _can_splat(self) -> bool:
        return bool(self._software) and not lazy_numba.deferred()

    def _draw(self, sight: Sight, first: int, end: int, *, restore: bool) -> None:
        layer = self._layer
        if layer is None:
            return
        if self._software is None and not lazy_numba.deferred():
            # Who draws is known after the window's first picture.
            layer.show_slabs(0, 0)
            self.render_nothing()
            self._find_driver()
        self._sight, self._step, self._restoring = sight, (first, end), restore
        self._splatting = self._can_splat and not (restore and self._progress.shaded)
        if self._splatting:
            layer.show_slabs(0, 0)
            self._splat(layer, sight)
        else:
            layer.show_slabs(first, end)
        self._preserve(whole=restore or self._splatting)
        drawn = sum(self._sizes[first:end])
        start = time.perf_counter()
        self._window.Render()
        if self._software is None:
            self._find_driver()
        elif self._software and not self._splatting and drawn > _MEASURED_POINTS:
            self._window.WaitForCompletion()
            self._points_per_s = _mixed(self._points_per_s, drawn, start)

    def _preserve(self, *, whole: bool) -> None:
        self._renderer.SetPreserveColorBuffer(whole)
        self._renderer.SetPreserveDepthBuffer(whole)

    def _find_driver(self) -> None:
        self._software = is_software(self._window)
        if not self._software:
            self._points_per_s = _HARDWARE_POINTS_PER_S

    def _splat(self, layer: PointsLayer, sight: Sight) -> None:
        if not self._restoring:
            self._splats.begin(self._window.GetSize(), self._renderer.GetBackground())
        first, end = self._step
        batches = layer.batches(first, end, sight.shown)
        start = time.perf_counter()
        self._splats.add(
            batches,
            sight.eye.clip_from_world(*sight.near_far_m),
            layer.splat_style(sight.shown, sight.canvas),
        )
        drawn = sum(len(batch.xyz) for batch in batches)
        if drawn > _MEASURED_POINTS:
            self._splats_per_s = _mixed(self._splats_per_s, drawn, start)

    def before(self, _source: object, _event: str) -> None:
        """Put into the frame buffer what is there already; called when the renderer starts."""
        if self._sight is None:
            return
        if self._splatting:
            self._splats.draw()
        elif self._restoring:
            self._kept.restore()

    def after(self, _source: object, _event: str) -> None:
        """Shade what was drawn, and keep it for the next step; called when the renderer ends."""
        sight, progress = self._sight, self._progress
        if sight is None:
            return
        first, end = self._step
        complete, resting = end >= len(self._sizes), not self.moving
        if progress.shaded and self._restoring and first == end:
            return
        shade = self._wants_shade(sight, complete=complete)
        if self._splatting:
            depth = self._splats.depth
        elif not complete and resting:
            depth = self._kept.keep(colour=True)
        elif shade:
            depth = self._kept.keep(colour=False)
        if shade:
            self._eye_dome.draw(
                depth, sight.near_far_m, parallel=sight.eye.current.parallel,
                pixel_ratio=sight.canvas.pixel_ratio,
            )  # fmt: skip
        if self._splatting and not shade:
            self._progress = _Progress(end, kept=resting)
        elif complete and first == 0 and not progress.drawn:
            # Keeping waits for the picture; most are drawn once, before the next frame comes.
            self._progress = _Progress(end, drawn=resting)
        else:
            if complete and resting:
                self._kept.keep(colour=True)
            self._progress = _Progress(end, kept=resting, shaded=resting and complete)

    def _wants_shade(self, sight: Sight, *, complete: bool) -> bool:
        view = sight.shown.view
        if not (view.points.eye_dome_lighting and view.layers.points):
            return False
        return not self._software or (complete and not self.moving)


def _mixed(rate: float, drawn: int, start_s: float) -> float:
    """Mean of a rate and of what was just measured."""
    return 0.7 * rate + 0.3 * drawn / max(1e-4, time.perf_counter() - start_s)
