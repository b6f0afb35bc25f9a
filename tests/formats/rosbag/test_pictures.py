"""Raw images in every encoding; the oracle is OpenCV, or the arrays themselves."""

import cv2
import numpy as np
import pytest
import ros_bags as ros

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset

RNG = np.random.default_rng(2)
COLOURS = RNG.integers(0, 256, (6, 8, 4), dtype=np.uint8)
DEEP = RNG.integers(0, 65536, (6, 8, 4), dtype=np.uint16)


def read_one(tmp_path, encoding, pixels, min_width_px=None, **changes):
    message = ros.image(10**9, "cam", encoding, pixels, **changes)
    path = ros.write_bag(tmp_path, "ros1-none", [("/cam/image_raw", 10**9, message)])
    (scene,) = open_dataset(path).scenes
    image = scene.reader.read_image(0, "cam", min_width_px)
    assert (image.pixels[:, :, 3] == 255).all()
    return image.rgb()


@pytest.mark.parametrize(
    ("encoding", "stored", "expected"),
    [
        ("rgb8", COLOURS[:, :, :3], COLOURS[:, :, :3]),
        ("bgr8", COLOURS[:, :, :3], COLOURS[:, :, 2::-1]),
        ("rgba8", COLOURS, COLOURS[:, :, :3]),
        ("bgra8", COLOURS, COLOURS[:, :, 2::-1]),
        ("8UC3", COLOURS[:, :, :3], COLOURS[:, :, 2::-1]),
        ("mono8", COLOURS[:, :, 0], COLOURS[:, :, [0, 0, 0]]),
        ("mono16", DEEP[:, :, 0], (DEEP[:, :, [0, 0, 0]] >> 8).astype(np.uint8)),
        ("rgb16", DEEP[:, :, :3], (DEEP[:, :, :3] >> 8).astype(np.uint8)),
        ("bgr16", DEEP[:, :, :3], (DEEP[:, :, 2::-1] >> 8).astype(np.uint8)),
    ],
)
def test_channels_and_greys(encoding, stored, expected, tmp_path):
    np.testing.assert_array_equal(read_one(tmp_path, encoding, stored), expected)


def test_byte_order_and_padded_rows(tmp_path):
    big = DEEP[:, :, 0].astype(">u2")
    rows = np.zeros((6, 21), np.uint8)
    rows[:, :16] = big.view(np.uint8)
    got = read_one(tmp_path, "mono16", big, data=rows.ravel(), step=21)
    np.testing.assert_array_equal(got[:, :, 0], DEEP[:, :, 0] >> 8)


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        # OpenCV names the pattern by its second row's second and third pixel.
        ("rggb", cv2.COLOR_BayerBG2RGB),
        ("bggr", cv2.COLOR_BayerRG2RGB),
        ("grbg", cv2.COLOR_BayerGB2RGB),
        ("gbrg", cv2.COLOR_BayerGR2RGB),
    ],
)
def test_bayer_patterns_give_back_smooth_colours(pattern, code, tmp_path):
    across, down = np.meshgrid(np.arange(32), np.arange(24))
    truth = np.stack([40 + 5 * across, 90 + 2 * down, 200 - 4 * across], axis=2).astype(np.uint8)
    letters = np.array(list(pattern)).reshape(2, 2)
    mosaic = np.zeros((24, 32), np.uint8)
    for row in range(2):
        for column in range(2):
            channel = "rgb".index(letters[row, column])
            mosaic[row::2, column::2] = truth[row::2, column::2, channel]
    got = read_one(tmp_path, f"bayer_{pattern}8", mosaic)
    assert np.abs(got.astype(int) - truth).max() <= 5
    by_opencv = cv2.cvtColor(mosaic, code)
    inner = (slice(2, -2), slice(2, -2))
    assert np.abs(got.astype(int) - by_opencv)[inner].max() <= 5


@pytest.mark.parametrize(
    ("encoding", "code"),
    [("yuv422", cv2.COLOR_YUV2RGB_UYVY), ("yuv422_yuy2", cv2.COLOR_YUV2RGB_YUY2)],
)
def test_yuv_is_opencvs(encoding, code, tmp_path):
    stored = RNG.integers(16, 236, (6, 8, 2), dtype=np.uint8)
    got = read_one(tmp_path, encoding, stored)
    assert np.abs(got.astype(int) - cv2.cvtColor(stored, code)).max() <= 2


def test_depth_is_scaled_by_its_own_range(tmp_path):
    depth = np.array([[1.0, 2.0, np.nan], [3.0, np.inf, 5.0]], "<f4")
    got = read_one(tmp_path, "32FC1", depth)[:, :, 0]
    np.testing.assert_array_equal(got, [[0, 64, 0], [128, 0, 255]])


@pytest.mark.parametrize(
    ("encoding", "changes", "told"),
    [
        ("rgb8", {"step": 20}, "in rows of 20"),
        ("rgb8", {"height": 7}, "7 pixels need"),
        ("rgb8", {"width": 0}, "claims 0 x 6"),
        ("rgb8", {"width": 2**31, "height": 2**31}, "claims"),
        ("nv99", {}, "'nv99', which is not known"),
        ("bayer_xxxx8", {}, "not known"),
        ("yuv422", {"width": 7}, "pairs of two"),
    ],
)
def test_what_cannot_be_shown_says_why(encoding, changes, told, tmp_path):
    with pytest.raises(DamagedData, match=told):
        read_one(tmp_path, encoding, COLOURS[:, :, :3], **changes)


def test_compressed_depth_and_video_are_refused_by_name(tmp_path):
    messages = [
        ("/a/image_raw/compressedDepth", 10**9,
         ros.compressed_image(10**9, "c", "16UC1; compressedDepth", b"\0" * 30)),
        ("/b/image/ffmpeg", 10**9, ros.compressed_image(10**9, "c", "h264", b"\0" * 30)),
    ]  # fmt: skip
    (scene,) = open_dataset(ros.write_bag(tmp_path, "sqlite-none", messages)).scenes
    with pytest.raises(DamagedData, match="compressed depth"):
        scene.reader.read_image(0, "a", None)
    with pytest.raises(DamagedData, match="h264 video"):
        scene.reader.read_image(0, "b", None)
