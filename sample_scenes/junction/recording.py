"""Records the junction: points, simple pictures, and exact labels of every frame."""

import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sample_scenes.junction.roads import Roads
from sample_scenes.junction.sensors import (
    CAMERAS,
    FRAME_COUNT,
    FRAME_STEP_NS,
    LIDARS,
    POSE_STEP_NS,
    START_NS,
    mount,
)
from sample_scenes.junction.surroundings import surroundings
from sample_scenes.junction.traffic import EGO_SIZE_M, draw_ego, draw_users
from sample_scenes.junction.two_part_world import TwoPartWorld, prepared
from sample_scenes.label_rows import GROUND_TRUTH, add_labels
from sample_scenes.labelling import BoxRow, FrameTruth, LabelRow, label_id
from sample_scenes.lidar import sweep
from sample_scenes.meshes import Mesh
from sample_scenes.picture import NO_INSTANCE, NOTHING, CastWorld
from sample_scenes.rigs import MountedCamera
from sample_scenes.road import Placement
from sample_scenes.road_users import SEDAN, car
from sample_scenes.traffic import RoadUser
from viewer.formats.builder import SceneBuilder
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.scene import Scene

RANGE_M = 72.0
STOPPED_MPS = 0.3
LEAST_SEEN_PX, LEAST_SIDE_PX = 20, 3.0
SUN = np.array([0.4, -0.3, 0.87])
SKY = np.array([0.62, 0.72, 0.86])


@dataclass(frozen=True, eq=False)
class Look:
    """One camera's image, and which object each pixel shows."""

    jpeg: bytes
    time_ns: int
    instances: npt.NDArray[np.int32]
    """(H, W); -1 where no labelled object is."""


class JunctionDrive:
    """One seed's junction over time."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.roads = Roads(np.random.default_rng([seed, 11]))
        self._ego, self._leaves_by = draw_ego(self.roads, np.random.default_rng([seed, 12]))

    def ego_at(self, time_s: float) -> Placement:
        """Where the recording car's rear axle stands."""
        return self._ego.placement_at(time_s)

    def add_poses(self, builder: SceneBuilder) -> None:
        """Say where the car is, rounded as it is written."""
        for step in range(-4, FRAME_COUNT * FRAME_STEP_NS // POSE_STEP_NS + 5):
            spot = self.ego_at(step * POSE_STEP_NS / 1e9)
            builder.add_ego_pose(
                START_NS + step * POSE_STEP_NS,
                position=np.round(spot.position, 5).tolist(),
                orientation_wxyz=np.round(quaternion_from_matrix(spot.rotation), 8).tolist(),
            )

    @cached_property
    def users(self) -> list[RoadUser]:
        """Everybody with a label."""
        rng = np.random.default_rng([self.seed, 16])
        return draw_users(self.roads, self._ego, self._leaves_by, rng)

    @cached_property
    def _transforms(self) -> TransformTree:
        builder = SceneBuilder("poses")
        mount(builder)
        self.add_poses(builder)
        return builder.build_rig().transforms

    @cached_property
    def _ego_mesh(self) -> Mesh:
        return car(SEDAN, EGO_SIZE_M, (0.4, 0.4, 0.42))

    @cached_property
    def _beams(self) -> list[npt.NDArray[np.float32]]:
        return [lidar.beams() for lidar in LIDARS]

    @cached_property
    def _rays(self) -> list[tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]]:
        return [_pixel_rays(camera) for camera in CAMERAS]

    @cached_property
    def _standing(self) -> CastWorld:
        rng = np.random.default_rng([self.seed, 13])
        still = [(at, user) for at, user in self._numbered if user.state != "moving"]
        return prepared(
            [surroundings(self.roads, rng), *(user.mesh_at(0.0) for _, user in still)],
            [NO_INSTANCE, *(at for at, _ in still)],
        )

    @property
    def _numbered(self) -> list[tuple[int, RoadUser]]:
        return list(enumerate(self.users))

    def _world_at(self, time_ns: int) -> TwoPartWorld:
        time_s = (time_ns - START_NS) / 1e9
        pose = self._transforms.transform("world", "ego", time_ns)
        # The ego's coord frame is at its rear axle; the body reaches further ahead of it.
        lift = pose.rotation @ np.array([1.3, 0.0, EGO_SIZE_M[2] / 2])
        ego = self._ego_mesh.moved(pose.rotation, (pose.translation + lift).tolist())
        moving = [(at, user) for at, user in self._numbered if user.state == "moving"]
        meshes = [ego, *(user.mesh_at(time_s) for _, user in moving)]
        return TwoPartWorld.joining(
            self._standing, prepared(meshes, [NO_INSTANCE, *(at for at, _ in moving)])
        )

    def add_frame(self, builder: SceneBuilder, index: int) -> None:
        """Measure one frame into a scene, and label it."""
        time_ns = START_NS + index * FRAME_STEP_NS
        rng = np.random.default_rng([self.seed, 14, index])
        frame = builder.add_frame(timestamp_ns=time_ns, key=f"{time_ns // 1_000_000}")
        world = self._world_at(time_ns)
        clouds = []
        for lidar, beams in zip(LIDARS, self._beams, strict=True):
            pose = self._transforms.transform("world", lidar.sensor_id, time_ns)
            points = sweep(world, pose, rng, beams, lidar.azimuths_deg[2])
            clouds.append(pose.apply(points.xyz))
            frame.add_points(
                lidar.sensor_id, points.xyz, intensity=points.intensity, ring=points.ring
            )
        looks = [self._look(place, time_ns) for place in range(len(CAMERAS))]
        for camera, look in zip(CAMERAS, looks, strict=True):
            frame.add_image(camera.sensor_id, look.jpeg, timestamp_ns=look.time_ns)
        add_labels(frame, self._labels(index, clouds, looks), GROUND_TRUTH)

    def _look(self, place: int, time_ns: int) -> Look:
        camera, (directions, valid) = CAMERAS[place], self._rays[place]
        own_ns = time_ns + round(camera.offset_ms * 1e6)
        world = self._world_at(own_ns)
        pose = self._transforms.transform("world", camera.sensor_id, own_ns)
        turned = (directions @ pose.rotation.T).astype(np.float32)
        hits = world.cast(pose.translation, turned)
        met = (hits.faces != NOTHING) & valid
        faces = hits.faces[met]
        instances = np.full(len(met), NO_INSTANCE, dtype=np.int32)
        instances[met] = world.instances[faces]
        light = 0.45 + 0.55 * np.clip(world.mesh.normals[faces, 0] @ SUN, 0, 1)
        rgb = np.tile(SKY, (len(met), 1))
        rgb[met] = np.sqrt(np.clip(world.mesh.colours[faces] * light[:, None], 0, 1))
        shape = (camera.model.height_px, camera.model.width_px)
        return Look(_jpeg(rgb.reshape(*shape, 3)), own_ns, instances.reshape(shape))

    def _labels(self, index: int, clouds: list[npt.NDArray[np.float64]], looks: list[Look]) -> FrameTruth:
        """Label who is in range and has a point, or is seen in an image."""
        time_s = index * FRAME_STEP_NS / 1e9
        ego = self.ego_at(time_s).position
        cuboids: list[LabelRow] = []
        boxes: list[BoxRow] = []
        for instance, user in self._numbered:
            pose = user.center_pose(time_s)
            if np.linalg.norm(pose.position - ego) > RANGE_M:
                continue
            row = _label_of(user, index, time_s, pose)
            seen = [
                box for camera, look in zip(CAMERAS, looks, strict=True)
                if (box := _box_of(row, camera, look, instance)) is not None
            ]  # fmt: skip
            cuboid = Cuboids(
                np.array([row.center]), np.array([row.size]), np.array([row.orientation_wxyz]),
                "world",
            )  # fmt: skip
            count = sum(int(cuboid.count_points(cloud)[0]) for cloud in clouds)
            if not (count or seen):
                continue
            row.attributes["num_points"] = count
            cuboids.append(row)
            boxes += seen
        return FrameTruth(cuboids, boxes)


def record_junction(seed: int) -> Scene:
    """Record one seed with exact labels."""
    drive = JunctionDrive(seed)
    builder = SceneBuilder(f"junction_{seed}", description="Synthetic junction with exact labels")
    mount(builder)
    drive.add_poses(builder)
    builder.add_label_set(GROUND_TRUTH, predictions=False, title="Labels")
    for index in range(FRAME_COUNT):
        drive.add_frame(builder, index)
    return builder.build()


def _label_of(user: RoadUser, index: int, time_s: float, pose: Placement) -> LabelRow:
    velocity = np.round(user.velocity_mps(time_s), 3)
    state: str = user.state
    if state == "moving" and np.linalg.norm(velocity) < STOPPED_MPS:
        state = "stopped"
    return LabelRow(
        label_id=label_id(user.track_id, index),
        track_id=user.track_id,
        class_name=user.class_name,
        center=tuple(np.round(pose.position, 4).tolist()),
        size=user.size_m,
        orientation_wxyz=tuple(np.round(quaternion_from_matrix(pose.rotation), 6).tolist()),
        velocity_mps=tuple(velocity.tolist()),
        attributes={"state": state},
    )


def _box_of(row: LabelRow, camera: MountedCamera, look: Look, instance: int) -> BoxRow | None:
    mask = look.instances == instance
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if int(mask.sum()) < LEAST_SEEN_PX or min(len(rows), len(columns)) < LEAST_SIDE_PX:
        return None
    left, top = float(columns[0]) - 0.5, float(rows[0]) - 0.5
    right, bottom = float(columns[-1]) + 0.5, float(rows[-1]) + 0.5
    height, width = mask.shape
    cut = left <= 0 or top <= 0 or right >= width - 1 or bottom >= height - 1
    return BoxRow(
        camera.sensor_id, f"{row.label_id}.{camera.sensor_id}", str(row.track_id), row.class_name,
        (left, top, right, bottom), {"truncated": cut},
    )  # fmt: skip


def _pixel_rays(
    camera: MountedCamera,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    u, v = np.arange(camera.model.width_px), np.arange(camera.model.height_px)
    grid = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2).astype(np.float64)
    rays = camera.model.unproject(grid)
    return np.where(rays.valid[:, None], rays.directions, 0.0), rays.valid


def _jpeg(rgb: npt.NDArray[np.float64]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray((255 * rgb).astype(np.uint8)).save(buffer, format="JPEG", quality=80)
    return buffer.getvalue()


