"""How the scene is shown: frozen values that every view reads and nobody edits in place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Solo(StrEnum):
    """Which labels are shown beside the selected one."""

    OFF = "off"
    LABEL = "label"
    TRACK = "track"


@dataclass(frozen=True, slots=True)
class PointStyle:
    """How points look in 3D."""

    colour_by: str = "auto"
    """auto, solid, height, distance, age, class, point_class, cameras, or the name of a field.

    `auto` is intensity where the cloud has it, else height; `class` is that of the box that holds
    a point, `point_class` its own.
    """
    colour_map: str = "viridis"
    colour_range: tuple[float, float] | None = None
    """Fixed ends of the colour range; None takes the 2nd to 98th percentile of the frame."""
    size_px: float = 2.0
    round_splats: bool = True
    sweep_count: int = 1
    """How many sweeps are shown together, ego-compensated, the current one included."""
    earlier_sweeps: bool = False
    """Add sweeps that nobody labelled, recorded between frames, where the format has them."""
    eye_dome_lighting: bool = True


@dataclass(frozen=True, slots=True)
class Layers:
    """What is drawn in 3D."""

    points: bool = True
    cuboids: bool = True
    predictions: bool = True
    captions: bool = True
    trails: bool = False
    frusta: bool = False
    grid: bool = True
    axes: bool = True
    xray: bool = False
    """Boxes are drawn over the points that hide them."""


@dataclass(frozen=True, slots=True)
class ImageStyle:
    """What is drawn over camera images."""

    cuboids: bool = True
    captions: bool = True
    boxes_2d: bool = False
    points: bool = False
    points_colour_by: str = "depth"
    """depth, or any value of `PointStyle.colour_by`."""
    point_size_px: float = 2.0
    overlays: bool = True
    """Pictures that the recording has over its images."""
    overlay_opacity: float = 0.6
    """0 .. 1, times the alpha of an overlay."""
    rectified: bool = False
    move_with_velocity: bool = False
    """Add each object's own motion between the label's time and the image's."""


@dataclass(frozen=True, slots=True)
class ImageTone:
    """Tone of one camera's images; the defaults change nothing."""

    brightness: float = 0.0
    """-1 .. 1, added."""
    contrast: float = 1.0
    """0 .. 3, about middle grey."""
    gamma: float = 1.0
    """0.2 .. 5."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What is left out of the views; the data stays."""

    hidden_classes: frozenset[str] = frozenset()
    hidden_label_sets: frozenset[str] = frozenset()
    min_score: float = 0.0
    attribute: tuple[str, str] | None = None
    """Show only labels whose attribute (name, text value) matches."""
    max_range_m: float | None = None
    """Labels and points farther from the ego vehicle than this are left out."""
    min_range_m: float = 0.0
    height_band_m: tuple[float, float] | None = None
    """Points outside this band of z (ego coord frame) are left out."""
    hide_ego_points: bool = False
    """Leave out returns from the vehicle itself (within `EGO_HALF_SIZE_M` of the ego origin)."""
    isolate_margin_m: float | None = None
    """Show only points inside the selected box grown by this margin."""
    solo: Solo = Solo.OFF


EGO_HALF_SIZE_M = (2.6, 1.2)
"""Half length and half width of the space taken by the vehicle itself."""


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """Everything about how the scene is shown."""

    points: PointStyle = field(default_factory=PointStyle)
    layers: Layers = field(default_factory=Layers)
    images: ImageStyle = field(default_factory=ImageStyle)
    filters: Filters = field(default_factory=Filters)
    tones: Mapping[str, ImageTone] = field(default_factory=lambda: MappingProxyType({}))
    """By sensor_id."""
    time_offsets_ns: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Added to the recorded time of a sensor, by sensor_id."""
    follow: str = "ego"
    """What the eye keeps its place to while stepping: ego, track or world."""
    dark: bool = True

    def tone(self, sensor_id: str) -> ImageTone:
        """Tone of a camera's images."""
        return self.tones.get(sensor_id, ImageTone())


SECTIONS: Mapping[str, type[Any]] = MappingProxyType(
    {"points": PointStyle, "layers": Layers, "images": ImageStyle, "filters": Filters}
)
"""The parts of `ViewSettings` that have fields of their own."""
