"""The sample street, recorded as a bag, is the street: its native form is the oracle."""

from pathlib import Path

import numpy as np
import pytest
import ros_bags as ros
from street_bag import street_messages

from viewer.formats.catalog import open_dataset
from viewer.scene.scene import Scene

STREET = Path(__file__).parents[3] / "sample_scenes" / "street"
FRAMES = (3, 4, 5)


@pytest.fixture(scope="module")
def street() -> Scene:
    return open_dataset(STREET).scenes[0]


@pytest.fixture(scope="module", params=("ros1-lz4", "sqlite-none", "mcap-zstd"))
def bag(request, street: Scene, tmp_path_factory) -> Scene:
    path = ros.write_bag(
        tmp_path_factory.mktemp("street"), request.param, street_messages(street, FRAMES)
    )
    return open_dataset(path).scenes[0]


def test_frames_sensors_and_times_are_those_of_the_street(street: Scene, bag: Scene):
    assert (len(bag), bag.lidar_ids) == (len(FRAMES), street.lidar_ids)
    assert set(bag.camera_ids) == set(street.camera_ids)
    for row, index in enumerate(FRAMES):
        ours, theirs = bag.frames[row], street.frames[index]
        assert ours.timestamp_ns == theirs.timestamp_ns
        assert {(each.sensor_id, each.timestamp_ns) for each in ours.images} == {
            (each.sensor_id, each.timestamp_ns) for each in theirs.images
        }
    assert bag.reader.problems() == ()


def test_points_fall_on_the_same_pixels(street: Scene, bag: Scene):
    seen = 0
    for row, index in enumerate(FRAMES):
        rig, native = bag.reader.read_rig(row), street.reader.read_rig(index)
        cloud = bag.reader.read_point_cloud(row, "lidar_top")
        original = street.reader.read_point_cloud(index, "lidar_top")
        np.testing.assert_array_equal(cloud.xyz, original.xyz)
        np.testing.assert_array_equal(cloud.fields["ring"], original.fields["ring"])
        for image in bag.frames[row].images:
            pixels = []
            for each, points in ((rig, cloud), (native, original)):
                camera = each.cameras[image.sensor_id]
                matrix = each.camera_from(
                    camera, points.coord_frame_id, image.timestamp_ns, points.timestamp_ns
                )
                inside = points.xyz @ matrix[:3, :3].T + matrix[:3, 3]
                pixels.append(camera.model.project(inside))
            (ours, our_mask), (theirs, their_mask) = pixels
            np.testing.assert_array_equal(our_mask, their_mask)
            np.testing.assert_allclose(ours[our_mask], theirs[their_mask], atol=1e-6)
            seen += int(our_mask.sum())
    assert seen > 10_000


def test_images_and_cubes_are_those_of_the_street(street: Scene, bag: Scene):
    for camera in ("front", "left_fisheye"):
        ours = bag.reader.read_encoded_image(1, camera)
        assert ours == street.reader.read_encoded_image(FRAMES[1], camera)
    (label_set,) = bag.label_sets
    ours = bag.reader.read_labels(1, label_set.label_set_id).cuboids
    theirs = street.reader.read_labels(FRAMES[1], "ground_truth").cuboids
    np.testing.assert_array_equal(ours.cuboids.center, theirs.cuboids.center)
    np.testing.assert_array_equal(ours.cuboids.size, theirs.cuboids.size)
    np.testing.assert_allclose(ours.cuboids.rotation, theirs.cuboids.rotation, atol=1e-12)
    assert list(ours.class_names) == list(theirs.class_names)
    assert (ours.cuboids.coord_frame_id, ours.timestamp_ns) == ("map", theirs.timestamp_ns)
    assert set(bag.class_map.names) >= set(theirs.class_names)
