"""Images of many kinds: pixels, scale, header sizes, and files that lie."""

import os
import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Pillow

from viewer.formats import images
from viewer.formats.base import DamagedData
from viewer.formats.images import decode_image, image_size, read_image

COUNT = 3000 if os.environ.get("SIGHTLINE_LONG") else 200


def painted(height=60, width=90):
    """A picture whose colour tells the place: red grows to the right, green downwards."""
    rgb = np.zeros((height, width, 3), dtype=np.uint8)
    rgb[..., 0] = np.linspace(0, 255, width)
    rgb[..., 1] = np.linspace(0, 255, height)[:, None]
    rgb[..., 2] = 40
    return rgb


def encode(array, form, **options):
    buffer = BytesIO()
    Pillow.fromarray(array).save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_colour_comes_back_as_bgra(tmp_path, form):
    path = tmp_path / "picture.any"
    path.write_bytes(encode(painted(), form))
    image = read_image(path)
    assert image.pixels.shape == (60, 90, 4)
    assert image.pixels.dtype == np.uint8
    np.testing.assert_array_equal(image.rgb(), painted())
    assert (image.pixels[..., 3] == 255).all()
    assert (image.full_width_px, image.full_height_px) == (90, 60)
    assert image.scale == 1.0
    assert image_size(path) == (90, 60)


def test_jpeg_is_close_and_webp_is_exact(tmp_path):
    jpeg = decode_image(encode(painted(), "JPEG", quality=95, subsampling=0), "x.jpg")
    assert np.abs(jpeg.rgb().astype(int) - painted()).max() < 12
    assert (jpeg.pixels[..., 3] == 255).all()
    webp = decode_image(encode(painted(), "WEBP", lossless=True), "x.webp")
    np.testing.assert_array_equal(webp.rgb(), painted())


@pytest.mark.parametrize("wanted", [1, 100, 101, 150, 399, 400, 401, 799, 800, 5000, None])
def test_a_jpeg_is_decoded_at_the_smallest_scale_that_is_wide_enough(wanted):
    data = encode(painted(400, 800), "JPEG", quality=95)
    image = decode_image(data, "x.jpg", wanted)
    eighths = [800 * k // 8 for k in range(1, 9)]
    expected = next((w for w in eighths if w >= min(wanted or 800, 800)), 800)
    assert image.pixels.shape == (expected // 2, expected, 4)
    assert (image.full_width_px, image.full_height_px) == (800, 400)
    assert image.scale == expected / 800
    middle = image.rgb()[expected // 4, expected // 2].astype(int)
    assert np.abs(middle - [128, 128, 40]).max() < 6


def test_other_formats_shrink_by_whole_factors():
    data = encode(painted(400, 800), "PNG")
    assert decode_image(data, "x.png", 800).pixels.shape == (400, 800, 4)
    assert decode_image(data, "x.png", 401).pixels.shape == (400, 800, 4)
    small = decode_image(data, "x.png", 200)
    assert small.pixels.shape == (100, 200, 4)
    assert small.scale == 0.25
    assert np.abs(small.rgb()[50, 100].astype(int) - [128, 128, 40]).max() < 3


def test_grey_images():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    for form in ("PNG", "JPEG"):
        image = decode_image(encode(grey, form), f"x.{form}")
        assert image.pixels.shape == (16, 16, 4)
        assert (image.rgb()[..., 0] == image.rgb()[..., 2]).all()
        assert np.abs(image.rgb()[..., 0].astype(int) - grey).max() < 10


def test_sixteen_bits_are_scaled_from_their_full_range():
    deep = np.array([[0, 255, 256], [32768, 65280, 65535]], dtype=np.uint16)
    expected = [[0, 0, 1], [128, 255, 255]]
    for form in ("PNG", "TIFF"):
        assert decode_image(encode(deep, form), "x").rgb()[..., 1].tolist() == expected


def test_floats_are_scaled_from_their_own_range():
    values = np.array([[-1.0, 0.0, 1.0, np.nan]], dtype=np.float32)
    assert decode_image(encode(values, "TIFF"), "x").rgb()[0, :, 0].tolist() == [0, 128, 255, 0]


def test_palettes_bits_alpha_and_cmyk():
    palette = BytesIO()
    Pillow.fromarray(painted()).quantize(64).save(palette, "PNG")
    assert np.abs(decode_image(palette.getvalue(), "x").rgb().astype(int) - painted()).max() < 60
    bits = decode_image(encode(painted()[..., 0] > 127, "PNG"), "x")
    assert set(np.unique(bits.rgb())) == {0, 255}
    see_through = np.dstack([painted(), np.full((60, 90), 7, dtype=np.uint8)])
    image = decode_image(encode(see_through, "PNG"), "x")
    np.testing.assert_array_equal(image.rgb(), painted())
    assert (image.pixels[..., 3] == 255).all()
    cmyk = BytesIO()
    Pillow.fromarray(painted()).convert("CMYK").save(cmyk, "JPEG")
    assert decode_image(cmyk.getvalue(), "x").pixels.shape == (60, 90, 4)


def test_an_orientation_tag_turns_nothing(tmp_path):
    exif = Pillow.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    path.write_bytes(encode(painted(), "JPEG", exif=exif))
    assert read_image(path).pixels.shape == (60, 90, 4)
    assert image_size(path) == (90, 60)


def test_the_size_of_a_jpeg_with_a_large_preamble(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "_JPEG_HEADER_BYTES", 64)
    path = tmp_path / "picture.jpg"
    path.write_bytes(encode(painted(), "JPEG", comment=b"x" * 500))
    assert image_size(path) == (90, 60)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_truncated_files_are_refused(tmp_path, form):
    data = encode(painted(), form)
    path = tmp_path / "cut.any"
    for keep in [0, 1, 3, 10, *range(20, len(data) - 20, max(1, len(data) // 40))]:
        path.write_bytes(data[:keep])
        with pytest.raises(DamagedData) as caught:
            read_image(path)
        assert caught.value.path == path


def png_header(width, height):
    def chunk(kind, content):
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_absurd_sizes_are_refused_before_decoding(tmp_path):
    jpeg = bytearray(encode(painted(), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    struct.pack_into(">HH", jpeg, frame + 5, 65_500, 65_500)
    for name, data in (("bomb.jpg", bytes(jpeg)), ("bomb.png", png_header(60_000, 60_000))):
        path = tmp_path / name
        path.write_bytes(data)
        for read in (read_image, image_size):
            with pytest.raises(DamagedData, match=r"claims|pixels"):
                read(path)


def test_missing_files_folders_and_other_content(tmp_path):
    with pytest.raises(DamagedData, match="missing"):
        read_image(tmp_path / "none.png")
    with pytest.raises(DamagedData, match="cannot be read"):
        image_size(tmp_path)
    path = tmp_path / "notes.png"
    path.write_bytes(b"these are words\n" * 30)
    for read in (read_image, image_size):
        with pytest.raises(DamagedData, match="no image of a known format"):
            read(path)
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(DamagedData, match="no image of a known format"):
        read_image(path)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP", "TIFF", "WEBP", "PPM", "GIF"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damage_never_does_worse_than_damaged_data(tmp_path, form):
    random = np.random.default_rng(len(form))
    data = encode(painted(), form)
    path = tmp_path / "damaged.any"
    refused = 0
    for _ in range(COUNT):
        damaged = bytearray(data)
        for at in random.integers(0, len(data) if random.random() < 0.5 else 60, 3).tolist():
            damaged[at] = int(random.integers(0, 256))
        path.write_bytes(damaged[: int(random.integers(1, 2 * len(data)))])
        for read in (read_image, image_size):
            try:
                read(path)
            except DamagedData:
                refused += 1
    assert refused > 0


def test_real_photographs(real_data):
    for path in sorted((real_data / "scenes").rglob("*.jpg"))[:12]:
        with Pillow.open(path) as picture:
            assert image_size(path) == picture.size
            theirs = np.asarray(picture.convert("RGB")).astype(int)
        image = read_image(path)
        assert np.abs(image.rgb() - theirs).mean() < 1.0
