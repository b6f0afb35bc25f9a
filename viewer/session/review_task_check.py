"""What still keeps an item of a task from being complete; runs on a worker thread."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from viewer.formats.growth import whole
from viewer.progress import JobContext
from viewer.review import Subject, SubjectKind, Workspace
from viewer.review.edits.edited_dataset import edited_dataset
from viewer.review.tasks.answered import answered_labels
from viewer.review.tasks.model import AnsweredLabel, MandatoryAttribute, missing_attributes
from viewer.scene.scene import Dataset, Frame, Scene


@dataclass(frozen=True, slots=True)
class Blocking:
    """A label that lacks something, and what it lacks."""

    subject: Subject
    text: str
    """For people, e.g. ``label 18 (car) lacks occlusion``."""


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """The labels of an item as they are now, and those that block it."""

    labels: tuple[AnsweredLabel, ...]
    blocking: tuple[Blocking, ...]

    @property
    def sentence(self) -> str:
        """What blocks it, in one sentence; empty where nothing does."""
        if not self.blocking:
            return ""
        more = len(self.blocking) - 1
        rest = f", and {more:,} more label{'s' if more > 1 else ''} lack something" if more else ""
        return f"Not complete yet: {self.blocking[0].text}{rest}"


def check_item(
    context: JobContext,
    dataset: Dataset,
    dataset_id: str,
    workspace: Workspace,
    item: Subject,
    rules: Sequence[MandatoryAttribute],
) -> CheckedItem:
    """Read the labels that an item is or holds, edits included, and look for what they lack.

    Raises
    ------
    DamagedData
        When a frame cannot be read.
    """
    own = tuple(s for s in whole(dataset).scenes if s.scene_id == item.scene_id)
    part = replace(dataset, scenes=own)
    reading, connection = workspace.another_reading()
    try:
        part = edited_dataset(part, reading, dataset_id)
    finally:
        connection.close()
    labels: list[AnsweredLabel] = []
    blocking: list[Blocking] = []
    for scene, frame in context.track(list(_frames(part, item)), "Reading labels"):
        for label_set in scene.label_sets:
            alone = replace(scene, frames=(frame,), label_sets=(label_set,))
            found = answered_labels(replace(part, scenes=(alone,)), item)
            labels += found
            for each in missing_attributes(rules, found):
                subject = Subject.label(
                    dataset_id, scene.scene_id, frame.key, label_set.label_set_id, each.label_id
                )
                blocking.append(Blocking(subject, each.text))
    return CheckedItem(tuple(labels), tuple(blocking))


def _frames(dataset: Dataset, item: Subject) -> Iterator[tuple[Scene, Frame]]:
    for scene in dataset.scenes:
        for frame in scene.frames:
            if item.kind in (SubjectKind.SCENE, SubjectKind.TRACK) or item.frame_key == frame.key:
                yield scene, frame
