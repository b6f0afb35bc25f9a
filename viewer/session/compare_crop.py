"""The best camera's picture of a label and the prediction that it was matched with."""

from dataclasses import dataclass, replace

import numpy as np

from viewer.session.frame_content import FrameContent
from viewer.session.review_crops import Crop, Line, cut_crop
from viewer.session.review_object import camera_views, crop_rect
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings


@dataclass(frozen=True, eq=False, slots=True)
class PairPicture:
    """A crop around both boxes; `crop.edges` are those of the first."""

    crop: Crop
    other_edges: tuple[Line, ...] = ()
    """Stretches of the second box's edges, 0..1 across and down the crop."""


def pair_picture(
    content: FrameContent, key: LabelKey, other: LabelKey | None, view: ViewSettings, aspect: float
) -> PairPicture | None:
    """Cut both out of the loaded image that has most of the first; None where no camera has it."""
    views = camera_views(content, key, view)
    seen = next((each for each in views if each.sensor_id in content.images), None)
    if seen is None:
        return None
    others = () if other is None else camera_views(content, other, view)
    beside = [each for each in others if each.sensor_id == seen.sensor_id]
    wide = seen
    if beside:
        # The crop is laid around the edges of both, the drawing tells them apart again.
        low = np.minimum(seen.rect_px[:2], beside[0].rect_px[:2])
        high = np.maximum(seen.rect_px[2:], beside[0].rect_px[2:])
        rect = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        wide = replace(seen, rect_px=rect)
    left, top, right, bottom = crop_rect(wide, aspect)
    crop = cut_crop(content.images[seen.sensor_id], wide, key, aspect)
    origin, size = np.array([left, top]), np.array([right - left, bottom - top])
    lines = beside[0].edges if beside else ()
    return PairPicture(crop, tuple((line + 0.5 - origin) / size for line in lines))
