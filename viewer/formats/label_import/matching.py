"""Which frame and camera of a scene the frames of another dataset are."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from viewer.formats.image_set import IMAGE
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.native.paths import file_stem
from viewer.scene.scene import Frame, Scene

MAX_TAIL = 8
Place = tuple[int, str]
"""Frame index and camera."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Where the incoming labels of a frame, or of one of its images, are read."""

    scene: Scene
    frame: Frame
    label_set_id: str
    sensor_id: str | None = None
    """The camera whose image it is; None for a frame with all that it has."""

    @property
    def name(self) -> str:
        """For people."""
        return self.frame.key


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A frame of the incoming labels without a place."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Matches:
    """The incoming labels of each frame, and those without a place."""

    by_frame: dict[int, tuple[Incoming, ...]]
    unmatched: tuple[Unmatched, ...]


def is_image_set(scene: Scene) -> bool:
    """Say whether a scene is a list of images without any other order or sensor."""
    return scene.independent and scene.camera_ids == (IMAGE,) and not scene.lidar_ids


def match_frames(scene: Scene, incoming: Sequence[tuple[Scene, str]]) -> Matches:
    """Find the place of every frame of the incoming (scene, label set) pairs.

    Images are known by their file name, as many of its folders as are given, or by the name that
    our own exports give them; frames of scenes by their key, else by their time. What fits several
    places has none.
    """
    found: dict[int, list[Incoming]] = defaultdict(list)
    unmatched: list[Unmatched] = []
    images = _ImageNames(scene)
    keys = {frame.key: frame.index for frame in scene.frames}
    times = _unique_times(scene)
    used: dict[tuple[int, str | None], str] = {}
    for other, label_set_id in incoming:
        by_name = is_image_set(other)
        for frame in other.frames:
            sensor_id: str | None = None
            index = None
            reason = "the scene has no such frame"
            if by_name:
                places = images.find(frame.key)
                if len(places) == 1:
                    ((index, sensor_id),) = places
                elif places:
                    named = ", ".join(f"{scene.frames[at].key}/{name}" for at, name in places[:3])
                    reason = f"{len(places)} images have this name: {named}"
                else:
                    reason = "the scene has no such image"
            else:
                index = keys.get(frame.key)
                if index is None and frame.timestamp_ns is not None:
                    index = times.get(frame.timestamp_ns)
            if index is not None and (index, sensor_id) in used:
                reason = f"{used[index, sensor_id]} is the same frame"
                index = None
            if index is None:
                unmatched.append(Unmatched(frame.key, reason))
                continue
            used[index, sensor_id] = frame.key
            found[index].append(Incoming(other, frame, label_set_id, sensor_id))
    ordered = {index: tuple(found[index]) for index in sorted(found)}
    return Matches(ordered, tuple(unmatched))


class _ImageNames:
    """Images of a scene by every tail of their paths, with and without their suffix."""

    def __init__(self, scene: Scene) -> None:
        self._places: dict[str, list[Place]] = defaultdict(list)
        for frame in scene.frames:
            for image in frame.images:
                for name in set(_names(scene, frame, image.sensor_id, image.source)):
                    self._places[name].append((frame.index, image.sensor_id))

    def find(self, name: str) -> list[Place]:
        """Return the places that suit a name best: the most of its folders, then its suffix."""
        path = name.replace("\\", "/")
        for exact in (path, _bare(path)):
            for tail in _tails(exact):
                if tail in self._places:
                    return self._places[tail]
        return []


def _names(scene: Scene, frame: Frame, sensor_id: str, source: str) -> Iterator[str]:
    path = source.replace("\\", "/")
    for name in (path, _bare(path)):
        yield from _tails(name)
    if len(frame.images) == 1:
        for name in (frame.key, _bare(frame.key)):
            yield from _tails(name.replace("\\", "/"))
    key = file_stem(_bare(frame.key))
    camera = file_stem(sensor_id)
    yield f"{key}__{camera}"
    yield f"{file_stem(scene.scene_id)}__{key}__{camera}"


def _tails(path: str) -> Iterator[str]:
    """Yield a path, then ever less of its folders, last the name alone."""
    parts = PurePosixPath(path).parts[-MAX_TAIL:]
    for first in range(len(parts)):
        yield "/".join(parts[first:])


def _bare(name: str) -> str:
    lower = name.lower()
    suffix = next((each for each in IMAGE_SUFFIXES if lower.endswith(each)), "")
    return name[: len(name) - len(suffix)]


def _unique_times(scene: Scene) -> dict[int, int]:
    found: dict[int, int] = {}
    double: set[int] = set()
    for frame in scene.frames:
        if frame.timestamp_ns is None:
            continue
        if frame.timestamp_ns in found:
            double.add(frame.timestamp_ns)
        found[frame.timestamp_ns] = frame.index
    return {time: index for time, index in found.items() if time not in double}
