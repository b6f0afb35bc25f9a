"""One seed's junction as planted errors and the detector see it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np

from sample_scenes.junction.recording import JunctionDrive
from sample_scenes.junction.roads import ARMS, MOUTH_M
from sample_scenes.junction.sensors import FRAME_STEP_NS, WIDTH_PX
from sample_scenes.road import Placement
from sample_scenes.stage import Floats, Ghost, Size, Stage

GHOST_KINDS: tuple[tuple[str, Size], ...] = (
    ("adult", (0.6, 0.6, 1.7)), ("barrel", (0.6, 0.6, 1.0)), ("passenger_car", (4.2, 1.8, 1.5)),
    ("bicyclist", (1.7, 0.6, 1.7)), ("adult", (0.5, 0.5, 1.8)), ("delivery_van", (5.8, 2.0, 2.4)),
)  # fmt: skip


class JunctionStage(Stage):
    """Ghosts are drawn with the junction's seed."""

    added_class: ClassVar[str] = "passenger_car"
    added_size_m: ClassVar[Size] = (4.4, 1.8, 1.6)
    image_width_px: ClassVar[int] = WIDTH_PX
    confused: ClassVar[Mapping[str, str]] = {
        "delivery_van": "bus", "motorcyclist": "bicyclist", "child": "adult",
    }  # fmt: skip

    def __init__(self, drive: JunctionDrive) -> None:
        self._drive = drive

    @cached_property
    def ghosts(self) -> Sequence[Ghost]:  # type: ignore[override]
        """Beside the road."""
        rng = np.random.default_rng([self._drive.seed, 15])
        found = []
        for class_name, size in GHOST_KINDS:
            first = int(rng.integers(0, 26))
            spot = self._beside(rng.uniform(size=3))
            found.append(Ghost(spot, class_name, size, first, first + int(rng.integers(8, 18))))
        return found

    def flicker(self, draws: Floats) -> tuple[Placement, str, Size]:
        """Beside the road."""
        spot = self._beside(draws)
        if draws[0] < 0.5:
            return spot, "adult", (0.65, 0.55, 1.7)
        return spot, "passenger_car", (4.3, 1.8, 1.55)

    def spot(self, rng: np.random.Generator) -> Placement:
        """On a lane, or beside the bays."""
        roads = self._drive.roads
        arm, reach = int(rng.integers(ARMS)), float(rng.uniform(MOUTH_M, 45))
        aside = float(rng.choice((-11.5, -1.8, 1.8, 11.5)))
        x, y = roads.outward(arm, reach).tolist()
        return roads.place(roads.beside(arm, reach, aside), float(np.arctan2(y, x)), 2.6)

    def ego(self, frame_index: int) -> Placement:
        """Its middle, not its rear axle."""
        spot = self._drive.ego_at(frame_index * FRAME_STEP_NS / 1e9)
        return Placement(spot.position + 1.3 * spot.rotation[:, 0], spot.rotation)

    def _beside(self, draws: Floats) -> Placement:
        roads = self._drive.roads
        arm = min(int(draws[0] * ARMS), ARMS - 1)
        reach, aside = MOUTH_M + 45 * draws[1], 9 + 5 * draws[2]
        x, y = roads.outward(arm, reach).tolist()
        spot = roads.beside(arm, reach, aside if draws[2] < 0.5 else -aside)
        return roads.place(spot, float(np.arctan2(y, x)), 1.0)
