"""What the sensors recorded in one scene: files at keyframes, and between them."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.json_rows import RowDecoder
from viewer.formats.lazy_frames import LazyFrames
from viewer.formats.nuscenes.schema import CalibratedSensorRow, SampleDataRow, time_ns
from viewer.formats.nuscenes.tables import Sample, Tables
from viewer.formats.problem_log import ProblemLog
from viewer.scene.images import ImageRef
from viewer.scene.scene import Frame, SweepRef

RANGE_SENSORS = ("lidar", "radar")


@dataclass(frozen=True, slots=True)
class Recording:
    """One file that a sensor recorded."""

    token: str
    channel: str
    modality: str
    timestamp_ns: int
    calibrated: CalibratedSensorRow
    pose_token: str
    filename: str
    """As the table has it."""
    source: str
    """Where the file lies."""
    is_there: bool
    """False for a keyframe's file that is missing; not looked for between keyframes."""
    width_px: int
    height_px: int
    """0 where the table does not say."""

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(self.source)


class SceneRecordings:
    """The recordings of a scene's samples, decoded when first asked for."""

    def __init__(self, tables: Tables, samples: Sequence[Sample], problems: ProblemLog) -> None:
        self._tables = tables
        self._samples = samples
        self._problems = problems
        self._decoder = RowDecoder(SampleDataRow)
        self._keyframes: list[dict[str, Recording]] | None = None
        self._lock = threading.Lock()

    def keyframes(self) -> list[dict[str, Recording]]:
        """Return the recordings of each sample by channel."""
        with self._lock:
            if self._keyframes is None:
                self._keyframes = [self._keyframe(sample) for sample in self._samples]
                self._note_missing(self._keyframes)
            return self._keyframes

    def between(self, sample_index: int) -> list[Recording]:
        """Return the recordings that led to a sample, by channel, then by time."""
        found = [
            recording
            for row in self._rows(self._samples[sample_index], key_frames=False)
            if (recording := self._decode(row, self._problems, look=False)) is not None
        ]
        rank = {channel: number for number, channel in enumerate(self._tables.channels)}
        found.sort(key=lambda each: (rank.get(each.channel, len(rank)), each.timestamp_ns))
        return found

    def shown_channels(self) -> set[str]:
        """Return the channels of which a keyframe's file is there.

        Most need one look. Where a folder of the first files is missing as a whole, the first,
        middle and last file stand for all of a channel, as decoding every row would take seconds.
        """
        tables = self._tables
        rows_of: dict[str, list[int]] = {}
        for sample in self._samples:
            for row in self._rows(sample, key_frames=True):
                number = int(tables.recordings.seconds[row])
                rows_of.setdefault(tables.channel_of[number], []).append(row)
        return {channel for channel, rows in rows_of.items() if self._is_shown(rows)}

    def _is_shown(self, rows: list[int]) -> bool:
        # A damaged row is told of when the scene's recordings are listed.
        quiet = ProblemLog()
        first = [rows[0], rows[len(rows) // 2], rows[-1]]
        found = [self._decode(row, quiet, look=True) for row in first]
        if any(each is not None and each.is_there for each in found):
            return True
        if all(each is None or not self._tables.root.has_folder_of(each.source) for each in found):
            return False
        others = (self._decode(row, quiet, look=True) for row in rows)
        return any(each is not None and each.is_there for each in others)

    def _rows(self, sample: Sample, *, key_frames: bool) -> list[int]:
        return self._tables.recordings.rows_of(sample.row, sample.row + 1, flag=key_frames)

    def _keyframe(self, sample: Sample) -> dict[str, Recording]:
        found: dict[str, Recording] = {}
        for row in self._rows(sample, key_frames=True):
            recording = self._decode(row, self._problems, look=True)
            if recording is None:
                continue
            if recording.channel in found:
                problem = f"is a second recording of {recording.channel} in its sample"
                table = self._tables.folder / "sample_data.json"
                self._problems.add(table, recording.token, problem)
            else:
                found[recording.channel] = recording
        return found

    def _decode(self, row: int, problems: ProblemLog, *, look: bool) -> Recording | None:
        tables = self._tables
        try:
            data = tables.recordings.decode(row, self._decoder)
        except DamagedData as damage:
            problems.add(damage.path, damage.place, f"{damage.problem}; it is left out")
            return None
        number = int(tables.recordings.seconds[row])
        channel = tables.channel_of[number]
        timestamp_ns = time_ns(data.timestamp)
        resolved = tables.root.resolve(data.filename, data.token)
        if isinstance(resolved, DamagedData):
            problems.add_damage(resolved)
            return None
        if timestamp_ns is None:
            table = tables.folder / "sample_data.json"
            problems.add(table, data.token, "has no time that can be; it is left out")
            return None
        return Recording(
            data.token,
            channel,
            tables.channels[channel],
            timestamp_ns,
            tables.calibrated[number],
            data.ego_pose_token,
            data.filename,
            resolved,
            not look or tables.root.has(resolved),
            data.width or 0,
            data.height or 0,
        )

    def _note_missing(self, keyframes: Sequence[dict[str, Recording]]) -> None:
        missing: dict[str, list[Recording]] = {}
        for recordings in keyframes:
            for recording in recordings.values():
                if not recording.is_there:
                    missing.setdefault(recording.channel, []).append(recording)
        for each in missing.values():
            what = "image" if each[0].modality == "camera" else "point cloud"
            self._problems.add_missing([recording.path for recording in each], what)


def frames_of(
    samples: Sequence[Sample],
    recordings: SceneRecordings,
    sweeps: Sequence[str],
    cameras: Sequence[str],
) -> LazyFrames:
    """Return the frames of a scene; recordings are looked for when one is first asked for."""

    def make() -> Iterator[Frame]:
        found = zip(samples, recordings.keyframes(), strict=True)
        for index, (sample, own) in enumerate(found):
            there = {name: each for name, each in own.items() if each.is_there}
            yield Frame(
                index,
                sample.token,
                sample.timestamp_ns,
                tuple(
                    SweepRef(name, there[name].timestamp_ns, there[name].source)
                    for name in sweeps
                    if name in there
                ),
                tuple(
                    ImageRef(name, there[name].timestamp_ns, there[name].source)
                    for name in cameras
                    if name in there
                ),
            )

    return LazyFrames(len(samples), make)
