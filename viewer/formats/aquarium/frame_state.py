"""The content of one frame: an ADD row with its MODIFY rows applied on top."""

from dataclasses import dataclass, field

import msgspec

from viewer.formats.aquarium.index import FrameEntry
from viewer.formats.aquarium.schema import (
    CoordFrameRecord,
    RowHead,
    SensorRecord,
    coord_frames_of,
    kind_of,
    sensors_of,
)
from viewer.formats.base import DamagedData
from viewer.formats.json_lines import RowPlace, read_row
from viewer.formats.problem_log import ProblemLog


class _Set(msgspec.Struct):
    explicitly_set_keys: list[str] | None = None


_HEAD = msgspec.json.Decoder(RowHead)
_SET = msgspec.json.Decoder(_Set)


@dataclass(eq=False, slots=True)
class FrameState:
    """Sensors and coord frames of a frame, each list in the order of the rows."""

    sensors: list[SensorRecord] = field(default_factory=list)
    coord_frames: list[CoordFrameRecord] = field(default_factory=list)
    place: RowPlace | None = None
    """The last row that says something; None when only labels tell of the frame."""

    def find(self, sensor_id: str, *, lidar: bool) -> SensorRecord | None:
        """Return a lidar or camera by its id."""
        for sensor in self.sensors:
            if sensor.sensor_id == sensor_id and (sensor.is_lidar if lidar else sensor.is_camera):
                return sensor
        return None


def read_state(
    entry: FrameEntry, problems: ProblemLog, *, with_coord_frames: bool = True
) -> FrameState:
    """Read the rows of a frame; `DamagedData` when one cannot be read any more.

    A MODIFY row replaces the sensors and coord frames whose ids it names, and adds others; where
    it lists ``explicitly_set_keys``, only what those name counts.
    """
    state = FrameState()
    sensors: dict[tuple[str, str, str], SensorRecord] = {}
    frames: dict[str, CoordFrameRecord] = {}
    for row in entry.state_rows:
        data = read_row(row)
        try:
            head = _HEAD.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise DamagedData(row.path, row.place, f"is not what it was: {error}") from None
        first = state.place is None
        state.place = row
        named = None if first else _explicit_keys(data)
        if named is None or "sensor_data" in named:
            found, damages = sensors_of(head.sensor_data, row)
            for sensor in found:
                key = (kind_of(sensor.sensor_type), sensor.sensor_id, sensor.overlay_id)
                if not first or key not in sensors:
                    sensors[key] = sensor
            _note(damages, problems)
        if with_coord_frames and (named is None or "coordinate_frames" in named):
            listed, damages = coord_frames_of(head.coordinate_frames, row)
            _add_coord_frames(listed, frames, row, problems)
            _note(damages, problems)
    state.sensors = list(sensors.values())
    state.coord_frames = list(frames.values())
    return state


def _add_coord_frames(
    listed: list[CoordFrameRecord],
    frames: dict[str, CoordFrameRecord],
    row: RowPlace,
    problems: ProblemLog,
) -> None:
    own: set[str] = set()
    for index, record in enumerate(listed):
        name = record.coordinate_frame_id
        if name in own and record != frames[name]:
            # An overlay adds the plain coord frame of its image anew.
            kinds = {record.coordinate_frame_type, frames[name].coordinate_frame_type}
            if kinds == {"IMAGE", "IMAGE_PROJECTION"}:
                if record.coordinate_frame_type == "IMAGE_PROJECTION":
                    frames[name] = record
                continue
            problem = f"coord frame {name!r} stands there twice and differs; the first counts"
            problems.add(row.path, f"{row.place}, $.coordinate_frames[{index}]", problem)
            continue
        own.add(name)
        frames[name] = record


def _explicit_keys(data: bytes) -> list[str] | None:
    try:
        return _SET.decode(data).explicitly_set_keys
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _note(damages: list[DamagedData], problems: ProblemLog) -> None:
    for damage in damages:
        problems.add_damage(damage)
