"""What a frame's labels are compared with: drawn dotted, never picked, no labels of the frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.scene.masks import RunLengths
from viewer.scene.shapes import Outline

Rgb = tuple[int, int, int]


class Became(StrEnum):
    """What became of a label between the two sides, or what a box says of a finding."""

    CHANGED = "changed"
    """Drawn as it was."""
    REMOVED = "removed"
    ADDED = "added"
    """Drawn around what it is now."""
    OTHER = "other"
    """Evidence of a finding: another label that it is about."""
    EXPECTED = "expected"
    """Evidence of a finding: where the check would have put the box."""
    PREDICTION = "prediction"
    """Evidence of a finding: what a model saw."""


GLYPHS = {
    Became.CHANGED: "±", Became.REMOVED: "−", Became.ADDED: "+", Became.OTHER: "≈",
    Became.EXPECTED: "→", Became.PREDICTION: "○",
}  # fmt: skip
_ON_DARK = {
    Became.CHANGED: (224, 168, 60), Became.REMOVED: (229, 96, 77), Became.ADDED: (63, 182, 139),
    Became.OTHER: (224, 168, 60), Became.EXPECTED: (63, 182, 139),
    Became.PREDICTION: (76, 159, 254),
}  # fmt: skip
_ON_LIGHT = {
    Became.CHANGED: (122, 84, 6), Became.REMOVED: (179, 48, 31), Became.ADDED: (18, 105, 75),
    Became.OTHER: (122, 84, 6), Became.EXPECTED: (18, 105, 75), Became.PREDICTION: (21, 96, 184),
}  # fmt: skip


def ghost_rgb(became: Became, *, dark: bool) -> Rgb:
    """Colour of what became of a label, on a dark or a light ground."""
    return (_ON_DARK if dark else _ON_LIGHT)[became]


@dataclass(frozen=True, eq=False, slots=True)
class FlatGhost:
    """A 2D label of one image."""

    sensor_id: str
    class_name: str
    became: Became
    outlines: Sequence[Outline] = ()
    dots_px: npt.NDArray[np.float64] | None = None
    """(N, 2) points and keypoints."""
    runs: RunLengths | None = None
    """Pixels of a mask."""


@dataclass(frozen=True, eq=False, slots=True)
class FrameGhosts:
    """Of one frame; row i of the columns of cuboids belongs to the same label."""

    cuboids: Cuboids
    """(N,) in world."""
    at_ns: int | None
    """Time at which they stand there."""
    class_names: tuple[str, ...]
    became: tuple[Became, ...]
    flat: tuple[FlatGhost, ...] = ()

    def __len__(self) -> int:
        return len(self.cuboids) + len(self.flat)

    def rows(self, became: Became) -> npt.NDArray[np.int64]:
        """Rows of cuboids of which this became."""
        return np.array([row for row, each in enumerate(self.became) if each is became], np.int64)
