"""Scenes from numpy arrays: points, images, lenses, poses and cuboids, without any file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.frame_builder import FrameBuilder
from viewer.formats.memory_reader import MEMORY_FORMAT_NAME, MemoryReader
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.rotation import matrix_from_quaternion, quaternion_from_matrix
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.class_map import ClassMap, Rgb
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Scene
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig

EGO = "ego"
WORLD = "world"
Floats = npt.NDArray[np.float64]

# Columns are the camera's axes (right, down, forward) in a body that looks along its own x.
_BODY_FROM_OPTICAL = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])


class SceneBuilder:
    """Collects sensors and frames, then builds a `Scene` that lives in memory.

    Sensors sit in the coord frame "ego" (x forward, y left, z up), which moves in "world" as the
    frames say. All angles are radians; yaw turns left, pitch tips the nose down, roll leans right.

    Parameters
    ----------
    scene_id
        Name of the scene.
    description
        A sentence about it.
    class_colours
        Red, green and blue by class name, 0..255; other classes get colours of the palette.
    independent
        True when the frames share no time.

    Examples
    --------
    >>> import numpy as np
    >>> from viewer.geometry.cameras import Pinhole
    >>> builder = SceneBuilder("one box")
    >>> builder.add_lidar("top", position=(0, 0, 1.8))
    >>> builder.add_camera("front", Pinhole(640, 400, fx=400, fy=400), position=(1.5, 0, 1.4))
    >>> frame = builder.add_frame(timestamp_ns=0)
    >>> frame.add_points("top", np.zeros((5, 3), dtype=np.float32), intensity=np.arange(5))
    >>> frame.add_cuboids([[10, 0, 1]], [[4, 2, 1.5]], class_names=["car"], yaw_rad=0.1)
    >>> scene = builder.build()
    >>> len(scene), scene.camera_ids, scene.class_map.names
    (1, ('front',), ('car',))
    """

    def __init__(
        self,
        scene_id: str,
        *,
        description: str = "",
        class_colours: Mapping[str, Rgb] | None = None,
        independent: bool = False,
    ) -> None:
        self._scene_id = scene_id
        self._description = description
        self._class_colours = dict(class_colours or {})
        self._independent = independent
        self._cameras: dict[str, CameraSensor] = {}
        self._lidars: dict[str, LidarSensor] = {}
        self._edges: list[RigidTransform] = []
        self._label_sets: dict[str, LabelSet] = {}
        self._poses: dict[int, tuple[Floats, Floats]] = {}
        self._frames: list[FrameBuilder] = []
        self._keys: set[str] = set()

    def add_lidar(
        self,
        sensor_id: str,
        *,
        position: Sequence[float] = (0.0, 0.0, 0.0),
        yaw_rad: float = 0.0,
        pitch_rad: float = 0.0,
        roll_rad: float = 0.0,
    ) -> None:
        """Mount a lidar on the ego; its points are given in its own coord frame."""
        self._require_new(sensor_id)
        self._lidars[sensor_id] = LidarSensor(sensor_id, sensor_id)
        rotation = body_rotation(yaw_rad, pitch_rad, roll_rad)
        self._edges.append(RigidTransform(EGO, sensor_id, rotation, np.asarray(position)))

    def add_camera(
        self,
        sensor_id: str,
        model: CameraModel,
        *,
        position: Sequence[float] = (0.0, 0.0, 0.0),
        yaw_rad: float = 0.0,
        pitch_rad: float = 0.0,
        roll_rad: float = 0.0,
        orientation_wxyz: Sequence[float] | None = None,
        camera_matrix: npt.ArrayLike | None = None,
    ) -> None:
        """Mount a camera on the ego, looking along the ego's x turned by yaw, pitch and roll.

        `orientation_wxyz` says it directly: the rotation ego from camera (x right, y down,
        z forward). `camera_matrix` is an extra (4, 4) applied after the pose.
        """
        self._require_new(sensor_id)
        if orientation_wxyz is None:
            rotation = body_rotation(yaw_rad, pitch_rad, roll_rad) @ _BODY_FROM_OPTICAL
        else:
            rotation = matrix_from_quaternion(orientation_wxyz)
        matrix = None if camera_matrix is None else np.array(camera_matrix, dtype=np.float64)
        self._cameras[sensor_id] = CameraSensor(sensor_id, sensor_id, model, None, matrix)
        self._edges.append(RigidTransform(EGO, sensor_id, rotation, np.asarray(position)))

    def add_label_set(self, label_set_id: str, *, predictions: bool, title: str = "") -> None:
        """Describe a label set; one that is only used is a ground truth."""
        kind = LabelSetKind.PREDICTIONS if predictions else LabelSetKind.GROUND_TRUTH
        self._label_sets[label_set_id] = LabelSet(label_set_id, kind, title or label_set_id)

    def add_ego_pose(
        self,
        timestamp_ns: int,
        *,
        position: Sequence[float],
        yaw_rad: float = 0.0,
        orientation_wxyz: Sequence[float] | None = None,
    ) -> None:
        """Say where the ego was at a time; between such times its pose is interpolated."""
        rotation = (
            quaternion_from_matrix(body_rotation(yaw_rad, 0.0, 0.0))
            if orientation_wxyz is None
            else np.asarray(orientation_wxyz, dtype=np.float64)
        )
        self._poses[timestamp_ns] = (np.asarray(position, dtype=np.float64), rotation)

    def add_frame(
        self,
        *,
        timestamp_ns: int | None = None,
        key: str | None = None,
        ego_position: Sequence[float] | None = None,
        ego_yaw_rad: float = 0.0,
        ego_orientation_wxyz: Sequence[float] | None = None,
    ) -> FrameBuilder:
        """Append a frame and return it, to be filled.

        The ego's pose may be given here (with a time), through `add_ego_pose`, or not at all.
        """
        if ego_position is not None:
            if timestamp_ns is None:
                raise ValueError("a frame with an ego pose needs a timestamp_ns")
            self.add_ego_pose(
                timestamp_ns,
                position=ego_position,
                yaw_rad=ego_yaw_rad,
                orientation_wxyz=ego_orientation_wxyz,
            )
        index = len(self._frames)
        name = key if key is not None else f"{index:06d}"
        if name in self._keys:
            raise ValueError(f"there is a frame {name!r} already")
        self._keys.add(name)
        frame = FrameBuilder(
            index,
            name,
            timestamp_ns,
            lidars=self._lidars,
            cameras=self._cameras,
        )
        self._frames.append(frame)
        return frame

    def build(self) -> Scene:
        """Return the scene with everything added so far."""
        rig = self.build_rig()
        contents = tuple(frame.content() for frame in self._frames)
        used = dict.fromkeys(name for content in contents for name in content.labels)
        for name in used:
            if name not in self._label_sets:
                self.add_label_set(name, predictions=False)
        class_names = [*self._class_colours]
        for content in contents:
            class_names += content.class_names()
        return Scene(
            scene_id=self._scene_id,
            path=Path(self._scene_id),
            format_name=MEMORY_FORMAT_NAME,
            frames=tuple(content.frame for content in contents),
            reader=MemoryReader(rig, contents),
            label_sets=tuple(self._label_sets.values()),
            class_map=ClassMap.from_names(class_names, self._class_colours),
            independent=self._independent,
            lidar_ids=tuple(self._lidars),
            camera_ids=tuple(self._cameras),
            description=self._description,
        )

    def build_rig(self) -> Rig:
        """Return the sensors and coord frames added so far."""
        return Rig(dict(self._cameras), dict(self._lidars), self._tree(), EGO)

    def _tree(self) -> TransformTree:
        if not self._poses:
            return TransformTree([RigidTransform.identity(WORLD, EGO), *self._edges])
        times = sorted(self._poses)
        trajectory = Trajectory(
            WORLD,
            EGO,
            np.array(times, dtype=np.int64),
            np.array([self._poses[time][1] for time in times]),
            np.array([self._poses[time][0] for time in times]),
        )
        return TransformTree([trajectory, *self._edges])

    def _require_new(self, sensor_id: str) -> None:
        if sensor_id in self._cameras or sensor_id in self._lidars or sensor_id in (EGO, WORLD):
            raise ValueError(f"there is a sensor or coord frame {sensor_id!r} already")


def body_rotation(yaw_rad: float, pitch_rad: float, roll_rad: float) -> Floats:
    """(3, 3) `parent_from_body`: roll about x, then pitch about y, then yaw about z."""
    turns: list[Any] = []
    for angle, (i, j) in ((yaw_rad, (0, 1)), (pitch_rad, (2, 0)), (roll_rad, (1, 2))):
        turn = np.eye(3)
        turn[i, i] = turn[j, j] = np.cos(angle)
        turn[i, j], turn[j, i] = -np.sin(angle), np.sin(angle)
        turns.append(turn)
    rotation: Floats = turns[0] @ turns[1] @ turns[2]
    return rotation
