"""A camera's pose that was written the wrong way round."""

from collections.abc import Iterable, Mapping
from itertools import permutations, product
from typing import ClassVar, Final

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.camera_boxes import CameraBoxes, camera_boxes
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

AS_IS: Final = "as it is"
INVERSE: Final = "its inverse"
TRANSPOSED: Final = "its rotation transposed"
PLACE: Final = "its translation taken as that of the inverse"
VEHICLE_AXES: Final = "its axes taken as x forward, y left, z up"
OPENGL_AXES: Final = "its axes taken as x right, y up, z backward"
AXES: Final = "other axes"


class Extrinsics(Check):
    """Tries the usual mistakes on the pose of each camera in the vehicle.

    Each is scored by how far the middles of cuboids lie from those of their 2D boxes; what the
    camera would not see at all lies half an image away.
    """

    id: ClassVar[str] = "extrinsics"
    title: ClassVar[str] = "Pose of a camera the wrong way"
    question: ClassVar[str] = "Would a camera's pose fit better inverted, or with other axes?"
    group: ClassVar[Group] = Group.SENSORS
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.CAMERAS, Need.BOXES_2D})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_residual", 0.02, "median distance, as a share of the image's width, from "
                  "which another pose is tried", high=1.0),
        Parameter("unexplained_residual", 0.15, "the same, from which it is told though no other "
                  "pose fits", high=1.0),
        Parameter("least_gain", 3.0, "by which another pose must be nearer", low=1.0),
        Parameter("least_boxes", 15.0, "to tell it from"),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        for camera_id, boxes in camera_boxes(scene, job).items():
            rows = np.flatnonzero(boxes.whole())
            if len(rows) < parameters.of("least_boxes"):
                continue
            residuals = residuals_px(boxes, rows)
            finding = self._judge(scene, camera_id, boxes, residuals, parameters)
            if finding is not None:
                yield finding

    def _judge(
        self, scene: CheckedScene, camera_id: str, boxes: CameraBoxes,
        residuals: Mapping[str, float], parameters: Parameters,
    ) -> Finding | None:  # fmt: skip
        width_px = boxes.model.width_px
        now = residuals[AS_IS]
        best = min(residuals, key=residuals.__getitem__)
        if now < parameters.of("least_residual") * width_px:
            return None
        gain = now / max(residuals[best], 1e-3)
        explained = gain >= parameters.of("least_gain")
        if not explained and now < parameters.of("unexplained_residual") * width_px:
            return None
        text = f"{camera_id}: half of the cuboids project {now:.0f} px or more from their 2D boxes"
        text += (
            f"; with {best} {residuals[best]:.0f} px" if explained
            else "; no usual mistake of its pose explains it"
        )  # fmt: skip
        return Finding(
            check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
            score=1.0 - 1.0 / gain if explained else 0.5,
            severity=Severity.HIGH if explained else Severity.MEDIUM, text=text,
            evidence=Evidence(
                {_number(name): value for name, value in residuals.items()}, camera_id=camera_id
            ),
            sensor_id=camera_id,
        )  # fmt: skip


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
    for name, poses in _hypotheses(ego_from_camera):
        camera_from_ego = np.linalg.inv(poses)
        points = np.einsum("nij,nj->ni", camera_from_ego[:, :3, :3], centers)
        points += camera_from_ego[:, :3, 3]
        pixels, valid = model.project(points)
        apart = np.linalg.norm(pixels - middles, axis=1)
        apart = np.where(valid, np.minimum(apart, farthest), farthest)
        found[name] = min(found.get(name, np.inf), float(np.median(apart)))
    return found


def _hypotheses(ego_from_camera: Floats) -> Iterable[tuple[str, Floats]]:
    rotation, place = ego_from_camera[:, :3, :3], ego_from_camera[:, :3, 3]
    yield AS_IS, ego_from_camera
    yield INVERSE, np.linalg.inv(ego_from_camera).astype(np.float64)
    yield TRANSPOSED, _poses(rotation.transpose(0, 2, 1), place)
    yield PLACE, _poses(rotation, -np.einsum("nij,nj->ni", rotation, place))
    for name, turn in AXIS_TURNS:
        yield name, _poses(rotation @ turn, place)


def _poses(rotation: Floats, place: Floats) -> Floats:
    poses = np.zeros((len(rotation), 4, 4))
    poses[:, :3, :3], poses[:, :3, 3], poses[:, 3, 3] = rotation, place, 1.0
    return poses


def _axis_turns() -> tuple[tuple[str, Floats], ...]:
    """Every way but the identity in which x, y and z can be mistaken for each other."""
    named: dict[tuple[tuple[int, ...], ...], str] = {
        # Columns: where right, down and forward lie among the axes as they were written.
        ((0, 0, 1), (-1, 0, 0), (0, -1, 0)): VEHICLE_AXES,
        ((1, 0, 0), (0, -1, 0), (0, 0, -1)): OPENGL_AXES,
    }
    found = []
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        turn = np.zeros((3, 3))
        turn[range(3), order] = signs
        if np.linalg.det(turn) > 0 and not np.array_equal(turn, np.eye(3)):
            key = tuple(tuple(int(value) for value in row) for row in turn)
            found.append((named.get(key, AXES), turn))
    return tuple(found)


AXIS_TURNS: Final = _axis_turns()


def _number(name: str) -> str:
    words = {
        AS_IS: "as_is", INVERSE: "inverse", TRANSPOSED: "transposed", PLACE: "translation_inverted",
        VEHICLE_AXES: "vehicle_axes", OPENGL_AXES: "opengl_axes", AXES: "other_axes",
    }  # fmt: skip
    return f"{words[name]}_px"
