"""What several tests of point formats share."""

import numpy as np
import pytest

from viewer.formats.points import gather, lzf, text_rows, warm_up

_NUMBERS = (b"0", b"-1", b"1e400", b"nan", b"99999999999", b"18446744073709551616", b"4294967295")


def _mutations(content, count, seed):
    """Yield `count` damaged versions of a file's content."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        data = bytearray(content)
        for _ in range(int(random.integers(1, 4))):
            data = _damage(data, random)
        yield bytes(data)


def _damage(data, random):
    if not data:
        return bytearray(random.bytes(8))
    # Headers are where damage hurts: half of all places lie in the first bytes.
    reach = len(data) if random.random() < 0.5 else min(len(data), 400)
    at = int(random.integers(0, reach))
    match int(random.integers(0, 8)):
        case 0:
            data[at] ^= 1 << int(random.integers(0, 8))
        case 1:
            data[at] = int(random.integers(0, 256))
        case 2:
            del data[at:]
        case 3:
            del data[at : at + int(random.integers(1, 40))]
        case 4:
            data[at:at] = random.bytes(int(random.integers(1, 40)))
        case 5:
            data[at : at + 4] = b"\xff\xff\xff\x7f" if random.random() < 0.5 else b"\xff" * 4
        case 6:
            data[at : at + 1] = _NUMBERS[int(random.integers(0, len(_NUMBERS)))]
        case _:
            end = at + int(random.integers(1, 200))
            data[at:at] = data[at:end]
    return data


def _write_las(path, *, count=300, point_format=7):
    import laspy

    header = laspy.LasHeader(point_format=point_format, version="1.4")
    header.scales, header.offsets = [0.001, 0.001, 0.01], [500_000.0, 5_000_000.0, 0.0]
    header.add_extra_dim(laspy.ExtraBytesParams("quality", "uint16"))
    las = laspy.LasData(header)
    random = np.random.default_rng(3)
    las.X = random.integers(-50_000, 50_000, count)
    las.Y = random.integers(-50_000, 50_000, count)
    las.Z = random.integers(0, 900, count)
    las.intensity = random.integers(0, 65535, count)
    las.classification = random.integers(0, 20, count)
    las.gps_time = np.arange(count) * 0.25
    las["quality"] = np.arange(count)
    las.red = random.integers(0, 65535, count)
    las.write(str(path), laz_backend=laspy.LazBackend.Lazrs)
    return las


@pytest.fixture(params=[False, True], ids=["numpy", "compiled"])
def kernels_loaded(request, monkeypatch):
    """Run a test twice: as a short command reads small files, and with the kernels loaded."""
    if request.param:
        warm_up()
    else:
        for module in (gather, lzf, text_rows):
            monkeypatch.setattr(module, "_KERNELS", "no.such.module")
        monkeypatch.setattr(gather, "LOAD_KERNELS_ROWS", 10**12)
        monkeypatch.setattr(lzf, "LOAD_KERNELS_BYTES", 10**12)
        monkeypatch.setattr(text_rows, "LOAD_KERNELS_BYTES", 10**12)
    return request.param


@pytest.fixture
def mutations():
    """Function (content, count, seed) that yields damaged versions of a file's bytes."""
    return _mutations


@pytest.fixture
def write_las():
    """Function (path, count, point_format) that writes a LAS or LAZ file through laspy."""
    return _write_las
