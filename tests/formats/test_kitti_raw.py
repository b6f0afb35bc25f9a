import math
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.kitti_raw.timestamps import parse_timestamp_ns
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.scene.scene import Scene

SECOND_NS = 1_000_000_000
START_NS = parse_timestamp_ns("2011-09-26 13:02:25.000000000")


def open_scene(root: Path) -> Scene:
    dataset = open_dataset(root)
    assert dataset.format_name == "kitti_raw"
    (scene,) = dataset.scenes
    return scene


def homogeneous(rotation, translation):
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, translation
    return matrix


def devkit_pose(lat, lon, alt, roll, pitch, yaw, scale):
    """convertOxtsToPose of the raw development kit, before its last step."""
    radius = 6378137.0
    east = scale * lon * math.pi * radius / 180
    north = scale * radius * math.log(math.tan((90 + lat) * math.pi / 360))
    cos, sin = math.cos, math.sin
    about_x = np.array([[1, 0, 0], [0, cos(roll), -sin(roll)], [0, sin(roll), cos(roll)]])
    about_y = np.array([[cos(pitch), 0, sin(pitch)], [0, 1, 0], [-sin(pitch), 0, cos(pitch)]])
    about_z = np.array([[cos(yaw), -sin(yaw), 0], [sin(yaw), cos(yaw), 0], [0, 0, 1]])
    return homogeneous(about_z @ about_y @ about_x, [east, north, alt])


def test_a_drive_has_its_sensors_times_and_tracks(kitti_drive: Path) -> None:
    scene = open_scene(kitti_drive)
    assert not scene.independent
    assert scene.camera_ids == ("image_00", "image_02")
    assert [frame.key for frame in scene.frames] == [f"{index:010d}" for index in range(3)]
    frame = scene.frames[1]
    assert frame.timestamp_ns == START_NS + SECOND_NS + 7
    assert [image.timestamp_ns for image in frame.images] == [
        START_NS + SECOND_NS,
        START_NS + SECOND_NS + 2,
    ]
    assert scene.reader.read_rig(0) is scene.reader.read_rig(2)
    assert scene.reader.read_rig(0).ego_coord_frame_id == "ego"
    assert not scene.reader.problems()


def test_ego_motion_equals_the_development_kit(kitti_drive: Path) -> None:
    tree = open_scene(kitti_drive).reader.read_rig(0).transforms
    rows = [
        [float(word) for word in path.read_text().split()[:6]]
        for path in sorted((kitti_drive / "oxts" / "data").iterdir())
    ]
    scale = math.cos(rows[0][0] * math.pi / 180)
    poses = [devkit_pose(*row, scale) for row in rows]
    times = [START_NS + index * SECOND_NS + 5 for index in range(3)]
    got = [tree.transform("world", "ego", time_ns).matrix for time_ns in times]
    for pose, matrix in zip(poses, got, strict=True):
        np.testing.assert_allclose(
            np.linalg.inv(got[0]) @ matrix, np.linalg.inv(poses[0]) @ pose, atol=1e-8
        )
        np.testing.assert_allclose(matrix[:3, :3], pose[:3, :3], atol=1e-12)
    np.testing.assert_allclose(got[0][:3, 3], 0.0, atol=1e-9)


def test_rectified_projection_equals_the_development_kit(kitti_drive: Path, files) -> None:
    scene = open_scene(kitti_drive)
    rig = scene.reader.read_rig(0)
    points = scene.reader.read_point_cloud(0, "velo").xyz.astype(np.float64)
    rectify = homogeneous(files.rectify, [0, 0, 0])
    velo_to_cam = homogeneous(files.velo_to_cam[:, :3], files.velo_to_cam[:, 3])
    projected = files.project_2 @ rectify @ velo_to_cam @ np.c_[points, np.ones(len(points))].T
    camera = rig.cameras["image_02"]
    assert isinstance(camera.model, Pinhole)
    matrix = rig.camera_from(camera, "velo", START_NS, START_NS)
    got = camera.model.project(points @ matrix[:3, :3].T + matrix[:3, 3])
    np.testing.assert_allclose(got.pixels, (projected[:2] / projected[2]).T, atol=1e-4)


def test_unrectified_projection_equals_opencv(kitti_extract: Path, files) -> None:
    scene = open_scene(kitti_extract)
    rig = scene.reader.read_rig(0)
    camera = rig.cameras["image_02"]
    assert isinstance(camera.model, BrownConrady)
    points = scene.reader.read_point_cloud(0, "velo").xyz.astype(np.float64)
    cam0 = points @ files.velo_to_cam[:, :3].T + files.velo_to_cam[:, 3]
    rotation = cv2.Rodrigues(np.array(files.rectify.T))[0]
    expected, _ = cv2.projectPoints(
        cam0,
        rotation,
        np.array([0.06, 0.001, 0.002]),
        np.array([[90.0, 0, 61], [0, 91, 19], [0, 0, 1]]),
        np.array([-0.36, 0.2, 0.0012, -0.0007, -0.07]),
    )
    matrix = rig.camera_from(camera, "velo", START_NS, START_NS)
    got = camera.model.project(points @ matrix[:3, :3].T + matrix[:3, 3])
    near = np.abs(expected[:, 0]).max(axis=1) < 400
    assert (got.valid & near).sum() > 50
    both = got.valid & near
    np.testing.assert_allclose(got.pixels[both], expected[both, 0], atol=1e-3)


def test_tracklets_stand_on_their_bottom(kitti_drive: Path) -> None:
    scene = open_scene(kitti_drive)
    assert len(scene.reader.read_labels(0, "tracklets").cuboids) == 0
    labels = scene.reader.read_labels(1, "tracklets").cuboids
    assert labels.class_names == ("Van",)
    assert labels.track_ids == ("0",)
    assert labels.label_ids == ("tracklet_labels:0",)
    assert labels.cuboids.coord_frame_id == "velo"
    assert labels.timestamp_ns == START_NS + SECOND_NS + 7
    np.testing.assert_allclose(labels.cuboids.center, [[10.0, 2.0, -0.6]])
    np.testing.assert_allclose(labels.cuboids.size, [[4.5, 1.8, 2.0]])
    np.testing.assert_allclose(labels.cuboids.yaw_rad, [math.pi / 2])
    assert labels.attributes[0]["truncation"] == 1
    assert labels.attributes[0]["state"] == 2
    later = scene.reader.read_labels(2, "tracklets").cuboids
    assert later.track_ids == ("0",)
    assert later.attributes[0]["occlusion"] == 2


def test_the_folder_of_a_date_holds_several_scenes(kitti_drive: Path) -> None:
    shutil.copytree(kitti_drive, kitti_drive.with_name("2011_09_26_drive_0002_sync"))
    dataset = open_dataset(kitti_drive.parent)
    assert dataset.format_name == "kitti_raw"
    assert [scene.scene_id[-9:] for scene in dataset.scenes] == ["0001_sync", "0002_sync"]
    for scene in dataset.scenes:
        assert scene.reader.read_rig(0).cameras["image_02"].model is not None


def test_calibration_may_lie_in_the_drive(kitti_drive: Path) -> None:
    for name in ("calib_cam_to_cam.txt", "calib_velo_to_cam.txt", "calib_imu_to_velo.txt"):
        (kitti_drive.parent / name).rename(kitti_drive / name)
    scene = open_scene(kitti_drive)
    assert scene.reader.read_rig(0).cameras["image_00"].model is not None


def test_missing_sweeps_keep_labels_on_their_numbers(kitti_drive: Path) -> None:
    (kitti_drive / "velodyne_points" / "data" / "0000000001.bin").unlink()
    scene = open_scene(kitti_drive)
    assert [frame.key for frame in scene.frames] == ["0000000000", "0000000002"]
    assert scene.frames[1].timestamp_ns == START_NS + 2 * SECOND_NS + 7
    labels = scene.reader.read_labels(1, "tracklets").cuboids
    np.testing.assert_allclose(labels.cuboids.center[0, 0], 11.0)


def test_truncated_oxts_are_bridged_and_told(kitti_drive: Path) -> None:
    path = kitti_drive / "oxts" / "data" / "0000000001.txt"
    path.write_text("49.0 8.4 1")
    scene = open_scene(kitti_drive)
    tree = scene.reader.read_rig(0).transforms
    ends = [
        tree.transform("world", "ego", START_NS + 5 + step * SECOND_NS).translation
        for step in (0, 1, 2)
    ]
    np.testing.assert_allclose(ends[1], (ends[0] + ends[2]) / 2, atol=1e-9)
    assert [problem.source for problem in scene.reader.problems()] == [str(path)]


def test_a_bomb_of_entities_is_refused_and_everything_else_shown(kitti_drive: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha">]><a>&x;</a>'
    (kitti_drive / "tracklet_labels.xml").write_text(bomb)
    scene = open_scene(kitti_drive)
    assert len(scene.reader.read_point_cloud(0, "velo")) == 500
    assert len(scene.reader.read_labels(1, "tracklets").cuboids) == 0
    (problem,) = scene.reader.problems()
    assert "tracklet_labels.xml" in problem.source


def test_files_outside_are_not_read_through_xml(kitti_drive: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Truck")
    text = (kitti_drive / "tracklet_labels.xml").read_text()
    text = text.replace(
        "<!DOCTYPE boost_serialization>",
        f'<!DOCTYPE boost_serialization [<!ENTITY x SYSTEM "file://{secret}">]>',
    ).replace("Van", "&x;")
    (kitti_drive / "tracklet_labels.xml").write_text(text)
    scene = open_scene(kitti_drive)
    assert len(scene.reader.read_labels(1, "tracklets").cuboids) == 0
    assert scene.reader.problems()


def test_bad_tracklets_are_named_and_the_others_shown(kitti_drive: Path) -> None:
    path = kitti_drive / "tracklet_labels.xml"
    good = path.read_text()
    item = good[good.index('<item class_id="1"') : good.index("</tracklets>")]
    path.write_text(good.replace(item, item.replace("<l>4.5</l>", "<l>wide</l>") + item))
    scene = open_scene(kitti_drive)
    labels = scene.reader.read_labels(1, "tracklets").cuboids
    assert labels.track_ids == ("1",)
    assert [problem.place for problem in scene.reader.problems()] == ["tracklet 0"]


def test_an_image_of_another_size_draws_nothing(kitti_drive: Path, files) -> None:
    files.write_image(kitti_drive / "image_02" / "data" / "0000000000.png", size=(62, 18))
    scene = open_scene(kitti_drive)
    rig = scene.reader.read_rig(0)
    assert rig.cameras["image_00"].model is not None
    assert rig.cameras["image_02"].model is None
    assert "62 x 18" in (rig.cameras["image_02"].refusal or "")
    assert scene.reader.read_image(0, "image_02", None).full_width_px == 62


def test_no_calibration_shows_cloud_images_and_boxes(kitti_drive: Path) -> None:
    for path in kitti_drive.parent.glob("calib_*.txt"):
        path.unlink()
    scene = open_scene(kitti_drive)
    rig = scene.reader.read_rig(0)
    assert rig.ego_coord_frame_id == "world"
    assert all(camera.model is None and camera.refusal for camera in rig.cameras.values())
    labels = scene.reader.read_labels(1, "tracklets").cuboids
    assert rig.transforms.transform("world", labels.cuboids.coord_frame_id, START_NS) is not None
    assert scene.reader.problems()


def test_missing_images_leave_the_frame_standing(kitti_drive: Path) -> None:
    (kitti_drive / "image_02" / "data" / "0000000001.png").unlink()
    scene = open_scene(kitti_drive)
    assert [image.sensor_id for image in scene.frames[1].images] == ["image_00"]
    with pytest.raises(DamagedData, match=r"0000000001\.png"):
        scene.reader.read_image(1, "image_02", None)
    assert "the image is missing" in scene.reader.problems()[0].message


def test_without_times_oxts_still_move_the_vehicle(kitti_drive: Path) -> None:
    for path in kitti_drive.rglob("timestamps.txt"):
        path.unlink()
    scene = open_scene(kitti_drive)
    tree = scene.reader.read_rig(0).transforms
    times = [frame.timestamp_ns for frame in scene.frames]
    assert np.diff(times).tolist() == [SECOND_NS // 10] * 2
    moved = tree.transform("world", "ego", times[2]).translation
    assert np.linalg.norm(moved) > 2.0
    assert scene.reader.problems()


@pytest.mark.parametrize("text", ["", "yesterday", "2011-13-01 00:00:00", "2011-09-26 13:02"])
def test_bad_times_are_no_times(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|month"):
        parse_timestamp_ns(text)


def test_real_datumaro_sample(real_data: Path) -> None:
    scene = open_scene(real_data / "scenes/datumaro/kitti_dataset/kitti_raw")
    assert len(scene) == 3
    assert scene.camera_ids == ("image_00",)
    camera = scene.reader.read_rig(0).cameras["image_00"]
    assert camera.model is None
    assert "no calibration" in (camera.refusal or "")
    assert scene.reader.read_image(2, "image_00", None).pixels.shape[2] == 4
    assert [len(scene.reader.read_point_cloud(index, "velo")) for index in range(3)] == [
        100,
        200,
        100,
    ]
    # Its sizes are random numbers with negative ones among them: no box comes of them.
    sources = [problem.place for problem in scene.reader.problems() if "tracklet" in problem.source]
    assert sources == ["tracklet 0", "tracklet 1", "tracklet 2"]


def test_recognised_from_any_of_its_folders(kitti_drive: Path) -> None:
    assert recognise(kitti_drive)[0].name == "kitti_raw"
    assert recognise(kitti_drive.parent)[0].name == "kitti_raw"
