"""The junction: nobody stands in another, everybody stands on the ground, labels hold points."""

import numpy as np
import pytest

pytest.importorskip("open3d", exc_type=ImportError)

from sample_scenes.junction.motion import SECONDS
from sample_scenes.junction.recording import JunctionDrive
from sample_scenes.junction.roads import ARMS, MOUTH_M, Roads, Way
from sample_scenes.junction.sensors import mount
from sample_scenes.junction.stage import JunctionStage
from viewer.formats.builder import SceneBuilder
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_matrix

SEED = 3


@pytest.fixture(scope="module")
def drive():
    return JunctionDrive(SEED)


@pytest.fixture(scope="module")
def scene(drive):
    builder = SceneBuilder("two frames")
    mount(builder)
    drive.add_poses(builder)
    for index in (0, 20):
        drive.add_frame(builder, index)
    return builder.build()


def boxes_at(users, time_s):
    poses = [user.center_pose(time_s) for user in users]
    return Cuboids(
        np.array([pose.position for pose in poses]),
        np.array([user.size_m for user in users]),
        np.array([quaternion_from_matrix(pose.rotation) for pose in poses]),
        "world",
    )


@pytest.mark.parametrize("time_s", np.linspace(0, SECONDS, 5).tolist())
def test_nobody_stands_in_another(drive, time_s):
    boxes = boxes_at(drive.users, time_s)
    rng = np.random.default_rng(1)
    for row in range(len(boxes)):
        inside = rng.uniform(-0.5, 0.5, (200, 3)) * boxes.size[row]
        pose = drive.users[row].center_pose(time_s)
        others = boxes.select(np.arange(len(boxes)) != row)
        points = inside @ pose.rotation.T + pose.position
        assert others.count_points(points).sum() == 0, drive.users[row].track_id


def test_everybody_stands_on_the_ground(drive):
    for user in drive.users:
        spot = user.placement_at(3.3)
        height = float(drive.roads.height(spot.position[:2]))
        assert spot.position[2] == pytest.approx(height, abs=0.05)
        np.testing.assert_allclose(spot.rotation @ spot.rotation.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(spot.rotation) == pytest.approx(1)


def test_vehicles_look_where_they_go(drive):
    moving = [user for user in drive.users if user.state == "moving" and user.size_m[0] > 3]
    assert len(moving) > 5
    for user in moving:
        for time_s in (1.0, 4.0, 7.0):
            velocity = user.velocity_mps(time_s)
            speed = np.linalg.norm(velocity)
            assert speed < 16
            if speed > 1:
                ahead = user.placement_at(time_s).rotation[:, 0]
                # The middle between both axles drifts a little outwards in a turn.
                assert velocity @ ahead > 0.97 * speed


def test_some_turn(drive):
    turned = []
    for user in drive.users:
        first, last = (user.placement_at(time_s).rotation[:, 0] for time_s in (0.0, SECONDS))
        turned.append(np.degrees(np.arccos(np.clip(first @ last, -1, 1))))
    assert max(turned) > 45


def test_labels_hold_the_points_of_their_objects(scene, drive):
    frame = scene.reader.read_labels(1, "ground_truth")
    told = [each["num_points"] for each in frame.cuboids.attributes]
    tree = scene.reader.read_rig(1).transforms
    counts = 0
    for sweep in scene.frames[1].sweeps:
        cloud = scene.reader.read_point_cloud(1, sweep.sensor_id)
        pose = tree.transform("world", sweep.sensor_id, scene.frames[1].timestamp_ns)
        counts = counts + frame.cuboids.cuboids.count_points(pose.apply(cloud.xyz))
    np.testing.assert_array_equal(counts, told)
    assert sum(count > 20 for count in told) > 10
    assert len(frame.boxes_2d) > 3


def test_no_camera_looks_at_its_own_car_only(scene):
    for sensor_id in ("cam_front", "cam_back"):
        image = scene.reader.read_image(1, sensor_id, None).rgb()
        sky, land = image[:60].reshape(-1, 3), image[-60:].reshape(-1, 3)
        assert np.median(sky[:, 2]) > 150
        assert len(np.unique(land // 16, axis=0)) > 5


def test_a_seed_gives_the_same_again_and_another_seed_another_road(scene, drive):
    builder = SceneBuilder("again")
    mount(builder)
    again = JunctionDrive(SEED)
    again.add_poses(builder)
    again.add_frame(builder, 0)
    points = [each.reader.read_point_cloud(0, "roof").xyz for each in (scene, builder.build())]
    np.testing.assert_array_equal(*points)
    spots = np.array([[30.0, 5.0], [-20.0, 40.0]])
    assert not np.allclose(Roads(np.random.default_rng(8)).height(spots), drive.roads.height(spots))


def test_ways_are_even_and_without_kinks(drive):
    for end in range(1, ARMS):
        way = drive.roads.drive(0, end)
        steps = np.diff(way.points, axis=0)
        lengths = np.linalg.norm(steps, axis=1)
        headings = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
        assert np.abs(np.diff(headings)).max() < 0.12
        assert lengths.min() > 0.2
        assert way.length_m > 2 * (100 - MOUTH_M)


def test_a_way_goes_straight_on_beyond_its_ends():
    way = Way.through(np.array([[0.0, 0.0], [10.0, 0.0]]))
    np.testing.assert_allclose(way.at(np.array([-2.0, 3.3, 12.0]))[:, 0], [-2.0, 3.3, 12.0])


def test_ghosts_stand_beside_the_road(drive):
    stage = JunctionStage(drive)
    spots = np.array([ghost.spot.position[:2] for ghost in stage.ghosts])
    assert (drive.roads.clear_of(spots) > 4).all()
    assert all(0 <= ghost.first < ghost.last < 44 for ghost in stage.ghosts)
