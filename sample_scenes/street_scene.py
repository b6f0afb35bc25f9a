"""Records the street drive: sensors and exact labels of every frame."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sample_scenes.detector import LABEL_SET_ID as DETECTOR
from sample_scenes.label_rows import GROUND_TRUTH, add_cuboids, add_labels
from sample_scenes.labelling import FrameTruth, LabelRow, label_frame
from sample_scenes.lidar import Sweep, sweep
from sample_scenes.meshes import Mesh, join
from sample_scenes.picture import NO_INSTANCE, CastWorld, LensRays, Picture, take_picture
from sample_scenes.rigs import CAMERAS, LIDAR_ID, mount
from sample_scenes.road import Road
from sample_scenes.road_users import SEDAN, car
from sample_scenes.street_world import static_world
from sample_scenes.traffic import EGO_SIZE_M, RoadUser, ego_placement, road_users
from viewer.formats.builder import SceneBuilder
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.scene import Scene

SEED = 20_240_611
FRAME_COUNT = 40
FRAME_STEP_NS = 100_000_000
POSE_STEP_NS = 20_000_000
START_NS = 1_718_100_000_000_000_000
JPEG_QUALITY = 78
CLASS_COLOURS = {
    "car": (86, 180, 233),
    "van": (0, 158, 115),
    "truck": (230, 159, 0),
    "cyclist": (240, 228, 66),
    "pedestrian": (213, 94, 0),
}


@dataclass(frozen=True, eq=False)
class RecordedFrame:
    """What the sensors saw at one frame, and the truth about it."""

    key: str
    timestamp_ns: int
    sweep: Sweep
    jpegs: dict[str, bytes]
    image_times_ns: dict[str, int]
    truth: FrameTruth


class StreetDrive:
    """The street over time, ready to be recorded."""

    def __init__(self, seed: int = SEED) -> None:
        self.road = Road()
        self.seed = seed
        self.static = static_world(self.road, np.random.default_rng([seed, 1]))
        self.users: tuple[RoadUser, ...] = road_users(self.road, np.random.default_rng([seed, 2]))
        self._ego_mesh = car(SEDAN, EGO_SIZE_M, (0.42, 0.43, 0.45))
        self._rays = {camera.sensor_id: LensRays(camera.model) for camera in CAMERAS}
        builder = SceneBuilder("poses")
        mount(builder)
        self.add_poses(builder)
        self.transforms: TransformTree = builder.build_rig().transforms

    def add_poses(self, builder: SceneBuilder) -> None:
        """Say where the car is, every 20 ms, rounded as it is written."""
        steps = FRAME_COUNT * FRAME_STEP_NS // POSE_STEP_NS
        for step in range(-5, steps + 5):
            spot = ego_placement(self.road, step * POSE_STEP_NS / 1e9)
            builder.add_ego_pose(
                START_NS + step * POSE_STEP_NS,
                position=np.round(spot.position, 5).tolist(),
                orientation_wxyz=np.round(quaternion_from_matrix(spot.rotation), 8).tolist(),
            )

    def world_at(self, timestamp_ns: int) -> CastWorld:
        """Everything as it stands at a time; instance i is `users[i]`."""
        time_s = (timestamp_ns - START_NS) / 1e9
        pose = self.transforms.transform("world", "ego", timestamp_ns)
        lift = pose.rotation[:, 2] * EGO_SIZE_M[2] / 2
        ego = self._ego_mesh.moved(pose.rotation, (pose.translation + lift).tolist())
        meshes: list[Mesh] = [self.static, ego, *(user.mesh_at(time_s) for user in self.users)]
        instances = [NO_INSTANCE, NO_INSTANCE, *range(len(self.users))]
        counts = [len(mesh.faces) for mesh in meshes]
        return CastWorld.of(join(meshes), np.repeat(instances, counts).astype(np.int32))

    def picture(self, sensor_id: str, timestamp_ns: int) -> Picture:
        """Image of one camera at its own time."""
        pose = self.transforms.transform("world", sensor_id, timestamp_ns)
        return take_picture(self.world_at(timestamp_ns), self._rays[sensor_id], pose)

    def image_times_ns(self, frame_index: int) -> dict[str, int]:
        """When each camera looks: its own offset, shaken by up to 0.8 ms."""
        rng = np.random.default_rng([self.seed, 3, frame_index])
        start = START_NS + frame_index * FRAME_STEP_NS
        shake = rng.uniform(-0.8, 0.8, len(CAMERAS))
        return {
            camera.sensor_id: start + round((camera.offset_ms + by) * 1000) * 1000
            for camera, by in zip(CAMERAS, shake, strict=True)
        }

    def record(self, frame_index: int) -> RecordedFrame:
        """Measure and label one frame."""
        timestamp_ns = START_NS + frame_index * FRAME_STEP_NS
        world_from_lidar = self.transforms.transform("world", LIDAR_ID, timestamp_ns)
        rng = np.random.default_rng([self.seed, 4, frame_index])
        points = sweep(self.world_at(timestamp_ns), world_from_lidar, rng)
        times = self.image_times_ns(frame_index)
        pictures = {sensor_id: self.picture(sensor_id, time) for sensor_id, time in times.items()}
        truth = label_frame(
            self.users,
            frame_index,
            frame_index * FRAME_STEP_NS / 1e9,
            world_from_lidar,
            points,
            pictures,
        )
        jpegs = {sensor_id: jpeg(picture) for sensor_id, picture in pictures.items()}
        return RecordedFrame(f"{frame_index:06d}", timestamp_ns, points, jpegs, times, truth)

    def frames(self, count: int = FRAME_COUNT) -> Iterator[RecordedFrame]:
        """Record the drive."""
        for frame_index in range(count):
            yield self.record(frame_index)


def jpeg(picture: Picture) -> bytes:
    """Encode an image as JPEG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture.rgb).save(
        buffer, format="JPEG", quality=JPEG_QUALITY, optimize=True, subsampling="4:2:0"
    )
    return buffer.getvalue()


def scene_of(
    scene_id: str,
    description: str,
    drive: StreetDrive,
    frames: list[RecordedFrame],
    labels: list[FrameTruth],
    detections: list[list[LabelRow]],
) -> Scene:
    """Put recorded frames, labels and predictions together."""
    builder = SceneBuilder(scene_id, description=description, class_colours=CLASS_COLOURS)
    mount(builder)
    drive.add_poses(builder)
    builder.add_label_set(GROUND_TRUTH, predictions=False, title="Labels")
    builder.add_label_set(DETECTOR, predictions=True, title="Detector")
    for recorded, truth, detected in zip(frames, labels, detections, strict=True):
        frame = builder.add_frame(timestamp_ns=recorded.timestamp_ns, key=recorded.key)
        points = recorded.sweep
        frame.add_points(LIDAR_ID, points.xyz, intensity=points.intensity, ring=points.ring)
        for sensor_id, data in recorded.jpegs.items():
            frame.add_image(sensor_id, data, timestamp_ns=recorded.image_times_ns[sensor_id])
        add_labels(frame, truth, GROUND_TRUTH)
        add_cuboids(frame, detected, DETECTOR)
    return builder.build()
