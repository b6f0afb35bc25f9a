"""When and where the frames of a scene were recorded, as layouts with a moving vehicle want it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.native.paths import file_stem
from viewer.formats.writers.losses import LossLog
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTreeError
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import Rig

FRAME_INTERVAL_NS = 100_000_000
WORLD = "world"
Array = npt.NDArray[np.float64]


class FrameTimes:
    """Strictly increasing times that a target may name frames by.

    A scene whose frames lack a time, share one or go back in time is counted at ten frames a
    second from 0.
    """

    def __init__(self, scene: Scene, losses: LossLog) -> None:
        times = [frame.timestamp_ns for frame in scene.frames]
        known = [time for time in times if time is not None]
        self.are_own = len(known) == len(times) and all(
            earlier < later for earlier, later in zip([-1, *known], known, strict=False)
        )
        counted = [at * FRAME_INTERVAL_NS for at in range(len(times))]
        self._times = known if self.are_own else counted
        if not self.are_own:
            why = "frames need increasing times; they are counted at ten a second from 0"
            losses.add("time of a frame", scene.scene_id, why, len(times))

    def __getitem__(self, frame_index: int) -> int:
        return self._times[frame_index]

    def of_recording(self, frame: Frame, timestamp_ns: int | None) -> int:
        """Return the time of a sweep or image of a frame; the frame's where it has no own."""
        if not self.are_own or timestamp_ns is None or timestamp_ns < 0:
            return self._times[frame.index]
        return timestamp_ns


class ScenePoses:
    """Rigs of a scene, and poses out of them; what is missing is noted and taken as identity."""

    def __init__(self, scene: Scene, losses: LossLog) -> None:
        self._scene = scene
        self._losses = losses
        self._last: tuple[int, Rig | None] = (-1, None)

    def rig(self, frame: Frame) -> Rig | None:
        """Return the rig of a frame, None where it cannot be read."""
        if self._last[0] != frame.index:
            try:
                rig: Rig | None = self._scene.reader.read_rig(frame.index)
            except (DamagedData, TransformTreeError) as error:
                self._note(frame, "calibration", str(error))
                rig = None
            self._last = (frame.index, rig)
        return self._last[1]

    def vehicle(self, frame: Frame, at_ns: int | None) -> tuple[Array, Array]:
        """Return world_from_ego at a time, quaternion and translation; bits of a recorded pose."""
        rig = self.rig(frame)
        still = (np.array([1.0, 0.0, 0.0, 0.0]), np.zeros(3))
        if rig is None or rig.ego_coord_frame_id == WORLD:
            return still
        motion = vehicle_motion(rig)
        if motion is not None and at_ns is not None:
            row = int(np.searchsorted(motion.timestamps_ns, at_ns))
            if row < len(motion.timestamps_ns) and int(motion.timestamps_ns[row]) == at_ns:
                return motion.rotations_wxyz[row], motion.translations_m[row]
        try:
            pose = rig.transforms.transform(WORLD, rig.ego_coord_frame_id, at_ns)
        except TransformTreeError as error:
            self._note(frame, "pose of the vehicle", str(error))
            return still
        return quaternion_from_matrix(pose.rotation), pose.translation

    def ego_from(
        self, frame: Frame, coord_frame_id: str, src_ns: int | None, at_ns: int | None = None
    ) -> RigidTransform | None:
        """Return ego_from_`coord_frame_id` of `src_ns`, the vehicle being where it was at `at_ns`.

        Without `at_ns` both are of one time. None, with a note, where there is no way between them.
        """
        rig = self.rig(frame)
        if rig is None:
            return None
        ego = rig.ego_coord_frame_id
        try:
            at_ns = src_ns if at_ns is None else at_ns
            return rig.transforms.transform(ego, coord_frame_id, at_ns, src_ns=src_ns)
        except TransformTreeError as error:
            self._note(frame, "pose of a sensor", str(error))
            return None

    def between(
        self, frame: Frame, dst: str, src: str, dst_ns: int | None, src_ns: int | None
    ) -> RigidTransform | None:
        """Return `dst_from_src`, each at a time of its own; None, with a note, without a way."""
        rig = self.rig(frame)
        if rig is None:
            return None
        try:
            return rig.transforms.transform(dst, src, dst_ns, src_ns=src_ns)
        except TransformTreeError as error:
            self._note(frame, "pose of a sensor", str(error))
            return None

    def moved(
        self, cuboids: Cuboids, frame: Frame, dst: str, src_ns: int | None, at_ns: int | None
    ) -> Cuboids | None:
        """Return boxes in another coord frame; None, with a note, where there is no way there."""
        same_time = src_ns == at_ns or dst == WORLD
        if not len(cuboids) or (cuboids.coord_frame_id == dst and same_time):
            return replace(cuboids, coord_frame_id=dst)
        rig = self.rig(frame)
        if rig is None:
            return None
        try:
            move = rig.transforms.transform(dst, cuboids.coord_frame_id, at_ns, src_ns=src_ns)
        except TransformTreeError as error:
            self._note(frame, "cuboid", str(error), len(cuboids))
            return None
        return cuboids.transformed(move)

    def _note(self, frame: Frame, what: str, why: str, count: int = 1) -> None:
        self._losses.add(what, f"{self._scene.scene_id}/{frame.key}", why, count)


def vehicle_motion(rig: Rig) -> Trajectory | None:
    """Return the recorded motion of the vehicle in the world, None where it has another form."""
    for edge in rig.transforms.edges:
        if edge.src == rig.ego_coord_frame_id and edge.dst == WORLD:
            return edge if isinstance(edge, Trajectory) else None
    return None


def named_scenes(scenes: Sequence[Scene], losses: LossLog) -> Iterator[tuple[Scene, str]]:
    """Yield scenes with a file name each; note what becomes of their own names."""
    names = unique_stems([file_stem(scene.scene_id) for scene in scenes])
    for scene, name in zip(scenes, names, strict=True):
        if scene.scene_id != name:
            losses.add("scene name", scene.scene_id, f"becomes {name}")
        yield scene, name


def unique_stems(names: Sequence[str]) -> list[str]:
    """Return names with a number added to those that are taken."""
    found: list[str] = []
    for name in names:
        number = 1
        candidate = name
        while candidate in found:
            number += 1
            candidate = f"{name}_{number}"
        found.append(candidate)
    return found
