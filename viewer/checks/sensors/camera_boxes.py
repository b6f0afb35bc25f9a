"""What each camera should have seen at the time of its image, beside the 2D boxes drawn there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.checks.scene_labels import CheckedScene
from viewer.formats.base import DamagedData
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.projection import outline_boxes_px, project_cuboids
from viewer.geometry.transform_tree import ROOT, TransformTreeError
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext
from viewer.scene.scene import Frame
from viewer.scene.sensors import CameraSensor, Rig

MOST_FRAMES = 200
"""Of a scene, spread evenly: a constant error shows in these as well as in all."""
MARGIN_PX = 1.0
TIME_STEP_S = 0.01
_NS_PER_S = 1e9


@dataclass(frozen=True, eq=False, slots=True)
class CameraBoxes:
    """Q 2D boxes of one camera, with the cuboids of their objects moved to the image's time."""

    camera_id: str
    model: CameraModel
    """As of the first frame that has a box."""
    rows: Ints
    """(Q,) label row of the 2D box."""
    cuboid_rows: Ints
    """(Q,)."""
    frames: Ints
    """(Q,)."""
    boxes_px: Floats
    """(Q, 4) left, top, right, bottom."""
    expected_px: Floats
    """(Q, 4) around the cuboid's outline; NaN where it does not show."""
    centers_world: Floats
    """(Q, 3) of the cuboids at the image's time, metres."""
    camera_from_world: Floats
    """(Q, 4, 4) at the image's time."""
    camera_from_ego: Floats
    """(Q, 4, 4)."""
    motion_px_s: Floats
    """(Q, 2) how the cuboid's centre runs over the image as the image is taken later."""

    def __len__(self) -> int:
        return len(self.rows)

    def whole(self, margin_px: float = 3.0) -> npt.NDArray[np.bool_]:
        """(Q,) True for 2D boxes that the image's border does not cut."""
        return _inside(self.boxes_px, self.model, margin_px)

    def uncut(self) -> npt.NDArray[np.bool_]:
        """(Q,) True where the image's border cuts neither box nor outline."""
        return np.asarray(self.whole() & _inside(self.expected_px, self.model, 3.0))

    def comparable(self) -> npt.NDArray[np.bool_]:
        """(Q,) True where box and outline are of one size and neither is cut: an unhidden object.

        What hides a part of an object moves the middle of its box.
        """
        own = self.boxes_px[:, 2:] - self.boxes_px[:, :2]
        expected = np.nan_to_num(self.expected_px[:, 2:] - self.expected_px[:, :2])
        least = 0.015 * self.model.width_px
        ratio = own / np.maximum(expected, 1e-6)
        alike = ((ratio > 0.85) & (ratio < 1.1)).all(axis=1) & (own.min(axis=1) >= least)
        return np.asarray(self.uncut() & alike)


def camera_boxes(scene: CheckedScene, job: JobContext) -> Mapping[str, CameraBoxes]:
    """Return the joined boxes of every camera that has some; kept with the scene."""
    kept = scene.cache.get("camera_boxes")
    if isinstance(kept, dict):
        return kept
    found = _Joining(scene).run(job)
    scene.cache["camera_boxes"] = found
    return found


def box_owners(scene: CheckedScene) -> tuple[Ints, Ints]:
    """(Q,) label rows of 2D boxes and (Q,) of their cuboids, joined by label id or track."""
    labels = scene.labels
    if labels.boxes_px is None or labels.cameras is None:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    frames = labels.frame_rows
    owner: dict[tuple[int, str | None], int] = {
        (int(frames[row]), scene.track_id(row)): row for row in scene.boxes.tolist()
    }
    owner |= {(int(frames[row]), labels.label_ids[row]): row for row in scene.boxes.tolist()}
    pairs = []
    for row in np.flatnonzero(np.isfinite(labels.boxes_px).all(axis=1)).tolist():
        names = (labels.label_ids[row], scene.track_id(row))
        keys = [(int(frames[row]), name) for name in names if name is not None]
        found = [owner[key] for key in keys if key in owner]
        if found:
            pairs.append((row, found[0]))
    columns = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return columns[:, 0], columns[:, 1]


def label_velocities(scene: CheckedScene) -> Floats:
    """(N, 3) metres a second in the world: from a track's neighbours, else as labelled, else 0."""
    labels, steps = scene.labels, scene.steps
    total = np.zeros((len(labels), 3))
    count = np.zeros(len(labels))
    known = np.isfinite(steps.dt_s) & (steps.dt_s > 0) & (steps.frames_apart <= 2)
    speed = steps.moved_m[known] / steps.dt_s[known, None]
    for rows in (steps.before[known], steps.after[known]):
        np.add.at(total, rows, speed)
        np.add.at(count, rows, 1)
    found: Floats = np.divide(total, count[:, None], out=total, where=count[:, None] > 0)
    if labels.velocities_mps is not None:
        own = (count == 0) & np.isfinite(labels.velocities_mps).all(axis=1)
        found[own] = labels.velocities_mps[own]
    return found


class _Joining:
    """Goes through the frames once, and through the cameras of each."""

    def __init__(self, scene: CheckedScene) -> None:
        self._scene = scene
        self._velocities = label_velocities(scene)
        self._rows, self._owners = box_owners(scene)
        self._parts: dict[str, list[tuple[CameraModel, Sequence[npt.NDArray[np.generic]]]]] = {}

    def run(self, job: JobContext) -> dict[str, CameraBoxes]:
        labels = self._scene.labels
        if labels.cameras is None:
            return {}
        frames = labels.frame_rows[self._rows]
        cameras = np.array([labels.cameras[row] for row in self._rows.tolist()], dtype=object)
        chosen = np.unique(frames)
        if len(chosen) > MOST_FRAMES:
            chosen = chosen[np.linspace(0, len(chosen) - 1, MOST_FRAMES).astype(np.int64)]
        for index in job.track(chosen.tolist(), "Comparing cameras with 2D boxes"):
            here = np.flatnonzero(frames == index)
            for camera_id in dict.fromkeys(cameras[here].tolist()):
                self._add(index, camera_id, here[cameras[here] == camera_id])
        return {name: _joined(name, self._parts[name]) for name in sorted(self._parts)}

    def _add(self, index: int, camera_id: str, places: Ints) -> None:
        scene = self._scene
        frame = scene.scene.frames[index]
        try:
            rig = scene.scene.reader.read_rig(index)
            camera = rig.cameras.get(camera_id)
            if camera is None or camera.model is None:
                return
            part = self._compare(frame, rig, camera, camera.model, places)
        except (DamagedData, TransformTreeError):
            return
        self._parts.setdefault(camera_id, []).append((camera.model, part))

    def _compare(
        self, frame: Frame, rig: Rig, camera: CameraSensor, model: CameraModel, places: Ints
    ) -> Sequence[npt.NDArray[np.generic]]:
        boxes_px = self._scene.labels.boxes_px
        assert boxes_px is not None
        rows, owners = self._rows[places], self._owners[places]
        image_ns = image_time_ns(frame, camera.sensor_id)
        later_s = 0.0
        if image_ns is not None and frame.timestamp_ns is not None:
            later_s = (image_ns - frame.timestamp_ns) / _NS_PER_S
        speed = self._velocities[owners]
        cuboids = self._scene.labels.cuboids(owners)
        moved = type(cuboids)(
            cuboids.center + speed * later_s, cuboids.size, cuboids.rotation, ROOT
        )
        matrix = rig.camera_from(camera, ROOT, image_ns, image_ns)
        curves = project_cuboids(moved, model, matrix, margin_px=MARGIN_PX)
        expected = np.full((len(rows), 4), np.nan)
        if len(curves.owner):
            expected = outline_boxes_px(curves, len(rows))
        motion = np.zeros((len(rows), 2))
        if image_ns is not None:
            motion = _motion(rig, camera, model, image_ns, moved.center, speed)
        count = len(rows)
        from_ego = rig.camera_from(camera, rig.ego_coord_frame_id, image_ns, image_ns)
        return (
            rows, owners, np.full(count, frame.index), boxes_px[rows], expected, moved.center,
            np.broadcast_to(matrix, (count, 4, 4)), np.broadcast_to(from_ego, (count, 4, 4)),
            motion,
        )  # fmt: skip


def image_time_ns(frame: Frame, camera_id: str) -> int | None:
    """When the image of a camera was taken: its own time, else the frame's."""
    own = next((each.timestamp_ns for each in frame.images if each.sensor_id == camera_id), None)
    return frame.timestamp_ns if own is None else own


def _motion(
    rig: Rig, camera: CameraSensor, model: CameraModel, image_ns: int, centers: Floats,
    speed: Floats,
) -> Floats:  # fmt: skip
    """(n, 2) px/s over a short while around the time of the image; NaN where it cannot be seen."""
    ends = []
    for sign in (-1, 1):
        at_ns = image_ns + round(sign * TIME_STEP_S * _NS_PER_S)
        matrix = rig.camera_from(camera, ROOT, at_ns, at_ns)
        points = centers + sign * TIME_STEP_S * speed
        ends.append(model.project(points @ matrix[:3, :3].T + matrix[:3, 3]).pixels)
    found: Floats = (ends[1] - ends[0]) / (2 * TIME_STEP_S)
    return found


def _joined(
    camera_id: str, parts: Sequence[tuple[CameraModel, Sequence[npt.NDArray[np.generic]]]]
) -> CameraBoxes:
    columns = [np.concatenate(column) for column in zip(*(part for _, part in parts), strict=True)]
    return CameraBoxes(camera_id, parts[0][0], *columns)


def _inside(boxes: Floats, model: CameraModel, margin_px: float) -> npt.NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        inside = (boxes[:, :2] >= margin_px).all(axis=1)
        inside &= boxes[:, 2] <= model.width_px - 1 - margin_px
        inside &= boxes[:, 3] <= model.height_px - 1 - margin_px
    return np.asarray(inside)
