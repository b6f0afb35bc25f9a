"""KITTI raw ``tracklet_labels.xml`` to cuboids, frame by frame.

A tracklet has one size (h, w, l) and one pose a frame: the middle of the *bottom* face in the lidar
coord frame and rx, ry, rz in radians; KITTI itself only writes rz. Rotation is Rz Ry Rx, front is
the length axis. The track id is the tracklet's place in the file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import numpy as np
import numpy.typing as npt
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_multiply
from viewer.scene.labels import CuboidLabels

MAX_XML_BYTES = 128 * 1024 * 1024
_KEPT = (
    "state", "occlusion", "occlusion_kf", "truncation", "amt_occlusion", "amt_border_l",
    "amt_border_r", "amt_occlusion_kf", "amt_border_kf",
)  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class TrackletPose:
    """One tracklet in one frame."""

    track_id: str
    class_name: str
    size_lwh_m: tuple[float, float, float]
    bottom_m: tuple[float, float, float]
    rotation_xyz_rad: tuple[float, float, float]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, eq=False, slots=True)
class Tracklets:
    """Poses by file number of the frame."""

    by_frame: Mapping[int, Sequence[TrackletPose]] = field(default_factory=dict)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Classes in the order in which they first appear."""
        poses = (pose for frame in sorted(self.by_frame) for pose in self.by_frame[frame])
        return tuple(dict.fromkeys(pose.class_name for pose in poses))

    def labels(
        self, frame_number: int, stem: str, coord_frame_id: str, timestamp_ns: int | None
    ) -> CuboidLabels:
        """Return the cuboids of one frame."""
        poses = self.by_frame.get(frame_number, ())
        size = np.array([pose.size_lwh_m for pose in poses]).reshape(-1, 3)
        bottom = np.array([pose.bottom_m for pose in poses]).reshape(-1, 3)
        rotation = _quaternions(np.array([pose.rotation_xyz_rad for pose in poses]).reshape(-1, 3))
        cuboids = Cuboids(bottom, size, rotation, coord_frame_id)
        up = cuboids.rotation_matrices()[:, :, 2]
        center = bottom + up * (size[:, 2:] / 2.0)
        return CuboidLabels(
            cuboids=Cuboids(center, size, rotation, coord_frame_id),
            label_ids=tuple(f"{stem}:{pose.track_id}" for pose in poses),
            class_names=tuple(pose.class_name for pose in poses),
            track_ids=tuple(pose.track_id for pose in poses),
            scores=np.full(len(poses), np.nan),
            attributes=tuple(pose.attributes for pose in poses),
            timestamp_ns=timestamp_ns,
        )


def read_tracklets(path: Path, problems: ProblemLog) -> Tracklets:
    """Read the file; a bad tracklet or pose is noted and left out."""
    data = read_bytes(path, max_bytes=MAX_XML_BYTES)
    try:
        # The files carry a plain DOCTYPE; entities are what could do harm.
        root = ElementTree.fromstring(data, forbid_entities=True, forbid_external=True)
    except ParseError as error:
        line, column = error.position
        raise DamagedData(path, f"line {line}, column {column}", "is not valid XML") from None
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise DamagedData(path, "", f"is not XML that can be trusted: {error}") from None
    listing = root if root.tag == "tracklets" else root.find("tracklets")
    if listing is None:
        raise DamagedData(path, "", "has no <tracklets>")
    by_frame: dict[int, list[TrackletPose]] = {}
    for index, item in enumerate(listing.findall("item")):
        try:
            _add_tracklet(by_frame, index, item, path, problems)
        except DamagedData as damage:
            problems.add_damage(damage)
    return Tracklets(by_frame)


def _add_tracklet(
    by_frame: dict[int, list[TrackletPose]],
    index: int,
    item: Element,
    path: Path,
    problems: ProblemLog,
) -> None:
    place = f"tracklet {index}"
    length, width, height = (_number(item, tag, path, place) for tag in ("l", "w", "h"))
    if min(length, width, height) <= 0.0:
        size = f"{length:g} x {width:g} x {height:g}"
        raise DamagedData(path, place, f"has a size that is not positive ({size}); it is left out")
    first_frame = int(_number(item, "first_frame", path, place))
    class_name = (item.findtext("objectType") or "").strip() or "unknown"
    for offset, pose in enumerate(item.findall("poses/item")):
        pose_place = f"{place}, pose {offset}"
        try:
            bottom = tuple(_number(pose, tag, path, pose_place) for tag in ("tx", "ty", "tz"))
            angles = tuple(_number(pose, tag, path, pose_place) for tag in ("rx", "ry", "rz"))
        except DamagedData as damage:
            problems.add_damage(damage)
            continue
        by_frame.setdefault(first_frame + offset, []).append(
            TrackletPose(
                track_id=str(index),
                class_name=class_name,
                size_lwh_m=(length, width, height),
                bottom_m=(bottom[0], bottom[1], bottom[2]),
                rotation_xyz_rad=(angles[0], angles[1], angles[2]),
                attributes={tag: _value(pose.findtext(tag)) for tag in _KEPT if _has(pose, tag)},
            )
        )


def _has(pose: Element, tag: str) -> bool:
    return pose.find(tag) is not None


def _value(text: str | None) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text or "")
        except ValueError:
            continue
    return (text or "").strip()


def _number(item: Element, tag: str, path: Path, place: str) -> float:
    text = item.findtext(tag)
    try:
        number = float(text or "")
    except ValueError:
        raise DamagedData(path, place, f"has no number in <{tag}>") from None
    if not abs(number) < 1e9:
        raise DamagedData(path, place, f"has {number:g} in <{tag}>")
    return number


def _quaternions(angles_xyz_rad: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N, 4) wxyz of Rz Ry Rx."""
    half = angles_xyz_rad / 2.0
    parts = []
    for axis in range(3):
        part = np.zeros((len(half), 4))
        part[:, 0], part[:, axis + 1] = np.cos(half[:, axis]), np.sin(half[:, axis])
        parts.append(part)
    rotation_x, rotation_y, rotation_z = parts
    product: npt.NDArray[np.float64] = quaternion_multiply(
        quaternion_multiply(rotation_z, rotation_y), rotation_x
    )
    return product
