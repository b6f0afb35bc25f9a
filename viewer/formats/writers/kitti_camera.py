"""How a scene looks to KITTI: one rectified pinhole camera whose axes the boxes use."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.kitti_object.rig import BOX_COORD_FRAME_ID
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.draft import WriteRefused
from viewer.formats.writers.losses import LossLog
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTreeError
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import CameraSensor, Rig

Floats = npt.NDArray[np.float64]
SAME_AXES = 1e-5
"""Calibration text gives rotations to seven digits; a pixel far away moves by a hundredth."""
SEARCHED_FRAMES = 64


@dataclass(frozen=True, eq=False, slots=True)
class KittiCameras:
    """The cameras of a scene that KITTI takes, and the coord frame of the boxes."""

    main_id: str | None
    """Becomes P2; None where only labels are written and the scene has no such camera."""
    second_id: str | None
    """Another pinhole with the same axes; becomes P3."""
    box_coord_frame_id: str
    lenses: dict[str, Pinhole]
    offsets_m: dict[str, Floats]
    """(3,) by camera: p_camera = p_box_coord_frame + offset."""

    @property
    def sensor_ids(self) -> tuple[str, ...]:
        """The main camera, then the second."""
        return tuple(each for each in (self.main_id, self.second_id) if each is not None)


@dataclass(frozen=True, eq=False, slots=True)
class KittiView:
    """One frame as KITTI's main camera sees it, at one instant."""

    rig: Rig
    cameras: KittiCameras
    at_ns: int | None

    def boxes_from(self, src: str, src_ns: int | None) -> RigidTransform:
        """Return `boxes_from_src`; `TransformTreeError` where there is no way."""
        return self.rig.transforms.transform(
            self.cameras.box_coord_frame_id, src, self.at_ns, src_ns=src_ns
        )

    @property
    def lens(self) -> Pinhole | None:
        """The main camera's lens, that of another frame where this one has none."""
        return None if self.cameras.main_id is None else self.lens_of(self.cameras.main_id)

    def lens_of(self, sensor_id: str) -> Pinhole:
        """Return the lens of a chosen camera, of another frame where this one has none."""
        return lens_of(self.rig.cameras.get(sensor_id)) or self.cameras.lenses[sensor_id]

    def offset_m(self, sensor_id: str) -> Floats:
        """(3,) from the boxes' origin, in a chosen camera, with the same fallback."""
        camera = self.rig.cameras.get(sensor_id)
        offset = None
        if lens_of(camera) is not None and camera is not None:
            boxes = self.cameras.box_coord_frame_id
            offset = _offset(self.rig, camera.coord_frame_id, boxes, self.at_ns)
        return self.cameras.offsets_m[sensor_id] if offset is None else offset

    @property
    def main_from_boxes(self) -> Floats:
        """(4, 4) from the boxes' coord frame to the main camera."""
        matrix = np.eye(4)
        if self.cameras.main_id is not None:
            matrix[:3, 3] = self.offset_m(self.cameras.main_id)
        return matrix


def lens_of(camera: CameraSensor | None) -> Pinhole | None:
    """Return a camera's lens when KITTI can say it: a pinhole, and no matrix besides."""
    if camera is None or camera.camera_matrix is not None:
        return None
    return camera.model if isinstance(camera.model, Pinhole) else None


def find_cameras(scene: Scene, options: WriteOptions) -> KittiCameras:
    """Choose the cameras: the one asked for or the first pinhole, and one with the same axes.

    Raises
    ------
    WriteRefused
        When there is none.
    """
    wanted = options.camera_id
    if wanted is not None and wanted not in scene.camera_ids:
        known = ", ".join(scene.camera_ids) or "none at all"
        raise WriteRefused(f"there is no camera {wanted!r}; the scene has {known}")
    placed_without_lens = False
    for frame in scene.frames[:SEARCHED_FRAMES]:
        try:
            rig = scene.reader.read_rig(frame.index)
        except DamagedData:
            continue
        placed_without_lens |= BOX_COORD_FRAME_ID in rig.transforms
        candidates = [each for each in scene.camera_ids if lens_of(rig.cameras.get(each))]
        main_id = next((each for each in candidates if wanted in (None, each)), None)
        if main_id is not None:
            return _cameras(rig, main_id, candidates, frame.timestamp_ns)
    if options.labels_only and placed_without_lens and wanted is None:
        return KittiCameras(None, None, BOX_COORD_FRAME_ID, {}, {})
    subject = f"camera {wanted!r} is no" if wanted else f"scene {scene.scene_id} has no"
    raise WriteRefused(f"KITTI needs a rectified pinhole camera; {subject} such camera")


def view_of(
    scene: Scene, frame: Frame, cameras: KittiCameras, losses: LossLog, *, at_image_time: bool
) -> KittiView | None:
    """Return the view of a frame, at the time of the main image or of the frame.

    None, with a note, where the rig cannot be read.
    """
    at_ns = frame.timestamp_ns
    if at_image_time:
        times = {image.sensor_id: image.timestamp_ns for image in frame.images}
        at_ns = times.get(cameras.main_id or "", at_ns)
    try:
        rig = scene.reader.read_rig(frame.index)
    except DamagedData as damage:
        losses.add_unreadable(damage.as_problem())
        return None
    return KittiView(rig, cameras, at_ns)


def _cameras(rig: Rig, main_id: str, candidates: list[str], at_ns: int | None) -> KittiCameras:
    main = rig.cameras[main_id].coord_frame_id
    boxes = main
    if (
        BOX_COORD_FRAME_ID in rig.transforms
        and _offset(rig, main, BOX_COORD_FRAME_ID, at_ns) is not None
    ):
        boxes = BOX_COORD_FRAME_ID
    offsets = {}
    for sensor_id in candidates:
        offset = _offset(rig, rig.cameras[sensor_id].coord_frame_id, boxes, at_ns)
        if offset is not None:
            offsets[sensor_id] = offset
    second_id = next((each for each in offsets if each != main_id), None)
    lenses = {each: lens for each in offsets if (lens := lens_of(rig.cameras[each])) is not None}
    return KittiCameras(main_id, second_id, boxes, lenses, offsets)


def _offset(rig: Rig, camera: str, boxes: str, at_ns: int | None) -> Floats | None:
    """Return where the boxes' origin lies in a camera with the same axes; None for other axes."""
    try:
        camera_from_boxes = rig.transforms.transform(camera, boxes, at_ns)
    except TransformTreeError:
        return None
    if np.abs(camera_from_boxes.rotation - np.eye(3)).max() > SAME_AXES:
        return None
    offset: Floats = camera_from_boxes.translation
    return offset
