"""A thousand damaged forms of nuScenes tables, results and Argoverse 2 logs: only clear errors."""

import json
import os
import random
from pathlib import Path

import numpy as np
import pytest
from argoverse2_log import write_log
from byte_mutations import mutated
from nuscenes_tables import tables, write_tables

from viewer.formats.argoverse2.format import Argoverse2Format
from viewer.formats.base import DamagedData, DatasetFormat
from viewer.formats.nuscenes.format import NuScenesFormat
from viewer.formats.nuscenes.lone_result import NuScenesResultsFormat
from viewer.scene.earlier_sweeps import EarlierSweeps
from viewer.scene.scene import Scene

ROUNDS = 20_000 if os.environ.get("SIGHTLINE_LONG") else 1_000
BOX = {"translation": [430, 1190, 1], "size": [2, 4, 1.5], "rotation": [1, 0, 0, 0]}
RESULT = {
    "meta": {"use_lidar": True},
    "results": {"sample1": [{**BOX, "detection_name": "car", "velocity": [1.0, 0.5]}] * 2},
}


def read(scene: Scene) -> int:
    """Read what the damage may have reached; images are left to their own tests."""
    reader, done = scene.reader, 0
    for frame in scene.frames[:1]:
        jobs = [lambda frame=frame: reader.read_rig(frame.index)]
        jobs += [
            lambda frame=frame, each=each: reader.read_point_cloud(frame.index, each.sensor_id)
            for each in frame.sweeps
        ]
        jobs += [
            lambda frame=frame, each=each: reader.read_labels(frame.index, each.label_set_id)
            for each in scene.label_sets
        ]
        if isinstance(reader, EarlierSweeps):
            jobs.append(lambda frame=frame: reader.earlier_sweeps(frame.index))
        for job in jobs:
            try:
                job()
                done += 1
            except DamagedData:
                continue
    assert all(problem.message for problem in reader.problems())
    return done


def shake(format_: DatasetFormat, root: Path, victims: list[Path], seed: int) -> None:
    generator = random.Random(seed)
    originals = {path: path.read_bytes() for path in victims}
    opened = refused = 0
    for _ in range(ROUNDS):
        path = generator.choice(victims)
        path.write_bytes(mutated(originals[path], generator))
        try:
            dataset = format_.open(root)
            opened += sum(read(scene) for scene in dataset.scenes)
            dataset.close()
        except DamagedData:
            refused += 1
        path.write_bytes(originals[path])
    assert opened > ROUNDS // 20
    assert refused < ROUNDS


def test_nuscenes(tmp_path: Path) -> None:
    rows = tables()
    token = rows["sample_data"][1]["token"]
    for number, row in enumerate(rows["category"]):
        row["index"] = number
    rows["panoptic"] = [{"token": token, "sample_data_token": token, "filename": "panoptic/a.npz"}]
    root = write_tables(tmp_path / "nuscenes", rows)
    (root / "panoptic").mkdir()
    np.savez_compressed(root / "panoptic" / "a.npz", data=np.arange(300, dtype=np.uint16))
    (root / "result.json").write_text(json.dumps(RESULT))
    radars = sorted((root / "samples" / "RADAR_FRONT").iterdir())[:1]
    victims = [*sorted(root.rglob("*.json")), root / "panoptic" / "a.npz", *radars]
    shake(NuScenesFormat(), root, victims, 1)


def test_results_alone(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps(RESULT))
    shake(NuScenesResultsFormat(), path, [path], 2)


@pytest.mark.parametrize("compression", ["lz4", None])
def test_argoverse2(tmp_path: Path, compression: str | None) -> None:
    root = write_log(tmp_path / "log", compression=compression)
    shake(Argoverse2Format(), root, sorted(root.rglob("*.feather")), 3)
