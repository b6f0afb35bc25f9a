"""Opening datasets of many frames: the first time, and again with what is kept in the cache.

Ours is the time until the frames of the first scene can be shown; beside it stands when the rest
of the index is there, which is made in the background. The reference decodes the same files with
the standard library. All are seconds of processor time, whatever else runs on the machine; the
formats' modules are loaded before.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as ET

import many_frames

FRAMES = int(os.environ.get("SIGHTLINE_BENCH_FRAMES", "20000"))
"""100,000 is what must open in seconds; the files take minutes to write."""
A_SCENE = 500
OBJECTS = 5
CAMERAS = ("front", "front_left", "front_right", "rear", "left", "right")
SECONDS_PER_FRAME = 10.0 / 100_000
POSE = {"position": {"x": 1.136195165, "y": -1.79820774, "z": 1.62}}
LENS = {"fx": 430.0, "fy": 430.0, "cx": 320.0, "cy": 196.0}
WXYZ = {"w": 0.49119764407198, "x": -0.50865005107454, "y": 0.50865005107454, "z": -0.4911976440719}
Row = dict[str, object]


def run(frames: int = FRAMES) -> list[Row]:
    """Write datasets into a temporary folder and measure."""
    rows = []
    chosen = [name for name in os.environ.get("SIGHTLINE_BENCH_FORMATS", "").split(",") if name]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIGHTLINE_CACHE"] = str(Path(folder) / "cache")
        _load_formats(Path(folder))
        for name, write in _writers().items():
            if chosen and name not in chosen:
                continue
            root = Path(folder) / name
            root.mkdir()
            write(root, frames)
            reference_s = _timed(lambda root=root: _decode(root))
            for title in ("first time", "again"):
                usable_s, whole_s, scenes = _open(root, frames)
                rows.append(
                    {
                        "name": f"open {name}, {frames:,} frames, {title}",
                        "ours": usable_s,
                        "whole": whole_s,
                        "scenes": scenes,
                        "reference": reference_s,
                        "reference_name": "standard library",
                        "ratio": usable_s / reference_s,
                        "unit": "s",
                        "target": SECONDS_PER_FRAME * frames / reference_s,
                    }
                )
    return rows


def _writers() -> dict[str, Callable[[Path, int], None]]:
    own = {"Aquarium": write_aquarium, "Nucleus": write_nucleus, "COCO": write_coco}
    return own | many_frames.WRITERS


def _timed(job: Callable[[], object]) -> float:
    started = time.process_time()
    job()
    return time.process_time() - started


def _load_formats(folder: Path) -> None:
    """Have every format look at an empty folder."""
    from viewer.formats.base import UnknownFormat
    from viewer.formats.catalog import open_dataset

    empty = folder / "empty"
    empty.mkdir()
    with suppress(UnknownFormat):
        open_dataset(empty)


def _open(root: Path, frames: int) -> tuple[float, float, int]:
    """Return when the first frames can be shown, when all is indexed, and how many scenes are."""
    from viewer.formats.catalog import open_dataset
    from viewer.formats.growth import grown

    started = time.process_time()
    dataset = open_dataset(root, growing=True)
    assert dataset.scenes[0].frames[0].key
    usable_s = time.process_time() - started
    dataset = grown(dataset)
    whole_s = time.process_time() - started
    scene = dataset.scenes[len(dataset.scenes) // 2]
    assert sum(len(each) for each in dataset.scenes) == frames
    labels = scene.reader.read_labels(len(scene.frames) - 1, scene.label_sets[0].label_set_id)
    assert len(labels.cuboids) + len(labels.boxes_2d) == OBJECTS
    scenes = len(dataset.scenes)
    dataset.close()
    return usable_s, whole_s, scenes


def _decode(root: Path) -> int:
    """Decode every file that an index or labels come from."""
    count = 0
    for path in root.rglob("*"):
        if path.suffix == ".json":
            count += len(json.loads(path.read_bytes()))
        elif path.suffix == ".jsonl":
            with path.open("rb") as file:
                count += sum(len(json.loads(line)) for line in file)
        elif path.suffix == ".xml":
            count += len(ET.parse(path).getroot())
        elif path.suffix == ".txt":
            count += sum(len(line.split()) for line in path.read_text().splitlines())
    return count


def write_aquarium(root: Path, frames: int) -> None:
    """Write frames and labels in rows as long as the client's."""
    places = [
        {"coordinate_frame_id": "world", "coordinate_frame_type": "WORLD"},
        *(
            {
                "coordinate_frame_id": name,
                "coordinate_frame_type": "IMAGE_PROJECTION",
                "coordinate_frame_metadata": json.dumps(
                    {**LENS, **POSE, "orientation": WXYZ, "parent_frame_id": "world"}
                ),
            }
            for name in CAMERAS
        ),
    ]
    with (root / "frames.jsonl").open("w") as rows, (root / "labels.jsonl").open("w") as labels:
        for number in range(frames):
            key = f"{number:06d}"
            sensors = [_sensor("lidar", "POINTCLOUD_PCD_V0", "world", "pcd_url", f"{key}.pcd")]
            sensors += [_sensor(c, "IMAGE_V0", c, "image_url", f"{c}/{key}.jpg") for c in CAMERAS]
            row = {"task_id": key, "coordinate_frames": places, "sensor_data": sensors}
            row |= {"user__sequence_id": f"drive {number // A_SCENE}", "change": "ADD"}
            rows.write(json.dumps(row) + "\n")
            own = [_aquarium_cuboid(f"{key}.{each}") for each in range(OBJECTS)]
            labels.write(json.dumps({"task_id": key, "label_data": own}) + "\n")


def _sensor(name: str, kind: str, coord_frame: str, key: str, url: str) -> Row:
    return {
        "sensor_id": name, "sensor_type": kind, "coordinate_frame": coord_frame,
        "data_urls": {key: url}, "sensor_metadata": {"width": 640, "height": 400},
    }  # fmt: skip


def _aquarium_cuboid(name: str) -> Row:
    sizes = {f"dim_{axis}": 1.25 for axis in "xyz"} | {f"pos_{axis}": 10.0625 for axis in "xyz"}
    turn = {"rot_x": 0.0, "rot_y": 0.0, "rot_z": 0.0, "rot_w": 1.0}
    return {
        "uuid": name, "label": "car", "label_type": "CUBOID_3D",
        "label_coordinate_frame": "world", "attributes": sizes | turn, "change": "ADD",
    }  # fmt: skip


def write_nucleus(root: Path, frames: int) -> None:
    """Write one payload of scenes and one of annotations."""
    heading = {"heading": WXYZ}
    with (root / "scenes.json").open("w") as file:
        file.write('{"scenes": [')
        for first in range(0, frames, A_SCENE):
            last = min(first + A_SCENE, frames)
            own = [
                _nucleus_frame(number, {**POSE, **heading, **LENS}) for number in range(first, last)
            ]
            scene = {"reference_id": f"drive {first // A_SCENE}", "frames": own}
            file.write(("," if first else "") + json.dumps(scene) + "\n")
        file.write("]}")
    with (root / "annotations.json").open("w") as file:
        rows = _nucleus_rows(frames)
        file.write('{"annotations": [' + ",\n".join(map(json.dumps, rows)) + "]}")


def _nucleus_frame(number: int, camera_params: Row) -> Row:
    key = f"{number:06d}"
    cloud = {"reference_id": key, "url": f"{key}.json", "type": "pointcloud", "metadata": {}}
    return {"lidar": cloud} | {
        name: {
            "reference_id": f"{key}/{name}", "url": f"{name}/{key}.jpg", "type": "image",
            "metadata": {"camera_params": camera_params, "timestamp_ns": number * 100_000_000},
        }
        for name in CAMERAS
    }  # fmt: skip


def _nucleus_rows(frames: int) -> Iterator[Row]:
    geometry = {"position": dict.fromkeys("xyz", 10.0625), "dimensions": dict.fromkeys("xyz", 1.25)}
    for number in range(frames):
        for each in range(OBJECTS):
            yield {
                "label": "car", "type": "cuboid", "geometry": geometry | {"yaw": 0.5},
                "reference_id": f"{number:06d}", "annotation_id": f"{number}.{each}",
            }  # fmt: skip


def write_coco(root: Path, frames: int) -> None:
    """Write one annotation file; images are not needed before they are shown."""
    images = [
        {"id": number, "file_name": f"{number:06d}.jpg", "width": 640, "height": 400}
        for number in range(frames)
    ]
    annotations = [
        {
            "id": number, "image_id": number // OBJECTS, "category_id": 1, "area": 800.0,
            "bbox": [10.5, 20.25, 40.0, 20.0], "iscrowd": 0, "segmentation": [],
        }
        for number in range(frames * OBJECTS)
    ]  # fmt: skip
    document = {"images": images, "annotations": annotations}
    document["categories"] = [{"id": 1, "name": "car"}]
    (root / "annotations.json").write_text(json.dumps(document))
