"""Which labels belong to a version that a fork narrowed."""

from collections.abc import Sequence

from viewer.review.edits.model import NO_TRACK, LabelEdit
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.versions.model import SceneKeep


class LabelChoice:
    """Tells of a label of a frame whether it belongs to a version."""

    def __init__(
        self, classes: Sequence[str] | None, keeps: Sequence[SceneKeep], frame_key: str
    ) -> None:
        self._classes = None if classes is None else frozenset(classes)
        self._keeps = keeps
        self._frame_key = frame_key

    def has(self, label_id: str, class_name: str | None, track_id: str | None) -> bool:
        """Say whether a label belongs to it, by its names in the version."""
        if self._classes is not None and class_name not in self._classes:
            return False
        for keep in self._keeps:
            if keep.frames is not None and self._frame_key not in keep.frames:
                return False
            if keep.labels is not None and label_id not in keep.labels.get(self._frame_key, ()):
                return False
            if keep.tracks is not None and track_id not in keep.tracks:
                return False
        return True

    def has_edited(
        self, label_id: str, edit: LabelEdit | None, delivered: LabelSnapshot | None
    ) -> bool:
        """Say it of a label by its edit in the version and how it was delivered.

        A label of which too little is known does not belong to a fork by class or track.
        """
        class_name = None if delivered is None else delivered.class_name
        track_id = None if delivered is None else delivered.track_id
        if edit is not None and edit.class_name is not None:
            class_name = edit.class_name
        if edit is not None and edit.track_id is not None:
            track_id = None if edit.track_id == NO_TRACK else edit.track_id
        return self.has(label_id, class_name, track_id)
