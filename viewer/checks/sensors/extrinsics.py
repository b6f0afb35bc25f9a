"""A camera's pose that was written the wrong way round."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

import numpy as np

from viewer.checks.base import Check, Group, Need, NotAsked, Parameter, Parameters
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.sensors.camera_boxes import CameraBoxes, camera_boxes
from viewer.checks.sensors.lidar_edges import REACH_PX, EdgeView, edge_views, spread_frames
from viewer.checks.sensors.pose_hypotheses import AS_IS, AXES, hypotheses, number_name
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

EDGE_FRAMES: Final = 4
NEAR_PX: Final = 5
"""A right pose meets edges within so much, if it is a little off."""
STRENGTH_SPREAD: Final = 0.25
"""Standard deviation of the strength of edges over an image, as it is scaled."""
LEAST_PEAK: Final = 1.25


class Extrinsics(Check):
    """Tries the usual mistakes on the pose of each camera in the vehicle.

    Each is scored by how far the middles of cuboids lie from those of their 2D boxes; what the
    camera would not see at all lies half an image away. A camera without 2D boxes is judged by its
    images: by how many of their edges the lidar's meet.
    """

    id: ClassVar[str] = "extrinsics"
    title: ClassVar[str] = "Pose of a camera the wrong way"
    question: ClassVar[str] = "Would a camera's pose fit better inverted, or with other axes?"
    group: ClassVar[Group] = Group.SENSORS
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CAMERAS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_residual", 0.02, "median distance, as a share of the image's width, from "
                  "which another pose is tried", high=1.0),
        Parameter("unexplained_residual", 0.15, "the same, from which it is told though no other "
                  "pose fits", high=1.0),
        Parameter("least_gain", 3.0, "by which another pose must be nearer", low=1.0),
        Parameter("least_boxes", 15.0, "to tell it from"),
        Parameter("clear_match", 10.0, "of edges, in standard deviations of a chance match"),
        Parameter("poor_match", 6.0, "of edges, below which another pose is tried"),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        judged: set[str] = set()
        for camera_id, boxes in camera_boxes(scene, job).items():
            rows = np.flatnonzero(boxes.whole())
            if len(rows) >= parameters.of("least_boxes"):
                judged.add(camera_id)
                yield from self._by_boxes(scene, boxes, rows, parameters)
        others = set(scene.scene.camera_ids) - judged
        views = _views(scene, others, job) if others else {}
        for camera_id, own in views.items():
            yield from self._by_edges(scene, camera_id, own, parameters)
        if not judged and not views:
            raise NotAsked("there are no 2D boxes of cuboids, and no images with points")

    def _by_boxes(
        self, scene: CheckedScene, boxes: CameraBoxes, rows: Ints, parameters: Parameters
    ) -> Iterable[Finding]:
        width_px, residuals = boxes.model.width_px, residuals_px(boxes, rows)
        now = residuals[AS_IS]
        best = min(residuals, key=residuals.__getitem__)
        gain = now / max(residuals[best], 1e-3)
        explained = gain >= parameters.of("least_gain")
        least = parameters.of("least_residual" if explained else "unexplained_residual")
        if now < least * width_px:
            return
        text = f"half of the cuboids project {now:.0f} px or more from their 2D boxes"
        text += (
            f"; with {best} {residuals[best]:.0f} px" if explained
            else "; no usual mistake of its pose explains it"
        )  # fmt: skip
        numbers = {number_name(name, "px"): value for name, value in residuals.items()}
        score, severity = (1 - 1 / gain, Severity.HIGH) if explained else (0.5, Severity.MEDIUM)
        yield self._of_camera(scene, boxes.camera_id, text, numbers, score, severity)

    def _by_edges(
        self, scene: CheckedScene, camera_id: str, views: Sequence[EdgeView], parameters: Parameters
    ) -> Iterable[Finding]:
        now, _ = _edge_match(views, np.array([each.camera_from_world for each in views]))
        if now >= parameters.of("poor_match"):
            return
        matches = edge_matches(views)
        best = max(matches, key=matches.__getitem__)
        if best == AS_IS or matches[best] < parameters.of("clear_match"):
            return
        text = (
            f"edges of the lidar meet those of the image no more than by chance; with {best} they "
            f"do, by {matches[best]:.0f} standard deviations"
        )
        numbers = {number_name(name, "sigmas"): value for name, value in matches.items()}
        yield self._of_camera(scene, camera_id, text, numbers, 0.8, Severity.HIGH)

    def _of_camera(
        self, scene: CheckedScene, camera_id: str, text: str, numbers: dict[str, float],
        score: float, severity: Severity,
    ) -> Finding:  # fmt: skip
        return Finding(
            check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
            score=score, severity=severity, text=f"{camera_id}: {text}",
            evidence=Evidence(numbers, camera_id=camera_id), sensor_id=camera_id,
        )  # fmt: skip


def _views(scene: CheckedScene, camera_ids: set[str], job: JobContext) -> dict[str, list[EdgeView]]:
    views: dict[str, list[EdgeView]] = {}
    for frame in job.track(spread_frames(scene, EDGE_FRAMES), "Trying poses of cameras"):
        for view in edge_views(scene, frame):
            if view.camera_id in camera_ids:
                views.setdefault(view.camera_id, []).append(view)
    return views


def edge_matches(views: Sequence[EdgeView], *, axes: bool = True) -> dict[str, float]:
    """How far edges are met beyond chance, by what is done with the pose; of other axes the best.

    In standard deviations; 0 where the match is no clear peak. Trying other axes is most of the
    work.
    """
    from_camera = np.linalg.inv(np.array([each.camera_from_ego for each in views]))
    from_world = from_camera @ np.array([each.camera_from_world for each in views])
    found: dict[str, float] = {}
    for name, poses in hypotheses(from_camera):
        if name == AXES and not axes:
            continue
        sigmas, peak = _edge_match(views, np.linalg.inv(poses) @ from_world)
        # Among so many axes some fit by chance, where a scene looks alike upside down.
        told = sigmas * (0.6 if name == AXES else 1.0) if peak >= LEAST_PEAK else 0.0
        found[name] = max(found.get(name, 0.0), told)
    return found


def _edge_match(views: Sequence[EdgeView], matrices: Floats) -> tuple[float, float]:
    """Standard deviations from chance, and the peak against half of all shifts."""
    curves = [view.curve(matrix) for view, matrix in zip(views, matrices, strict=True)]
    edges = sum(each.edges for each in curves)
    met = sum((each.met * each.edges for each in curves), np.zeros(2 * REACH_PX + 1))
    met = met / max(edges, 1)
    usual = float(np.median(met))
    top = float(met[REACH_PX - NEAR_PX : REACH_PX + NEAR_PX + 1].max())
    return (top - usual) * float(np.sqrt(edges)) / STRENGTH_SPREAD, top / max(usual, 1e-9)


def residuals_px(boxes: CameraBoxes, rows: Ints) -> dict[str, float]:
    """Median distance of middles by what is done with the pose; of all other axes, the best."""
    model = boxes.model
    ego_from_camera: Floats = np.linalg.inv(boxes.camera_from_ego[rows]).astype(np.float64)
    ego_from_world = ego_from_camera @ boxes.camera_from_world[rows]
    centers = np.einsum("nij,nj->ni", ego_from_world[:, :3, :3], boxes.centers_world[rows])
    centers += ego_from_world[:, :3, 3]
    middles = (boxes.boxes_px[rows, :2] + boxes.boxes_px[rows, 2:]) / 2
    farthest = float(np.hypot(model.width_px, model.height_px)) / 2
    found: dict[str, float] = {}
    for name, poses in hypotheses(ego_from_camera):
        camera_from_ego = np.linalg.inv(poses)
        points = np.einsum("nij,nj->ni", camera_from_ego[:, :3, :3], centers)
        points += camera_from_ego[:, :3, 3]
        pixels, valid = model.project(points)
        apart = np.linalg.norm(pixels - middles, axis=1)
        apart = np.where(valid, np.minimum(apart, farthest), farthest)
        found[name] = min(found.get(name, np.inf), float(np.median(apart)))
    return found
