"""The street of `sample_scenes` as the messages that a vehicle would have recorded."""

from collections.abc import Iterable

import numpy as np
import ros_bags as ros

from viewer.geometry.cameras import BrownConrady, Fisheye, Pinhole
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.trajectory import Trajectory
from viewer.scene.scene import Scene
from viewer.scene.sensors import CameraSensor

EGO = "base_link"
LATENCY_NS = 12_000_000
BROWN_ORDER = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6", "s1", "s2", "s3", "s4")


def street_messages(scene: Scene, frames: Iterable[int]) -> list[ros.Stamped]:
    """Messages of some frames, in order of recording."""
    rig = scene.reader.read_rig(0)
    static = []
    for edge in rig.transforms.edges:
        if not isinstance(edge, Trajectory):
            wxyz = quaternion_from_matrix(edge.rotation)
            static.append(ros.transform(0, EGO, edge.src, edge.translation, wxyz))
    messages: list[ros.Stamped] = [("/tf_static", 0, ros.tf(*static))]
    for edge in rig.transforms.edges:
        if isinstance(edge, Trajectory):
            rows = zip(edge.timestamps_ns, edge.translations_m, edge.rotations_wxyz, strict=True)
            for time_ns, position, wxyz in rows:
                pose = ros.transform(int(time_ns), "map", EGO, position, wxyz)
                messages.append(("/tf", int(time_ns) + LATENCY_NS, ros.tf(pose)))
    for index in frames:
        messages += _frame_messages(scene, index)
    messages.sort(key=lambda each: each[1])
    return messages


def _frame_messages(scene: Scene, index: int) -> list[ros.Stamped]:
    frame = scene.frames[index]
    messages: list[ros.Stamped] = []
    for sweep in frame.sweeps:
        cloud = scene.reader.read_point_cloud(index, sweep.sensor_id)
        columns = {axis: cloud.xyz[:, place] for place, axis in enumerate("xyz")} | dict(
            cloud.fields
        )
        points = np.zeros(len(cloud), [(name, each.dtype) for name, each in columns.items()])
        for name, each in columns.items():
            points[name] = each
        message = ros.cloud(sweep.timestamp_ns, sweep.sensor_id, points)
        messages.append((f"/{sweep.sensor_id}/points", sweep.timestamp_ns + LATENCY_NS, message))
    rig = scene.reader.read_rig(index)
    for image in frame.images:
        camera = rig.cameras[image.sensor_id]
        data = scene.reader.read_encoded_image(index, image.sensor_id)
        log_ns = image.timestamp_ns + LATENCY_NS
        message = ros.compressed_image(
            image.timestamp_ns, camera.coord_frame_id, "bgr8; jpeg compressed bgr8", data
        )
        messages.append((f"/{image.sensor_id}/image_raw/compressed", log_ns, message))
        info = camera_info(camera, image.timestamp_ns)
        messages.append((f"/{image.sensor_id}/camera_info", log_ns, info))
    messages.append(_boxes(scene, index))
    return messages


def camera_info(camera: CameraSensor, stamp_ns: int):
    lens = camera.model
    skew = 0.0
    if isinstance(lens, Fisheye):
        name, d, skew = "equidistant", (lens.k1, lens.k2, lens.k3, lens.k4), lens.skew * lens.fx
    elif isinstance(lens, BrownConrady):
        d = tuple(getattr(lens, each) for each in BROWN_ORDER)
        name = "rational_polynomial" if any(d[5:]) else "plumb_bob"
        d = d if any(d[5:]) else d[:5]
    else:
        assert isinstance(lens, Pinhole)
        name, d = "plumb_bob", (0.0,) * 5
    k = (lens.fx, skew, lens.cx, 0, lens.fy, lens.cy, 0, 0, 1)
    size = (lens.width_px, lens.height_px)
    return ros.camera_info(stamp_ns, camera.coord_frame_id, size, k, model=name, d=d)


def _boxes(scene: Scene, index: int) -> ros.Stamped:
    labels = scene.reader.read_labels(index, "ground_truth").cuboids
    assert labels.cuboids.coord_frame_id == "world"
    assert labels.timestamp_ns is not None
    cubes = [
        ros.marker(
            labels.timestamp_ns, "map", name, row,
            ros.pose(labels.cuboids.center[row], labels.cuboids.rotation[row]),
            labels.cuboids.size[row],
        )
        for row, name in enumerate(labels.class_names)
    ]  # fmt: skip
    return "/annotations", labels.timestamp_ns + LATENCY_NS, ros.markers(*cubes)
