"""Lenses from calibration messages; projections are checked with OpenCV."""

import cv2
import numpy as np
import pytest
import ros_bags as ros

from viewer.formats.catalog import open_dataset
from viewer.geometry.cameras import Fisheye, Pinhole

K = np.array([[300.0, 0, 322.5], [0, 310.0, 201.25], [0, 0, 1]])
SIZE = (640, 400)
POINTS = np.random.default_rng(4).uniform([-1, -0.6, 2], [1, 0.6, 6], (40, 3))


def camera_of(tmp_path, info, *, topic="/cam/image_raw", size=SIZE, info_topic=None):
    picture = np.zeros((size[1], size[0]), np.uint8)
    messages = [(topic, 10**9, ros.image(10**9, "optical", "mono8", picture))]
    if info is not None:
        space = info_topic or "/cam/camera_info"
        messages.append((space, 10**9, info))
    (scene,) = open_dataset(ros.write_bag(tmp_path, "mcap-none", messages)).scenes
    return scene.reader.read_rig(0).cameras[scene.camera_ids[0]]


@pytest.mark.parametrize(
    ("model", "d"),
    [
        ("plumb_bob", (-0.2, 0.05, 0.001, -0.002, 0.004)),
        ("rational_polynomial", (0.4, 0.05, 0.001, -0.001, 0.001, 0.75, 0.15, 0.007)),
        ("", (-0.2, 0.05, 0.001, -0.002)),
    ],
)
def test_distortion_is_opencvs(model, d, tmp_path):
    camera = camera_of(tmp_path, ros.camera_info(0, "optical", SIZE, K.ravel(), model=model, d=d))
    pixels, valid = camera.model.project(POINTS)
    expected = cv2.projectPoints(POINTS, np.zeros(3), np.zeros(3), K, np.array(d))[0][:, 0]
    assert valid.all()
    np.testing.assert_allclose(pixels, expected, atol=1e-6)


@pytest.mark.parametrize("model", ["equidistant", "fisheye"])
def test_fisheye_is_opencvs_with_the_skew_of_k(model, tmp_path):
    d = (0.01, -0.005, 0.0006, -0.00003)
    matrix = K.copy()
    matrix[0, 1] = 300.0 * 0.002
    info = ros.camera_info(0, "optical", SIZE, matrix.ravel(), model=model, d=d)
    lens = camera_of(tmp_path, info).model
    assert isinstance(lens, Fisheye)
    pixels, _ = lens.project(POINTS)
    expected = cv2.fisheye.projectPoints(
        POINTS[None], np.zeros(3), np.zeros(3), K, np.array(d), alpha=0.002
    )[0][0]
    np.testing.assert_allclose(pixels, expected, atol=1e-6)


def test_a_region_of_interest_is_cut_then_pixels_are_binned(tmp_path):
    info = ros.camera_info(
        0, "optical", (1280, 800), (600, 0, 642, 0, 620, 402, 0, 0, 1), binning=(2, 2),
        roi=(100, 40, 800, 600),
    )  # fmt: skip
    lens = camera_of(tmp_path, info, size=(400, 300)).model
    assert lens == Pinhole(400, 300, fx=300.0, fy=310.0, cx=271.0, cy=181.0)


def test_rectified_images_follow_p(tmp_path):
    p = np.array([[280.0, 0, 320, -30], [0, 280.0, 200, 0], [0, 0, 1, 0]])
    info = ros.camera_info(0, "optical", SIZE, K.ravel(), d=(-0.2, 0.05, 0, 0, 0), p=p)
    for topic in ("/cam/image_rect_color", "/cam/image_rect/compressed"):
        folder = tmp_path / topic.replace("/", "_")
        folder.mkdir()
        lens = camera_of(folder, info, topic=topic.removesuffix("/compressed")).model
        assert lens == Pinhole(*SIZE, fx=280.0, fy=280.0, cx=320.0, cy=200.0)


def test_a_size_that_is_not_told_is_that_of_the_images(tmp_path):
    info = ros.camera_info(0, "optical", (0, 0), K.ravel())
    camera = camera_of(tmp_path, info)
    assert (camera.model.width_px, camera.model.height_px) == SIZE


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"k": np.zeros(9)}, "all zero"),
        ({"size": (1280, 800)}, "its calibration is for 1280 x 800"),
        ({"model": "double_sphere", "d": (1.0,)}, "double sphere"),
        ({"k": (300, 5, 320, 0, 310, 200, 0, 0, 1)}, "skew"),
        ({"k": (np.nan, 0, 320, 0, 310, 200, 0, 0, 1)}, "no usable focal length"),
        ({"k": (-300, 0, 320, 0, 310, 200, 0, 0, 1)}, "no usable focal length"),
    ],
)
def test_a_calibration_of_no_use_is_refused_in_words(changes, told, tmp_path):
    values = {"size": SIZE, "k": K.ravel(), "model": "plumb_bob", "d": ()} | changes
    info = ros.camera_info(0, "optical", values["size"], values["k"], model=values["model"],
                           d=values["d"])  # fmt: skip
    camera = camera_of(tmp_path, info)
    assert camera.model is None
    assert told in camera.refusal


def test_calibrations_are_paired_by_name_space(tmp_path):
    picture = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    messages = []
    for place, name in enumerate(("left", "right")):
        matrix = K.copy()
        matrix[0, 2] += place
        messages.append(
            (f"/stereo/{name}/image_raw", 10**9, ros.image(10**9, "optical", "mono8", picture))
        )
        messages.append((f"/stereo/{name}/camera_info", 10**9,
                         ros.camera_info(0, "optical", SIZE, matrix.ravel())))  # fmt: skip
    (scene,) = open_dataset(ros.write_bag(tmp_path, "sqlite-none", messages)).scenes
    cameras = scene.reader.read_rig(0).cameras
    assert {name: each.model.cx for name, each in cameras.items()} == {
        "stereo_left": 322.5, "stereo_right": 323.5,
    }  # fmt: skip
