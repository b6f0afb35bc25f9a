"""Heads of rows from the cache are those of the file as it is now."""

import os

import pytest
from aged_files import age

from viewer.formats import growth
from viewer.formats.aquarium import row_scan
from viewer.formats.aquarium.row_scan import scan_files
from viewer.formats.problem_log import ProblemLog


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(growth, "LARGE_BYTES", 0)
    return tmp_path / "cache"


@pytest.fixture
def path(tmp_path, rows):
    frames = [rows.frame("a", user__sequence_id=7), rows.frame("b"), {"no": "task"}]
    written = rows.write(tmp_path / "frames.jsonl", frames)
    age(written)
    return written


def scanned(path):
    problems = ProblemLog()
    ((_, file),) = scan_files([path], problems)
    return file, problems.snapshot()


def test_the_second_time_no_row_is_read(path, cache, monkeypatch):
    first = scanned(path)
    assert [row.task_id for row in first[0].rows] == ["a", "b"]
    assert first[0].rows[0].group == "7"
    assert ("lidar", "top") in first[0].sensor_sets[first[0].rows[0].sensor_set]
    assert len(first[1]) == 1
    assert len(list(cache.iterdir())) == 1
    monkeypatch.setattr(row_scan, "read_rows", None)
    assert scanned(path) == first


def test_a_changed_file_is_read_again(path, rows):
    scanned(path)
    status = path.stat()
    rows.write(path, [rows.frame("c"), rows.frame("d"), {"no": "task"}])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert [row.task_id for row in scanned(path)[0].rows] == ["c", "d"]


def test_a_cache_that_holds_something_else_is_no_error(path, cache):
    first = scanned(path)
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"lidar", b"\xff\xfe\xfd\xfc\xfb"))
    assert scanned(path) == first
