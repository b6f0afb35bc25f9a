"""The contract of a layer of the 3D view."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from vtkmodules.vtkRenderingCore import vtkProp, vtkRenderer

from viewer.render.eye import Eye
from viewer.render.eye_presets import Extent
from viewer.session.findings_lit import LitEvidence
from viewer.session.frame_content import FrameContent
from viewer.session.ghosts import FrameGhosts
from viewer.session.pins import Pins
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

Rgb = tuple[int, int, int]


@dataclass(frozen=True, eq=False, slots=True)
class Measurement:
    """A measured line: from, to (world, metres) and its text."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    text: str


@dataclass(frozen=True, eq=False, slots=True)
class Shown:
    """What the view shows right now; every layer draws its part of it."""

    content: FrameContent
    view: ViewSettings
    origin: npt.NDArray[np.float64]
    """(3,) world position that is zero in display coordinates."""
    extent: Extent
    selected: LabelKey | None = None
    hovered: LabelKey | None = None
    measurements: tuple[Measurement, ...] = ()
    ghosts: FrameGhosts | None = None
    """What the labels are compared with."""
    pins: Pins = ()
    """Where open issues are anchored."""
    lit: LitEvidence | None = None
    """What a finding lights up."""

    def display_from_world(self) -> npt.NDArray[np.float64]:
        """(4, 4)."""
        matrix = np.eye(4)
        matrix[:3, 3] = -self.origin
        return matrix


@dataclass(frozen=True, slots=True)
class Caption:
    """A text at a position; the view decides whether there is room for it."""

    position: tuple[float, float, float]
    """World."""
    text: str
    rgb: Rgb
    importance: float
    """Higher is placed first; from 1 on it is placed whatever it covers."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """Size of the picture in device pixels, and device pixels per unit of size."""

    width_px: int
    height_px: int
    pixel_ratio: float


@dataclass(frozen=True, eq=False, slots=True)
class Stage:
    """Where layers put what they draw."""

    points: vtkRenderer
    """Opaque things that take part in eye-dome lighting."""
    lines: vtkRenderer
    """Things drawn over it with the same depth."""
    props: list[tuple[vtkRenderer, vtkProp]] = field(default_factory=list)

    def add(self, renderer: vtkRenderer, prop: vtkProp) -> None:
        """Draw a prop from now on."""
        renderer.AddViewProp(prop)
        self.props.append((renderer, prop))

    def remove(self, prop: vtkProp) -> None:
        """Stop drawing a prop."""
        for entry in [entry for entry in self.props if entry[1] is prop]:
            entry[0].RemoveViewProp(prop)
            self.props.remove(entry)

    def clear(self) -> None:
        """Stop drawing everything."""
        for renderer, prop in self.props:
            renderer.RemoveViewProp(prop)
        self.props.clear()


class Layer(ABC):
    """One kind of thing in the 3D view. A new layer is one file listed in `catalog.py`.

    Changes are named by sections of `ViewSettings`, and by ``frame``, ``selection``, ``hover``,
    ``measurements``.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    reads: ClassVar[frozenset[str]]
    """Changes after which `update` is called."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @abstractmethod
    def update(self, shown: Shown, changed: frozenset[str]) -> None:
        """Draw its part of `shown`; `changed` says what differs from the last call."""

    def eye_moved(self, eye: Eye, shown: Shown, canvas: Canvas) -> None:  # noqa: B027 - optional
        """Follow the eye; called before each picture."""

    def captions(self, shown: Shown) -> Sequence[Caption]:
        """Texts that belong to it."""
        return ()
