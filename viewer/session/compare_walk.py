"""Going to a row of the comparison: its frame, then label and prediction, haloed and framed."""

from dataclasses import dataclass, replace

from viewer.scene.scene import Dataset
from viewer.session.changes import Change, FrameShown, SceneOpened
from viewer.session.frame_content import FrameContent
from viewer.session.label_lookup import find_label, visible_keys
from viewer.session.link import Sight
from viewer.session.selection import LabelKey
from viewer.session.session import Session


@dataclass(frozen=True, slots=True)
class PairPlace:
    """Where a label and the prediction that it was matched with are; one of them may be missing."""

    scene_index: int
    frame_index: int
    label: tuple[str, str] | None
    """Label set and id of the ground truth."""
    prediction: tuple[str, str] | None


class PairWalk:
    """Brings pairs into view, one wanted at a time. Owner's thread only."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wanted: PairPlace | None = None
        self._unsubscribe = session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def show(self, place: PairPlace) -> None:
        """Go there."""
        self._wanted = place
        self._arrive()

    def _arrive(self) -> None:
        """Go to the scene, then to the frame, then select: each when the one before is there."""
        place, session, dataset = self._wanted, self._session, self._session.dataset
        if place is None or dataset is None:
            return
        scene = dataset.scenes[place.scene_index]
        session.play(playing=False)
        if session.scene is not scene:
            key = scene.frames[place.frame_index].key
            session.show_scene(place.scene_index, Sight(str(dataset.path), scene.scene_id, key))
            return
        content = session.content
        shown = None if content is None else content.index
        if content is not None and shown == session.frame_index == place.frame_index:
            self._wanted = None
            self._select(place, content)
        else:
            session.go_to_frame(place.frame_index)

    def _select(self, place: PairPlace, content: FrameContent) -> None:
        session = self._session
        label, prediction = _found(content, place.label), _found(content, place.prediction)
        lost = [
            f"{word} {named[1]}"
            for word, named, found in (
                ("label", place.label, label), ("prediction", place.prediction, prediction),
            )
            if named is not None and found is None
        ]  # fmt: skip
        if lost:
            session.say(f"The frame no longer has {' and '.join(lost)}", is_problem=True)
        chosen = label or prediction
        if prediction is not None and not session.view.layers.predictions:
            session.set_view(layers=replace(session.view.layers, predictions=True))
        session.select(chosen, prediction if label is not None else None)
        if chosen is None:
            return
        session.focus_selection()
        visible = visible_keys(content, session.view, chosen)
        if any(each is not None and each not in visible for each in (label, prediction)):
            session.say("The filters hide a part of this pair; the Filters panel shows which")

    def _on_change(self, change: Change) -> None:
        dataset = self._session.dataset
        if self._wanted is None or dataset is None:
            return
        if isinstance(change, SceneOpened):
            if not self._is_wanted_scene(dataset):
                # Somebody went elsewhere meanwhile.
                self._wanted = None
        elif (
            isinstance(change, FrameShown)
            and self._is_wanted_scene(dataset)
            and change.content.index == self._wanted.frame_index
        ):
            self._arrive()

    def _is_wanted_scene(self, dataset: Dataset) -> bool:
        wanted = self._wanted
        return (
            wanted is not None
            and wanted.scene_index < len(dataset.scenes)
            and self._session.scene is dataset.scenes[wanted.scene_index]
        )


def _found(content: FrameContent, named: tuple[str, str] | None) -> LabelKey | None:
    if named is None or named[0] not in content.labels:
        return None
    return find_label(content, f"{named[0]}:{named[1]}")
