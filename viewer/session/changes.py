"""What happened: frozen, past tense, one signal for every listener."""

from dataclasses import dataclass

from viewer.progress import Progress
from viewer.session.frame_content import FrameContent


@dataclass(frozen=True, slots=True)
class DatasetOpened:
    """Another dataset is open; a `SceneOpened` follows."""


@dataclass(frozen=True, slots=True)
class DatasetGrown:
    """More of the dataset's index is there: label sets, classes, sensors, scenes may have come.

    `session.scene` is the same scene with what is known of it now, which may be more frames; the
    frame that is shown is loaded again.
    """


@dataclass(frozen=True, slots=True)
class OpenFailed:
    """A path could not be opened; what was open stays."""

    path: str
    message: str
    """One sentence."""
    reasons: tuple[tuple[str, str], ...] = ()
    """Per format: its title and why the path does not fit."""


@dataclass(frozen=True, slots=True)
class SceneOpened:
    """Another scene is shown; `session.scene` is it. Its first frame follows."""


@dataclass(frozen=True, slots=True)
class SceneClosed:
    """No scene is open."""


@dataclass(frozen=True, slots=True)
class FrameRequested:
    """Another frame was asked for; the old picture stays until `FrameShown`."""

    index: int


@dataclass(frozen=True, slots=True)
class FrameShown:
    """The content of the current frame is here (again, when more of it was loaded)."""

    content: FrameContent


@dataclass(frozen=True, slots=True)
class SelectionChanged:
    """`session.selection` changed."""


@dataclass(frozen=True, slots=True)
class HoverChanged:
    """`session.hovered` changed."""


@dataclass(frozen=True, slots=True)
class PointerMoved:
    """`session.pointed` changed: the position under the pointer in 3D or on an image."""


@dataclass(frozen=True, slots=True)
class ViewChanged:
    """`session.view` changed in these sections (names of `ViewSettings` fields)."""

    sections: frozenset[str]


@dataclass(frozen=True, slots=True)
class PlaybackChanged:
    """`session.playback` changed."""


@dataclass(frozen=True, slots=True)
class ProblemsChanged:
    """`session.problems()` has more entries."""


@dataclass(frozen=True, slots=True)
class JobsChanged:
    """The list of running jobs, or the progress of one, changed."""


@dataclass(frozen=True, slots=True)
class TracksRead:
    """`session.scene_tracks` is here."""


@dataclass(frozen=True, slots=True)
class LargeCameraChanged:
    """`session.large_camera` changed: the camera shown large, None for the mosaic."""


@dataclass(frozen=True, slots=True)
class FocusRequested:
    """A person asked to bring the selection into view."""


@dataclass(frozen=True, slots=True)
class MessageShown:
    """One sentence for the person, in the status bar."""

    text: str
    is_problem: bool = False


Change = (
    DatasetOpened
    | DatasetGrown
    | OpenFailed
    | SceneOpened
    | SceneClosed
    | FrameRequested
    | FrameShown
    | SelectionChanged
    | HoverChanged
    | PointerMoved
    | ViewChanged
    | PlaybackChanged
    | ProblemsChanged
    | JobsChanged
    | TracksRead
    | LargeCameraChanged
    | FocusRequested
    | MessageShown
)

__all__ = ["Change", "Progress"]
