"""Reads a scene that lives in memory."""

from collections.abc import Sequence

from viewer.formats.base import DamagedData
from viewer.formats.frame_builder import FrameContent
from viewer.formats.images import decode_image
from viewer.formats.native.image_file import encode_png
from viewer.scene.images import Image
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Problem
from viewer.scene.sensors import Rig

MEMORY_FORMAT_NAME = "memory"


class MemoryReader:
    """Implements `SceneReader` over frames made by `SceneBuilder`."""

    def __init__(self, rig: Rig, contents: Sequence[FrameContent]) -> None:
        self._rig = rig
        self._contents = contents

    def read_rig(self, frame_index: int) -> Rig:
        return self._rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        content = self._contents[frame_index]
        if sensor_id not in content.clouds:
            raise self._missing(content, sensor_id)
        return content.clouds[sensor_id]

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        image = self._image(frame_index, sensor_id)
        if isinstance(image, Image):
            return image
        return decode_image(image, f"{sensor_id} in memory", min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return an image as a file: as it was given, or as PNG."""
        image = self._image(frame_index, sensor_id)
        return encode_png(image) if isinstance(image, Image) else image

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        labels = self._contents[frame_index].labels.get(label_set_id)
        return labels or FrameLabels(CuboidLabels.empty("world"))

    def problems(self) -> Sequence[Problem]:
        return ()

    def close(self) -> None:
        """Hold nothing that needs closing."""

    def _image(self, frame_index: int, sensor_id: str) -> Image | bytes:
        content = self._contents[frame_index]
        if sensor_id not in content.images:
            raise self._missing(content, sensor_id)
        return content.images[sensor_id]

    def _missing(self, content: FrameContent, sensor_id: str) -> DamagedData:
        return DamagedData("memory", f"frame {content.frame.key}", f"has nothing of {sensor_id!r}")
