"""What every dataset format promises; a new one is covered when it is listed."""

import os
import random
import re
from pathlib import Path

import pytest

from viewer.formats.base import DamagedData, DatasetFormat, Match, Probe, Rejected
from viewer.formats.catalog import built_in_formats

NAMES = (
    "velodyne", "calib", "label_2", "image_2", "training", "testing", "velodyne_points", "data",
    "image_00", "oxts", "lidar", "camera", "front", "000000.bin", "000000.txt", "000000.png",
    "timestamps.txt", "tracklet_labels.xml", "calib_cam_to_cam.txt", "scene.json", "scene.h5",
    "calib.txt", "camchain.yaml", "0.pcd", "0.ply", "0.las", "0.npy", "frames.jsonl", "a b", "ü",
)  # fmt: skip
CONTENTS = (
    b"", b"\x89HDF\r\n\x1a\n", b"{", b'{"schema": "sightline.scene"}', b"P2: 1 2 3", b"<xml/>",
    b"\xff\xfe\x00" * 9, b"cam0: [", b"# .PCD v0.7\n", b"\x89PNG\r\n\x1a\n", b"ply\n",
)  # fmt: skip

formats = pytest.mark.parametrize(
    "format_", list(built_in_formats()), ids=lambda format_: format_.name
)


def test_names_and_titles_are_unique() -> None:
    names = [format_.name for format_ in built_in_formats()]
    assert len(set(names)) == len(names)
    titles = [format_.title for format_ in built_in_formats()]
    assert len(set(titles)) == len(titles)


@formats
def test_names_are_identifiers_and_titles_are_words(format_: DatasetFormat) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", format_.name)
    assert format_.title.strip() == format_.title != ""


@formats
def test_an_empty_folder_and_a_missing_path_are_rejected_with_a_reason(
    format_: DatasetFormat, tmp_path: Path
) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Rejected, match=r"\w+"):
            format_.recognise(Probe(path))


def grow(root: Path, generator: random.Random, depth: int = 0) -> None:
    for _ in range(generator.randint(0, 5)):
        path = root / generator.choice(NAMES)
        kind = generator.random()
        if path.exists() or path.is_symlink():
            continue
        if kind < 0.45 and depth < 3:
            path.mkdir()
            grow(path, generator, depth + 1)
        elif kind < 0.5:
            path.symlink_to(root / generator.choice(NAMES))
        else:
            path.write_bytes(generator.choice(CONTENTS))


@formats
def test_recognise_raises_nothing_but_rejected(format_: DatasetFormat, tmp_path: Path) -> None:
    reasons = []
    seeds = range(600 if os.environ.get("SIGHTLINE_LONG") else 60)
    for seed in seeds:
        root = tmp_path / str(seed)
        root.mkdir()
        grow(root, random.Random(seed))
        places = [root, *(path for path in root.rglob("*"))]
        for place in places:
            try:
                match = format_.recognise(Probe(place))
            except Rejected as rejected:
                reasons.append(str(rejected))
            else:
                assert isinstance(match, Match)
                opens_or_is_damaged(format_, place)
    assert reasons
    assert all(reasons)


def opens_or_is_damaged(format_: DatasetFormat, path: Path) -> None:
    """What is recognised opens, and all of it may be asked for, or says which file is damaged."""
    try:
        dataset = format_.open(path)
    except DamagedData:
        return
    for scene in dataset.scenes:
        for frame in scene.frames:
            for read in (
                *((scene.reader.read_point_cloud, ref.sensor_id) for ref in frame.sweeps),
                *((scene.reader.read_labels, each.label_set_id) for each in scene.label_sets),
            ):
                try:
                    read[0](frame.index, read[1])
                except DamagedData:
                    continue
            rig = scene.reader.read_rig(frame.index)
            for image in frame.images:
                camera = rig.cameras[image.sensor_id]
                assert camera.model is not None or camera.refusal
        assert all(problem.message for problem in scene.reader.problems())
    dataset.close()


@formats
def test_recognise_and_open_write_nothing(format_: DatasetFormat, tmp_path: Path) -> None:
    root = tmp_path / "data"
    root.mkdir()
    grow(root, random.Random(3))
    before = snapshot(root)
    try:
        format_.recognise(Probe(root))
        opens_or_is_damaged(format_, root)
    except Rejected:
        pass
    assert snapshot(root) == before


def snapshot(root: Path) -> list[tuple[str, int, bytes]]:
    return sorted(
        (str(path), path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in root.rglob("*")
    )
