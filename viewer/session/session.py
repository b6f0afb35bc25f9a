"""The state of the application: what is open, shown, selected, playing. One signal out."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any

from viewer.formats.frame_cache import FrameCache
from viewer.geometry import lazy_numba
from viewer.progress import JobContext
from viewer.scene.scene import Dataset, Problem, Scene
from viewer.session import opening
from viewer.session.changes import (
    Change,
    DatasetGrown,
    DatasetOpened,
    FocusRequested,
    FrameRequested,
    FrameShown,
    HoverChanged,
    JobsChanged,
    LargeCameraChanged,
    MessageShown,
    OpenFailed,
    PlaybackChanged,
    PointerMoved,
    ProblemsChanged,
    SceneClosed,
    SceneOpened,
    SelectionChanged,
    TracksRead,
    ViewChanged,
)
from viewer.session.frame_content import FrameContent
from viewer.session.frame_store import FrameStore, PieceKey, Preparer
from viewer.session.growing import Growing, grows, labels_follow, same_place
from viewer.session.jobs import JobRunner, Post
from viewer.session.label_edits import LabelEdits, as_delivered
from viewer.session.label_lookup import carried_label, find_label, label_after, visible_keys
from viewer.session.link import Sight
from viewer.session.playback import Playback, Player
from viewer.session.selection import LabelKey, PointedPosition
from viewer.session.tracks import SceneTracks, read_tracks, reading_title
from viewer.session.view_settings import Solo, ViewSettings

CACHE_BUDGET_BYTES = 2 * 1024**3
DEFAULT_IMAGE_WIDTH_PX = 640
FRAME_JOBS = ("frame", "prefetch-0", "prefetch-1", "prefetch-2")
Opener = Callable[[JobContext, str], Dataset]


class Session:
    """What the application looks at right now. All methods run on one thread, the owner's.

    Parameters
    ----------
    post
        Runs a callable on the owner's thread; worker threads answer through it.
    opener
        Opens a path as a dataset, on a worker thread.
    preparers
        What views want made from a loaded frame off the owner's thread.
    prepared_for
        Settings on which slow preparations depend; when they change, the frame is prepared anew.
    """

    def __init__(
        self,
        post: Post,
        opener: Opener,
        preparers: Mapping[str, Preparer] | None = None,
        view: ViewSettings | None = None,
        prepared_for: Callable[[ViewSettings], Hashable] = lambda view: view.points.sweep_count,
    ) -> None:
        self._prepared_for = prepared_for
        self._opener = opener
        self._preparers = dict(preparers or {})
        self._listeners: list[Callable[[Change], None]] = []
        self.jobs = JobRunner(post, lambda: self._emit(JobsChanged()))
        self.cache: FrameCache[PieceKey, Any] = FrameCache(CACHE_BUDGET_BYTES)
        self.view = view or ViewSettings()
        self.dataset: Dataset | None = None
        self.scene: Scene | None = None
        self.frame_index = 0
        self.content: FrameContent | None = None
        self.selection: LabelKey | None = None
        self.hovered: LabelKey | None = None
        self.companion: LabelKey | None = None  # haloed with the selection, e.g. its prediction
        self.pointed: PointedPosition | None = None
        self.playback = Playback()
        self.large_camera: str | None = None
        self.image_width_px = DEFAULT_IMAGE_WIDTH_PX
        self.prefetches_at_once = True
        """False where the owner calls `prefetch` when it has drawn a frame, which comes first."""
        self.edit_labels: LabelEdits = as_delivered
        """Call `show_edits` after it changed, or what it gives."""
        self._store: FrameStore | None = None
        self._player: Player | None = None
        self._direction = 1
        self._pending_label: str | None = None
        self._problem_count = 0
        self._frame_problems: dict[str, Problem] = {}
        self._tracks: dict[str, SceneTracks] = {}
        self._tracks_wait = False
        self._growing = Growing(self)

    # -- listening ---------------------------------------------------------------------------

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` with every change; the returned callable ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def _emit(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)

    def say(self, text: str, *, is_problem: bool = False) -> None:
        """Show one sentence in the status bar."""
        self._emit(MessageShown(text, is_problem))

    # -- opening -----------------------------------------------------------------------------

    def open_path(self, path: str, sight: Sight | None = None) -> None:
        """Open a dataset in the background; the old one stays until it is here."""
        self.jobs.start(
            "open",
            lambda context: opening.with_frames(self._opener(context, path), sight),
            done=lambda dataset: self.open_dataset(dataset, sight),
            failed=lambda error: self._open_failed(path, error),
            title=f"Opening {path}",
            priority=0,
        )

    def _open_failed(self, path: str, error: Exception) -> None:
        message, reasons = opening.why_not_opened(path, error)
        self._emit(OpenFailed(path, message, reasons))
        self.say(message, is_problem=True)

    def open_dataset(self, dataset: Dataset, sight: Sight | None = None) -> None:
        """Show a dataset that is already open; `sight` says where in it."""
        self.close()
        self.dataset = dataset
        self._emit(DatasetOpened())
        self._growing.start(dataset)
        index = opening.scene_wanted(dataset, sight)
        if index is None and sight is not None:
            self.say(f"There is no scene {sight.scene_id} in {dataset.path}", is_problem=True)
        if dataset.scenes:
            self.show_scene(index or 0, sight)
        else:
            self._count_problems()

    def use_grown(self, dataset: Dataset) -> None:
        """Show the open dataset with more of an index, where it is shown; see `Growth`."""
        before, scene, self.dataset = self.dataset, self.scene, dataset
        if before is not None and scene is not None:
            self.jobs.cancel(*FRAME_JOBS)
            self.scene, index = same_place(before, scene, self.frame_index, dataset)
            if index != self.frame_index:
                self.frame_index = index
                self.select(None)
            self._take_up(self.scene)
        self._emit(DatasetGrown())
        self._count_problems()
        if self.frame_index >= 0:
            self._load_current()
        if self._tracks_wait:
            self.read_tracks()

    def show_scene(self, index: int, sight: Sight | None = None) -> None:
        """Show another scene of the dataset, from its first frame or from `sight`."""
        if self.dataset is None:
            return
        self._leave_scene()
        scene = self.dataset.scenes[index]
        self.scene = scene
        self.frame_index = -1
        self._take_up(scene)
        first = opening.frame_wanted(scene, sight)
        if first is None and sight is not None:
            self.say(f"There is no frame {sight.frame_key} in {scene.scene_id}", is_problem=True)
        self._pending_label = sight.label if sight is not None else None
        self._emit(SceneOpened())
        self._count_problems()
        if scene.frames:
            self.go_to_frame(first or 0)

    def _take_up(self, scene: Scene) -> None:
        """Load frames of a scene from now on."""
        if self._store is not None:
            self._store.close()
        self._store = FrameStore(
            scene, self.cache, self._preparers, lambda *labels: self.edit_labels(*labels),
            without_waiting=grows(self.dataset),
        )  # fmt: skip
        self._player = Player(scene)
        if self.frame_index >= 0:
            self._player.seek(self.frame_index)
        if self.scene_tracks is not None:
            self._store.use_tracks(self.scene_tracks.told)

    def close(self) -> None:
        """Close what is open."""
        self._growing.stop()
        self._leave_scene()
        if self.dataset is not None:
            self.dataset.close()
            self.dataset = None
            self.cache.clear()
            self._tracks.clear()
            self._emit(SceneClosed())

    def shut_down(self) -> None:
        """Close everything and end the worker threads."""
        self.close()
        self.jobs.close()
        self._listeners.clear()

    def _leave_scene(self) -> None:
        self.play(playing=False)
        self.select(None)
        self.hover(None)
        self.point_at(None)
        self.set_large_camera(None)
        filters = self.view.filters
        self.set_view(filters=replace(filters, isolate_margin_m=None, solo=Solo.OFF))
        self.jobs.cancel(*FRAME_JOBS, "tracks")
        if self._store is not None:
            self._store.close()
        self._store = self._player = self.scene = self.content = None
        self._frame_problems.clear()
        self._problem_count = 0

    # -- frames ------------------------------------------------------------------------------

    def go_to_frame(self, index: int) -> None:
        """Show a frame; the old picture stays until the new one is loaded."""
        self._go(index)
        if self._player is not None and self.frame_index >= 0:
            self._player.seek(self.frame_index)

    def _go(self, index: int) -> None:
        if self.scene is None or not self.scene.frames:
            return
        index = max(0, min(index, len(self.scene.frames) - 1))
        if index == self.frame_index and self.content is not None:
            return
        self._direction = 1 if index >= self.frame_index else -1
        self.frame_index = index
        self._emit(FrameRequested(index))
        self._load_current()

    def step(self, count: int) -> None:
        """Go some frames forward or, negative, back."""
        self.go_to_frame(self.frame_index + count)

    def want_image_width(self, width_px: int) -> None:
        """Say how wide the widest image is shown; images are decoded at least so wide."""
        classes = (320, 640, 1280, 2560)
        width = next((size for size in classes if size >= width_px), 100_000)
        if width != self.image_width_px:
            self.image_width_px = width
            self._load_current()

    def _load_current(self) -> None:
        store, view, width = self._store, self.view, self.image_width_px
        if store is None or self.scene is None:
            return
        index = self.frame_index
        ready = store.cached(index, view, width)
        if ready is not None:
            self.jobs.cancel("frame")
            self._show(ready)
            return
        self.jobs.start(
            "frame",
            lambda context: store.load(context, index, view, width),
            done=self._show,
            failed=self._frame_failed,
            priority=1,
        )

    def load_kernels(self) -> None:
        """Load the compiled kernels in the background, then complete the frame with their help."""

        def complete(_nothing: None) -> None:
            if self.content is not None:
                self._load_current()
            if self._tracks_wait:
                self.read_tracks()

        self.jobs.start(
            "kernels",
            lambda _context: lazy_numba.load(),
            done=complete,
            failed=self._frame_failed,
            priority=2,
        )
        self.jobs.start(
            "readers", opening.warm_up, done=opening.drop, failed=self._frame_failed, priority=40
        )

    def _frame_failed(self, error: Exception) -> None:
        self.say(str(error), is_problem=True)

    def _show(self, content: FrameContent) -> None:
        self.content = content
        self._carry_selection(content)
        self._emit(FrameShown(content))
        for problem in content.problems:
            self._frame_problems[str(problem)] = problem
        self._count_problems()
        if self.prefetches_at_once:
            self.prefetch()

    def prefetch(self) -> None:
        """Load the neighbours of the shown frame in the background."""
        store, view, width = self._store, self.view, self.image_width_px
        if store is None or self.scene is None or lazy_numba.deferred():
            return
        for slot, offset in enumerate((1, 2, -1)):
            index = self.frame_index + offset * self._direction
            key = f"prefetch-{slot}"
            if not 0 <= index < len(self.scene.frames) or store.cached(index, view, width):
                self.jobs.cancel(key)
                continue
            self.jobs.start(
                key,
                lambda context, index=index: store.load(context, index, view, width),  # type: ignore[misc]
                done=opening.drop,
                failed=opening.drop,
                priority=20 + slot,
            )

    def problems(self) -> tuple[Problem, ...]:
        """What was found wrong with the open dataset and scene so far."""
        return opening.problems_of(self.dataset, self.scene, self._frame_problems)

    def _count_problems(self) -> None:
        count = len(self.problems())
        if count != self._problem_count:
            self._problem_count = count
            self._emit(ProblemsChanged())

    # -- tracks ------------------------------------------------------------------------------

    @property
    def scene_tracks(self) -> SceneTracks | None:
        """Tracks of the scene; None until they are read."""
        return None if self.scene is None else self._tracks.get(self.scene.scene_id)

    def show_edits(self, *, tracks: bool = True) -> None:
        """Show the labels as they are now edited; `tracks`: read those of the scene again too."""
        if self._store is not None:
            self._store.forget_labels()
            self._load_current()
        if tracks and self.scene_tracks is not None and self.scene is not None:
            self._tracks = {self.scene.scene_id: self.scene_tracks}
            self.read_tracks(again=True)

    def read_tracks(self, *, again: bool = False) -> None:
        """Read the tracks of the scene in the background, once; `TracksRead` follows."""
        scene = self.scene
        if scene is None or not scene.label_sets or (self.scene_tracks and not again):
            return
        follow = self._growing.is_running or labels_follow(self.dataset, scene)
        self._tracks_wait = lazy_numba.deferred() or follow
        if self._tracks_wait:  # `load_kernels` and `use_grown` ask again
            return

        def keep(tracks: SceneTracks) -> None:
            self._tracks[scene.scene_id] = tracks
            self._emit(TracksRead())
            if self.scene is scene and self._store and self._store.use_tracks(tracks.told):
                self._load_current()

        self.jobs.start(
            "tracks",
            lambda context: read_tracks(context, scene, self.edit_labels),
            done=keep,
            failed=lambda error: self.say(f"The tracks cannot be read: {error}", is_problem=True),
            title=reading_title(scene),
            priority=30,
        )

    # -- playing -----------------------------------------------------------------------------

    def play(self, *, playing: bool) -> None:
        """Start or pause."""
        if playing == self.playback.playing or (playing and self.scene is None):
            return
        if playing and self.scene is not None and self._player is not None:
            at_end = self.frame_index >= len(self.scene.frames) - 1
            self._player.seek(0 if at_end else self.frame_index)
        self.playback = replace(self.playback, playing=playing)
        self._emit(PlaybackChanged())

    def set_playback(self, **changes: Any) -> None:  # noqa: ANN401 - fields of Playback
        """Change speed or loop."""
        self.playback = replace(self.playback, **changes)
        self._emit(PlaybackChanged())

    def advance(self, elapsed_s: float) -> None:
        """Let time pass while playing: a frame that still loads is waited for, then others skipped.

        So the pace holds, and every frame that is asked for is also seen.
        """
        if not self.playback.playing or self._player is None or self.content is None:
            return
        due = self._player.advance(elapsed_s, self.playback)
        if self.content.index != self.frame_index:
            return
        if due is None:
            self._go(len(self.scene.frames) - 1 if self.scene is not None else 0)
            self.play(playing=False)
        elif due != self.frame_index:
            self._go(due)

    # -- selecting ---------------------------------------------------------------------------

    def select(self, label: LabelKey | None, companion: LabelKey | None = None) -> None:
        """Select one label everywhere, or nothing."""
        if (label, companion) != (self.selection, self.companion):
            before, self.selection, self.companion = self.companion, label, companion
            self._emit(SelectionChanged())
            self.hover(None if before != companion else self.hovered)

    def hover(self, label: LabelKey | None) -> None:
        """Preview a label everywhere; without one the selection's companion keeps its halo."""
        label = self.companion if label is None else label
        if label != self.hovered:
            self.hovered = label
            self._emit(HoverChanged())

    def point_at(self, pointed: PointedPosition | None) -> None:
        """Mark a position in every view."""
        if pointed != self.pointed:
            self.pointed = pointed
            self._emit(PointerMoved())

    def focus_selection(self) -> None:
        """Bring the selection into view."""
        if self.selection is not None:
            self._emit(FocusRequested())

    def select_next_label(self, step: int) -> None:
        """Select the next or, with -1, the previous visible label of the frame."""
        following = label_after(self.visible_labels(), self.selection, step)
        if following is not None:
            self.select(following)

    def visible_labels(self) -> list[LabelKey]:
        """Labels of the frame that the filters leave, in the order of the data."""
        content = self.content
        return [] if content is None else visible_keys(content, self.view, self.selection)

    def _carry_selection(self, content: FrameContent) -> None:
        """Keep the selection on the same track when the frame changes."""
        pending, self._pending_label = self._pending_label, None
        if pending is not None:
            found = find_label(content, pending)
            if found is None:
                self.say(f"There is no label {pending} in this frame", is_problem=True)
            else:
                self.select(found)
            return
        key = self.selection
        if key is not None and key.frame_index != content.index:
            self.select(carried_label(content, key) or key)

    # -- looking -----------------------------------------------------------------------------

    def set_view(self, **sections: Any) -> None:  # noqa: ANN401 - fields of ViewSettings
        """Replace parts of the view settings, e.g. ``points=replace(view.points, size_px=3)``."""
        before = self.view
        after = replace(before, **sections)
        changed = frozenset(n for n in sections if getattr(before, n) != getattr(after, n))
        if not changed:
            return
        self.view = after
        self._emit(ViewChanged(changed))
        if self._prepared_for(after) != self._prepared_for(before):
            self._load_current()

    def set_large_camera(self, sensor_id: str | None) -> None:
        """Show one camera large, or the mosaic."""
        if sensor_id != self.large_camera:
            self.large_camera = sensor_id
            self._emit(LargeCameraChanged())

    def sight(self, eye: tuple[float, ...] | None = None) -> Sight | None:
        """Where we are, for a link; None while nothing is open."""
        if self.dataset is None or self.scene is None or not self.scene.frames:
            return None
        return opening.sight_of(self.dataset, self.scene, self.frame_index, self.selection, eye)
