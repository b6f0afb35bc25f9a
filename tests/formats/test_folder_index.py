"""Listing a folder tells what a plain look at its names tells, however it is sped up."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.formats import folder_index
from viewer.formats.base import DamagedData
from viewer.formats.folder_index import (
    FileListing,
    files_by_stem,
    has_file,
    in_natural_order,
    merged_stems,
    natural_key,
    shared_listings,
    stem_of,
    subfolders,
)

ENDINGS = ("bin", "BIN", "pcd", "pcd.bin", "Pcd.Bin", "txt", "label.bin", "")
NAMES = st.builds(
    lambda stem, ending: f"{stem}.{ending}" if ending else stem,
    st.one_of(
        st.from_regex(r"[0-9]{3}", fullmatch=True),
        st.from_regex(r"[a-c.\-]?[0-9]{0,3}[a-c\-_ ]?[0-9]{0,2}", fullmatch=True),
    ),
    st.sampled_from(ENDINGS),
).filter(lambda name: name.strip(".") != "")
SUFFIXES = st.lists(
    st.sampled_from([".bin", ".pcd", ".pcd.bin", ".txt", ".label.bin"]),
    min_size=1, max_size=4, unique=True,
)  # fmt: skip


def plainly_by_stem(names: list[str], suffixes: list[str]) -> dict[str, str]:
    """By stem the file with the first suffix, the first by name among such."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        stem = None if name.startswith(".") else stem_of(name, suffixes)
        if stem is not None:
            lower = name.lower()
            rank = next(i for i, suffix in enumerate(suffixes) if lower.endswith(suffix))
            found.setdefault(stem, []).append((rank, name))
    return {stem: min(found[stem])[1] for stem in sorted(found, key=natural_key)}


@given(names=st.lists(NAMES, max_size=8, unique_by=str.lower), suffixes=SUFFIXES)
def test_files_are_found_by_stem_in_natural_order(names: list[str], suffixes: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            (Path(folder) / name).touch()
        present = sorted(path.name for path in Path(folder).iterdir())
        expected = plainly_by_stem(present, suffixes)
        with shared_listings():
            found = files_by_stem(Path(folder), suffixes)
            assert list(found.items()) == [
                (stem, Path(folder) / name) for stem, name in expected.items()
            ]
            assert has_file(Path(folder), suffixes) == bool(expected)
        assert has_file(Path(folder), suffixes) == bool(expected)
        assert [found.source(stem) for stem in found] == [str(path) for path in found.values()]


@given(st.lists(st.from_regex(r"[aA]?[0-9]{1,3}(_[0-9]{1,2})?[b²]?", fullmatch=True), unique=True))
def test_names_are_sorted_as_people_count(names: list[str]) -> None:
    assert in_natural_order(names) == sorted(names, key=natural_key)
    assert in_natural_order(set(names)) == sorted(names, key=natural_key)


@given(
    st.lists(
        st.lists(st.from_regex(r"[0-9]{1,2}", fullmatch=True), unique=True, max_size=4), max_size=4
    )
)
def test_stems_of_several_listings_are_merged(stems: list[list[str]]) -> None:
    listings = [FileListing(Path("x"), {stem: f"{stem}.a" for stem in each}) for each in stems]
    expected = tuple(sorted({stem for each in stems for stem in each}, key=natural_key))
    assert merged_stems(*listings) == expected
    assert merged_stems(*stems) == expected


def test_folders_are_apart_from_files_and_hidden_ones_are_left_out(tmp_path: Path) -> None:
    for name in ("b10", "b9", ".git", "x.bin"):
        (tmp_path / name).mkdir()
    (tmp_path / "a.bin").touch()
    (tmp_path / "loop.bin").symlink_to(tmp_path / "loop.bin")
    (tmp_path / "linked").symlink_to(tmp_path / "b9")
    assert [folder.name for folder in subfolders(tmp_path)] == ["b9", "b10", "linked", "x.bin"]
    assert list(files_by_stem(tmp_path, (".bin",))) == ["a"]
    assert subfolders(tmp_path / "none") == ()
    assert subfolders(tmp_path / "a.bin") == ()


def test_a_folder_of_too_many_entries_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(folder_index, "MAX_ENTRIES", 3)
    for number in range(3):
        (tmp_path / f".{number}").touch()
    assert len(files_by_stem(tmp_path, (".bin",))) == 0
    (tmp_path / "a.bin").touch()
    with pytest.raises(DamagedData, match="more than 3 entries"):
        files_by_stem(tmp_path, (".bin",))
