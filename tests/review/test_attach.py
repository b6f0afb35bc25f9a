"""Datasets are known by what their files hold, wherever they lie."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.progress import Cancelled, JobContext
from viewer.review import Reviewer, Workspace
from viewer.review.attach import attach_dataset
from viewer.review.commands.datasets import AddDataset
from viewer.review.datasets.entities import DATASETS, DELIVERIES
from viewer.review.datasets.fingerprint import (
    EDGE_BYTES,
    FileDigest,
    Fingerprint,
    compare,
    fingerprint,
)
from viewer.review.datasets.relink import Recognised, find_moved, was_delivered_again
from viewer.scene.scene import Dataset

BIG = bytes(range(256)) * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "data" / "street"
    (root / "points").mkdir(parents=True)
    (root / "labels").mkdir()
    (root / "points" / "0.bin").write_bytes(BIG)
    (root / "labels" / "0.json").write_bytes(b"[" + b" " * 300_000 + b"]")
    (root / "calib.txt").write_text("P0: 1")
    return root


def as_dataset(path: Path) -> Dataset:
    return Dataset(path, "native", ())


def test_digests_are_those_of_blake2b_over_the_bytes_that_count(folder: Path):
    found = fingerprint(folder).files
    assert set(found) == {"points/0.bin", "labels/0.json", "calib.txt"}
    edges = hashlib.blake2b(BIG[:EDGE_BYTES] + BIG[-EDGE_BYTES:], digest_size=10).hexdigest()
    assert found["points/0.bin"] == FileDigest(len(BIG), edges)
    whole = hashlib.blake2b((folder / "labels/0.json").read_bytes(), digest_size=10).hexdigest()
    assert found["labels/0.json"] == FileDigest(300_002, whole)


def test_the_middle_counts_in_labels_and_not_in_sensor_data(folder: Path):
    before = fingerprint(folder)
    changed = bytearray(BIG)
    changed[len(BIG) // 2] ^= 1
    (folder / "points/0.bin").write_bytes(changed)
    assert fingerprint(folder).text == before.text
    changed[-EDGE_BYTES] ^= 1
    (folder / "points/0.bin").write_bytes(changed)
    text = bytearray((folder / "labels/0.json").read_bytes())
    text[150_000] = ord("\n")
    (folder / "labels/0.json").write_bytes(text)
    difference = compare(before, fingerprint(folder))
    assert difference.changed == ("labels/0.json", "points/0.bin")
    assert (difference.added, difference.removed, difference.same_count) == ((), (), 1)
    assert difference.text == "2 files changed"


def test_neither_names_of_folders_above_nor_times_nor_junk_count(folder: Path, tmp_path: Path):
    before = fingerprint(folder).text
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "mine.sightline").write_bytes(b"x")
    os.utime(folder / "calib.txt", (0, 0))
    other = tmp_path / "elsewhere"
    shutil.copytree(folder, other)
    assert fingerprint(other).text == before
    (other / "calib.txt").rename(other / "calibration.txt")
    assert fingerprint(other).text != before


def test_links_are_followed_once(folder: Path, tmp_path: Path):
    (folder / "more").symlink_to(folder / "labels")
    (folder / "labels" / "back").symlink_to(folder)
    found = fingerprint(folder).files
    assert len(found) in (3, 4)
    assert {"points/0.bin", "calib.txt"} < set(found)


def test_a_dataset_of_one_file_keeps_its_fingerprint_under_another_name(tmp_path: Path):
    (tmp_path / "a.json").write_text("{}")
    before = fingerprint(tmp_path / "a.json").text
    (tmp_path / "a.json").rename(tmp_path / "b.json")
    assert fingerprint(tmp_path / "b.json").text == before
    with pytest.raises(FileNotFoundError):
        fingerprint(tmp_path / "a.json")


def test_an_unreadable_file_is_told_from_a_readable_one(folder: Path):
    before = fingerprint(folder)
    (folder / "calib.txt").unlink()
    os.mkfifo(folder / "calib.txt")
    assert compare(before, fingerprint(folder)).removed == ("calib.txt",)


def test_progress_is_told_and_the_work_can_be_given_up(folder: Path):
    heard = []
    context = JobContext(heard.append)
    fingerprint(folder, context)
    assert [(each.done, each.total) for each in heard] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    context.cancel()
    with pytest.raises(Cancelled):
        fingerprint(folder, context)


@given(
    st.dictionaries(st.text(max_size=5), st.builds(FileDigest, st.integers(0), st.text(max_size=4)))
)
def test_a_stored_file_list_comes_back(files):
    again = Fingerprint.unpacked(Fingerprint(files).packed())
    assert again.files == files
    assert again.text == Fingerprint(files).text
    assert not compare(again, Fingerprint(files))


def paths(workspace: Workspace) -> dict[str, str]:
    return {row["key"]: row["path"] for row in workspace.reading.rows(DATASETS)}


def test_a_dataset_is_added_once(workspace: Workspace, folder: Path):
    first = attach_dataset(workspace, as_dataset(folder), choices={"pose": "x"})
    entries = workspace.journal.last_seq
    again = attach_dataset(workspace, as_dataset(folder))
    assert (first.how, again.how) == (Recognised.NEW, Recognised.SAME)
    assert first.dataset_id == again.dataset_id
    assert workspace.journal.last_seq == entries
    row = workspace.reading.row(DATASETS, first.dataset_id)
    assert (row["name"], row["format_name"], row["choices"]) == ("street", "native", {"pose": "x"})


def test_a_moved_dataset_is_the_same_dataset(workspace: Workspace, folder: Path, tmp_path: Path):
    known = attach_dataset(workspace, as_dataset(folder)).dataset_id
    moved = tmp_path / "archive" / "2026 street"
    moved.parent.mkdir()
    folder.rename(moved)
    again = attach_dataset(workspace, as_dataset(moved))
    assert (again.how, again.dataset_id) == (Recognised.MOVED, known)
    assert paths(workspace) == {known: str(moved)}
    assert workspace.undo_text == f"Find the dataset at {moved}"


def test_a_new_delivery_at_the_same_place_tells_its_files(workspace: Workspace, folder: Path):
    known = attach_dataset(workspace, as_dataset(folder))
    assert not was_delivered_again(workspace.reading, known.dataset_id)
    (folder / "labels/0.json").write_text("[1]")
    (folder / "labels/1.json").write_text("[]")
    (folder / "calib.txt").unlink()
    again = attach_dataset(workspace, as_dataset(folder))
    assert (again.how, again.dataset_id) == (Recognised.DELIVERED_AGAIN, known.dataset_id)
    assert again.difference.text == "1 file changed, 1 file is new, 1 file is gone"
    assert again.difference.changed == ("labels/0.json",)
    assert len(workspace.reading.rows(DELIVERIES)) == 2
    assert was_delivered_again(workspace.reading, known.dataset_id)
    assert attach_dataset(workspace, as_dataset(folder)).how is Recognised.SAME


def test_going_back_to_the_former_delivery_is_a_delivery_too(workspace: Workspace, folder: Path):
    attach_dataset(workspace, as_dataset(folder))
    (folder / "calib.txt").write_text("P0: 2")
    attach_dataset(workspace, as_dataset(folder))
    (folder / "calib.txt").write_text("P0: 1")
    again = attach_dataset(workspace, as_dataset(folder))
    assert again.how is Recognised.DELIVERED_AGAIN
    assert again.difference.changed == ("calib.txt",)
    assert len(workspace.reading.rows(DELIVERIES)) == 2


def test_moved_and_delivered_again_is_found_by_name_and_common_files(
    workspace: Workspace, folder: Path, tmp_path: Path
):
    known = attach_dataset(workspace, as_dataset(folder)).dataset_id
    moved = tmp_path / "new disk" / "street"
    moved.parent.mkdir()
    folder.rename(moved)
    (moved / "labels/0.json").write_text("[1]")
    again = attach_dataset(workspace, as_dataset(moved))
    assert (again.how, again.dataset_id) == (Recognised.MOVED_AND_DELIVERED_AGAIN, known)
    assert again.difference.changed == ("labels/0.json",)


def test_another_dataset_of_the_same_name_is_another_dataset(
    workspace: Workspace, folder: Path, tmp_path: Path
):
    known = attach_dataset(workspace, as_dataset(folder)).dataset_id
    other = tmp_path / "other" / "street"
    other.mkdir(parents=True)
    (other / "calib.txt").write_text("quite different")
    assert attach_dataset(workspace, as_dataset(other)).dataset_id != known
    shutil.rmtree(folder)
    third = tmp_path / "third" / "street"
    third.mkdir(parents=True)
    (third / "calib.txt").write_text("different again")
    assert attach_dataset(workspace, as_dataset(third)).how is Recognised.NEW


def test_a_dataset_that_was_added_by_its_place_alone_is_known(workspace: Workspace, folder: Path):
    workspace.run(AddDataset("d" * 32, "street", str(folder), "native"))
    found = attach_dataset(workspace, as_dataset(folder))
    assert (found.how, found.dataset_id) == (Recognised.SAME, "d" * 32)


def test_a_moved_dataset_is_looked_for_by_name_and_content(
    workspace: Workspace, folder: Path, tmp_path: Path
):
    known = attach_dataset(workspace, as_dataset(folder)).dataset_id
    disk = tmp_path / "disk"
    decoy, moved = disk / "a" / "street", disk / "b" / "c" / "street"
    decoy.mkdir(parents=True)
    (decoy / "calib.txt").write_text("P0: 1")
    moved.parent.mkdir(parents=True)
    folder.rename(moved)
    assert find_moved(workspace.reading, known, [disk]) == moved
    assert find_moved(workspace.reading, known, [disk / "a"]) is None
    assert find_moved(workspace.reading, "e" * 32, [disk]) is None


def test_recognising_needs_no_writing_where_nothing_is_new(workspace: Workspace, folder: Path):
    known = attach_dataset(workspace, as_dataset(folder)).dataset_id
    path = workspace.path
    workspace.close()
    with Workspace.open(path, Reviewer("bob"), read_only=True) as reader:
        assert attach_dataset(reader, as_dataset(folder)).dataset_id == known
