"""Foxglove's schemas as JSON and as protobuf."""

from pathlib import Path

import numpy as np
import pytest
from foxglove_drive import (
    PERIOD_NS,
    START_NS,
    K,
    picture_of,
    points_of,
    write_foxglove_json,
    write_foxglove_protobuf,
)

from viewer.formats.catalog import open_dataset
from viewer.geometry.cameras import BrownConrady, Pinhole


@pytest.fixture(params=(write_foxglove_json, write_foxglove_protobuf))
def scene(request, tmp_path):
    (scene,) = open_dataset(request.param(tmp_path / "drive.mcap")).scenes
    yield scene
    assert scene.reader.problems() == ()
    scene.reader.close()


def test_frames_and_points(scene):
    assert (len(scene), scene.lidar_ids, scene.camera_ids) == (3, ("LIDAR_TOP",), ("CAM_FRONT",))
    for frame in scene.frames:
        assert frame.timestamp_ns == START_NS + frame.index * PERIOD_NS
        cloud = scene.reader.read_point_cloud(frame.index, "LIDAR_TOP")
        written = points_of(frame.index)
        # The message says that its points are 2 m above the coord frame that it names.
        expected = np.stack([written[axis] for axis in "xyz"], axis=1) + np.float32([0, 0, 2])
        np.testing.assert_allclose(cloud.xyz, expected, rtol=1e-6)
        np.testing.assert_array_equal(cloud.fields["intensity"], written["intensity"])
        image = scene.reader.read_image(frame.index, "CAM_FRONT", None)
        np.testing.assert_array_equal(image.rgb(), picture_of(frame.index))


def test_rig(scene):
    rig = scene.reader.read_rig(2)
    assert rig.ego_coord_frame_id == "base_link"
    assert rig.cameras["CAM_FRONT"].model == Pinhole(16, 12, fx=K[0], fy=K[4], cx=K[2], cy=K[5])
    world_from_ego = rig.transforms.transform("world", "base_link", START_NS + 2 * PERIOD_NS)
    np.testing.assert_allclose(world_from_ego.translation, [6.0, 0, 0])
    camera_from_ego = rig.transforms.transform("CAM_FRONT", "base_link", START_NS)
    seen = camera_from_ego.apply(np.array([[9.0, 0.0, 1.5]]))
    np.testing.assert_allclose(seen, [[0, 0, 8.0]], atol=1e-12)


def test_cubes_are_labels(scene):
    (label_set,) = scene.label_sets
    assert label_set.title == "markers_annotations"
    labels = scene.reader.read_labels(1, label_set.label_set_id).cuboids
    np.testing.assert_allclose(labels.cuboids.center, [[5.0, 2.0, 1.0]])
    np.testing.assert_allclose(labels.cuboids.size, [[4.0, 2.0, 1.5]])
    assert (labels.class_names, labels.label_ids) == (["car"], ["car 7"])
    assert labels.cuboids.coord_frame_id == "map"


def test_a_recording_of_foxgloves_own_classes():
    """See golden/README.md; every number is one that `make_foxglove.py` names."""
    (scene,) = open_dataset(Path(__file__).parent / "golden" / "foxglove.mcap").scenes
    assert (len(scene), scene.lidar_ids, scene.camera_ids) == (2, ("LIDAR_TOP",), ("CAM_FRONT",))
    assert [frame.timestamp_ns for frame in scene.frames] == [START_NS, START_NS + PERIOD_NS]
    cloud = scene.reader.read_point_cloud(1, "LIDAR_TOP")
    np.testing.assert_array_equal(cloud.xyz, [[1, 1, 1.5], [2, 1, 1.5], [3, 1, 1.5], [4, 1, 1.5]])
    np.testing.assert_array_equal(cloud.fields["intensity"], [0, 10, 200, 255])
    image = scene.reader.read_image(1, "CAM_FRONT", None)
    assert image.rgb().shape == (12, 16, 3)
    assert (image.rgb() == [200, 41, 10]).all()
    rig = scene.reader.read_rig(1)
    assert rig.cameras["CAM_FRONT"].model == BrownConrady(
        16, 12, fx=50, fy=51, cx=8, cy=6, k1=-0.1, k2=0.02, p1=0.001, p2=-0.002
    )
    world_from_camera = rig.transforms.transform("world", "CAM_FRONT", START_NS + PERIOD_NS)
    np.testing.assert_allclose(world_from_camera.translation, [4.0, 0, 1.5])
    labels = scene.reader.read_labels(1, scene.label_sets[0].label_set_id).cuboids
    assert (labels.class_names, labels.label_ids) == (["car"], ["box 7"])
    np.testing.assert_array_equal(labels.cuboids.center, [[5, 2, 1]])
    assert labels.timestamp_ns == START_NS + PERIOD_NS
    assert scene.reader.problems() == ()
    scene.reader.close()
