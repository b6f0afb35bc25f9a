"""Which pose convention fits: cuboids projected onto the 2D labels of the same object."""

from collections.abc import Mapping, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from viewer.formats.dataloop.attributes import ANNOTATIONS
from viewer.formats.dataloop.poses import DOCUMENTED, PoseConvention
from viewer.formats.dataloop.reader import DataloopReader
from viewer.formats.dataloop.rig import build_rig
from viewer.formats.dataloop.scene_source import SceneSource
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import FrameLabels
from viewer.scene.sensors import Rig

PROBED_FRAMES = 8
MAX_PAIRS = 200
Box = npt.NDArray[np.float64]


def residuals_px(source: SceneSource) -> tuple[dict[PoseConvention, float], int]:
    """Return the median distance by convention, and how many pairs of labels there were.

    A pair is a cuboid and a 2D label of one object id in one frame; the distance is the largest
    difference of a side of their upright boxes, infinite where the cuboid is not in view.
    """
    found: dict[PoseConvention, list[float]] = {each: [] for each in PoseConvention}
    frames = [index for index, each in enumerate(source.frames) if each.images and each.sheets]
    if not frames or source.lidar is None:
        return {}, 0
    problems = ProblemLog()
    reader = DataloopReader(source, DOCUMENTED, problems)
    for frame_index in islice(frames, PROBED_FRAMES):
        labels = reader.read_labels(frame_index, ANNOTATIONS)
        frame, images = source.lidar.frames[frame_index], source.frames[frame_index].images
        for convention, distances in found.items():
            rig = build_rig(frame, images, convention, source.lidar.path, problems)
            distances += _distances(labels, rig)
    count = max(map(len, found.values()))
    return {each: float(np.median(got)) for each, got in found.items() if got}, count


def _distances(labels: FrameLabels, rig: Rig) -> list[float]:
    targets = _boxes_by_object(labels)
    corners = labels.cuboids.cuboids.corners()
    distances: list[float] = []
    for row, track_id in enumerate(labels.cuboids.track_ids):
        for sensor_id, box in targets.get(track_id or "", ()):
            camera = rig.cameras.get(sensor_id)
            if camera is None or camera.model is None or len(distances) >= MAX_PAIRS:
                continue
            matrix = rig.camera_from(camera, labels.cuboids.cuboids.coord_frame_id, None, None)
            pixels, valid = camera.model.project(corners[row] @ matrix[:3, :3].T + matrix[:3, 3])
            if not valid.all():
                distances.append(float("inf"))
                continue
            own = np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])
            distances.append(float(np.abs(own - box).max()))
    return distances


def _boxes_by_object(labels: FrameLabels) -> Mapping[str, Sequence[tuple[str, Box]]]:
    found: dict[str, list[tuple[str, Box]]] = {}
    boxes = labels.boxes_2d
    for row, track_id in enumerate(boxes.track_ids):
        if track_id:
            found.setdefault(track_id, []).append((boxes.sensor_ids[row], boxes.boxes_px[row]))
    shapes = labels.shapes_2d
    for row, track_id in enumerate(shapes.track_ids):
        parts = shapes.parts(row)
        if track_id and parts:
            points = np.concatenate(parts)
            box = np.concatenate([points.min(axis=0), points.max(axis=0)])
            found.setdefault(track_id, []).append((shapes.sensor_ids[row], box))
    return found
