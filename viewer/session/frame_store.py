"""Loads frames piece by piece into one byte budget, and keeps the neighbours ready."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from viewer.formats.base import DamagedData
from viewer.formats.frame_cache import FrameCache
from viewer.geometry import lazy_numba
from viewer.geometry.transform_tree import TransformTreeError
from viewer.progress import JobContext
from viewer.scene.earlier_sweeps import EarlierSweeps
from viewer.scene.images import Image, ImageRef, OverlayRef, OverlaySource
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.metadata import FrameMetadata
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, LabelsFollow, Problem, Scene
from viewer.scene.tracks import Track
from viewer.session.frame_content import FrameContent, LoadedOverlay, LoadedSweep
from viewer.session.keyframe_gaps import KeyframeGaps
from viewer.session.label_edits import LabelEdits, as_delivered
from viewer.session.marks_set import MARKS_ID
from viewer.session.view_settings import ViewSettings

Preparer = Callable[[FrameContent, ViewSettings], Any]
"""Makes what a view needs from a loaded frame; runs on a worker thread."""

PieceKey = tuple[Any, ...]
"""The reader of the scene, what it is, frame index, sensor: pieces of two datasets never mix."""

KEPT_CONTENTS = 7
"""Whole frames kept ready; their pieces share arrays with the cache."""

Piece = TypeVar("Piece")
Ref = TypeVar("Ref", ImageRef, OverlayRef)


class FrameStore:
    """Frames of one scene. Every method may run on any thread.

    Parameters
    ----------
    scene
        The scene whose frames are loaded.
    cache
        Where loaded pieces are kept, least recently used first out.
    preparers
        By name; what they return is found in `FrameContent.prepared`.
    edit_labels
        Gives the labels as reviewers made them; call `forget_labels` when that changes.
    without_waiting
        Frames come without labels that would first have to be indexed.
    """

    def __init__(
        self,
        scene: Scene,
        cache: FrameCache[PieceKey, Any],
        preparers: Mapping[str, Preparer] | None = None,
        edit_labels: LabelEdits = as_delivered,
        *,
        without_waiting: bool = False,
    ) -> None:
        self._scene = scene
        self._cache = cache
        self._preparers = dict(preparers or {})
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="decode")
        self._contents: OrderedDict[tuple[Any, ...], FrameContent] = OrderedDict()
        self._reading: dict[PieceKey, Lock] = {}
        self._lock = Lock()
        self._gaps: KeyframeGaps | None = None
        self._edit_labels = edit_labels
        self._without_waiting = without_waiting
        self._edition = 0

    def use_tracks(self, told: Mapping[tuple[str, str], Track]) -> bool:
        """Fill gaps between keyframes from now on; False where no track has any."""
        gaps = KeyframeGaps(self._scene, told)
        if not gaps:
            return False
        with self._lock:
            self._gaps = gaps
            self._contents.clear()
        return True

    def forget_labels(self) -> None:
        """Edit the labels of every frame anew when it is asked for next."""
        with self._lock:
            self._edition += 1
            self._contents.clear()

    def cached(self, index: int, view: ViewSettings, image_width_px: int) -> FrameContent | None:
        """Return a frame that is ready for this view, else None; never waits."""
        with self._lock:
            key = self._key(index, view, image_width_px)
            found = self._contents.get(key)
            if found is not None:
                self._contents.move_to_end(key)
            return found

    def load(
        self, context: JobContext, index: int, view: ViewSettings, image_width_px: int
    ) -> FrameContent:
        """Read and prepare a frame. What cannot be read becomes a problem of the content."""
        ready = self.cached(index, view, image_width_px)
        if ready is not None:
            return ready
        key = self._key(index, view, image_width_px)
        frame = self._scene.frames[index]
        rig = self._scene.reader.read_rig(index)
        problems: list[Problem] = []
        # Images are drawn by kernels; a first picture without these does not wait for them.
        refs = () if lazy_numba.deferred() else frame.images
        images = [
            (ref, self._pool.submit(self._read_image, frame, ref.sensor_id, image_width_px))
            for ref in refs
        ]
        overlays = self._start_overlays(frame, refs, view)
        sweeps = self._read_sweeps(context, frame, view.points.sweep_count, problems)
        earlier = self._read_earlier(context, frame, view, problems)
        labels = self._read_labels(frame, problems)
        if any(each.point_classes for each in labels.values()):
            sweeps = [self._with_classes(sweep, frame.index) for sweep in sweeps]
        if earlier:
            older = [sweep for sweep in sweeps if sweep.frame_index != frame.index] + earlier
            older.sort(key=lambda sweep: -(sweep.timestamp_ns or 0))
            sweeps = [sweep for sweep in sweeps if sweep.frame_index == frame.index] + older
        context.report(1, 3)
        decoded = {ref.sensor_id: image for ref, image in _taken(images, problems)}
        shown_over = tuple(LoadedOverlay(*taken) for taken in _taken(overlays, problems))
        context.report(2, 3)
        content = FrameContent(
            self._scene, frame, rig, tuple(sweeps), decoded, labels, tuple(problems),
            metadata=self._read_metadata(frame, problems), overlays=shown_over,
            labels_follow=frozenset(
                each for each in labels if each != MARKS_ID and self._must_wait(index, each)
            ),
        )  # fmt: skip
        prepared: dict[str, Any] = {}
        for name, make in self._preparers.items():
            try:
                prepared[name] = make(content, view)
            except TransformTreeError as error:
                problems.append(Problem(str(self._scene.path), f"frame {frame.key}", str(error)))
        context.report(3, 3)
        content = replace(content, prepared=prepared, problems=tuple(problems))
        self._keep(key, content)
        return content

    def close(self) -> None:
        """Stop decoding and let go of what is kept."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._contents.clear()

    def _key(self, index: int, view: ViewSettings, image_width_px: int) -> tuple[Any, ...]:
        content_key = _content_key(index, view, image_width_px)
        return (*content_key, self._gaps is not None, self._edition)

    def _keep(self, key: tuple[Any, ...], content: FrameContent) -> None:
        with self._lock:
            self._contents[key] = content
            self._contents.move_to_end(key)
            while len(self._contents) > KEPT_CONTENTS:
                self._contents.popitem(last=False)

    def _piece(
        self, key: PieceKey, read: Callable[[], Piece], size_of: Callable[[Piece], int]
    ) -> Piece:
        """Take from the cache, else read; who comes second waits for the first's reading."""
        found: Piece | None = self._cache.get(key)
        if found is not None:
            return found
        with self._lock:
            reading = self._reading.setdefault(key, Lock())
        try:
            with reading:
                found = self._cache.get(key)
                if found is None:
                    found = read()
                    self._cache.put(key, found, size_of(found))
        finally:
            with self._lock:
                self._reading.pop(key, None)
        return found

    def _read_image(self, frame: Frame, sensor_id: str, width_px: int) -> Image:
        reader = self._scene.reader
        return self._piece(
            (self._scene.reader, "image", frame.index, sensor_id, width_px),
            lambda: reader.read_image(frame.index, sensor_id, width_px),
            lambda image: image.pixels.nbytes,
        )

    def _start_overlays(
        self, frame: Frame, images: Sequence[ImageRef], view: ViewSettings
    ) -> list[tuple[OverlayRef, Future[Image]]]:
        reader = self._scene.reader
        if not (frame.overlays and view.images.overlays and isinstance(reader, OverlaySource)):
            return []
        shown = {ref.sensor_id for ref in images}
        return [
            (ref, self._pool.submit(self._read_overlay, reader, frame, ref))
            for ref in frame.overlays
            if ref.sensor_id in shown
        ]

    def _read_overlay(self, reader: OverlaySource, frame: Frame, ref: OverlayRef) -> Image:
        return self._piece(
            (self._scene.reader, "overlay", frame.index, ref.sensor_id, ref.overlay_id),
            lambda: reader.read_overlay(frame.index, ref.sensor_id, ref.overlay_id),
            lambda image: image.pixels.nbytes,
        )

    def _read_sweeps(
        self, context: JobContext, frame: Frame, count: int, problems: list[Problem]
    ) -> list[LoadedSweep]:
        sweeps: list[LoadedSweep] = []
        oldest = frame.index if self._scene.independent else max(0, frame.index - count + 1)
        for index in range(frame.index, oldest - 1, -1):
            for ref in self._scene.frames[index].sweeps:
                context.report(0, 3)
                try:
                    cloud = self._read_cloud(index, ref.sensor_id)
                except (DamagedData, OSError) as error:
                    problems.append(_as_problem(error, ref.source))
                    continue
                time = ref.timestamp_ns
                if time is None:
                    time = self._scene.frames[index].timestamp_ns
                sweeps.append(LoadedSweep(ref.sensor_id, cloud, time, index))
        return sweeps

    def _read_earlier(
        self, context: JobContext, frame: Frame, view: ViewSettings, problems: list[Problem]
    ) -> list[LoadedSweep]:
        """Sweeps recorded between the frames that are shown together, newest first."""
        reader = self._scene.reader
        wanted = view.points.earlier_sweeps and not self._scene.independent
        if not (wanted and isinstance(reader, EarlierSweeps)):
            return []
        sweeps: list[LoadedSweep] = []
        oldest = max(0, frame.index - view.points.sweep_count + 1)
        for index in range(frame.index, oldest - 1, -1):
            found = []
            for place, ref in enumerate(reader.earlier_sweeps(index)):
                context.report(0, 3)
                try:
                    cloud = self._piece(
                        (self._scene.reader, "earlier", index, place),
                        partial(reader.read_earlier_sweep, index, place),
                        lambda cloud: cloud.nbytes,
                    )
                except (DamagedData, OSError) as error:
                    problems.append(_as_problem(error, ref.source))
                    continue
                found.append(LoadedSweep(ref.sensor_id, cloud, ref.timestamp_ns, index - 1))
            sweeps += sorted(found, key=lambda sweep: -(sweep.timestamp_ns or 0))
        return sweeps

    def _with_classes(self, sweep: LoadedSweep, shown_index: int) -> LoadedSweep:
        """Add the point classes of an older frame's sweep, of the label sets that tell them."""
        if sweep.frame_index == shown_index:
            return sweep
        found = {}
        for label_set in self._scene.label_sets:
            set_id = label_set.label_set_id
            if self._must_wait(sweep.frame_index, set_id):
                continue
            try:
                labels = self._scene.reader.read_labels(sweep.frame_index, set_id)
            except (DamagedData, OSError):
                # Told as a problem of the frame that it belongs to.
                continue
            for one in labels.point_classes:
                if one.sensor_id == sweep.sensor_id:
                    found[set_id] = one
        return replace(sweep, point_classes=found)

    def _read_cloud(self, index: int, sensor_id: str) -> PointCloud:
        reader = self._scene.reader
        return self._piece(
            (self._scene.reader, "points", index, sensor_id),
            lambda: reader.read_point_cloud(index, sensor_id),
            lambda cloud: cloud.nbytes,
        )

    def _read_metadata(self, frame: Frame, problems: list[Problem]) -> Mapping[str, Any]:
        reader = self._scene.reader
        if not isinstance(reader, FrameMetadata):
            return {}
        try:
            return reader.read_frame_metadata(frame.index)
        except (DamagedData, OSError) as error:
            problems.append(_as_problem(error, f"metadata of frame {frame.key}"))
            return {}

    def _read_labels(self, frame: Frame, problems: list[Problem]) -> dict[str, FrameLabels]:
        labels: dict[str, FrameLabels] = {}
        for label_set in self._scene.label_sets:
            set_id = label_set.label_set_id
            if self._must_wait(frame.index, set_id):
                labels[set_id] = FrameLabels(CuboidLabels.empty("world"))
                continue
            try:
                found = self._scene.reader.read_labels(frame.index, set_id)
                gaps = self._gaps
                found = gaps.filled(found, set_id, frame.index) if gaps else found
                labels[set_id] = self._edit_labels(self._scene, frame.index, set_id, found)
            except (DamagedData, OSError) as error:
                problems.append(_as_problem(error, f"labels of {set_id}"))
                labels[set_id] = FrameLabels(CuboidLabels.empty("world"))
        nothing = FrameLabels(CuboidLabels.empty("world"))
        marks = self._edit_labels(self._scene, frame.index, MARKS_ID, nothing)
        if len(marks.cuboids) or len(marks.boxes_2d):
            labels[MARKS_ID] = marks
        return labels

    def _must_wait(self, index: int, label_set_id: str) -> bool:
        reader = self._scene.reader
        if not self._without_waiting or not isinstance(reader, LabelsFollow):
            return False
        return not reader.are_labels_indexed(index, label_set_id)


def _taken(
    reading: Sequence[tuple[Ref, Future[Image]]], problems: list[Problem]
) -> Iterator[tuple[Ref, Image]]:
    """Wait for images; those that cannot be read become problems."""
    for ref, future in reading:
        try:
            yield ref, future.result()
        except (DamagedData, OSError) as error:
            problems.append(_as_problem(error, ref.source))


def _as_problem(error: DamagedData | OSError, source: str) -> Problem:
    if isinstance(error, DamagedData):
        return error.as_problem()
    return Problem(error.filename or source, "", f"cannot be read: {error.strerror or error}")


def _content_key(index: int, view: ViewSettings, image_width_px: int) -> tuple[Any, ...]:
    """Settings on which a prepared frame depends, beside its data."""
    offsets = tuple(sorted(view.time_offsets_ns.items()))
    tones = tuple(sorted((name, tone) for name, tone in view.tones.items()))
    colours = view.points.colour_by, view.points.colour_map, view.points.colour_range
    return (
        index, view.points.sweep_count, view.points.earlier_sweeps, colours, view.images,
        view.filters, view.layers.cuboids, view.layers.predictions, view.layers.trails, offsets,
        str(tones), image_width_px, lazy_numba.deferred(),
    )  # fmt: skip
