"""What planting errors and making up predictions need to know of a road."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sample_scenes.road import Placement

Size = tuple[float, float, float]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ghost:
    """What the detector keeps seeing where nothing is."""

    spot: Placement
    class_name: str
    size_m: Size
    first: int
    """Frame."""
    last: int


class Stage(ABC):
    """One recorded road: its ground, its classes, the vehicle that records."""

    added_class: ClassVar[str]
    """Class of labels that are planted where nothing is."""
    added_size_m: ClassVar[Size]
    image_width_px: ClassVar[int]
    confused: ClassVar[Mapping[str, str]]
    """Class that the detector takes another for."""

    @property
    @abstractmethod
    def ghosts(self) -> Sequence[Ghost]:
        """Where the detector is wrong for long."""

    @abstractmethod
    def flicker(self, draws: Floats) -> tuple[Placement, str, Size]:
        """Place, class and size of a box for one frame, from three numbers in 0..1."""

    @abstractmethod
    def spot(self, rng: np.random.Generator) -> Placement:
        """Draw a place on the ground near the road."""

    @abstractmethod
    def ego(self, frame_index: int) -> Placement:
        """Where the recording vehicle stands."""
