"""What becomes of errors in the review: an issue of one row, a queue of a whole list."""

import math
from collections.abc import Callable

from viewer.metrics.class_roles import BACKGROUND
from viewer.progress import JobContext
from viewer.review import Subject, new_id
from viewer.review.commands.issues import OpenIssue
from viewer.review.commands.queues import CreateQueue
from viewer.review.flat_snapshots import snapshot_of
from viewer.review.issues.model import IssueType, NewElement, Point
from viewer.review.queues.origin import by_filter
from viewer.review.queues.plan import PlannedItem, QueuePlan, each_once
from viewer.review.subject_rows import SubjectRow, label_rows, subject_row
from viewer.scene.labels import FrameLabels
from viewer.session.compare_board import CompareBoard
from viewer.session.compare_found import Found, Listed
from viewer.session.compare_list import ErrorWalk, RowFacts, facts_of
from viewer.session.listed_queue import make_listed_queue
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_large import without_collecting

QUEUE_JOB = "compare-queue"


class ErrorReview:
    """Hands errors to the review. `review` opens it, and says why where it cannot."""

    def __init__(self, desk: CompareBoard, walk: ErrorWalk) -> None:
        self._desk, self._walk = desk, walk
        self.review: Callable[[], ReviewDesk | None] = lambda: None
        """Set by the window."""

    # -- one row ---------------------------------------------------------------------------------

    def open_issue(self) -> str | None:
        """Open an issue on the present row, as it is looked at; None where that failed."""
        desk, session = self._desk, self._desk.session
        found, rows, facts = desk.found, self._walk.rows, self._walk.facts()
        if found is None or rows is None or facts is None:
            session.say("Choose a row of the list first")
            return None
        review = self.review()
        if review is None or review.dataset_id is None:
            return None
        if review.read_only_reason is not None:
            session.say(f"No issue: {review.read_only_reason}", is_problem=True)
            return None
        issue_id = new_id()
        picture, camera = review.sights.pictures()
        own = facts.label_id or facts.prediction_id
        title = f"{facts.text}: {own}, {facts.scene_id}"
        command = OpenIssue(
            issue_id, title, IssueType.LABEL_QUALITY,
            self._elements(found, rows, self._walk.row, review.dataset_id),
            self._description(found, facts), sight=review.sights.present(),
            thumbnail=picture, camera_picture=camera,
        )  # fmt: skip
        if not review.run(command):
            return None
        review.issues.choose(issue_id)
        session.say(f"Issue opened: {title}")
        return issue_id

    def _elements(
        self, found: Found, rows: Listed, place: int, dataset_id: str
    ) -> tuple[NewElement, ...]:
        """The label, and the prediction where the dataset has it; else its place in the frame."""
        label, guess = int(rows.rows.label_rows[place]), int(rows.rows.prediction_rows[place])
        facts = facts_of(rows, place)
        content = self._desk.session.content
        side = found.predictions(of_second=rows.of_second)
        set_id = found.choice.second if rows.of_second else found.choice.first
        elements = []

        def element(set_id: str, label_id: str) -> NewElement:
            subject = Subject.label(dataset_id, facts.scene_id, facts.frame_key, set_id, label_id)
            labels: FrameLabels | None = None
            if content is not None and content.frame.key == facts.frame_key:
                labels = content.labels.get(set_id)
            snapshot = None if labels is None else snapshot_of(labels, label_id)
            return NewElement(new_id(), subject, None, snapshot)

        if label >= 0:
            elements.append(element(found.choice.truth or "", facts.label_id))
        if guess >= 0 and not self._desk.is_loaded(set_id):
            elements.append(element(set_id or "", facts.prediction_id))
        if not elements:
            x, y, z = (float(part) for part in side.centers_m[guess])
            frame = Subject.frame(dataset_id, facts.scene_id, facts.frame_key)
            known = math.isfinite(x)
            anchor = Point(side.coord_frame_id, (x, y, z)) if known else None
            elements.append(NewElement(new_id(), frame, anchor, None))
        return tuple(elements)

    def _description(self, found: Found, facts: RowFacts) -> str:
        desk, choice, at = self._desk, found.choice, self._desk.thresholds
        unit = " m" if choice.is_distance else ""
        parts = [f"{desk.title_of(choice.first)} beside {desk.title_of(choice.truth)}"]
        if facts.prediction_id:
            score = f", score {facts.score:.2f}" if math.isfinite(facts.score) else ""
            parts.append(f"prediction {facts.prediction_id}{score}")
        if math.isfinite(facts.similarity):
            parts.append(f"{choice.measure_text} {facts.similarity:.2f}{unit}")
        limit = "up to" if choice.is_distance else "from"
        parts.append(
            f"counted with scores from {at.confidence:.2f} and {choice.measure_text} {limit} "
            f"{at.similarity:.2f}{unit}"
        )
        return "; ".join(parts)

    # -- the whole list --------------------------------------------------------------------------

    def make_queue(self) -> None:
        """Make a queue of the whole list, in its order; large ones in the background."""
        desk, session = self._desk, self._desk.session
        found, rows = desk.found, self._walk.rows
        if found is None or rows is None or not len(rows):
            session.say("The list is empty")
            return
        query = desk.query
        name = f"{query.text}, {desk.title_of(found.choice.first)}"
        set_id = found.choice.second if rows.of_second else found.choice.first
        loaded = desk.is_loaded(set_id)
        make_listed_queue(
            session, self.review(), len(rows), name,
            lambda context, dataset_id: queue_of(
                context, found, rows, dataset_id, name, loaded=loaded
            ),
            job=QUEUE_JOB, title=f"Making the queue of {query.text}",
        )  # fmt: skip


def queue_of(
    context: JobContext,
    found: Found,
    rows: Listed,
    dataset_id: str,
    name: str,
    *,
    loaded: bool,
) -> CreateQueue:
    """Return the command for a queue of pairs, in their order; runs on a worker thread.

    Parameters
    ----------
    loaded
        Whether the predictions lie outside the dataset: then their frames are queued.
    """
    with without_collecting():
        items = []
        for place in range(len(rows)):
            if not place % 4096:
                context.report(place, len(rows), "Making a queue")
            facts = facts_of(rows, place)
            items.append(_item(found, rows, facts, dataset_id, loaded=loaded))
        plan = QueuePlan(each_once(items), by_filter(name))
        return CreateQueue.of(new_id(), name, plan)


def _item(
    found: Found, listed: Listed, facts: RowFacts, dataset_id: str, *, loaded: bool
) -> PlannedItem:
    row: SubjectRow
    if not facts.label_id and loaded:
        row = subject_row(Subject.frame(dataset_id, facts.scene_id, facts.frame_key))
    else:
        guessed = found.choice.second if listed.of_second else found.choice.first
        set_id = found.choice.truth if facts.label_id else guessed
        own = facts.label_id or facts.prediction_id
        row = next(label_rows(dataset_id, facts.scene_id, facts.frame_key, set_id or "", [own]))
    class_name = facts.prediction if facts.truth == BACKGROUND else facts.truth
    score = facts.score if math.isfinite(facts.score) else None
    return PlannedItem(row, class_name, score=score, why=facts.text)
