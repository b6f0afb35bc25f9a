"""The frames of a scene: what of their items lies on this machine."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from viewer.formats.data_urls import PlaceNames, UnmappedUrl
from viewer.formats.nucleus.item_metadata import TypeCheck, timestamp_of
from viewer.formats.nucleus.scene_items import VIDEO_SENSOR, FrameItems, SceneItems
from viewer.formats.nucleus.schema import POINT_CLOUD
from viewer.formats.nucleus.source import NucleusSource
from viewer.scene.images import ImageRef
from viewer.scene.scene import Frame, OtherKind, OtherRef, SweepRef

MAX_FRAME_RATE = 1e6


class FrameLister:
    """Makes the frames of one scene, and counts the data that is not on this machine."""

    def __init__(self, source: NucleusSource, scene: SceneItems, check: TypeCheck) -> None:
        self._names = PlaceNames(source.places)
        self._problems = source.problems
        self._scene = scene
        self._check = check
        self._unmapped: Counter[tuple[Path, str, str]] = Counter()
        self._examples: dict[tuple[Path, str, str], tuple[str, str]] = {}

    def frames(self) -> Iterator[Frame]:
        """Yield all frames; what was counted is noted after the last."""
        for number, frame in enumerate(self._scene.frames):
            self._check.add(frame.items.items(), frame.path, frame.place)
            yield self._frame(number, frame)
        self._note_totals()

    def _frame(self, number: int, frame: FrameItems) -> Frame:
        sweeps, images, times = [], [], []
        for name, item in frame.items.items():
            address, is_cloud = item.source, item.kind == POINT_CLOUD
            if not address:
                self._problems.add(frame.path, f"{frame.place}.{name}", "has no url")
                continue
            time_ns = timestamp_of(item)
            times.append((not is_cloud, time_ns))
            source = self._resolved(address, frame, name)
            if source is not None and is_cloud:
                sweeps.append(SweepRef(name, time_ns, source))
            elif source is not None:
                images.append(ImageRef(name, time_ns, source))
        known = [time for _, time in sorted(times, key=lambda each: each[0]) if time is not None]
        frame_ns = known[0] if known else None
        rate = self._scene.frame_rate
        if frame_ns is None and rate and 0.0 < rate < MAX_FRAME_RATE:
            frame_ns = round(number * 1e9 / rate)
        others: tuple[OtherRef, ...] = ()
        if self._scene.video and number == 0:
            others = (OtherRef(OtherKind.VIDEO, VIDEO_SENSOR, self._scene.video),)
        return Frame(number, frame.key, frame_ns, tuple(sweeps), tuple(images), others)

    def _resolved(self, url: str, frame: FrameItems, name: str) -> str | None:
        try:
            return self._names.name(url, frame.path)
        except UnmappedUrl as unmapped:
            key = (frame.path, unmapped.place, unmapped.reason)
            self._unmapped[key] += 1
            self._examples.setdefault(key, (f"{frame.place}.{name}.url", url))
            return None

    def _note_totals(self) -> None:
        for key, count in self._unmapped.items():
            path, _, reason = key
            place, example = self._examples[key]
            files = "1 file" if count == 1 else f"{count} files"
            message = f"{files} of the frames cannot be shown: {example[:120]!r} {reason}"
            self._problems.add(path, place, message)
