"""Walking a queue: its next item comes into view, framed."""

import time

from viewer.review import Command, Reading, Subject, SubjectKind
from viewer.review.commands.queues import FinishItem
from viewer.review.queues.entities import QUEUES
from viewer.review.queues.model import QueueProgress
from viewer.review.queues.reading import (
    item_of,
    next_item,
    previous_item,
    queue_by_id,
    queue_progress,
)
from viewer.review.tasks.reading import task_of_queue
from viewer.scene.scene import Dataset
from viewer.session.changes import Change, DatasetGrown, FrameShown, SceneOpened, TracksRead
from viewer.session.growing import grows
from viewer.session.label_lookup import find_label
from viewer.session.link import Sight
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    QueueChanged,
    SubjectChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_judging import Judging
from viewer.session.review_subjects import Place, place_of, short_text
from viewer.session.selection import LabelKey
from viewer.session.tracks import TrackExtent

LONGEST_S = 600.0
"""Time on one item counts up to this: nobody looks at one object for longer."""


class QueueWalk:
    """Walks one queue of the open workspace. Made by the desk."""

    def __init__(self, board: ReviewBoard, judging: Judging) -> None:
        self._judging = judging
        self._board = board
        self._session = board.session
        self.queue_id: str | None = None
        self.item: Subject | None = None
        """The item that was brought into view last."""
        self.lost_item: Subject | None = None
        self._arrived_s = 0.0
        self._wanted: Place | None = None
        self._sought: Subject | None = None
        """What is shown again once the rest of the dataset is indexed."""
        self._progress: QueueProgress | None = None
        self._unsubscribe = self._session.subscribe(self._on_change)
        board.subscribe(self._on_desk_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    # -- choosing ----------------------------------------------------------------------------

    def choose(self, queue_id: str | None) -> None:
        """Walk another queue, from its first open item; None walks none."""
        self.queue_id, self.item, self._progress = queue_id, None, None
        self.lost_item = None
        self._board.emit(QueueChanged())
        if queue_id is not None:
            self.next()

    @property
    def progress(self) -> QueueProgress | None:
        """How far the walked queue is."""
        reading = self._board.reading
        if self.queue_id is None or reading is None:
            return None
        if self._progress is None:
            self._progress = queue_progress(reading, self.queue_id)
        return self._progress

    @property
    def progress_text(self) -> str:
        """How far the walked queue is, for people; empty without one."""
        progress = self.progress
        if progress is None:
            return ""
        text = f"{progress.done:,} of {progress.total:,}"
        if progress.done and progress.median_seconds is not None:
            text += f"  median {progress.median_seconds:.1f} s each"
        return text

    # -- walking -----------------------------------------------------------------------------

    def next(self) -> bool:
        """Bring the next open item into view; say so when there is none."""
        return self._go(1)

    def previous(self) -> bool:
        """Bring the item before the present one into view, done or not."""
        return self._go(-1)

    def _go(self, step: int) -> bool:
        reading = self._board.reading
        if self.queue_id is None or reading is None:
            self._session.say("No queue is walked: choose or build one in the queue panel")
            return False
        after = None if self.item is None else self.item.key
        name = self._board.reviewer.name
        if step > 0:
            found = next_item(reading, self.queue_id, name, after=after)
        else:
            found = previous_item(reading, self.queue_id, name, before=after)
        subject = None if found is None else reading.subject(found)
        if subject is None:
            done = step > 0 and self._is_done(reading)
            self._session.say(
                "The queue is done" if done else
                "No open item is left" if step > 0 else "This is the first item of the queue"
            )  # fmt: skip
            self._board.emit(QueueChanged())
            return False
        return self._take(subject)

    def _take(self, subject: Subject) -> bool:
        """Make an item the present one and bring it into view."""
        self.item, self.lost_item = subject, None
        self._arrived_s = time.monotonic()
        self._judging.set_scope(subject.kind)
        shown = self.show(subject)
        if not shown:
            self._lose_item()
        self._board.emit(QueueChanged())
        return shown

    def _lose_item(self) -> None:
        """Let the present item be judged though there is nothing to select."""
        self.lost_item = self.item
        self._board.emit(SubjectChanged())

    def _is_done(self, reading: Reading) -> bool:
        progress = None if self.queue_id is None else queue_progress(reading, self.queue_id)
        return progress is not None and progress.done >= progress.total

    def _is_gone(self) -> bool:
        """Whether the walked queue was taken back."""
        reading = self._board.reading
        return reading is None or queue_by_id(reading, self.queue_id or "") is None

    def finishing(self, subject: Subject) -> list[Command]:
        """What else a verdict on a subject does: it finishes the present item.

        One of a task is open until somebody says what became of it.
        """
        if self.queue_id is None or not self._is_present(subject) or self._is_of_task():
            return []
        return [FinishItem(self.queue_id, subject.key, self.seconds_spent)]

    @property
    def seconds_spent(self) -> float:
        """Time since the present item came into view."""
        return round(min(time.monotonic() - self._arrived_s, LONGEST_S), 2)

    def _is_present(self, subject: Subject) -> bool:
        return self.item is not None and subject.key == self.item.key

    def _is_of_task(self) -> bool:
        reading = self._board.reading
        return (
            reading is not None
            and self.queue_id is not None
            and task_of_queue(reading, self.queue_id) is not None
        )

    def return_to(self, subject: Subject) -> None:
        """Show what an undo was about; an item of the queue is the present one again."""
        reading = self._board.reading
        if self.item is not None and subject.key == self.item.key:
            return
        if (
            reading is not None
            and self.queue_id is not None
            and item_of(reading, self.queue_id, subject.key) is not None
        ):
            self._take(subject)
        elif subject.kind is not SubjectKind.DATASET:
            self.show(subject)

    def go_on_from(self, subject: Subject) -> None:
        """After a verdict: go on to the next item if it was the present one."""
        if not self._is_present(subject):
            return
        if self._is_of_task():
            self._session.say(
                "The verdict is kept; the task's item is open until it is completed or discarded"
            )
            return
        self.next()

    # -- showing -----------------------------------------------------------------------------

    def show(self, subject: Subject) -> bool:
        """Bring a subject into view, framed; False where the dataset no longer has it."""
        dataset = self._session.dataset
        if dataset is None or subject.dataset_id != self._board.dataset_id:
            self._session.say("This belongs to a dataset that is not open", is_problem=True)
            return False
        place = place_of(dataset, subject)
        if place is None and grows(dataset):
            self._sought = subject
            self._session.say(f"{short_text(subject)} is shown when the dataset is indexed")
            return False
        if place is None:
            self._session.say(f"The dataset no longer has {short_text(subject)}", is_problem=True)
            return False
        self._wanted, self._sought = place, subject
        self._arrive(dataset)
        return True

    def _arrive(self, dataset: Dataset) -> None:
        """Go to the scene, then to the frame, then select: each when the one before is there."""
        place, session = self._wanted, self._session
        if place is None:
            return
        scene = dataset.scenes[place.scene_index]
        if session.scene is not scene:
            frame_key = scene.frames[place.frame_index].key if scene.frames else None
            session.show_scene(
                place.scene_index, Sight(str(dataset.path), scene.scene_id, frame_key)
            )
            return
        if place.track_id is not None and place.label_id is None:
            track = self._track_of(place)
            if track is None:
                return
            frame = track.frames[len(track.frames) // 2]
            key = track.key_at(frame)
            label_id = None if key is None else key.label_id
            place = Place(place.scene_index, frame, place.label_set_id, label_id, place.track_id)
            self._wanted = place
        session.play(playing=False)
        shown = None if session.content is None else session.content.index
        if shown == session.frame_index == place.frame_index:
            self._select(place)
        else:
            session.go_to_frame(place.frame_index)

    def _track_of(self, place: Place) -> TrackExtent | None:
        """The track of a place; None while the tracks are being read, or where it is gone."""
        tracks = self._session.scene_tracks
        if tracks is None:
            self._session.read_tracks()
            return None
        found = tracks.find(place.label_set_id or "", place.track_id)
        if found is None:
            self._wanted = self._sought = None
            self._session.say(f"The scene no longer has track {place.track_id}", is_problem=True)
        return found

    def _select(self, place: Place) -> None:
        session, content = self._session, self._session.content
        self._wanted = self._sought = None
        if place.label_set_id is None or place.label_id is None or content is None:
            session.select(None)
            return
        named = LabelKey(place.label_set_id, place.frame_index, place.label_id)
        found = _find(named, content) if place.label_set_id in content.labels else None
        if found is None:
            session.select(None)
            session.say(f"The frame no longer has label {place.label_id}", is_problem=True)
            if self.item is not None and self.item.label_id == place.label_id:
                self._lose_item()
            return
        session.select(found)
        session.focus_selection()

    def _on_change(self, change: Change) -> None:
        dataset = self._session.dataset
        if isinstance(change, SceneOpened) and self._wanted is None:
            self._sought = None
        if isinstance(change, DatasetGrown):
            # Scenes and frames may stand elsewhere now.
            subject, self._sought, self._wanted = self._sought, None, None
            if subject is not None and self.show(subject) and self.lost_item == subject:
                self.lost_item = None
                self._board.emit(SubjectChanged())
        if self._wanted is None or dataset is None:
            return
        if isinstance(change, SceneOpened):
            scene = dataset.scenes[self._wanted.scene_index]
            if self._session.scene is not scene:
                # Somebody went elsewhere meanwhile.
                self._wanted = self._sought = None
        elif isinstance(change, FrameShown):
            scene = dataset.scenes[self._wanted.scene_index]
            waits = self._wanted.track_id is not None and self._wanted.label_id is None
            if self._session.scene is scene and (
                waits or change.content.index == self._wanted.frame_index
            ):
                self._arrive(dataset)
        elif isinstance(change, TracksRead):
            self._arrive(dataset)

    def _on_desk_change(self, change: DeskChange) -> None:
        if isinstance(change, DecisionsChanged):
            self._progress = None
            if (QUEUES.name, self.queue_id) in change.changed.touched and self._is_gone():
                self.queue_id = self.item = None
                self._board.emit(QueueChanged())
        elif isinstance(change, WorkspaceOpened | WorkspaceClosed):
            self.queue_id = self.item = self._progress = self._wanted = self._sought = None


def _find(key: LabelKey, content: object) -> LabelKey | None:
    return find_label(content, f"{key.label_set_id}:{key.label_id}")  # type: ignore[arg-type]
