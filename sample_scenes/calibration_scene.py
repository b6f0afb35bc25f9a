"""Plain boxes in flat colours, seen through every lens model: the yardstick for projection."""

import colorsys
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sample_scenes.lidar import sweep
from sample_scenes.meshes import Mesh, box, join
from sample_scenes.picture import NO_INSTANCE, CastWorld, LensRays, Picture, take_picture
from viewer.formats.builder import SceneBuilder
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.rotation import matrix_from_quaternion, normalized_quaternion
from viewer.geometry.transform import RigidTransform
from viewer.scene.scene import Scene

SEED = 20_240_612
WIDTH_PX, HEIGHT_PX = 640, 400
LIDAR_POSITION = (0.0, 0.0, 1.9)
GROUND_RGB = (0.36, 0.38, 0.36)
GROUND_REACH_M = 400.0
FRAME_STEP_NS = 1_000_000_000
ROLLED_MATRIX = np.array(
    [
        [0.984807753012208, -0.17364817766693033, 0.0, 0.05],
        [0.17364817766693033, 0.984807753012208, 0.0, -0.03],
        [0.0, 0.0, 1.0, 0.1],
        [0.0, 0.0, 0.0, 1.0],
    ]
)


@dataclass(frozen=True)
class BoxCamera:
    """A camera of the yardstick."""

    sensor_id: str
    model: CameraModel
    position: tuple[float, float, float]
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    camera_matrix: npt.NDArray[np.float64] | None = None


CAMERAS = (
    BoxCamera("pinhole", Pinhole(WIDTH_PX, HEIGHT_PX, fx=330.0, fy=336.0, cx=312.0, cy=205.0),
              (0.0, 0.0, 1.5)),
    BoxCamera("pinhole_rolled", Pinhole(WIDTH_PX, HEIGHT_PX, fx=420.0, fy=420.0), (0.1, 0.2, 1.5),
              camera_matrix=ROLLED_MATRIX),
    BoxCamera(
        "brown_conrady",
        BrownConrady(
            WIDTH_PX, HEIGHT_PX, fx=352.0, fy=350.0, cx=322.0, cy=197.0,
            k1=0.4, k2=0.05, k3=0.001, k4=0.8, k5=0.16, k6=0.007,
            p1=0.0012, p2=-0.0015, s1=0.0035, s2=-0.0006, s3=-0.0028, s4=0.0005,
        ),
        (0.0, 0.1, 1.5),
    ),
    BoxCamera("fisheye", Fisheye(WIDTH_PX, HEIGHT_PX, fx=182.0, fy=183.0, cx=318.0, cy=203.0,
                                 k1=0.02, k2=-0.008, k3=0.0008, k4=-0.00005, skew=0.002),
              (0.0, -0.1, 1.5)),
    BoxCamera("fisheye_down", Fisheye(WIDTH_PX, HEIGHT_PX, fx=118.0, fy=118.0,
                                      k1=-0.015, k2=0.001), (0.0, 0.0, 2.4), pitch_deg=90.0),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class PlainBox:
    """One box of the yardstick."""

    label_id: str
    center: tuple[float, ...]
    size: tuple[float, ...]
    orientation_wxyz: tuple[float, ...]
    rgb: tuple[int, int, int]

    def mesh(self) -> Mesh:
        """Twelve triangles in the box's colour."""
        half = np.array(self.size) / 2
        colour = (self.rgb[0] / 255, self.rgb[1] / 255, self.rgb[2] / 255)
        rotation = matrix_from_quaternion(np.array(self.orientation_wxyz))
        return box((-half).tolist(), half.tolist(), colour).moved(rotation, self.center)


def calibration_scene() -> tuple[Scene, dict[str, Any]]:
    """Return the scene, and what its truth file says: which part of each box is seen where."""
    builder = SceneBuilder(
        "calibration_boxes",
        description="Plain boxes through every lens model",
        class_colours={"box": (86, 180, 233)},
        independent=True,
    )
    builder.add_lidar("lidar", position=LIDAR_POSITION)
    for camera in CAMERAS:
        builder.add_camera(
            camera.sensor_id,
            camera.model,
            position=camera.position,
            yaw_rad=float(np.radians(camera.yaw_deg)),
            pitch_rad=float(np.radians(camera.pitch_deg)),
            camera_matrix=camera.camera_matrix,
        )
    rig = builder.build_rig()
    rays = {camera.sensor_id: LensRays(camera.model) for camera in CAMERAS}
    seen: list[dict[str, Any]] = []
    for index, boxes in enumerate(_arrangements()):
        key, time_ns = f"{index:03d}", index * FRAME_STEP_NS
        frame = builder.add_frame(timestamp_ns=time_ns, key=key)
        world = _world(boxes)
        pose = rig.transforms.transform("world", "lidar")
        points = sweep(world, pose, np.random.default_rng([SEED, 2, index]))
        frame.add_points("lidar", points.xyz, intensity=points.intensity, ring=points.ring)
        frame.add_cuboids(
            [row.center for row in boxes],
            [row.size for row in boxes],
            class_names=["box"] * len(boxes),
            orientations_wxyz=[row.orientation_wxyz for row in boxes],
            label_ids=[row.label_id for row in boxes],
            attributes=[{"rgb": list(row.rgb)} for row in boxes],
        )
        for camera in CAMERAS:
            sensor = rig.cameras[camera.sensor_id]
            matrix = rig.camera_from(sensor, "world", None, None)
            world_from_camera = RigidTransform.from_matrix("cam", "world", matrix).inverse()
            lens = rays[camera.sensor_id]
            picture = take_picture(world, lens, world_from_camera, flat=True)
            frame.add_image(camera.sensor_id, _png(picture.rgb))
            seen += [
                {"frame": key, "sensor_id": camera.sensor_id, "label_id": row.label_id, **found}
                for row, found in _seen(boxes, picture, lens, world_from_camera)
            ]
    truth = {"schema": "sightline-truth", "version": 1, "seed": SEED, "seen": seen}
    return builder.build(), truth


def _arrangements() -> list[list[PlainBox]]:
    rng = np.random.default_rng([SEED, 1])
    return [_ring(rng, 5.0, 0.0), _ring(rng, 7.0, 0.5), _beams(rng), _near(rng)]


def _ring(rng: np.random.Generator, distance_m: float, tilt: float) -> list[PlainBox]:
    """Boxes all around, each in its own slice of the horizon."""
    rows: list[PlainBox] = []
    for slot in range(12):
        azimuth = (slot + 0.5) / 12 * 2 * np.pi + float(rng.uniform(-0.05, 0.05))
        reach = distance_m * float(rng.uniform(0.9, 1.1))
        size = rng.uniform((0.8, 0.7, 0.6), (1.5, 1.2, 1.6)) * distance_m / 5.0
        turn = np.array([np.cos(azimuth), *(tilt * rng.normal(size=2)), np.sin(azimuth)])
        level = float(rng.uniform(-0.2, 1.2)) + size[2] / 2 + tilt
        center = (reach * np.cos(azimuth), reach * np.sin(azimuth), level)
        rows.append(_box(rows, center, tuple(size.tolist()), turn))
    return rows


def _beams(rng: np.random.Generator) -> list[PlainBox]:
    """Long boxes that run past the cameras from far ahead to far behind."""
    rows: list[PlainBox] = []
    for y, z in ((1.5, 0.35), (-1.6, 0.3), (1.9, 2.9), (-2.1, 2.7), (0.1, 3.6)):
        turn = np.array([1.0, *(0.02 * rng.normal(size=3))])
        rows.append(_box(rows, (2.5, y, z), (12.0, 0.45, 0.4), turn))
    rows.append(_box(rows, (7.0, 0.2, 1.4), (0.8, 1.6, 1.2), np.array([1.0, 0.1, 0.1, 0.3])))
    return rows


def _near(rng: np.random.Generator) -> list[PlainBox]:
    """Boxes so near that borders and camera planes cut them."""
    rows: list[PlainBox] = []
    for center, size in (
        ((0.9, 1.4, 1.3), (3.4, 0.8, 0.7)),
        ((1.0, -1.7, 1.6), (2.6, 0.9, 1.4)),
        ((2.6, 0.1, 0.45), (1.2, 1.1, 0.7)),
        ((3.2, 0.0, 3.0), (1.0, 2.4, 0.8)),
        ((-1.8, 0.2, 1.2), (0.9, 1.6, 1.2)),
    ):
        turn = np.array([1.0, *(0.12 * rng.normal(size=3))])
        rows.append(_box(rows, center, size, turn))
    return rows


def _box(
    before: list[PlainBox],
    center: tuple[float, ...],
    size: tuple[float, ...],
    turn: npt.NDArray[np.float64],
) -> PlainBox:
    number = len(before)
    hue = (number * 0.381966) % 1.0
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.95, (1.0, 0.62)[number % 2])
    return PlainBox(
        f"box-{number:02d}",
        tuple(np.round(center, 4).tolist()),
        tuple(np.round(size, 3).tolist()),
        tuple(np.round(normalized_quaternion(turn), 9).tolist()),
        (round(255 * red), round(255 * green), round(255 * blue)),
    )


def _world(boxes: list[PlainBox]) -> CastWorld:
    reach = GROUND_REACH_M
    ground = Mesh.of(
        [
            (-reach, -reach, -1.0),
            (reach, -reach, -1.0),
            (reach, reach, -1.0),
            (-reach, reach, -1.0),
        ],
        [(0, 1, 2), (0, 2, 3)],
        GROUND_RGB,
    )
    meshes = [ground, *(row.mesh() for row in boxes)]
    counts = [len(mesh.faces) for mesh in meshes]
    instances = np.repeat([NO_INSTANCE, *range(len(boxes))], counts).astype(np.int32)
    return CastWorld.of(join(meshes), instances)


def _seen(
    boxes: list[PlainBox], picture: Picture, lens: LensRays, world_from_camera: RigidTransform
) -> list[tuple[PlainBox, dict[str, Any]]]:
    """Return the painted box and the share that no other box hides, for each box in sight."""
    rows = []
    for instance, row in enumerate(boxes):
        alone = take_picture(_world([row]), lens, world_from_camera, flat=True)
        _, full = alone.covered_box_px(0)
        painted, count = picture.covered_box_px(instance)
        if painted is not None:
            found = {"box_px": painted.tolist(), "visible_share": round(count / full, 4)}
            rows.append((row, found))
    return rows


def _png(rgb: npt.NDArray[np.uint8]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
