"""Opening a dataset: what is made ready before it is shown, and why it could not be opened."""

import importlib
from collections import deque
from collections.abc import Mapping

from viewer.formats.base import UnknownFormat
from viewer.formats.growth import whole
from viewer.progress import JobContext
from viewer.scene.scene import Dataset, Problem, Scene
from viewer.session.link import Sight
from viewer.session.selection import LabelKey


def with_frames(dataset: Dataset, sight: Sight | None) -> Dataset:
    """Make the frames of the scene that comes first, which may be many, before it is shown.

    What `sight` names may stand further down in the files than the beginning that is there.
    """
    if dataset.growth is not None and dataset.growth.renews and not _is_there(dataset, sight):
        dataset = whole(dataset)
    wanted = None if sight is None else sight.scene_id
    named = [scene for scene in dataset.scenes if scene.scene_id == wanted]
    for scene in (*named, *dataset.scenes)[:1]:
        deque(scene.frames, maxlen=0)
    return dataset


def _is_there(dataset: Dataset, sight: Sight | None) -> bool:
    if sight is None or (sight.scene_id is None and sight.frame_key is None):
        return True
    index = scene_wanted(dataset, sight)
    return (
        index is not None
        and sight.label is None
        and frame_wanted(dataset.scenes[index], sight) is not None
    )


def scene_wanted(dataset: Dataset, sight: Sight | None) -> int | None:
    """Return the position of the scene to show first; None where the one named is not there."""
    if sight is None or sight.scene_id is None:
        return 0
    ids = [scene.scene_id for scene in dataset.scenes]
    return ids.index(sight.scene_id) if sight.scene_id in ids else None


def frame_wanted(scene: Scene, sight: Sight | None) -> int | None:
    """Return the index of the frame to show first; None where the one named is not there."""
    if sight is None or sight.frame_key is None:
        return 0
    return scene.frame_index_of(sight.frame_key)


def sight_of(
    dataset: Dataset,
    scene: Scene,
    frame_index: int,
    selection: LabelKey | None,
    eye: tuple[float, ...] | None,
) -> Sight:
    """Return where somebody is who looks at a frame; a label of another frame is no part of it."""
    here = selection is not None and selection.frame_index == frame_index
    label = f"{selection.label_set_id}:{selection.label_id}" if selection and here else None
    frame_key = scene.frames[frame_index].key
    return Sight(str(dataset.path), scene.scene_id, frame_key, label, eye)


def problems_of(
    dataset: Dataset | None, scene: Scene | None, of_frames: Mapping[str, Problem]
) -> tuple[Problem, ...]:
    """Return what was found wrong with a dataset, a scene and frames by text, each once."""
    found = list(dataset.problems) if dataset is not None else []
    found += scene.reader.problems() if scene is not None else []
    return tuple({**{str(problem): problem for problem in found}, **of_frames}.values())


def why_not_opened(path: str, error: Exception) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return a sentence for people, and the reason of each format that refused it."""
    if isinstance(error, UnknownFormat):
        return f"{path} fits no known format", tuple(error.reasons.items())
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist", ()
    if isinstance(error, PermissionError):
        return f"{path} may not be read", ()
    return str(error), ()


def warm_up(_context: JobContext) -> None:
    """Load what reads points, before somebody waits for it."""
    importlib.import_module("viewer.formats.points").warm_up()


def drop(_result: object) -> None:
    """Prefetched frames stay in the store; their failures show when the frame is asked for."""
