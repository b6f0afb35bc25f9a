"""The 3D picture of a frame over any VTK render window, in a window or without a screen."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkCamera, vtkRenderer
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow

from viewer.geometry import lazy_numba
from viewer.render.convert import numpy_array, observe
from viewer.render.eye import Eye
from viewer.render.eye_presets import Extent, Surroundings, find_extent, surroundings_of
from viewer.render.heads_up import HeadsUp
from viewer.render.layers.base import Canvas, Layer, Measurement, Shown, Stage
from viewer.render.layers.catalog import LAYERS
from viewer.render.layers.cuboids import CuboidsLayer
from viewer.render.layers.points import PointsLayer
from viewer.render.offscreen import renderer_name
from viewer.render.passes import HeadsUpPass
from viewer.render.points_picture import PointsPicture, Sight
from viewer.render.scene_pick import Pick, pick, pick_point
from viewer.scene.scene import Scene
from viewer.session.findings_lit import LitEvidence
from viewer.session.frame_content import FrameContent
from viewer.session.ghosts import FrameGhosts
from viewer.session.pins import Pins
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

DARK_BACKGROUND = (0x16 / 255, 0x18 / 255, 0x1C / 255)
LIGHT_BACKGROUND = (0xEC / 255, 0xEE / 255, 0xF1 / 255)
_REBASE_M = 10_000.0


class SceneView:
    """Draws frames into a render window; owns what it puts there, not the window."""

    def __init__(self, render_window: vtkOpenGLRenderWindow) -> None:
        self.window = render_window
        self.eye = Eye()
        self._points_renderer, self._lines_renderer = vtkRenderer(), vtkRenderer()
        self._camera = vtkCamera()
        self._stage = Stage(self._points_renderer, self._lines_renderer)
        render_window.SetNumberOfLayers(2)
        for number, renderer in enumerate((self._points_renderer, self._lines_renderer)):
            renderer.SetLayer(number)
            renderer.SetActiveCamera(self._camera)
            renderer.SetAutomaticLightCreation(0)
            render_window.AddRenderer(renderer)
        self._lines_renderer.SetPreserveDepthBuffer(1)
        self._picture = PointsPicture(render_window, self._points_renderer)
        self._observers = [
            (self._points_renderer, "StartEvent", self._picture.before),
            (self._points_renderer, "EndEvent", self._picture.after),
            (self._lines_renderer, "EndEvent", self._after_lines),
        ]
        self._tags = [(r, observe(r, name, call)) for r, name, call in self._observers]
        self._heads_up_pass = HeadsUpPass(render_window)
        self._make_layers()
        self._heads_up = HeadsUp()
        self._canvas = Canvas(*render_window.GetSize(), 1.0)
        self._scene: Scene | None = None
        self._shown: Shown | None = None
        self._pointed: npt.NDArray[np.float64] | None = None
        self._near_far_m = (0.1, 100.0)
        self._drawn_eye: tuple[object, ...] | None = None
        self.set_background(dark=True)

    def _make_layers(self) -> None:
        self.layers: tuple[Layer, ...] = tuple(kind(self._stage) for kind in LAYERS)
        self._points = next(x for x in self.layers if isinstance(x, PointsLayer))
        self._cuboids = next(x for x in self.layers if isinstance(x, CuboidsLayer))
        self._picture.set_layer(self._points)

    def clear(self) -> None:
        """Show nothing and let go of the data."""
        self._stage.clear()
        self._make_layers()
        self._shown = self._scene = self._pointed = None
        self.eye.surroundings = Surroundings()
        self.eye.forget_place()

    def dispose(self) -> None:
        """Free everything; the window may be finalised afterwards. Needs a current context."""
        for renderer, tag in self._tags:
            renderer.RemoveObserver(tag)
        self._tags = []
        self.release_graphics()
        self._stage.clear()
        self.layers = ()
        for renderer in (self._points_renderer, self._lines_renderer):
            self.window.RemoveRenderer(renderer)
        self._shown = None

    def release_graphics(self) -> None:
        """Free what the passes hold on the graphics card; they make it again when needed."""
        self._picture.release()
        self._heads_up_pass.release()

    # -- what is shown -----------------------------------------------------------------------

    def show_frame(self, content: FrameContent, view: ViewSettings) -> None:
        """Show a frame. The first of a scene also places the eye; later ones keep its place."""
        before = self._shown if content.scene is self._scene else None
        extent = self._extent_of(content, view, before)
        elsewhere = before is None or (
            content.scene.independent and _are_apart(before.extent, extent)
        )
        center = np.array(extent.center)
        if before is None or np.abs(center - before.origin).max() > _REBASE_M:
            origin = np.round(center)
        else:
            origin = before.origin
        self._scene = content.scene
        self._shown = Shown(content, view, origin, extent)
        if before is not None:
            self._shown = replace(
                before,
                content=content,
                view=view,
                origin=origin,
                extent=extent,
                ghosts=None,
                pins=(),
                lit=None,
            )
        self._update(frozenset({"frame", "measurements"}))
        self._look_around(new_place=elsewhere)
        self.set_background(dark=view.dark)

    def _extent_of(self, content: FrameContent, view: ViewSettings, before: Shown | None) -> Extent:
        """Where the points are: it moves with the ego; independent frames have their own."""
        if before is None or content.scene.independent:
            return find_extent(content, view)
        return before.extent.moved_with(content.world_from_ego()[:3, 3])

    def show_view(self, view: ViewSettings, sections: frozenset[str]) -> None:
        """Follow changed settings; `sections` names the changed fields of `ViewSettings`."""
        if self._shown is None:
            return
        self._shown = replace(self._shown, view=view)
        if "follow" in sections:
            self.eye.forget_place()
            self._follow()
        if "dark" in sections:
            self.set_background(dark=view.dark)
            sections |= {"layers"}
        self._update(sections)

    def show_selection(self, selected: LabelKey | None, hovered: LabelKey | None) -> None:
        """Show what is selected and what is previewed."""
        if self._shown is None:
            return
        changed = set()
        if selected != self._shown.selected:
            changed.add("selection")
        if hovered != self._shown.hovered:
            changed.add("hover")
        if not changed:
            return
        self._shown = replace(self._shown, selected=selected, hovered=hovered)
        self._update(frozenset(changed))
        self._look_around(new_place=False)

    def show_pointed(self, position_world: npt.ArrayLike | None) -> None:
        """Mark a position, e.g. the one that is hovered in an image."""
        self._pointed = None if position_world is None else np.asarray(position_world, np.float64)

    def set_measurements(self, measurements: tuple[Measurement, ...]) -> None:
        """Show measured lines with their texts."""
        if self._shown is not None:
            self._shown = replace(self._shown, measurements=measurements)
            self._update(frozenset({"measurements"}))

    def show_ghosts(self, ghosts: FrameGhosts | None) -> None:
        """Show what the frame's labels are compared with, dotted."""
        if self._shown is not None and ghosts is not self._shown.ghosts:
            self._shown = replace(self._shown, ghosts=ghosts)
            self._update(frozenset({"ghosts"}))

    def show_evidence(self, lit: LitEvidence | None) -> None:
        """Show the way of a track and points that a finding is about."""
        if self._shown is not None and lit is not self._shown.lit:
            self._shown = replace(self._shown, lit=lit)
            self._update(frozenset({"evidence"}))

    def show_pins(self, pins: Pins) -> None:
        """Show where open issues are anchored in 3D."""
        if self._shown is not None and pins != self._shown.pins:
            self._shown = replace(self._shown, pins=pins)
            self._update(frozenset({"pins"}))

    def set_background(self, *, dark: bool) -> None:
        """Ground of the picture."""
        self._points_renderer.SetBackground(*(DARK_BACKGROUND if dark else LIGHT_BACKGROUND))
        self._picture.draw_anew()

    def _update(self, changed: frozenset[str]) -> None:
        if self._shown is None:
            return
        for layer in self.layers:
            if layer.reads & changed:
                layer.update(self._shown, changed)
        isolated = self._shown.view.filters.isolate_margin_m is not None
        if changed - {"selection", "hover", "measurements", "ghosts", "pins"} or (
            isolated and "selection" in changed
        ):
            self._picture.draw_anew()

    # -- the eye -----------------------------------------------------------------------------

    def _look_around(self, *, new_place: bool) -> None:
        shown = self._shown
        if shown is None:
            return
        around = surroundings_of(shown.content, shown.view, shown.extent)
        place = self._cuboids.place_of(shown.selected, shown)
        if place is not None:
            drawn, row = place
            x, y, z = (float(value) for value in drawn.cuboids.center[row])
            a, b, c = (float(value) for value in drawn.cuboids.size[row])
            around = replace(
                around,
                selected_center=(x, y, z),
                selected_yaw_rad=float(drawn.cuboids.yaw_rad[row]),
                selected_size=(a, b, c),
            )
        self.eye.surroundings = around
        if new_place:
            self.eye.preset("auto")
            self.eye.forget_place()
        self._follow()

    def _follow(self) -> None:
        """Keep the eye's place to what it follows; a track keeps the eye's direction."""
        around, shown = self.eye.surroundings, self._shown
        if shown is None:
            return
        follow = shown.view.follow
        if follow == "track" and shown.selected is not None:
            # Frame and selection arrive one after the other: between them nothing moves.
            if around.selected_center is not None:
                name = shown.selected.track_id or shown.selected.label_id
                self.eye.keep_place(f"track {name}", around.selected_center)
        elif follow == "world" or shown.content.scene.independent:
            self.eye.forget_place()
        else:
            self.eye.keep_place("ego", around.ego_position, around.ego_yaw_rad)

    def focus_selection(self) -> bool:
        """Bring the selected object into the middle; False when it is not drawn."""
        place = self._cuboids.place_of(self._shown.selected, self._shown) if self._shown else None
        if place is not None:
            drawn, row = place
            self.eye.focus(drawn.cuboids[row])
        return place is not None

    def set_size(self, width_px: int, height_px: int, pixel_ratio: float = 1.0) -> None:
        """Size of the picture in device pixels, and how many of them make a unit of size."""
        self._canvas = Canvas(max(1, width_px), max(1, height_px), pixel_ratio)
        self.eye.set_size(width_px, height_px)
        self._picture.draw_anew()

    def _apply_eye(self, shown: Shown) -> None:
        eye = self.eye
        camera = self._camera
        camera.SetParallelProjection(eye.current.parallel)
        camera.SetPosition(*(eye.position - shown.origin))
        camera.SetFocalPoint(*(eye.pivot - shown.origin))
        camera.SetViewUp(*eye.rotation[:, 1])
        camera.SetViewAngle(math.degrees(eye.current.view_angle_rad))
        camera.SetParallelScale(eye.half_height_m)
        self._near_far_m = self._depth_range(shown)
        camera.SetClippingRange(*self._near_far_m)
        for layer in self.layers:
            layer.eye_moved(eye, shown, self._canvas)

    def _depth_range(self, shown: Shown) -> tuple[float, float]:
        """Near and far plane around everything, near enough to keep depth precise."""
        eye = self.eye
        reach = max(3.0 * shown.extent.reach_m, 1.0)
        center = np.array(shown.extent.center)
        away = float(np.linalg.norm(eye.position - center)) + eye.current.distance_m
        far = away + reach
        if eye.current.parallel:
            return -far, far
        near = max(far / 4000.0, min(0.02 * eye.current.distance_m, 1.0))
        return near, far

    # -- drawing -----------------------------------------------------------------------------

    def set_moving(self, moving: bool) -> None:
        """While moving, only as many points are drawn as keep the picture fluent."""
        self._picture.moving = moving

    def render(self) -> None:
        """Draw a picture at once: complete, or as much of the points as there is time for."""
        shown = self._shown
        if shown is None:
            self._picture.render_nothing()
            return
        eye_now = (self.eye.current, self._canvas)
        if eye_now != self._drawn_eye:
            self._picture.draw_anew()
            self._drawn_eye = eye_now
        self._apply_eye(shown)
        self._picture.render(self._sight_of(shown))

    def refine(self) -> bool:
        """Add more of the points over what is drawn; True while more is to come."""
        if self._shown is None or self._picture.moving or not self.is_refinable:
            return False
        self._picture.refine(self._sight_of(self._shown))
        return self.is_refinable

    def _sight_of(self, shown: Shown) -> Sight:
        return Sight(shown, self.eye, self._canvas, self._near_far_m)

    @property
    def is_refinable(self) -> bool:
        """True while the picture at rest lacks points."""
        return self._shown is not None and self._picture.is_refinable

    def render_complete(self) -> None:
        """Draw everything before returning."""
        self.set_moving(False)
        self.render()
        while self.refine():
            pass

    def _after_lines(self, _source: object, _event: str) -> None:
        if self._shown is None or lazy_numba.deferred():
            return
        picture = self._heads_up.picture(
            self._shown, self.eye, self._canvas, self.layers, self._points.colouring, self._pointed
        )
        if picture is not None:
            self._heads_up_pass.draw(picture)

    # -- asking ------------------------------------------------------------------------------

    def pick(self, x_px: float, y_px: float) -> Pick | None:
        """What lies under a pixel position."""
        if self._shown is None:
            return None
        return pick(self._shown, self.eye, self._canvas, self._points, self._cuboids, (x_px, y_px))

    def pick_point(self, x_px: float, y_px: float) -> Pick | None:
        """The drawn point under a pixel position, whatever label lies there."""
        if self._shown is None:
            return None
        return pick_point(self._shown, self.eye, self._canvas, self._points, (x_px, y_px))

    def ray(
        self, x_px: float, y_px: float
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Origin and unit direction, world, of the line of sight through a pixel position."""
        return self.eye.ray(x_px, y_px)

    def project(self, points_world: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(N, 2) pixel positions, NaN behind the eye."""
        return self.eye.project(points_world)[0]

    def legend_at(self, x_px: float, y_px: float) -> tuple[float, float] | None:
        """Left end and width, in pixels, of the colour bar when the position lies on it."""
        bar = self._heads_up.legend_px
        if bar is None:
            return None
        left, top, right, bottom = bar
        slack = 6.0 * self._canvas.pixel_ratio
        hit = left - slack <= x_px <= right + slack and top - slack <= y_px <= bottom + slack
        return (float(left), float(right - left)) if hit else None

    @property
    def colour_range(self) -> tuple[float, float] | None:
        """Ends of the colour range that is shown, None where colours have no values."""
        colouring = self._points.colouring
        if colouring is None or colouring.range is None or self._shown is None:
            return None
        return self._shown.view.points.colour_range or colouring.range

    def renderer_name(self) -> str:
        """What draws, for people; valid after the first picture."""
        return renderer_name(self.window)

    def pixels(self) -> npt.NDArray[np.uint8]:
        """(H, W, 3) RGB of what is drawn, top row first."""
        width, height = self.window.GetSize()
        data = vtkUnsignedCharArray()
        self.window.GetPixelData(0, 0, width - 1, height - 1, 0, data, 0)
        flat = numpy_array(data)
        return np.ascontiguousarray(flat.reshape(height, width, 3)[::-1])


def _are_apart(a: Extent, b: Extent) -> bool:
    """True when two frames have no place in common: the eye has to go there."""
    away = float(np.linalg.norm(np.subtract(a.center, b.center)))
    return away > a.reach_m + b.reach_m
