"""LZF streams written by hand, and random ones, compiled and plain."""

import numpy as np
import pytest

from viewer.formats.points import lzf, lzf_kernels
from viewer.formats.points.lzf import decompress

pytestmark = pytest.mark.usefixtures("kernels_loaded")


def unpack(stream: bytes, size: int) -> bytes:
    return decompress(np.frombuffer(stream, dtype=np.uint8), size).tobytes()


def test_literals():
    assert unpack(b"\x02abc\x00d", 4) == b"abcd"


def test_short_copy_from_before():
    # Length field 1 means 3 bytes; distance 0b00000_00000010 + 1 = 3.
    assert unpack(b"\x02abc\x20\x02", 6) == b"abcabc"


def test_long_copy_overlaps_what_it_writes():
    # Length field 7 adds the next byte: 7 + 5 + 2 = 14 bytes from distance 1.
    assert unpack(b"\x00z\xe0\x05\x00", 15) == b"z" * 15


def test_far_copy_uses_the_lower_bits_of_the_control_byte():
    head = bytes(range(256)) * 4
    stream = b"".join(b"\x1f" + head[at : at + 32] for at in range(0, 1024, 32))
    # Distance (3 << 8 | 255) + 1 = 1024, length 1 + 2.
    assert unpack(stream + b"\x23\xff", 1027)[-3:] == head[:3]


@pytest.mark.parametrize(
    ("stream", "size"),
    [
        (b"\x05abc", 6),
        (b"\x20\x00", 3),
        (b"\x00a\x20\x01", 4),
        (b"\x00a\x20", 4),
        (b"\x00a\xe0", 4),
        (b"\x02abc", 2),
        (b"\x02abc", 4),
        (b"\x00z\xe0\xff\x00", 10),
        (b"", 1),
    ],
)
def test_damage_is_refused(stream, size):
    with pytest.raises(ValueError, match="compressed"):
        unpack(stream, size)


def test_a_size_that_no_stream_reaches_allocates_nothing():
    with pytest.raises(ValueError, match="cannot hold"):
        unpack(b"\x00a", 10**15)


def test_both_paths_do_the_same_with_any_bytes(monkeypatch):
    random = np.random.default_rng(0)
    # Whatever was decompressed before, only loaded kernels are used.
    monkeypatch.setattr(lzf, "LOAD_KERNELS_BYTES", 10**12)
    for _ in range(500):
        stream = random.integers(0, 80, int(random.integers(1, 60))).astype(np.uint8)
        size = int(random.integers(1, 90))
        outcomes = []
        for name in (lzf_kernels.__name__, "no.such.module"):
            monkeypatch.setattr(lzf, "_KERNELS", name)
            try:
                outcomes.append(decompress(stream, size).tobytes())
            except ValueError as error:
                outcomes.append(str(error))
        assert outcomes[0] == outcomes[1]
