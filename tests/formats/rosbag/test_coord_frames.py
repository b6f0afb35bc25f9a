"""Coord frames as tf tells them, and what is said where it does not."""

import numpy as np
import ros_bags as ros

from viewer.formats.catalog import open_dataset
from viewer.geometry.transform_tree import ROOT
from viewer.scene.sensors import RangeSensorKind

T0 = 1_700_000_000_000_000_000
STEP = 100_000_000
POINTS = np.zeros(5, [("x", "<f4"), ("y", "<f4"), ("z", "<f4")])
FLAT = (1, 0, 0, 0)
LENS = (50, 0, 8, 0, 50, 6, 0, 0, 1)


def scene_of(tmp_path, static, moving=(), extra=(), frame_id="lidar"):
    messages = [("/tf_static", T0, ros.tf(*static))]
    messages += [("/tf", T0 + row * STEP, ros.tf(*each)) for row, each in enumerate(moving)]
    for row in range(3):
        now = T0 + row * STEP
        messages.append(("/lidar/points", now, ros.cloud(now, frame_id, POINTS)))
        picture = np.zeros((12, 16), np.uint8)
        messages.append(("/cam/image_raw", now, ros.image(now, "cam", "mono8", picture)))
        messages.append(("/cam/camera_info", now, ros.camera_info(now, "cam", (16, 12), LENS)))
    (scene,) = open_dataset(ros.write_bag(tmp_path, "mcap-none", [*messages, *extra])).scenes
    return scene


def told(scene):
    return [each.message for each in scene.reader.problems()]


def move(row, parent, child, x):
    return ros.transform(T0 + row * STEP, parent, child, (x, 0, 0), FLAT)


def test_the_world_is_the_map_even_below_the_earth(tmp_path):
    static = [
        ros.transform(0, "earth", "map", (4e6, 1e6, 5e6), FLAT),
        ros.transform(0, "base_link", "lidar", (0, 0, 2), FLAT),
        ros.transform(0, "base_link", "cam", (1, 0, 1), FLAT),
    ]
    moving = [[move(row, "map", "odom", 0.0), move(row, "odom", "base_link", row)]
              for row in range(3)]  # fmt: skip
    scene = scene_of(tmp_path, static, moving)
    rig = scene.reader.read_rig(0)
    assert "earth" not in rig.transforms
    at = rig.transforms.transform(ROOT, "lidar", T0 + STEP).translation
    np.testing.assert_allclose(at, [1, 0, 2])
    assert rig.ego_coord_frame_id == "base_link"


def test_odom_is_the_world_where_there_is_no_map(tmp_path):
    static = [ros.transform(0, "body", "lidar", (0, 0, 2), FLAT)]
    moving = [[move(row, "odom", "body", 3.0 * row)] for row in range(3)]
    rig = scene_of(tmp_path, static, moving).reader.read_rig(0)
    assert rig.transforms.parent_of("odom") == ROOT
    # Nothing is called as egos are: the lowest coord frame that moves and carries the lidar is it.
    assert rig.ego_coord_frame_id == "body"


def test_without_tf_the_lidar_is_the_world_and_the_camera_says_why(tmp_path):
    scene = scene_of(tmp_path, [])
    rig = scene.reader.read_rig(0)
    assert (rig.transforms.coord_frame_ids, rig.ego_coord_frame_id) == ((ROOT, "lidar"), "lidar")
    camera = rig.cameras["cam"]
    assert camera.model is None
    assert camera.refusal == "no transform joins its coord frame 'cam' with 'lidar'"


def test_a_frame_called_world_is_the_root_or_kept_apart_from_it(tmp_path):
    static = [ros.transform(0, "world", "lidar", (0, 0, 2), FLAT)]
    above, below = tmp_path / "above", tmp_path / "below"
    above.mkdir()
    below.mkdir()
    rig = scene_of(above, static).reader.read_rig(0)
    np.testing.assert_allclose(rig.transforms.transform(ROOT, "lidar").translation, [0, 0, 2])
    static.append(ros.transform(0, "map", "world", (5, 0, 0), FLAT))
    rig = scene_of(below, static).reader.read_rig(0)
    np.testing.assert_allclose(rig.transforms.transform(ROOT, "lidar").translation, [5, 0, 2])


def test_names_with_a_leading_slash_are_the_same_names(tmp_path):
    static = [ros.transform(0, "/base_link", "/lidar", (0, 0, 2), FLAT)]
    rig = scene_of(tmp_path, static, frame_id="/lidar").reader.read_rig(0)
    assert set(rig.transforms.coord_frame_ids) == {ROOT, "base_link", "lidar"}


def test_damaged_and_contradicting_transforms_are_told_and_left_out(tmp_path):
    static = [
        ros.transform(0, "base_link", "lidar", (0, 0, 2), FLAT),
        ros.transform(0, "base_link", "cam", (0, 0, 1), (0, 0, 0, 0)),
        ros.transform(0, "a", "b", (0, 0, 0), FLAT),
        ros.transform(0, "b", "a", (0, 0, 0), FLAT),
    ]
    moving = [[move(row, "map", "base_link", float(row))] for row in range(3)]
    moving.append([move(3, "odom", "base_link", 9.0)])
    scene = scene_of(tmp_path, static, moving)
    rig = scene.reader.read_rig(0)
    assert set(rig.transforms.coord_frame_ids) == {ROOT, "map", "base_link", "lidar"}
    text = " | ".join(told(scene))
    assert "'base_link' from 'cam' is no pose" in text
    assert "'base_link' hangs under 'map' and 'odom'; the first holds" in text
    assert "form a cycle" in text
    assert rig.cameras["cam"].model is None


def test_several_lidars_and_a_radar(tmp_path):
    big = np.zeros(500, POINTS.dtype)
    extra = []
    for row in range(3):
        now = T0 + row * STEP + 30_000_000
        extra.append(("/top/points", now, ros.cloud(now, "top", big)))
        for shift in (0, STEP // 2):
            radar = ros.cloud(now + shift, "radar", POINTS)
            extra.append(("/radar_front/points", now + shift, radar))
    static = [
        ros.transform(0, "base_link", "lidar", (0, 0, 2), FLAT),
        ros.transform(0, "base_link", "top", (0, 0, 3), FLAT),
    ]
    scene = scene_of(tmp_path, static, extra=extra)
    assert scene.lidar_ids == ("top", "lidar", "radar_front")
    assert [frame.timestamp_ns for frame in scene.frames] == [
        T0 + 30_000_000 + row * STEP for row in range(3)
    ]
    times = {each.sensor_id: each.timestamp_ns for each in scene.frames[1].sweeps}
    own = T0 + STEP
    assert times == {"top": own + 30_000_000, "lidar": own, "radar_front": own + 30_000_000}
    rig = scene.reader.read_rig(0)
    assert rig.lidars["radar_front"].kind is RangeSensorKind.RADAR
    assert rig.lidars["lidar"].kind is RangeSensorKind.LIDAR
    # Nothing says where the radar is: it is shown at the main lidar's place, and that is told.
    at = rig.transforms.transform("base_link", "radar").translation
    np.testing.assert_allclose(at, [0, 0, 3])
    assert any("no transform joins 'radar' with 'top'" in each for each in told(scene))
    assert len(scene.reader.read_point_cloud(1, "top")) == 500
