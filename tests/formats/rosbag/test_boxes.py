"""Markers and detections as cuboid labels."""

import numpy as np
import pytest
import ros_bags as ros

from viewer.formats.catalog import open_dataset
from viewer.scene.labels import LabelSetKind

T0 = 1_700_000_000_000_000_000
POINTS = np.zeros(5, [("x", "<f4"), ("y", "<f4"), ("z", "<f4")])
FLAT = (1, 0, 0, 0)
TURNED = (np.cos(0.2), 0, 0, np.sin(0.2))


def scene_of(tmp_path, topic, message, kind="mcap-none"):
    static = ros.tf(
        ros.transform(0, "base_link", "lidar", (0, 0, 2), FLAT),
        ros.transform(0, "base_link", "rear", (-1, 0, 0), (0, 0, 0, 1)),
    )
    messages = [
        ("/tf_static", T0, static),
        ("/points", T0, ros.cloud(T0, "lidar", POINTS)),
        (topic, T0 + 1000, message),
    ]
    (scene,) = open_dataset(ros.write_bag(tmp_path, kind, messages)).scenes
    return scene


@pytest.mark.parametrize("kind", ["ros1-none", "mcap-zstd"])
def test_cubes_among_markers(kind, tmp_path):
    car = ros.marker(T0, "lidar", "car", 7, ros.pose((5, 1, -1), TURNED), (4, 2, 1.5))
    # Seen from behind, turned by half: x and y change sign, then the rear is 1 m back, 2 m lower.
    bike = ros.marker(T0, "rear", "bike", 7, ros.pose((3, -2, 1), FLAT), (1, 0.5, 1), text="parked")
    arrow = ros.marker(T0, "lidar", "car", 8, ros.pose((5, 1, -1), FLAT), (4, 2, 1), type=0)
    gone = ros.marker(T0, "lidar", "car", 9, ros.pose((5, 1, -1), FLAT), (4, 2, 1), action=2)
    flat = ros.marker(T0, "lidar", "car", 10, ros.pose((5, 1, -1), FLAT), (4, 2, 0))
    lost = ros.marker(T0, "nowhere", "car", 11, ros.pose((5, 1, -1), FLAT), (4, 2, 1))
    scene = scene_of(tmp_path, "/boxes", ros.markers(car, arrow, bike, gone, flat, lost), kind)
    (label_set,) = scene.label_sets
    assert label_set.kind is LabelSetKind.GROUND_TRUTH
    labels = scene.reader.read_labels(0, label_set.label_set_id).cuboids
    assert list(labels.class_names) == ["car", "bike"]
    assert list(labels.label_ids) == ["7", "7 (2)"]
    assert labels.cuboids.coord_frame_id == "lidar"
    np.testing.assert_allclose(labels.cuboids.center, [[5, 1, -1], [-4, 2, -1]], atol=1e-12)
    np.testing.assert_allclose(labels.cuboids.size, [[4, 2, 1.5], [1, 0.5, 1]])
    np.testing.assert_allclose(labels.cuboids.rotation[0], TURNED)
    assert abs(labels.cuboids.rotation[1][3]) == pytest.approx(1.0)
    assert labels.attributes[1] == {"text": "parked"}
    assert scene.class_map.names == ("bike", "car")
    told = [each.message for each in scene.reader.problems()]
    assert [each.split()[1] for each in told] == ["10", "11"]


def test_detections_take_their_likeliest_class(tmp_path):
    found = ros.detection(
        T0, "", ros.pose((5, 1, 0), TURNED), (4, 2, 1.5), {"van": 0.2, "car": 0.75}, "track 3"
    )
    scene = scene_of(tmp_path, "/detections", ros.detections(T0, "base_link", found))
    (label_set,) = scene.label_sets
    assert label_set.kind is LabelSetKind.PREDICTIONS
    labels = scene.reader.read_labels(0, label_set.label_set_id).cuboids
    assert (labels.class_names, labels.track_ids) == (["car"], ["track 3"])
    np.testing.assert_allclose(labels.scores, [0.75])
    np.testing.assert_allclose(labels.cuboids.center, [[5, 1, 0]])
    assert labels.cuboids.coord_frame_id == "base_link"


@pytest.mark.parametrize("kind", ["ros1-none", "sqlite-none"])
def test_detections_of_earlier_releases(kind, tmp_path):
    """Before version 4 a hypothesis held its class itself: a number in ROS 1, a name in ROS 2."""
    version = 1 if kind.startswith("ros1") else 2
    store = ros.detection_store(version)
    at = ros.pose((5, 1, 0), TURNED)
    where = ros.node("geometry_msgs/msg/PoseWithCovariance", pose=at, covariance=np.zeros(36))
    results = [
        ros.node("vision_msgs/msg/ObjectHypothesisWithPose", id=name, score=score, pose=where)
        for name, score in (
            (3 if version == 1 else "car", 0.5),
            (4 if version == 1 else "van", 0.9),
        )
    ]
    found = ros.node(
        "vision_msgs/msg/Detection3D", header=ros.header(T0, "lidar"), results=results,
        bbox=ros.node("vision_msgs/msg/BoundingBox3D", center=at,
                      size=ros.xyz("Vector3", (4, 2, 1.5))),
        is_tracking=True, tracking_id="11",
        source_cloud=ros.cloud(T0, "lidar", POINTS),
    )  # fmt: skip
    message = ros.detections(T0, "lidar", found)
    message.store = store
    scene = scene_of(tmp_path, "/detections", message, kind)
    labels = scene.reader.read_labels(0, scene.label_sets[0].label_set_id).cuboids
    assert list(labels.class_names) == ["4" if version == 1 else "van"]
    assert list(labels.track_ids) == [None if version == 1 else "11"]
    np.testing.assert_allclose(labels.scores, [0.9])
    np.testing.assert_allclose(labels.cuboids.center, [[5, 1, 0]])
    np.testing.assert_allclose(labels.cuboids.rotation, [TURNED])
