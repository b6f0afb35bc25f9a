"""Which lens an image is drawn over with, or why none is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel
from viewer.render.image_rectify import rectified_model
from viewer.scene.sensors import CameraSensor
from viewer.session.frame_content import FrameContent
from viewer.session.frame_poses import image_ns
from viewer.session.view_settings import ViewSettings


@dataclass(frozen=True, eq=False, slots=True)
class ImageLens:
    """A camera at its image's own time, seen through its real lens or rectified."""

    content: FrameContent
    camera: CameraSensor
    stored: CameraModel
    """The lens that took the image."""
    shown: CameraModel
    """The lens of the image as shown."""
    image_ns: int | None

    def camera_from(self, coord_frame_id: str, at_ns: int | None) -> npt.NDArray[np.float64]:
        """(4, 4) `camera_from_<coord frame>` for what lay there at `at_ns`."""
        return self.content.rig.camera_from(self.camera, coord_frame_id, self.image_ns, at_ns)

    def shown_polyline(self, pixels: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Stored-image pixels (N, 2) where they are shown; NaN where they are not."""
        if self.shown is self.stored:
            return np.asarray(pixels, dtype=np.float64)
        return _through(self.stored, self.shown, pixels)

    def stored_pixels(self, pixels: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Shown pixels (N, 2) where the stored image has them; NaN where it has not."""
        if self.shown is self.stored:
            return np.asarray(pixels, dtype=np.float64)
        return _through(self.shown, self.stored, pixels)


def _through(
    taken: CameraModel, wanted: CameraModel, pixels: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    """Pixels (N, 2) of one lens where another one sees the same."""
    directions, seen = taken.unproject(np.asarray(pixels, dtype=np.float64))
    moved, valid = wanted.project(np.where(seen[:, None], directions, np.nan))
    return np.where((seen & valid)[:, None], moved, np.nan)


def find_lens(content: FrameContent, sensor_id: str, view: ViewSettings) -> ImageLens | str:
    """Return the lens, or why nothing can be drawn over the image, in words for people."""
    camera = content.rig.cameras.get(sensor_id)
    if camera is None:
        return "No overlay: this camera has no calibration"
    if camera.model is None:
        return f"No overlay: {camera.refusal or 'this camera has no calibration'}"
    model = camera.model
    image = content.images.get(sensor_id)
    stored_size = (image.full_width_px, image.full_height_px) if image is not None else None
    if stored_size is not None and stored_size != (model.width_px, model.height_px):
        return (
            f"No overlay: the image is {stored_size[0]} x {stored_size[1]} px, "
            f"its calibration is for {model.width_px} x {model.height_px} px"
        )
    shown = rectified_model(model) if view.images.rectified else model
    time_ns = image_ns(content, sensor_id, view)
    return ImageLens(content, camera, model, shown, time_ns)
