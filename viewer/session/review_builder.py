"""Building a queue from what a person asked for in a few fields; runs on a worker thread."""

from dataclasses import dataclass, replace
from enum import StrEnum

from viewer.formats import growth
from viewer.progress import JobContext
from viewer.review import CommandRefused, Reading, SubjectKind, Workspace
from viewer.review.edits.edited_dataset import edited_dataset
from viewer.review.queues import build
from viewer.review.queues.labels import LabelFilter, labels_through
from viewer.review.queues.origin import by_filter
from viewer.review.queues.plan import PlannedItem, QueuePlan
from viewer.review.subject import Subject
from viewer.review.subject_rows import subject_row
from viewer.scene.scene import Dataset, Scene


class Source(StrEnum):
    """Where the items come from."""

    DATASET = "dataset"
    SCENE = "scene"
    FRAME = "frame"
    JUDGED = "judged"
    """What others judged and the reviewer did not."""
    SLICE = "slice"


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """What shall be in a queue."""

    kind: SubjectKind
    """Labels, tracks, frames or scenes."""
    source: Source
    label_set_id: str | None = None
    scene_id: str | None = None
    frame_key: str | None = None
    slice_id: str | None = None
    classes: frozenset[str] = frozenset()
    """Empty for every class."""
    open_only: bool = True
    """Only what nobody judged yet."""
    count: int | None = None
    """How many are drawn by chance; None for all."""
    by_class: bool = False
    """Whether each class keeps its share among those drawn."""
    seed: int = 1


def build_plan(
    context: JobContext,
    request: QueueRequest,
    dataset: Dataset,
    dataset_id: str,
    workspace: Workspace,
) -> QueuePlan:
    """Return what shall be in the queue, in the order of scenes and frames.

    Raises
    ------
    CommandRefused
        When nothing fits.
    """
    reading, connection = workspace.another_reading()
    try:
        if request.source is Source.SLICE:
            plan = build.plan_of_slice(reading, request.slice_id or "")
        elif request.source is Source.JUDGED:
            found = build.plan_of_judged(reading, dataset_id, request.kind)
            plan = build.for_second_reviewer(reading, found, workspace.reviewer.name)
        else:
            plan = _of_dataset(context, request, dataset, dataset_id, reading)
        if request.kind is SubjectKind.TRACK:
            plan = build.tracks_of(plan)
            kept = tuple(item for item in plan.items if item.row.kind == SubjectKind.TRACK)
            plan = replace(plan, items=kept)
        if request.open_only and request.source is not Source.JUDGED:
            plan = build.not_yet_reviewed(reading, plan)
    finally:
        connection.close()
    if request.count is not None and request.count < len(plan):
        plan = _drawn(plan, request.count, request)
    if not len(plan):
        raise CommandRefused("nothing fits: the queue would be empty")
    return plan


def _drawn(plan: QueuePlan, count: int, request: QueueRequest) -> QueuePlan:
    if request.by_class:
        return build.sampled_in_proportion(plan, count, request.seed, build.class_of, "class")
    return build.sampled(plan, count, request.seed)


def _of_dataset(
    context: JobContext,
    request: QueueRequest,
    dataset: Dataset,
    dataset_id: str,
    reading: Reading,
) -> QueuePlan:
    """Everything of the asked kind in the dataset, the scene or the frame."""
    dataset = growth.whole(dataset)
    whole = request.source is Source.DATASET
    scenes = tuple(s for s in dataset.scenes if whole or s.scene_id == request.scene_id)
    if request.kind in (SubjectKind.FRAME, SubjectKind.SCENE):
        return _wholes(request, scenes, dataset_id)
    part = replace(dataset, scenes=scenes)
    wanted = LabelFilter(request.classes)
    part = edited_dataset(part, reading, dataset_id)
    found = labels_through(context, part, dataset_id, request.label_set_id or "", wanted)
    if request.source is not Source.FRAME:
        return found.plan
    items = tuple(item for item in found.plan.items if item.row.frame_key == request.frame_key)
    return replace(found.plan, items=items)


def _wholes(request: QueueRequest, scenes: tuple[Scene, ...], dataset_id: str) -> QueuePlan:
    """Frames or scenes."""
    subjects: list[Subject] = []
    for scene in scenes:
        if request.kind is SubjectKind.SCENE:
            subjects.append(Subject.scene(dataset_id, scene.scene_id))
            continue
        for frame in scene.frames:
            if request.source is not Source.FRAME or frame.key == request.frame_key:
                subjects.append(Subject.frame(dataset_id, scene.scene_id, frame.key))
    items = tuple(PlannedItem(subject_row(each)) for each in subjects)
    return QueuePlan(items, by_filter(f"all {request.kind}s"))
