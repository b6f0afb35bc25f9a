"""Shapes fill their boxes, pictures show them where labels say, and a seed gives the same again."""

import numpy as np
import pytest

open3d = pytest.importorskip("open3d", exc_type=ImportError)

from sample_scenes.road import Road  # noqa: E402
from sample_scenes.street_scene import StreetDrive  # noqa: E402
from viewer.geometry.cuboids import Cuboids  # noqa: E402
from viewer.geometry.projection import project_points  # noqa: E402

FRAME = 21


@pytest.fixture(scope="module")
def drive():
    return StreetDrive()


def test_every_shape_touches_all_six_faces_of_its_box(drive):
    for user in drive.users:
        for mesh in (user.mesh, user.mesh.mirrored()):
            low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
            np.testing.assert_allclose(high, np.array(user.size_m) / 2, atol=1e-9)
            np.testing.assert_allclose(low, -np.array(user.size_m) / 2, atol=1e-9)


def test_road_users_stand_on_the_ground(drive):
    for user in drive.users:
        spot = user.placement_at(1.7)
        # The kerb is 13 cm high; whoever steps on it is within that of either level.
        assert abs(height_of_ground(drive.road, spot.position) - spot.position[2]) < 0.14
        up = spot.rotation[:, 2]
        assert up[2] > 0.99
        np.testing.assert_allclose(spot.rotation @ spot.rotation.T, np.eye(3), atol=1e-12)


def height_of_ground(road, position):
    """Height of the ground point nearest in plan, from a fine grid."""
    s, t = np.meshgrid(np.arange(-40, 130, 0.25), np.arange(-9, 9.1, 0.25), indexing="ij")
    grid = road.point(s, t).reshape(-1, 3)
    return grid[np.argmin(np.linalg.norm(grid[:, :2] - position[:2], axis=1)), 2]


def test_kerb_is_a_step_and_the_road_is_smooth():
    road = Road()
    levels = road.point(np.full(3, 10.0), np.array([5.8, 5.95, 6.2]))[:, 2]
    assert levels[1] - levels[0] == pytest.approx(0.13, abs=0.01)
    along = road.point(np.arange(0, 100, 0.5), -1.8)
    steps = np.linalg.norm(np.diff(along, axis=0), axis=1)
    assert np.ptp(steps) < 0.05


@pytest.mark.parametrize("sensor_id", ["front_left", "right_fisheye"])
def test_committed_image_shows_the_objects_where_the_labels_are(street, drive, sensor_id):
    frame = street.frames[FRAME]
    image = next(ref for ref in frame.images if ref.sensor_id == sensor_id)
    assert image.timestamp_ns == drive.image_times_ns(FRAME)[sensor_id]
    picture = drive.picture(sensor_id, image.timestamp_ns)
    stored = street.reader.read_image(FRAME, sensor_id, None).rgb()
    assert np.abs(stored.astype(int) - picture.rgb.astype(int)).mean() < 4

    rig = street.reader.read_rig(FRAME)
    camera = rig.cameras[sensor_id]
    matrix = rig.camera_from(camera, "world", image.timestamp_ns, image.timestamp_ns)
    seconds = (image.timestamp_ns - street.frames[0].timestamp_ns) / 1e9
    boxes = street.reader.read_labels(FRAME, "ground_truth").boxes_2d
    compared = 0
    for instance, user in enumerate(drive.users):
        painted, count = picture.covered_box_px(instance)
        mine = [row for row in boxes.on_image(sensor_id) if boxes.track_ids[row] == user.track_id]
        if painted is None or not mine or count < 400:
            continue
        np.testing.assert_array_equal(boxes.boxes_px[mine[0]], painted)
        pose = user.center_pose(seconds)
        corners = Cuboids(
            pose.position[None], np.array([user.size_m]), np.array([[1.0, 0, 0, 0]]), "world"
        ).corners()[0]
        corners = (corners - pose.position) @ pose.rotation.T + pose.position
        seen = project_points(corners, camera.model, matrix)
        if not seen.valid.all():
            continue
        # Straight edges bulge in a lens, so the corners alone may fall a little short.
        slack = 1.0 + 0.06 * (painted[2:] - painted[:2]).max()
        assert (seen.pixels.min(axis=0) <= painted[:2] + slack).all(), user.track_id
        assert (seen.pixels.max(axis=0) >= painted[2:] - slack).all(), user.track_id
        compared += 1
    assert compared >= 3


def test_the_same_seed_gives_the_same_points(street, drive):
    from sample_scenes.lidar import sweep

    time_ns = street.frames[FRAME].timestamp_ns
    pose = drive.transforms.transform("world", "lidar_top", time_ns)
    rng = np.random.default_rng([drive.seed, 4, FRAME])
    again = sweep(drive.world_at(time_ns), pose, rng)
    stored = street.reader.read_point_cloud(FRAME, "lidar_top")
    np.testing.assert_array_equal(again.xyz, stored.xyz)
    np.testing.assert_array_equal(again.intensity, stored.fields["intensity"])
    np.testing.assert_array_equal(again.ring, stored.fields["ring"])
