"""A dataset as reviewers made it, for whoever reads or writes scenes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from threading import Lock

from viewer.formats.edited_reader import edited_reader
from viewer.review.edits.apply import apply_edits
from viewer.review.edits.edited_labels import EditedLabels
from viewer.review.edits.model import NO_TRACK, FrameEdits
from viewer.review.edits.reading import edits_in_scene
from viewer.review.ledger import Reading
from viewer.scene.class_map import PALETTE, ClassEntry, ClassMap
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Dataset, Problem, Scene
from viewer.scene.tracks import Track


def edited_dataset(dataset: Dataset, reading: Reading, dataset_id: str) -> Dataset:
    """Return the dataset with labels as the workspace says; scenes without edits are the same.

    The edits are read now; later ones are not in it. What cannot be done is a problem of the
    scene's reader: edits of labels that are gone, or were delivered otherwise since.

    Parameters
    ----------
    dataset_id
        The dataset's id in the workspace.
    """
    scenes = []
    for scene in dataset.scenes:
        edits = edits_in_scene(reading, dataset_id, scene.scene_id)
        scenes.append(edited_scene(scene, edits) if edits else scene)
    return replace(dataset, scenes=tuple(scenes))


def edited_scene(scene: Scene, edits: Mapping[str, FrameEdits]) -> Scene:
    """Return a scene with edits, given by frame key; classes that are new join its class map."""
    names = (
        edit.class_name
        for frame in edits.values()
        for each in frame.values()
        for edit in each
        if edit.class_name is not None and not edit.deleted
    )
    return replace(
        scene,
        reader=edited_reader(scene.reader, EditsOfScene(scene, edits)),
        class_map=with_classes(scene.class_map, names),
    )


def with_classes(class_map: ClassMap, names: Iterable[str]) -> ClassMap:
    """Return a class map with more classes, each with the next colour of the palette."""
    new = [name for name in dict.fromkeys(names) if class_map.entry(name) is None]
    if not new:
        return class_map
    first = len(class_map.entries)
    numbers = [each.class_id for each in class_map.entries if each.class_id is not None]
    # Where each class has a number, formats write numbers.
    free = max(numbers) + 1 if numbers and len(numbers) == first else None
    more = [
        ClassEntry(name, PALETTE[(first + i) % len(PALETTE)], None if free is None else free + i)
        for i, name in enumerate(new)
    ]
    return ClassMap((*class_map.entries, *more))


class EditsOfScene:
    """Implements `formats.edited_reader.SceneEdits`."""

    def __init__(self, scene: Scene, edits: Mapping[str, FrameEdits]) -> None:
        self._scene = scene
        self._edits = edits
        self._problems: dict[tuple[str, str, str], Problem] = {}
        self._lock = Lock()
        known = {frame.key for frame in scene.frames}
        for frame_key in edits:
            if frame_key not in known:
                self._note(frame_key, "", "the frame is gone; edits of its labels do nothing")

    def apply(self, frame_index: int, label_set_id: str, labels: FrameLabels) -> FrameLabels:
        """Return the labels of a frame with their edits."""
        frame_key = self._scene.frames[frame_index].key
        edited = apply_edits(labels, self._edits.get(frame_key, {}).get(label_set_id, ()))
        if isinstance(edited, EditedLabels):
            for label_id in edited.stale:
                text = f"label {label_id} was delivered otherwise since; its edit does nothing"
                self._note(frame_key, label_id, text)
            for label_id in edited.missing:
                self._note(frame_key, label_id, f"label {label_id} is gone; its edit does nothing")
        return edited

    def label_ids(self, frame_index: int, label_set_id: str) -> frozenset[str]:
        """Ids of the labels of a frame that are edited."""
        edits = self._edits.get(self._scene.frames[frame_index].key, {}).get(label_set_id, ())
        return frozenset(edit.label_id for edit in edits)

    def tracks(self, label_set_id: str, tracks: Sequence[Track]) -> Sequence[Track]:
        """Leave out tracks whose labels changed, with the class that all of its labels have now."""
        left_or_joined, classes = self._track_edits(label_set_id)
        found = []
        for track in tracks:
            if track.track_id in left_or_joined:
                continue
            names = classes.get(track.track_id, Counter())
            is_all = len(names) == 1 and sum(names.values()) >= max(1, len(track.keyframes))
            found.append(replace(track, class_name=next(iter(names))) if is_all else track)
        return found

    def problems(self) -> Sequence[Problem]:
        """Edits that did nothing, of the frames that were read so far."""
        with self._lock:
            return tuple(self._problems.values())

    def _track_edits(self, label_set_id: str) -> tuple[set[str], dict[str, Counter[str]]]:
        """Tracks that labels left or joined, and new classes of labels by their track."""
        touched: set[str] = set()
        classes: dict[str, Counter[str]] = {}
        for frame in self._scene.frames:
            edits = self._edits.get(frame.key, {}).get(label_set_id, ())
            if all(each.track_id is None and each.class_name is None for each in edits):
                continue
            labels = self._scene.reader.read_labels(frame.index, label_set_id)
            columns = (labels.cuboids, labels.boxes_2d, labels.shapes_2d)
            track_of = {
                name: track
                for each in columns
                for name, track in zip(each.label_ids, each.track_ids, strict=True)
            }
            for edit in edits:
                track = track_of.get(edit.label_id)
                if edit.track_id is not None:
                    touched |= {name for name in (track, edit.track_id) if name} - {NO_TRACK}
                if track and edit.class_name is not None:
                    classes.setdefault(track, Counter())[edit.class_name] += 1
        return touched, classes

    def _note(self, frame_key: str, label_id: str, text: str) -> None:
        place = f"{self._scene.scene_id} / {frame_key}"
        with self._lock:
            self._problems[frame_key, label_id, text] = Problem("edits of labels", place, text)
