"""Reviews the sample scene with planted errors as two people would, for the README's pictures."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.formats.catalog import open_dataset
from viewer.review import Batch, LabelSnapshot, Reviewer, Subject, Workspace, new_id
from viewer.review.attach import attach_dataset
from viewer.review.commands.comments import AddComment
from viewer.review.commands.issues import ChangeIssue, OpenIssue
from viewer.review.commands.queues import CreateQueue, FinishItem
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.issues.model import IssueState, IssueType, NewElement, Priority
from viewer.review.verdicts.model import VerdictState
from viewer.scene.scene import Dataset

SAMPLE = Path("sample_scenes") / "street_with_errors"
LABEL_SET = "ground_truth"
QUEUE = "every fifth label"
SHOWN = ("000004", "car-01.004")
"""The item that the queue comes to next; its box is turned."""
REASONS = {
    "wrong_class": "wrong class", "unknown_class": "wrong class", "class_change": "wrong class",
    "loose_box": "loose box", "wrong_size": "loose box", "size_change": "loose box",
    "length_width_swapped": "loose box", "yaw_flip": "bad heading", "heading_off": "bad heading",
    "shifted": "wrong position", "floating": "wrong position", "underground": "wrong position",
    "duplicate": "duplicate", "id_switch": "id switch", "id_swap": "id switch",
}  # fmt: skip
FIXABLE = ("loose box", "bad heading", "wrong position")
OVERLOOKED = ("id switch", "wrong position")
"""What bob accepts and ann does not."""


def planted(sample: Path) -> dict[tuple[str, str], str]:
    """Return the kind of the error planted in each label, by frame key and label id."""
    told = json.loads((sample / "truth.json").read_text(encoding="utf-8"))["planted_errors"]
    return {(each["frame"], each["label_id"]): each["kind"] for each in told if each["label_id"]}


@dataclass(frozen=True, slots=True)
class ExampleReview:
    """What there is to look at in the workspace, by its ids."""

    dataset_id: str
    queue_id: str
    issue_id: str
    """About `SHOWN`."""


def write_example_review(path: Path) -> ExampleReview:
    """Make the workspace."""
    dataset = open_dataset(SAMPLE)
    errors = planted(SAMPLE)
    with Workspace.create(path, Reviewer("ann")) as ann:
        dataset_id = str(attach_dataset(ann, dataset).dataset_id)
        items = dict(list(_labels(dataset, dataset_id))[4::5])
        shown = Subject.label(dataset_id, dataset.scenes[0].scene_id, SHOWN[0], LABEL_SET, SHOWN[1])
        items.pop(shown, None)
        judged = list(items)[: len(items) // 2]
        order = [*judged, shown, *list(items)[len(judged) :]]
        queue_id = new_id()
        ann.run(CreateQueue(queue_id, QUEUE, order))
        _judge(ann, [(each, items[each]) for each in judged], errors, queue_id)
        turned = _file_issue(ann, shown, "Box is turned for two frames", Priority.HIGH)
        ann.run(AddComment(new_id(), turned, "Right before and after, so nobody drew it so. @bob?"))
        other = next(each for each in judged if _kind(each, errors) == "wrong_class")
        loose = _file_issue(ann, other, "Wrong class", None)
        ann.run(ChangeIssue(loose, state=IssueState.IN_REVIEW))
    with Workspace.open(path, Reviewer("bob")) as bob:
        seconds = [(each, items[each]) for each in judged[::2]]
        _judge(bob, seconds, errors, None)
        bob.run(AddComment(new_id(), turned, "The interpolation went the long way round."))
    dataset.close()
    return ExampleReview(dataset_id, queue_id, turned)


def _labels(dataset: Dataset, dataset_id: str) -> Iterator[tuple[Subject, LabelSnapshot]]:
    (scene,) = dataset.scenes
    for frame in scene.frames:
        labels = scene.reader.read_labels(frame.index, LABEL_SET).cuboids
        for label_id, class_name in zip(labels.label_ids, labels.class_names, strict=True):
            yield (
                Subject.label(dataset_id, scene.scene_id, frame.key, LABEL_SET, label_id),
                LabelSnapshot("cuboid", class_name),
            )


def _kind(subject: Subject, errors: Mapping[tuple[str, str], str]) -> str | None:
    return errors.get((str(subject.frame_key), str(subject.label_id)))


def _judge(
    workspace: Workspace,
    items: Sequence[tuple[Subject, LabelSnapshot]],
    errors: Mapping[tuple[str, str], str],
    queue_id: str | None,
) -> None:
    """Judge as the truth says; without a queue, as someone who overlooks some."""
    for number, (subject, snapshot) in enumerate(items):
        kind = _kind(subject, errors)
        reason = None if kind is None else REASONS.get(kind, "other")
        state = VerdictState.ACCEPTED
        reasons: tuple[str, ...] = ()
        if reason is not None and not (queue_id is None and reason in OVERLOOKED):
            reasons = (reason,)
            state = VerdictState.NEEDS_FIX if reason in FIXABLE else VerdictState.REJECTED
        verdict = SetVerdict(subject, state, reasons, snapshot=snapshot)
        done = [] if queue_id is None else [FinishItem(queue_id, subject.key, 2.0 + number % 3)]
        workspace.run(Batch(verdict.text, [verdict, *done]))


def _file_issue(
    workspace: Workspace, subject: Subject, title: str, priority: Priority | None
) -> str:
    issue_id = new_id()
    element = NewElement(new_id(), subject)
    kind = IssueType.LABEL_QUALITY
    workspace.run(OpenIssue(issue_id, title, kind, (element,), assignee="bob", priority=priority))
    return issue_id
