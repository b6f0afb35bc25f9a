"""Small pictures of one object, cut out of camera images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.images import resized
from viewer.geometry.transform_tree import TransformTreeError
from viewer.progress import JobContext
from viewer.scene.images import Image
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.scene import Scene
from viewer.session.frame_content import FrameContent, LoadedSweep
from viewer.session.label_edits import LabelEdits, as_delivered
from viewer.session.marks_set import is_marks
from viewer.session.review_object import (
    CameraView,
    ObjectPoints,
    camera_views,
    crop_rect,
    object_points,
)
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

Line = npt.NDArray[np.float64]
LARGEST_PX = 1600
"""Crops are not kept larger than this."""


@dataclass(frozen=True, eq=False, slots=True)
class Crop:
    """A part of an image around an object; or, where no camera sees it, its points."""

    key: LabelKey
    sensor_id: str | None
    pixels: npt.NDArray[np.uint8] | None
    """(H, W, 4) BGRA, contiguous."""
    edges: tuple[Line, ...] = ()
    """(K, 2) stretches of the box's edges, 0..1 across and down the crop."""
    front: tuple[Line, ...] = ()
    """Likewise of the face of the heading."""
    points: ObjectPoints | None = None
    share: float = 0.0
    """0..1 of the box that is in the image."""


def cut_crop(image: Image, seen: CameraView, key: LabelKey, aspect: float) -> Crop:
    """Cut an object out of a decoded image."""
    left, top, right, bottom = crop_rect(seen, aspect)
    height, width = image.pixels.shape[:2]
    scale = np.array([width / seen.lens_size_px[0], height / seen.lens_size_px[1]])
    rows = slice(int(top * scale[1]), max(int(np.ceil(bottom * scale[1])), 1))
    columns = slice(int(left * scale[0]), max(int(np.ceil(right * scale[0])), 1))
    pixels = np.ascontiguousarray(image.pixels[rows, columns])
    longest = max(pixels.shape[:2])
    if longest > LARGEST_PX:
        share = LARGEST_PX / longest
        smaller = (max(1, round(pixels.shape[1] * share)), max(1, round(pixels.shape[0] * share)))
        pixels = resized(pixels, smaller)
    origin, size = np.array([left, top]), np.array([right - left, bottom - top])

    def placed(lines: Sequence[Line]) -> tuple[Line, ...]:
        return tuple((line + 0.5 - origin) / size for line in lines)

    return Crop(
        key, seen.sensor_id, pixels, placed(seen.edges), placed(seen.front), share=seen.share
    )


def load_crops(
    context: JobContext,
    scene: Scene,
    keys: Sequence[LabelKey],
    view: ViewSettings,
    aspect: float,
    width_px: int,
    edit_labels: LabelEdits = as_delivered,
) -> list[Crop]:
    """Cut a label's object out of its frame, for each key. Runs on a worker thread.

    Parameters
    ----------
    width_px
        How wide a crop is shown; images are decoded as large as that needs.
    """
    return [
        _load(_labelled_frame(scene, key, edit_labels), key, view, aspect, width_px)
        for key in context.track(keys, "Crops")
    ]


def _load(
    content: FrameContent | None, key: LabelKey, view: ViewSettings, aspect: float, width_px: int
) -> Crop:
    if content is None:
        return Crop(key, None, None)
    try:
        pictured = {image.sensor_id for image in content.frame.images}
        seen = next((s for s in camera_views(content, key, view) if s.sensor_id in pictured), None)
        if seen is None:
            return Crop(key, None, None, points=_points(content, key, view))
        left, _, right, _ = crop_rect(seen, aspect)
        wanted = round(seen.lens_size_px[0] * width_px / max(right - left, 1.0))
        least = min(max(wanted, 64), seen.lens_size_px[0])
        image = content.scene.reader.read_image(key.frame_index, seen.sensor_id, least)
        return cut_crop(image, seen, key, aspect)
    except (DamagedData, OSError, TransformTreeError):
        # The frame itself tells what is wrong with it once it is shown.
        return Crop(key, None, None)


def _labelled_frame(scene: Scene, key: LabelKey, edit_labels: LabelEdits) -> FrameContent | None:
    """A frame with the labels of one set, without images and points."""
    try:
        labels = FrameLabels(CuboidLabels.empty("world"))
        if not is_marks(key.label_set_id):
            labels = scene.reader.read_labels(key.frame_index, key.label_set_id)
        rig = scene.reader.read_rig(key.frame_index)
    except (DamagedData, OSError):
        return None
    labels = edit_labels(scene, key.frame_index, key.label_set_id, labels)
    frame = scene.frames[key.frame_index]
    return FrameContent(scene, frame, rig, (), {}, {key.label_set_id: labels})


def _points(content: FrameContent, key: LabelKey, view: ViewSettings) -> ObjectPoints | None:
    frame, reader = content.frame, content.scene.reader
    sweeps = tuple(
        LoadedSweep(
            ref.sensor_id,
            reader.read_point_cloud(frame.index, ref.sensor_id),
            ref.timestamp_ns if ref.timestamp_ns is not None else frame.timestamp_ns,
            frame.index,
        )
        for ref in frame.sweeps
    )
    with_points = FrameContent(content.scene, frame, content.rig, sweeps, {}, content.labels)
    return object_points(with_points, key, view)
