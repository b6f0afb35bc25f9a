"""The thresholds that Sightline asks a workspace for, with what holds where it says nothing."""

from dataclasses import dataclass
from typing import Final

from viewer.review.datasets.class_map import thresholds
from viewer.review.ledger import Reading


@dataclass(frozen=True, slots=True)
class KnownThreshold:
    """A number that a workspace may define for everyone."""

    name: str
    title: str
    """For people, with what it decides."""
    unit: str
    default: float
    least: float
    most: float
    step: float


SCORE: Final = "score"
CONSENSUS_IOU: Final = "consensus_iou"
CONSENSUS_CENTRE_M: Final = "consensus_centre_m"
CONSENSUS_HEADING_DEG: Final = "consensus_heading_deg"
MARK_SIZE_M: Final = ("mark_length_m", "mark_width_m", "mark_height_m")

KNOWN: Final[tuple[KnownThreshold, ...]] = (
    KnownThreshold(SCORE, "Predictions count from score", "", 0.0, 0.0, 1.0, 0.05),
    KnownThreshold(CONSENSUS_IOU, "Same box: 3D overlap at least", "", 0.7, 0.0, 1.0, 0.05),
    KnownThreshold(CONSENSUS_CENTRE_M, "Same box: centres within", "m", 0.3, 0.0, 10.0, 0.05),
    KnownThreshold(CONSENSUS_HEADING_DEG, "Same box: headings within", "°", 10.0, 0.0, 180.0, 1.0),
    KnownThreshold(MARK_SIZE_M[0], "Rough size of a mark: length", "m", 4.5, 0.1, 50.0, 0.1),
    KnownThreshold(MARK_SIZE_M[1], "Rough size of a mark: width", "m", 1.9, 0.1, 50.0, 0.1),
    KnownThreshold(MARK_SIZE_M[2], "Rough size of a mark: height", "m", 1.6, 0.1, 50.0, 0.1),
)


def threshold(reading: Reading, name: str) -> float:
    """Return what the workspace says, else the default; KeyError for a name that is not known."""
    default = next((each.default for each in KNOWN if each.name == name), None)
    if default is None:
        raise KeyError(name)
    return thresholds(reading).get(name, default)


def mark_size(reading: Reading) -> tuple[float, float, float] | None:
    """Return the rough size of a mark where the workspace says one; None where it does not."""
    said = thresholds(reading)
    if not any(name in said for name in MARK_SIZE_M):
        return None
    length, width, height = (threshold(reading, name) for name in MARK_SIZE_M)
    return length, width, height
