"""The street as planted errors and the detector see it."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from sample_scenes.rigs import WIDTH_PX
from sample_scenes.road import Placement, Road
from sample_scenes.stage import Floats, Ghost, Size, Stage
from sample_scenes.street_world import CROSSING_S_M
from sample_scenes.traffic import ego_placement

# Road coordinates, class, size, first and last frame.
GHOSTS = (
    (CROSSING_S_M - 6.0, -6.2, "pedestrian", (0.6, 0.6, 1.2), 8, 27),
    (CROSSING_S_M + 6.0, 6.2, "pedestrian", (0.6, 0.6, 1.2), 14, 31),
    (17.0, -9.75, "car", (4.0, 1.7, 1.3), 3, 12),
    (24.5, 10.4, "van", (4.6, 1.9, 2.1), 10, 20),
    (39.3, -9.7, "cyclist", (1.6, 0.7, 1.5), 20, 36),
    (12.0, -6.3, "pedestrian", (0.5, 0.5, 1.9), 0, 9),
)


class StreetStage(Stage):
    """The bend of `Road`."""

    added_class: ClassVar[str] = "car"
    added_size_m: ClassVar[Size] = (4.3, 1.8, 1.5)
    image_width_px: ClassVar[int] = WIDTH_PX
    confused: ClassVar[Mapping[str, str]] = {
        "van": "car", "truck": "van", "cyclist": "pedestrian",
    }  # fmt: skip

    def __init__(self, road: Road) -> None:
        self._road = road

    @property
    def ghosts(self) -> Sequence[Ghost]:
        """Poles, hedges and house corners."""
        return [
            Ghost(self._road.place(s, t, wheelbase_m=1.0), class_name, size, first, last)
            for s, t, class_name, size, first, last in GHOSTS
        ]

    def flicker(self, draws: Floats) -> tuple[Placement, str, Size]:
        """Beside the road."""
        side = 1.0 if draws[0] < 0.5 else -1.0
        spot = self._road.place(-20 + 90 * draws[1], side * (8 + 2 * draws[2]), wheelbase_m=1.0)
        if draws[0] < 0.75:
            return spot, "pedestrian", (0.6, 0.55, 1.7)
        return spot, "car", (4.2, 1.8, 1.5)

    def spot(self, rng: np.random.Generator) -> Placement:
        """On a lane or a pavement."""
        s, t = float(rng.uniform(0, 60)), float(rng.choice((-8.2, 8.2, -1.8, 1.8)))
        return self._road.place(s, t, wheelbase_m=2.5)

    def ego(self, frame_index: int) -> Placement:
        """Ten frames a second."""
        return ego_placement(self._road, frame_index / 10)
