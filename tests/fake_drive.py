"""A small drive in memory with known truth, and a session that works off it."""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from viewer.formats.base import DamagedData
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_matrix, quaternion_from_yaw
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.class_map import ClassMap
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Dataset, Frame, Problem, Scene, SweepRef
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig
from viewer.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from viewer.session.changes import Change

PERIOD_NS = 100_000_000
START_NS = 1_000_000_000
SPEED_M_A_FRAME = 1.0
LIDAR_HEIGHT_M = 1.8
CAR_SIZE = (4.0, 2.0, 1.5)
CAR_POINTS = 40
WALKER_FRAMES = (3, 4, 6, 7, 8)
FRONT_IMAGE_DELAY_NS = 20_000_000

FORWARD = quaternion_from_matrix(np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]]))
BACKWARD = quaternion_from_matrix(np.array([[0.0, 0, -1], [1, 0, 0], [0, -1, 0]]))
"""`ego_from_camera` of a camera that looks along +x, and of one that looks along -x."""


class FakeReader:
    """Answers from numbers; counts what is read, fails and waits where a test wants it."""

    def __init__(self, frame_count: int, *, car_count: int = 1) -> None:
        self.frame_count = frame_count
        self.car_count = car_count
        self.read_counts: Counter[tuple[str, int]] = Counter()
        self.damaged: set[tuple[str, int]] = set()
        self.broken_disk: set[tuple[str, int]] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.closed = False
        self.found: list[Problem] = []
        self._lock = threading.Lock()
        self.rig = make_rig(frame_count)

    def _enter(self, kind: str, frame_index: int) -> None:
        assert self.gate.wait(10)
        with self._lock:
            self.read_counts[kind, frame_index] += 1
        if (kind, frame_index) in self.damaged:
            raise DamagedData(f"/fake/{frame_index}.{kind}", "byte 7", "the file is cut off")
        if (kind, frame_index) in self.broken_disk:
            raise OSError(5, "Input/output error", f"/fake/{frame_index}.{kind}")

    def read_rig(self, frame_index: int) -> Rig:
        return self.rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        self._enter("points", frame_index)
        xyz = np.concatenate([ground_points(), car_points(frame_index)]).astype(np.float32)
        intensity = np.linspace(0, 1, len(xyz), dtype=np.float32)
        time_ns = START_NS + frame_index * PERIOD_NS
        return PointCloud(xyz, {"intensity": intensity}, "lidar", time_ns)

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        self._enter("image", frame_index)
        pixels = np.full((40, 64, 4), 128, np.uint8)
        pixels[..., 3] = 255
        return Image(pixels, 640, 400)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        self._enter("labels", frame_index)
        if label_set_id == "gt":
            return truth(frame_index, self.car_count)
        return predictions(frame_index)

    def problems(self) -> list[Problem]:
        return list(self.found)

    def close(self) -> None:
        self.closed = True


def make_rig(frame_count: int) -> Rig:
    """Ego drives along +x of the world, 1 m a frame; the third camera has no lens we know."""
    steps = np.arange(max(frame_count, 2))
    still = np.tile([1.0, 0, 0, 0], (len(steps), 1))
    positions = np.column_stack([steps * SPEED_M_A_FRAME, 0 * steps, 0 * steps]).astype(float)
    edges = [
        Trajectory("world", "ego", START_NS + steps * PERIOD_NS, still, positions, "extrapolate"),
        RigidTransform("ego", "lidar", np.eye(3), np.array([0, 0, LIDAR_HEIGHT_M])),
        RigidTransform.from_quaternion("ego", "front", FORWARD, [1.0, 0.5, 1.5]),
        RigidTransform.from_quaternion("ego", "rear", BACKWARD, [-1.0, 0, 1.5]),
        RigidTransform.from_quaternion("ego", "side", FORWARD, [0, 1.0, 1.5]),
    ]
    cameras = {
        "front": CameraSensor("front", "front", Pinhole(640, 400, fx=400, fy=400)),
        "rear": CameraSensor("rear", "rear", Fisheye(640, 400, fx=200, fy=200)),
        "side": CameraSensor("side", "side", None, "The lens model double_sphere is not known"),
    }
    notes = ["orientation of 'rear' was normalised (norm 1.3)"]
    lidars = {"lidar": LidarSensor("lidar", "lidar")}
    return Rig(cameras, lidars, TransformTree(edges, notes), "ego")


def ground_points() -> np.ndarray:
    """(N, 3) lidar coord frame: a slope that rises 5 cm a metre along x, 0 under the ego."""
    x, y = np.meshgrid(np.arange(-20, 20, 0.4), np.arange(-10, 10, 0.4))
    z = 0.05 * x - LIDAR_HEIGHT_M
    return np.column_stack([x.ravel(), y.ravel(), z.ravel()])


def car_center_lidar(frame_index: int) -> tuple[float, float, float]:
    """The car stays at x = 30 in the world, so that the ego comes nearer by 1 m a frame."""
    return 30.0 - frame_index * SPEED_M_A_FRAME, 2.0, 0.5


def car_points(frame_index: int) -> np.ndarray:
    """(40, 3) points well inside the car's box."""
    spread = np.random.default_rng(frame_index).uniform(-0.45, 0.45, (CAR_POINTS, 3))
    return spread * CAR_SIZE + car_center_lidar(frame_index)


def truth(frame_index: int, car_count: int = 1) -> FrameLabels:
    """Return a parked car in every frame, a walker in some; more cars stand in rows beside."""
    centers = [car_center_lidar(frame_index)]
    sizes, yaws = [CAR_SIZE], [0.0]
    ids, tracks, classes = [f"car-{frame_index}"], ["1"], ["car"]
    attributes = [{"parked": True, "occlusion": "partly", "doors": 4}]
    velocities = [(0.0, 0.0, 0.0)]
    for extra in range(1, car_count):
        centers.append((15.0 + 6 * (extra % 40), 30.0 + 4 * (extra // 40), 0.5))
        sizes.append(CAR_SIZE)
        yaws.append(0.0)
        ids.append(f"extra-{extra}-{frame_index}")
        tracks.append(f"x{extra}")
        classes.append("truck" if extra % 3 else "car")
        attributes.append({})
        velocities.append((np.nan, np.nan, np.nan))
    if frame_index in WALKER_FRAMES:
        centers.append((10.0, -3.0, -0.9))
        sizes.append((0.5, 0.6, 1.8))
        yaws.append(np.pi / 2)
        ids.append(f"walker-{frame_index}")
        tracks.append("2")
        classes.append("pedestrian")
        attributes.append({"occlusion": "none"})
        velocities.append((3.0, 4.0, 0.0))
    count = len(ids)
    cuboids = CuboidLabels(
        Cuboids(np.array(centers), np.array(sizes), quaternion_from_yaw(np.array(yaws)), "lidar"),
        ids, classes, tracks, np.full(count, np.nan), attributes, np.array(velocities),
        START_NS + frame_index * PERIOD_NS,
    )  # fmt: skip
    boxes = BoxLabels2D(
        np.array([[100.0, 120.0, 180.0, 170.0]]), ["front"], [ids[0]], ["car"], ["1"],
        np.array([np.nan]), [{}],
    )  # fmt: skip
    return FrameLabels(cuboids, boxes)


def predictions(frame_index: int) -> FrameLabels:
    """Return two guesses with scores and without tracks."""
    x, y, z = car_center_lidar(frame_index)
    center = np.array([[x + 0.3, y, z], [8.0, 6.0, 0.0]])
    size = np.array([[4.2, 1.9, 1.5], [4.0, 2.0, 1.5]])
    boxes = Cuboids(center, size, quaternion_from_yaw(np.array([0.05, 1.0])), "lidar")
    ids = [f"p0-{frame_index}", f"p1-{frame_index}"]
    return FrameLabels(
        CuboidLabels(boxes, ids, ["car", "car"], [None, None], np.array([0.9, 0.2]), [{}, {}])
    )


def make_scene(
    frame_count: int = 12, *, scene_id: str = "drive", independent: bool = False, car_count: int = 1
) -> Scene:
    """A scene over a `FakeReader`."""
    frames = tuple(
        Frame(
            index, f"{index:06d}", START_NS + index * PERIOD_NS,
            (SweepRef("lidar", START_NS + index * PERIOD_NS, f"/fake/{index}.bin"),),
            (
                ImageRef("front", START_NS + index * PERIOD_NS + FRONT_IMAGE_DELAY_NS, "front.jpg"),
                ImageRef("rear", START_NS + index * PERIOD_NS, "rear.jpg"),
            ),
        )
        for index in range(frame_count)
    )  # fmt: skip
    sets = (
        LabelSet("gt", LabelSetKind.GROUND_TRUTH, "Ground truth"),
        LabelSet("model", LabelSetKind.PREDICTIONS, "Model"),
    )
    return Scene(
        scene_id, Path("/fake") / scene_id, "fake", frames,
        FakeReader(frame_count, car_count=car_count), sets,
        ClassMap.from_names(["car", "pedestrian", "truck"]), independent, ("lidar",),
        ("front", "rear", "side"),
    )  # fmt: skip


def make_dataset(*scenes: Scene) -> Dataset:
    """A dataset of scenes, by default of one."""
    return Dataset(Path("/fake"), "fake", scenes or (make_scene(),))


class Desk:
    """A session whose worker threads answer when a test lets them: no Qt, no sleeping."""

    def __init__(self, opener: Callable[..., Dataset] | None = None, **options: object) -> None:
        self.posted: queue.Queue[Callable[[], None]] = queue.Queue()
        self.changes: list[Change] = []
        self.session = Session(
            self.posted.put, opener or (lambda _c, _p: make_dataset()), **options
        )
        self.session.subscribe(self.changes.append)

    def settle(self, until: Callable[[], bool] | None = None) -> None:
        """Run answers on this thread until the condition holds (by default: no job is left)."""
        holds = until or (lambda: not self.session.jobs.busy)
        deadline = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < deadline, "the jobs do not come to an end"
            try:
                self.posted.get(timeout=0.05)()
            except queue.Empty:
                continue
        while not self.posted.empty():
            self.posted.get_nowait()()

    def seen(self, kind: type) -> list[Change]:
        """Return the changes of one kind, and forget them all."""
        found = [change for change in self.changes if isinstance(change, kind)]
        self.changes.clear()
        return found

    def close(self) -> None:
        self.session.shut_down()
