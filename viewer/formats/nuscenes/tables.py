"""The index over a folder of tables: what is needed to list scenes and frames, and to find rows."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from viewer.formats.base import DamagedData
from viewer.formats.growth import Deferred, GivenUp, given_up_here, is_large
from viewer.formats.json_rows import JsonFile, RowDecoder, read_rows
from viewer.formats.nuscenes.layout import DataRoot
from viewer.formats.nuscenes.poses import EgoPoses
from viewer.formats.nuscenes.row_index import (
    RowsByOwner,
    RowsByToken,
    index_by_owner,
    index_by_token,
)
from viewer.formats.nuscenes.schema import (
    CalibratedSensorRow,
    CategoryRow,
    InstanceRow,
    LogRow,
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
_RECORDING_KEYS = ("sample_token", "is_key_frame", "calibrated_sensor_token")
_ANNOTATION_KEYS = ("sample_token", "", "")
_SETTLING_ROWS = 64


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """A keyframe."""

    token: str
    timestamp_ns: int
    row: int
    """Position among all samples of the tables."""


@dataclass(eq=False, slots=True)
class Tables:
    """A folder of tables: the small ones read, the large ones indexed."""

    folder: Path
    root: DataRoot
    problems: ProblemLog
    """Of what is read on opening."""
    late_problems: ProblemLog
    """Of what is read later; they are every scene's."""
    recordings: RowsByOwner
    """Rows of ``sample_data`` by sample; the flag is that of keyframes, the second owner the row
    of `calibrated`."""
    annotations: Deferred[RowsByOwner] | None
    """Rows of ``sample_annotation`` by sample."""
    poses: EgoPoses
    instances: Deferred[dict[str, str]]
    """Category name by instance token."""
    scenes: list[SceneRow] = field(default_factory=list)
    logs: dict[str, LogRow] = field(default_factory=dict)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    """By scene token, in order of time."""
    channels: dict[str, str] = field(default_factory=dict)
    """Modality by channel, in the order of the sensor table."""
    calibrated: list[CalibratedSensorRow] = field(default_factory=list)
    """Those whose sensor is known."""
    channel_of: list[str] = field(default_factory=list)
    """Channel of each calibrated sensor."""
    categories: dict[str, CategoryRow] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    visibilities: dict[str, str] = field(default_factory=dict)

    @property
    def are_annotations_indexed(self) -> bool:
        """True unless annotations are many and would be indexed first when one is asked for."""
        deferred = self.annotations
        path = self.folder / "sample_annotation.json"
        return deferred is None or deferred.is_there or not _is_large_table(path)

    @property
    def follows(self) -> bool:
        """True where annotations or poses are many and not indexed yet."""
        poses_follow = not self.poses.is_indexed and _is_large_table(self.poses.path)
        return poses_follow or not self.are_annotations_indexed

    def index_rest(self) -> None:
        """Index annotations and poses; reports to the job that runs here."""
        if self.annotations is not None:
            self.annotations.result()
        self.poses.index()
        self.instances.result()


def read_tables(folder: Path, opened: Path) -> Tables:
    """Index the tables of a folder; `DamagedData` when there is no scene to show.

    Poses of the vehicle and annotations, which no list of scenes needs, are indexed when they are
    first asked for.
    """
    problems, late = ProblemLog(), ProblemLog()
    scenes = list(_rows(folder, "scene", SceneRow, problems).values())
    samples, tokens = _read_samples(folder, scenes, problems)
    if not tokens:
        raise DamagedData(folder / "sample.json", "", "holds no sample of any scene")
    sensors = _rows(folder, "sensor", SensorRow, problems)
    calibrated = [
        row
        for row in _rows(folder, "calibrated_sensor", CalibratedSensorRow, problems).values()
        if row.sensor_token in sensors
    ]
    recordings = _index_recordings(folder, tokens, calibrated, problems)
    categories = _rows(folder, "category", CategoryRow, problems, needed=False)
    tables = Tables(
        folder,
        DataRoot(folder, opened),
        problems,
        late,
        recordings,
        _defer_annotations(folder, tokens, late),
        EgoPoses(folder / "ego_pose.json", _defer_poses(folder, late)),
        Deferred(lambda _: _read_instances(folder, categories, late)),
        scenes=scenes,
        logs=_rows(folder, "log", LogRow, problems, needed=False),
        samples=samples,
        channels={sensor.channel: sensor.modality for sensor in sensors.values()},
        calibrated=calibrated,
        channel_of=[sensors[row.sensor_token].channel for row in calibrated],
        categories=categories,
    )
    attributes = _rows(folder, "attribute", NamedRow, problems, needed=False)
    tables.attributes = {token: row.name for token, row in attributes.items()}
    visibilities = _rows(folder, "visibility", VisibilityRow, problems, needed=False)
    tables.visibilities = {token: row.level for token, row in visibilities.items()}
    _settle(tables)
    return tables


def _rows(
    folder: Path, name: str, row: type[Row], problems: ProblemLog, *, needed: bool = True
) -> dict[str, Row]:
    """Return the rows of a small table by token; an optional table that is missing is empty."""
    path = folder / f"{name}.json"
    if not needed and not path.exists():
        return {}
    try:
        rows = read_rows(JsonFile(path), row, problems)
        return {each.token: each for _, _, each in rows}  # type: ignore[attr-defined]
    except DamagedData as damage:
        if name == "scene":
            raise
        problems.add_damage(damage)
        return {}


def _read_samples(
    folder: Path, scenes: list[SceneRow], problems: ProblemLog
) -> tuple[dict[str, list[Sample]], list[str]]:
    """Return samples by scene token, and the tokens of all in order of `Sample.row`."""
    path = folder / "sample.json"
    by_scene: dict[str, list[Sample]] = {scene.token: [] for scene in scenes}
    tokens: list[str] = []
    for token, row in _rows(folder, "sample", SampleRow, problems).items():
        timestamp_ns = time_ns(row.timestamp)
        if row.scene_token not in by_scene:
            problems.add(path, token, "belongs to no scene of the tables; it is left out")
        elif timestamp_ns is None:
            problems.add(path, token, "has no time that can be; it is left out")
        else:
            by_scene[row.scene_token].append(Sample(token, timestamp_ns, len(tokens)))
            tokens.append(token)
    for samples in by_scene.values():
        samples.sort(key=lambda sample: sample.timestamp_ns)
    return by_scene, tokens


def _index_recordings(
    folder: Path,
    sample_tokens: list[str],
    calibrated: list[CalibratedSensorRow],
    problems: ProblemLog,
) -> RowsByOwner:
    path = folder / "sample_data.json"
    others = (folder / "sample.json", folder / "sensor.json", folder / "calibrated_sensor.json")
    owners = (sample_tokens, [row.token for row in calibrated])
    try:
        return index_by_owner(path, others, _RECORDING_KEYS, owners, problems, given_up_here())
    except DamagedData as damage:
        problems.add_damage(damage)
        return RowsByOwner.empty(len(sample_tokens))


def _defer_annotations(
    folder: Path, sample_tokens: list[str], problems: ProblemLog
) -> Deferred[RowsByOwner] | None:
    path = folder / "sample_annotation.json"
    if not path.exists():
        return None

    def index(is_given_up: GivenUp) -> RowsByOwner:
        owners = (sample_tokens, ())
        others = (folder / "scene.json", folder / "sample.json")
        try:
            return index_by_owner(path, others, _ANNOTATION_KEYS, owners, problems, is_given_up)
        except DamagedData as damage:
            problems.add_damage(damage)
            return RowsByOwner.empty(len(sample_tokens))

    return Deferred(index)


def _defer_poses(folder: Path, problems: ProblemLog) -> Deferred[RowsByToken]:
    path = folder / "ego_pose.json"
    return Deferred(lambda is_given_up: index_by_token(path, problems, is_given_up))


def _is_large_table(path: Path) -> bool:
    try:
        return is_large(size_bytes=path.stat().st_size)
    except OSError:
        return False


def _read_instances(
    folder: Path, categories: dict[str, CategoryRow], problems: ProblemLog
) -> dict[str, str]:
    instances = _rows(folder, "instance", InstanceRow, problems, needed=False)
    names = {token: row.name for token, row in categories.items()}
    return {
        token: names.get(row.category_token, row.category_token) for token, row in instances.items()
    }


def _settle(tables: Tables) -> None:
    """Find out what file names start from."""
    decoder = RowDecoder(SampleDataRow)
    names: list[str] = []
    owner_count = len(tables.recordings.offsets) - 1
    keyframes = tables.recordings.rows_of(0, min(_SETTLING_ROWS, owner_count), flag=True)
    for row in keyframes[:_SETTLING_ROWS]:
        try:
            names.append(tables.recordings.decode(row, decoder).filename)
        except DamagedData:
            continue  # Told of when the recording is listed.
    tables.root.settle(names)
