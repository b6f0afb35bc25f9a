"""A dataset whose text files are damaged in many ways: clean errors only may come of it."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from byte_mutations import mutated
from json_mutations import mutated_json

from viewer.formats.base import DamagedData, DatasetFormat
from viewer.scene.scene import Scene

Damage = Callable[[bytes, random.Random], bytes]


def open_damaged(
    opener: DatasetFormat,
    folder: Path,
    name: str,
    rounds: int,
    exercise: Callable[[Scene], None],
    *,
    damage: Damage = mutated_json,
    rows_read_later: bool = False,
) -> None:
    """Damage one file of a folder many times, open the folder and use what opens.

    Nothing but `DamagedData` may be raised on opening, nor by `exercise` where rows are read later
    than that, else nothing at all; some damage must leave a dataset that is read to its end.
    """
    path = folder / name
    original = path.read_bytes()
    generator = random.Random(name)
    whole = 0
    for _ in range(rounds):
        path.write_bytes(damage(original, generator))
        try:
            scenes = opener.open(folder).scenes
        except DamagedData:
            continue
        try:
            for scene in scenes:
                exercise(scene)
        except DamagedData:
            if not rows_read_later:
                raise
            continue
        whole += 1
    assert whole


def open_with_one_damaged(
    opener: DatasetFormat,
    folder: Path,
    victims: Sequence[Path],
    rounds: int,
    exercise: Callable[[Scene], None],
) -> None:
    """Damage one of some files at a time: what is raised, by `exercise` too, names that file."""
    generator = random.Random(folder.name)
    for _ in range(rounds):
        path = generator.choice(victims)
        original = path.read_bytes()
        path.write_bytes(mutated(original, generator))
        try:
            (scene,) = opener.open(folder).scenes
            exercise(scene)
        except DamagedData as damage:
            assert damage.path == path  # noqa: PT017
        path.write_bytes(original)


def read_finite_boxes(scene: Scene) -> None:
    """Read the rig and the cuboids of the first frame."""
    scene.reader.read_rig(0)
    labels = scene.reader.read_labels(0, scene.label_sets[0].label_set_id)
    assert np.isfinite(labels.cuboids.cuboids.corners()).all()


def read_everything(scene: Scene) -> None:
    """Read rigs, labels and clouds, which may be damaged; problems say what is wrong."""
    for frame in scene.frames:
        scene.reader.read_rig(frame.index)
        for each in scene.label_sets:
            labels = scene.reader.read_labels(frame.index, each.label_set_id)
            assert list(labels.cuboids.attributes) is not None
        for sweep in frame.sweeps:
            try:
                scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
            except DamagedData:
                continue
    assert all(problem.message for problem in scene.reader.problems())
