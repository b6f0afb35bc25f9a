"""Opening nuScenes tables of many scenes; trainval has 850, 2.5 GB of JSON.

Opened is what a list of scenes and their frames need; poses and annotations follow on threads, so
that the first labels are a figure of their own. The reference decodes the same tables with the
standard library, as tools of the dataset do.
"""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SCENES = int(os.environ.get("SIGHTLINE_BENCH_SCENES", "100"))
"""850 is what trainval has; its tables take minutes to write."""
SAMPLES = 40
OBJECTS = 34
CHANNELS = {
    "LIDAR_TOP": ("lidar", 10),
    **{f"RADAR_{place}": ("radar", 6) for place in ("FRONT", "LEFT", "RIGHT", "BACK_L", "BACK_R")},
    **{f"CAM_{place}": ("camera", 6) for place in ("FRONT", "LEFT", "RIGHT", "BACK", "B_L", "B_R")},
}
"""Modality, and recordings a sample."""
START_US = 1_532_402_927_000_000
OPEN_S = 5.0
LARGE = ("sample_data", "ego_pose", "sample_annotation")
Row = dict[str, object]


def run(scenes: int = SCENES) -> list[dict[str, object]]:
    """Write tables into a temporary folder and measure; the first opening has no index yet."""
    with tempfile.TemporaryDirectory() as folder, _cache_in(Path(folder) / "cache"):
        root = Path(folder) / "data"
        write_tables(root, scenes)
        reference_s = _timed(lambda: _plain(root))
        first_s = _timed(lambda: _open(root, labels=False))
        _open(root, labels=True)
        again_s = _timed(lambda: _open(root, labels=False))
        labels_s = _timed(lambda: _open(root, labels=True))
        rows = (("first time", first_s), ("index in the cache", again_s),
                ("index in the cache, labels of a frame too", labels_s))  # fmt: skip
        return [
            {
                "name": f"open nuScenes tables, {scenes} scenes, {title}",
                "ours": taken_s,
                "reference": reference_s,
                "reference_name": "json.load",
                "ratio": taken_s / reference_s,
                "unit": "s",
                "target": OPEN_S / reference_s,
            }
            for title, taken_s in rows
        ]


def _timed(job: Callable[[], object]) -> float:
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def _plain(root: Path) -> int:
    return sum(
        len(json.loads((root / "v1.0-trainval" / f"{name}.json").read_bytes())) for name in LARGE
    )


def _open(root: Path, *, labels: bool) -> None:
    from viewer.formats.catalog import open_dataset

    dataset = open_dataset(root)
    scene = dataset.scenes[len(dataset.scenes) // 2]
    assert len(scene.frames[0].key) == 32
    if labels:
        scene.reader.read_rig(0)
        assert len(scene.reader.read_labels(0, "annotations").cuboids) == OBJECTS
    dataset.close()


@contextmanager
def _cache_in(folder: Path) -> Iterator[None]:
    before = os.environ.get("SIGHTLINE_CACHE")
    os.environ["SIGHTLINE_CACHE"] = str(folder)
    try:
        yield
    finally:
        del os.environ["SIGHTLINE_CACHE"]
        if before is not None:
            os.environ["SIGHTLINE_CACHE"] = before


def write_tables(root: Path, scenes: int) -> None:
    """Write tables whose rows are as long as the dataset's; no file of a sensor."""
    folder = root / "v1.0-trainval"
    folder.mkdir(parents=True)
    for name, rows in {
        "sensor": _sensors(),
        "calibrated_sensor": _calibrated(scenes),
        "scene": _scenes(scenes),
        "category": ({"token": _token("category", i), "name": f"kind{i}"} for i in range(23)),
        "instance": _instances(scenes),
        "sample": _samples(scenes),
        "sample_data": _recordings(scenes),
        "ego_pose": _poses(scenes),
        "sample_annotation": _annotations(scenes),
    }.items():
        with (folder / f"{name}.json").open("w") as file:
            for number, row in enumerate(rows):
                file.write(("[\n" if number == 0 else ",\n") + json.dumps(row, indent=0))
            file.write("\n]")


def _token(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _sensors() -> Iterator[Row]:
    for name, (modality, _) in CHANNELS.items():
        yield {"token": _token("sensor", name), "channel": name, "modality": modality}


def _calibrated(scenes: int) -> Iterator[Row]:
    for scene in range(scenes):
        for name, (modality, _) in CHANNELS.items():
            yield {
                "token": _token("calibrated", scene, name),
                "sensor_token": _token("sensor", name),
                "translation": [1.72200568478, 0.00475453292289, 1.49491291905],
                "rotation": [0.5077241387638, -0.4973392230703, 0.49837167536166, -0.4964832014373],
                "camera_intrinsic": [[1252.8, 0.0, 826.6], [0.0, 1252.8, 469.98], [0.0, 0.0, 1.0]]
                if modality == "camera"
                else [],
            }


def _scenes(scenes: int) -> Iterator[Row]:
    for scene in range(scenes):
        yield {"token": _token("scene", scene), "name": f"scene-{scene:04d}", "description": ""}


def _samples(scenes: int) -> Iterator[Row]:
    for scene in range(scenes):
        for sample in range(SAMPLES):
            yield {
                "token": _token("sample", scene, sample),
                "timestamp": _time_us(scene, sample),
                "prev": "",
                "next": "",
                "scene_token": _token("scene", scene),
            }


def _time_us(scene: int, sample: int) -> int:
    return START_US + scene * 30_000_000 + sample * 500_000


def _places(scenes: int) -> Iterator[tuple[int, str, int, int, int]]:
    """Scene, channel, sample, how many recordings before the keyframe's, time."""
    for scene in range(scenes):
        for name, (_, count) in CHANNELS.items():
            for sample in range(SAMPLES):
                for before in range(count - 1, -1, -1):
                    time_us = _time_us(scene, sample) - before * 500_000 // count
                    yield scene, name, sample, before, time_us


def _recordings(scenes: int) -> Iterator[Row]:
    for scene, name, sample, before, time_us in _places(scenes):
        token = _token("recording", scene, name, time_us)
        folder = "sweeps" if before else "samples"
        yield {
            "token": token,
            "sample_token": _token("sample", scene, sample),
            "ego_pose_token": token,
            "calibrated_sensor_token": _token("calibrated", scene, name),
            "timestamp": time_us,
            "fileformat": "jpg" if name.startswith("CAM") else "pcd",
            "is_key_frame": before == 0,
            "height": 900,
            "width": 1600,
            "filename": f"{folder}/{name}/n015-2018-07-24-11-22-45+0800__{name}__{time_us}.pcd.bin",
            "prev": token,
            "next": token,
        }


def _poses(scenes: int) -> Iterator[Row]:
    for scene, name, _, _, time_us in _places(scenes):
        yield {
            "token": _token("recording", scene, name, time_us),
            "timestamp": time_us,
            "rotation": [0.5720320396729, -0.0016977771610, 0.0117980019301837, -0.820144664245],
            "translation": [411.3039349319818 + time_us * 1e-9, 1180.8903791765097, 0.0],
        }


def _instances(scenes: int) -> Iterator[Row]:
    for scene in range(scenes):
        for instance in range(OBJECTS):
            yield {
                "token": _token("instance", scene, instance),
                "category_token": _token("category", instance % 23),
            }


def _annotations(scenes: int) -> Iterator[Row]:
    for scene in range(scenes):
        for instance in range(OBJECTS):
            for sample in range(SAMPLES):
                token = _token("annotation", scene, instance, sample)
                yield {
                    "token": token,
                    "sample_token": _token("sample", scene, sample),
                    "instance_token": _token("instance", scene, instance),
                    "visibility_token": "4",
                    "attribute_tokens": [_token("attribute", instance)],
                    "translation": [373.256 + sample, 1130.419, 0.8],
                    "size": [0.621, 0.669, 1.642],
                    "rotation": [0.9831098797903927, 0.0, 0.0, -0.18301629506281616],
                    "prev": token,
                    "next": token,
                    "num_lidar_pts": 1,
                    "num_radar_pts": 0,
                }
