"""Changes of labels that the session looks at, and marks of missing ones."""

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np

from viewer.processing.ground import ground_height
from viewer.review import Command, LabelSnapshot, Subject, new_id
from viewer.review.commands.edits import (
    ChangeAttribute,
    ChangeBox,
    ChangeClass,
    DeleteLabel,
    FlipHeading,
    RestoreLabel,
)
from viewer.review.commands.marks import MarkMissing, RemoveMark
from viewer.review.commands.tracks import ChangeTrackId
from viewer.review.datasets.known_thresholds import mark_size
from viewer.review.edits.edited_labels import edit_of
from viewer.review.edits.model import LabelEdit
from viewer.review.flat_snapshots import snapshot_of
from viewer.review.marks.model import Mark
from viewer.review.marks.reading import marks_in_frame
from viewer.scene.labels import LabelSetKind
from viewer.session.marks_set import labels_alone
from viewer.session.measure import points_world
from viewer.session.review_board import ReviewBoard
from viewer.session.review_marks import USUAL_SIZE_M
from viewer.session.review_subjects import frame_subject, label_subject
from viewer.session.review_tracks import TrackEditing

ON_GROUND_M = 0.3
"""Up to this far from the ground a point is one of it."""


class LabelEditing:
    """What the inspector and the mark key do. Every method says why where it does nothing."""

    def __init__(self, board: ReviewBoard) -> None:
        self._board = board
        self._session = board.session
        self._tracks = TrackEditing(board)

    # -- one label ---------------------------------------------------------------------------

    @property
    def missing(self) -> str | None:
        """Why labels cannot be edited now, for people; None where they can."""
        if self._board.read_only_reason is not None:
            return self._board.read_only_reason
        return None if self._selected() is not None else "select a label first"

    def edit(self) -> LabelEdit | None:
        """What is otherwise than delivered about the selected label."""
        key, content = self._session.selection, self._session.content
        labels = None if key is None or content is None else content.labels.get(key.label_set_id)
        return None if key is None or labels is None else edit_of(labels, key.label_id)

    def change_class(self, class_name: str) -> bool:
        """Give the selected label another class."""
        return self._run(lambda subject, snapshot: ChangeClass(subject, class_name, snapshot))

    def change_attribute(self, name: str, value: Any) -> bool:  # noqa: ANN401 - any JSON
        """Give an attribute another value; None takes it away."""
        return self._run(lambda subject, snapshot: ChangeAttribute(subject, name, value, snapshot))

    def change_track(self, track_id: str) -> bool:
        """Put the selected label into another track; "" takes it out of its own."""
        return self._run(lambda subject, snapshot: ChangeTrackId(subject, track_id, snapshot))

    def change_box(
        self,
        center: Sequence[float] | None = None,
        size: Sequence[float] | None = None,
        rotation: Sequence[float] | None = None,
        box_px: Sequence[float] | None = None,
    ) -> bool:
        """Give the selected label another box; see `ChangeBox`."""
        return self._run(
            lambda subject, snapshot: ChangeBox(subject, center, size, rotation, box_px, snapshot)
        )

    def flip_heading(self) -> bool:
        """Turn the selected cuboid by half a turn."""
        return self._run(
            lambda subject, snapshot: None if snapshot is None else FlipHeading(subject, snapshot)
        )

    def delete(self) -> bool:
        """Say that the selected label should not be there."""
        done = self._run(lambda subject, snapshot: DeleteLabel(subject, snapshot))
        if done:
            self._session.select(None)
        return done

    def restore(self, subject: Subject | None = None) -> bool:
        """Make a label, by default the selected one, as it was delivered."""
        if subject is not None:
            return self._board.run(RestoreLabel(subject))
        return self._run(lambda selected, _snapshot: RestoreLabel(selected))

    def _run(self, make: Callable[[Subject, LabelSnapshot | None], Command | None]) -> bool:
        if self.missing is not None:
            self._session.say(f"Nothing changed: {self.missing}", is_problem=True)
            return False
        subject = self._selected()
        assert subject is not None
        command = make(subject, self._snapshot(subject))
        if command is None:
            self._session.say("Nothing changed: the label has no snapshot", is_problem=True)
            return False
        if self._board.run(command):
            self._session.say(command.text)
            return True
        return False

    def _selected(self) -> Subject | None:
        session, dataset_id = self._session, self._board.dataset_id
        if dataset_id is None or session.scene is None or session.selection is None:
            return None
        return label_subject(dataset_id, session.scene, session.selection)

    def _snapshot(self, subject: Subject) -> LabelSnapshot | None:
        content = self._session.content
        if content is None or content.frame.key != subject.frame_key:
            return None
        labels = content.labels.get(subject.label_set_id or "")
        return None if labels is None else snapshot_of(labels, subject.label_id or "")

    # -- tracks ------------------------------------------------------------------------------

    def merge_tracks(self, into_track_id: str, track_id: str | None = None) -> bool:
        """Put all labels of a track, by default the selected label's, into another one."""
        return self._tracks.merge(into_track_id, track_id)

    def split_track(self, new_track_id: str | None = None) -> bool:
        """Make the selected label and those after it in its track a track of their own."""
        return self._tracks.split(new_track_id)

    # -- marks -------------------------------------------------------------------------------

    def mark_at_point(
        self, class_name: str, position: Sequence[float], comment: str = ""
    ) -> str | None:
        """Mark that an object is missing at a position in the world; return the mark's id.

        Its rough box is as large as the others of its class in the frame.
        """
        return self._mark(
            class_name,
            lambda mark_id, frame: MarkMissing(
                mark_id, frame, class_name, tuple(map(float, position)), "world",
                size=self.usual_size(class_name), label_set_id=self._truth(), comment=comment,
            ),
        )  # fmt: skip

    def standing(self, class_name: str, position: Sequence[float]) -> tuple[float, float, float]:
        """The middle of an object of a class that stands where a point of the ground is.

        A point that is not on the ground is the middle itself.
        """
        x, y, z = map(float, position)
        content = self._session.content
        if content is None or not content.sweeps:
            return x, y, z
        points = points_world(content, self._session.view)
        ground = ground_height(points, np.array([x, y, z]))
        if ground is None or abs(z - ground.z_m) > ON_GROUND_M:
            return x, y, z
        height_m = (self.usual_size(class_name) or USUAL_SIZE_M)[2]
        return x, y, ground.z_m + height_m / 2

    def mark_at_pixel(
        self, class_name: str, sensor_id: str, pixel: tuple[float, float], comment: str = ""
    ) -> str | None:
        """Mark that an object is missing at a pixel of a camera; return the mark's id."""
        return self._mark(
            class_name,
            lambda mark_id, frame: MarkMissing(
                mark_id, frame, class_name, sensor_id=sensor_id, pixel=pixel,
                label_set_id=self._truth(), comment=comment,
            ),
        )  # fmt: skip

    def remove_mark(self, mark: Mark) -> bool:
        """Take a mark away."""
        return self._board.run(RemoveMark(mark.mark_id, mark.class_name))

    def marks(self) -> tuple[Mark, ...]:
        """Marks of the frame that is shown."""
        reading, dataset_id = self._board.reading, self._board.dataset_id
        content = self._session.content
        if reading is None or dataset_id is None or content is None:
            return ()
        return marks_in_frame(reading, dataset_id, content.scene.scene_id, content.frame.key)

    def likely_class(self) -> str:
        """The class to offer for a mark: the selected label's, else the frame's most frequent."""
        content, key = self._session.content, self._session.selection
        if content is None:
            return ""
        if key is not None and key.label_set_id in content.labels:
            labels = content.labels[key.label_set_id].cuboids
            row = labels.row_of(key.label_id)
            if row is not None:
                return labels.class_names[row]
        names = Counter(
            name for _, each in labels_alone(content) for name in each.cuboids.class_names
        )
        known = content.scene.class_map.names
        return names.most_common(1)[0][0] if names else known[0] if known else ""

    def usual_size(self, class_name: str) -> tuple[float, float, float] | None:
        """Median length, width, height of a class in the frame, else what the workspace says."""
        content = self._session.content
        if content is None:
            return None
        sizes = [
            labels.cuboids.cuboids.size[row].tolist()
            for _, labels in labels_alone(content)
            for row, name in enumerate(labels.cuboids.class_names)
            if name == class_name
        ]
        if not sizes:
            reading = self._board.reading
            return None if reading is None else mark_size(reading)
        length, width, height = (median(each) for each in zip(*sizes, strict=True))
        return length, width, height

    def _truth(self) -> str | None:
        scene = self._session.scene
        sets = () if scene is None else scene.label_sets
        truths = [each for each in sets if each.kind is LabelSetKind.GROUND_TRUTH]
        return truths[0].label_set_id if len(truths) == 1 else None

    def _mark(self, class_name: str, make: Callable[[str, Subject], MarkMissing]) -> str | None:
        scene, dataset_id = self._session.scene, self._board.dataset_id
        reason = self._board.read_only_reason
        if scene is None or dataset_id is None or self._session.content is None:
            reason = reason or "no frame is shown"
        if reason is not None or scene is None or dataset_id is None:
            self._session.say(f"Nothing marked: {reason}", is_problem=True)
            return None
        mark_id = new_id()
        command = make(mark_id, frame_subject(dataset_id, scene, self._session.frame_index))
        if not self._board.run(command):
            return None
        self._session.say(f"{command.text} in frame {command.frame.frame_key}")
        return mark_id
