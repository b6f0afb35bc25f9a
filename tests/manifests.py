"""Datasets of two frames, one of whose files has an address of the test's choice in a manifest."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

FINE = "fine.png"
SHADES = {FINE: 60}


def picture(path: Path, shade: int = 60) -> Path:
    """Write a picture of one shade, by which the test knows it again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((6, 8, 3), shade, np.uint8)).save(path)
    return path


@dataclass(frozen=True)
class Manifest:
    """A dataset: what to open, and the file in which the address stands."""

    dataset: Path
    file: Path


def _written(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def aquarium(root: Path, address: str) -> Manifest:
    picture(root / FINE)
    rows = [
        {
            "task_id": f"f{number}",
            "date_captured": f"2021-06-01T12:00:0{number}+00:00",
            "coordinate_frames": [{"coordinate_frame_id": "w", "coordinate_frame_type": "WORLD"}],
            "sensor_data": [
                {
                    "sensor_id": "front",
                    "sensor_type": "IMAGE_V0",
                    "coordinate_frame": "w",
                    "data_urls": {"image_url": url},
                }
            ],
            "label_data": [],
        }
        for number, url in enumerate((FINE, address))
    ]
    path = root / "frames.jsonl"
    return Manifest(root, _written(path, "".join(json.dumps(row) + "\n" for row in rows)))


def nucleus(root: Path, address: str) -> Manifest:
    picture(root / FINE)
    items = [
        {"reference_id": f"i{number}", "image_url": url, "metadata": {}}
        for number, url in enumerate((FINE, address))
    ]
    return Manifest(root, _written(root / "items.json", {"items": items}))


def dataloop(root: Path, address: str) -> Manifest:
    picture(root / "items" / "drive" / FINE)
    camera = {"id": "0", "name": "front", "sensorsData": {}}
    frames = [
        {"lidar": {}, "images": [{"camera_id": "0", "remote_path": url}]}
        for url in (f"/drive/{FINE}", address)
    ]
    content = {"isPCDFrames": True, "cameras": [camera], "frames": frames}
    return Manifest(root, _written(root / "items" / "drive" / "frames.json", content))


def openlabel(root: Path, address: str) -> Manifest:
    picture(root / FINE)
    frames = {
        str(number): {"frame_properties": {"streams": {"front": {"uri": url}}}}
        for number, url in enumerate((FINE, address))
    }
    body = {"metadata": {"schema_version": "1.0.0"}, "streams": {"front": {"type": "camera"}}}
    path = _written(root / "labels.json", {"openlabel": {**body, "frames": frames}})
    return Manifest(path, path)


def lightly(root: Path, address: str) -> Manifest:
    picture(root / FINE)
    (root / ".lightly" / "metadata").mkdir(parents=True)
    return Manifest(root, _written(root / ".lightly" / "filenames.txt", f"{FINE}\n{address}\n"))


def coco(root: Path, address: str) -> Manifest:
    picture(root / "images" / FINE)
    images = [
        {"id": number, "file_name": name, "width": 8, "height": 6}
        for number, name in enumerate((FINE, address))
    ]
    boxes = [
        {"id": n, "image_id": n, "category_id": 1, "bbox": [1, 1, 2, 2], "iscrowd": 0}
        for n in range(2)
    ]
    content = {
        "images": images,
        "annotations": boxes,
        "categories": [{"id": 1, "name": "car"}],
    }
    return Manifest(root, _written(root / "annotations" / "a.json", content))


def pascal_voc(root: Path, address: str) -> Manifest:
    picture(root / "JPEGImages" / FINE)
    for stem, path in (("fine", FINE), ("other", address)):
        text = (
            f"<annotation><filename>{stem}</filename><path>{path}</path>"
            "<size><width>8</width><height>6</height></size><object><name>car</name><bndbox>"
            "<xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox></object>"
            "</annotation>"
        )
        _written(root / "Annotations" / f"{stem}.xml", text)
    return Manifest(root, root / "Annotations" / "other.xml")


def yolo(root: Path, address: str) -> Manifest:
    picture(root / "images" / FINE)
    _written(root / "data.yaml", "train: train.txt\nnames: [car]\n")
    return Manifest(root, _written(root / "train.txt", f"images/{FINE}\n{address}\n"))


MAKERS = (aquarium, nucleus, dataloop, openlabel, lightly, coco, pascal_voc, yolo)
