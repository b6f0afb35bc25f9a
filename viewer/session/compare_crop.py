"""The best camera's picture of a label and the prediction that it was matched with."""

from dataclasses import dataclass, replace

import numpy as np

from viewer.scene.images import Image
from viewer.session.frame_content import FrameContent
from viewer.session.review_crops import Crop, Line, cut_crop
from viewer.session.review_object import CameraView, camera_views, crop_rect
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings


@dataclass(frozen=True, eq=False, slots=True)
class PairPicture:
    """A crop around both boxes; `crop.edges` are those of the first."""

    crop: Crop
    other_edges: tuple[Line, ...] = ()
    """Stretches of the second box's edges, 0..1 across and down the crop."""


@dataclass(frozen=True, eq=False, slots=True)
class PairSight:
    """Where one camera sees both; what a picture is cut by."""

    seen: CameraView
    """Of the first, its rectangle laid around both."""
    other: CameraView | None
    key: LabelKey
    aspect: float

    @property
    def crop_rect(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the crop in lens pixels."""
        return crop_rect(self.seen, self.aspect)

    def wanted_px(self, shown_px: int) -> int:
        """Width that the whole image needs for a crop to be shown sharp."""
        left, _, right, _ = self.crop_rect
        width = self.seen.lens_size_px[0]
        return min(max(round(width * shown_px / max(right - left, 1.0)), 64), width)

    def cut(self, image: Image) -> PairPicture:
        """Cut both out of the camera's image."""
        left, top, right, bottom = self.crop_rect
        crop = cut_crop(image, self.seen, self.key, self.aspect)
        origin, size = np.array([left, top]), np.array([right - left, bottom - top])
        lines = () if self.other is None else self.other.edges
        return PairPicture(crop, tuple((line + 0.5 - origin) / size for line in lines))


def pair_sight(
    content: FrameContent, key: LabelKey, other: LabelKey | None, view: ViewSettings, aspect: float
) -> PairSight | None:
    """Find the camera with an image that has most of the first; None where no camera has it."""
    views = camera_views(content, key, view)
    seen = next((each for each in views if each.sensor_id in content.images), None)
    if seen is None:
        return None
    others = () if other is None else camera_views(content, other, view)
    beside = next((each for each in others if each.sensor_id == seen.sensor_id), None)
    if beside is not None:
        low = np.minimum(seen.rect_px[:2], beside.rect_px[:2])
        high = np.maximum(seen.rect_px[2:], beside.rect_px[2:])
        rect = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        seen = replace(seen, rect_px=rect)
    return PairSight(seen, beside, key, aspect)
