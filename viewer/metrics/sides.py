"""One side of an evaluation: the objects of one label set over its own frames."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from viewer.formats.argoverse2.format import CLASS_NAMES as ARGOVERSE2_NAMES
from viewer.formats.base import DamagedData
from viewer.formats.coco.reader import CocoReader
from viewer.formats.collector import collector_at_rest
from viewer.formats.kitti_object.labels import CLASS_NAMES as KITTI_NAMES
from viewer.formats.label_places import LabelPlaces, PredictedFrames, StrayLabels
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTreeError
from viewer.metrics.flat_objects import CocoRows
from viewer.metrics.object_columns import ObjectColumns
from viewer.metrics.objects import EvaluatedFrames, EvaluatedObjects
from viewer.metrics.prediction_problems import PredictionRules
from viewer.progress import JobContext
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Frame, Problem, Scene
from viewer.scene.sensors import Rig

Mover = Callable[[int, str], RigidTransform]
"""dst_from_side of a frame row and of dst; `TransformTreeError` where there is none."""
UNTIMED = -1
SAMPLED_ROWS = 32
"""Rows that are asked in which files they stand."""
LINE_FORMATS = ("kitti_object", "kitti_tracking")
NUSCENES_NAMES = (
    "car", "truck", "bus", "trailer", "construction_vehicle", "pedestrian", "motorcycle",
    "bicycle", "traffic_cone", "barrier",
)  # fmt: skip
OWN_CLASSES: Mapping[str, tuple[str, ...]] = {
    "nuscenes": NUSCENES_NAMES,
    "nuscenes_results": NUSCENES_NAMES,
    "argoverse2": ARGOVERSE2_NAMES,
    "kitti_object": KITTI_NAMES,
    "kitti_tracking": KITTI_NAMES,
}
"""Names of a benchmark's classes, which labels need not use or call otherwise."""


class NoSuchLabelSet(ValueError):
    """A dataset has no label set of the name, or several and none was named."""


@dataclass(frozen=True, eq=False, slots=True)
class Side:
    """Objects and what is known of their frames and files."""

    objects: EvaluatedObjects
    source: str
    place_of: Callable[[int], tuple[str, str]]
    """File and place of a row."""
    move: Mover | None = None
    """None where nothing but the objects' own coord frame is known."""
    open_ended: bool = False
    """True where frames are only those that some row names: the other side may have more."""
    known_classes: Collection[str] = ()
    rules: PredictionRules = field(default_factory=PredictionRules)
    problems: tuple[Problem, ...] = ()


@collector_at_rest()
def dataset_side(
    dataset: Dataset, label_set_id: str, job: JobContext, *, are_labels: bool = True
) -> Side:
    """Read every frame of a label set.

    Scenes without the label set are left out. Cuboids of frames that lie in another coord frame
    than the first are moved into that.

    Parameters
    ----------
    are_labels
        Whether these are the labels: then the vehicle's places are asked for, and frames that only
        predictions name are left out.
    """
    return _Reading(dataset, label_set_id, job, are_labels=are_labels).side()


class _Reading:
    def __init__(
        self, dataset: Dataset, label_set_id: str, job: JobContext, *, are_labels: bool
    ) -> None:
        self._dataset = dataset
        self._set_id = label_set_id
        self._job = job
        self._are_labels = are_labels
        self._scenes = [
            scene for scene in dataset.scenes
            if any(each.label_set_id == label_set_id for each in scene.label_sets)
        ]  # fmt: skip
        self._frames: list[tuple[int, Frame]] = [
            (row, frame)
            for row, scene in enumerate(self._scenes)
            for frame in scene.frames
            if not (are_labels and self._is_only_predicted(scene, frame))
        ]
        self._coord_frame_id: str | None = None
        self._columns = ObjectColumns(ordered_by_line=dataset.format_name in LINE_FORMATS)
        self._problems: list[Problem] = []

    def side(self) -> Side:
        before = self._noted()
        total = len(self._frames)
        for row, (scene_row, frame) in enumerate(self._frames):
            self._job.report(row, total, f"Reading {self._set_id}")
            self._read(row, self._scenes[scene_row], frame)
        self._job.report(total, total, f"Reading {self._set_id}")
        self._problems += [each for each in self._noted() if each not in before]
        strays = [
            stray
            for scene in self._scenes
            if isinstance(scene.reader, StrayLabels)
            for stray in scene.reader.stray_labels(self._set_id)
        ]
        self._problems += dict.fromkeys(strays)
        coord_frame_id = self._coord_frame_id or "world"
        objects = self._columns.finish(self._evaluated_frames(coord_frame_id), coord_frame_id)
        bounds = None if self._dataset.format_name in LINE_FORMATS else (0.0, 1.0)
        place_of = self._place_of(objects)
        # What was found in the same files before, as while their index was made.
        spread = np.unique(np.linspace(0, len(objects) - 1, SAMPLED_ROWS).astype(np.int64))
        files = {place_of(row)[0] for row in spread.tolist()} if len(objects) else set()
        known = (*self._dataset.problems, *before)
        early = [each for each in known if each.source in files]
        return Side(
            objects,
            str(self._dataset.path),
            place_of,
            move=self._moved,
            known_classes=self._known_classes(),
            rules=PredictionRules(score_bounds=bounds, needs_score=bounds is not None),
            problems=tuple(dict.fromkeys([*early, *self._problems])),
        )

    def _is_only_predicted(self, scene: Scene, frame: Frame) -> bool:
        """Return True where nothing but other sets of predictions names a frame."""
        reader = scene.reader
        if not isinstance(reader, PredictedFrames) or not reader.is_only_predicted(frame.index):
            return False
        kinds = [each.kind for each in scene.label_sets if each.label_set_id == self._set_id]
        return LabelSetKind.PREDICTIONS not in kinds

    def _known_classes(self) -> set[str]:
        """Return classes that the dataset lists, not those that only predictions in it use."""
        known = set(OWN_CLASSES.get(self._dataset.format_name, ()))
        for scene in self._scenes:
            others = [each.kind for each in scene.label_sets if each.label_set_id != self._set_id]
            mixed = LabelSetKind.PREDICTIONS in others
            for entry in scene.class_map.entries:
                if entry.class_id is not None or not mixed:
                    known |= {entry.name, entry.train_name or entry.name}
        return known

    def _noted(self) -> dict[Problem, None]:
        return dict.fromkeys(each for scene in self._scenes for each in scene.reader.problems())

    def _read(self, row: int, scene: Scene, frame: Frame) -> None:
        try:
            labels = scene.reader.read_labels(frame.index, self._set_id)
            if not len(labels.cuboids):
                self._columns.add(row, labels, told=self._told(scene, frame))
                return
            own = labels.cuboids.cuboids.coord_frame_id
            if self._coord_frame_id is None:
                self._coord_frame_id = own
            move = None
            if own != self._coord_frame_id:
                move = self._transform(row, self._coord_frame_id, own)
            self._columns.add(row, labels, move)
        except DamagedData as damage:
            self._problems.append(damage.as_problem())
        except TransformTreeError as error:
            place = f"frame {frame.key}"
            message = f"its cuboids do not reach {self._coord_frame_id!r}: {error}"
            self._problems.append(Problem(str(scene.path), place, message))

    def _told(self, scene: Scene, frame: Frame) -> CocoRows | None:
        """Return the rows of a COCO file, which tell boxes and areas beside the outlines."""
        reader = scene.reader
        if not isinstance(reader, CocoReader):
            return None
        rows = reader.read_source_rows(frame.index, self._set_id)
        image = reader.images[frame.index]
        values = {label_id: row.values for label_id, row in rows.items()}
        return CocoRows(
            values,
            image.width or 0,
            image.height or 0,
            are_results=reader.sources[self._set_id].file.is_results,
        )

    def _transform(self, row: int, dst: str, src: str) -> RigidTransform:
        scene_row, frame = self._frames[row]
        rig = self._scenes[scene_row].reader.read_rig(frame.index)
        return rig.transforms.transform(dst, src, frame.timestamp_ns)

    def _moved(self, row: int, dst: str) -> RigidTransform:
        try:
            return self._transform(row, dst, self._coord_frame_id or "world")
        except DamagedData as damage:
            raise TransformTreeError(f"its poses cannot be read: {damage}") from None

    def _evaluated_frames(self, coord_frame_id: str) -> EvaluatedFrames:
        count = len(self._frames)
        positions = np.full((count, 3), np.nan)
        if self._are_labels:
            for row, (scene_row, frame) in enumerate(self._frames):
                if not row % 256:
                    self._job.report(row, count, "Reading poses")
                positions[row] = _ego_position(self._scenes[scene_row], frame, coord_frame_id)
        return EvaluatedFrames(
            keys=[frame.key for _, frame in self._frames],
            scene_ids=[scene.scene_id for scene in self._scenes],
            scene_of_frame=np.array([row for row, _ in self._frames], dtype=np.int64),
            index_in_scene=np.array([frame.index for _, frame in self._frames], dtype=np.int64),
            timestamps_ns=np.array(
                [UNTIMED if frame.timestamp_ns is None else frame.timestamp_ns
                 for _, frame in self._frames], dtype=np.int64,
            ),
            ego_positions_m=positions,
        )  # fmt: skip

    def _place_of(self, objects: EvaluatedObjects) -> Callable[[int], tuple[str, str]]:
        def place_of(row: int) -> tuple[str, str]:
            scene_row, frame = self._frames[int(objects.frame_rows[row])]
            scene, label_id = self._scenes[scene_row], objects.label_ids[row]
            place = None
            if isinstance(scene.reader, LabelPlaces):
                place = scene.reader.label_place(frame.index, self._set_id, label_id)
            return place or (str(scene.path), f"frame {frame.key}, {label_id}")

        return place_of


def _ego_position(scene: Scene, frame: Frame, coord_frame_id: str) -> tuple[float, ...]:
    """Place of the vehicle, else of the first lidar; NaN where neither is known."""
    unknown = (np.nan, np.nan, np.nan)
    try:
        rig: Rig = scene.reader.read_rig(frame.index)
        src = rig.ego_coord_frame_id
        if src == "world":
            lidar = next(iter(rig.lidars.values()), None)
            if lidar is None:
                return unknown
            src = lidar.coord_frame_id
        if src == coord_frame_id:
            return (0.0, 0.0, 0.0)
        return tuple(
            rig.transforms.transform(coord_frame_id, src, frame.timestamp_ns).translation.tolist()
        )
    except (DamagedData, TransformTreeError):
        return unknown


def label_set_of(dataset: Dataset, label_set_id: str | None, kind: LabelSetKind) -> LabelSet:
    """Return the label set of a name; without a name the first of a kind, else the only one.

    Raises
    ------
    NoSuchLabelSet
        With the names that there are.
    """
    sets = {each.label_set_id: each for scene in dataset.scenes for each in scene.label_sets}
    if label_set_id is not None:
        if label_set_id in sets:
            return sets[label_set_id]
        raise NoSuchLabelSet(f"{dataset.path} has no label set {label_set_id!r}; {_names(sets)}")
    fitting = [each for each in sets.values() if each.kind == kind]
    if kind == LabelSetKind.GROUND_TRUTH and fitting:
        return fitting[0]
    chosen = fitting or list(sets.values())
    if len(chosen) == 1:
        return chosen[0]
    what = "labels" if kind == LabelSetKind.GROUND_TRUTH else "predictions"
    raise NoSuchLabelSet(f"{dataset.path}: which {what} are meant? {_names(sets)}")


def _names(sets: Mapping[str, LabelSet]) -> str:
    return f"it has {', '.join(sets) or 'none'}"
