"""A thousand damaged forms of a tiny dataset of each format: clear errors and nothing else.

A new format is covered when its tiny dataset is listed; one without fails here. The long form
(SIGHTLINE_LONG=1) makes 20,000 a format.
"""

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dataset_mutations import damage, memory_limit, time_limit
from tiny_datasets import TINY_DATASETS

from viewer.formats.base import DamagedData, DatasetFormat
from viewer.formats.catalog import built_in_formats
from viewer.scene.images import OverlaySource
from viewer.scene.metadata import FrameMetadata
from viewer.scene.scene import Scene
from viewer.scene.tracks import TrackSource

ROUNDS = 20_000 if os.environ.get("SIGHTLINE_LONG") else 1_000
ROOM_BYTES = 1 << 30
"""What a damaged file of a few kilobytes may make a reader take, at the very most."""
ROOM_S = 600
"""Far more than the whole takes: only a reader that hangs comes to its end."""


def reads(scene: Scene) -> Iterator[tuple[Callable[..., object], tuple[object, ...]]]:
    """Yield every question that can be asked of a scene."""
    reader = scene.reader
    for frame in scene.frames:
        yield reader.read_rig, (frame.index,)
        for label_set in scene.label_sets:
            yield reader.read_labels, (frame.index, label_set.label_set_id)
        if isinstance(reader, FrameMetadata):
            yield reader.read_frame_metadata, (frame.index,)
        for sweep in frame.sweeps:
            yield reader.read_point_cloud, (frame.index, sweep.sensor_id)
        for image in frame.images:
            yield reader.read_image, (frame.index, image.sensor_id, None)
        if isinstance(reader, OverlaySource):
            for overlay in frame.overlays:
                yield reader.read_overlay, (frame.index, overlay.sensor_id, overlay.overlay_id)
    if isinstance(reader, TrackSource):
        for label_set in scene.label_sets:
            yield reader.read_tracks, (label_set.label_set_id,)


def read_all(format_: DatasetFormat, path: Path) -> Counter[str]:
    """Read everything, and count what was read and what was refused."""
    told: Counter[str] = Counter()
    messages: list[str] = []
    try:
        dataset = format_.open(path)
    except DamagedData as error:
        told["refused"] += bool(error.problem)
        return told
    try:
        messages += [problem.message for problem in dataset.problems]
        for scene in dataset.scenes:
            for read, arguments in reads(scene):
                try:
                    read(*arguments)
                    told["read"] += 1
                except DamagedData as error:
                    messages.append(error.problem)
                    told["damaged"] += 1
            messages += [problem.message for problem in scene.reader.problems()]
    finally:
        dataset.close()
    assert all(messages)
    told["problems"] += len(messages) - told["damaged"]
    return told


def test_each_format_has_a_tiny_dataset() -> None:
    assert [format_.name for format_ in built_in_formats()] == list(TINY_DATASETS)


@pytest.mark.parametrize("format_", list(built_in_formats()), ids=lambda format_: format_.name)
def test_mutations_raise_clear_errors_only(
    format_: DatasetFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    makers = TINY_DATASETS[format_.name]
    told: Counter[str] = Counter()
    for number, make in enumerate(makers):
        root = tmp_path / str(number)
        root.mkdir()
        path = make(root)
        whole = read_all(format_, path)
        assert whole["read"] > 0
        assert not whole["damaged"] + whole["refused"]
        victims = sorted(each for each in root.rglob("*") if each.is_file())
        originals = {each: each.read_bytes() for each in victims}
        with memory_limit(ROOM_BYTES), time_limit(ROOM_S):
            for count in range(-(-ROUNDS // len(makers))):
                generator = random.Random(f"{format_.name} {number} {count}")
                damaged = [generator.choice(victims) for _ in range(generator.choice((1, 1, 1, 2)))]
                what = [damage(each, originals[each], generator) for each in damaged]
                try:
                    told += read_all(format_, path)
                except Exception as error:
                    names = [str(each.relative_to(root)) for each in damaged]
                    error.add_note(f"dataset {number}, round {count}: {what} of {names}")
                    raise
                for each in damaged:
                    each.write_bytes(originals[each])
        shutil.rmtree(root)
    assert told["read"] > ROUNDS // 10
    assert told["refused"] + told["damaged"] + told["problems"] > ROUNDS // 20
