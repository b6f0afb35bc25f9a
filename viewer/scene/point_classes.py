"""A class for every point of a sweep."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False, slots=True)
class PointClasses:
    """Class and instance of each point; row i belongs to row i of the sensor's point cloud."""

    sensor_id: str
    class_indices: npt.NDArray[np.int32]
    """(N,) keys of `class_names`; a number that is no key has no class."""
    class_names: Mapping[int, str]
    """The entries of the scene's class map that the numbers mean."""
    instances: npt.NDArray[np.int32] | None = None
    """(N,) number of the object, 0 for none."""

    def __post_init__(self) -> None:
        if self.instances is not None and len(self.instances) != len(self.class_indices):
            raise ValueError("instances and classes must be as many")
