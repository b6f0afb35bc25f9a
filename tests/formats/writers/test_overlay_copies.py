"""Overlays of images: kept byte for byte where a layout has a place for them, else told."""

import json

import numpy as np
import pytest
from PIL import Image

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.base import WriteOptions, WriteRefused
from viewer.formats.writers.catalog import SCENE_WRITERS, writer_by_name
from viewer.progress import JobContext

KEEPING = ("native", "scene_pack", "aquarium")


def sensor(name, kind, frame, url, **facts):
    return {
        "sensor_id": name, "sensor_type": kind, "coordinate_frame": frame,
        "data_urls": {"image_url": url}, "sensor_metadata": facts,
        "date_captured": "2021-06-01T12:00:00+00:00",
    }  # fmt: skip


def row(number):
    pose = {
        "position": {"x": 0, "y": 0, "z": 0}, "orientation": {"w": 1, "x": 0, "y": 0, "z": 0},
        "parent_frame_id": "world",
    }  # fmt: skip
    lens = {"fx": 20, "fy": 20, "cx": 8, "cy": 6, "camera_model": "brown_conrady"}
    return {
        "task_id": f"f{number}",
        "date_captured": f"2021-06-01T12:00:0{number}+00:00",
        "user__sequence_id": "drive",
        "coordinate_frames": [
            {
                "coordinate_frame_id": "front", "coordinate_frame_type": "IMAGE_PROJECTION",
                "coordinate_frame_metadata": json.dumps(lens | pose),
            },
            {"coordinate_frame_id": "front", "coordinate_frame_type": "IMAGE"},
            {"coordinate_frame_id": "plain", "coordinate_frame_type": "IMAGE"},
        ],
        "sensor_data": [
            {
                "sensor_id": "top", "sensor_type": "POINTCLOUD_V0", "coordinate_frame": "world",
                "data_urls": {"kitti_format_url": "top.bin"},
            },
            sensor("front", "IMAGE_V0", "front", "image.png", width=16, height=12),
            sensor("plain", "IMAGE_V0", "plain", "image.png"),
            sensor("front", "IMAGE_OVERLAY_V0", "front", "a.png", overlay_id="a b"),
            sensor(
                "front", "IMAGE_OVERLAY_V0", "front", "b.gif", overlay_id="a_b", resize_mode="fill"
            ),
            sensor("plain", "IMAGE_OVERLAY_V0", "plain", "a.png", overlay_id=""),
        ],
        "change": "ADD",
    }  # fmt: skip


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    Image.new("RGB", (16, 12), (90, 120, 60)).save(folder / "image.png")
    Image.new("RGBA", (4, 2), (255, 0, 0, 77)).save(folder / "a.png")
    Image.new("P", (3, 3), 5).save(folder / "b.gif")
    points = np.random.default_rng(1).uniform(1, 9, (50, 4)).astype("<f4")
    points.tofile(folder / "top.bin")
    rows = "".join(json.dumps(row(number)) + "\n" for number in range(2))
    (folder / "frames.jsonl").write_text(rows)
    return folder


def write(name, path, target):
    dataset = open_dataset(path)
    try:
        return writer_by_name(name).write(dataset.scenes, target, JobContext(), WriteOptions())
    finally:
        dataset.close()


def pictures(path):
    """Everything about the overlays of a dataset's only scene, and the pixels that they show."""
    dataset = open_dataset(path)
    (scene,) = dataset.scenes
    found = [
        (
            frame.index, ref.sensor_id, ref.overlay_id, ref.fill,
            scene.reader.read_overlay(frame.index, ref.sensor_id, ref.overlay_id).pixels.tolist(),
        )
        for frame in scene.frames
        for ref in frame.overlays
    ]  # fmt: skip
    told = [problem.message for problem in scene.reader.problems()]
    assert scene.has_overlays == bool(found)
    models = {name: each.model for name, each in scene.reader.read_rig(0).cameras.items()}
    dataset.close()
    return found, told, models


@pytest.mark.parametrize("name", KEEPING)
def test_overlays_come_back(name, source, tmp_path):
    before, told, models = pictures(source)
    red = [0, 0, 255, 77]
    assert told == []
    assert [each[:4] for each in before[:3]] == [
        (0, "front", "a b", False), (0, "front", "a_b", True), (0, "plain", "", False),
    ]  # fmt: skip
    assert before[0][4] == [[red] * 4] * 2
    # From Aquarium, and from a layout of another make.
    for made_from in ("aquarium", "native"):
        path = source
        if made_from == "native":
            path = tmp_path / "native"
            write("native", source, path)
        target = tmp_path / f"{name}_of_{made_from}"
        report = write(name, path, target)
        assert not [what for what, *_ in report.rows() if "overlay" in what]
        after, told, kept = pictures(target)
        assert after == before
        assert told == []
        assert kept == models


def test_aquarium_data_keep_the_overlay_files(source, tmp_path):
    write("aquarium", source, tmp_path / "copy")
    for file in ("a.png", "b.gif", "frames.jsonl"):
        assert (tmp_path / "copy" / file).read_bytes() == (source / file).read_bytes()


@pytest.mark.parametrize("name", [each.name for each in SCENE_WRITERS if each.name not in KEEPING])
def test_other_layouts_tell_what_they_leave_out(name, source, tmp_path):
    try:
        report = write(name, source, tmp_path / "out")
    except WriteRefused:
        pytest.skip("the layout does not take such a scene")
    told = [(what, count) for what, _, count, _ in report.rows() if what == "image overlay"]
    writer = writer_by_name(name)
    assert told == ([("image overlay", 6)] if writer.holds_sensor_data else [])


def test_a_damaged_overlay_is_told_and_the_rest_is_written(source, tmp_path):
    (source / "a.png").unlink()
    for name in ("native", "scene_pack"):
        report = write(name, source, tmp_path / name)
        assert any("a.png" in where for _, where, _, _ in report.rows())
        after, _, _ = pictures(tmp_path / name)
        assert [each[:3] for each in after] == [(0, "front", "a_b"), (1, "front", "a_b")]
