"""All checks, in the order of the catalogue."""

from typing import Final

from viewer.checks.aspect import Aspect
from viewer.checks.base import Check
from viewer.checks.birth_death import BirthDeath
from viewer.checks.box_2d import Box2d
from viewer.checks.calibration_drift import CalibrationDrift
from viewer.checks.class_change import ClassChange
from viewer.checks.class_swap import ClassSwap
from viewer.checks.duplicate_boxes import DuplicateBoxes
from viewer.checks.duplicate_id import DuplicateId
from viewer.checks.ego_pose import EgoPose
from viewer.checks.empty_box import EmptyBox
from viewer.checks.extrinsics import Extrinsics
from viewer.checks.floating import Floating
from viewer.checks.heading_motion import HeadingMotion
from viewer.checks.id_switch import IdSwitch
from viewer.checks.illegal_box import IllegalBox
from viewer.checks.image_edges import ImageEdges
from viewer.checks.inside_ego import InsideEgo
from viewer.checks.intrinsics import Intrinsics
from viewer.checks.missing_label import MissingLabel
from viewer.checks.physical_overlap import PhysicalOverlap
from viewer.checks.size_change import SizeChange
from viewer.checks.size_prior import SizePrior
from viewer.checks.smoothness import Smoothness
from viewer.checks.speed_limit import SpeedLimit
from viewer.checks.spurious_label import SpuriousLabel
from viewer.checks.still_or_moving import StillOrMoving
from viewer.checks.sweep_motion import SweepMotion
from viewer.checks.sync_offset import SyncOffset
from viewer.checks.taxonomy import Taxonomy
from viewer.checks.tightness import Tightness
from viewer.checks.time_sync import TimeSync
from viewer.checks.too_few_points import TooFewPoints
from viewer.checks.track_gap import TrackGap
from viewer.checks.yaw_flip import YawFlip

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
)


def check_by_id() -> dict[str, type[Check]]:
    """Every check by its id."""
    return {check.id: check for check in CHECKS}
