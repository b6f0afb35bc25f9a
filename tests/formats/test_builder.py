"""Scenes from arrays: what is put in comes out, where the sensors and poses say it is."""

import io

import numpy as np
import pytest
from PIL import Image

from viewer.formats.base import DamagedData
from viewer.formats.builder import SceneBuilder, body_rotation
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.scene.labels import LabelSetKind

LENS = Pinhole(100, 80, fx=50, fy=50, cx=50, cy=40)
AHEAD_LEFT_UP = np.array([[10.0, 2.0, 1.0]])


def pixel_of(scene, sensor_id, point, src, time_ns=0):
    rig = scene.reader.read_rig(0)
    matrix = rig.camera_from(rig.cameras[sensor_id], src, time_ns, time_ns)
    return LENS.project(point @ matrix[:3, :3].T + matrix[:3, 3]).pixels[0]


def test_a_camera_looks_along_the_ego_x_with_y_left_and_z_up():
    builder = SceneBuilder("s")
    builder.add_camera("front", LENS, position=(0, 0, 0))
    # 10 m ahead, 2 m left, 1 m up: 2/10 * 50 px to the left, 1/10 * 50 px up.
    pixel = pixel_of(with_frame(builder), "front", AHEAD_LEFT_UP, "ego")
    np.testing.assert_allclose(pixel, [40, 35])


def with_frame(builder):
    builder.add_frame(timestamp_ns=0)
    return builder.build()


@pytest.mark.parametrize(
    ("angles", "point"),
    [
        ({"yaw_rad": np.pi / 2}, (0.0, 10.0, 0.0)),
        ({"yaw_rad": -np.pi / 2}, (0.0, -10.0, 0.0)),
        ({"pitch_rad": np.pi / 2}, (0.0, 0.0, -10.0)),
        ({"yaw_rad": np.pi, "pitch_rad": np.pi / 4}, (-10.0, 0.0, -10.0)),
    ],
)
def test_yaw_turns_left_and_pitch_tips_down(angles, point):
    builder = SceneBuilder("s")
    builder.add_camera("c", LENS, **angles)
    pixel = pixel_of(with_frame(builder), "c", np.array([point]), "ego")
    np.testing.assert_allclose(pixel, [50, 40], atol=1e-9)


def test_roll_leans_right():
    # Leaning right, the body's left side goes up.
    np.testing.assert_allclose(body_rotation(0, 0, np.pi / 2) @ [0, 1, 0], [0, 0, 1], atol=1e-12)


def test_the_ego_moves_between_the_poses_it_is_given():
    builder = SceneBuilder("s")
    builder.add_lidar("top", position=(1, 0, 2))
    builder.add_frame(timestamp_ns=0, ego_position=(0, 0, 0))
    builder.add_frame(timestamp_ns=100, ego_position=(10, 0, 0), ego_yaw_rad=np.pi / 2)
    transforms = builder.build().reader.read_rig(0).transforms
    halfway = transforms.transform("world", "top", 50)
    # Halfway at (5, 0, 0), turned by 45 degrees.
    np.testing.assert_allclose(halfway.translation, [5 + np.sqrt(0.5), np.sqrt(0.5), 2])


def test_points_images_and_labels_come_back():
    builder = SceneBuilder("s", class_colours={"car": (9, 8, 7)})
    builder.add_lidar("top")
    builder.add_camera("front", LENS)
    builder.add_label_set("model", predictions=True)
    frame = builder.add_frame(timestamp_ns=5)
    points = np.arange(12.0).reshape(4, 3)
    frame.add_points("top", points, intensity=[1, 2, 3, 4], timestamp_ns=7)
    rgb = np.arange(80 * 100 * 3, dtype=np.uint32).reshape(80, 100, 3).astype(np.uint8)
    frame.add_image("front", rgb)
    frame.add_cuboids([[1, 2, 3]], [[4, 5, 6]], class_names=["car"], yaw_rad=np.pi / 2)
    frame.add_cuboids([[7, 8, 9]], [[1, 1, 1]], class_names=["bus"], track_ids=["t"])
    frame.add_cuboids([[0, 0, 0]], [1, 1, 1], class_names=["car"], scores=[0.5],
                      label_set_id="model")  # fmt: skip
    scene = builder.build()

    cloud = scene.reader.read_point_cloud(0, "top")
    np.testing.assert_array_equal(cloud.xyz, points)
    assert cloud.fields["intensity"].tolist() == [1, 2, 3, 4]
    assert (cloud.timestamp_ns, cloud.coord_frame_id) == (7, "top")
    np.testing.assert_array_equal(scene.reader.read_image(0, "front", None).rgb(), rgb)
    labels = scene.reader.read_labels(0, "ground_truth").cuboids
    assert labels.label_ids == ("000000:0", "000000:1")
    assert labels.track_ids == (None, "t")
    assert labels.timestamp_ns == 5
    # Turned by 90 degrees, the length lies along y.
    np.testing.assert_allclose(np.ptp(labels.cuboids.corners()[0], axis=0), [5, 4, 6])
    assert scene.reader.read_labels(0, "model").cuboids.scores.tolist() == [0.5]
    kinds = {each.label_set_id: each.kind for each in scene.label_sets}
    assert kinds == {
        "model": LabelSetKind.PREDICTIONS,
        "ground_truth": LabelSetKind.GROUND_TRUTH,
    }
    assert scene.class_map.names == ("car", "bus")
    assert scene.class_map.colour("car") == (9, 8, 7)


def test_image_files_are_decoded_at_the_size_that_is_asked_for():
    buffer = io.BytesIO()
    Image.new("RGB", (400, 320), (200, 10, 10)).save(buffer, format="JPEG")
    builder = SceneBuilder("s")
    builder.add_camera("front", LENS)
    builder.add_frame().add_image("front", buffer.getvalue())
    reader = builder.build().reader
    assert reader.read_encoded_image(0, "front") == buffer.getvalue()
    image = reader.read_image(0, "front", 100)
    assert image.full_width_px == 400
    assert 100 <= image.pixels.shape[1] < 400
    assert np.abs(image.rgb()[50, 50].astype(int) - (200, 10, 10)).max() < 4


def test_grey_images_have_three_equal_channels():
    builder = SceneBuilder("s")
    builder.add_camera("front", LENS)
    builder.add_frame().add_image("front", np.full((80, 100), 77, dtype=np.uint8))
    assert (builder.build().reader.read_image(0, "front", None).rgb() == 77).all()


def test_mistakes_are_refused_with_a_reason():
    builder = SceneBuilder("s")
    builder.add_lidar("top")
    with pytest.raises(ValueError, match="'top' already"):
        builder.add_camera("top", LENS)
    frame = builder.add_frame(key="a")
    with pytest.raises(ValueError, match="'a' already"):
        builder.add_frame(key="a")
    with pytest.raises(ValueError, match="lidar 'side'"):
        frame.add_points("side", np.zeros((1, 3)))
    with pytest.raises(ValueError, match="camera 'front'"):
        frame.add_image("front", np.zeros((1, 1, 3), dtype=np.uint8))
    with pytest.raises(ValueError, match="needs a timestamp_ns"):
        builder.add_frame(ego_position=(0, 0, 0))
    with pytest.raises(ValueError, match="rows"):
        frame.add_cuboids([[0, 0, 0]], [1, 1, 1], class_names=["a", "b"])
    frame.add_cuboids([[0, 0, 0]], [1, 1, 1], class_names=["a"])
    with pytest.raises(ValueError, match="'world' already"):
        frame.add_cuboids([[0, 0, 0]], [1, 1, 1], class_names=["a"], coord_frame_id="ego")


def test_what_a_frame_does_not_have_is_said():
    builder = SceneBuilder("s")
    builder.add_lidar("top")
    builder.add_frame(key="empty")
    with pytest.raises(DamagedData, match="frame empty"):
        builder.build().reader.read_point_cloud(0, "top")
