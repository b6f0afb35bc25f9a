"""What stands in the rows of an Aquarium file.

Nested objects may come as JSON in a string, as the client writes coordinate frame metadata and as
downloads have everything; `expanded` undoes that where an object belongs.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from viewer.formats.base import DamagedData
from viewer.formats.json_lines import RowPlace
from viewer.scene.scene import OtherKind

ROOT = "world"
DEFAULT_SENSOR_ID = "DEFAULT"
GROUP_KEYS = (
    "user__sequence_id", "user__sequence", "user__scene_id", "user__scene", "user__frame_group",
)  # fmt: skip
"""Frame metadata that, by our choice, names the scene of a frame; the format itself has none."""
LIDAR_TYPES = ("POINTCLOUD_PCD_V0", "POINT_CLOUD_PCD", "POINTCLOUD_V0", "POINT_CLOUD_BINS")
IMAGE_TYPES = ("IMAGE_V0", "IMAGE")
OVERLAY_TYPES = ("IMAGE_OVERLAY_V0", "IMAGE_OVERLAY")
LIDAR, CAMERA, OVERLAY = "lidar", "camera", "overlay"
OTHER_KINDS = {
    "OBJ_V0": OtherKind.MESH,
    "TEXT": OtherKind.TEXT,
    "AUDIO_V0": OtherKind.AUDIO,
    "VIDEO_V0": OtherKind.VIDEO,
}
MASK_TYPES = (
    "SEMANTIC_LABEL_URL_2D", "SEMANTIC_LABEL_ASSET_2D", "INSTANCE_LABEL_URL_2D",
    "INSTANCE_LABEL_ASSET_2D", "INSTANCE_LABEL_2D",
)  # fmt: skip


class RowHead(Struct):
    """The part of a row that says what it is; lists stay undecoded."""

    task_id: str
    type: str | None = None
    change: str | None = None
    date_captured: str | None = None
    sensor_data: Raw = Raw()
    coordinate_frames: Raw = Raw()
    label_data: Raw = Raw()
    inference_data: Raw = Raw()
    user__sequence_id: Raw = Raw()
    user__sequence: Raw = Raw()
    user__scene_id: Raw = Raw()
    user__scene: Raw = Raw()
    user__frame_group: Raw = Raw()


class SensorRecord(Struct):
    """One sensor's data in a frame."""

    sensor_id: str = DEFAULT_SENSOR_ID
    sensor_type: str = ""
    coordinate_frame: str | None = None
    data_urls: dict[str, str | None] = {}
    date_captured: str | None = None
    sensor_metadata: dict[str, Any] | None = None

    @property
    def is_lidar(self) -> bool:
        """True for both forms of point clouds."""
        return self.sensor_type in LIDAR_TYPES

    @property
    def is_camera(self) -> bool:
        """True for images; overlays on images are none."""
        return self.sensor_type in IMAGE_TYPES

    @property
    def is_overlay(self) -> bool:
        """True for pictures over an image."""
        return self.sensor_type in OVERLAY_TYPES

    @property
    def overlay_id(self) -> str:
        """What tells overlays of one sensor apart; empty for anything else."""
        return str((self.sensor_metadata or {}).get("overlay_id", "")) if self.is_overlay else ""

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Stored width and height of the image; None where the row does not tell."""
        metadata = self.sensor_metadata or {}
        width, height = metadata.get("width"), metadata.get("height")
        if isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0:
            return width, height
        return None


class CoordFrameRecord(Struct):
    """One coord frame; its metadata is an object by now."""

    coordinate_frame_id: str
    coordinate_frame_type: str = "WORLD"
    coordinate_frame_metadata: dict[str, Any] | None = None


Record = TypeVar("Record", bound=Struct)
_SENSORS = msgspec.json.Decoder(list[SensorRecord])


class _SensorHead(Struct):
    sensor_id: str = DEFAULT_SENSOR_ID
    sensor_type: str = ""


_SENSOR_HEADS = msgspec.json.Decoder(list[_SensorHead])


def sensor_names_of(
    raw: Raw, row: RowPlace
) -> tuple[tuple[tuple[str, str], ...], list[DamagedData]]:
    """Return kind and id of the sensors of a row, and what is wrong with the others."""
    if not _is_given(raw):
        return (), []
    sensors: list[_SensorHead] | list[SensorRecord]
    damages: list[DamagedData] = []
    try:
        sensors = _SENSOR_HEADS.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        sensors, damages = sensors_of(raw, row)
    return tuple((kind_of(each.sensor_type), each.sensor_id) for each in sensors), damages


def kind_of(sensor_type: str) -> str:
    """Return `LIDAR` for both forms of point clouds, `CAMERA`, `OVERLAY`, else the type."""
    if sensor_type in LIDAR_TYPES:
        return LIDAR
    if sensor_type in OVERLAY_TYPES:
        return OVERLAY
    return CAMERA if sensor_type in IMAGE_TYPES else sensor_type


def sensors_of(raw: Raw, row: RowPlace) -> tuple[list[SensorRecord], list[DamagedData]]:
    """Return the sensors of a row, and what is wrong with the others."""
    if not _is_given(raw):
        return [], []
    try:
        return _SENSORS.decode(raw), []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _tolerant(raw, SensorRecord, row, "sensor_data", ("data_urls", "sensor_metadata"))


def coord_frames_of(raw: Raw, row: RowPlace) -> tuple[list[CoordFrameRecord], list[DamagedData]]:
    """Return the coord frames of a row, and what is wrong with the others."""
    if not _is_given(raw):
        return [], []
    name = "coordinate_frames"
    return _tolerant(raw, CoordFrameRecord, row, name, ("coordinate_frame_metadata",))


def expanded(value: object) -> Any:  # noqa: ANN401 - any JSON
    """Return what a JSON document in a string holds; anything else as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return value


def _is_given(raw: Raw) -> bool:
    return len(raw) > 0 and bytes(raw) not in (b"null", b"[]", b"{}", b'""')


def _tolerant(
    raw: Raw, record: type[Record], row: RowPlace, name: str, nested: tuple[str, ...]
) -> tuple[list[Record], list[DamagedData]]:
    found: list[Record] = []
    damages: list[DamagedData] = []
    try:
        items = expanded(msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [], [DamagedData(row.path, f"{row.place}, $.{name}", str(error))]
    if not isinstance(items, list):
        return [], [DamagedData(row.path, f"{row.place}, $.{name}", "is not a list")]
    for index, item in enumerate(items):
        place = f"{row.place}, $.{name}[{index}]"
        item = expanded(item)
        if isinstance(item, dict):
            item = {
                key: expanded(value) if key in nested else value
                for key, value in item.items()
                if value is not None
            }
        try:
            found.append(msgspec.convert(item, record))
        except msgspec.ValidationError as error:
            damages.append(DamagedData(row.path, place, f"{error}; it is left out"))
    return found, damages
