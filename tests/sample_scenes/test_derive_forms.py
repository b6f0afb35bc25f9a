"""The derived forms hold the same drive: poses, boxes, points and pictures agree."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from sample_scenes.derive_forms import KITTI_NAME, PACK_NAME, STAMP_NAME, derive_forms
from sample_scenes.kitti_form import CAMERAS, CLASS_NAMES
from viewer.formats.catalog import open_dataset
from viewer.formats.native.writer import write_native_scene
from viewer.geometry.rotation import yaw_from_quaternion

FRAME_COUNT = 3


@pytest.fixture(scope="module")
def source(street, tmp_path_factory):
    folder = tmp_path_factory.mktemp("short") / "short"
    write_native_scene(replace(street, frames=street.frames[10 : 10 + FRAME_COUNT]), folder)
    return folder


@pytest.fixture(scope="module")
def forms(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    assert derive_forms(folder, source)
    return folder


@pytest.fixture(scope="module")
def original(source):
    dataset = open_dataset(source)
    yield dataset.scenes[0]
    dataset.close()


@pytest.fixture(scope="module")
def kitti(forms):
    dataset = open_dataset(forms / KITTI_NAME)
    assert dataset.format_name == "kitti_raw"
    yield dataset.scenes[0]
    assert dataset.scenes[0].reader.problems() == ()
    dataset.close()


def test_a_second_call_does_nothing_and_a_change_makes_them_again(source, forms):
    before = (forms / PACK_NAME).stat().st_mtime_ns
    assert not derive_forms(forms, source)
    assert (forms / PACK_NAME).stat().st_mtime_ns == before
    (forms / STAMP_NAME).write_text("something older")
    assert derive_forms(forms, source)
    assert (forms / PACK_NAME).stat().st_mtime_ns > before
    assert sorted(path.name for path in forms.iterdir()) == sorted(
        [KITTI_NAME, PACK_NAME, STAMP_NAME]
    )


def test_scene_pack_holds_the_same_frames_and_labels(forms, original):
    dataset = open_dataset(forms / PACK_NAME)
    pack = dataset.scenes[0]
    assert pack.format_name == "scene_pack"
    assert [frame.key for frame in pack.frames] == [frame.key for frame in original.frames]
    assert pack.camera_ids == original.camera_ids
    a = original.reader.read_labels(1, "ground_truth")
    b = pack.reader.read_labels(1, "ground_truth")
    np.testing.assert_array_equal(a.cuboids.cuboids.center, b.cuboids.cuboids.center)
    np.testing.assert_array_equal(a.boxes_2d.boxes_px, b.boxes_2d.boxes_px)
    cloud = original.reader.read_point_cloud(1, "lidar_top")
    np.testing.assert_array_equal(cloud.xyz, pack.reader.read_point_cloud(1, "lidar_top").xyz)
    assert original.reader.read_encoded_image(1, "rear") == pack.reader.read_encoded_image(
        1, "rear"
    )
    dataset.close()


def test_kitti_points_and_times_are_the_same(kitti, original):
    assert len(kitti) == FRAME_COUNT
    for mine, theirs in zip(original.frames, kitti.frames, strict=True):
        assert mine.timestamp_ns == theirs.timestamp_ns
        a = original.reader.read_point_cloud(mine.index, "lidar_top")
        b = kitti.reader.read_point_cloud(mine.index, "velo")
        np.testing.assert_array_equal(a.xyz, b.xyz)
        times = {image.sensor_id: image.timestamp_ns for image in mine.images}
        assert [image.timestamp_ns for image in theirs.images] == [
            times[camera_id] for camera_id in CAMERAS
        ]


def test_kitti_poses_are_the_same_but_for_the_origin(kitti, original):
    a, b = original.reader.read_rig(0).transforms, kitti.reader.read_rig(0).transforms
    start = a.transform("world", "ego", original.frames[0].timestamp_ns).translation
    for frame in original.frames:
        mine = a.transform("world", "lidar_top", frame.timestamp_ns)
        theirs = b.transform("world", "velo", frame.timestamp_ns)
        np.testing.assert_allclose(theirs.translation, mine.translation - start, atol=1e-5)
        np.testing.assert_allclose(theirs.rotation, mine.rotation, atol=1e-9)
        late = [
            reader.transform("world", "ego", frame.timestamp_ns + 38_000_000) for reader in (a, b)
        ]
        np.testing.assert_allclose(late[1].translation, late[0].translation - start, atol=2e-2)
        for number, camera_id in enumerate(CAMERAS):
            np.testing.assert_allclose(
                b.transform("velo", f"image_{number:02d}", frame.timestamp_ns).matrix,
                a.transform("lidar_top", camera_id, frame.timestamp_ns).matrix,
                atol=1e-9,
            )


def test_kitti_boxes_turn_about_z_and_keep_the_rest(kitti, original):
    for frame in original.frames:
        labels = original.reader.read_labels(frame.index, "ground_truth").cuboids
        rig = original.reader.read_rig(frame.index)
        lidar_from_world = rig.transforms.transform("lidar_top", "world", frame.timestamp_ns)
        boxes = labels.cuboids.transformed(lidar_from_world)
        theirs = kitti.reader.read_labels(frame.index, "tracklets").cuboids
        assert len(theirs) == len(labels)
        order = [
            int(np.argmin(np.linalg.norm(theirs.cuboids.center - center, axis=1)))
            for center in boxes.center
        ]
        assert sorted(order) == list(range(len(labels)))
        np.testing.assert_allclose(theirs.cuboids.center[order], boxes.center, atol=1e-5)
        np.testing.assert_allclose(theirs.cuboids.size[order], boxes.size, atol=1e-4)
        turned = theirs.cuboids.rotation[order]
        np.testing.assert_allclose(turned[:, 1:3], 0, atol=1e-9)
        turn = yaw_from_quaternion(turned) - yaw_from_quaternion(boxes.rotation)
        np.testing.assert_allclose(np.sin(turn / 2), 0, atol=1e-6)
        assert [theirs.class_names[row] for row in order] == [
            CLASS_NAMES[name] for name in labels.class_names
        ]


def test_kitti_tracks_last_over_the_frames(kitti):
    first, last = (
        set(kitti.reader.read_labels(index, "tracklets").cuboids.track_ids) for index in (0, 2)
    )
    assert len(first & last) > 20


@pytest.mark.parametrize("number", range(4))
def test_kitti_pictures_are_what_opencv_rectifies(kitti, original, number):
    lens = original.reader.read_rig(0).cameras[CAMERAS[number]].model
    pinhole = kitti.reader.read_rig(0).cameras[f"image_{number:02d}"].model
    values = lens.parameters()
    names = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6", "s1", "s2", "s3", "s4")
    distortion = np.array([values.get(name, 0.0) for name in names])
    maps = cv2.initUndistortRectifyMap(
        matrix_of(values), distortion, np.eye(3), matrix_of(pinhole.parameters()),
        (pinhole.width_px, pinhole.height_px), cv2.CV_32FC1,
    )  # fmt: skip
    rgb = np.ascontiguousarray(original.reader.read_image(1, CAMERAS[number], None).rgb())
    expected = cv2.remap(rgb, *maps, cv2.INTER_LINEAR)
    found = kitti.reader.read_image(1, f"image_{number:02d}", None).rgb()
    inner = np.s_[8:-8, 8:-8]
    difference = np.abs(found[inner].astype(int) - expected[inner].astype(int))
    assert np.percentile(difference, 99) <= 3
    assert (found.max(axis=2) > 0).mean() > 0.999


def matrix_of(values):
    return np.array([[values["fx"], 0, values["cx"]], [0, values["fy"], values["cy"]], [0, 0, 1.0]])
