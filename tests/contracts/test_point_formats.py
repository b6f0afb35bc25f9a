"""What every point-cloud format of the catalogue promises."""

from pathlib import Path

import pytest

from viewer.formats.base import DamagedData, UnknownFormat
from viewer.formats.points.catalog import (
    POINT_FORMATS,
    POINT_SUFFIXES,
    find_point_format,
    read_points,
)

BY_NAME = {form.name: form for form in POINT_FORMATS}
each_format = pytest.mark.parametrize("name", BY_NAME)


def test_names_titles_and_suffixes_are_unique():
    assert len(BY_NAME) == len(POINT_FORMATS)
    assert len({form.title for form in POINT_FORMATS}) == len(POINT_FORMATS)
    suffixes = [suffix for form in POINT_FORMATS for suffix in form.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert sorted(suffixes) == sorted(POINT_SUFFIXES)
    assert [len(s) for s in POINT_SUFFIXES] == sorted(map(len, suffixes), reverse=True)


@each_format
def test_names_and_suffixes_are_well_formed(name):
    form = BY_NAME[name]
    assert name.isidentifier()
    assert name == name.lower()
    assert form.title
    assert form.suffixes
    assert list(form.suffixes) == sorted(form.suffixes, key=len, reverse=True)
    for suffix in form.suffixes:
        assert suffix.startswith(".")
        assert suffix == suffix.lower()


@each_format
def test_a_file_is_found_by_its_suffix_in_any_case(name):
    for suffix in BY_NAME[name].suffixes:
        assert find_point_format(Path(f"/a/b.c{suffix}")) is BY_NAME[name]
        assert find_point_format(Path(f"/a/b.c{suffix.upper()}")) is BY_NAME[name]


@each_format
def test_an_empty_or_missing_file_is_damaged_data_that_names_it(name, tmp_path):
    for suffix in BY_NAME[name].suffixes:
        path = tmp_path / f"cloud{suffix}"
        with pytest.raises(DamagedData) as caught:
            read_points(path)
        assert caught.value.path == path
        path.write_bytes(b"")
        with pytest.raises(DamagedData) as caught:
            read_points(path)
        assert caught.value.path == path
        assert str(path) in str(caught.value)


@each_format
def test_bytes_without_sense_are_damaged_data(name, tmp_path):
    for suffix in BY_NAME[name].suffixes:
        path = tmp_path / f"cloud{suffix}"
        for content in (b"x", b"\n" * 5000, bytes(range(1, 256)) * 33, b"\x7f" * 999):
            path.write_bytes(content)
            with pytest.raises(DamagedData) as caught:
                read_points(path)
            assert caught.value.path == path


@each_format
def test_a_folder_is_damaged_data(name, tmp_path):
    path = tmp_path / f"cloud{BY_NAME[name].suffixes[0]}"
    path.mkdir()
    with pytest.raises(DamagedData):
        read_points(path)


@pytest.mark.parametrize("name", ["cloud.e57", "cloud.xyz", "cloud.pts", "drive.mcap", "cloud"])
def test_other_files_are_refused_with_what_each_format_needs(name):
    path = Path("/nowhere") / name
    assert find_point_format(path) is None
    with pytest.raises(UnknownFormat) as caught:
        read_points(path)
    assert set(caught.value.reasons) == {form.title for form in POINT_FORMATS}
    assert name in str(caught.value)
