"""All checks, in the order of the catalogue, and those of installed packages after them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from viewer.checks.base import Check, Question
from viewer.checks.dataset.annotation_density import AnnotationDensity
from viewer.checks.dataset.annotator_errors import AnnotatorErrors
from viewer.checks.dataset.class_imbalance import ClassImbalance
from viewer.checks.dataset.reviewer_agreement import ReviewerAgreement
from viewer.checks.dataset.size_shift import SizeShift
from viewer.checks.dataset_base import DatasetCheck
from viewer.checks.files.corrupt import CorruptFile
from viewer.checks.files.inconsistent import InconsistentFile
from viewer.checks.files.missing import MissingFile
from viewer.checks.files.reported import ReportedProblem
from viewer.checks.files.unreadable import UnreadableFile
from viewer.checks.frame.class_swap import ClassSwap
from viewer.checks.frame.duplicate_boxes import DuplicateBoxes
from viewer.checks.frame.duplicate_id import DuplicateId
from viewer.checks.frame.missing_label import MissingLabel
from viewer.checks.frame.physical_overlap import PhysicalOverlap
from viewer.checks.frame.spurious_label import SpuriousLabel
from viewer.checks.sensors.box_2d import Box2d
from viewer.checks.sensors.calibration_drift import CalibrationDrift
from viewer.checks.sensors.ego_pose import EgoPose
from viewer.checks.sensors.extrinsics import Extrinsics
from viewer.checks.sensors.image_edges import ImageEdges
from viewer.checks.sensors.intrinsics import Intrinsics
from viewer.checks.sensors.sweep_motion import SweepMotion
from viewer.checks.sensors.sync_offset import SyncOffset
from viewer.checks.sensors.time_sync import TimeSync
from viewer.checks.single_box.aspect import Aspect
from viewer.checks.single_box.empty_box import EmptyBox
from viewer.checks.single_box.floating import Floating
from viewer.checks.single_box.illegal_box import IllegalBox
from viewer.checks.single_box.inside_ego import InsideEgo
from viewer.checks.single_box.size_prior import SizePrior
from viewer.checks.single_box.taxonomy import Taxonomy
from viewer.checks.single_box.tightness import Tightness
from viewer.checks.single_box.too_few_points import TooFewPoints
from viewer.checks.track.birth_death import BirthDeath
from viewer.checks.track.class_change import ClassChange
from viewer.checks.track.heading_motion import HeadingMotion
from viewer.checks.track.id_switch import IdSwitch
from viewer.checks.track.size_change import SizeChange
from viewer.checks.track.smoothness import Smoothness
from viewer.checks.track.speed_limit import SpeedLimit
from viewer.checks.track.still_or_moving import StillOrMoving
from viewer.checks.track.track_gap import TrackGap
from viewer.checks.track.yaw_flip import YawFlip

CHECKS: Final[tuple[type[Check], ...]] = (
    EmptyBox,
    TooFewPoints,
    SizePrior,
    Aspect,
    Tightness,
    Floating,
    IllegalBox,
    Taxonomy,
    InsideEgo,
    DuplicateBoxes,
    PhysicalOverlap,
    DuplicateId,
    MissingLabel,
    SpuriousLabel,
    ClassSwap,
    SpeedLimit,
    YawFlip,
    HeadingMotion,
    SizeChange,
    ClassChange,
    IdSwitch,
    TrackGap,
    Smoothness,
    StillOrMoving,
    BirthDeath,
    Box2d,
    TimeSync,
    EgoPose,
    Intrinsics,
    Extrinsics,
    CalibrationDrift,
    ImageEdges,
    SyncOffset,
    SweepMotion,
    ReviewerAgreement,
    UnreadableFile,
    CorruptFile,
    MissingFile,
    InconsistentFile,
    ReportedProblem,
)
"""Those that ask about one scene."""
DATASET_CHECKS: Final[tuple[type[DatasetCheck], ...]] = (
    ClassImbalance,
    AnnotatorErrors,
    SizeShift,
    AnnotationDensity,
    ReviewerAgreement,
)
"""Those that ask about all scenes together; one may ask about each scene besides."""
ENTRY_POINT_GROUP: Final = "sightline.checks"


@dataclass(frozen=True, eq=False, slots=True)
class AddOns:
    """Checks that installed packages offer."""

    checks: tuple[type[Question], ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    """Why an add-on is left out, by the name of its entry point."""
    versions: tuple[str, ...] = ()
    """Package and version of each that is there: another version may answer differently."""


@cache
def add_ons() -> AddOns:
    """Return the checks of installed packages.

    A package offers a class that derives from `Check` or `DatasetCheck` under the entry point group
    ``sightline.checks``. One that cannot be used is left out and told; all others stay.
    """
    from importlib.metadata import entry_points

    found: dict[str, type[Question]] = {}
    faults: dict[str, str] = {}
    versions: list[str] = []
    taken = {check.id for check in (*CHECKS, *DATASET_CHECKS)}
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda each: each.name):
        try:
            offered = entry.load()
            fault = fault_of(offered, taken | found.keys())
        except Exception as error:  # noqa: BLE001 - a faulty add-on keeps no check away
            fault = f"cannot be loaded: {type(error).__name__}: {error}"
        if fault is not None:
            faults[entry.name] = fault
            continue
        found[offered.id] = offered
        package = entry.dist
        versions.append(f"{entry.value} {'' if package is None else package.version}")
    return AddOns(tuple(found.values()), faults, tuple(versions))


def fault_of(offered: Any, taken: "set[str]") -> str | None:  # noqa: ANN401 - anything may be there
    """Say why what a package offers cannot be a check; None where it can."""
    if not (isinstance(offered, type) and issubclass(offered, Check | DatasetCheck)):
        return "is no class that derives from Check or DatasetCheck"
    lacking = [each for each in ("id", "title", "question", "group") if not hasattr(offered, each)]
    if lacking:
        return f"has no {' and no '.join(lacking)}"
    if offered.id in taken:
        return f"there is a check {offered.id!r} already"
    abstract = sorted(getattr(offered, "__abstractmethods__", ()))
    return f"lacks {', '.join(abstract)}" if abstract else None


def scene_checks() -> tuple[type[Check], ...]:
    """Return every check that asks about one scene, add-ons last."""
    return (*CHECKS, *(each for each in add_ons().checks if issubclass(each, Check)))


def dataset_checks() -> tuple[type[DatasetCheck], ...]:
    """Return every check that asks about all scenes together, add-ons last."""
    own = (each for each in add_ons().checks if issubclass(each, DatasetCheck))
    return (*DATASET_CHECKS, *own)


def all_checks() -> tuple[type[Question], ...]:
    """Return every check once, add-ons last."""
    built_in: tuple[type[Question], ...] = (*CHECKS, *DATASET_CHECKS)
    return tuple(dict.fromkeys((*built_in, *add_ons().checks)))


@cache
def check_by_id() -> dict[str, type[Question]]:
    """Every check by its id."""
    return {check.id: check for check in all_checks()}
