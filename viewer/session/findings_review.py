"""What becomes of findings in the review: a verdict, a dismissal, an issue, a fix, a queue."""

from collections.abc import Callable, Sequence

from viewer.checks.finding import Finding
from viewer.progress import JobContext
from viewer.review import LabelSnapshot, Subject, new_id
from viewer.review.commands.base import Batch
from viewer.review.commands.findings import DismissFinding, open_from_finding
from viewer.review.commands.queues import CreateQueue
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.flat_snapshots import shown_snapshot_of, snapshot_of
from viewer.review.queues.origin import by_filter
from viewer.review.queues.plan import PlannedItem, QueuePlan, each_once
from viewer.review.subject_rows import label_rows, subject_row
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import verdict_of
from viewer.scene.scene import Scene
from viewer.session.findings_board import FindingsBoard
from viewer.session.findings_fix import apply_fix
from viewer.session.findings_list import TITLES, Grouping, Listing, detail_of
from viewer.session.findings_run import reading_with
from viewer.session.findings_text import reason_for
from viewer.session.findings_walk import FindingsWalk
from viewer.session.label_edits import LabelEdits
from viewer.session.listed_queue import make_listed_queue
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_large import without_collecting

QUEUE_JOB, DISMISS_JOB = "findings-queue", "findings-dismiss"
DISMISS_REASONS = (
    "correct as it is", "rare, but real", "the guideline allows it", "hidden or far away",
    "sensor or calibration", "the check is too strict",
)  # fmt: skip


class FindingsReview:
    """Decides about findings. `review` opens the review, and says why where it cannot."""

    def __init__(self, board: FindingsBoard, walk: FindingsWalk) -> None:
        self._board, self._walk, self._session = board, walk, board.session
        self.review: Callable[[], ReviewDesk | None] = lambda: None
        """Set by the window."""
        self.known_review: Callable[[], ReviewDesk | None] = lambda: None
        """The review where it is open already; set by the window."""
        self._states: dict[Subject, str | None] = {}

    # -- one finding -----------------------------------------------------------------------------

    def accept(self) -> bool:
        """Say that the finding is right: its label needs a fix, for the check's reason."""
        found = self._ready("No verdict")
        if found is None:
            return False
        finding, review, dataset_id = found
        subject = subject_of(finding, dataset_id)
        command = SetVerdict(
            subject, VerdictState.NEEDS_FIX, reason_for(finding.check, review.judging.reasons()),
            f"{TITLES.get(finding.check, finding.check)}: {finding.text}",
            self._snapshot(finding),
        )  # fmt: skip
        if not review.run(command):
            return False
        self._session.say(f"Needs fix: {finding.text}")
        self._walk.step(1)
        return True

    def dismiss(self, reason: str = "") -> bool:
        """Say that the finding is none; it comes back only when the label changes."""
        found = self._ready("Not dismissed")
        if found is None:
            return False
        finding, review, dataset_id = found
        snapshot = self._snapshot(finding)
        if finding.labels and snapshot is None:
            self._session.say("Not dismissed: its label is not in the frame shown", is_problem=True)
            return False
        after = self._following(finding)
        together = self._together(finding)
        if len(together) > 1:
            self._dismiss_track(together, review, dataset_id, reason, after)
            return True
        command = DismissFinding(
            subject_of(finding, dataset_id), finding.check, detail_of(finding), reason, snapshot,
            self._shown(finding),
        )  # fmt: skip
        return review.run(command) and self._dismissed(reason, after)

    def _dismissed(self, reason: str, after: Finding | None, frames: int = 1) -> bool:
        because = f": {reason}" if reason else ""
        over = f" in {frames:,} frames" if frames > 1 else ""
        self._session.say(f"Dismissed{over}{because}")
        if after is not None:
            self._walk.show(after)
        return True

    def _together(self, finding: Finding) -> list[Finding]:
        """The finding, and those of its track where that stands once in the list."""
        board = self._board
        if finding.whole_track is None or board.grouping is not Grouping.NONE:
            return [finding]
        known = board.open_findings(finding.scene_id)
        return [each for each in known if _is_of_track(each, finding)] or [finding]

    def _dismiss_track(
        self, together: list[Finding], review: ReviewDesk, dataset_id: str, reason: str,
        after: Finding | None,
    ) -> None:  # fmt: skip
        """Dismiss in all frames at once; the labels of those that are not shown are read first."""
        session = self._session
        dataset = session.dataset
        if dataset is None:
            return
        scene = next(each for each in dataset.scenes if each.scene_id == together[0].scene_id)
        edits = session.edit_labels

        def keep(commands: list[DismissFinding]) -> None:
            batch = Batch(f"{commands[0].text} over {len(commands):,} frames", commands)
            if review.run(batch):
                self._dismissed(reason, after, len(commands))

        session.jobs.start(
            DISMISS_JOB,
            lambda context: dismissals_of(context, together, scene, edits, dataset_id, reason),
            done=keep,
            failed=lambda error: session.say(f"Not dismissed: {error}", is_problem=True),
            priority=5,
        )

    def open_issue(self) -> str | None:
        """Make an issue of the finding, with this view."""
        found = self._ready("No issue")
        if found is None:
            return None
        finding, review, dataset_id = found
        picture, camera = review.sights.pictures()
        told = {
            "check": finding.check, "evidence": finding.text, "score": finding.score,
            "subject": subject_of(finding, dataset_id),
        }  # fmt: skip
        issue_id = new_id()
        command = open_from_finding(
            told, issue_id, new_id(), snapshot=self._snapshot(finding),
            sight=review.sights.present(), thumbnail=picture, camera_picture=camera,
        )  # fmt: skip
        if not review.run(command):
            return None
        review.issues.choose(issue_id)
        self._session.say(f"Issue opened: {command.title}")
        return issue_id

    def fix(self) -> bool:
        """Take over what the check suggests."""
        found = self._ready("Nothing changed")
        if found is None:
            return False
        finding, review, _dataset_id = found
        if finding.labels and self._snapshot(finding) is None:
            self._session.say("Nothing changed: its label is not shown", is_problem=True)
            return False
        return apply_fix(review, finding)

    def _ready(self, refused: str) -> tuple[Finding, ReviewDesk, str] | None:
        finding = self._board.current
        if finding is None:
            self._session.say("Choose a finding first")
            return None
        review = self.review()
        if review is None or review.dataset_id is None:
            return None
        if review.read_only_reason is not None:
            self._session.say(f"{refused}: {review.read_only_reason}", is_problem=True)
            return None
        return finding, review, review.dataset_id

    def _snapshot(self, finding: Finding) -> LabelSnapshot | None:
        """The accused label as delivered; None where there is none or it is not shown."""
        content = self._session.content
        if not finding.labels or content is None:
            return None
        label = finding.labels[0]
        labels = content.labels.get(label.label_set_id)
        if labels is None or content.frame.key != label.frame_key:
            return None
        if content.scene.scene_id != label.scene_id:
            return None
        return snapshot_of(labels, label.label_id)

    def _shown(self, finding: Finding) -> LabelSnapshot | None:
        """The same, as it is edited."""
        content = self._session.content
        labels = None
        if finding.labels and content is not None:
            labels = content.labels.get(finding.labels[0].label_set_id)
        return None if labels is None else shown_snapshot_of(labels, finding.labels[0].label_id)

    def _following(self, finding: Finding) -> Finding | None:
        """What is looked at when a finding leaves the list."""
        row, listing = self._board.row_of(finding), self._board.listing
        if row is None or len(listing) < 2:
            return None
        other = row + 1 if row + 1 < len(listing) else row - 1
        return listing.table.finding(int(listing.rows[other]))

    # -- what was decided --------------------------------------------------------------------------

    def decisions_changed(self) -> None:
        """Verdicts may be others now."""
        self._states.clear()
        self._board.calibrating.refresh()

    def state_of(self, finding: Finding) -> str | None:
        """The verdict on what a finding is about; looked up once until something is decided."""
        review = self.known_review()
        if review is None or review.reading is None or review.dataset_id is None:
            return None
        subject = subject_of(finding, review.dataset_id)
        if subject not in self._states:
            verdict = verdict_of(review.reading, subject)
            self._states[subject] = None if verdict is None else str(verdict.state)
        return self._states[subject]

    # -- the whole list ----------------------------------------------------------------------------

    def make_queue(self) -> None:
        """Make a queue of what is listed, in its order; each label once."""
        session, listing = self._session, self._board.listing
        if not len(listing):
            session.say("No finding is listed")
            return
        name = self._queue_name()
        make_listed_queue(
            session, self.review(), len(listing), name,
            lambda context, dataset_id: queue_of(context, listing, dataset_id, name),
            job=QUEUE_JOB, title=f"Making the queue of {name}",
        )  # fmt: skip

    def _queue_name(self) -> str:
        wanted = self._board.wanted
        parts = ["Findings"]
        if wanted.check is not None:
            parts.append(TITLES.get(wanted.check, wanted.check))
        parts += [each for each in (wanted.class_name, wanted.text, wanted.scene_id) if each]
        if wanted.least:
            parts.append(f"{wanted.least.word} or worse" if wanted.least < 3 else "high")
        return ", ".join(parts)


def subject_of(finding: Finding, dataset_id: str) -> Subject:
    """What a decision about a finding is about: the accused label, else the frame or scene."""
    if finding.labels:
        label = finding.labels[0]
        return Subject.label(
            dataset_id, label.scene_id, label.frame_key, label.label_set_id, label.label_id
        )
    if finding.frame_key is not None:
        return Subject.frame(dataset_id, finding.scene_id, finding.frame_key)
    return Subject.scene(dataset_id, finding.scene_id)


def _is_of_track(one: Finding, other: Finding) -> bool:
    """Whether two findings of a scene accuse the same track as a whole."""
    return (one.check, one.whole_track) == (other.check, other.whole_track)


def dismissals_of(
    context: JobContext,
    together: Sequence[Finding],
    scene: Scene,
    edits: LabelEdits,
    dataset_id: str,
    reason: str,
) -> list[DismissFinding]:
    """Return the commands that dismiss findings of one scene; runs on a worker thread.

    Findings on labels that are not there any more are left out.
    """
    read = reading_with(scene, edits)
    commands = []
    for finding in context.track(together, "Dismissing"):
        snapshot = shown = None
        if finding.labels:
            label = finding.labels[0]
            index = scene.frame_index_of(label.frame_key)
            labels = None if index is None else read(index, label.label_set_id)
            if labels is not None:
                snapshot = snapshot_of(labels, label.label_id)
                shown = shown_snapshot_of(labels, label.label_id)
            if snapshot is None:
                continue
        subject = subject_of(finding, dataset_id)
        commands.append(
            DismissFinding(subject, finding.check, detail_of(finding), reason, snapshot, shown)
        )
    if not commands:
        raise ValueError("its labels are not there any more")
    return commands


def queue_of(context: JobContext, listing: Listing, dataset_id: str, name: str) -> CreateQueue:
    """Return the command for a queue of listed findings; runs on a worker thread."""
    with without_collecting():
        items, table = [], listing.table
        for place, row in enumerate(listing.rows.tolist()):
            if not place % 4096:
                context.report(place, len(listing), "Making a queue")
            items.append(_item(table.finding(row), table.ranked(row).score, dataset_id))
        plan = QueuePlan(each_once(items), by_filter(name))
        return CreateQueue.of(new_id(), name, plan)


def _item(finding: Finding, score: float, dataset_id: str) -> PlannedItem:
    why = f"{TITLES.get(finding.check, finding.check)}: {finding.text}"
    if not finding.labels:
        row = subject_row(subject_of(finding, dataset_id))
        return PlannedItem(row, finding.class_name or None, score=score, why=why)
    label = finding.labels[0]
    rows = label_rows(
        dataset_id, label.scene_id, label.frame_key, label.label_set_id, [label.label_id]
    )
    return PlannedItem(next(rows), finding.class_name, label.track_id, score, why)
