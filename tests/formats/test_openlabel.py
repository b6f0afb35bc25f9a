"""OpenLABEL: turns, coordinate systems, cameras, 2D labels, damage, and KITTI's own text."""

import json
import os
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aged_files import age
from byte_mutations import mutated
from index_facts import facts
from PIL import Image

from viewer.formats import growth
from viewer.formats.base import DamagedData, Match, UnknownFormat
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.openlabel import document as openlabel_document
from viewer.formats.openlabel.document import time_of
from viewer.formats.openlabel.format import OpenLabelFormat
from viewer.geometry.cameras import Mei
from viewer.geometry.projection import outline_boxes_px, project_cuboids, project_points
from viewer.scene.scene import Scene
from viewer.scene.sensors import RangeSensorKind
from viewer.scene.shapes import ShapeKind

FUZZ_ROUNDS = 2000 if os.environ.get("SIGHTLINE_LONG") else 150
# The camera of a vehicle: x right = -y, y down = -z, z forward = x; 1 m forward, 2 m up.
CAMERA_POSE = [0, 0, 1, 1, -1, 0, 0, 0, 0, -1, 0, 2, 0, 0, 0, 1]
MATRIX = [100.0, 0, 50, 10, 0, 100.0, 40, 0, 0, 0, 1, 0]


def document(**parts: Any) -> dict[str, Any]:
    return {"openlabel": {"metadata": {"schema_version": "1.0.0"}, **parts}}


def drive() -> dict[str, Any]:
    """A vehicle that moves 5 m a frame along the world's x, with one car in its own axes."""
    systems = {
        "odom": {"type": "scene_cs", "parent": "", "children": ["base"]},
        "base": {"type": "local_cs", "parent": "odom", "children": ["front"]},
        "front": {
            "type": "sensor_cs", "parent": "base", "pose_wrt_parent": {"matrix4x4": CAMERA_POSE},
        },
    }  # fmt: skip
    lens = {"width_px": 100, "height_px": 80, "camera_matrix": MATRIX, "distortion_coeffs": []}
    streams = {"front": {"type": "camera", "stream_properties": {"intrinsics_pinhole": lens}}}
    frames = {}
    for index in (0, 2, 10):
        pose = {"quaternion": [0, 0, 0, 1], "translation": [5.0 * index, 0, 0]}
        cuboid = {
            "name": "body", "coordinate_system": "base",
            "val": [9.0, 1.0, 0.5, 0.1, 0.2, 0.3, 4.0, 2.0, 1.5],
            "attributes": {"num": [{"name": "occluded", "val": 1}]},
        }  # fmt: skip
        frames[str(index)] = {
            "frame_properties": {
                "timestamp": f"2024-01-01T00:00:{index:02}Z",
                "transforms": {
                    "t": {"src": "base", "dst": "odom", "transform_src_to_dst": pose},
                },
            },
            "objects": {
                "7": {
                    "object_data": {
                        "cuboid": [cuboid],
                        "text": [{"name": "colour", "val": "red"}],
                        "bbox": [
                            {"name": "b", "coordinate_system": "front", "val": [50, 40, 20, 10]}
                        ],
                    }
                }
            },
        }  # fmt: skip
    objects = {"7": {"name": "car7", "type": "Car"}}
    return document(coordinate_systems=systems, streams=streams, frames=frames, objects=objects)


def opened(tmp_path: Path, content: dict[str, Any]) -> Scene:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(content))
    assert recognise(path)[1] == Match.CERTAIN
    (scene,) = open_dataset(path).scenes
    assert scene.format_name == "openlabel"
    return scene


def test_frames_follow_their_numbers_and_times(tmp_path: Path) -> None:
    scene = opened(tmp_path, drive())
    assert [frame.key for frame in scene.frames] == ["0", "2", "10"]
    first = 1_704_067_200 * 10**9
    assert [frame.timestamp_ns for frame in scene.frames] == [
        first + second * 10**9 for second in (0, 2, 10)
    ]
    assert not scene.independent


def test_nine_numbers_turn_about_z_then_y_then_x(tmp_path: Path) -> None:
    scene = opened(tmp_path, drive())
    labels = scene.reader.read_labels(0, "objects").cuboids
    matrix = labels.cuboids.rotation_matrices()[0]
    # The first column and the last row of Rz(0.3) Ry(0.2) Rx(0.1), multiplied out by hand.
    front = [np.cos(0.3) * np.cos(0.2), np.sin(0.3) * np.cos(0.2), -np.sin(0.2)]
    np.testing.assert_allclose(matrix[:, 0], front, atol=1e-12)
    last = [-np.sin(0.2), np.cos(0.2) * np.sin(0.1), np.cos(0.2) * np.cos(0.1)]
    np.testing.assert_allclose(matrix[2], last, atol=1e-12)
    assert labels.cuboids.center.tolist() == [[9.0, 1.0, 0.5]]
    assert labels.cuboids.size.tolist() == [[4.0, 2.0, 1.5]]
    assert labels.cuboids.coord_frame_id == "base"
    assert (labels.label_ids, labels.track_ids, labels.class_names) == (
        ("7:body",),
        ("7",),
        ("Car",),
    )
    assert labels.attributes == ({"colour": "red", "occluded": 1},)


def test_ten_numbers_hold_a_quaternion_with_w_last(tmp_path: Path) -> None:
    content = drive()
    half = np.sqrt(0.5)
    data = content["openlabel"]["frames"]["0"]["objects"]["7"]["object_data"]
    data["cuboid"][0]["val"] = [9, 1, 0, 0, 0, half, half, 4, 2, 1]
    scene = opened(tmp_path, content)
    found = scene.reader.read_labels(0, "objects").cuboids.cuboids
    np.testing.assert_allclose(found.yaw_rad, [np.pi / 2])


def test_the_world_is_reached_through_the_frame_s_transform(tmp_path: Path) -> None:
    scene = opened(tmp_path, drive())
    rig = scene.reader.read_rig(2)
    found = rig.transforms.transform("world", "base").apply(np.array([[9.0, 1.0, 0.5]]))
    np.testing.assert_allclose(found, [[59.0, 1.0, 0.5]])
    assert rig.ego_coord_frame_id == "base"
    assert scene.reader.problems() == ()


def test_a_transform_told_the_other_way_round_is_inverted(tmp_path: Path) -> None:
    content = drive()
    transforms = content["openlabel"]["frames"]["2"]["frame_properties"]["transforms"]
    pose = {"euler_angles": [0, 0, 0], "translation": [-10, 0, 0]}
    transforms["t"] = {"src": "odom", "dst": "base", "transform_src_to_dst": pose}
    rig = opened(tmp_path, content).reader.read_rig(1)
    found = rig.transforms.transform("world", "base").translation
    np.testing.assert_allclose(found, [10, 0, 0])


def test_matrix_and_euler_angles_of_the_vendor_s_fixture_agree(real_data: Path) -> None:
    path = real_data / "labels" / "openlabel" / "openlabel100_test_poses.json"
    (scene,) = open_dataset(path).scenes
    transforms = scene.reader.read_rig(0).transforms
    first, second = (transforms.transform("base", name).matrix for name in ("CAM_1", "CAM_2"))
    np.testing.assert_allclose(first, second, atol=1e-9)


def test_the_fourth_column_of_a_camera_matrix_moves_the_camera(tmp_path: Path) -> None:
    scene = opened(tmp_path, drive())
    rig = scene.reader.read_rig(0)
    camera = rig.cameras["front"]
    points = np.array([[9.0, 1.0, 0.5]])
    found = project_points(points, camera.model, rig.camera_from(camera, "base", None, None))
    # In the camera (-1, 1.5, 8): u = (100 * -1 + 50 * 8 + 10) / 8, v = (100 * 1.5 + 40 * 8) / 8.
    np.testing.assert_allclose(found.pixels, [[310 / 8, 470 / 8]])


def test_2d_labels_are_told_by_their_middle(tmp_path: Path) -> None:
    content = drive()
    data = content["openlabel"]["frames"]["0"]["objects"]["7"]["object_data"]
    data["rbbox"] = [{"name": "r", "val": [5, 6, 4, 2, 0.5]}]
    data["point2d"] = [{"name": "p", "val": [1, 2]}]
    line = {"closed": False, "mode": "MODE_POLY2D_ABSOLUTE", "val": [0, 0, 4, 0, 4, 4]}
    ring = {"closed": True, "mode": "MODE_POLY2D_RELATIVE", "val": [10, 10, 4, 0, 4, 4]}
    code = {"closed": True, "mode": "MODE_POLY2D_SRF6DCC", "val": ["1", "2", "ab"]}
    data["poly2d"] = [
        {"name": name, **each} for name, each in zip("abc", (line, ring, code), strict=True)
    ]
    scene = opened(tmp_path, content)
    labels = scene.reader.read_labels(0, "objects")
    assert labels.boxes_2d.boxes_px.tolist() == [[40, 35, 60, 45]]
    assert labels.boxes_2d.sensor_ids == ("front",)
    shapes = labels.shapes_2d
    kinds = [ShapeKind.ROTATED_BOX, ShapeKind.POLYLINE, ShapeKind.POLYGONS, ShapeKind.POINT]
    assert shapes.kinds.tolist() == kinds
    assert shapes.parameters[0].tolist() == [5, 6, 4, 2, 0.5]
    assert shapes.parts(2)[0].tolist() == [[10, 10], [14, 10], [14, 14]]
    assert set(shapes.sensor_ids) == {"front"}
    (problem,) = scene.reader.problems()
    assert problem.place.endswith("poly2d[2].val")


def test_static_data_holds_in_its_intervals(tmp_path: Path) -> None:
    content = drive()
    content["openlabel"]["objects"]["8"] = {
        "name": "pole", "type": "Pole", "coordinate_system": "odom",
        "frame_intervals": [{"frame_start": 1, "frame_end": 5}],
        "object_data": {"cuboid": [{"name": "c", "val": [1, 2, 3, 0, 0, 0, 1, 1, 1]}]},
    }  # fmt: skip
    scene = opened(tmp_path, content)
    labels = [scene.reader.read_labels(index, "objects").cuboids for index in range(3)]
    assert [each.class_names for each in labels] == [("Car",), ("Car", "Pole"), ("Car",)]
    # Named in two coordinate systems, both are told in the world's: the car is 10 m further on.
    assert labels[1].cuboids.coord_frame_id == "world"
    np.testing.assert_allclose(labels[1].cuboids.center, [[19, 1, 0.5], [1, 2, 3]])


def test_a_named_image_is_shown_and_none_outside_the_folder(tmp_path: Path) -> None:
    content = drive()
    (tmp_path / "images").mkdir()
    Image.new("RGB", (100, 80)).save(tmp_path / "images" / "0.png")
    uris = {"0": "images/0.png", "2": "../0.png", "10": "https://example.com/0.png"}
    for key, uri in uris.items():
        properties = content["openlabel"]["frames"][key]["frame_properties"]
        properties["streams"] = {"front": {"uri": uri}}
    scene = opened(tmp_path, content)
    assert [len(frame.images) for frame in scene.frames] == [1, 0, 0]
    assert scene.reader.read_image(0, "front", None).pixels.shape[:2] == (80, 100)
    places = [problem.message for problem in scene.reader.problems()]
    assert len(places) == 2
    with pytest.raises(DamagedData):
        scene.reader.read_image(1, "front", None)


def test_each_file_of_a_folder_is_a_scene(tmp_path: Path) -> None:
    for name in ("2", "10"):
        (tmp_path / f"{name}.json").write_text(json.dumps(drive()))
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "torn.json").write_text('{"openlabel": {"frames"')
    assert recognise(tmp_path)[1] == Match.LIKELY
    dataset = open_dataset(tmp_path)
    assert [scene.scene_id for scene in dataset.scenes] == ["2", "10"]
    assert [Path(problem.source).name for problem in dataset.problems] == ["torn.json"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parent": "front"}, "hangs under itself"),
        ({"parent": "nowhere"}, "not declared"),
    ],
)
def test_a_broken_tree_is_told_of_and_still_drawn(
    tmp_path: Path, change: dict[str, str], message: str
) -> None:
    content = drive()
    content["openlabel"]["coordinate_systems"]["odom"].update(change)
    scene = opened(tmp_path, content)
    assert len(scene.reader.read_labels(0, "objects").cuboids) == 1
    assert any(message in problem.message for problem in scene.reader.problems())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1970-01-01T00:00:01Z", 10**9),
        (1_700_000_000, 1_700_000_000 * 10**9),
        (1_700_000_000_000, 1_700_000_000 * 10**9),
        (1_700_000_000_000_000, 1_700_000_000 * 10**9),
        ("1700000000000000000", 1_700_000_000 * 10**9),
        (12.5, 12_500_000_000),
        ("soon", None),
        (-1, None),
        (float("inf"), None),
    ],
)
def test_the_size_of_a_timestamp_tells_its_unit(value: object, expected: int | None) -> None:
    assert time_of(value) == expected


def test_a_damaged_cuboid_is_named_and_the_rest_stays(tmp_path: Path) -> None:
    content = drive()
    data = content["openlabel"]["frames"]["0"]["objects"]["7"]["object_data"]
    good = data["cuboid"][0]
    damaged: list[Any] = [None, [1, 2], [0] * 9, [1, 1, 1, 0, 0, 0, 0, 1, 1, 1], "x"]
    data["cuboid"] = [good, *({**good, "val": value} for value in damaged)]
    scene = opened(tmp_path, content)
    assert len(scene.reader.read_labels(0, "objects").cuboids) == 1
    places = [problem.place for problem in scene.reader.problems()]
    assert len(places) == len(damaged)
    pattern = r"\$\.openlabel\.frames\.0\.objects\.7\.object_data\.cuboid\[[1-5]\]\.val"
    assert all(re.fullmatch(pattern, place) for place in places)


def test_fuzzed_files_raise_only_clean_errors(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    originals = [json.dumps(each).encode() for each in (drive(), drive_with_own_names())]
    generator = random.Random(5)
    opened_count = 0
    for round_number in range(FUZZ_ROUNDS):
        path.write_bytes(mutated(originals[round_number % 2], generator))
        try:
            (scene,) = OpenLabelFormat().open(path).scenes
        except DamagedData as damage:
            assert damage.path == path  # noqa: PT017
            continue
        opened_count += 1
        for frame in scene.frames:
            try:
                labels = scene.reader.read_labels(frame.index, "objects")
            except DamagedData as damage:
                assert damage.path == path  # noqa: PT017
            else:
                assert np.isfinite(labels.cuboids.cuboids.corners()).all()
    assert opened_count


def drive_with_own_names() -> dict[str, Any]:
    """A track that is no uid, a score, a lens the standard does not know, times of streams."""
    content = drive()
    body = content["openlabel"]
    body["resources"] = {"0": "sightline:names"}
    body["objects"]["7"]["resource_uid"] = {"0": "car 7"}
    lens = {"model": "mei", "width_px": 100, "height_px": 80,
            "parameters": {"fx": 90.0, "fy": 91.0, "cx": 50.0, "cy": 40.0, "xi": 1.5}}  # fmt: skip
    body["streams"]["front"]["stream_properties"] = {"intrinsics_custom": lens}
    body["streams"]["bumper"] = {"type": "radar"}
    frame = body["frames"]["0"]
    sync = {"timestamp": "2024-01-01T00:00:00.05Z"}
    frame["frame_properties"]["streams"] = {
        "front": {"uri": "front.png", "stream_properties": {"sync": sync}},
        "bumper": {"uri": "bumper.pcd"},
    }
    cuboid = frame["objects"]["7"]["object_data"]["cuboid"][0]
    cuboid["attributes"]["num"].append({"name": "score", "val": 0.75})
    return content


def test_names_scores_times_radars_and_lenses_beyond_the_standard(tmp_path: Path) -> None:
    Image.new("RGB", (100, 80)).save(tmp_path / "front.png")
    (tmp_path / "bumper.pcd").write_text(
        "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 1\nHEIGHT 1\n"
        "VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 1\nDATA ascii\n1 2 3\n"
    )
    scene = opened(tmp_path, drive_with_own_names())
    labels = scene.reader.read_labels(0, "objects")
    assert (labels.cuboids.label_ids, labels.cuboids.track_ids) == (("body",), ("car 7",))
    assert labels.cuboids.scores.tolist() == [0.75]
    assert labels.cuboids.attributes == ({"colour": "red", "occluded": 1},)
    assert (labels.boxes_2d.label_ids, labels.boxes_2d.track_ids) == (("b",), ("car 7",))
    rig = scene.reader.read_rig(0)
    assert rig.cameras["front"].model == Mei(100, 80, fx=90.0, fy=91.0, cx=50.0, cy=40.0, xi=1.5)
    assert rig.lidars["bumper"].kind == RangeSensorKind.RADAR
    assert scene.reader.read_point_cloud(0, "bumper").xyz.tolist() == [[1.0, 2.0, 3.0]]
    (image,) = scene.frames[0].images
    assert image.timestamp_ns == 1_704_067_200_050_000_000


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model": "double_sphere"}, "'double_sphere' is not supported"),
        ({"width_px": 0}, "has no image size"),
        ({"parameters": {"fx": "wide"}}, "no image size, or a parameter that is no number"),
        ({"parameters": {"fx": 90.0, "fy": 90.0, "zoom": 2}}, "zoom"),
        ({"parameters": {"fx": 90.0, "fy": 90.0, "xi": -3.0}}, "xi"),
    ],
)
def test_a_custom_lens_that_is_wrong_is_refused(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    content = drive_with_own_names()
    streams = content["openlabel"]["streams"]
    streams["front"]["stream_properties"]["intrinsics_custom"].update(change)
    camera = opened(tmp_path, content).reader.read_rig(0).cameras["front"]
    assert camera.model is None
    assert told in str(camera.refusal)


def devkit_corners(row: list[str]) -> np.ndarray:
    """(8, 3) corners in camera 0 as KITTI's development kit computes them."""
    height, width, length, x, y, z, angle = map(float, row[10:17])
    corners = np.array(
        [
            np.array([1, 1, -1, -1, 1, 1, -1, -1]) * length / 2,
            np.array([0, 0, 0, 0, -1, -1, -1, -1]) * height,
            np.array([1, -1, -1, 1, 1, -1, -1, 1]) * width / 2,
        ]
    )
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    return (turn @ corners).T + np.array([x, y, z])


def test_a_kitti_sequence_holds_the_text_s_objects(real_data: Path) -> None:
    path = real_data / "labels/openlabel_kitti_tracking/openlabel100_kitti_tracking_0006.json"
    text = (real_data / "eval/kitti_tracking/label_02/0006.txt").read_text()
    expected: dict[tuple[str, str], list[str]] = {}
    for line in text.splitlines():
        row = line.split()
        if row[2] != "DontCare":
            expected[row[0], row[1]] = row
    (scene,) = open_dataset(path).scenes
    found = 0
    for frame in scene.frames:
        labels = scene.reader.read_labels(frame.index, "objects").cuboids
        # The file holds the ego vehicle too, in its own axes.
        assert labels.class_names[-1] == "Egocar"
        camera_from_world = scene.reader.read_rig(frame.index).transforms.transform(
            "CAM_LEFT", labels.cuboids.coord_frame_id
        )
        cuboids = labels.cuboids.transformed(camera_from_world)
        for index, track_id in enumerate(labels.track_ids[:-1]):
            row = expected[frame.key, track_id]
            assert labels.class_names[index] == row[2]
            height, width, length = map(float, row[10:13])
            size = cuboids.size[index]
            np.testing.assert_allclose(size, [length, width, height], atol=0.02001)
            wanted = devkit_corners(row)
            corners = cuboids.corners()[index]
            apart = np.linalg.norm(corners[:, None] - wanted[None], axis=2)
            # Truncated to two decimals, up to twice: 0.01 rad on a corner's arm, 0.02 m a number.
            assert apart.min(axis=1).max() < 0.01 * np.hypot(length, width) + 0.04
            found += 1
    assert found == len(expected)
    assert scene.reader.problems() == ()


def test_every_real_file_opens(real_data: Path) -> None:
    folder = real_data / "labels" / "openlabel"
    counts = {}
    for path in sorted(folder.glob("openlabel100_*.json")):
        (scene,) = open_dataset(path).scenes
        labels = [scene.reader.read_labels(frame.index, "objects") for frame in scene.frames]
        rig = scene.reader.read_rig(0)
        assert all(camera.model or camera.refusal for camera in rig.cameras.values())
        counts[path.stem.removeprefix("openlabel100_test_")] = (
            sum(len(each.cuboids) for each in labels),
            sum(len(each.boxes_2d) for each in labels),
        )
    assert counts == {
        "bbox_simple": (0, 7), "cuboids": (1, 0), "intrinsics": (0, 0), "poses": (0, 0),
        "transforms": (0, 0),
    }  # fmt: skip
    with pytest.raises(UnknownFormat):
        recognise(folder / "openlabel_json_schema-v1.0.0.json")


def test_a_kitti_sequence_s_cuboids_project_onto_its_own_image_boxes(real_data: Path) -> None:
    path = real_data / "labels/openlabel_kitti_tracking/openlabel100_kitti_tracking_0006.json"
    (scene,) = open_dataset(path).scenes
    overlaps = []
    for frame in scene.frames[::10]:
        labels = scene.reader.read_labels(frame.index, "objects")
        rig = scene.reader.read_rig(frame.index)
        camera, cuboids = rig.cameras["CAM_LEFT"], labels.cuboids.cuboids
        matrix = rig.camera_from(camera, cuboids.coord_frame_id, None, None)
        drawn = outline_boxes_px(project_cuboids(cuboids, camera.model, matrix), len(cuboids))
        flat = labels.boxes_2d
        told = {
            flat.track_ids[row]: flat.boxes_px[row] for row in flat.on_image("CAM_LEFT")
        }  # fmt: skip
        for row, track_id in enumerate(labels.cuboids.track_ids):
            whole = labels.cuboids.attributes[row].get("truncated") == 0
            if track_id in told and whole and np.isfinite(drawn[row]).all():
                overlaps.append(overlap_of(drawn[row], told[track_id]))
    assert len(overlaps) > 50
    assert np.median(overlaps) > 0.95


def overlap_of(a: np.ndarray, b: np.ndarray) -> float:
    width, height = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    both = max(width, 0.0) * max(height, 0.0)
    return both / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both)


def test_a_large_file_is_read_once(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(growth, "LARGE_BYTES", 0)
    values = [9.0, 1, 0.5, 0.1, 0.2, 0.3, 4, 2, 1.5]
    frames = {
        str(number): {
            "frame_properties": {"timestamp": 1_600_000_000 + number, "note": "é" * number},
            "objects": {"o": {"object_data": {"cuboid": [{"name": "b", "val": values}]}}},
        }
        for number in (10, 9, 2)
    }
    body = {
        "frames": frames,
        "objects": {"o": {"name": "o", "type": 'ü"x'}},
        "metadata": {"schema_version": "1.0.0", "comment": "drive"},
        "actions": {"1": {}, "2": {}},
    }
    path = tmp_path / "labels.json"
    path.write_text(json.dumps({"openlabel": body}, ensure_ascii=False, indent=1))
    age(path)
    first = facts(open_dataset(path))
    monkeypatch.setattr(openlabel_document, "read_bytes", None)
    again = open_dataset(path)
    assert facts(again) == first
    assert [frame.key for frame in again.scenes[0].frames] == ["2", "9", "10"]
    assert any("2 actions" in str(each) for each in again.scenes[0].reader.problems())
    monkeypatch.undo()
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(growth, "LARGE_BYTES", 0)
    path.write_text(path.read_text().replace('"9":', '"8":'))
    assert [frame.key for frame in open_dataset(path).scenes[0].frames] == ["2", "8", "10"]
