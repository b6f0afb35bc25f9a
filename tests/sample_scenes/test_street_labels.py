"""The street's labels say what its points and images show."""

import numpy as np
import pytest

from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.projection import outline_boxes_px, project_cuboids

SAMPLED = (0, 9, 21, 39)


def labels_at(street, index):
    return street.reader.read_labels(index, "ground_truth").cuboids


def inside(cuboids, row, points, slack_m=0.0):
    """Which points lie in a box, by turning them into its axes."""
    own = (points - cuboids.center[row]) @ rotation_of(cuboids.rotation[row])
    return (np.abs(own) <= cuboids.size[row] / 2 + slack_m).all(axis=1)


def rotation_of(wxyz):
    w, x, y, z = wxyz / np.linalg.norm(wxyz)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def points_world(street, index):
    cloud = street.reader.read_point_cloud(index, "lidar_top")
    rig = street.reader.read_rig(index)
    pose = rig.transforms.transform("world", cloud.coord_frame_id, cloud.timestamp_ns)
    return cloud.xyz.astype(np.float64) @ pose.rotation.T + pose.translation


def test_drive_is_long_turns_climbs_and_has_every_lens(street):
    assert len(street) == 40
    assert set(np.diff([frame.timestamp_ns for frame in street.frames])) == {100_000_000}
    rig = street.reader.read_rig(0)
    models = [camera.model for camera in rig.cameras.values()]
    assert {model.name for model in models} == {"pinhole", "brown_conrady", "fisheye"}
    assert len(models) >= 5
    first, last = (
        rig.transforms.transform("world", "ego", street.frames[i].timestamp_ns) for i in (0, -1)
    )
    headings = [np.degrees(np.arctan2(*pose.rotation[1::-1, 0])) for pose in (first, last)]
    assert abs(headings[1] - headings[0]) > 15
    assert np.degrees(np.arcsin(last.rotation[2, 0])) > 3
    assert np.linalg.norm(last.translation - first.translation) > 30


def test_fisheyes_see_more_than_half_of_the_world(street):
    for camera in street.reader.read_rig(0).cameras.values():
        if isinstance(camera.model, Fisheye):
            edge = np.array(
                [[0.0, camera.model.cy], [camera.model.width_px - 1.0, camera.model.cy]]
            )
            rays = camera.model.unproject(edge)
            assert rays.valid.all()
            assert (rays.directions[:, 2] < 0).all()


def test_images_are_taken_at_different_times(street):
    offsets = np.array(
        [
            [image.timestamp_ns - frame.timestamp_ns for image in frame.images]
            for frame in street.frames
        ]
    )
    assert ((offsets > 0) & (offsets < 40_000_000)).all()
    assert (np.diff(np.sort(offsets, axis=1), axis=1) > 1_000_000).all()


@pytest.mark.parametrize("index", SAMPLED)
def test_num_points_counts_the_points_in_the_box(street, index):
    labels, points = labels_at(street, index), points_world(street, index)
    assert len(labels) > 25
    for row, attributes in enumerate(labels.attributes):
        counted = inside(labels.cuboids, row, points).sum()
        # The last digits of poses differ, so a point on a face may fall on either side.
        assert abs(counted - attributes["num_points"]) <= 1


@pytest.mark.parametrize("index", SAMPLED)
def test_near_boxes_hold_nearly_all_points_on_their_object_and_touch_them(street, index):
    labels, points = labels_at(street, index), points_world(street, index)
    for row in range(len(labels)):
        if labels.attributes[row]["num_points"] < 60:
            continue
        near = inside(labels.cuboids, row, points, 0.12)
        for other in range(len(labels)):
            if other != row:
                near &= ~inside(labels.cuboids, other, points, 0.06)
        turn = rotation_of(labels.cuboids.rotation[row])
        own = (points[near] - labels.cuboids.center[row]) @ turn
        above_ground = own[:, 2] > -labels.cuboids.size[row, 2] / 2 + 0.25
        held = inside(labels.cuboids, row, points[near], 0.05)
        assert held[above_ground].mean() > 0.97, labels.label_ids[row]
        reach = np.abs(own / labels.cuboids.size[row])[:, :2].max()
        assert reach > 0.38, labels.label_ids[row]


def test_tracks_keep_size_and_class_and_move_with_their_velocity(street):
    before = {}
    for frame in street.frames:
        labels = labels_at(street, frame.index)
        now = {}
        for row, track in enumerate(labels.track_ids):
            now[track] = (
                labels.cuboids.center[row], labels.cuboids.size[row], labels.class_names[row],
                labels.velocities_mps[row],
            )  # fmt: skip
        assert len(now) == len(labels)
        for track in now.keys() & before.keys():
            old, new = before[track], now[track]
            np.testing.assert_array_equal(old[1], new[1])
            assert old[2] == new[2]
            mean_velocity = (old[3] + new[3]) / 2
            np.testing.assert_allclose(new[0] - old[0], mean_velocity * 0.1, atol=0.02)
        before = now


def test_parked_objects_stand_still(street):
    places = {}
    for frame in street.frames:
        labels = labels_at(street, frame.index)
        for row, track in enumerate(labels.track_ids):
            if labels.attributes[row]["state"] == "parked":
                places.setdefault(track, []).append(labels.cuboids.center[row])
    assert len(places) >= 8
    assert max(np.ptp(rows, axis=0).max() for rows in places.values()) == 0


def test_boxes_follow_the_slope(street):
    tilts = []
    for index in SAMPLED:
        labels = labels_at(street, index)
        rotations = np.array([rotation_of(wxyz) for wxyz in labels.cuboids.rotation])
        tilts += np.degrees(np.arcsin(rotations[:, 2, 0])).tolist()
    assert max(tilts) > 3
    assert min(tilts) < -3


@pytest.mark.parametrize("index", SAMPLED)
def test_what_is_painted_lies_within_the_drawn_box_at_the_image_s_time(street, index):
    rig = street.reader.read_rig(index)
    frame_labels = street.reader.read_labels(index, "ground_truth")
    labels, boxes = frame_labels.cuboids, frame_labels.boxes_2d
    row_of = {track: row for row, track in enumerate(labels.track_ids)}
    compared = 0
    for image in street.frames[index].images:
        camera = rig.cameras[image.sensor_id]
        dt_s = (image.timestamp_ns - labels.timestamp_ns) / 1e9
        moved = Cuboids(
            labels.cuboids.center + labels.velocities_mps * dt_s,
            labels.cuboids.size,
            labels.cuboids.rotation,
            labels.cuboids.coord_frame_id,
        )
        matrix = rig.camera_from(camera, "world", image.timestamp_ns, labels.timestamp_ns)
        outlines = outline_boxes_px(project_cuboids(moved, camera.model, matrix), len(labels))
        for number in boxes.on_image(image.sensor_id):
            if boxes.attributes[number]["truncated"]:
                continue
            drawn = outlines[row_of[boxes.track_ids[number]]]
            painted = boxes.boxes_px[number]
            # Turning within 40 ms is not in the velocity; near a fisheye that is a pixel or so.
            slack = 1.0 + 0.01 * np.linalg.norm(painted[2:] - painted[:2])
            assert (drawn[:2] <= painted[:2] + slack).all(), boxes.label_ids[number]
            assert (drawn[2:] >= painted[2:] - slack).all(), boxes.label_ids[number]
            compared += 1
    assert compared > 30


@pytest.mark.parametrize("index", SAMPLED)
def test_unhidden_objects_reach_from_top_to_bottom_of_the_drawn_box(street, index):
    """Near objects in full view: the painted height is the drawn one."""
    rig = street.reader.read_rig(index)
    frame_labels = street.reader.read_labels(index, "ground_truth")
    labels, boxes = frame_labels.cuboids, frame_labels.boxes_2d
    row_of = {track: row for row, track in enumerate(labels.track_ids)}
    for image in street.frames[index].images:
        camera = rig.cameras[image.sensor_id]
        if isinstance(camera.model, Fisheye):
            continue
        matrix = rig.camera_from(camera, "world", image.timestamp_ns, labels.timestamp_ns)
        curves = project_cuboids(labels.cuboids, camera.model, matrix)
        outlines = outline_boxes_px(curves, len(labels))
        for number in boxes.on_image(image.sensor_id):
            row = row_of[boxes.track_ids[number]]
            upright = labels.class_names[row] == "pedestrian"
            shown = labels.attributes[row]["occlusion"] == "none"
            painted = boxes.boxes_px[number]
            if boxes.attributes[number]["truncated"] or not (upright and shown):
                continue
            if painted[3] - painted[1] < 50:
                continue
            share = (painted[3] - painted[1]) / (outlines[row, 3] - outlines[row, 1])
            assert share > 0.9, boxes.label_ids[number]
