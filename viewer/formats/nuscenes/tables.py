"""The index over a folder of tables: what is needed to list scenes and frames, and to find rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.json_rows import JsonFile, read_rows
from viewer.formats.nuscenes.layout import DataRoot
from viewer.formats.nuscenes.poses import EgoPoses
from viewer.formats.nuscenes.schema import (
    AnnotationKeyRow,
    CalibratedSensorRow,
    InstanceRow,
    NamedRow,
    SampleDataRow,
    SampleRow,
    SceneRow,
    SensorRow,
    VisibilityRow,
    time_ns,
)
from viewer.formats.problem_log import ProblemLog

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Recording:
    """One file that a sensor recorded at a keyframe."""

    channel: str
    modality: str
    timestamp_ns: int
    calibrated_token: str
    pose_token: str
    source: str
    """Where the file lies."""
    is_there: bool
    width_px: int
    height_px: int
    """0 where the table does not say."""

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(self.source)


@dataclass(eq=False, slots=True)
class Sample:
    """A keyframe with its recordings by channel."""

    token: str
    timestamp_ns: int
    row: int
    """Position among all samples of the tables."""
    recordings: dict[str, Recording] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class Annotations:
    """Byte ranges of the annotations, sorted by sample."""

    file: JsonFile
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    """(samples + 1,) where in `starts` each sample begins."""


@dataclass(eq=False, slots=True)
class Tables:
    """A folder of tables, indexed."""

    folder: Path
    root: DataRoot
    problems: ProblemLog
    scenes: list[SceneRow] = field(default_factory=list)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    """By scene token, in order of time."""
    channels: dict[str, str] = field(default_factory=dict)
    """Modality by channel, in the order of the sensor table."""
    calibrated: dict[str, CalibratedSensorRow] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
    """Category name by instance token."""
    attributes: dict[str, str] = field(default_factory=dict)
    visibilities: dict[str, str] = field(default_factory=dict)
    annotations: Annotations | None = None
    poses: EgoPoses | None = None
    between_count: int = 0
    """Recordings between keyframes, which are not shown."""


def read_tables(folder: Path, opened: Path) -> Tables:
    """Index the tables of a folder; `DamagedData` when there is no scene to show."""
    tables = Tables(folder, DataRoot(folder, opened), ProblemLog())
    tables.scenes = list(_rows(tables, "scene", SceneRow).values())
    by_token = _read_samples(tables)
    if not by_token:
        raise DamagedData(folder / "sample.json", "", "holds no sample of any scene")
    _read_recordings(tables, by_token)
    tables.poses = EgoPoses(
        folder / "ego_pose.json",
        (
            recording.pose_token
            for sample in by_token.values()
            for recording in sample.recordings.values()
        ),
    )
    _read_names(tables)
    tables.annotations = _index_annotations(tables, by_token)
    return tables


def _rows(tables: Tables, name: str, row: type[Row], *, needed: bool = True) -> dict[str, Row]:
    """Return the rows of a small table by token; an optional table that is missing is empty."""
    path = tables.folder / f"{name}.json"
    if not needed and not path.exists():
        return {}
    try:
        rows = read_rows(JsonFile(path), row, tables.problems)
        return {each.token: each for _, _, each in rows}  # type: ignore[attr-defined]
    except DamagedData as damage:
        if name == "scene":
            raise
        tables.problems.add_damage(damage)
        return {}


def _read_samples(tables: Tables) -> dict[str, Sample]:
    path = tables.folder / "sample.json"
    tables.samples = {scene.token: [] for scene in tables.scenes}
    by_token: dict[str, Sample] = {}
    for token, row in _rows(tables, "sample", SampleRow).items():
        timestamp_ns = time_ns(row.timestamp)
        if row.scene_token not in tables.samples:
            tables.problems.add(path, token, "belongs to no scene of the tables; it is left out")
        elif timestamp_ns is None:
            tables.problems.add(path, token, "has no time that can be; it is left out")
        else:
            sample = Sample(token, timestamp_ns, len(by_token))
            by_token[token] = sample
            tables.samples[row.scene_token].append(sample)
    for samples in tables.samples.values():
        samples.sort(key=lambda sample: sample.timestamp_ns)
    return by_token


def _read_recordings(tables: Tables, by_token: Mapping[str, Sample]) -> None:
    """Attach the recordings of the keyframes to their samples."""
    sensors = _rows(tables, "sensor", SensorRow)
    tables.channels = {sensor.channel: sensor.modality for sensor in sensors.values()}
    tables.calibrated = _rows(tables, "calibrated_sensor", CalibratedSensorRow)
    channel_of = {
        token: sensors[row.sensor_token].channel
        for token, row in tables.calibrated.items()
        if row.sensor_token in sensors
    }
    path = tables.folder / "sample_data.json"
    kept: list[SampleDataRow] = []
    lost: list[str] = []
    try:
        for _, _, row in read_rows(JsonFile(path), SampleDataRow, tables.problems):
            if not row.is_key_frame:
                tables.between_count += 1
            elif row.sample_token in by_token and row.calibrated_sensor_token in channel_of:
                kept.append(row)
            else:
                lost.append(row.token)
    except DamagedData as damage:
        tables.problems.add_damage(damage)
    note_lost(tables.problems, path, lost, "have an unknown sample or sensor")
    tables.root.settle([row.filename for row in kept[:64]])
    for row in kept:
        _attach(tables, by_token[row.sample_token], row, channel_of[row.calibrated_sensor_token])


def _attach(tables: Tables, sample: Sample, row: SampleDataRow, channel: str) -> None:
    path = tables.folder / "sample_data.json"
    timestamp_ns = time_ns(row.timestamp)
    resolved = tables.root.resolve(row.filename, row.token)
    if isinstance(resolved, DamagedData):
        tables.problems.add_damage(resolved)
    elif timestamp_ns is None:
        tables.problems.add(path, row.token, "has no time that can be; it is left out")
    elif channel in sample.recordings:
        tables.problems.add(path, row.token, f"is a second recording of {channel} in its sample")
    else:
        sample.recordings[channel] = Recording(
            channel,
            tables.channels[channel],
            timestamp_ns,
            tables.calibrated[row.calibrated_sensor_token].token,
            row.ego_pose_token,
            resolved,
            tables.root.has(resolved),
            row.width or 0,
            row.height or 0,
        )


def _read_names(tables: Tables) -> None:
    categories = _rows(tables, "category", NamedRow, needed=False)
    tables.categories = {token: row.name for token, row in categories.items()}
    attributes = _rows(tables, "attribute", NamedRow, needed=False)
    tables.attributes = {token: row.name for token, row in attributes.items()}
    visibilities = _rows(tables, "visibility", VisibilityRow, needed=False)
    tables.visibilities = {token: row.level for token, row in visibilities.items()}
    instances = _rows(tables, "instance", InstanceRow, needed=False)
    tables.instances = {
        token: tables.categories.get(row.category_token, row.category_token)
        for token, row in instances.items()
    }


def _index_annotations(tables: Tables, by_token: Mapping[str, Sample]) -> Annotations | None:
    path = tables.folder / "sample_annotation.json"
    if not path.exists():
        return None
    places: list[tuple[int, int, int]] = []
    lost: list[str] = []
    try:
        file = JsonFile(path)
        for start, end, row in read_rows(file, AnnotationKeyRow, tables.problems):
            sample = by_token.get(row.sample_token)
            if sample is None:
                lost.append(f"byte {start}")
            else:
                places.append((sample.row, start, end))
    except DamagedData as damage:
        tables.problems.add_damage(damage)
        return None
    note_lost(tables.problems, path, lost, "belong to no sample of the tables")
    table = np.array(places, dtype=np.int64).reshape(-1, 3)
    table = table[np.argsort(table[:, 0], kind="stable")]
    offsets = np.searchsorted(table[:, 0], np.arange(len(by_token) + 1))
    return Annotations(file, table[:, 1].copy(), table[:, 2].copy(), offsets.astype(np.int64))


def note_lost(problems: ProblemLog, path: Path, places: list[str], what: str) -> None:
    """Note rows that were left out, in one problem."""
    if places:
        problems.add(path, places[0], f"{len(places)} rows {what}; they are left out")
