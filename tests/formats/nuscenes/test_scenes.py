"""Scenes, sensors and labels from nuScenes tables."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from formats.nuscenes.opening import open_scene
from nuscenes_tables import (
    CAMERA_LAG_US,
    CAMERA_ROTATION,
    CAMERA_TRANSLATION,
    IMAGE_SIZE,
    INTRINSIC,
    RADAR_FIELDS,
    RADAR_HEADER,
    RADAR_TYPES,
    START_US,
    ego_pose,
    tables,
    write_tables,
)
from pyquaternion import Quaternion

from viewer.formats.base import DamagedData, UnknownFormat
from viewer.formats.catalog import open_dataset, recognise
from viewer.scene.earlier_sweeps import EarlierSweeps
from viewer.scene.labels import LabelSetKind
from viewer.scene.sensors import RangeSensorKind


def to_camera(points_world: np.ndarray, pose: dict, rotation, translation) -> np.ndarray:
    """Move points step by step, with quaternions, from the map to a camera (or any sensor)."""
    points = np.asarray(points_world) - pose["translation"]
    points = points @ Quaternion(pose["rotation"]).normalised.rotation_matrix
    return (points - translation) @ Quaternion(rotation).normalised.rotation_matrix


def test_frames_are_the_keyframes(root: Path) -> None:
    scene = open_scene(root)
    assert scene.scene_id == "scene-0061"
    assert [frame.key for frame in scene.frames] == [f"sample{index}" for index in range(4)]
    assert scene.frames[1].timestamp_ns == (START_US + 500_000) * 1000
    assert scene.lidar_ids == ("LIDAR_TOP", "RADAR_FRONT")
    assert scene.camera_ids == ("CAM_FRONT",)
    assert not scene.independent
    assert scene.description == "Parked truck"
    assert scene.metadata == {
        "location": "singapore-onenorth",
        "date_captured": "2018-07-24",
        "vehicle": "n015",
        "logfile": "n015-2018-07-24",
    }
    (image,) = scene.frames[2].images
    assert image.timestamp_ns == (START_US + 1_000_000 + CAMERA_LAG_US) * 1000
    assert not scene.reader.problems()


def test_boxes_land_where_the_chain_of_poses_puts_them(root: Path) -> None:
    """The camera's own time counts: with the sample's, the car is off by 0.14 m."""
    scene = open_scene(root)
    for frame in scene.frames:
        rig = scene.reader.read_rig(frame.index)
        camera = rig.cameras["CAM_FRONT"]
        cuboids = scene.reader.read_labels(frame.index, "annotations").cuboids.cuboids
        image_ns = frame.images[0].timestamp_ns
        matrix = rig.camera_from(camera, cuboids.coord_frame_id, image_ns, frame.timestamp_ns)
        corners = cuboids.corners().reshape(-1, 3)
        got = corners @ matrix[:3, :3].T + matrix[:3, 3]
        pose = ego_pose(image_ns // 1000)
        expected = to_camera(corners, pose, CAMERA_ROTATION, CAMERA_TRANSLATION)
        np.testing.assert_allclose(got, expected, atol=1e-9)
        pixels = camera.model.project(got).pixels
        homogeneous = expected @ np.array(INTRINSIC).T
        np.testing.assert_allclose(pixels, homogeneous[:, :2] / homogeneous[:, 2:], atol=1e-6)
        assert (camera.model.width_px, camera.model.height_px) == IMAGE_SIZE


def test_sweeps_have_five_columns_and_their_own_pose(root: Path) -> None:
    scene = open_scene(root)
    cloud = scene.reader.read_point_cloud(3, "LIDAR_TOP")
    stored = np.fromfile(scene.frames[3].sweeps[0].source, "<f4").reshape(-1, 5)
    np.testing.assert_array_equal(cloud.xyz, stored[:, :3])
    assert list(cloud.fields) == ["intensity", "ring"]
    assert cloud.timestamp_ns == scene.frames[3].timestamp_ns
    world_from_lidar = scene.reader.read_rig(3).transforms.transform(
        "world", cloud.coord_frame_id, cloud.timestamp_ns
    )
    pose = ego_pose(cloud.timestamp_ns // 1000)
    calibrated = tables()["calibrated_sensor"][1]
    back = to_camera(
        world_from_lidar.apply(cloud.xyz), pose, calibrated["rotation"], calibrated["translation"]
    )
    np.testing.assert_allclose(back, stored[:, :3], atol=1e-6)


def test_radars_keep_all_fields(root: Path) -> None:
    scene = open_scene(root)
    sensor = scene.reader.read_rig(0).lidars["RADAR_FRONT"]
    assert sensor.kind == RangeSensorKind.RADAR
    assert scene.reader.read_rig(0).lidars["LIDAR_TOP"].kind == RangeSensorKind.LIDAR
    cloud = scene.reader.read_point_cloud(1, "RADAR_FRONT")
    path = next(s.source for s in scene.frames[1].sweeps if s.sensor_id == "RADAR_FRONT")
    stored = np.frombuffer(
        Path(path).read_bytes()[len(RADAR_HEADER) :],
        np.dtype(list(zip(RADAR_FIELDS, RADAR_TYPES, strict=True))),
    )
    assert tuple(cloud.fields) == RADAR_FIELDS[3:]
    for name, values in cloud.fields.items():
        assert values.dtype == stored[name].dtype
        np.testing.assert_array_equal(values, stored[name])
    np.testing.assert_array_equal(cloud.xyz[:, 1], stored["y"])


def test_sweeps_between_belong_to_their_sample_with_their_own_pose(root: Path) -> None:
    scene = open_scene(root)
    reader = scene.reader
    assert isinstance(reader, EarlierSweeps)
    (sweep,) = reader.earlier_sweeps(2)
    time_us = START_US + 1_050_000
    assert (sweep.sensor_id, sweep.timestamp_ns) == ("LIDAR_TOP", time_us * 1000)
    cloud = reader.read_earlier_sweep(2, 0)
    stored = np.fromfile(sweep.source, "<f4").reshape(-1, 5)
    np.testing.assert_array_equal(cloud.xyz, stored[:, :3])
    transforms = reader.read_rig(2).transforms
    moved = transforms.transform("world", cloud.coord_frame_id, cloud.timestamp_ns)
    calibrated = tables()["calibrated_sensor"][1]
    back = to_camera(
        moved.apply(cloud.xyz), ego_pose(time_us), calibrated["rotation"], calibrated["translation"]
    )
    np.testing.assert_allclose(back, stored[:, :3], atol=1e-6)
    Path(sweep.source).unlink()
    with pytest.raises(DamagedData, match="missing"):
        reader.read_earlier_sweep(2, 0)


@pytest.mark.parametrize("table", ["lidarseg", "panoptic"])
def test_points_have_the_classes_of_the_tables(root: Path, table: str) -> None:
    rows = tables()
    for index, row in enumerate(rows["category"]):
        row["index"] = 17 + index
    classes = np.random.default_rng(3).integers(17, 19, 300)
    objects = np.random.default_rng(4).integers(0, 50, 300)
    sweep = next(row for row in rows["sample_data"] if row["filename"].endswith(".pcd.bin"))
    suffix = "bin" if table == "lidarseg" else "npz"
    filename = f"{table}/v1.0-mini/{sweep['token']}.{suffix}"
    rows[table] = [{"token": "x", "sample_data_token": sweep["token"], "filename": filename}]
    write_tables(root, rows)
    path = root / filename
    path.parent.mkdir(parents=True)
    if table == "lidarseg":
        classes.astype(np.uint8).tofile(path)
    else:
        np.savez_compressed(path, data=(classes * 1000 + objects).astype(np.uint16))
    scene = open_scene(root)
    (found,) = scene.reader.read_labels(0, "annotations").point_classes
    assert found.sensor_id == "LIDAR_TOP"
    assert found.class_names == {17: "vehicle.car", 18: "human.pedestrian.adult"}
    np.testing.assert_array_equal(found.class_indices, classes)
    if table == "panoptic":
        np.testing.assert_array_equal(found.instances, objects)
    else:
        assert found.instances is None
    assert scene.reader.read_labels(1, "annotations").point_classes == ()
    path.write_bytes(b"PK\x03\x04 no archive")
    again = open_scene(root)
    assert len(again.reader.read_labels(0, "annotations").cuboids) == 2
    if table == "panoptic":
        assert again.reader.read_labels(0, "annotations").point_classes == ()
        assert "no archive of point classes" in again.reader.problems()[0].message


def test_labels_keep_what_the_tables_say(root: Path) -> None:
    labels = open_scene(root).reader.read_labels(0, "annotations").cuboids
    assert labels.label_ids == ("car0", "walk0")
    assert labels.track_ids == ("i-car", "i-walk")
    assert labels.class_names == ("vehicle.car", "human.pedestrian.adult")
    assert labels.attributes[0] == {
        "attributes": ["vehicle.moving"],
        "visibility": "v80-100",
        "num_lidar_pts": 17,
        "num_radar_pts": 2,
    }
    assert "attributes" not in labels.attributes[1]
    assert labels.timestamp_ns == START_US * 1000
    assert labels.cuboids.coord_frame_id == "world"
    assert labels.cuboids.size[0].tolist() == [4.5, 1.9, 1.6]
    # Half the length (4.5, the table's second number) ahead of the middle, turned by the yaw.
    yaw = 2 * np.arctan2(0.2474040, 0.9689124)
    front = labels.cuboids.corners()[0][4:].mean(axis=0)
    expected = [430.0 + 2.25 * np.cos(yaw), 1190.0 + 2.25 * np.sin(yaw), 1.0]
    np.testing.assert_allclose(front, expected, atol=1e-6)


def test_velocities_are_central_differences_within_bounds(root: Path) -> None:
    scene = open_scene(root)
    velocities = [
        scene.reader.read_labels(frame.index, "annotations").cuboids.velocities_mps[0]
        for frame in scene.frames
    ]
    np.testing.assert_allclose(velocities[0], [6.0, 0, 0])  # 3 m in 0.5 s, no one before
    np.testing.assert_allclose(velocities[1], [6.0, 0, 0])  # 6 m in 1 s
    assert np.isnan(velocities[2]).all()  # 3.5 s apart: more than 3 s
    assert np.isnan(velocities[3]).all()  # 3 s apart with one neighbour: more than 1.5 s
    alone = scene.reader.read_labels(0, "annotations").cuboids.velocities_mps[1]
    assert np.isnan(alone).all()


def test_a_result_file_is_a_set_of_predictions(root: Path, real_data: Path) -> None:
    published = real_data / "eval" / "nuscenes_devkit_mock" / "pred.json"
    truth = json.loads(published.read_text())["results"]
    rows = tables()
    renamed = {"sample0": "0", "sample1": "1"}
    for table in rows.values():
        for row in table:
            for key in ("token", "sample_token"):
                row[key] = renamed.get(row.get(key), row.get(key))
    write_tables(root, rows)
    (root / "my_detector.json").write_bytes(published.read_bytes())
    scene = open_scene(root)
    assert [(each.label_set_id, each.kind) for each in scene.label_sets] == [
        ("annotations", LabelSetKind.GROUND_TRUTH),
        ("my_detector", LabelSetKind.PREDICTIONS),
    ]
    for frame in scene.frames[:2]:
        boxes = truth[frame.key]
        labels = scene.reader.read_labels(frame.index, "my_detector").cuboids
        assert labels.scores.tolist() == [box["detection_score"] for box in boxes]
        assert labels.class_names == tuple(box["detection_name"] for box in boxes)
        width_length_height = [box["size"] for box in boxes]
        assert labels.cuboids.size[:, [1, 0, 2]].tolist() == width_length_height
        assert labels.velocities_mps[:, :2].tolist() == [box["velocity"] for box in boxes]
    assert not len(scene.reader.read_labels(3, "my_detector").cuboids)
    assert "car" in scene.class_map.names


def test_results_may_hold_nan_and_tracks(root: Path) -> None:
    box = {"sample_token": "sample1", "translation": [430, 1190, 1], "size": [2, 4, 1.5]}
    box |= {"rotation": [1, 0, 0, 0], "tracking_id": 7, "tracking_name": "car"}
    box |= {"tracking_score": 0.5, "velocity": [float("nan"), float("nan")]}
    flat = {**box, "size": [0, 4, 1]}
    result = {"meta": {}, "results": {"sample1": [box, flat], "sample2": "damaged"}}
    (root / "tracks.json").write_text(json.dumps(result))
    scene = open_scene(root)
    labels = scene.reader.read_labels(1, "tracks").cuboids
    assert labels.track_ids == ("7",)
    assert labels.scores.tolist() == [0.5]
    assert np.isnan(labels.velocities_mps).all()
    assert scene.reader.problems()[0].place == "sample1:1"
    with pytest.raises(DamagedData, match="sample2"):
        scene.reader.read_labels(2, "tracks")


def test_missing_files_are_problems_of_their_scene(root: Path) -> None:
    for path in (root / "samples" / "CAM_FRONT").iterdir():
        path.unlink()
    scene = open_scene(root)
    assert [len(frame.images) for frame in scene.frames] == [0, 0, 0, 0]
    assert scene.camera_ids == ()
    problems = scene.reader.problems()
    assert len(problems) == 4
    assert all("the image is missing" in problem.message for problem in problems)
    assert len(scene.reader.read_point_cloud(0, "LIDAR_TOP")) == 300
    with pytest.raises(DamagedData, match="missing"):
        scene.reader.read_image(0, "CAM_FRONT", None)


@pytest.mark.parametrize("name", ["../outside.pcd.bin", "/etc/hosts", "C:\\x", "a\0b", ""])
def test_paths_never_leave_the_folder(root: Path, name: str) -> None:
    (root.parent / "outside.pcd.bin").write_bytes(b"\0" * 20)
    rows = tables()
    rows["sample_data"][1]["filename"] = name
    (root / "v1.0-mini" / "sample_data.json").write_text(json.dumps(rows["sample_data"]))
    dataset = open_dataset(root)
    (scene,) = dataset.scenes
    assert [sweep.sensor_id for sweep in scene.frames[0].sweeps] == ["RADAR_FRONT"]
    (problem,) = scene.reader.problems()
    assert "not a relative path" in problem.message
    assert problem.place == rows["sample_data"][1]["token"]


def test_without_poses_boxes_still_show(root: Path) -> None:
    (root / "v1.0-mini" / "ego_pose.json").write_text("[]")
    scene = open_scene(root)
    rig = scene.reader.read_rig(0)
    assert "pose is not known" in (rig.cameras["CAM_FRONT"].refusal or "")
    with pytest.raises(DamagedData, match="pose"):
        scene.reader.read_point_cloud(0, "LIDAR_TOP")
    assert len(scene.reader.read_labels(0, "annotations").cuboids) == 2


def test_a_distorted_camera_is_brown_conrady(root: Path) -> None:
    rows = tables()
    rows["calibrated_sensor"][0]["camera_distortion"] = [-0.3, 0.1, 0.001, -0.002, -0.01]
    write_tables(root, rows, folder="annotation")
    for path in (root / "v1.0-mini").iterdir():
        path.unlink()
    (root / "v1.0-mini").rmdir()
    lens = open_scene(root).reader.read_rig(0).cameras["CAM_FRONT"].model
    assert lens.name == "brown_conrady"
    assert [lens.k1, lens.k2, lens.p1, lens.p2, lens.k3] == [-0.3, 0.1, 0.001, -0.002, -0.01]
    assert lens.k4 == 0.0


def test_recognised_by_its_tables_only(root: Path) -> None:
    assert recognise(root)[0].name == "nuscenes"
    assert recognise(root / "v1.0-mini")[0].name == "nuscenes"
    assert open_scene(root / "v1.0-mini").frames[0].sweeps
    (root / "v1.0-mini" / "sample.json").unlink()
    with pytest.raises(UnknownFormat, match=r"nuScenes: needs scene\.json, sample\.json"):
        recognise(root)


def test_two_versions_are_opened_together(root: Path) -> None:
    write_tables(root, tables(), folder="v1.0-test")
    dataset = open_dataset(root)
    ids = [scene.scene_id for scene in dataset.scenes]
    assert ids == ["v1.0-mini/scene-0061", "v1.0-test/scene-0061"]


def test_real_lyft_sensors_have_their_own_pose_though_the_times_agree(real_data: Path) -> None:
    """Lyft gives every pose the sample's time; only the token tells which sensor it is of."""
    folder = real_data / "scenes" / "lyft_tables"
    rows = {
        path.stem: {row["token"]: row for row in json.loads(path.read_text())}
        for path in folder.glob("*.json")
    }
    assert len({pose["timestamp"] for pose in rows["ego_pose"].values()}) == 1
    scene = open_scene(folder)
    transforms = scene.reader.read_rig(0).transforms
    points = np.random.default_rng(1).uniform([390, 2660, -20], [470, 2740, 0], (20, 3))
    for row in rows["sample_data"].values():
        calibrated = rows["calibrated_sensor"][row["calibrated_sensor_token"]]
        channel = rows["sensor"][calibrated["sensor_token"]]["channel"]
        expected = to_camera(
            points,
            rows["ego_pose"][row["ego_pose_token"]],
            calibrated["rotation"],
            calibrated["translation"],
        )
        time_ns = round(Fraction(row["timestamp"]) * 1000)
        got = transforms.transform(channel, "world", time_ns).apply(points)
        np.testing.assert_allclose(got, expected, atol=1e-6)
    labels = scene.reader.read_labels(0, "annotations").cuboids
    assert labels.class_names == ("car",) * 4
    assert labels.cuboids.size[0].tolist() == [4.495, 2.046, 1.849]
    assert labels.attributes[0]["attributes"][0].startswith("object_action")
    assert len(scene.reader.problems()) == 10


def test_real_t4_dataset(real_data: Path) -> None:
    scene = open_scene(real_data / "scenes" / "t4dataset_sample")
    assert [len(frame.sweeps) + len(frame.images) for frame in scene.frames] == [3, 3, 3]
    labels = [scene.reader.read_labels(index, "annotations").cuboids for index in range(3)]
    assert [each.class_names for each in labels] == [("car", "pedestrian"), ("car", "bicycle"), ()]
    np.testing.assert_allclose(labels[0].velocities_mps[0], [2.0, 0.2, 0.0])  # 2 m, 0.2 m in 1 s
    assert labels[0].attributes[0]["visibility"] == "full"
    lens = scene.reader.read_rig(0).cameras["CAM_FRONT"].model
    assert (lens.name, lens.fx, lens.cx, lens.width_px) == ("pinhole", 800.0, 400.0, 800)
    assert scene.reader.read_image(2, "CAM_BACK", None).full_width_px == 800
    assert not scene.reader.problems()
