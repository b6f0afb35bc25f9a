"""The numbers of one camera: its lens, its pose, its time."""

import math

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel
from viewer.scene.sensors import CameraSensor
from viewer.session.facts import Fact, FactGroup, degrees, euler_rad, position
from viewer.session.frame_content import FrameContent
from viewer.session.view_settings import ViewSettings

RIGID_TOLERANCE = 1e-6

_LENS_TITLES = {
    "pinhole": "Pinhole",
    "brown_conrady": "Brown-Conrady",
    "fisheye": "Fisheye (Kannala-Brandt)",
    "mei": "Unified omnidirectional (MEI)",
}


def camera_facts(
    content: FrameContent, sensor_id: str, view: ViewSettings
) -> tuple[FactGroup, ...]:
    """Facts of a camera; empty when the rig does not hold it."""
    camera = content.rig.cameras.get(sensor_id)
    if camera is None:
        return ()
    groups = [_image_group(content, camera, view), _lens_group(camera)]
    if camera.model is not None:
        facts = tuple(Fact(n, f"{v:.10g}{_unit(n)}") for n, v in camera.model.parameters().items())
        groups.append(FactGroup("Lens parameters", facts))
    groups.append(_pose_group(content, camera))
    if camera.camera_matrix is not None:
        groups.append(_matrix_group(camera.camera_matrix))
    return tuple(groups)


def _unit(parameter: str) -> str:
    return " px" if parameter in ("fx", "fy", "cx", "cy") else ""


def _image_group(content: FrameContent, camera: CameraSensor, view: ViewSettings) -> FactGroup:
    facts: list[Fact] = []
    image = content.images.get(camera.sensor_id)
    stored = None if image is None else (image.full_width_px, image.full_height_px)
    if stored is not None:
        facts.append(Fact("Image", f"{stored[0]} × {stored[1]} px"))
    model = camera.model
    if model is not None and stored != (model.width_px, model.height_px):
        differs = stored is not None
        note = "The calibration is for another image size" if differs else ""
        size = f"{model.width_px} × {model.height_px} px"
        facts.append(Fact("Calibrated for", size, note, is_problem=differs))
    if image is None:
        facts.append(Fact("Image", "none in this frame"))
    source = next((i.source for i in content.frame.images if i.sensor_id == camera.sensor_id), None)
    if source is not None:
        facts.append(Fact("File", source))
    facts += time_facts(content, camera.sensor_id, view)
    return FactGroup("Image", tuple(facts))


def time_facts(content: FrameContent, sensor_id: str, view: ViewSettings) -> list[Fact]:
    """Time of a camera's image against the frame's, and the offset that was set by hand."""
    facts: list[Fact] = []
    frame_ns = content.timestamp_ns
    own = (i.timestamp_ns for i in content.frame.images if i.sensor_id == sensor_id)
    image_ns = next((time for time in own if time is not None), None)
    if frame_ns is not None and image_ns is not None:
        note = "Recorded time of the image against the time of the frame"
        facts.append(Fact("Time", f"{(image_ns - frame_ns) / 1e6:+.1f} ms", note))
    offset_ns = view.time_offsets_ns.get(sensor_id, 0)
    if offset_ns:
        note = "Added to the recorded time by hand"
        facts.append(Fact("Time offset", f"{offset_ns / 1e6:+.1f} ms", note))
    return facts


def _lens_group(camera: CameraSensor) -> FactGroup:
    model = camera.model
    if model is None:
        reason = camera.refusal or "There is no calibration for this camera"
        return FactGroup("Lens", (Fact("Nothing drawn", reason, is_problem=True),))
    facts = [Fact("Model", _LENS_TITLES.get(model.name, model.name)), _domain_fact(model)]
    horizontal, vertical = fields_of_view_rad(model)
    facts += [
        Fact("Field of view", f"{degrees(horizontal)} × {degrees(vertical)}",
             "Horizontal and vertical, through the middle of the image"),
    ]  # fmt: skip
    return FactGroup("Lens", tuple(facts))


def _domain_fact(model: CameraModel) -> Fact:
    domain = model.domain
    if math.isinf(domain.limit) or domain.limit >= math.pi:
        note = "The lens maps every ray of this cone one to one; nothing folds back"
        return Fact("Valid to", f"{degrees(domain.angle_rad)} off axis", note)
    note = "Beyond this angle off the axis the lens folds back; nothing is drawn there"
    if domain.kind == "radius":
        note += f" (normalised radius {domain.limit:.4f})"
    return Fact("Valid to", f"{degrees(domain.angle_rad)} off axis", note)


def fields_of_view_rad(model: CameraModel) -> tuple[float, float]:
    """Angles between the rays of opposite border middles; NaN where a border sees nothing.

    The parts on both sides of the axis are added, so that angles over 180 degrees come out.
    """
    parameters = model.parameters()
    cx, cy = parameters["cx"], parameters["cy"]
    right, bottom = model.width_px - 1.0, model.height_px - 1.0
    borders = np.array([[0.0, cy], [right, cy], [cx, 0.0], [cx, bottom]])
    directions, valid = model.unproject(borders)
    off_axis = np.arctan2(np.hypot(directions[:, 0], directions[:, 1]), directions[:, 2])
    off_axis[~valid] = math.nan
    left, right_side, top, bottom_side = off_axis.tolist()
    return left + right_side, top + bottom_side


def _pose_group(content: FrameContent, camera: CameraSensor) -> FactGroup:
    ego = content.rig.ego_coord_frame_id
    ego_from_camera = content.rig.transforms.transform(
        ego, camera.coord_frame_id, content.timestamp_ns
    )
    yaw, pitch, roll = euler_rad(ego_from_camera.rotation @ _CAMERA_FROM_VEHICLE_AXES)
    facts = [
        Fact("Position", position(ego_from_camera.translation), "x, y, z"),
        Fact("Yaw", degrees(yaw), f"Direction of view about z; 0 is along x of {ego}"),
        Fact("Pitch", degrees(pitch), "Positive looks down"),
        Fact("Roll", degrees(roll), "About the direction of view"),
        Fact("Coord frame", camera.coord_frame_id),
    ]
    facts += [
        Fact("Note", note)
        for note in content.rig.transforms.notes
        if f"'{camera.coord_frame_id}'" in note
    ]
    return FactGroup(f"Pose in {ego}", tuple(facts))


_CAMERA_FROM_VEHICLE_AXES = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
"""Turns x right, y down, z forward into x forward, y left, z up: a camera that looks along x
of the vehicle then has no yaw, pitch or roll."""


def _matrix_group(matrix: npt.NDArray[np.float64]) -> FactGroup:
    facts = [
        Fact(f"Row {row + 1}", "  ".join(f"{value:.6g}" for value in matrix[row].tolist()))
        for row in range(4)
    ]
    facts.append(rigidity_fact(matrix))
    return FactGroup("Camera matrix", tuple(facts))


def rigidity_fact(matrix: npt.NDArray[np.float64]) -> Fact:
    """Say whether a (4, 4) matrix is a rigid transform and, if not, what it does instead."""
    note = "The matrix is used as given, after the pose"
    turn = matrix[:3, :3]
    if not np.isfinite(matrix).all():
        return Fact("Rigid", "no: it is not finite", note, is_problem=True)
    if np.abs(matrix[3] - (0.0, 0.0, 0.0, 1.0)).max() > RIGID_TOLERANCE:
        return Fact("Rigid", "no: its last row is not 0 0 0 1", note, is_problem=True)
    determinant = float(np.linalg.det(turn))
    error = float(np.abs(turn @ turn.T - np.eye(3)).max())
    if error <= RIGID_TOLERANCE and determinant > 0:
        return Fact("Rigid", "yes", note)
    if determinant < 0 and error <= RIGID_TOLERANCE:
        return Fact("Rigid", "no: it mirrors", note, is_problem=True)
    stretches = np.linalg.svd(turn, compute_uv=False)
    low, high = float(stretches.min()), float(stretches.max())
    mirrors = " and mirrors" if determinant < 0 else ""
    value = f"no: it scales by {low:.6g} to {high:.6g}{mirrors}"
    return Fact("Rigid", value, note, is_problem=True)
