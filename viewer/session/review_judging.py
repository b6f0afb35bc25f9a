"""Verdicts on what the session looks at: a label, its track, the frame or the scene."""

from dataclasses import dataclass
from typing import Protocol

from viewer.review import Batch, Command, LabelSnapshot, Subject, SubjectKind
from viewer.review.commands.verdicts import ClearVerdict, SetVerdict
from viewer.review.flat_snapshots import snapshot_of
from viewer.review.verdicts.model import Verdict, VerdictState
from viewer.review.verdicts.reading import verdict_of
from viewer.review.verdicts.reasons import verdict_reasons
from viewer.scene.scene import Scene
from viewer.session.changes import Change, FrameShown, SceneClosed, SceneOpened, SelectionChanged
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    SubjectChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_marks import is_mark
from viewer.session.review_scene_verdicts import SceneVerdicts
from viewer.session.review_subjects import (
    frame_subject,
    label_subject,
    scene_subject,
    short_text,
    track_subject,
)
from viewer.session.selection import LabelKey

SCOPES = (SubjectKind.LABEL, SubjectKind.TRACK, SubjectKind.FRAME, SubjectKind.SCENE)


@dataclass(frozen=True, slots=True)
class Standing:
    """The verdict that holds for something, and on what it was given."""

    verdict: Verdict
    given_on: SubjectKind


class WorkedOff(Protocol):
    """What a verdict may also work off."""

    @property
    def lost_item(self) -> Subject | None:
        """The present item where the data no longer has it: it can still be judged or skipped."""
        ...

    def finishing(self, subject: Subject) -> list[Command]:
        """Commands that a verdict on a subject brings with it."""
        ...

    def go_on_from(self, subject: Subject) -> None:
        """Go on after a verdict on a subject."""
        ...


class NoQueue:
    """Nothing is worked off."""

    lost_item = None

    def finishing(self, _subject: Subject) -> list[Command]:
        """Nothing."""
        return []

    def go_on_from(self, _subject: Subject) -> None:
        """Stay."""


class Judging:
    """What the verdict keys do. Made by the desk."""

    def __init__(self, board: ReviewBoard) -> None:
        self.queue: WorkedOff = NoQueue()
        self._board = board
        self._session = board.session
        self._scope = SubjectKind.LABEL
        self._drafts: dict[str, str] = {}
        self._standings: dict[str, Verdict | None] = {}
        self._states: SceneVerdicts | None = None
        self._unsubscribe = self._session.subscribe(self._on_change)
        board.subscribe(self._on_desk_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    # -- what is judged ----------------------------------------------------------------------

    @property
    def scope(self) -> SubjectKind:
        """What a verdict is about: the selected label, its track, the frame or the scene."""
        return self._scope

    def set_scope(self, scope: SubjectKind) -> None:
        """Judge something larger or smaller from now on."""
        if scope is not self._scope and scope in SCOPES:
            self._scope = scope
            self._tell()

    def next_scope(self) -> None:
        """Judge the next larger thing; the label again after the scene."""
        self.set_scope(SCOPES[(SCOPES.index(self._scope) + 1) % len(SCOPES)])

    def subject(self, scope: SubjectKind | None = None) -> Subject | None:
        """What is judged now; None where nothing of the scope is there."""
        session, dataset_id = self._session, self._board.dataset_id
        scene, key = session.scene, session.selection
        if dataset_id is None or scene is None or not scene.frames:
            return None
        match scope or self._scope:
            case SubjectKind.SCENE:
                return scene_subject(dataset_id, scene)
            case SubjectKind.FRAME:
                return frame_subject(dataset_id, scene, max(session.frame_index, 0))
            case SubjectKind.TRACK if key is not None:
                return track_subject(dataset_id, scene, key)
            case SubjectKind.LABEL if key is not None:
                return label_subject(dataset_id, scene, key)
            case _:
                return self.queue.lost_item

    def snapshot(self, subject: Subject) -> LabelSnapshot | None:
        """How the judged label looks now."""
        content = self._session.content
        if subject.kind is not SubjectKind.LABEL or content is None:
            return None
        labels = content.labels.get(subject.label_set_id or "")
        if labels is None or content.frame.key != subject.frame_key:
            return None
        return snapshot_of(labels, subject.label_id or "")

    @property
    def missing(self) -> str | None:
        """Why the verdict keys have nothing to act on, for people; None while they have."""
        if self._board.read_only_reason is not None:
            return self._board.read_only_reason
        key = self._session.selection
        on_label = self._scope in (SubjectKind.LABEL, SubjectKind.TRACK)
        if key is not None and on_label and is_mark(key.label_id):
            return "this is a mark of a missing object"
        if self.subject() is not None:
            return None
        if self._scope is SubjectKind.TRACK and key is not None:
            return "this label belongs to no track"
        return "select a label first"

    # -- verdicts ----------------------------------------------------------------------------

    def verdict(self, subject: Subject | None = None) -> Verdict | None:
        """The newest verdict on just this subject, whoever gave it; by default what is judged."""
        reading = self._board.reading
        subject = subject or self.subject()
        if reading is None or subject is None:
            return None
        key = subject.key
        if key not in self._standings:
            self._standings[key] = verdict_of(reading, subject)
        return self._standings[key]

    def standing(self, key: LabelKey) -> Standing | None:
        """The verdict that holds for a label: its own, else its track's, frame's or scene's."""
        dataset_id, scene = self._board.dataset_id, self._session.scene
        if dataset_id is None or scene is None:
            return None
        for subject in _covering(dataset_id, scene, key):
            found = self.verdict(subject)
            if found is not None:
                return Standing(found, subject.kind)
        return None

    def state_of(self, key: LabelKey) -> str | None:
        """State that holds for any label of the scene, as `standing`; fast enough for paint."""
        reading, dataset_id = self._board.reading, self._board.dataset_id
        scene = self._session.scene
        if reading is None or dataset_id is None or scene is None:
            return None
        states = self._states
        if states is None or (states.dataset_id, states.scene_id) != (dataset_id, scene.scene_id):
            states = self._states = SceneVerdicts.read(reading, dataset_id, scene.scene_id)
        frame_key = scene.frames[key.frame_index].key
        track_id = None if scene.independent else key.track_id
        return states.state_of(frame_key, key.label_set_id, key.label_id, track_id)

    def reasons(self) -> tuple[str, ...]:
        """Reasons that the workspace offers."""
        reading = self._board.reading
        return () if reading is None else tuple(verdict_reasons(reading))

    def judge(
        self, state: VerdictState, reasons: tuple[str, ...] = (), comment: str | None = None
    ) -> bool:
        """Give a verdict on what is judged, and go on in the queue; False where that failed.

        Parameters
        ----------
        comment
            By default the draft that was typed for it.
        """
        subject = self.subject()
        if subject is None or self.missing is not None:
            self._session.say(f"No verdict: {self.missing or ''}", is_problem=True)
            return False
        key = subject.key
        text = self._drafts.get(key, "") if comment is None else comment
        given = SetVerdict(subject, state, reasons, text, self.snapshot(subject))
        if self._run(given, self.queue.finishing(subject)):
            self._drafts.pop(key, None)
            self._session.say(f"{_said(state, subject)}{_because(reasons)}")
            self.queue.go_on_from(subject)
            return True
        return False

    def judge_label(self, state: str) -> bool:
        """Give a verdict on the selected label, whatever the scope is."""
        scope, self._scope = self._scope, SubjectKind.LABEL
        try:
            return self.judge(VerdictState(state))
        finally:
            self._scope = scope

    def change_comment(self, text: str) -> bool:
        """Put a comment on the reviewer's own verdict; without one it waits for the verdict."""
        subject = self.subject()
        if subject is None:
            return False
        found = self.verdict(subject)
        if found is None or found.reviewer != self._board.reviewer.name:
            self._drafts[subject.key] = text
            return False
        given = SetVerdict(subject, found.state, found.reasons, text, self.snapshot(subject))
        return self._run(given, [])

    @property
    def draft(self) -> str:
        """What was typed for what is judged and is in no verdict yet."""
        subject = self.subject()
        return "" if subject is None else self._drafts.get(subject.key, "")

    def set_draft(self, text: str) -> None:
        """Remember what is being typed."""
        subject = self.subject()
        if subject is not None:
            self._drafts[subject.key] = text

    def clear(self) -> None:
        """Take the reviewer's verdict off what is judged."""
        subject = self.subject()
        if subject is None or self.missing is not None:
            self._session.say(f"No verdict: {self.missing or ''}", is_problem=True)
        elif self._run(ClearVerdict(subject), []):
            self._session.say(f"No verdict any more on {short_text(subject)}")

    def _run(self, given: Command, finishing: list[Command]) -> bool:
        reading = self._board.reading
        if reading is None:
            return False
        if not finishing:
            return self._board.run(given)
        return self._board.run(Batch(given.text, (given, *finishing)))

    # -- following ---------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if isinstance(change, SelectionChanged | FrameShown | SceneOpened | SceneClosed):
            self._tell()

    def _on_desk_change(self, change: DeskChange) -> None:
        if isinstance(change, DecisionsChanged):
            self._standings.clear()
            reading = self._board.reading
            if self._states is not None and reading is not None:
                self._states.follow(reading, change.changed)
        elif isinstance(change, WorkspaceOpened | WorkspaceClosed):
            self._standings.clear()
            self._states = None
            self._drafts.clear()
            self._tell()

    def _tell(self) -> None:
        self._board.emit(SubjectChanged())


def _covering(dataset_id: str, scene: Scene, key: LabelKey) -> list[Subject]:
    """What a verdict on a label may have been given on, the nearest first."""
    track = track_subject(dataset_id, scene, key)
    return [
        label_subject(dataset_id, scene, key),
        *([] if track is None else [track]),
        frame_subject(dataset_id, scene, key.frame_index),
        scene_subject(dataset_id, scene),
    ]


def _said(state: VerdictState, subject: Subject) -> str:
    return f"{short_text(subject).capitalize()}: {state.words}"


def _because(reasons: tuple[str, ...]) -> str:
    return f" ({', '.join(reasons)})" if reasons else ""
