"""What stands in `scene.json` and in a label file; NATIVE_LAYOUT.md explains it to people."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from viewer.formats.label_records import OtherLabels, TrackRecord
from viewer.formats.scene_records import ClassDetails, OtherRecord

SCHEMA_NAME = "sightline-scene"
SCHEMA_VERSION = 1
MANIFEST_NAME = "scene.json"

Count = Annotated[int, Meta(ge=0)]
Pixels = Annotated[int, Meta(gt=0, le=100_000)]
Nanoseconds = Annotated[int, Meta(ge=-(1 << 62), le=1 << 62)]
Byte = Annotated[int, Meta(ge=0, le=255)]
Name = Annotated[str, Meta(min_length=1, max_length=1_000)]
Vector3 = tuple[float, float, float]
Vector4 = tuple[float, float, float, float]
Matrix4 = tuple[Vector4, Vector4, Vector4, Vector4]


class Header(Struct):
    """The part of a manifest that says what it is."""

    schema: str
    version: int


class ClassRecord(Struct, omit_defaults=True):
    """A class and its colour, red green blue."""

    name: Name
    colour: tuple[Byte, Byte, Byte]
    details: ClassDetails | None = None


class TrajectoryRecord(Struct, omit_defaults=True):
    """Poses of a coord frame in its parent over time."""

    timestamps_ns: list[Nanoseconds]
    positions: list[Vector3]
    orientations_wxyz: list[Vector4]
    outside: Literal["error", "clamp", "extrapolate"] = "clamp"


class CoordFrameRecord(Struct, omit_defaults=True):
    """A coord frame: its pose in the parent, fixed or over time."""

    id: Name
    parent: Name = "world"
    position: Vector3 = (0.0, 0.0, 0.0)
    orientation_wxyz: Vector4 = (1.0, 0.0, 0.0, 0.0)
    trajectory: TrajectoryRecord | None = None


class CameraRecord(Struct, omit_defaults=True):
    """A camera: lens, image size, and the coord frame (x right, y down, z forward) it sits in."""

    id: Name
    coord_frame_id: Name
    model: str | None = None
    width_px: Pixels | None = None
    height_px: Pixels | None = None
    parameters: dict[str, float] = {}
    camera_matrix: Matrix4 | None = None
    refusal: str | None = None


class LidarRecord(Struct, omit_defaults=True):
    """A lidar and the coord frame of its points."""

    id: Name
    coord_frame_id: Name
    kind: Literal["lidar", "radar"] = "lidar"


class RigRecord(Struct, omit_defaults=True):
    """Coord frames and sensors as they hold for one or more frames."""

    coord_frames: list[CoordFrameRecord] = []
    cameras: list[CameraRecord] = []
    lidars: list[LidarRecord] = []
    ego_coord_frame_id: Name = "world"


class FileRecord(Struct, omit_defaults=True):
    """One point cloud or image of a frame."""

    sensor_id: Name
    file: Name
    timestamp_ns: Nanoseconds | None = None


class OverlayRecord(Struct, omit_defaults=True):
    """A picture that belongs over an image of a frame."""

    sensor_id: Name
    file: Name
    overlay_id: str = ""
    fill: bool = False


class FrameRecord(Struct, omit_defaults=True):
    """One annotated time step."""

    key: Name
    timestamp_ns: Nanoseconds | None = None
    rig: Count = 0
    point_clouds: list[FileRecord] = []
    images: list[FileRecord] = []
    overlays: list[OverlayRecord] = []
    others: list[OtherRecord] = []
    metadata: dict[str, Any] = {}


class LabelSetRecord(Struct, omit_defaults=True):
    """A label set and the file that holds it."""

    id: Name
    kind: Literal["ground_truth", "predictions", "unlabelled"]
    file: Name
    title: str = ""
    tracks: list[TrackRecord] = []


class SceneManifest(Struct):
    """Everything in `scene.json`."""

    schema: str
    version: int
    scene_id: Name
    description: str = ""
    independent: bool = False
    classes: list[ClassRecord] = []
    rigs: list[RigRecord] = []
    label_sets: list[LabelSetRecord] = []
    frames: list[FrameRecord] = []
    metadata: dict[str, Any] = {}


class CuboidColumns(Struct, omit_defaults=True):
    """Cuboids of one frame; every list has one entry a cuboid, optional ones may be missing."""

    coord_frame_id: Name
    label_id: list[str]
    class_name: list[str]
    center: list[Vector3]
    size: list[Vector3]
    orientation_wxyz: list[Vector4]
    timestamp_ns: Nanoseconds | None = None
    track_id: list[str | None] | None = None
    score: list[float | None] | None = None
    velocity: list[tuple[float | None, float | None, float | None] | None] | None = None
    attributes: list[dict[str, Any]] | None = None


class BoxColumns(Struct, omit_defaults=True):
    """2D boxes of one frame, on the images of any of its cameras."""

    sensor_id: list[str]
    label_id: list[str]
    class_name: list[str]
    box_px: list[Vector4]
    track_id: list[str | None] | None = None
    score: list[float | None] | None = None
    attributes: list[dict[str, Any]] | None = None


class LabelLine(Struct, omit_defaults=True):
    """One line of a label file: the labels of one frame."""

    frame: str
    cuboids: CuboidColumns | None = None
    boxes_2d: BoxColumns | None = None
    other: OtherLabels | None = None


class LabelLineKey(Struct):
    """The part of a label line that says whose it is."""

    frame: str
