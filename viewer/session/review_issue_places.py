"""Where the open issues of the shown scene are: which labels, tracks and frames have one."""

from collections import defaultdict
from collections.abc import Sequence

from viewer.review.issues.on_subjects import PlacedElement, open_elements_of_scene
from viewer.review.subject import SubjectKind
from viewer.session.changes import Change, SceneClosed, SceneOpened
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    WorkspaceClosed,
    WorkspaceOpened,
    concerns_issues,
)
from viewer.session.selection import LabelKey

Place = tuple[str, ...]


class IssuePlaces:
    """Read once a scene and after every change; asking is fast enough for paint."""

    def __init__(self, board: ReviewBoard) -> None:
        self._board = board
        self._session = board.session
        self._found: dict[Place, list[PlacedElement]] | None = None
        self._unsubscribe = (
            board.session.subscribe(self._on_change),
            board.subscribe(self._on_board_change),
        )

    def dispose(self) -> None:
        """Stop listening."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    @property
    def any_here(self) -> bool:
        """Whether the scene has any open issue."""
        return bool(self._places())

    def on_label(self, key: LabelKey) -> Sequence[PlacedElement]:
        """Elements of open issues on a label itself."""
        scene = self._session.scene
        if scene is None:
            return ()
        frame_key = scene.frames[key.frame_index].key
        return self._places().get(("label", frame_key, key.label_set_id, key.label_id), ())

    def on_track(self, key: LabelKey) -> Sequence[PlacedElement]:
        """Elements of open issues on the track of a label."""
        if key.track_id is None:
            return ()
        return self._places().get(("track", key.label_set_id, key.track_id), ())

    def on_frame(self, frame_key: str) -> Sequence[PlacedElement]:
        """Elements of open issues on a frame itself."""
        return self._places().get(("frame", frame_key), ())

    def _places(self) -> dict[Place, list[PlacedElement]]:
        if self._found is None:
            self._found = self._read()
        return self._found

    def _read(self) -> dict[Place, list[PlacedElement]]:
        reading, dataset_id = self._board.reading, self._board.dataset_id
        scene = self._session.scene
        found: defaultdict[Place, list[PlacedElement]] = defaultdict(list)
        if reading is None or dataset_id is None or scene is None:
            return {}
        for placed in open_elements_of_scene(reading, dataset_id, scene.scene_id):
            subject = placed.element.subject
            match subject.kind:
                case SubjectKind.LABEL:
                    names = (subject.frame_key, subject.label_set_id, subject.label_id)
                case SubjectKind.TRACK:
                    names = (subject.label_set_id, subject.track_id, None)
                case _:
                    names = (subject.frame_key, None, None)
            place = (str(subject.kind), *(str(name) for name in names if name is not None))
            found[place].append(placed)
        return dict(found)

    def _on_change(self, change: Change) -> None:
        if isinstance(change, SceneOpened | SceneClosed):
            self._found = None

    def _on_board_change(self, change: DeskChange) -> None:
        told = WorkspaceOpened | WorkspaceClosed
        if isinstance(change, told) or (
            isinstance(change, DecisionsChanged) and concerns_issues(change)
        ):
            self._found = None
