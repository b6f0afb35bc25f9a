"""One frame of a scene that is being built from arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, SweepRef
from viewer.scene.sensors import CameraSensor, LidarSensor

GROUND_TRUTH = "ground_truth"
IN_MEMORY = "in memory"


@dataclass(frozen=True, eq=False, slots=True)
class FrameContent:
    """A frame and all that it refers to."""

    frame: Frame
    clouds: Mapping[str, PointCloud]
    images: Mapping[str, Image | bytes]
    """Pixels, or an image file's bytes, by sensor."""
    labels: Mapping[str, FrameLabels]
    """By label set."""

    def class_names(self) -> list[str]:
        """Classes of its labels, in order of appearance."""
        columns = [
            names
            for labels in self.labels.values()
            for names in (labels.cuboids.class_names, labels.boxes_2d.class_names)
        ]
        return list(dict.fromkeys(name for names in columns for name in names))


class FrameBuilder:
    """Takes the point clouds, images and labels of one frame; made by `SceneBuilder.add_frame`."""

    def __init__(
        self,
        index: int,
        key: str,
        timestamp_ns: int | None,
        *,
        lidars: Mapping[str, LidarSensor],
        cameras: Mapping[str, CameraSensor],
    ) -> None:
        self._index = index
        self._key = key
        self._timestamp_ns = timestamp_ns
        self._lidars = lidars
        self._cameras = cameras
        self._clouds: dict[str, PointCloud] = {}
        self._images: dict[str, Image | bytes] = {}
        self._image_refs: dict[str, ImageRef] = {}
        self._cuboids: dict[str, list[CuboidLabels]] = {}
        self._boxes: dict[str, list[BoxLabels2D]] = {}

    def add_points(
        self,
        sensor_id: str,
        xyz: npt.ArrayLike,
        *,
        timestamp_ns: int | None = None,
        **fields: npt.ArrayLike,
    ) -> None:
        """Add a point cloud: (N, 3) metres in the lidar's coord frame, other columns by name."""
        if sensor_id not in self._lidars:
            raise ValueError(f"add the lidar {sensor_id!r} to the scene first")
        points = np.ascontiguousarray(xyz)
        if not np.issubdtype(points.dtype, np.floating):
            points = points.astype(np.float32)
        self._clouds[sensor_id] = PointCloud(
            xyz=points,
            fields=MappingProxyType({name: np.asarray(values) for name, values in fields.items()}),
            coord_frame_id=self._lidars[sensor_id].coord_frame_id,
            timestamp_ns=self._timestamp_ns if timestamp_ns is None else timestamp_ns,
        )

    def add_image(
        self,
        sensor_id: str,
        image: npt.NDArray[np.uint8] | bytes,
        *,
        timestamp_ns: int | None = None,
    ) -> None:
        """Add an image: (H, W, 3) red green blue, (H, W) grey, or the bytes of an image file."""
        if sensor_id not in self._cameras:
            raise ValueError(f"add the camera {sensor_id!r} to the scene first")
        time_ns = self._timestamp_ns if timestamp_ns is None else timestamp_ns
        self._images[sensor_id] = image if isinstance(image, bytes) else _image(image)
        self._image_refs[sensor_id] = ImageRef(sensor_id, time_ns, IN_MEMORY)

    def add_cuboids(
        self,
        centers: npt.ArrayLike,
        sizes: npt.ArrayLike,
        *,
        class_names: Sequence[str],
        yaw_rad: npt.ArrayLike = 0.0,
        orientations_wxyz: npt.ArrayLike | None = None,
        coord_frame_id: str = "world",
        label_set_id: str = GROUND_TRUTH,
        label_ids: Sequence[str] | None = None,
        track_ids: Sequence[str | None] | None = None,
        scores: npt.ArrayLike | None = None,
        velocities_mps: npt.ArrayLike | None = None,
        attributes: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Add N cuboids: (N, 3) centres and full sizes (length, width, height), metres.

        Turned by `yaw_rad` about z, or by (N, 4) `orientations_wxyz`; +x is the front. A second
        call for the same label set appends; its `coord_frame_id` must be the same.
        """
        center = np.asarray(centers, dtype=np.float64).reshape(-1, 3)
        count = len(center)
        if orientations_wxyz is None:
            yaw = np.broadcast_to(np.asarray(yaw_rad, dtype=np.float64), (count,))
            rotation = quaternion_from_yaw(yaw)
        else:
            rotation = np.asarray(orientations_wxyz, dtype=np.float64).reshape(-1, 4)
        size = np.broadcast_to(np.asarray(sizes, dtype=np.float64).reshape(-1, 3), (count, 3))
        parts = self._cuboids.setdefault(label_set_id, [])
        if parts and parts[0].cuboids.coord_frame_id != coord_frame_id:
            raise ValueError(
                f"{label_set_id!r} has cuboids in {parts[0].cuboids.coord_frame_id!r} already, "
                f"not in {coord_frame_id!r}"
            )
        start = sum(len(part) for part in parts)
        velocities = None
        if velocities_mps is not None:
            velocities = np.asarray(velocities_mps, dtype=np.float64).reshape(count, 3)
        parts.append(
            CuboidLabels(
                cuboids=Cuboids(center, size, rotation, coord_frame_id),
                label_ids=tuple(label_ids or self._running_ids(start, count)),
                class_names=tuple(class_names),
                track_ids=tuple(track_ids or (None,) * count),
                scores=_scores(scores, count),
                attributes=tuple(attributes or ({} for _ in range(count))),
                velocities_mps=velocities,
                timestamp_ns=self._timestamp_ns,
            )
        )

    def add_boxes_2d(
        self,
        sensor_id: str,
        boxes_px: npt.ArrayLike,
        *,
        class_names: Sequence[str],
        label_set_id: str = GROUND_TRUTH,
        label_ids: Sequence[str] | None = None,
        track_ids: Sequence[str | None] | None = None,
        scores: npt.ArrayLike | None = None,
        attributes: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Add M 2D boxes on a camera's image: (M, 4) left, top, right, bottom in pixels."""
        boxes = np.asarray(boxes_px, dtype=np.float64).reshape(-1, 4)
        count = len(boxes)
        if len(class_names) != count:
            raise ValueError(f"{count} boxes need as many class names, not {len(class_names)}")
        parts = self._boxes.setdefault(label_set_id, [])
        start = sum(len(part) for part in parts)
        parts.append(
            BoxLabels2D(
                boxes_px=boxes,
                sensor_ids=(sensor_id,) * count,
                label_ids=tuple(label_ids or (f"2d:{i}" for i in range(start, start + count))),
                class_names=tuple(class_names),
                track_ids=tuple(track_ids or (None,) * count),
                scores=_scores(scores, count),
                attributes=tuple(attributes or ({} for _ in range(count))),
            )
        )

    def content(self) -> FrameContent:
        """Return the frame with everything added so far."""
        sweeps = tuple(
            SweepRef(sensor_id, cloud.timestamp_ns, IN_MEMORY)
            for sensor_id, cloud in self._clouds.items()
        )
        images = tuple(self._image_refs.values())
        return FrameContent(
            frame=Frame(self._index, self._key, self._timestamp_ns, sweeps, images),
            clouds=dict(self._clouds),
            images=dict(self._images),
            labels={
                name: FrameLabels(
                    _joined_cuboids(self._cuboids.get(name, [])),
                    _joined_boxes(self._boxes.get(name, [])),
                )
                for name in dict.fromkeys([*self._cuboids, *self._boxes])
            },
        )

    def _running_ids(self, start: int, count: int) -> list[str]:
        return [f"{self._key}:{row}" for row in range(start, start + count)]


def _image(pixels: npt.NDArray[np.uint8]) -> Image:
    values = np.asarray(pixels)
    if values.dtype != np.uint8 or values.ndim not in (2, 3) or values.shape[2:] not in ((), (3,)):
        raise ValueError(
            f"an image is (H, W, 3) or (H, W) uint8, not {values.shape} {values.dtype}"
        )
    height, width = values.shape[:2]
    bgra = np.full((height, width, 4), 255, dtype=np.uint8)
    bgra[:, :, 2::-1] = values if values.ndim == 3 else values[:, :, None]
    return Image(bgra, width, height)


def _scores(scores: npt.ArrayLike | None, count: int) -> npt.NDArray[np.float64]:
    if scores is None:
        return np.full(count, np.nan)
    return np.asarray(scores, dtype=np.float64).reshape(count)


def _joined_cuboids(parts: Sequence[CuboidLabels]) -> CuboidLabels:
    if not parts:
        return CuboidLabels.empty("world")
    velocities = None
    if any(part.velocities_mps is not None for part in parts):
        velocities = np.concatenate(
            [
                np.full((len(part), 3), np.nan)
                if part.velocities_mps is None
                else part.velocities_mps
                for part in parts
            ]
        )
    return CuboidLabels(
        cuboids=Cuboids(
            np.concatenate([part.cuboids.center for part in parts]),
            np.concatenate([part.cuboids.size for part in parts]),
            np.concatenate([part.cuboids.rotation for part in parts]),
            parts[0].cuboids.coord_frame_id,
        ),
        label_ids=tuple(name for part in parts for name in part.label_ids),
        class_names=tuple(name for part in parts for name in part.class_names),
        track_ids=tuple(track for part in parts for track in part.track_ids),
        scores=np.concatenate([part.scores for part in parts]),
        attributes=tuple(row for part in parts for row in part.attributes),
        velocities_mps=velocities,
        timestamp_ns=parts[0].timestamp_ns,
    )


def _joined_boxes(parts: Sequence[BoxLabels2D]) -> BoxLabels2D:
    if not parts:
        return BoxLabels2D.empty()
    return BoxLabels2D(
        boxes_px=np.concatenate([part.boxes_px for part in parts]),
        sensor_ids=tuple(name for part in parts for name in part.sensor_ids),
        label_ids=tuple(name for part in parts for name in part.label_ids),
        class_names=tuple(name for part in parts for name in part.class_names),
        track_ids=tuple(track for part in parts for track in part.track_ids),
        scores=np.concatenate([part.scores for part in parts]),
        attributes=tuple(row for part in parts for row in part.attributes),
    )
