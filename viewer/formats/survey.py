"""Reading all that a dataset holds, to find everything that is wrong with it."""

from collections.abc import Callable, Iterator
from functools import partial

from viewer.formats.base import DamagedData
from viewer.formats.image_set import ImageSetReader
from viewer.progress import JobContext
from viewer.scene.images import OverlaySource
from viewer.scene.metadata import FrameMetadata
from viewer.scene.scene import Dataset, Frame, Problem, Scene
from viewer.scene.tracks import TrackSource

CHECKED_WIDTH_PX = 64
"""Images are decoded as small as their codec can: damage shows all the same."""


def all_problems(
    dataset: Dataset, context: JobContext, *, samples: bool = True, labels_only: bool = False
) -> tuple[Problem, ...]:
    """Read rigs, labels and metadata of all frames; return every problem once.

    With `samples` points and images are read too. With `labels_only` images that are missing count
    as no problem.
    """
    found: dict[Problem, None] = dict.fromkeys(dataset.problems)
    for scene in dataset.scenes:
        for frame in context.track(scene.frames, f"Checking {scene.scene_id}"):
            for read in _reads(scene, frame, samples=samples):
                _note(read, scene, frame.key, found)
        if isinstance(scene.reader, TrackSource):
            for label_set in scene.label_sets:
                set_id = label_set.label_set_id
                _note(partial(scene.reader.read_tracks, set_id), scene, set_id, found)
        if labels_only and isinstance(scene.reader, ImageSetReader):
            found.update(dict.fromkeys(scene.reader.label_problems()))
        else:
            found.update(dict.fromkeys(scene.reader.problems()))
    return tuple(found)


def _reads(scene: Scene, frame: Frame, *, samples: bool) -> Iterator[Callable[[], object]]:
    reader, index = scene.reader, frame.index
    yield partial(reader.read_rig, index)
    for label_set in scene.label_sets:
        yield partial(reader.read_labels, index, label_set.label_set_id)
    if isinstance(reader, FrameMetadata):
        yield partial(reader.read_frame_metadata, index)
    if not samples:
        return
    for sweep in frame.sweeps:
        yield partial(reader.read_point_cloud, index, sweep.sensor_id)
    for image in frame.images:
        yield partial(reader.read_image, index, image.sensor_id, CHECKED_WIDTH_PX)
    if isinstance(reader, OverlaySource):
        for overlay in frame.overlays:
            yield partial(reader.read_overlay, index, overlay.sensor_id, overlay.overlay_id)


def _note(read: Callable[[], object], scene: Scene, place: str, found: dict[Problem, None]) -> None:
    try:
        read()
    except DamagedData as damage:
        found[damage.as_problem()] = None
    except OSError as error:
        source, told = error.filename or scene.path, error.strerror or error
        found[Problem(str(source), place, str(told))] = None
