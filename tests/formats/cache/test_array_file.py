import os
from pathlib import Path

import numpy as np
import pytest

from viewer.formats.cache import array_file
from viewer.formats.cache.array_file import ArrayFile, cache_folder

ARRAYS = {"starts": np.arange(5), "flags": np.array([True, False]), "none": np.empty(0, np.uint64)}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("SIGHTLINE_CACHE", str(folder))
    assert cache_folder() == folder
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "table.json"
    path.write_text("[1, 2]")
    return path


def test_arrays_come_back_until_a_source_changes(source: Path) -> None:
    stored = ArrayFile((source,), "index 1")
    assert stored.load() is None
    stored.save(ARRAYS)
    again = ArrayFile((source,), "index 1").load()
    assert again is not None
    assert {name: (each.dtype, each.tolist()) for name, each in again.items()} == {
        name: (each.dtype, each.tolist()) for name, each in ARRAYS.items()
    }
    assert ArrayFile((source,), "index 2").load() is None
    status = source.stat()
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert stored.load() is None
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert stored.load() is not None
    source.write_text("[1, 2, 3]")
    assert stored.load() is None
    source.unlink()
    assert stored.load() is None


def test_damaged_files_count_as_missing(source: Path) -> None:
    stored = ArrayFile((source,), "index")
    stored.save(ARRAYS)
    whole = stored.path.read_bytes()
    generator = np.random.default_rng(1)
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[generator.integers(len(whole))] ^= int(generator.integers(1, 256))
        stored.path.write_bytes(damaged[: generator.integers(len(whole) + 1)])
        found = stored.load()
        assert found is None or set(found) <= set(ARRAYS)
    with stored.path.open("wb") as file:
        np.save(file, np.arange(3))
    assert stored.load() is None


def test_the_oldest_files_make_room(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [ArrayFile((source,), f"index {number}") for number in range(3)]
    for age, each in enumerate(files[:2]):
        each.save(ARRAYS)
        os.utime(each.path, (1000 + age, 1000 + age))
    size = files[0].path.stat().st_size
    monkeypatch.setattr(array_file, "MAX_FOLDER_BYTES", int(2.5 * size))
    files[2].save(ARRAYS)
    assert [each.path.exists() for each in files] == [False, True, True]


def test_a_cache_that_cannot_be_written_is_no_error(source: Path, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    stored = ArrayFile((source,), "index")
    stored.save(ARRAYS)
    assert stored.load() is None
