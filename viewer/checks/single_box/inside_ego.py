"""A box inside the vehicle that records, or farther than its sensors see."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.geometry.transform_tree import TransformTreeError
from viewer.metrics.objects import Ints
from viewer.progress import JobContext
from viewer.scene.sensors import Rig

ALWAYS_LABELS = 10
"""In the vehicle, of a track that is nowhere else, for it to be the vehicle's own."""


class InsideEgo(Check):
    """The vehicle's footprint is laid around its coord frame.

    Datasets may label the recording vehicle itself: a track, or a class, that is in it all the time
    is left alone. So is a lone cloud without sensors around it, whose origin is no vehicle.
    """

    id: ClassVar[str] = "inside-ego"
    numbers: ClassVar[tuple[int, ...]] = (9,)
    title: ClassVar[str] = "Inside the vehicle or out of range"
    question: ClassVar[str] = "Is the box where sensors can see objects?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.EGO_POSES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("half_length_m", 1.5, "of the vehicle's footprint that no centre lies in"),
        Parameter("half_width_m", 0.7, "of the same"),
        Parameter("most_range_m", 250.0, "that a sensor sees"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        rows = scene.boxes
        pose = scene.world_from_ego[scene.labels.frame_rows[rows]]
        offset = scene.labels.centers_m[rows] - pose[:, :3, 3]
        own = np.einsum("nij,ni->nj", pose[:, :3, :3], offset)
        inside = (np.abs(own[:, 0]) < parameters.of("half_length_m")) & (
            np.abs(own[:, 1]) < parameters.of("half_width_m")
        )
        inside &= ~_vehicle_itself(scene, rows, inside)
        if not _has_vehicle(scene):
            inside[:] = False
        for row in rows[inside].tolist():
            yield self.found(
                scene, row, score=1.0, severity=Severity.HIGH,
                text="Its centre lies inside the vehicle that records",
                numbers={"range_m": scene.ranges_m[row]},
                fix=Fix(FixKind.DELETE, "delete the label"),
            )  # fmt: skip
        most = parameters.of("most_range_m")
        for row in rows[scene.ranges_m[rows] > most].tolist():
            far = float(scene.ranges_m[row])
            yield self.found(
                scene, row, score=1.0 - most / far, severity=Severity.MEDIUM,
                text=f"It is {far:.0f} m away; sensors see {most:.0f} m",
                numbers={"range_m": far},
            )  # fmt: skip


def _vehicle_itself(
    scene: CheckedScene, rows: Ints, inside: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """(K,) True for labels that stand for the vehicle that records."""
    own = np.array([name.lower().startswith("ego") for name in scene.class_of[rows]], dtype=bool)
    tracks = scene.labels.track_rows
    if tracks is None:
        return own
    frames = len(scene.labels.frames)
    for track in np.unique(tracks[rows[inside & (tracks[rows] >= 0)]]).tolist():
        of_track = tracks[rows] == track
        always = inside[of_track].all() and of_track.sum() >= max(ALWAYS_LABELS, frames / 2)
        own |= of_track & always
    return own


def _has_vehicle(scene: CheckedScene) -> bool:
    """Whether sensors are mounted around the origin, or it moves."""
    poses = scene.world_from_ego[np.isfinite(scene.world_from_ego).all(axis=(1, 2))]
    if len(poses) and not np.allclose(poses, poses[0], atol=1e-6):
        return True
    rig = scene.scene.reader.read_rig(0)
    places = [each.coord_frame_id for each in rig.lidars.values()]
    places += [each.coord_frame_id for each in rig.cameras.values()]
    time_ns = scene.scene.frames[0].timestamp_ns
    return any(_is_mounted(rig, place, time_ns) for place in places)


def _is_mounted(rig: Rig, coord_frame_id: str, time_ns: int | None) -> bool:
    """Whether a sensor lies elsewhere than the vehicle's origin."""
    try:
        mounting = rig.transforms.transform(rig.ego_coord_frame_id, coord_frame_id, time_ns)
    except TransformTreeError:
        return False
    return not np.allclose(mounting.matrix, np.eye(4), atol=1e-6)
