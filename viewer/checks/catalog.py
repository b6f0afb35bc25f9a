"""All checks, in the order of the catalogue."""

from typing import Final

from viewer.checks.base import Check
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
)


def check_by_id() -> dict[str, type[Check]]:
    """Every check by its id."""
    return {check.id: check for check in CHECKS}
