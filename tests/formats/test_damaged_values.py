"""Single values that once were taken for what they are not."""

import json
import struct
import zlib
from pathlib import Path

import pytest
from tiny_datasets import TINY_DATASETS

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset
from viewer.formats.index_image import read_index_image
from viewer.formats.survey import all_problems
from viewer.progress import JobContext


def told_of(path: Path) -> str:
    dataset = open_dataset(path)
    try:
        return "\n".join(map(str, all_problems(dataset, JobContext())))
    finally:
        dataset.close()


@pytest.mark.parametrize("value", [["front"], {"a": 1}, 7])
def test_an_openlabel_coord_system_that_is_no_name(tmp_path: Path, value: object) -> None:
    path = TINY_DATASETS["openlabel"][0](tmp_path)
    document = json.loads(path.read_text())
    frame = document["openlabel"]["frames"]["0"]
    frame["objects"]["7"]["object_data"]["cuboid"][0]["coordinate_system"] = value
    frame["frame_properties"]["transforms"]["t"]["src"] = value
    path.write_text(json.dumps(document))
    told = told_of(path)
    assert "is not declared; it is taken for the world" in told
    assert "does not join two declared coordinate systems" in told


def test_a_supervisely_object_whose_key_is_a_list(tmp_path: Path) -> None:
    root = TINY_DATASETS["supervisely"][0](tmp_path)
    path = next(root.rglob("ann/*.json"))
    document = json.loads(path.read_text())
    document["objects"][0]["key"] = ["a"]
    path.write_text(json.dumps(document))
    assert "names no object; the figure is left out" in told_of(root)


def test_a_focal_length_too_small_to_divide_by(tmp_path: Path) -> None:
    root = TINY_DATASETS["semantic_kitti"][0](tmp_path)
    path = root / "sequences" / "04" / "calib.txt"
    path.write_text(path.read_text().replace("P2: 70", "P2: 1e-320"))
    assert "has a focal length too small for it" in told_of(root)


def test_a_name_longer_than_a_disk_takes(tmp_path: Path) -> None:
    root = TINY_DATASETS["dataloop"][1](tmp_path)
    (path,) = root.rglob("frames.json")
    path.write_text(path.read_text().replace("fine.png", "x" * 5000, 1))
    assert "is missing" in told_of(root)


def test_a_mask_that_claims_more_pixels_than_its_bytes_can_hold(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    path = tmp_path / "mask.png"
    header = struct.pack(">IIBBBBB", 8000, 8000, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99)))
    )
    with pytest.raises(DamagedData, match="claims 8000 x 8000 pixels"):
        read_index_image(path)
