"""Media that cannot be written, network file systems, and disks that are really full."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from review.conftest import tables

from viewer.review import Reviewer, Workspace, WorkspaceError, WorkspaceUnwritable
from viewer.review.commands.settings import ChangeSetting
from viewer.review.store.backup import copy_workspace
from viewer.review.store.integrity import check_structure
from viewer.review.store.network import network_file_system

ANN = Reviewer("ann")


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A small disk of its own; skips where this user may not mount."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root mounts disks")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("disks cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, "size=2m"):
        yield folder


def make(path: Path) -> None:
    with Workspace.create(path, ANN) as workspace:
        workspace.run(ChangeSetting("a", 1))


def test_a_full_disk_refuses_keeps_everything_and_goes_on_later(disk):
    path = disk / "street.sightline"
    make(path)
    with Workspace.open(path, ANN) as workspace:
        free = os.statvfs(disk)
        (disk / "ballast").write_bytes(bytes((free.f_bavail - 4) * free.f_bsize))
        before = tables(path)
        for _ in range(3):
            with pytest.raises(WorkspaceUnwritable, match=r"the disk is full.*nothing was changed"):
                workspace.run(ChangeSetting("a", "x" * 200_000))
        assert tables(path) == before
        assert workspace.undo_text == "Change a"
        (disk / "ballast").unlink()
        workspace.run(ChangeSetting("a", "x" * 200_000))
        assert workspace.undo() is not None
        assert tables(path) == before
        workspace.check_integrity()


def test_closing_and_opening_on_a_full_disk_loses_nothing(disk):
    path = disk / "street.sightline"
    make(path)
    with Workspace.open(path, ANN) as workspace:
        workspace.run(ChangeSetting("a", "y" * 50_000))
        expected = tables(path)
        free = os.statvfs(disk)
        (disk / "ballast").write_bytes(bytes(free.f_bavail * free.f_bsize))
    with Workspace.open(path, ANN, read_only=True):
        assert tables(path) == expected
    (disk / "ballast").unlink()
    with Workspace.open(path, ANN) as workspace:
        assert tables(path) == expected
        workspace.check_integrity()
    (disk / "ballast").write_bytes(bytes(os.statvfs(disk).f_bavail * 4096))
    with pytest.raises(WorkspaceError, match="cannot be made: the disk is full"):
        Workspace.create(disk / "other.sightline", ANN)
    assert {each.name for each in disk.iterdir()} == {path.name, f"{path.name}.backup", "ballast"}


def test_a_medium_that_becomes_read_only_refuses_and_goes_on_later(disk):
    path = disk / "street.sightline"
    make(path)
    with Workspace.open(path, ANN) as workspace:
        workspace.run(ChangeSetting("a", 2))
    # No system takes a medium from under a writer: it is taken between two writers here.
    remount(disk, "ro")
    with Workspace.open(path, ANN) as workspace:
        assert workspace.read_only_reason == "its medium or folder cannot be written"
    remount(disk, "rw")
    with Workspace.open(path, ANN) as workspace:
        assert workspace.is_writable


@pytest.mark.parametrize("in_wal_mode", [False, True])
def test_a_read_only_medium_is_read_and_reviewed_into_a_second_file(disk, tmp_path, in_wal_mode):
    path = disk / "street.sightline"
    make(path)
    if in_wal_mode:
        # As a program that knows nothing of us may leave it.
        content = bytearray(path.read_bytes())
        content[18:20] = b"\2\2"
        path.write_bytes(content)
    expected = tables(path)
    for end in ("-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    remount(disk, "ro")
    second = tmp_path / "second.sightline"
    with Workspace.open(path, ANN) as workspace:
        assert workspace.read_only_reason == "its medium or folder cannot be written"
        assert workspace.holder is None
        assert not workspace.try_to_hold()
        assert not workspace.follow()
        assert workspace.undo_text == "Change a"
        reading, connection = workspace.another_reading()
        assert reading.query("SELECT value FROM settings") == [("1",)]
        connection.close()
        workspace.copy_to(second)
        with pytest.raises(WorkspaceError, match="exists already"):
            workspace.copy_to(second)
    with Workspace.open(second, ANN) as workspace:
        assert tables(second) == expected
        workspace.run(ChangeSetting("a", 2))
        assert workspace.undo_to(next(workspace.journal.entries()).command_id)


@pytest.mark.parametrize("with_index", [True, False])
def test_changes_left_beside_on_a_read_only_medium_are_read_or_told(disk, tmp_path, with_index):
    original = tmp_path / "street.sightline"
    make(original)
    path = disk / "street.sightline"
    with Workspace.open(original, ANN) as workspace:
        workspace.run(ChangeSetting("a", 2))
        expected = tables(original)
        # As a killed writer leaves it.
        for end in ("", "-wal", *(["-shm"] if with_index else [])):
            shutil.copyfile(f"{original}{end}", f"{path}{end}")
    remount(disk, "ro")
    second = tmp_path / "second.sightline"
    if with_index:
        with Workspace.open(path, ANN) as workspace:
            assert workspace.reading.query("SELECT value FROM settings") == [("2",)]
            workspace.copy_to(second)
    else:
        with pytest.raises(WorkspaceError, match=r"-wal beside it\) cannot be read"):
            Workspace.open(path, ANN)
        copy_workspace(path, second, check=check_structure)
    assert tables(second) == expected


def test_an_older_layout_on_a_read_only_medium_is_told(disk):
    path = disk / "street.sightline"
    make(path)
    content = bytearray(path.read_bytes())
    content[60:64] = (1).to_bytes(4, "big")
    path.write_bytes(content)
    remount(disk, "ro")
    with pytest.raises(WorkspaceError, match="has the older layout 1; open it once where it can"):
        Workspace.open(path, ANN)


def test_left_logs_are_not_played_into_a_new_file(tmp_path):
    path = tmp_path / "street.sightline"
    Path(f"{path}-wal").write_bytes(b"left")
    with pytest.raises(WorkspaceError, match="changes of another workspace"):
        Workspace.create(path, ANN)


def test_file_systems_without_links(tmp_path, monkeypatch):
    def no_links(*_args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    make(tmp_path / "street.sightline")
    with pytest.raises(WorkspaceError, match="exists already"):
        Workspace.create(tmp_path / "street.sightline", ANN)
    assert not [each for each in tmp_path.iterdir() if each.name.endswith(".new")]


def test_network_file_systems_are_known_by_their_mount(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"disk / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n"
        f"//s/y {tmp_path}/a\\040b cifs rw 0 0\ndisk {tmp_path}/local ext4 rw 0 0\n"
    )
    assert network_file_system(tmp_path / "x", mounts) == "nfs4"
    assert network_file_system(tmp_path / "a b" / "x", mounts) == "cifs"
    assert network_file_system(tmp_path / "local" / "x", mounts) is None
    assert network_file_system(tmp_path.parent / "x", mounts) is None
    assert network_file_system(tmp_path / "x", tmp_path / "none") is None


def test_a_network_file_system_uses_no_shared_memory(tmp_path, monkeypatch):
    path = tmp_path / "street.sightline"
    make(path)
    for place in ("viewer.review.store.database", "viewer.review.workspace"):
        monkeypatch.setattr(f"{place}.network_file_system", lambda _path: "nfs4")
    with Workspace.open(path, ANN) as workspace:
        assert workspace.is_on_network
        workspace.run(ChangeSetting("a", 2))
        assert not Path(f"{path}-wal").exists()
        assert not Path(f"{path}-shm").exists()
        with Workspace.open(path, Reviewer("bob")) as other:
            assert "held by ann" in other.read_only_reason
            workspace.run(ChangeSetting("a", 3))
            assert other.follow()
            assert other.reading.query("SELECT value FROM settings") == [("3",)]
    with Workspace.open(path, ANN) as workspace:
        workspace.check_integrity()
