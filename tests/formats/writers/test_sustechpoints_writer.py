"""SUSTechPOINTS: boxes, tracks and cameras come back, and as its own tool has them."""

import json
import math
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from cloud_round_trip import (
    ATTRIBUTES,
    assert_boxes_come_back,
    assert_camera_comes_back,
    assert_points_come_back,
    turns,
    two_lidars,
)
from hypothesis import HealthCheck, given, settings
from random_drive import drives

from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.writers.sustechpoints import SustechPointsWriter
from viewer.geometry.cameras import Fisheye, Pinhole
from viewer.progress import JobContext
from viewer.scene.scene import Scene


def write(scene, target):
    return SustechPointsWriter().write([scene], target, JobContext())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drives(boxes_in="LIDAR_TOP", attributes=ATTRIBUTES, lens=False))
def test_a_drive_comes_back(before: Scene) -> None:
    with TemporaryDirectory() as folder:
        write(before, Path(folder) / "out")
        dataset = open_dataset(Path(folder) / "out")
        assert dataset.format_name == "sustechpoints"
        (after,) = dataset.scenes
        assert_boxes_come_back(before, after, ("annotations", "label"), tracks=True)
        assert_points_come_back(before, after)
        assert_camera_comes_back(before, after, "lidar")
        report = write(replace(after, scene_id=before.scene_id), Path(folder) / "again")
        assert report.total == 0
        dataset.close()


def one_frame(boxes: int = 1, wxyz=None) -> Scene:
    builder = SceneBuilder("one")
    builder.add_lidar("lidar", position=(0.0, 0.0, 2.0))
    builder.add_camera("front", Pinhole(64, 40, fx=50.0, fy=51.0, cx=30.0, cy=20.0))
    builder.add_camera("wide", Fisheye(64, 40, fx=20.0, fy=20.0))
    frame = builder.add_frame()
    frame.add_points("lidar", np.zeros((1, 3), np.float32))
    for name in ("front", "wide"):
        frame.add_image(name, np.zeros((40, 64, 3), np.uint8))
    generator = np.random.default_rng(3)
    frame.add_cuboids(
        generator.normal(size=(boxes, 3)), generator.uniform(1, 4, (boxes, 3)),
        class_names=["Car"] * boxes, coord_frame_id="lidar", orientations_wxyz=wxyz,
        track_ids=["7"] * boxes, attributes=[{"obj_attr": "parked"}] * boxes,
    )  # fmt: skip
    return builder.build()


def test_the_tool_reads_psr_and_a_camera_from_lidar(tmp_path: Path) -> None:
    half = 0.3 / 2
    scene = one_frame(1, [[math.cos(half), 0.0, 0.0, math.sin(half)]])
    report = write(scene, tmp_path / "out")
    (box,) = json.loads((tmp_path / "out" / "label" / "000000.json").read_text())
    assert (box["obj_type"], box["obj_id"], box["obj_attr"]) == ("Car", "7", "parked")
    assert set(box["psr"]) == {"position", "scale", "rotation"}
    np.testing.assert_allclose(list(box["psr"]["rotation"].values()), [0.0, 0.0, 0.3], atol=1e-12)
    found = json.loads((tmp_path / "out" / "calib" / "camera" / "front.json").read_text())
    assert found["intrinsic"] == [50.0, 0.0, 30.0, 0.0, 51.0, 20.0, 0.0, 0.0, 1.0]
    # The camera stands at the origin and looks along x: right is -y, down is -z, two metres up.
    expected = [[0, -1, 0, 0], [0, 0, -1, -2], [1, 0, 0, 0], [0, 0, 0, 1]]
    np.testing.assert_allclose(np.reshape(found["extrinsic"], (4, 4)), expected, atol=1e-12)
    assert not (tmp_path / "out" / "calib" / "camera" / "wide.json").exists()
    assert (tmp_path / "out" / "camera" / "wide" / "000000.png").is_file()
    assert "lens" in {what for what, *_ in report.rows()}


def test_a_box_on_its_nose_comes_back(tmp_path: Path) -> None:
    scene = one_frame(9, turns(np.random.default_rng(6), 9))
    write(scene, tmp_path / "out")
    (after,) = open_dataset(tmp_path / "out").scenes
    assert_boxes_come_back(scene, after, ("ground_truth", "label"), tracks=True)


def test_boxes_of_another_lidar_move_along(tmp_path: Path) -> None:
    write(two_lidars(), tmp_path / "out")
    (after,) = open_dataset(tmp_path / "out").scenes
    labels = after.reader.read_labels(0, "label").cuboids
    np.testing.assert_allclose(labels.cuboids.center, [[2.0, -1.0, 0.0]], atol=1e-12)
    assert len(after.reader.read_point_cloud(0, "lidar")) == 2


def test_the_real_scene_comes_back(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "scenes" / "sustechpoints"
    (before,) = open_dataset(source).scenes
    report = write(before, tmp_path / "out")
    assert report.total == 0
    (after,) = open_dataset(tmp_path / "out").scenes
    assert_boxes_come_back(before, after, ("label", "label"), tracks=True)
    for stem in ("000965", "000970"):
        names = [f"lidar/{stem}.pcd", *(f"camera/{c}/{stem}.jpg" for c in ("front", "left"))]
        for name in names:
            assert (tmp_path / "out" / name).read_bytes() == (source / name).read_bytes()
    rigs = [scene.reader.read_rig(0) for scene in (before, after)]
    for name, camera in rigs[0].cameras.items():
        assert rigs[1].cameras[name].model == camera.model
        moves = [rig.transforms.transform(name, "lidar").matrix for rig in rigs]
        np.testing.assert_allclose(moves[0], moves[1], atol=1e-12)


def test_a_cameras_own_matrix_becomes_part_of_its_pose(tmp_path: Path) -> None:
    builder = SceneBuilder("one")
    builder.add_lidar("lidar")
    # The camera looks along the lidar's x; its matrix rolls it by a quarter turn.
    roll = [[0, -1, 0, 0.5], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    builder.add_camera("front", Pinhole(64, 40, fx=50.0, fy=50.0), camera_matrix=roll)
    stretched = np.diag([2.0, 1.0, 1.0, 1.0])
    builder.add_camera("wrong", Pinhole(64, 40, fx=50.0, fy=50.0), camera_matrix=stretched)
    frame = builder.add_frame()
    frame.add_points("lidar", np.zeros((1, 3), np.float32))
    for name in ("front", "wrong"):
        frame.add_image(name, np.zeros((40, 64, 3), np.uint8))
    report = write(builder.build(), tmp_path / "out")
    found = json.loads((tmp_path / "out" / "calib" / "camera" / "front.json").read_text())
    # Right is -y and down is -z before the roll; then right is z and down is -y.
    expected = [[0, 0, 1, 0.5], [0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]]
    np.testing.assert_allclose(np.reshape(found["extrinsic"], (4, 4)), expected, atol=1e-12)
    assert not (tmp_path / "out" / "calib" / "camera" / "wrong.json").exists()
    assert "matrix of a camera" in {what for what, *_ in report.rows()}
    assert (tmp_path / "out" / "label" / "000000.json").is_file()


def test_a_camera_keeps_its_lens_whatever_it_and_the_frames_are_called(tmp_path: Path) -> None:
    builder = SceneBuilder("one")
    builder.add_lidar("lidar")
    for name in ("image", "front"):
        builder.add_camera(name, Pinhole(64, 40, fx=50.0, fy=50.0))
    frame = builder.add_frame(key="front")
    frame.add_points("lidar", np.zeros((1, 3), np.float32))
    for name in ("image", "front"):
        frame.add_image(name, np.zeros((40, 64, 3), np.uint8))
    report = write(builder.build(), tmp_path / "out")
    (after,) = open_dataset(tmp_path / "out").scenes
    assert set(after.camera_ids) == {"camera_image", "front"}
    assert all(camera.model for camera in after.reader.read_rig(0).cameras.values())
    assert [frame.key for frame in after.frames] == ["000000"]
    assert {"name of a sensor", "frame name"} <= {what for what, *_ in report.rows()}


def test_boxes_that_no_body_can_have_are_counted(tmp_path: Path) -> None:
    builder = SceneBuilder("one")
    builder.add_lidar("lidar")
    frame = builder.add_frame()
    frame.add_points("lidar", np.zeros((1, 3), np.float32))
    frame.add_cuboids(
        [[0, 0, 0], [np.nan, 0, 0], [0, 0, 0], [1, 2, 3]],
        [[1, 1, 1], [1, 1, 1], [0, 1, 1], [4, 2, 1]],
        class_names=["a"] * 4, coord_frame_id="lidar",
    )  # fmt: skip
    report = write(builder.build(), tmp_path / "out")
    boxes = json.loads((tmp_path / "out" / "label" / "000000.json").read_text())
    assert [list(box["psr"]["position"].values()) for box in boxes] == [[0, 0, 0], [1, 2, 3]]
    told = {what: count for what, _, count, _ in report.rows()}
    assert told["cuboid"] == 2
