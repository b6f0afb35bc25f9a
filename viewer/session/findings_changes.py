"""What the findings desk tells its listeners; each change is one frozen value."""

from dataclasses import dataclass

from viewer.geometry.cuboids import Cuboid
from viewer.session.findings_lit import LitEvidence
from viewer.session.ghosts import FrameGhosts


@dataclass(frozen=True, slots=True)
class RunChanged:
    """Checks began, went on or ended."""


@dataclass(frozen=True, slots=True)
class FindingsListed:
    """Other findings are listed, or in another order."""


@dataclass(frozen=True, slots=True)
class FindingChosen:
    """Another finding is looked at, or none."""


@dataclass(frozen=True, slots=True)
class EvidenceShown:
    """What the looked-at finding shows in the frame; None for nothing."""

    ghosts: FrameGhosts | None
    lit: LitEvidence | None


@dataclass(frozen=True, slots=True)
class PlaceSought:
    """A place without a label shall come into view."""

    box: Cuboid
    """In world."""


@dataclass(frozen=True, slots=True)
class DoctorChanged:
    """Sensors were measured, are being measured, or what was told of them is behind."""


FindingsChange = (
    RunChanged | FindingsListed | FindingChosen | EvidenceShown | PlaceSought | DoctorChanged
)
