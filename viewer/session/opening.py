"""Opening a dataset: what is made ready before it is shown, and why it could not be opened."""

from viewer.formats.base import UnknownFormat
from viewer.scene.scene import Dataset
from viewer.session.link import Sight


def with_frames(dataset: Dataset, sight: Sight | None) -> Dataset:
    """Make the frames of the scene that comes first, which may be many, before it is shown."""
    wanted = None if sight is None else sight.scene_id
    named = [scene for scene in dataset.scenes if scene.scene_id == wanted]
    for scene in (*named, *dataset.scenes)[:1]:
        next(iter(scene.frames), None)
    return dataset


def why_not_opened(path: str, error: Exception) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return a sentence for people, and the reason of each format that refused it."""
    if isinstance(error, UnknownFormat):
        return f"{path} fits no known format", tuple(error.reasons.items())
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist", ()
    if isinstance(error, PermissionError):
        return f"{path} may not be read", ()
    return str(error), ()
