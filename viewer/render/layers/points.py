"""Point clouds: splats coloured and filtered in the shader, in slabs."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkShaderProperty, vtkTexture

from viewer.render.class_colours import merged_legend
from viewer.render.colour import SOLID_RGB, PointColouring
from viewer.render.colour_maps import colour_table
from viewer.render.convert import (
    poly_vertex,
    rgb_image,
    vtk_array,
    vtk_matrix,
    vtk_points,
)
from viewer.render.eye import Eye
from viewer.render.isolation import isolated_box
from viewer.render.layers.base import Canvas, Layer, Shown, Stage
from viewer.render.point_slabs import Slab, SlabbedCloud, slab_cloud_once
from viewer.render.prepare import (
    POINTS_KEY,
    PreparedPoints,
    colour_key,
    colour_sweeps,
    slab_values,
    worth_waiting,
)
from viewer.render.shaders import shader_property
from viewer.render.splat_kernels import DISTANCE, HEIGHT, PACKED, SOLID, VALUE
from viewer.render.splats import PointBatch, SplatStyle
from viewer.scene.point_cloud import PointCloud
from viewer.session.frame_poses import ego_from_sweep, inverse_rigid, world_from_sweep
from viewer.session.view_settings import EGO_HALF_SIZE_M

_FAR_M = 1e30
_LONE_POINTS = 2_000
_LONE_POINT_PX = 4.0
"""So few points are drawn at least this large, or nobody finds them."""


@dataclass(frozen=True, eq=False, slots=True)
class PointLimits:
    """The point filters of a view for one sweep, in numbers; the shader and the pick use them."""

    ego_from_points: npt.NDArray[np.float64]
    """(4, 4), from the slabs' local origin."""
    height_m: tuple[float, float]
    range_m: tuple[float, float]
    hide_ego: bool
    box_from_points: npt.NDArray[np.float64] | None
    """(4, 4) into the box that is isolated."""
    box_half_m: npt.NDArray[np.float64]
    """(3,) half size of that box with its margin."""

    def numbers(self) -> npt.NDArray[np.float64]:
        """(7,) for `picking.nearest_point` and `splat_kernels.splat`."""
        half = EGO_HALF_SIZE_M if self.hide_ego else (-1.0, -1.0)
        isolated = float(self.box_from_points is not None)
        return np.array([*self.height_m, *self.range_m, *half, isolated])


@dataclass(frozen=True, eq=False, slots=True)
class DrawnSweep:
    """One sweep as it is drawn: what picking needs."""

    sweep_index: int
    cloud: SlabbedCloud
    world_from_points: npt.NDArray[np.float64]
    """(4, 4), from the slabs' local origin."""
    ego_from_points: npt.NDArray[np.float64]


class _SlabActor:
    """One actor over one slab; its arrays are exchanged from frame to frame."""

    def __init__(self, shaders: vtkShaderProperty, texture: vtkTexture) -> None:
        self._data = vtkPolyData()
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetVBOShiftScaleMethod(0)
        self._mapper.SetInputData(self._data)
        self._mapper.ScalarVisibilityOff()
        self._mapper.MapDataArrayToVertexAttribute("value", "value", 0, -1)
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.ForceOpaqueOn()
        self.actor.SetShaderProperty(shaders)
        self.actor.GetProperty().LightingOff()
        self.actor.GetProperty().SetTexture("colour_table", texture)
        self._slab: Slab | None = None
        self.values: npt.NDArray[np.float32] = np.empty(0, np.float32)

    def set_points(self, slab: Slab) -> None:
        if self._slab is slab:
            return
        if self._slab is None or len(slab.xyz) != len(self._slab.xyz):
            self._data.SetVerts(poly_vertex(len(slab.xyz)))
        self._data.SetPoints(vtk_points(slab.xyz))
        self._slab = slab

    def set_values(self, values: npt.NDArray[np.float32]) -> None:
        self.values = values
        self._data.GetPointData().AddArray(vtk_array(values, "value"))


class _SweepSlot:
    """Actors and shared shader of one place in the list of sweeps."""

    def __init__(self) -> None:
        self.shaders = shader_property("points/point")
        self.actors: list[_SlabActor] = []


class PointsLayer(Layer):
    """All sweeps of the frame."""

    name: ClassVar[str] = "points"
    title: ClassVar[str] = "Points"
    reads: ClassVar[frozenset[str]] = frozenset(
        {"frame", "points", "layers", "filters", "selection", "time_offsets_ns"}
    )

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._slots: list[_SweepSlot] = []
        self._texture = vtkTexture()
        self._texture.SetColorModeToDirectScalars()
        self._texture.InterpolateOff()
        self._map_name = ""
        self._clouds: dict[int, tuple[PointCloud, SlabbedCloud]] = {}
        self._colour_key: tuple[object, ...] | None = None
        self._colourings: tuple[PointColouring, ...] = ()
        self._order: list[tuple[vtkActor, int]] = []
        self._places: list[tuple[int, int]] = []
        self._visible = True
        self.drawn: tuple[DrawnSweep, ...] = ()
        self.limits: tuple[PointLimits, ...] = ()
        self.colouring: PointColouring | None = None

    # -- what is drawn -----------------------------------------------------------------------

    def update(self, shown: Shown, changed: frozenset[str]) -> None:
        """Exchange arrays for a new frame or colour mode; the rest are uniforms."""
        style = shown.view.points
        if self._map_name != style.colour_map:
            self._map_name = style.colour_map
            self._texture.SetInputData(rgb_image(colour_table(style.colour_map)[None]))
        if "frame" in changed or "time_offsets_ns" in changed:
            self._set_frame(shown)
        if "frame" in changed or self._colour_key != colour_key(shown.view):
            self._set_colours(shown, new_frame="frame" in changed)
        self.limits = tuple(point_limits(shown, drawn) for drawn in self.drawn)
        for place, limits in enumerate(self.limits):
            _set_limits(self._slots[place].shaders, limits)
            self._set_uniforms(self._slots[place].shaders, self._colourings[place], shown)
        self._set_style(shown)

    def _set_frame(self, shown: Shown) -> None:
        content = shown.content
        prepared = content.prepared.get(POINTS_KEY)
        ready = prepared.clouds if isinstance(prepared, PreparedPoints) else None
        clouds: dict[int, tuple[PointCloud, SlabbedCloud]] = {}
        drawn = []
        for place, sweep in enumerate(content.sweeps):
            kept = self._clouds.get(id(sweep.cloud))
            slabbed = kept[1] if kept else ready[place] if ready else slab_cloud_once(sweep.cloud)
            clouds[id(sweep.cloud)] = (sweep.cloud, slabbed)
            offset = np.eye(4)
            offset[:3, 3] = slabbed.offset
            world_from_points = world_from_sweep(content, sweep, shown.view) @ offset
            ego_from_points = ego_from_sweep(content, sweep, shown.view) @ offset
            drawn.append(DrawnSweep(place, slabbed, world_from_points, ego_from_points))
        self._clouds = clouds
        self.drawn = tuple(drawn)
        self._fill_slots(shown)

    def _fill_slots(self, shown: Shown) -> None:
        while len(self._slots) < len(self.drawn):
            self._slots.append(_SweepSlot())
        order: list[tuple[int, int, vtkActor, int]] = []
        for place, slot in enumerate(self._slots):
            slabs = self.drawn[place].cloud.slabs if place < len(self.drawn) else ()
            while len(slot.actors) < len(slabs):
                slot.actors.append(_SlabActor(slot.shaders, self._texture))
                self.stage.add(self.stage.points, slot.actors[-1].actor)
            while len(slot.actors) > len(slabs):
                self.stage.remove(slot.actors.pop().actor)
            for number, (holder, slab) in enumerate(zip(slot.actors, slabs, strict=True)):
                holder.set_points(slab)
                matrix = shown.display_from_world() @ self.drawn[place].world_from_points
                holder.actor.SetUserMatrix(vtk_matrix(matrix))
                order.append((number, place, holder.actor, len(slab.xyz)))
        order.sort(key=lambda entry: entry[:2])
        self._order = [(actor, count) for _, _, actor, count in order]
        self._places = [(place, number) for number, place, _, _ in order]

    def _set_colours(self, shown: Shown, *, new_frame: bool) -> None:
        """Take prepared colours, else make them; what would take long is waited for.

        While waiting, the points keep the colours that they have, or that were prepared for them.
        """
        key = colour_key(shown.view)
        prepared = shown.content.prepared.get(POINTS_KEY)
        ready = prepared if isinstance(prepared, PreparedPoints) else None
        if ready is not None and ready.colour_key != key:
            if not worth_waiting(shown.content, shown.view):
                ready = None
            elif not new_frame:
                return
        if ready is None:
            self._colour_key, self._colourings = key, colour_sweeps(shown.content, shown.view)
        else:
            self._colour_key, self._colourings = ready.colour_key, ready.colourings
        self.colouring = _together(self._colourings)
        for place, colouring in enumerate(self._colourings):
            slabs, actors = self.drawn[place].cloud.slabs, self._slots[place].actors
            for number, (holder, slab) in enumerate(zip(actors, slabs, strict=True)):
                made = (
                    slab_values(slab, colouring) if ready is None else ready.values[place][number]
                )
                holder.set_values(made)

    def _set_uniforms(
        self, shaders: vtkShaderProperty, colouring: PointColouring, shown: Shown
    ) -> None:
        style = shown.view.points
        low, high = _colour_ends(colouring, shown)
        uniforms = shaders.GetVertexCustomUniforms()
        uniforms.SetUniformi("colour_mode", _mode_number(colouring))
        uniforms.SetUniformf("colour_low", low)
        uniforms.SetUniformf("colour_high", high)
        for name, part in zip(("red", "green", "blue"), SOLID_RGB, strict=True):
            uniforms.SetUniformf(f"solid_{name}", part / 255.0)
        shaders.GetFragmentCustomUniforms().SetUniformi("round_splats", int(style.round_splats))

    def _set_style(self, shown: Shown) -> None:
        self._visible = shown.view.layers.points
        self.show_slabs(0, len(self._order))

    def eye_moved(self, eye: Eye, shown: Shown, canvas: Canvas) -> None:
        """Size of the splats on this canvas."""
        size = self._size_px(shown, canvas)
        for slot in self._slots:
            for holder in slot.actors:
                holder.actor.GetProperty().SetPointSize(size)

    def _size_px(self, shown: Shown, canvas: Canvas) -> float:
        count = sum(drawn.cloud.point_count for drawn in self.drawn)
        smallest = _LONE_POINT_PX if count < _LONE_POINTS else 1.0
        return max(smallest, shown.view.points.size_px) * canvas.pixel_ratio

    # -- for the processor -------------------------------------------------------------------

    def batches(self, first: int, end: int, shown: Shown) -> list[PointBatch]:
        """Points of the slabs `first` .. `end` - 1 for `SplatPicture.add`."""
        found = []
        for place, number in self._places[first:end]:
            drawn, limits, colouring = (
                self.drawn[place],
                self.limits[place],
                self._colourings[place],
            )
            box = limits.box_from_points
            found.append(
                PointBatch(
                    drawn.cloud.slabs[number].xyz,
                    self._slots[place].actors[number].values,
                    drawn.world_from_points,
                    limits.ego_from_points,
                    limits.numbers(),
                    np.eye(4) if box is None else box,
                    limits.box_half_m,
                    _mode_number(colouring),
                    _colour_ends(colouring, shown),
                )
            )
        return found

    def splat_style(self, shown: Shown, canvas: Canvas) -> SplatStyle:
        """How the shader makes points look."""
        style = shown.view.points
        table = colour_table(style.colour_map)
        return SplatStyle(table, SOLID_RGB, self._size_px(shown, canvas), style.round_splats)

    # -- how much of it ----------------------------------------------------------------------

    @property
    def slab_sizes(self) -> list[int]:
        """Points in each slab, in the order in which slabs are drawn."""
        return [count for _, count in self._order] if self._visible else []

    def show_slabs(self, first: int, end: int) -> None:
        """Draw only the slabs `first` .. `end` - 1."""
        for number, (actor, _) in enumerate(self._order):
            actor.SetVisibility(self._visible and first <= number < end)


def _together(colourings: tuple[PointColouring, ...]) -> PointColouring | None:
    """What the legend tells: the first sweep's colouring, with the classes of all."""
    if not colourings:
        return None
    legend = merged_legend(each.legend for each in colourings)
    return replace(colourings[0], legend=legend) if legend else colourings[0]


def _colour_ends(colouring: PointColouring, shown: Shown) -> tuple[float, float]:
    ends = shown.view.points.colour_range or colouring.range or (0.0, 1.0)
    low, high = (end - colouring.base for end in ends)
    return low, max(high, low + 1e-9)


def _mode_number(colouring: PointColouring) -> int:
    numbers = {"solid": SOLID, "height": HEIGHT, "distance": DISTANCE}
    return numbers.get(colouring.mode, VALUE if colouring.rgb is None else PACKED)


def point_limits(shown: Shown, drawn: DrawnSweep) -> PointLimits:
    """The point filters in numbers."""
    filters = shown.view.filters
    box = isolated_box(shown.content, shown.view, shown.selected)
    box_from_points, half = None, np.zeros(3)
    if box is not None:
        world_from_box, half = box
        box_from_points = inverse_rigid(world_from_box) @ drawn.world_from_points
    farthest = _FAR_M if filters.max_range_m is None else filters.max_range_m
    return PointLimits(
        drawn.ego_from_points,
        filters.height_band_m or (-_FAR_M, _FAR_M),
        (filters.min_range_m, farthest),
        filters.hide_ego_points,
        box_from_points,
        half,
    )


def _set_limits(shaders: vtkShaderProperty, limits: PointLimits) -> None:
    uniforms = shaders.GetVertexCustomUniforms()
    uniforms.SetUniformMatrix("ego_from_points", vtk_matrix(limits.ego_from_points))
    box = limits.box_from_points
    uniforms.SetUniformi("isolate", int(box is not None))
    uniforms.SetUniformMatrix("box_from_points", vtk_matrix(np.eye(4) if box is None else box))
    for name, value in zip(("x", "y", "z"), limits.box_half_m, strict=True):
        uniforms.SetUniformf(f"box_half_{name}", float(value))
    numbers = {
        "height_low": limits.height_m[0],
        "height_high": limits.height_m[1],
        "range_low": limits.range_m[0],
        "range_high": limits.range_m[1],
        "ego_half_length": EGO_HALF_SIZE_M[0],
        "ego_half_width": EGO_HALF_SIZE_M[1],
    }
    for name, value in numbers.items():
        uniforms.SetUniformf(name, value)
    uniforms.SetUniformi("hide_ego", int(limits.hide_ego))
