"""Every format's index: kept or made anew, whole or growing, it tells the same."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aged_files import age
from index_facts import facts, labels_of, plain
from tiny_datasets import TINY_DATASETS, Maker

from viewer.formats import growth
from viewer.formats.base import DamagedData, UnknownFormat
from viewer.formats.catalog import open_dataset
from viewer.progress import Cancelled, JobContext, Progress, running
from viewer.scene.scene import Dataset, LabelsFollow

CASES = [
    pytest.param(name, maker, id=f"{name}-{number}")
    for name, makers in TINY_DATASETS.items()
    for number, maker in enumerate(makers)
]
GROWING = {
    "aquarium", "nucleus", "dataloop", "coco", "pascal_voc", "sustechpoints", "nuscenes"
}  # fmt: skip
"""Formats that leave something for the background; the others know all when they are opened."""
KEPT = GROWING | {"openlabel"}
"""Formats that keep something for the next time."""


def opened(path: Path) -> object:
    """What a path opens as, or why it does not."""
    try:
        dataset = open_dataset(path)
    except (DamagedData, UnknownFormat) as error:
        return f"{type(error).__name__}: {error}"
    found = facts(growth.grown(dataset))
    dataset.close()
    return found


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("SIGHTLINE_CACHE", str(folder))
    return folder


@pytest.fixture
def make(tmp_path: Path) -> Callable[[Maker], Path]:
    def make(maker: Maker) -> Path:
        root = tmp_path / "data"
        root.mkdir()
        path = maker(root)
        age(root)
        return path

    return make


@pytest.fixture
def keep_all(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Treat every file as one that is worth an index of its own."""

    def keep_all() -> None:
        monkeypatch.setattr(growth, "LARGE_BYTES", 0)
        monkeypatch.setattr(growth, "LARGE_COUNT", 0)

    return keep_all


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in root.rglob("*")
    }


@pytest.mark.parametrize(("name", "maker"), CASES)
def test_a_kept_index_tells_what_the_files_tell(name, maker, make, cache, keep_all, tmp_path):
    path = make(maker)
    before = tree(tmp_path / "data")
    expected = opened(path)
    assert not isinstance(expected, str)
    keep_all()
    assert opened(path) == expected
    assert opened(path) == expected
    assert tree(tmp_path / "data") == before


@pytest.mark.parametrize(("name", "maker"), CASES)
def test_scenes_are_usable_before_the_index_is_whole(name, maker, make, cache, keep_all):
    path = make(maker)
    expected = opened(path)
    keep_all()
    dataset = open_dataset(path, growing=True)
    if dataset.growth is None:
        assert name not in GROWING or len(dataset.scenes) == 0 or name == "nucleus"
        assert facts(dataset) == expected
        return
    assert name in GROWING
    for scene in dataset.scenes:
        for frame in scene.frames:
            scene.reader.read_rig(frame.index)
    asked = [labels_of(scene) for scene in dataset.scenes]
    for scene, found in zip(dataset.scenes, asked, strict=True):
        if isinstance(scene.reader, LabelsFollow) and scene.frames:
            # What was asked for is indexed now.
            assert all(
                scene.reader.are_labels_indexed(0, each.label_set_id) for each in scene.label_sets
            )
        assert len(found) == len(scene.frames) * len(scene.label_sets)
    whole = growth.grown(dataset)
    assert facts(whole) == expected
    if dataset.growth.renews:
        agree_where_both_are(dataset, whole)
        return
    for early, late in zip(dataset.scenes, whole.scenes, strict=False):
        assert early.scene_id == late.scene_id
        assert early.reader is late.reader
        assert list(early.frames) == list(late.frames)
        known = {each.label_set_id for each in late.label_sets}
        kept = [each for each in labels_of(early) if each[0] in known]
        for each in kept:
            assert each in labels_of(late)
    assert len(whole.scenes) >= len(dataset.scenes)


def agree_where_both_are(beginning: Dataset, whole: Dataset) -> None:
    """Scenes of the same id have frames of the same keys, and once all is known their labels."""
    late_scenes = {scene.scene_id: scene for scene in whole.scenes}
    for early in beginning.scenes:
        late = late_scenes[early.scene_id]
        for frame in early.frames:
            index = late.frame_index_of(frame.key)
            assert index is not None
            assert frame.timestamp_ns == late.frames[index].timestamp_ns
            for each in early.label_sets:
                name = each.label_set_id
                assert plain(early.reader.read_labels(frame.index, name)) == plain(
                    late.reader.read_labels(index, name)
                )


def contents_changed(root: Path) -> None:
    """Another class of the same length in every text; sizes stay as they are."""
    for file in root.rglob("*"):
        if file.is_file() and file.suffix in (".json", ".jsonl", ".xml", ".txt", ".yaml"):
            file.write_bytes(file.read_bytes().replace(b"car", b"bus").replace(b"Car", b"Bus"))


def file_removed(root: Path) -> None:
    labels = sorted(file for file in root.rglob("*") if file.is_file())
    labels[-1].unlink()


def file_added(root: Path) -> None:
    files = sorted(file for file in root.rglob("*") if file.is_file())
    last = files[-1]
    shutil.copy(last, last.with_name(f"9{last.name}"))


def file_grown(root: Path) -> None:
    """Every text has a blank more at its end: places stay, sizes do not."""
    for file in root.rglob("*"):
        if file.is_file() and file.suffix in (".json", ".jsonl", ".xml", ".txt", ".yaml"):
            file.write_bytes(file.read_bytes() + b"\n")


@pytest.mark.parametrize("change", [contents_changed, file_removed, file_added, file_grown])
@pytest.mark.parametrize(("name", "maker"), CASES)
def test_what_changed_is_indexed_again(
    name, maker, change, make, cache, keep_all, tmp_path, monkeypatch
):
    path = make(maker)
    keep_all()
    opened(path)
    change(tmp_path / "data")
    again = opened(path)
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "empty"))
    assert again == opened(path)


@pytest.mark.parametrize(("name", "maker"), CASES)
def test_damage_in_the_cache_is_no_damage(name, maker, make, cache, keep_all):
    path = make(maker)
    expected = opened(path)
    keep_all()
    opened(path)
    files = sorted(cache.iterdir()) if cache.exists() else []
    assert bool(files) == (name in KEPT) or len(expected[0]) == 0
    kept = [file.read_bytes() for file in files]
    generator = np.random.default_rng(7)
    for attempt in range(6 if files else 0):
        for number, file in enumerate(files):
            data = bytearray(kept[(number + 1) % len(kept)] if attempt == 0 else kept[number])
            for at in generator.integers(len(data), size=attempt):
                data[at] ^= int(generator.integers(1, 256))
            file.write_bytes(data[: generator.integers(len(data) + 1)] if attempt % 2 else data)
        assert opened(path) == expected


@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.parametrize(("name", "maker"), [case for case in CASES if case.values[0] in GROWING])
def test_given_up_midway_it_is_finished_when_asked_for(name, maker, after, make, cache, keep_all):
    path = make(maker)
    expected = opened(path)
    keep_all()
    dataset = open_dataset(path, growing=True)
    if dataset.growth is None:
        return
    reports: list[Progress] = []

    def report(progress: Progress) -> None:
        reports.append(progress)
        if len(reports) == after:
            context.cancel()

    context = JobContext(report)
    with running(context):
        try:
            growth.grown(dataset)
        except Cancelled:
            assert len(reports) == after
        else:
            assert len(reports) <= after
    assert all(0 <= each.done <= (each.total or 0) for each in reports)
    assert facts(growth.grown(dataset)) == expected
    assert opened(path) == expected


def test_every_format_is_asked() -> None:
    names: dict[str, Any] = dict.fromkeys(case.values[0] for case in CASES)
    assert names.keys() == TINY_DATASETS.keys()
