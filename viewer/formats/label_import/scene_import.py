"""Labels of one dataset brought into a scene of another: the plan first, then a merged scene."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.label_import.joined import joined
from viewer.formats.label_import.label_columns import (
    class_names,
    label_ids,
    on_known_sensors,
    on_sensor,
    split_by_sensor,
    with_attributes,
)
from viewer.formats.label_import.matching import Incoming, Matches, Unmatched, match_frames
from viewer.formats.label_import.merged_reader import merged_reader_type
from viewer.formats.label_import.modes import (
    ClassTable,
    ImportMode,
    ImportPlan,
    ImportRefused,
    ImportResult,
    UnknownClasses,
    class_table,
    import_labels,
)
from viewer.formats.source_rows import SourceRow, SourceRows
from viewer.geometry.transform_tree import TransformTreeError
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import CuboidLabels, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.metadata import FrameMetadata
from viewer.scene.scene import Frame, Problem, Scene

TAGS = "tags"
STATUS = "status"
NO_CLASSES = ClassMap()


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person decides."""

    mode: ImportMode
    unknown: UnknownClasses = UnknownClasses.REFUSE
    names: Mapping[str, str] = field(default_factory=dict)
    """Another name for incoming classes."""
    label_set_id: str | None = None
    """Label set that the labels go into; None for the first of ground truth, else a new one."""
    status: str | None = None
    """Attribute ``status`` of every label that comes in; None leaves each its own."""


@dataclass(frozen=True, slots=True)
class FramePlan:
    """What happens to one frame, or one image of it."""

    frame_key: str
    sensor_id: str | None
    source: str
    plan: ImportPlan


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import does to a scene."""

    label_set_id: str
    rows: tuple[FramePlan, ...]
    classes: ClassTable
    unmatched: tuple[Unmatched, ...]
    problems: tuple[Problem, ...] = ()
    no_sensor: Mapping[str, int] = field(default_factory=dict)
    """Count of incoming labels by the camera or lidar that the scene does not have."""

    def total(self, name: str) -> int:
        """Sum of a count of `ImportPlan` over all frames."""
        return sum(getattr(row.plan, name) for row in self.rows)

    def by_class(self) -> Counter[str]:
        """Count of added labels by class."""
        return sum((Counter(row.plan.by_class) for row in self.rows), Counter())


class SceneImport:
    """Labels on their way into a scene; neither dataset changes.

    Parameters
    ----------
    scene
        Gets the labels.
    incoming
        Scenes and the label set of each that is brought in.

    Raises
    ------
    ImportRefused
        When the scene has no such label set.
    """

    def __init__(
        self, scene: Scene, incoming: Sequence[tuple[Scene, str]], options: ImportOptions
    ) -> None:
        self._scene = scene
        self._options = options
        self.incoming = tuple(incoming)
        """Scenes that labels come from, and the label set of each."""
        self._target = _target_set(scene, options.label_set_id)
        self._has_target = self._target in scene.label_sets
        self._matches: Matches = match_frames(scene, incoming)
        self._incoming_classes = ClassMap(
            tuple({e.name: e for other, _ in incoming for e in other.class_map.entries}.values())
        )

    @property
    def scene(self) -> Scene:
        """The scene that gets the labels, as it was."""
        return self._scene

    @property
    def label_set_id(self) -> str:
        """Label set that the labels go into."""
        return self._target.label_set_id

    @property
    def mode(self) -> ImportMode:
        """What happens to frames that have labels."""
        return self._options.mode

    def matched_frames(self, scene: Scene) -> tuple[int, ...]:
        """Return the frames of an incoming scene that have a place, by index."""
        found = {
            each.frame.index
            for incoming in self._matches.by_frame.values()
            for each in incoming
            if each.scene is scene
        }
        return tuple(sorted(found))

    def report(self, context: JobContext) -> ImportReport:
        """Read the labels of every matched frame and say what would happen."""
        rows: list[FramePlan] = []
        found: list[str] = []
        problems: list[Problem] = []
        no_sensor: Counter[str] = Counter()
        frames = list(self._matches.by_frame.items())
        for index, incoming in context.track(frames, "Reading labels"):
            try:
                existing = self._existing(index)
                for each, arrived, result in self._results(index, existing, incoming):
                    frame = self._scene.frames[index]
                    rows.append(FramePlan(frame.key, each.sensor_id, each.name, result.plan))
                    no_sensor += self._without_sensor(each)
                    if not result.plan.kept_out:
                        found += dict.fromkeys(class_names(arrived))
            except DamagedData as damage:
                problems.append(damage.as_problem())
        own = class_table(
            list(dict.fromkeys(found)), self._scene.class_map, self._options.unknown,
            self._options.names,
        )  # fmt: skip
        return ImportReport(
            self._target.label_set_id,
            tuple(rows),
            own,
            self._matches.unmatched,
            tuple(problems),
            no_sensor,
        )

    def merged(self, report: ImportReport) -> Scene:
        """Return the scene with the labels in it.

        Raises
        ------
        ImportRefused
            When an unknown class may not be created.
        """
        if report.classes.refused:
            raise ImportRefused(f"unknown classes: {', '.join(sorted(report.classes.refused))}")
        scene = self._scene
        reader = merged_reader_type(scene.reader)(
            scene.reader,
            self._target.label_set_id,
            self._labels_of,
            self._metadata_of,
            self._source_rows_of,
            keeps_tracks=self._options.mode != ImportMode.REPLACE,
        )
        label_sets = scene.label_sets if self._has_target else (*scene.label_sets, self._target)
        class_map = report.classes.grown(scene.class_map, self._incoming_classes)
        return replace(scene, reader=reader, label_sets=label_sets, class_map=class_map)

    def _existing(self, index: int) -> FrameLabels:
        if not self._has_target:
            return FrameLabels(CuboidLabels.empty("world"))
        return self._scene.reader.read_labels(index, self._target.label_set_id)

    def _labels_of(self, index: int) -> FrameLabels:
        labels = self._existing(index)
        for each, _, result in self._results(index, labels, self._matches.by_frame.get(index, ())):
            if each.sensor_id is None:
                labels = result.labels
            else:
                labels = joined(split_by_sensor(labels, each.sensor_id)[1], result.labels)
        return labels

    def _results(
        self, index: int, existing: FrameLabels, incoming: Sequence[Incoming]
    ) -> Iterator[tuple[Incoming, FrameLabels, ImportResult]]:
        """Yield what becomes of each image, or of the frame; new ids differ within the frame."""
        taken: set[str] = set()
        if any(each.sensor_id is not None for each in incoming):
            taken.update(label_ids(existing))
        for each in incoming:
            arrived = self._arrived(each, index, existing)
            there = existing
            others: set[str] = set(taken)
            if each.sensor_id is not None:
                there = split_by_sensor(existing, each.sensor_id)[0]
                others -= set(label_ids(there))
            result = import_labels(
                there, arrived, NO_CLASSES, self._options.mode, UnknownClasses.CREATE,
                self._options.names, tuple(others),
            )  # fmt: skip
            taken.update(label_ids(result.labels))
            yield each, arrived, result

    def _arrived(self, each: Incoming, index: int, existing: FrameLabels) -> FrameLabels:
        labels = each.scene.reader.read_labels(each.frame.index, each.label_set_id)
        if each.sensor_id is not None:
            labels = on_sensor(labels, each.sensor_id)
        else:
            labels = self._on_known_sensors(labels)[0]
        if self._options.status is not None:
            labels = with_attributes(labels, {STATUS: self._options.status})
        return self._moved(labels, index, existing, each.name)

    def _without_sensor(self, each: Incoming) -> Counter[str]:
        if each.sensor_id is not None:
            return Counter()
        labels = each.scene.reader.read_labels(each.frame.index, each.label_set_id)
        return self._on_known_sensors(labels)[1]

    def _on_known_sensors(self, labels: FrameLabels) -> tuple[FrameLabels, Counter[str]]:
        return on_known_sensors(labels, self._scene.camera_ids, self._scene.lidar_ids)

    def _moved(
        self, labels: FrameLabels, index: int, existing: FrameLabels, name: str
    ) -> FrameLabels:
        """Move cuboids into the coord frame of those that are there."""
        cuboids = labels.cuboids
        src = cuboids.cuboids.coord_frame_id
        dst = existing.cuboids.cuboids.coord_frame_id
        if not len(cuboids):
            return replace(labels, cuboids=type(cuboids).empty(dst))
        frame: Frame = self._scene.frames[index]
        rig = self._scene.reader.read_rig(index)
        if src == dst and src in rig.transforms:
            return labels
        at_ns = cuboids.timestamp_ns if cuboids.timestamp_ns is not None else frame.timestamp_ns
        try:
            dst_from_src = rig.transforms.transform(dst, src, at_ns)
        except TransformTreeError as error:
            raise ImportRefused(f"{name}: cuboids do not reach the scene's: {error}") from None
        velocities = cuboids.velocities_mps
        if velocities is not None:
            velocities = velocities @ dst_from_src.rotation.T
        moved = replace(
            cuboids, cuboids=cuboids.cuboids.transformed(dst_from_src), velocities_mps=velocities
        )
        return replace(labels, cuboids=moved)

    def _metadata_of(self, index: int, own: Mapping[str, Any]) -> Mapping[str, Any]:
        """Bring the tags of incoming images in, as the mode says."""
        tags: list[Any] = []
        for each in self._matches.by_frame.get(index, ()):
            reader = each.scene.reader
            if isinstance(reader, FrameMetadata):
                found = reader.read_frame_metadata(each.frame.index).get(TAGS)
                tags += found if isinstance(found, list) else []
        before = own.get(TAGS)
        mode = self._options.mode
        if not tags or (mode == ImportMode.KEEP and before):
            return own
        if mode == ImportMode.CONCATENATE and isinstance(before, list):
            tags = [*before, *(tag for tag in tags if tag not in before)]
        return {**own, TAGS: tags}

    def _source_rows_of(self, index: int) -> dict[str, SourceRow]:
        """Return the rows behind the labels that stay and behind those that come in."""
        existing = self._existing(index)
        reader = self._scene.reader
        found: dict[str, SourceRow] = {}
        if self._has_target and isinstance(reader, SourceRows):
            found.update(reader.read_source_rows(index, self._target.label_set_id))
        for each, _, result in self._results(
            index, existing, self._matches.by_frame.get(index, ())
        ):
            source = each.scene.reader
            if result.plan.kept_out:
                continue
            rows: Mapping[str, SourceRow] = {}
            if isinstance(source, SourceRows):
                rows = source.read_source_rows(each.frame.index, each.label_set_id)
            for before, after in result.ids.items():
                found.pop(after, None)
                if before in rows:
                    found[after] = rows[before]
        return found


def _target_set(scene: Scene, wanted: str | None) -> LabelSet:
    sets = scene.label_sets
    if wanted is not None:
        for each in sets:
            if each.label_set_id == wanted:
                return each
        names = ", ".join(each.label_set_id for each in sets) or "none at all"
        raise ImportRefused(f"scene {scene.scene_id} has no label set {wanted!r}; it has {names}")
    truths = [each for each in sets if each.kind == LabelSetKind.GROUND_TRUTH]
    new = LabelSet("ground_truth", LabelSetKind.GROUND_TRUTH, "Labels")
    return truths[0] if truths else new
