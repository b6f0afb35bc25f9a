"""Between what the session looks at and what decisions are about."""

from dataclasses import dataclass

from viewer.review import Subject, SubjectKind
from viewer.scene.scene import Dataset, Scene
from viewer.session.selection import LabelKey

LONGEST_NAME = 28


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subject is to be looked at."""

    scene_index: int
    frame_index: int
    label_set_id: str | None = None
    label_id: str | None = None
    track_id: str | None = None


def label_subject(dataset_id: str, scene: Scene, key: LabelKey) -> Subject:
    """The subject of one label."""
    frame_key = scene.frames[key.frame_index].key
    return Subject.label(dataset_id, scene.scene_id, frame_key, key.label_set_id, key.label_id)


def track_subject(dataset_id: str, scene: Scene, key: LabelKey) -> Subject | None:
    """The subject of a label's track, None where it has none."""
    if key.track_id is None or scene.independent:
        return None
    return Subject.track(dataset_id, scene.scene_id, key.label_set_id, key.track_id)


def frame_subject(dataset_id: str, scene: Scene, frame_index: int) -> Subject:
    """The subject of a frame."""
    return Subject.frame(dataset_id, scene.scene_id, scene.frames[frame_index].key)


def scene_subject(dataset_id: str, scene: Scene) -> Subject:
    """The subject of a scene."""
    return Subject.scene(dataset_id, scene.scene_id)


def place_of(dataset: Dataset, subject: Subject) -> Place | None:
    """Where to look at a subject; None where the dataset no longer has its scene or frame.

    A track is looked at in the frame that `place_in_track` chooses; here in the first one.
    """
    scenes = (i for i, scene in enumerate(dataset.scenes) if scene.scene_id == subject.scene_id)
    scene_index = next(scenes, None)
    if scene_index is None:
        return None
    scene = dataset.scenes[scene_index]
    frame_index = 0
    if subject.frame_key is not None:
        found = scene.frame_index_of(subject.frame_key)
        if found is None:
            return None
        frame_index = found
    return Place(scene_index, frame_index, subject.label_set_id, subject.label_id, subject.track_id)


def short_text(subject: Subject) -> str:
    """A subject in a few words, e.g. ``label 18``, ``track 7``, ``frame 000042``."""
    match subject.kind:
        case SubjectKind.LABEL:
            return f"label {_shortened(subject.label_id or '')}"
        case SubjectKind.TRACK:
            return f"track {_shortened(subject.track_id or '')}"
        case SubjectKind.FRAME:
            return f"frame {subject.frame_key}"
        case SubjectKind.SCENE:
            return f"scene {subject.scene_id}"
        case _:
            return "the dataset"


def _shortened(name: str) -> str:
    """Ids that nobody reads in full keep their beginning and end."""
    return name if len(name) <= LONGEST_NAME else f"{name[:12]}…{name[-8:]}"
