"""A folder of many scenes: the first are shown at once, and in the end all, as one by one."""

import shutil
from pathlib import Path

import pytest
from index_facts import facts
from tiny_datasets import TINY_DATASETS

from viewer.formats import catalog, collection
from viewer.formats.catalog import open_dataset
from viewer.formats.folder_index import shared_listings
from viewer.formats.growth import grown
from viewer.formats.sustechpoints.format import SustechPointsFormat
from viewer.progress import Cancelled, JobContext, Progress, running

COUNT = 5


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(collection, "SHOWN_FOLDERS", 2)


def made(name: str, folder: Path) -> Path:
    """One tiny scene of a format as a folder of this name."""
    inner = folder.parent / "made"
    inner.mkdir(parents=True)
    path = TINY_DATASETS[name][0](inner)
    shutil.move(path, folder)
    shutil.rmtree(inner, ignore_errors=True)
    return folder


@pytest.fixture
def drives(tmp_path: Path) -> Path:
    """Scenes of one layout, ten of which stand behind nine."""
    root = tmp_path / "data"
    for number in range(8, 8 + COUNT):
        made("sustechpoints", root / f"drive_{number}")
    return root


def test_the_first_scenes_are_there_at_once_and_the_others_follow(drives: Path) -> None:
    one_by_one = [
        open_dataset(drives / f"drive_{number}").scenes[0] for number in range(8, 8 + COUNT)
    ]
    first = open_dataset(drives, growing=True)
    assert [scene.scene_id for scene in first.scenes] == ["drive_8", "drive_9"]
    assert first.growth is not None
    assert not first.growth.renews
    whole = grown(first)
    assert [scene.scene_id for scene in whole.scenes] == [each.scene_id for each in one_by_one]
    for early, late in zip(first.scenes, whole.scenes, strict=False):
        assert early.reader is late.reader
        assert early.frames is late.frames
    assert [[frame.key for frame in scene.frames] for scene in whole.scenes] == [
        [frame.key for frame in scene.frames] for scene in one_by_one
    ]
    assert [scene.class_map for scene in whole.scenes] == [each.class_map for each in one_by_one]
    assert whole.format_name == "sustechpoints"
    assert facts(open_dataset(drives)) == facts(whole)


def test_folders_of_one_layout_are_asked_for_one_format_alone(
    drives: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    recognise = catalog.recognise

    def counted(path: Path, **choices: bool):
        asked.append(path.name)
        return recognise(path, **choices)

    monkeypatch.setattr(catalog, "recognise", counted)
    assert len(open_dataset(drives).scenes) == COUNT
    assert asked == ["data", "drive_8"]


def test_a_folder_that_only_looks_alike_is_asked_for_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        made("sustechpoints", tmp_path / "data" / f"drive_{number}")
    label = next((tmp_path / "data" / "drive_1" / "label").iterdir())
    for other in label.parent.iterdir():
        other.write_text('{"other": 1}')
    with shared_listings():
        formats = [scene.format_name for scene in open_dataset(tmp_path / "data").scenes]
    assert formats == ["sustechpoints", "point_folder", "sustechpoints"]


def test_scenes_of_many_formats_come_in_the_order_of_their_folders(tmp_path: Path) -> None:
    root = tmp_path / "data"
    names = ["sustechpoints", "labelcloud", "kitti_object", "coco", "sustechpoints", "aquarium"]
    for number, name in enumerate(names):
        made(name, root / f"{number:02d}")
    (root / "03x").mkdir()
    first = open_dataset(root, growing=True)
    assert [scene.format_name for scene in first.scenes] == names[:2]
    whole = grown(first)
    assert [scene.format_name for scene in whole.scenes] == names
    assert len({scene.scene_id for scene in whole.scenes}) == len(whole.scenes)
    assert [each.scene_id for each in whole.scenes[:2]] == [each.scene_id for each in first.scenes]
    assert whole.format_name == "collection"


def test_folders_without_scenes_are_passed_over_until_one_has_some(tmp_path: Path) -> None:
    root = tmp_path / "data"
    for number in range(4):
        (root / f"0{number}").mkdir(parents=True)
        (root / f"0{number}" / "notes.txt").write_text("nothing")
    made("kitti_object", root / "10" / "training")
    made("kitti_object", root / "11" / "training")
    first = open_dataset(root, growing=True)
    assert len(first.scenes) == 1
    whole = grown(first)
    assert len(whole.scenes) == 2
    # The one that was shown keeps its id, the other is told apart.
    assert whole.scenes[0].scene_id == first.scenes[0].scene_id
    assert whole.scenes[1].scene_id == "11/training"
    assert grown(open_dataset(root)).scenes[1].scene_id == whole.scenes[1].scene_id


def test_given_up_midway_it_goes_on_where_it_was(
    drives: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_dataset(drives, growing=True)
    opened: list[str] = []
    open_scene = SustechPointsFormat.open

    def counted(self: SustechPointsFormat, path: Path):
        opened.append(path.name)
        return open_scene(self, path)

    monkeypatch.setattr(SustechPointsFormat, "open", counted)
    reports: list[Progress] = []

    def report(progress: Progress) -> None:
        reports.append(progress)
        if progress.done == 3:
            context.cancel()

    context = JobContext(report)
    with running(context), pytest.raises(Cancelled):
        grown(first)
    assert opened == ["drive_10", "drive_11"][: len(opened)]
    assert len(grown(first).scenes) == COUNT
    assert sorted(opened) == ["drive_10", "drive_11", "drive_12"]
    assert reports[0] == Progress(2, COUNT, f"Opening {COUNT} folders")


def test_what_is_damaged_in_a_later_folder_is_told(drives: Path) -> None:
    (drives / "drive_9.5").mkdir()
    (drives / "drive_9.5" / "frames.jsonl").write_text('{"task_id": "a", "change": "DELETE"}\n')
    whole = grown(open_dataset(drives, growing=True))
    assert len(whole.scenes) == COUNT
    assert any("holds no usable frame" in str(problem) for problem in whole.problems)
