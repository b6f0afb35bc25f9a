"""Merging and splitting tracks from the window: all their labels, on images too."""

from collections.abc import Callable, Collection

from viewer.progress import JobContext
from viewer.review import Command
from viewer.review.commands.whole_tracks import merged, split_off
from viewer.review.edits.edited_dataset import edited_scene
from viewer.review.edits.reading import edits_in_scene
from viewer.review.edits.track_labels import TrackLabels, labels_of_tracks
from viewer.session.review_board import ReviewBoard

TRACK_JOB = "edit-tracks"
Make = Callable[[TrackLabels], Command | str]
"""Gives the step, or why there is none."""


class TrackEditing:
    """Reads the tracks' labels off the owner's thread, then runs one command."""

    def __init__(self, board: ReviewBoard) -> None:
        self._board, self._session = board, board.session

    def merge(self, into_track_id: str, track_id: str | None = None) -> bool:
        """Put all labels of a track, by default the selected label's, into another one."""
        key = self._session.selection
        own = track_id if track_id is not None else None if key is None else key.track_id
        if key is None or own is None or own == into_track_id:
            return self._refuse("Nothing merged: two tracks of the scene are needed")

        def make(found: TrackLabels) -> Command | str:
            if not {own, into_track_id} <= found.known:
                return "Nothing merged: two tracks of the scene are needed"
            return merged(found.labels, into_track_id, [own])

        return self._run(key.label_set_id, {own, into_track_id}, make)

    def split(self, new_track_id: str | None = None) -> bool:
        """Make the selected label and those after it in its track a track of their own."""
        key = self._session.selection
        own = None if key is None else key.track_id
        why = "Nothing split: select a label of a track that begins before it"
        if key is None or own is None:
            return self._refuse(why)

        def make(found: TrackLabels) -> Command | str:
            later = [each for each in found.labels if each.frame_index >= key.frame_index]
            if not later or len(later) == len(found.labels):
                return why
            if new_track_id in found.known:
                return f"Nothing split: there is a track {new_track_id} already"
            return split_off(later, new_track_id or found.free_id(own), own)

        return self._run(key.label_set_id, {own}, make)

    def _refuse(self, why: str) -> bool:
        self._session.say(why, is_problem=True)
        return False

    def _run(self, label_set_id: str, track_ids: Collection[str], make: Make) -> bool:
        scene, dataset_id, reading = (
            self._session.scene, self._board.dataset_id, self._board.reading,
        )  # fmt: skip
        reason = self._board.read_only_reason
        if scene is None or dataset_id is None or reading is None or reason is not None:
            return self._refuse(f"Nothing changed: {reason}")
        edits = edits_in_scene(reading, dataset_id, scene.scene_id)
        edited = edited_scene(scene, edits) if edits else scene

        def read(context: JobContext) -> TrackLabels:
            return labels_of_tracks(context, edited, dataset_id, label_set_id, track_ids)

        def done(found: TrackLabels) -> None:
            command = make(found)
            if isinstance(command, str):
                self._refuse(command)
            elif self._board.run(command):
                self._session.say(command.text)

        self._session.jobs.start(
            TRACK_JOB,
            read,
            done=done,
            failed=lambda error: self._session.say(str(error), is_problem=True),
            title="Changing tracks",
            priority=5,
        )
        return True
