"""Sights at the desk: what is looked at now as JSON, and coming back to it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from viewer.review import Subject
from viewer.review.issues.model import Sight
from viewer.session.changes import Change, FrameShown, SceneClosed
from viewer.session.label_lookup import find_label
from viewer.session.link import Sight as Link
from viewer.session.review_board import ReviewBoard
from viewer.session.review_subjects import place_of

Numbers = tuple[float, ...]


class Looks(Protocol):
    """What only the window knows of a sight."""

    def eye(self) -> Numbers | None:
        """Numbers of the 3D eye, as `render.eye.Eye.numbers` gives them."""
        ...

    def look_from(self, numbers: Numbers) -> None:
        """Bring the eye there, once the wanted frame is shown."""
        ...

    def pictures(self) -> tuple[bytes | None, bytes | None]:
        """JPEGs of the 3D view and of the cameras as they are shown now."""
        ...


class Sights:
    """Takes and brings back sights of the session's dataset."""

    def __init__(self, board: ReviewBoard) -> None:
        self._board = board
        self._session = board.session
        self.looks: Looks | None = None
        """Set by the window; without it sights have no eye and no pictures."""
        self._wanted: Sight | None = None
        self._unsubscribe = board.session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def present(self) -> Sight | None:
        """What is looked at now, as JSON."""
        session = self._session
        if session.scene is None or not session.scene.frames:
            return None
        key = session.selection
        is_here = key is not None and key.frame_index == session.frame_index
        eye = None if self.looks is None else self.looks.eye()
        pointed = session.pointed
        return {
            "scene_id": session.scene.scene_id,
            "frame_key": session.scene.frames[max(session.frame_index, 0)].key,
            "label": f"{key.label_set_id}:{key.label_id}" if key is not None and is_here else None,
            "eye": None if eye is None else list(eye),
            "colour_by": session.view.points.colour_by,
            "large_camera": session.large_camera,
            "pointed": None if pointed is None else list(pointed.position),
        }

    def pictures(self) -> tuple[bytes | None, bytes | None]:
        """JPEGs of the 3D view and of the cameras; None where there is no window."""
        return (None, None) if self.looks is None else self.looks.pictures()

    def go_to(self, sight: Sight) -> bool:
        """Come back to exactly this sight; False where the dataset has no such frame."""
        session, dataset, dataset_id = self._session, self._session.dataset, self._board.dataset_id
        if dataset is None or dataset_id is None:
            return False
        scene_id, frame_key = str(sight.get("scene_id")), str(sight.get("frame_key"))
        place = place_of(dataset, Subject.frame(dataset_id, scene_id, frame_key))
        if place is None:
            return False
        self._wanted = sight
        session.play(playing=False)
        scene = dataset.scenes[place.scene_index]
        if session.scene is not scene:
            session.show_scene(place.scene_index, Link(str(dataset.path), scene_id, frame_key))
        elif session.content is not None and session.content.index == place.frame_index:
            self._arrive()
        else:
            session.go_to_frame(place.frame_index)
        return True

    def _arrive(self) -> None:
        """The frame of the wanted sight is shown: bring back the rest of it."""
        sight, self._wanted = self._wanted, None
        session, content = self._session, self._session.content
        if sight is None or content is None:
            return
        label = sight.get("label")
        found = find_label(content, label) if isinstance(label, str) else None
        if label is not None and found is None:
            session.say("The frame no longer has the label of this view", is_problem=True)
        session.select(found)
        self._show_as(sight)
        eye = sight.get("eye")
        if self.looks is not None and isinstance(eye, list):
            self.looks.look_from(tuple(float(number) for number in eye))
        elif found is not None:
            session.focus_selection()

    def _show_as(self, sight: Mapping[str, Any]) -> None:
        session = self._session
        colour_by, camera = sight.get("colour_by"), sight.get("large_camera")
        if isinstance(colour_by, str) and colour_by != session.view.points.colour_by:
            session.set_view(points=replace(session.view.points, colour_by=colour_by))
        known = () if session.scene is None else session.scene.camera_ids
        session.set_large_camera(camera if camera in known else None)

    def _on_change(self, change: Change) -> None:
        if self._wanted is None:
            return
        if isinstance(change, SceneClosed):
            self._wanted = None
        elif isinstance(change, FrameShown):
            content = change.content
            wanted = (str(self._wanted.get("scene_id")), str(self._wanted.get("frame_key")))
            if (content.scene.scene_id, content.frame.key) == wanted:
                self._arrive()
