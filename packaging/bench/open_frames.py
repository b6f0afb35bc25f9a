"""Opening datasets of many frames: listed are their scenes, and the frames and labels of one.

The reference decodes the same files with the standard library. The second opening of Aquarium files
finds their rows in the cache.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

FRAMES = int(os.environ.get("SIGHTLINE_BENCH_FRAMES", "20000"))
"""100,000 is what must open in seconds; the files take a minute to write."""
A_SCENE = 500
OBJECTS = 5
CAMERAS = ("front", "front_left", "front_right", "rear", "left", "right")
SECONDS_PER_FRAME = 10.0 / 100_000
POSE = {"position": {"x": 1.136195165, "y": -1.79820774, "z": 1.62}}
LENS = {"fx": 430.0, "fy": 430.0, "cx": 320.0, "cy": 196.0}
WXYZ = {"w": 0.49119764407198, "x": -0.50865005107454, "y": 0.50865005107454, "z": -0.4911976440719}
Row = dict[str, object]


def run(frames: int = FRAMES) -> list[dict[str, object]]:
    """Write datasets into a temporary folder and measure."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIGHTLINE_CACHE"] = str(Path(folder) / "cache")
        for name, write, plain, times in (
            ("Aquarium", write_aquarium, _decode_lines, ("first time", "rows in the cache")),
            ("Nucleus", write_nucleus, _decode, ("first time",)),
            ("COCO", write_coco, _decode, ("first time",)),
        ):
            root = Path(folder) / name
            root.mkdir()
            write(root, frames)
            reference_s = _timed(lambda root=root, plain=plain: plain(root))
            for title in times:
                taken_s = _timed(lambda root=root: _open(root, frames))
                rows.append(
                    {
                        "name": f"open {name}, {frames:,} frames, {title}",
                        "ours": taken_s,
                        "reference": reference_s,
                        "reference_name": "json",
                        "ratio": taken_s / reference_s,
                        "unit": "s",
                        "target": SECONDS_PER_FRAME * frames / reference_s,
                    }
                )
    return rows


def _timed(job: Callable[[], object]) -> float:
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def _open(root: Path, frames: int) -> None:
    from viewer.formats.catalog import open_dataset

    dataset = open_dataset(root)
    scene = dataset.scenes[len(dataset.scenes) // 2]
    assert sum(len(each) for each in dataset.scenes) == frames
    labels = scene.reader.read_labels(len(scene.frames) - 1, scene.label_sets[0].label_set_id)
    assert len(labels.cuboids) + len(labels.boxes_2d) == OBJECTS
    dataset.close()


def _decode(root: Path) -> int:
    return sum(len(json.loads(path.read_bytes())) for path in root.glob("*.json"))


def _decode_lines(root: Path) -> int:
    count = 0
    for path in root.glob("*.jsonl"):
        with path.open("rb") as file:
            count += sum(len(json.loads(line)) for line in file)
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
