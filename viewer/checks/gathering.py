"""Reads one scene once for all checks: labels into the world, points beside them."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from viewer.checks.absences import AbsenceMeasures, Absences, absences
from viewer.checks.file_facts import FileFacts, FileState
from viewer.checks.file_inspection import Inspection
from viewer.checks.kept import (
    compared_digest,
    files_digest,
    labels_digest,
    load_files,
    load_measures,
    noted_digest,
    save_files,
    save_measures,
)
from viewer.checks.motion import track_steps
from viewer.checks.scene_labels import FLOOR_M, MARGIN_M, NOISE_M, CheckedScene, PointMeasures
from viewer.formats.base import DamagedData
from viewer.geometry.box_fit import BoxFit, fit_boxes
from viewer.geometry.box_sight import BoxSight, trace_boxes
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import ROOT, TransformTreeError
from viewer.metrics.object_columns import ObjectColumns
from viewer.metrics.objects import EvaluatedFrames, EvaluatedObjects, Floats, Ints
from viewer.processing.ground import Ground, joined_cells, low_cells
from viewer.progress import JobContext
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, Scene, SweepRef
from viewer.scene.sensors import RangeSensorKind, Rig

ReadLabels = Callable[[int, str], FrameLabels]
"""Labels of a frame index and a label set id, e.g. with the edits of a workspace."""
_NS_PER_S = 1e9


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run needs of a scene."""

    label_set_id: str | None
    """None where there are no labels: sensors and files are all there is to check."""
    prediction_set_ids: tuple[str, ...] = ()
    points: bool = True
    """Whether some check looks at points; reading them is most of the work."""
    second_set_ids: tuple[str, ...] = ()
    """What other people said of the same frames."""
    annotator_attribute: str | None = None
    """Of labels, that names who made them; None to look for a usual one."""
    files: bool = False
    """Whether some check looks at files."""
    decoded_images: int = 0
    """Of each camera, decoded to their end for that."""


@dataclass(frozen=True, eq=False, slots=True)
class _FrameMeasures:
    boxes: bytes
    """Digest of what was measured."""
    has_points: bool
    fit: BoxFit
    sight: BoxSight
    low_cells: tuple[Floats, ...]
    absent: tuple[Ints, Floats]
    """(A,) points in boxes that no label is at, and share of rays that end before them."""


@dataclass(eq=False, slots=True)
class KeptMeasures:
    """What was measured of the frames of one scene; of the same boxes it is not measured again."""

    frames: dict[int, _FrameMeasures] = field(default_factory=dict)
    files: FileFacts | None = None


def gather_scene(
    scene: Scene,
    wanted: Wanted,
    job: JobContext,
    read_labels: ReadLabels | None = None,
    kept: KeptMeasures | None = None,
) -> CheckedScene:
    """Read a scene; what cannot be read is told in its problems and left out.

    Parameters
    ----------
    read_labels
        Where labels come from; None for the scene's own reader.
    kept
        From the last time, and for the next: only frames whose boxes changed are measured again.
    """
    read = read_labels or scene.reader.read_labels
    return _Gathering(scene, wanted, read, kept or KeptMeasures()).run(job)


class _Gathering:
    def __init__(
        self, scene: Scene, wanted: Wanted, read_labels: ReadLabels, kept: KeptMeasures
    ) -> None:
        self._kept, self._kept_files = kept.frames, kept
        self._is_again = bool(kept.frames)
        self._scene = scene
        self._wanted = wanted
        self._read = read_labels
        self._problems: dict[str, Problem] = {}
        count = len(scene.frames)
        self._world_from_ego: Floats = np.full((count, 4, 4), np.nan)
        self._has_points = np.zeros(count, dtype=bool)
        self._boxes: list[tuple[Frame, Rig, Cuboids]] = []
        self._measured: list[int] = []
        self._fits: list[BoxFit] = []
        self._sights: list[BoxSight] = []
        self._low_cells: list[Floats] = []
        self._absent: list[tuple[Ints, Ints, Floats]] = []
        self._inspection: Inspection | None = None

    def run(self, job: JobContext) -> CheckedScene:
        scene, wanted = self._scene, self._wanted
        columns = {set_id: ObjectColumns() for set_id in self._set_ids()}
        for frame in job.track(scene.frames, f"Reading {scene.scene_id}"):
            # Boxes may have numbers that are none; a check of its own tells of them.
            with np.errstate(invalid="ignore"):
                self._read_frame(frame, columns)
        files = self._files_digest()
        frames = self._frames()
        objects = {set_id: each.finish(frames, ROOT) for set_id, each in columns.items()}
        label_set_id = wanted.label_set_id
        second = [each for each in wanted.second_set_ids if each != label_set_id]
        if label_set_id is None:
            labels = ObjectColumns().finish(frames, ROOT)
        else:
            labels = objects.pop(label_set_id)
        # Points are measured with the labels alone: others beside them change nothing there.
        own = labels_digest(scene, labels)
        digest = compared_digest(own, objects)
        points = self._points(labels, own, job) if wanted.points else None
        facts = self._files(files, job) if wanted.files else None
        return CheckedScene(
            scene=scene,
            label_set_id=label_set_id or "",
            labels=labels,
            predictions={set_id: objects[set_id] for set_id in objects if set_id not in second},
            times_s=_times_s(scene),
            world_from_ego=self._world_from_ego,
            points=points,
            annotator_attribute=wanted.annotator_attribute,
            files=facts,
            problems=tuple(self._problems.values()),
            second_labels={set_id: objects[set_id] for set_id in second},
            digest=f"{digest}{files}{noted_digest(facts)}",
        )

    def _points(
        self, labels: EvaluatedObjects, digest: str, job: JobContext
    ) -> PointMeasures | None:
        kept = load_measures(digest)
        if kept is not None:
            return kept
        absent = self._absences(labels)
        for frame, rig, boxes in job.track(self._boxes, f"Measuring {self._scene.scene_id}"):
            with np.errstate(invalid="ignore"):
                self._measure(frame, rig, boxes, absent)
        measures = self._measures(labels, absent)
        # While a scene is edited the frames in memory are enough.
        if measures is not None and not self._problems and not self._is_again:
            save_measures(digest, measures)
        return measures

    def _set_ids(self) -> list[str]:
        wanted = self._wanted
        named = (wanted.label_set_id, *wanted.prediction_set_ids, *wanted.second_set_ids)
        return list(dict.fromkeys(each for each in named if each is not None))

    def _read_frame(self, frame: Frame, columns: dict[str, ObjectColumns]) -> None:
        rig = self._rig(frame)
        if rig is None:
            return
        self._pose(frame, rig)
        for set_id, each in columns.items():
            labels = self._labels(frame, set_id)
            if labels is None:
                continue
            move = self._world_from(rig, labels.cuboids, frame)
            each.add(frame.index, labels if move else _without_cuboids(labels), move)
            if set_id == self._wanted.label_set_id and self._wanted.points and move:
                boxes = labels.cuboids.cuboids.transformed(move)
                self._boxes.append((frame, rig, boxes))

    def _rig(self, frame: Frame) -> Rig | None:
        try:
            return self._scene.reader.read_rig(frame.index)
        except DamagedData as error:
            self._note(error)
            return None

    def _labels(self, frame: Frame, set_id: str) -> FrameLabels | None:
        try:
            return self._read(frame.index, set_id)
        except DamagedData as error:
            self._note(error)
            return None

    def _note(self, error: DamagedData) -> None:
        problem = error.as_problem()
        self._problems.setdefault(str(problem), problem)

    def _pose(self, frame: Frame, rig: Rig) -> None:
        try:
            pose = rig.transforms.transform(ROOT, rig.ego_coord_frame_id, frame.timestamp_ns)
        except TransformTreeError:
            return
        self._world_from_ego[frame.index] = pose.matrix

    def _world_from(self, rig: Rig, labels: CuboidLabels, frame: Frame) -> RigidTransform | None:
        time_ns = labels.timestamp_ns if labels.timestamp_ns is not None else frame.timestamp_ns
        try:
            return rig.transforms.transform(ROOT, labels.cuboids.coord_frame_id, time_ns)
        except TransformTreeError as error:
            problem = Problem(frame.key, labels.cuboids.coord_frame_id, str(error))
            self._problems.setdefault(str(problem), problem)
            return None

    # -- points ------------------------------------------------------------------------------

    def _absences(self, labels: EvaluatedObjects) -> Absences:
        numbers = np.concatenate([labels.centers_m, labels.sizes_m, labels.rotations], axis=1)
        rows = np.flatnonzero(np.isfinite(numbers).all(axis=1))
        if self._scene.independent:
            rows = rows[:0]
        steps = track_steps(labels, rows, _times_s(self._scene), np.zeros(len(labels)))
        return absences(labels, steps)

    def _measure(self, frame: Frame, rig: Rig, boxes: Cuboids, absent: Absences) -> None:
        places = absent.in_frame(frame.index)
        bare = absent.boxes.select(places)
        digest = _digest(boxes, bare)
        found = self._kept.get(frame.index)
        if found is None or found.boxes != digest:
            told = len(self._problems)
            found = self._measured_now(frame, rig, boxes, bare, digest)
            if len(self._problems) == told:
                # What could not be read is tried, and told, again.
                self._kept[frame.index] = found
        self._has_points[frame.index] = found.has_points
        self._measured.append(frame.index)
        self._fits.append(found.fit)
        self._sights.append(found.sight)
        self._low_cells += found.low_cells
        self._absent.append((places, *found.absent))

    def _measured_now(
        self, frame: Frame, rig: Rig, boxes: Cuboids, bare: Cuboids, digest: bytes
    ) -> _FrameMeasures:
        clouds = list(self._clouds(frame, rig))
        fit, sight = BoxFit.empty(len(boxes)), BoxSight.empty(len(boxes))
        cells: tuple[Floats, ...] = ()
        if clouds:
            cells = (low_cells(np.concatenate([_free(each, boxes) for each, _ in clouds])),)
        for points, origin in clouds:
            fit = fit.joined(_fit_alone(points, boxes, _floors_m(boxes, cells[0])))
            sight = sight.joined(trace_boxes(points, origin, boxes))
        absent = _measured_absent(clouds, boxes, bare, cells)
        return _FrameMeasures(digest, bool(clouds), fit, sight, cells, absent)

    def _clouds(self, frame: Frame, rig: Rig) -> Iterable[tuple[Floats, Floats]]:
        """Yield the finite points of each lidar of a frame, and its place; world coordinates."""
        for sweep in frame.sweeps:
            sensor = rig.lidars.get(sweep.sensor_id)
            if sensor is not None and sensor.kind != RangeSensorKind.LIDAR:
                continue
            try:
                cloud = self._cloud(frame, sweep)
                time_ns = sweep.timestamp_ns or frame.timestamp_ns
                pose = rig.transforms.transform(ROOT, cloud.coord_frame_id, time_ns)
                # Points may lie in the vehicle's coord frame; the rays begin at the lidar.
                own = cloud.coord_frame_id if sensor is None else sensor.coord_frame_id
                origin = rig.transforms.transform(ROOT, own, time_ns).translation
            except DamagedData as error:
                self._note(error)
                continue
            except TransformTreeError as error:
                problem = Problem(frame.key, sweep.sensor_id, str(error))
                self._problems.setdefault(str(problem), problem)
                continue
            xyz = cloud.xyz if cloud.finite_count == len(cloud) else cloud.xyz[cloud.finite_mask()]
            if len(xyz):
                yield pose.apply(xyz), origin

    def _cloud(self, frame: Frame, sweep: SweepRef) -> PointCloud:
        """Read a cloud; whoever inspects files is told of it."""
        inspection = self._inspection
        try:
            cloud = self._scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
        except DamagedData as error:
            if inspection is not None:
                inspection.note_damage(frame, sweep, error)
            raise
        if inspection is not None:
            inspection.note_cloud(frame, sweep, cloud)
        return cloud

    # -- files -------------------------------------------------------------------------------

    def _files_digest(self) -> str:
        """Digest of the files as they are now; looks for what is known of them."""
        wanted, kept = self._wanted, self._kept_files
        if not wanted.files or kept.files is not None:
            return ""
        digest = files_digest(self._scene, wanted.decoded_images)
        kept.files = load_files(digest)
        if kept.files is None:
            self._inspection = Inspection(self._scene, wanted.decoded_images)
        return digest

    def _files(self, digest: str, job: JobContext) -> FileFacts:
        """Return what is told of files, with all that the reader noted by now."""
        facts = self._kept_files.files
        if facts is None:
            assert self._inspection is not None
            facts = self._kept_files.files = self._inspection.finish(job)
            if all(each.state is not FileState.UNREADABLE for each in facts.files):
                save_files(digest, facts)
        noted = dict.fromkeys((*facts.problems, *self._scene.reader.problems()))
        return replace(facts, problems=tuple(noted))

    def _measures(self, labels: EvaluatedObjects, absent: Absences) -> PointMeasures | None:
        """Spread what was measured of cuboids over all labels; those without one have nothing."""
        if not self._has_points.any():
            return None
        starts = labels.frame_offsets()[self._measured]
        # A frame's cuboids come before its 2D boxes.
        parts = [
            start + np.arange(len(fit.counts))
            for start, fit in zip(starts, self._fits, strict=True)
        ]
        rows = np.concatenate(parts)
        whole, ground = BoxFit.empty(len(labels)), np.full(len(labels), np.nan)
        for name in ("counts", "low_m", "high_m", "outside", "standing"):
            getattr(whole, name)[rows] = np.concatenate([getattr(fit, name) for fit in self._fits])
        ground[rows] = self._ground_under(labels, rows)
        sight = BoxSight.empty(len(labels))
        for name in ("passed", "blocked", "ended"):
            getattr(sight, name)[rows] = np.concatenate([getattr(s, name) for s in self._sights])
        places, points, hidden = (
            np.concatenate([each[column] for each in self._absent]) for column in range(3)
        )
        places = places.astype(np.int64)
        measured = AbsenceMeasures(
            absent.rows[places], absent.frames[places], absent.boxes.center[places],
            points.astype(np.int64), hidden,
        )  # fmt: skip
        return PointMeasures(whole, sight, ground, self._has_points, measured)

    def _ground_under(self, labels: EvaluatedObjects, rows: Ints) -> Floats:
        """(K,) height of the ground under some boxes, told from the clouds of the whole scene."""
        heights = np.full(len(rows), np.nan)
        numbers = np.concatenate([labels.centers_m[rows], labels.sizes_m[rows]], axis=1)
        sound = np.isfinite(numbers).all(axis=1)
        own = rows[sound]
        reach = np.hypot(labels.sizes_m[own, 0], labels.sizes_m[own, 1]) / 2
        ground = Ground(joined_cells(self._low_cells))
        heights[sound] = ground.sure_heights(labels.centers_m[own], reach)
        return heights

    def _frames(self) -> EvaluatedFrames:
        scene = self._scene
        count = len(scene.frames)
        stamps = [-1 if each.timestamp_ns is None else each.timestamp_ns for each in scene.frames]
        return EvaluatedFrames(
            keys=[each.key for each in scene.frames],
            scene_ids=(scene.scene_id,),
            scene_of_frame=np.zeros(count, np.int64),
            index_in_scene=np.arange(count),
            timestamps_ns=np.array(stamps, dtype=np.int64),
            ego_positions_m=self._world_from_ego[:, :3, 3].copy(),
        )


def _free(points: Floats, boxes: Cuboids) -> Floats:
    """Points that lie in no box."""
    return points[boxes.containing_cuboid(points) < 0]


def _floors_m(boxes: Cuboids, cells: Floats) -> Floats:
    """(N,) height above each bottom from which points are not the ground's.

    A box may reach below the ground: then there are no sides where the ground's points lie.
    """
    floors: Floats = np.full(len(boxes), FLOOR_M)
    numbers = np.concatenate([boxes.center, boxes.size], axis=1)
    sound = np.flatnonzero(np.isfinite(numbers).all(axis=1))
    reach = np.hypot(boxes.size[sound, 0], boxes.size[sound, 1]) / 2
    ground = Ground(cells).sure_heights(boxes.center[sound], reach)
    bottom = boxes.center[sound, 2] - boxes.size[sound, 2] / 2
    floors[sound] += np.nan_to_num(np.maximum(ground - bottom, 0.0), nan=0.0)
    return floors


def _fit_alone(points: Floats, boxes: Cuboids, floors_m: Floats) -> BoxFit:
    """Fit boxes; points that lie in a box are not left over beside another.

    Half of the points on a side that fits lie outside of it by the lidar's noise: they are not
    left over either.
    """
    fit = fit_boxes(points, boxes, MARGIN_M, floors_m)
    grown = replace(boxes, size=boxes.size + 2 * NOISE_M)
    beside = fit_boxes(_free(points, boxes), grown, MARGIN_M - NOISE_M, floors_m + NOISE_M)
    return replace(fit, outside=beside.outside)


def _measured_absent(
    clouds: list[tuple[Floats, Floats]], boxes: Cuboids, bare: Cuboids, cells: tuple[Floats, ...]
) -> tuple[Ints, Floats]:
    """(A,) points above the ground and in no label, and share of rays that end before each box."""
    count = len(bare)
    points, sight = np.zeros(count, np.int64), BoxSight.empty(count)
    if count and clouds:
        floors = _floors_m(bare, cells[0])
        for cloud, origin in clouds:
            points += fit_boxes(_free(cloud, boxes), bare, MARGIN_M, floors).standing
            sight = sight.joined(trace_boxes(cloud, origin, bare))
    rays = np.maximum(sight.passed + sight.blocked + sight.ended, 1)
    return points, sight.blocked / rays


def _times_s(scene: Scene) -> Floats:
    if scene.independent:
        return np.full(len(scene.frames), np.nan)
    stamps: npt.NDArray[np.float64] = np.full(len(scene.frames), np.nan)
    first = next((each.timestamp_ns for each in scene.frames if each.timestamp_ns is not None), 0)
    for place, frame in enumerate(scene.frames):
        if frame.timestamp_ns is not None:
            stamps[place] = (frame.timestamp_ns - first) / _NS_PER_S
    return stamps


def _without_cuboids(labels: FrameLabels) -> FrameLabels:
    return FrameLabels(CuboidLabels.empty(ROOT), boxes_2d=labels.boxes_2d)


def _digest(*parts: Cuboids) -> bytes:
    columns = (
        np.ascontiguousarray(each)
        for boxes in parts
        for each in (boxes.center, boxes.size, boxes.rotation)
    )
    return hashlib.blake2b(b"".join(each.tobytes() for each in columns), digest_size=16).digest()
