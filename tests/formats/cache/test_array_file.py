import os
import time
from pathlib import Path

import numpy as np
import pytest

from viewer.formats.cache import array_file
from viewer.formats.cache.array_file import ArrayFile, cache_folder
from viewer.formats.cache.kept_index import KeptIndex

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
    age(path)
    return path


def age(path: Path) -> None:
    """Let a file or folder have changed a while ago."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 10**9))


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
    assert ArrayFile((source,), "index 1").load() is None
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert ArrayFile((source,), "index 1").load() is not None
    source.write_text("[1, 2, 3]")
    assert ArrayFile((source,), "index 1").load() is None
    source.unlink()
    assert ArrayFile((source,), "index 1").load() is None


def test_a_change_while_the_index_is_made_makes_it_old(source: Path) -> None:
    stored = ArrayFile((source,), "index")
    source.write_text("[3, 2, 1]")
    age(source)
    stored.save(ARRAYS)
    assert ArrayFile((source,), "index").load() is None


def test_of_a_file_that_has_only_just_changed_nothing_is_kept(source: Path) -> None:
    now = time.time_ns()
    os.utime(source, ns=(now, now + 10**9))
    stored = ArrayFile((source,), "index")
    stored.save(ARRAYS)
    assert not stored.path.exists()


def test_a_folder_counts_by_its_entries(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").touch()
    age(folder)
    ArrayFile((folder,), "names").save(ARRAYS)
    assert ArrayFile((folder,), "names").load() is not None
    (folder / "b").touch()
    assert ArrayFile((folder,), "names").load() is None


def test_arrays_of_other_types_count_as_missing(source: Path) -> None:
    ArrayFile((source,), "index").save(ARRAYS)
    types = {"starts": np.int64, "flags": np.bool_, "none": np.uint64}
    assert ArrayFile((source,), "index", types).load() is not None
    for wrong in ({"starts": np.int64}, types | {"flags": np.uint8}, types | {"more": np.int64}):
        assert ArrayFile((source,), "index", wrong).load() is None


def test_a_record_comes_back_and_anything_else_counts_as_missing(source: Path) -> None:
    kept = KeptIndex((source,), "names", list[str], {"sizes": np.int32})
    assert kept.load() is None
    kept.save(["a", "ü"], {"sizes": np.arange(2, dtype=np.int32)})
    found = KeptIndex((source,), "names", list[str], {"sizes": np.int32}).load()
    assert found is not None
    assert found[0] == ["a", "ü"]
    assert found[1]["sizes"].tolist() == [0, 1]
    assert KeptIndex((source,), "names", dict[str, int], {"sizes": np.int32}).load() is None
    assert KeptIndex((source,), "names", list[str]).load() is None


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
    for number, each in enumerate(files[:2]):
        each.save(ARRAYS)
        os.utime(each.path, (1000 + number, 1000 + number))
    size = files[0].path.stat().st_size
    monkeypatch.setattr(array_file, "MAX_FOLDER_BYTES", int(2.5 * size))
    files[2].save(ARRAYS)
    assert [each.path.exists() for each in files] == [False, True, True]


def test_a_cache_that_cannot_be_written_is_no_error(source: Path, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    stored = ArrayFile((source,), "index")
    stored.save(ARRAYS)
    assert stored.load() is None
