"""Looks once at every recorded file of a scene, through its reader, in bounded memory."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from viewer.checks.file_facts import FileFacts, FileState, InspectedFile
from viewer.formats.base import DamagedData, EncodedImages
from viewer.formats.images import decode_image
from viewer.formats.whole_images import require_whole_image
from viewer.progress import JobContext
from viewer.scene.images import ImageRef
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, Scene, SweepRef

DECODED_WIDTH_PX = 64
"""Images are decoded to their end at the smallest scale."""


class Inspection:
    """Collects what is told of files; clouds that others read need not be read again.

    Parameters
    ----------
    decoded_images
        How many images of each camera are decoded to their end, spread over the scene. Of the
        others it is told without decoding whether they are whole.
    """

    def __init__(self, scene: Scene, decoded_images: int) -> None:
        self._scene = scene
        self._found: dict[tuple[int, bool, str], InspectedFile] = {}
        self._decoded = _spread_images(scene, decoded_images)

    def note_cloud(self, frame: Frame, sweep: SweepRef, cloud: PointCloud) -> None:
        """Take a cloud that was read."""
        key = (frame.index, False, sweep.sensor_id)
        if key not in self._found:
            self._found[key] = _cloud_facts(frame, sweep, cloud)

    def note_damage(self, frame: Frame, ref: SweepRef | ImageRef, error: DamagedData) -> None:
        """Take the failure to read a cloud or image."""
        is_image = isinstance(ref, ImageRef)
        key = (frame.index, is_image, ref.sensor_id)
        if key not in self._found:
            self._found[key] = _damaged(frame, ref, error)

    def finish(self, job: JobContext) -> FileFacts:
        """Read what nobody has read, and return everything in the order of frames."""
        for frame in job.track(self._scene.frames, f"Inspecting files of {self._scene.scene_id}"):
            for sweep in frame.sweeps:
                if (frame.index, False, sweep.sensor_id) not in self._found:
                    self._read_cloud(frame, sweep)
            for image in frame.images:
                self._read_image(frame, image)
        files = tuple(self._found[key] for key in sorted(self._found))
        return FileFacts(files, self._problems_of(files))

    def _read_cloud(self, frame: Frame, sweep: SweepRef) -> None:
        try:
            cloud = self._scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
        except DamagedData as error:
            self.note_damage(frame, sweep, error)
        else:
            self.note_cloud(frame, sweep, cloud)

    def _read_image(self, frame: Frame, image: ImageRef) -> None:
        reader = self._scene.reader
        if not isinstance(reader, EncodedImages):
            return
        key = (frame.index, True, image.sensor_id)
        decode = frame.index in self._decoded.get(image.sensor_id, ())
        is_blank = False
        try:
            data = reader.read_encoded_image(frame.index, image.sensor_id)
            width, height = require_whole_image(data, image.source)
            if decode:
                pixels = decode_image(data, image.source, DECODED_WIDTH_PX).pixels
                is_blank = bool((pixels == pixels[:1, :1]).all())
            calibrated = self._calibrated_px(frame, image.sensor_id)
        except DamagedData as error:
            self.note_damage(frame, image, error)
            return
        self._found[key] = InspectedFile(
            frame.index, image.sensor_id, is_image=True, source=image.source,
            timestamp_ns=image.timestamp_ns, digest=_digest(data), width_px=width,
            height_px=height, calibrated_px=calibrated, is_decoded=decode, is_blank=is_blank,
        )  # fmt: skip

    def _calibrated_px(self, frame: Frame, camera_id: str) -> tuple[int, int] | None:
        try:
            camera = self._scene.reader.read_rig(frame.index).cameras.get(camera_id)
        except DamagedData:
            return None
        if camera is None or camera.model is None:
            return None
        return camera.model.width_px, camera.model.height_px

    def _problems_of(self, files: tuple[InspectedFile, ...]) -> tuple[Problem, ...]:
        """Return what the reader noted of the files that were inspected.

        Only these are kept beside the facts: what it notes of labels is told anew by every run.
        """
        names = {Path(each.source).name for each in files}
        return tuple(
            each for each in self._scene.reader.problems() if Path(each.source).name in names
        )


def _spread_images(scene: Scene, count: int) -> Mapping[str, frozenset[int]]:
    """Return frames of each camera whose images are decoded."""
    frames: dict[str, list[int]] = {}
    for frame in scene.frames:
        for image in frame.images:
            frames.setdefault(image.sensor_id, []).append(frame.index)
    return {
        camera: frozenset(
            own[place]
            for place in np.linspace(0, len(own) - 1, min(count, len(own))).astype(int).tolist()
        )
        for camera, own in frames.items()
    }


def _cloud_facts(frame: Frame, sweep: SweepRef, cloud: PointCloud) -> InspectedFile:
    xyz = cloud.xyz
    zeros = 0
    if len(xyz):
        at_zero = xyz[:, 0] == 0
        zeros = int((xyz[at_zero] == 0).all(axis=1).sum())
    return InspectedFile(
        frame.index, sweep.sensor_id, is_image=False, source=sweep.source,
        timestamp_ns=sweep.timestamp_ns, digest=_digest(np.ascontiguousarray(xyz)),
        points=len(xyz), finite=cloud.finite_count, zeros=zeros, fields=tuple(cloud.fields),
    )  # fmt: skip


def _damaged(frame: Frame, ref: SweepRef | ImageRef, error: DamagedData) -> InspectedFile:
    is_there = error.path.exists()
    # What lies in memory or in another file is there where its reader is.
    lost = (not is_there and "missing" in error.problem) or "cannot be read" in error.problem
    lost |= error.path.is_absolute() and not is_there
    return InspectedFile(
        frame.index, ref.sensor_id, is_image=isinstance(ref, ImageRef),
        source=str(error.path) if error.path.is_absolute() else ref.source,
        timestamp_ns=ref.timestamp_ns,
        state=FileState.UNREADABLE if lost else FileState.CORRUPT,
        place=error.place, problem=error.problem,
    )  # fmt: skip


def _digest(data: "bytes | np.ndarray[tuple[int, ...], np.dtype[np.generic]]") -> str:
    raw = data if isinstance(data, bytes) else data.view(np.uint8).data
    return hashlib.blake2b(raw, digest_size=8).hexdigest()
