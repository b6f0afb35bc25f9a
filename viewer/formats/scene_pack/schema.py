"""What a scene pack's manifest says, and where its arrays lie.

A pack is an HDF5 file whose root has the attribute ``format`` = `FORMAT_MARK` and:

- ``manifest``: the JSON of `Manifest` as bytes: frames, rigs, classes, label sets;
- ``points/FRAME/SENSOR/xyz`` and ``points/FRAME/SENSOR/fields/NAME``: arrays as they were read;
- ``images/FRAME/SENSOR``: the bytes of the image file;
- ``overlays/FRAME/NUMBER``: the same of pictures over images, in the order of the manifest;
- ``trajectories/NUMBER/{timestamps_ns, rotations_wxyz, translations_m}``: moving edges of rigs;
- ``labels/SET/cuboids/{offsets, center, size, rotation, scores, velocities, texts, text_offsets}``:
  rows of frame i are ``offsets[i]:offsets[i + 1]``; ``texts`` holds one JSON object a frame;
- ``labels/SET/boxes_2d/{offsets, boxes_px, scores, texts, text_offsets}``;
- ``labels/SET/other/{texts, text_offsets}``: the JSON of one `OtherLabels` a frame, empty for none;
  missing where no frame has any.

FRAME and SET are positions; SENSOR and NAME are percent-encoded.
"""

from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from viewer.formats.label_records import TrackRecord
from viewer.formats.scene_records import ClassDetails, OtherRecord

FORMAT_MARK = "sightline scene pack"
VERSION = 1

Byte = Annotated[int, msgspec.Meta(ge=0, le=255)]
Position = Annotated[int, msgspec.Meta(ge=0)]


class PackedPose(msgspec.Struct, frozen=True, tag="static"):
    """A static `dst_from_src`: nine numbers of the rotation by rows, three of the translation."""

    dst: str
    src: str
    rotation: tuple[float, ...]
    translation: tuple[float, float, float]


class PackedTrajectory(msgspec.Struct, frozen=True, tag="moving"):
    """A moving `dst_from_src`; its samples are arrays."""

    dst: str
    src: str
    number: Position
    outside: str


class PackedLens(msgspec.Struct, frozen=True):
    """A lens model by name."""

    model: str
    width_px: int
    height_px: int
    parameters: dict[str, float]


class PackedCamera(msgspec.Struct, frozen=True):
    """A `CameraSensor`."""

    sensor_id: str
    coord_frame_id: str
    lens: PackedLens | None
    refusal: str | None
    camera_matrix: tuple[float, ...] | None


class PackedLidar(msgspec.Struct, frozen=True):
    """A `LidarSensor`."""

    sensor_id: str
    coord_frame_id: str
    kind: str = "lidar"


class PackedRig(msgspec.Struct, frozen=True):
    """A `Rig`; the edges of its tree in their order."""

    cameras: tuple[PackedCamera, ...]
    lidars: tuple[PackedLidar, ...]
    edges: tuple[PackedPose | PackedTrajectory, ...]
    notes: tuple[str, ...]
    ego_coord_frame_id: str


class PackedSweep(msgspec.Struct, frozen=True):
    """A `SweepRef` and what its `PointCloud` holds beside arrays."""

    sensor_id: str
    timestamp_ns: int | None
    source: str
    coord_frame_id: str
    cloud_timestamp_ns: int | None
    finite_count: Position
    organized_shape: tuple[int, int] | None
    viewpoint: PackedPose | None
    fields: tuple[str, ...]


class PackedImage(msgspec.Struct, frozen=True):
    """An `ImageRef`."""

    sensor_id: str
    timestamp_ns: int | None
    source: str


class PackedOverlay(msgspec.Struct, frozen=True):
    """An `OverlayRef`."""

    sensor_id: str
    overlay_id: str
    source: str
    fill: bool


class PackedFrame(msgspec.Struct, frozen=True):
    """A `Frame` and the rig that holds for it."""

    key: str
    timestamp_ns: int | None
    sweeps: tuple[PackedSweep, ...]
    images: tuple[PackedImage, ...]
    rig: Position
    others: list[OtherRecord] = []
    metadata: dict[str, Any] = {}
    overlays: tuple[PackedOverlay, ...] = ()


class PackedCuboidHeader(msgspec.Struct, frozen=True):
    """What the cuboids of one frame share."""

    coord_frame_id: str
    timestamp_ns: int | None
    has_velocities: bool


class PackedLabelSet(msgspec.Struct, frozen=True):
    """A `LabelSet` and the headers of its frames."""

    label_set_id: str
    kind: str
    title: str
    frames: tuple[PackedCuboidHeader, ...]
    has_other: bool = False
    tracks: list[TrackRecord] = []


class PackedClass(msgspec.Struct, frozen=True):
    """A class and its colour."""

    name: str
    colour: tuple[Byte, Byte, Byte]
    details: ClassDetails | None = None


class PackedProblem(msgspec.Struct, frozen=True):
    """What was wrong with the data that the pack was made from."""

    source: str
    place: str
    message: str


class Manifest(msgspec.Struct, frozen=True):
    """Everything of a scene that is not an array."""

    version: int
    scene_id: str
    made_from: str
    """Format of the scene that was packed."""
    description: str
    independent: bool
    lidar_ids: tuple[str, ...]
    camera_ids: tuple[str, ...]
    classes: tuple[PackedClass, ...]
    label_sets: tuple[PackedLabelSet, ...]
    rigs: tuple[PackedRig, ...]
    frames: tuple[PackedFrame, ...]
    problems: tuple[PackedProblem, ...]
    metadata: dict[str, Any] = {}


def name_in_file(name: str) -> str:
    """Return a sensor or field name as an HDF5 link name.

    Examples
    --------
    >>> name_in_file("front/left."), name_in_file("")
    ('front%2Fleft%2E', '%')
    """
    return quote(name, safe=" ").replace(".", "%2E") or "%"
