"""Finding the members of a slice by what they are, carry and were judged; on a worker thread."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from viewer.progress import JobContext
from viewer.review import CommandRefused, Reading, SubjectKind, Workspace
from viewer.review.edits.edited_dataset import edited_dataset
from viewer.review.queues.build import covering_keys, tracks_of
from viewer.review.queues.plan import PlannedItem, QueuePlan, each_once
from viewer.review.subject_rows import label_rows
from viewer.review.tags.model import TagFilter
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.scene import Dataset, Frame, Scene
from viewer.session.label_filter import named_through, rows_through
from viewer.session.review_builder import QueueRequest, Source, build_plan
from viewer.session.view_settings import Filters

NOT_JUDGED = "not judged"
NOTHING = "nothing fits: the slice would be empty"


@dataclass(frozen=True, slots=True)
class SliceQuery:
    """Which scenes, frames, tracks or labels are wanted; what is empty is not asked."""

    kind: SubjectKind
    label_set_id: str | None
    scene_id: str | None = None
    """None for the whole dataset."""
    classes: frozenset[str] = frozenset()
    tags: TagFilter = field(default_factory=TagFilter)
    """Tags of a track, frame or scene hold for what lies in it."""
    verdicts: frozenset[str] = frozenset()
    """States that count for it, its own or of what it lies in; `NOT_JUDGED` for none."""

    @property
    def text(self) -> str:
        """For people.

        Examples
        --------
        >>> tags = TagFilter(all_of=("night", "rain"))
        >>> SliceQuery(SubjectKind.LABEL, "gt", classes=frozenset({"car"}), tags=tags).text
        'car labels, tagged night and rain'
        """
        what = f"{' or '.join(sorted(self.classes))} {self.kind}s".strip()
        where = f"{what} of {self.scene_id}" if self.scene_id is not None else what
        parts = [where]
        if self.tags.all_of:
            parts.append(f"tagged {' and '.join(self.tags.all_of)}")
        if self.tags.any_of:
            parts.append(f"tagged {' or '.join(self.tags.any_of)}")
        if self.verdicts:
            parts.append(" or ".join(sorted(each.replace("_", " ") for each in self.verdicts)))
        return ", ".join(parts)


def find_by_query(
    context: JobContext,
    query: SliceQuery,
    dataset: Dataset,
    dataset_id: str,
    workspace: Workspace,
) -> tuple[PlannedItem, ...]:
    """Return what the query finds, in the order of scenes and frames.

    Raises
    ------
    CommandRefused
        When nothing fits.
    """
    request = QueueRequest(
        query.kind,
        Source.DATASET if query.scene_id is None else Source.SCENE,
        query.label_set_id,
        query.scene_id,
        classes=query.classes,
        open_only=False,
    )
    try:
        items = build_plan(context, request, dataset, dataset_id, workspace).items
    except CommandRefused as error:
        raise CommandRefused(NOTHING) from error
    if not query.tags.is_empty or query.verdicts:
        reading, connection = workspace.another_reading()
        try:
            items = tuple(_decided(reading, items, query))
        finally:
            connection.close()
    if not items:
        raise CommandRefused(NOTHING)
    return items


def _decided(
    reading: Reading, items: tuple[PlannedItem, ...], query: SliceQuery
) -> Iterator[PlannedItem]:
    """Yield the items whose tags and verdicts fit."""
    tags: dict[str, set[str]] = {}
    for key, tag in reading.query("SELECT subject, tag FROM tags WHERE subject IS NOT NULL"):
        tags.setdefault(key, set()).add(tag)
    # The newest comes last and stays.
    states: dict[str, str] = (
        dict(reading.query("SELECT subject, state FROM verdicts ORDER BY time_ns, reviewer"))
        if query.verdicts
        else {}
    )
    for item, keys in covering_keys(items):
        carried = set().union(*(tags[key] for key in keys if key in tags))
        state = next((states[key] for key in keys if key in states), NOT_JUDGED)
        if query.tags.accepts(carried) and (not query.verdicts or state in query.verdicts):
            yield item


def find_shown(
    context: JobContext,
    filters: Filters,
    kind: SubjectKind,
    scenes: Iterable[Scene],
    dataset: Dataset,
    dataset_id: str,
    workspace: Workspace,
    frame_key: str | None = None,
) -> tuple[PlannedItem, ...]:
    """Return the labels that the view's filters leave, or their tracks or frames.

    Parameters
    ----------
    scenes
        Those of the dataset that are asked.
    frame_key
        Only this frame; None for all.

    Raises
    ------
    CommandRefused
        When nothing fits.
    """
    reading, connection = workspace.another_reading()
    try:
        part = edited_dataset(replace(dataset, scenes=tuple(scenes)), reading, dataset_id)
    finally:
        connection.close()
    frames = [
        (scene, frame)
        for scene in part.scenes
        for frame in scene.frames
        if frame_key in (None, frame.key)
    ]
    items: list[PlannedItem] = []
    for scene, frame in context.track(frames, "Filtering labels"):
        for label_set in scene.label_sets:
            set_id = label_set.label_set_id
            if set_id in filters.hidden_label_sets:
                continue
            labels = scene.reader.read_labels(frame.index, set_id)
            named = list(_left(scene, frame, labels, filters))
            ids = (label_id for label_id, _, _ in named)
            rows = label_rows(dataset_id, scene.scene_id, frame.key, set_id, ids)
            for row, (_, class_name, track_id) in zip(rows, named, strict=True):
                items.append(PlannedItem(row, class_name, track_id))
    plan = QueuePlan(each_once(items))
    if kind is SubjectKind.TRACK:
        found = tracks_of(plan).items
        items = [each for each in found if each.row.kind == SubjectKind.TRACK]
    else:
        items = list(plan.items)
    if not items:
        raise CommandRefused(NOTHING)
    return tuple(items)


def _left(
    scene: Scene, frame: Frame, labels: FrameLabels, filters: Filters
) -> Iterator[tuple[str, str, str | None]]:
    """Yield id, class and track of the labels of a frame that the filters leave."""
    cuboids = labels.cuboids
    for row in np.flatnonzero(
        rows_through(cuboids, filters, lambda: _ego_range_m(scene, frame, cuboids))
    ).tolist():
        yield cuboids.label_ids[row], cuboids.class_names[row], cuboids.track_ids[row]
    if filters.max_range_m is not None or filters.min_range_m > 0:
        return
    for flat in (labels.boxes_2d, labels.shapes_2d):
        kept = named_through(flat.class_names, flat.attributes, np.asarray(flat.scores), filters)
        for row in np.flatnonzero(kept).tolist():
            yield flat.label_ids[row], flat.class_names[row], flat.track_ids[row]


def _ego_range_m(scene: Scene, frame: Frame, labels: CuboidLabels) -> npt.NDArray[np.float64]:
    rig = scene.reader.read_rig(frame.index)
    labels_ns = frame.timestamp_ns if labels.timestamp_ns is None else labels.timestamp_ns
    ego_from_labels = rig.transforms.transform(
        rig.ego_coord_frame_id, labels.cuboids.coord_frame_id, frame.timestamp_ns, src_ns=labels_ns
    )
    centers = ego_from_labels.apply(labels.cuboids.center)
    range_m: npt.NDArray[np.float64] = np.hypot(centers[:, 0], centers[:, 1])
    return range_m
