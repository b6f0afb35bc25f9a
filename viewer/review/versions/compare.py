"""Comparing label sets of opened datasets: versions, the labels as edited now, deliveries."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from viewer.formats.base import DamagedData
from viewer.geometry.transform_tree import TransformTreeError
from viewer.progress import JobContext
from viewer.review.edits.apply import apply_edits
from viewer.review.edits.edited_labels import delivered_labels
from viewer.review.edits.model import FrameEdits
from viewer.review.edits.reading import edits_in_scene
from viewer.review.ledger import Reading
from viewer.review.versions.diff import ALL_ASPECTS, Aspect, LabelDiff, diff_labels
from viewer.review.versions.label_table import LabelTable
from viewer.review.versions.labels import version_labels
from viewer.review.versions.matching import ALL_WAYS, MatchedBy
from viewer.review.versions.model import SceneVersion, Version
from viewer.review.versions.reading import scene_version
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.scene import Problem, Scene

NO_LABELS = FrameLabels(CuboidLabels.empty("world"))
LabelSource = Callable[[Scene, int], FrameLabels]
"""Gives the labels of a frame, by its index; may raise `DamagedData`."""


def as_delivered(label_set_id: str) -> LabelSource:
    """Return the source of a label set as its files have it; no labels in scenes without it."""

    def labels(scene: Scene, frame_index: int) -> FrameLabels:
        if all(each.label_set_id != label_set_id for each in scene.label_sets):
            return NO_LABELS
        return delivered_labels(scene.reader.read_labels(frame_index, label_set_id))

    return labels


def as_edited(reading: Reading, dataset_id: str, label_set_id: str) -> LabelSource:
    """Return the source of a label set with the edits of a workspace, on the reading's thread."""
    delivered = as_delivered(label_set_id)

    @lru_cache(maxsize=1)
    def edits_of(scene_id: str) -> Mapping[str, FrameEdits]:
        return edits_in_scene(reading, dataset_id, scene_id)

    def labels(scene: Scene, frame_index: int) -> FrameLabels:
        in_frame = edits_of(scene.scene_id).get(scene.frames[frame_index].key, {})
        return apply_edits(delivered(scene, frame_index), in_frame.get(label_set_id, ()))

    return labels


def as_version(reading: Reading, version: Version) -> LabelSource:
    """Return the source of a version's labels, on the reading's thread.

    What the version has as delivered comes from the files as they are now.
    """
    delivered = as_delivered(version.label_set_id)

    @lru_cache(maxsize=1)
    def held(scene_id: str) -> SceneVersion | None:
        return scene_version(reading, version, scene_id)

    def labels(scene: Scene, frame_index: int) -> FrameLabels:
        key = scene.frames[frame_index].key
        found = delivered(scene, frame_index)
        return version_labels(version.keeps, held(scene.scene_id), key, found)

    return labels


@dataclass(frozen=True, slots=True)
class Side:
    """One of two things to compare."""

    scenes: Sequence[Scene]
    labels: LabelSource


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """What lies between two sides."""

    diff: LabelDiff
    problems: tuple[Problem, ...]
    """Frames that could not be compared and are left out of the diff."""
    not_shared: tuple[str, ...]
    """Scenes that only one side has; all their labels were added or removed."""


def compare(
    before: Side,
    after: Side,
    context: JobContext,
    ways: Sequence[MatchedBy] = ALL_WAYS,
    min_iou: float = 0.3,
    aspects: Collection[Aspect] = ALL_ASPECTS,
    *,
    boxes_2d: bool = True,
) -> Comparison:
    """Read both sides frame by frame and compare them.

    Scenes meet by id, frames by key. Cuboids in two coord frames are brought into one, where the
    poses of either scene tell how. All kinds of labels are compared. For the parameters see
    `diff_labels` and `LabelTable.of`.
    """
    scenes = [{each.scene_id: each for each in side.scenes} for side in (before, after)]
    scene_ids = sorted(scenes[0].keys() | scenes[1].keys())
    problems: list[Problem] = []
    tables: tuple[list[_Frame], list[_Frame]] = ([], [])
    for scene_id in context.track(scene_ids, "Comparing labels"):
        pair = (_SceneFrames(scenes[0].get(scene_id)), _SceneFrames(scenes[1].get(scene_id)))
        for frame_key in dict.fromkeys([*pair[0].indices, *pair[1].indices]):
            try:
                found = [pair[0].labels(before, frame_key), pair[1].labels(after, frame_key)]
                found[1] = _in_one_coord_frame(found[0], found[1], pair, frame_key)
            except DamagedData as damage:
                problems.append(Problem(str(damage.path), damage.place, damage.problem))
                continue
            except _Apart as apart:
                problems.append(Problem(f"{scene_id} / {frame_key}", "", str(apart)))
                continue
            for table, labels in zip(tables, found, strict=True):
                table.append((scene_id, frame_key, labels))
    whole = [LabelTable.of(table, boxes_2d=boxes_2d) for table in tables]
    diff = diff_labels(whole[0], whole[1], ways, min_iou, aspects)
    counts = Counter([*scenes[0], *scenes[1]])
    not_shared = tuple(each for each in scene_ids if counts[each] < 2)
    return Comparison(diff, tuple(problems), not_shared)


def count_classes_by_scene(
    side: Side, context: JobContext
) -> tuple[dict[str, dict[str, int]], tuple[Problem, ...]]:
    """Return labels by scene and class, e.g. for `split_scenes`, and frames that are damaged.

    Cuboids count; in a scene without any, 2D boxes do.
    """
    found: dict[str, dict[str, int]] = {}
    problems: list[Problem] = []
    for scene in context.track(side.scenes, "Counting labels"):
        solid: Counter[str] = Counter()
        flat: Counter[str] = Counter()
        for index in range(len(scene)):
            try:
                labels = side.labels(scene, index)
            except DamagedData as damage:
                problems.append(Problem(str(damage.path), damage.place, damage.problem))
                continue
            solid.update(labels.cuboids.class_names)
            flat.update(labels.boxes_2d.class_names)
        found[scene.scene_id] = dict(solid or flat)
    return found, tuple(problems)


_Frame = tuple[str, str, FrameLabels]


class _Apart(Exception):
    """Two frames' cuboids cannot be brought together; the message says why."""


class _SceneFrames:
    """A scene of one side, by frame key; none where the side has not got it."""

    def __init__(self, scene: Scene | None) -> None:
        self.scene = scene
        frames = () if scene is None else scene.frames
        self.indices = {frame.key: frame.index for frame in frames}

    def labels(self, side: Side, frame_key: str) -> FrameLabels:
        index = self.indices.get(frame_key)
        if self.scene is None or index is None:
            return NO_LABELS
        return side.labels(self.scene, index)


def _in_one_coord_frame(
    before: FrameLabels,
    after: FrameLabels,
    pair: tuple[_SceneFrames, _SceneFrames],
    frame_key: str,
) -> FrameLabels:
    """Return the second labels with their cuboids where those of the first lie."""
    wanted, present = before.cuboids.cuboids, after.cuboids.cuboids
    dst, src = wanted.coord_frame_id, present.coord_frame_id
    if dst == src or not len(wanted) or not len(present):
        return after
    for frames in pair:
        index = frames.indices.get(frame_key)
        if frames.scene is None or index is None:
            continue
        transforms = frames.scene.reader.read_rig(index).transforms
        if dst not in transforms or src not in transforms:
            continue
        at_ns = after.cuboids.timestamp_ns
        if at_ns is None:
            at_ns = frames.scene.frames[index].timestamp_ns
        try:
            moved = present.transformed(transforms.transform(dst, src, at_ns))
        except TransformTreeError as error:
            raise _Apart(str(error)) from error
        return replace(after, cuboids=replace(after.cuboids, cuboids=moved, velocities_mps=None))
    raise _Apart(f"cuboids in {dst!r} and in {src!r}, and no pose leads from one to the other")
