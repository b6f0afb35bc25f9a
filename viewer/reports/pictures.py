"""Pictures of what a decision is about: the object in 3D, and cut out of its best camera."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.frame_cache import FrameCache
from viewer.formats.pictures import encode_jpeg
from viewer.progress import JobContext
from viewer.render.painter import render_camera
from viewer.render.snapshot import SceneSnapshots
from viewer.review import Subject, SubjectKind
from viewer.scene.scene import Dataset, Scene
from viewer.session.frame_content import FrameContent
from viewer.session.frame_store import FrameStore
from viewer.session.label_lookup import find_label
from viewer.session.review_object import camera_views, crop_rect
from viewer.session.review_subjects import place_of
from viewer.session.selection import LabelKey
from viewer.session.tracks import told_tracks
from viewer.session.view_settings import ViewSettings

PICTURE_PX = (560, 350)
CACHE_BYTES = 512 * 1024**2


@dataclass(frozen=True, slots=True)
class ReportPicture:
    """One picture with what it shows."""

    caption: str
    jpeg: bytes


class SubjectPictures:
    """Draws subjects of one dataset, without a display; use it in a `with` statement.

    Subjects in the order of their scenes and frames are drawn fastest: the last frame is kept.
    """

    def __init__(self, dataset: Dataset, size_px: tuple[int, int] = PICTURE_PX) -> None:
        self._dataset = dataset
        self._size_px = size_px
        self._view = ViewSettings()
        self._snapshots = SceneSnapshots(size_px)
        self._cache: FrameCache[Any, Any] = FrameCache(CACHE_BYTES)
        self._store: tuple[Scene, FrameStore] | None = None
        self._shown: FrameContent | None = None

    def __enter__(self) -> "SubjectPictures":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the window and the loaded frames."""
        self._snapshots.close()
        if self._store is not None:
            self._store[1].close()

    def of(
        self, subject: Subject, sight: Mapping[str, Any] | None = None
    ) -> tuple[ReportPicture, ...]:
        """Return what can be drawn of a subject; nothing where the dataset lacks it.

        Parameters
        ----------
        sight
            Where it was looked at, as the window keeps it with an issue: its ``eye`` numbers and
            the scene and frame, for subjects that are no place themselves.
        """
        found = self._place(subject, sight or {})
        if found is None:
            return ()
        scene, frame_index, key = found
        try:
            content = self._content(scene, frame_index)
        except (DamagedData, OSError):
            return ()
        if key is not None:
            key = find_label(content, f"{key.label_set_id}:{key.label_id}")
        pictures = (self._in_3d(content, key, sight or {}), self._in_camera(content, key))
        return tuple(each for each in pictures if each is not None)

    def _place(
        self, subject: Subject, sight: Mapping[str, Any]
    ) -> tuple[Scene, int, LabelKey | None] | None:
        place = place_of(self._dataset, subject) if subject.scene_id is not None else None
        if place is None:
            scene = next(
                (s for s in self._dataset.scenes if s.scene_id == sight.get("scene_id")), None
            )
            index = None if scene is None else scene.frame_index_of(str(sight.get("frame_key")))
            return None if scene is None or index is None else (scene, index, None)
        scene = self._dataset.scenes[place.scene_index]
        if subject.kind is SubjectKind.TRACK:
            return self._on_track(scene, subject)
        key = None
        if place.label_id is not None and place.label_set_id is not None:
            key = LabelKey(place.label_set_id, place.frame_index, place.label_id, place.track_id)
        return scene, place.frame_index, key

    def _on_track(
        self, scene: Scene, subject: Subject
    ) -> tuple[Scene, int, LabelKey | None] | None:
        """The middle one of the frames that hold the track."""
        held: list[LabelKey] = []
        set_id = str(subject.label_set_id)
        for frame in scene.frames:
            try:
                cuboids = scene.reader.read_labels(frame.index, set_id).cuboids
            except (DamagedData, OSError):
                continue
            if subject.track_id in cuboids.track_ids:
                row = list(cuboids.track_ids).index(subject.track_id)
                label_id = cuboids.label_ids[row]
                held.append(LabelKey(set_id, frame.index, label_id, subject.track_id))
        if not held:
            return None
        key = held[len(held) // 2]
        return scene, key.frame_index, key

    def _content(self, scene: Scene, frame_index: int) -> FrameContent:
        shown = self._shown
        if shown is not None and shown.scene is scene and shown.index == frame_index:
            return shown
        if self._store is None or self._store[0] is not scene:
            if self._store is not None:
                self._store[1].close()
            store = FrameStore(scene, self._cache)
            store.use_tracks(told_tracks(scene))
            self._store = (scene, store)
        width_px = 4 * self._size_px[0]
        self._shown = self._store[1].load(JobContext(), frame_index, self._view, width_px)
        return self._shown

    def _in_3d(
        self, content: FrameContent, key: LabelKey | None, sight: Mapping[str, Any]
    ) -> ReportPicture | None:
        if not content.sweeps and not any(len(each.cuboids) for each in content.labels.values()):
            return None
        eye = _eye_numbers(sight)
        preset = "auto" if key is None and eye is None else None
        try:
            rgb = self._snapshots.take(content, self._view, preset=preset, selection=key, eye=eye)
        except ValueError:
            rgb = self._snapshots.take(content, self._view, preset="auto", selection=key)
        return ReportPicture(
            f"3D, {content.scene.scene_id} / {content.frame.key}", encode_jpeg(rgb)
        )

    def _in_camera(self, content: FrameContent, key: LabelKey | None) -> ReportPicture | None:
        """The object cut out of the camera that sees it best; without one the first image."""
        if key is not None:
            width, height = self._size_px
            for seen in camera_views(content, key, self._view):
                if seen.sensor_id in content.images:
                    rect = crop_rect(seen, width / height, room=0.6)
                    return self._camera(content, seen.sensor_id, key, rect)
        sensor_id = next(
            (name for name in content.scene.camera_ids if name in content.images), None
        )
        return None if sensor_id is None else self._camera(content, sensor_id, key, None)

    def _camera(
        self,
        content: FrameContent,
        sensor_id: str,
        key: LabelKey | None,
        rect: tuple[float, float, float, float] | None,
    ) -> ReportPicture:
        rgb = render_camera(
            content, sensor_id, self._view, self._size_px, selected=key, rect_px=rect
        )
        return ReportPicture(f"Camera {sensor_id}", encode_jpeg(rgb))


def _eye_numbers(sight: Mapping[str, Any]) -> tuple[float, ...] | None:
    numbers = sight.get("eye")
    if not isinstance(numbers, list | tuple):
        return None
    if not all(isinstance(number, int | float) for number in numbers):
        return None
    return tuple(float(number) for number in numbers)
