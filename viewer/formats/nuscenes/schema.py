"""Rows of the tables, as far as they are read; unknown keys are passed over.

Times are microseconds since 1970, whole in nuScenes and with a fraction in Lyft; rotations are
quaternions w x y z; sizes are width, length, height. Rows hold no cycles, which spares the garbage
collector millions of them.
"""

from msgspec import Struct

Vector3 = tuple[float, float, float]
Vector4 = tuple[float, float, float, float]
MAX_TIME_US = 4_600_000_000_000_000
"""Beyond this the difference of two times does not fit 64 bits of nanoseconds."""


class SceneRow(Struct, gc=False):
    """A recorded sequence."""

    token: str
    name: str = ""
    description: str = ""
    log_token: str = ""


class LogRow(Struct, gc=False):
    """The drive that a scene was cut from."""

    token: str
    logfile: str | None = None
    vehicle: str | None = None
    date_captured: str | None = None
    location: str | None = None


class SampleRow(Struct, gc=False):
    """A keyframe."""

    token: str
    scene_token: str
    timestamp: int | float


class SensorRow(Struct, gc=False):
    """A sensor of the rig."""

    token: str
    channel: str
    modality: str


class CalibratedSensorRow(Struct, gc=False):
    """Pose of a sensor in the vehicle, and its lens when it is a camera."""

    token: str
    sensor_token: str
    translation: Vector3
    rotation: Vector4
    camera_intrinsic: list[list[float]] | None = None
    camera_distortion: list[float] | None = None


class SampleDataRow(Struct, gc=False):
    """A file that a sensor recorded."""

    token: str
    sample_token: str
    ego_pose_token: str
    calibrated_sensor_token: str
    filename: str
    timestamp: int | float
    is_key_frame: bool
    width: int | None = None
    height: int | None = None


class EgoPoseRow(Struct, gc=False):
    """Pose of the vehicle in the world."""

    token: str
    translation: Vector3
    rotation: Vector4


class NamedRow(Struct, gc=False):
    """An attribute."""

    token: str
    name: str


class CategoryRow(Struct, gc=False):
    """A class of objects."""

    token: str
    name: str
    index: int | None = None
    """What the files of point classes hold for it."""


class PointLabelRow(Struct, gc=False):
    """A file with a class for each point of a sweep: ``lidarseg`` or ``panoptic``."""

    sample_data_token: str
    filename: str


class VisibilityRow(Struct, gc=False):
    """How much of an object can be seen."""

    token: str
    level: str


class InstanceRow(Struct, gc=False):
    """An object over time."""

    token: str
    category_token: str


class AnnotationRow(Struct, gc=False):
    """A cuboid in the world at the time of a sample."""

    token: str
    sample_token: str
    instance_token: str
    translation: Vector3
    size: Vector3
    rotation: Vector4
    attribute_tokens: list[str] | None = None
    visibility_token: str | None = None
    num_lidar_pts: int | None = None
    num_radar_pts: int | None = None
    prev: str | None = None
    next: str | None = None
    velocity: list[float | None] | None = None
    automatic_annotation: bool | None = None


class ResultRow(Struct, gc=False):
    """A box of a detection or tracking result."""

    translation: Vector3
    size: Vector3
    rotation: Vector4
    velocity: list[float | None] | None = None
    detection_name: str | None = None
    detection_score: float | None = None
    attribute_name: str | None = None
    tracking_id: str | int | None = None
    tracking_name: str | None = None
    tracking_score: float | None = None


def time_ns(timestamp_us: int | float) -> int | None:
    """Return nanoseconds; None when the time does not fit 64 bits.

    Examples
    --------
    >>> time_ns(1556675185903083.25)
    1556675185903083250
    """
    if not abs(timestamp_us) < MAX_TIME_US:
        return None
    if isinstance(timestamp_us, int):
        return timestamp_us * 1000
    whole = int(timestamp_us)
    return whole * 1000 + round((timestamp_us - whole) * 1000)
