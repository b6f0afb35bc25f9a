"""KITTI calibration text: one ``key: numbers`` entry a line, spelled in several ways."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.rigid_matrix import checked_rotation
from viewer.formats.text_file import parse_numbers, read_text
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.transform import RigidTransform

MAX_CALIB_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class KittiCalibFile:
    """The entries of one file, not yet parsed; numbers are checked when asked for."""

    path: Path
    entries: Mapping[str, tuple[int, tuple[str, ...]]]
    """Line number and words by key."""

    def has(self, *keys: str) -> bool:
        """Say whether any spelling of a key is there."""
        return any(key in self.entries for key in keys)

    def numbers(self, *keys: str, count: int) -> npt.NDArray[np.float64]:
        """Return `count` numbers of the first spelling that is there, or raise `DamagedData`."""
        for key in keys:
            if key in self.entries:
                line, words = self.entries[key]
                return parse_numbers(words, self.path, f"line {line} ({key})", count=count)
        raise DamagedData(self.path, "", f"has no entry {' or '.join(keys)}")

    def place(self, *keys: str) -> str:
        """Return where a key stands."""
        found = next((key for key in keys if key in self.entries), None)
        return "" if found is None else f"line {self.entries[found][0]} ({found})"

    def rigid(
        self, dst: str, src: str, matrix: npt.NDArray[np.float64], place: str
    ) -> RigidTransform:
        """Return `dst_from_src` from a (3, 4) matrix; `DamagedData` when it is not rigid."""
        rotation = checked_rotation(matrix[:, :3], self.path, place)
        return RigidTransform(dst, src, rotation, matrix[:, 3])


def read_calib_file(path: Path) -> KittiCalibFile:
    """Split a calibration file into entries; the colon after a key may be missing."""
    entries: dict[str, tuple[int, tuple[str, ...]]] = {}
    text = read_text(path, max_bytes=MAX_CALIB_BYTES)
    for number, line in enumerate(text.splitlines(), start=1):
        key, _, rest = line.strip().partition(" ")
        if not key:
            continue
        head, colon, tail = key.partition(":")
        words = (tail if colon else "") + " " + rest
        entries.setdefault(head, (number, tuple(words.split())))
    if not entries:
        raise DamagedData(path, "", "holds no calibration")
    return KittiCalibFile(path, entries)


@dataclass(frozen=True, eq=False, slots=True)
class RectifiedProjection:
    """A KITTI (3, 4) matrix P = K [I | t] taken apart: pinhole numbers and offset.

    `offset_m` is t = inverse(K) P[:, 3], so that p_camera = p_rectified + t.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    offset_m: npt.NDArray[np.float64]

    def lens(self, width_px: int, height_px: int) -> Pinhole:
        """Return the pinhole for an image of this size."""
        return Pinhole(width_px, height_px, fx=self.fx, fy=self.fy, cx=self.cx, cy=self.cy)

    def rectified_from_camera(self, rectified: str, camera: str) -> RigidTransform:
        """Return the pose of the camera in the rectified reference coord frame."""
        return RigidTransform(rectified, camera, np.eye(3), -self.offset_m)


def read_projection(calib: KittiCalibFile, *keys: str) -> RectifiedProjection:
    """Read P_i or P_rect_0i."""
    matrix = calib.numbers(*keys, count=12).reshape(3, 4)
    intrinsic = matrix[:, :3]
    upper = intrinsic[1, 0] == 0.0 and not intrinsic[2, :2].any() and intrinsic[2, 2] == 1.0
    if not upper or intrinsic[0, 1] != 0.0 or intrinsic[0, 0] <= 0 or intrinsic[1, 1] <= 0:
        place = calib.place(*keys)
        raise DamagedData(calib.path, place, "is not the projection of a rectified pinhole camera")
    with np.errstate(over="ignore"):
        offset_m = np.asarray(np.linalg.solve(intrinsic, matrix[:, 3]), dtype=np.float64)
    if not np.isfinite(offset_m).all():
        raise DamagedData(calib.path, calib.place(*keys), "has a focal length too small for it")
    fx, fy, cx, cy = (float(intrinsic[i, j]) for i, j in ((0, 0), (1, 1), (0, 2), (1, 2)))
    return RectifiedProjection(fx, fy, cx, cy, offset_m)
