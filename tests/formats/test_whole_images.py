"""Whether an image is there to its end: Pillow's own files, cut and changed anywhere."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from viewer.formats.base import DamagedData
from viewer.formats.whole_images import require_whole_image

FORMS = ("PNG", "JPEG", "BMP", "WEBP", "TIFF")


def encoded(form, size=(36, 23), **options):
    pixels = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, format=form, **options)
    return buffer.getvalue()


WHOLE = {form: encoded(form) for form in FORMS}
PROGRESSIVE = encoded("JPEG", progressive=True)
RESTARTED = encoded("JPEG", restart_marker_blocks=1)
WITH_THUMBNAIL = WHOLE["JPEG"][:2] + (
    b"\xff\xe1" + (2 + len(WHOLE["JPEG"])).to_bytes(2, "big") + WHOLE["JPEG"]
) + WHOLE["JPEG"][2:]  # fmt: skip
"""A whole JPEG stands in a segment before the image itself."""
JPEGS = (PROGRESSIVE, RESTARTED, WITH_THUMBNAIL, WHOLE["JPEG"])


@pytest.mark.parametrize("form", FORMS)
def test_whole_files_give_their_size(form):
    assert require_whole_image(WHOLE[form], "x") == (36, 23)


def test_a_progressive_jpeg_and_what_tools_append_are_whole():
    assert require_whole_image(PROGRESSIVE, "x") == (36, 23)
    assert require_whole_image(PROGRESSIVE + b"\0" * 9, "x") == (36, 23)
    assert require_whole_image(RESTARTED + b"\0\xff", "x") == (36, 23)
    assert require_whole_image(WITH_THUMBNAIL + b"\0\xff", "x") == (36, 23)
    assert require_whole_image(WHOLE["JPEG"] + b"appended", "x") == (36, 23)
    assert require_whole_image(WHOLE["PNG"] + b"appended", "x") == (36, 23)


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(st.sampled_from(["PNG", "JPEG", "BMP", "TIFF"]), st.floats(0, 1, exclude_max=True))
def test_no_file_that_was_cut_is_whole(form, share):
    data = WHOLE[form]
    with pytest.raises(DamagedData) as raised:
        require_whole_image(data[: int(share * len(data))], "cut.file")
    assert raised.value.path.name == "cut.file"


@given(st.sampled_from(JPEGS), st.floats(0, 1, exclude_max=True))
def test_no_jpeg_that_was_cut_is_whole(data, share):
    cut = data[: int(share * len(data))]
    # A cut right behind the thumbnail ends like a whole file.
    assume(not cut.endswith(b"\xff\xd9"))
    with pytest.raises(DamagedData):
        require_whole_image(cut, "x")


@given(st.integers(0, len(WHOLE["PNG"]) - 1), st.integers(1, 255))
def test_no_png_of_which_a_byte_changed_is_whole(place, change):
    data = bytearray(WHOLE["PNG"])
    data[place] ^= change
    with pytest.raises(DamagedData):
        require_whole_image(bytes(data), "x")
