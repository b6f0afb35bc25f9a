"""The edits of one dataset for whoever loads frames, on any thread."""

from collections import OrderedDict
from threading import Lock

from viewer.review.edits.apply import apply_edits
from viewer.review.edits.entities import LABEL_EDITS
from viewer.review.edits.model import FrameEdits
from viewer.review.edits.reading import edits_in_frame
from viewer.review.workspace import Changed, Workspace
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Scene

KEPT_FRAMES = 256


class EditBook:
    """Edits labels of a dataset as an open workspace says. Calls may come from any thread.

    Close it before the workspace.

    Parameters
    ----------
    workspace
        Read through a connection of the book's own.
    dataset_id
        The dataset's id in the workspace.
    """

    def __init__(self, workspace: Workspace, dataset_id: str) -> None:
        self._reading, self._connection = workspace.another_reading(any_thread=True)
        self._dataset_id = dataset_id
        self._frames: OrderedDict[tuple[str, str], FrameEdits] = OrderedDict()
        self._lock = Lock()
        self._is_open = True

    def __call__(
        self, scene: Scene, frame_index: int, label_set_id: str, labels: FrameLabels, /
    ) -> FrameLabels:
        """Return the labels of one label set in one frame with their edits."""
        edits = self.frame_edits(scene.scene_id, scene.frames[frame_index].key)
        return apply_edits(labels, edits.get(label_set_id, ()))

    def frame_edits(self, scene_id: str, frame_key: str) -> FrameEdits:
        """Return the edits of a frame by label set id; none after `close`."""
        place = scene_id, frame_key
        with self._lock:
            if place in self._frames:
                self._frames.move_to_end(place)
                return self._frames[place]
            if not self._is_open:
                return {}
            found = edits_in_frame(self._reading, self._dataset_id, scene_id, frame_key)
            self._frames[place] = found
            if len(self._frames) > KEPT_FRAMES:
                self._frames.popitem(last=False)
            return found

    def take(self, changed: Changed) -> bool:
        """Hear of a change of the workspace; say whether labels look otherwise now."""
        if not any(entity == LABEL_EDITS.name for entity, _ in changed.touched):
            return False
        with self._lock:
            self._frames.clear()
        return True

    def close(self) -> None:
        """Let go of the workspace file."""
        with self._lock:
            self._is_open = False
            self._frames.clear()
            self._connection.close()
