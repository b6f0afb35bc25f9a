from pathlib import Path

import pytest

from viewer.formats import catalog
from viewer.formats.base import DamagedData, Match, Rejected, UnknownFormat
from viewer.formats.catalog import built_in_formats, format_by_name, open_dataset, recognise
from viewer.formats.native.format import NativeFormat


def test_unknown_folders_get_every_formats_reason(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(UnknownFormat) as caught:
        open_dataset(tmp_path)
    message = str(caught.value)
    for format_ in built_in_formats():
        assert format_.title in caught.value.reasons
        assert format_.title in message
        assert caught.value.reasons[format_.title]


def test_a_path_that_does_not_exist_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="no such file or folder"):
        open_dataset(tmp_path / "nowhere")


def test_a_named_format_is_used(kitti_object_folder: Path) -> None:
    dataset = open_dataset(kitti_object_folder, "point_folder")
    assert dataset.format_name == "point_folder"
    with pytest.raises(KeyError, match="kitti_object"):
        format_by_name("kitty")


def test_a_folder_of_scenes_opens_all_that_fit(
    kitti_object_folder: Path, kitti_drive: Path, files
) -> None:
    root = kitti_object_folder.parent
    files.write(root / "readme" / "readme.md", "nothing to see")
    files.write_sweep(root / "clouds" / "0.bin")
    dataset = open_dataset(root)
    assert dataset.format_name == "collection"
    assert [scene.format_name for scene in dataset.scenes] == [
        "kitti_raw",
        "point_folder",
        "kitti_object",
    ]
    for scene in dataset.scenes:
        assert len(scene.reader.read_point_cloud(0, scene.lidar_ids[0])) == 500


def test_scenes_of_the_same_name_are_told_apart(tmp_path: Path, files) -> None:
    for run in ("a", "b"):
        files.write_sweep(tmp_path / run / "training" / "velodyne" / "0.bin")
        files.write(tmp_path / run / "training" / "label_2" / "0.txt", "")
    ids = [scene.scene_id for scene in open_dataset(tmp_path).scenes]
    assert ids == ["a/training", "b/training"]


def test_real_folder_of_two_kitti_layouts(real_data: Path) -> None:
    dataset = open_dataset(real_data / "scenes" / "datumaro" / "kitti_dataset")
    assert [scene.format_name for scene in dataset.scenes] == ["kitti_object", "kitti_raw"]


class _Sure:
    """What another package may offer."""

    name = "sure"
    title = "Sure thing"

    def recognise(self, probe):
        if not (probe.root / "sure.txt").is_file():
            raise Rejected("needs sure.txt")
        return Match.CERTAIN

    def open(self, path):
        raise DamagedData(path / "sure.txt", "line 1", "is empty")


class _EntryPoint:
    def load(self):
        return _Sure


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [_EntryPoint()])
    catalog.all_formats.cache_clear()
    yield
    monkeypatch.undo()
    catalog.all_formats.cache_clear()


@pytest.mark.usefixtures("offered")
def test_formats_of_other_packages_count(kitti_object_folder: Path) -> None:
    (kitti_object_folder / "sure.txt").write_text("")
    format_, match = recognise(kitti_object_folder)
    assert (format_.name, match) == ("sure", Match.CERTAIN)
    with pytest.raises(DamagedData, match="line 1"):
        open_dataset(kitti_object_folder)


@pytest.mark.usefixtures("offered")
def test_one_damaged_scene_does_not_keep_the_others_out(kitti_object_folder: Path, files) -> None:
    root = kitti_object_folder.parent
    files.write(root / "broken" / "sure.txt", "")
    dataset = open_dataset(root)
    assert [scene.scene_id for scene in dataset.scenes] == ["object"]
    assert [problem.place for problem in dataset.problems] == ["line 1"]


class _FaultyEntryPoint:
    name = "faulty"

    def load(self) -> object:
        raise ImportError("no module named missing")


def test_an_add_on_that_cannot_be_loaded_says_why_and_keeps_no_format_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [_FaultyEntryPoint()])
    catalog.all_formats.cache_clear()
    try:
        with pytest.raises(UnknownFormat) as caught:
            recognise(tmp_path)
        assert "no module named missing" in caught.value.reasons["faulty"]
        with pytest.raises(DamagedData, match="add-on faulty"):
            open_dataset(tmp_path, "faulty")
    finally:
        catalog.all_formats.cache_clear()


def test_a_format_that_fails_keeps_no_other_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NativeFormat, "recognise", lambda _self, _probe: 1 / 0)
    (tmp_path / "0.bin").write_bytes(bytes(32))
    assert recognise(tmp_path)[0].name == "point_folder"
