"""Everything one frame shows, loaded: plain values, safe to hand between threads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from viewer.scene.images import Image, OverlayRef
from viewer.scene.labels import FrameLabels
from viewer.scene.point_classes import PointClasses
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, Scene
from viewer.scene.sensors import Rig


@dataclass(frozen=True, eq=False, slots=True)
class LoadedSweep:
    """One lidar's points and the time at which they are posed."""

    sensor_id: str
    cloud: PointCloud
    timestamp_ns: int | None
    frame_index: int
    """The frame that the sweep belongs to; older than the shown one when sweeps accumulate.

    Of a sweep recorded between two frames, the one before it: -1 before the first.
    """
    point_classes: Mapping[str, PointClasses] = field(default_factory=lambda: MappingProxyType({}))
    """By label set id, of sweeps of older frames; the shown frame's stand in its labels."""


@dataclass(frozen=True, eq=False, slots=True)
class LoadedOverlay:
    """A picture that is shown over an image."""

    ref: OverlayRef
    image: Image


@dataclass(frozen=True, eq=False, slots=True)
class FrameContent:
    """One frame of a scene with everything that could be loaded."""

    scene: Scene
    frame: Frame
    rig: Rig
    sweeps: tuple[LoadedSweep, ...]
    """Current sweeps first, then older ones, newest first."""
    images: Mapping[str, Image]
    """By sensor_id; a camera whose image cannot be read is missing here."""
    labels: Mapping[str, FrameLabels]
    """By label set id."""
    problems: tuple[Problem, ...] = ()
    prepared: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What views prepared off the main thread, by the preparer's name."""
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What the format says of the frame besides."""
    overlays: tuple[LoadedOverlay, ...] = ()
    """Over the images of the frame, in the order in which they are drawn; none while hidden."""

    labels_follow: frozenset[str] = frozenset()
    """Label sets whose labels are missing because they are not indexed yet."""

    @property
    def index(self) -> int:
        """Position of the frame in its scene."""
        return self.frame.index

    @property
    def timestamp_ns(self) -> int | None:
        """Time of the frame."""
        return self.frame.timestamp_ns

    def world_from(self, coord_frame_id: str, at_ns: int | None) -> np.ndarray[Any, Any]:
        """(4, 4) `world_from_<coord frame>` at a time."""
        return self.rig.transforms.transform("world", coord_frame_id, at_ns).matrix

    def world_from_ego(self) -> np.ndarray[Any, Any]:
        """(4, 4) pose of the ego vehicle at the frame's time."""
        return self.world_from(self.rig.ego_coord_frame_id, self.timestamp_ns)

    def image_timestamp_ns(self, sensor_id: str) -> int | None:
        """Recorded time of a camera's image; the frame's where it has none."""
        for image in self.frame.images:
            if image.sensor_id == sensor_id and image.timestamp_ns is not None:
                return image.timestamp_ns
        return self.timestamp_ns

    @property
    def nbytes(self) -> int:
        """Bytes held by points and images."""
        points = sum(sweep.cloud.nbytes for sweep in self.sweeps)
        images = (*self.images.values(), *(each.image for each in self.overlays))
        return points + sum(image.pixels.nbytes for image in images)
