"""A thousand damaged recordings: only clear errors, and what is whole is still read."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest
import ros_bags as ros
from byte_mutations import mutated
from foxglove_drive import write_foxglove_json, write_foxglove_protobuf
from ros_drive import START_NS, make_drive

from viewer.formats.base import DamagedData
from viewer.formats.rosbag.format import RosbagFormat
from viewer.scene.scene import Scene

ROUNDS = 4_000 if os.environ.get("SIGHTLINE_LONG") else 100
DRIVE = make_drive(frame_count=2, point_count=12, size=(8, 6))
BOX = ros.pose((1, 2, 3), (1, 0, 0, 0))
CUBES = ros.markers(ros.marker(START_NS, "map", "car", 1, BOX, (4, 2, 1)))
MESSAGES = [*DRIVE.messages, ("/cubes", START_NS, CUBES)]
KINDS = (
    "ros1-none", "ros1-lz4", "ros1-bz2", "sqlite-none", "sqlite-zstd", "sqlite-file", "mcap-none",
    "mcap-zstd", "mcapros1-zstd", "mcapunindexed-none", "mcapunchunked-none",
)  # fmt: skip


def read(scene: Scene, told: Counter[str]) -> None:
    reader = scene.reader
    for frame in scene.frames:
        jobs = [lambda frame=frame: reader.read_rig(frame.index)]
        jobs += [
            lambda frame=frame, each=each: reader.read_point_cloud(frame.index, each.sensor_id)
            for each in frame.sweeps
        ]
        jobs += [
            lambda frame=frame, each=each: reader.read_image(frame.index, each.sensor_id, None)
            for each in frame.images
        ]
        jobs += [
            lambda frame=frame, each=each: reader.read_labels(frame.index, each.label_set_id)
            for each in scene.label_sets
        ]
        for job in jobs:
            try:
                job()
                told["read"] += 1
            except DamagedData:
                told["damaged"] += 1
    assert all(problem.message for problem in reader.problems())


def shake(path: Path, victims: list[Path], seed: int, rounds: int) -> Counter[str]:
    generator = random.Random(seed)
    originals = {victim: victim.read_bytes() for victim in victims}
    told: Counter[str] = Counter()
    for _ in range(rounds):
        victim = generator.choice(victims)
        victim.write_bytes(mutated(originals[victim], generator))
        try:
            dataset = RosbagFormat().open(path)
        except DamagedData:
            told["refused"] += 1
        else:
            for scene in dataset.scenes:
                read(scene, told)
            dataset.close()
        victim.write_bytes(originals[victim])
    return told


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_containers_give_clear_errors(kind, tmp_path):
    path = ros.write_bag(tmp_path, kind, MESSAGES)
    victims = sorted(path.iterdir()) if path.is_dir() else [path]
    told = shake(path, victims, KINDS.index(kind), ROUNDS)
    assert told["read"] > ROUNDS // 20
    assert told["refused"] + told["damaged"] > 0


@pytest.mark.parametrize("write", [write_foxglove_json, write_foxglove_protobuf])
def test_damaged_foxglove_recordings_give_clear_errors(write, tmp_path):
    path = write(tmp_path / "drive.mcap", frame_count=2)
    told = shake(path, [path], 77, ROUNDS // 2)
    assert told["refused"] + told["damaged"] > 0


def test_damaged_messages_in_a_sound_container_give_clear_errors(tmp_path):
    """Mutates payloads before they are packed, so that every one of them reaches a decoder."""
    generator = random.Random(5)
    told: Counter[str] = Counter()
    for number in range(ROUNDS // 2):
        path = tmp_path / f"{number}.mcap"
        ros.write_mutated_mcap(path, MESSAGES, lambda data: mutated(data, generator), generator)
        try:
            dataset = RosbagFormat().open(path)
        except DamagedData:
            told["refused"] += 1
        else:
            read(dataset.scenes[0], told)
            dataset.close()
        path.unlink()
    assert told["read"] > ROUNDS // 20
    assert told["damaged"] > 0
