"""Pictures of frames without a window, the same as in one."""

from types import TracebackType

import numpy as np
import numpy.typing as npt

from viewer.render.offscreen import offscreen_window
from viewer.render.scene_view import SceneView
from viewer.session.frame_content import FrameContent
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

Picture = npt.NDArray[np.uint8]


class SceneSnapshots:
    """One off-screen window for many pictures; use it in a `with` statement."""

    def __init__(self, size_px: tuple[int, int], pixel_ratio: float = 1.0) -> None:
        self._window = offscreen_window(*size_px)
        self.view = SceneView(self._window)
        self.view.set_size(*size_px, pixel_ratio)

    def __enter__(self) -> "SceneSnapshots":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def take(
        self,
        content: FrameContent,
        view: ViewSettings,
        *,
        preset: str | None = None,
        selection: LabelKey | None = None,
        eye: tuple[float, ...] | None = None,
    ) -> Picture:
        """(H, W, 3) RGB of a frame.

        `eye` are numbers as `Eye.numbers` gave them. Without them and without a preset a selected
        cuboid is brought into the middle.

        `preset` is a name of `eye_presets.PRESETS`, ``bev`` for the top view, or
        ``camera:<sensor_id>``; None keeps the eye where it is. An unknown one, or a camera
        without calibration, raises ValueError.
        """
        self.view.show_frame(content, view)
        self.view.show_selection(selection, None)
        if preset is not None:
            _, colon, sensor_id = preset.partition(":")
            if colon and not self.view.eye.camera(sensor_id):
                raise ValueError(f"camera {sensor_id} has no calibration to look through")
            if not colon:
                self.view.eye.preset("top" if preset == "bev" else preset)
        elif eye is not None:
            self.view.eye.restore_numbers(eye)
        elif selection is not None:
            self.view.focus_selection()
        self.view.render_complete()
        return self.view.pixels()

    def close(self) -> None:
        """Free the window."""
        self.view.dispose()
        self._window.Finalize()


def snapshot_scene(
    content: FrameContent,
    view: ViewSettings,
    size_px: tuple[int, int],
    *,
    preset: str = "auto",
    selection: LabelKey | None = None,
) -> Picture:
    """(H, W, 3) RGB of one frame; see `SceneSnapshots.take`."""
    with SceneSnapshots(size_px) as snapshots:
        return snapshots.take(content, view, preset=preset, selection=selection)
