"""Sets of images with labels: a scene of independent frames, one image each, no calibration."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from viewer.formats.base import DamagedData
from viewer.formats.images import MAX_FILE_BYTES, read_image
from viewer.formats.lazy_frames import FramesOnDemand
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.geometry.transform_tree import ROOT, TransformTree
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem
from viewer.scene.sensors import CameraSensor, Rig

IMAGE = "image"
"""The only sensor of such a scene."""
MAX_COORDINATE_PX = 1e7
_PLAIN = re.compile(r"\w[\w-]*(?:[./]\w[\w-]*)*")
"""Names that need no second look."""


class ImageSetReader(ABC):
    """Implements `SceneReader` and `EncodedImages` but for the labels.

    Parameters
    ----------
    root
        The folder or file that was opened, for messages.
    keys
        Names of the frames.
    has_image
        For each frame whether it has an image at all.
    problems
        Where damage is noted.
    """

    def __init__(
        self, root: Path, keys: Sequence[str], has_image: Sequence[bool], problems: ProblemLog
    ) -> None:
        self.root = root
        self.log = problems
        self.image_log = ProblemLog()
        """What is wrong with images alone: labels can be used all the same."""
        self.frames: Sequence[Frame] = FramesOnDemand(
            len(keys), lambda index: _frame(index, keys[index], present=has_image[index])
        )
        camera = CameraSensor(IMAGE, ROOT, None, "no calibration")
        self._rig = Rig({IMAGE: camera}, {}, TransformTree())

    @abstractmethod
    def image_path(self, frame_index: int) -> Path:
        """Return where the image of a frame lies."""

    @abstractmethod
    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        """Labels of one label set."""

    def read_rig(self, frame_index: int) -> Rig:
        return self._rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        raise DamagedData(self.root, sensor_id, "the format has no point clouds")

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._image(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image(frame_index, sensor_id), max_bytes=MAX_FILE_BYTES)

    def problems(self) -> Sequence[Problem]:
        return (*self.log.snapshot(), *self.image_log.snapshot())

    def label_problems(self) -> Sequence[Problem]:
        """Return what is wrong with labels, not with images."""
        return self.log.snapshot()

    def close(self) -> None:  # noqa: B027 - nothing to let go of
        """Hold nothing that needs closing."""

    def _image(self, frame_index: int, sensor_id: str) -> Path:
        frame = self.frames[frame_index]
        if sensor_id != IMAGE or not frame.images:
            raise DamagedData(self.root, frame.key, "the image is missing")
        return self.image_path(frame_index)


def _frame(index: int, key: str, *, present: bool) -> Frame:
    return Frame(index, key, None, (), (ImageRef(IMAGE, None, key),) if present else ())


def leads_inside(name: str) -> bool:
    """Say whether a name from a file is a path below a folder, as `inner_path` does."""
    return _PLAIN.fullmatch(name) is not None or inner_path(name) is not None


def inner_path(name: str) -> PurePosixPath | None:
    """Return a name from a file as a path below a folder; None when it could lead elsewhere.

    Examples
    --------
    >>> inner_path("train/./a.jpg"), inner_path("../a.jpg"), inner_path("s3://b/a.jpg")
    (PurePosixPath('train/a.jpg'), None, None)
    """
    path = PurePosixPath(name.replace("\\", "/"))
    windows = PureWindowsPath(name)
    remote = "://" in name or "\0" in name
    outer = path.is_absolute() or windows.drive or windows.root or ".." in path.parts
    return None if remote or outer or not path.parts else path
