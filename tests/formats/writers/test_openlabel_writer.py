"""OpenLABEL: labels, lenses, poses and times come back; files hold to the standard's schema."""

import json
import math
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from cloud_round_trip import with_labels
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_drive import FIRST_NS, jpeg, unit

from viewer.formats.builder import SceneBuilder, body_rotation
from viewer.formats.catalog import open_dataset
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.openlabel.writer import OpenLabelWriter
from viewer.geometry.cameras import BrownConrady, Fisheye, Mei, Pinhole
from viewer.progress import JobContext
from viewer.scene.labels import LabelLink
from viewer.scene.scene import Scene
from viewer.scene.shapes import ImageShapesBuilder, ShapeKind

SIZE = (64, 40)
LENSES = (
    Pinhole(*SIZE, fx=40.5, fy=41.0, cx=30.0, cy=21.0),
    BrownConrady(*SIZE, fx=40.0, fy=40.0, k1=-0.1, k4=0.01, s3=0.001),
    BrownConrady(*SIZE, fx=40.0, fy=40.0, p2=0.002),
    Fisheye(*SIZE, fx=20.0, fy=20.5, k2=0.01, skew=0.001),
    Mei(*SIZE, fx=60.0, fy=61.0, xi=1.1, k1=0.01),
)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9)
VALUES = NUMBERS | st.booleans() | st.text(max_size=5) | st.lists(NUMBERS | st.text(max_size=3),
                                                                 max_size=3)  # fmt: skip
ATTRIBUTES = st.dictionaries(st.text(min_size=1, max_size=4).filter("score".__ne__), VALUES,
                             max_size=3)  # fmt: skip
TRACKS = ("7", "-1", "car-01", "6ba7b812-9dad-11d1-80b4-00c04fd430c8", None)


def write(scenes, target, **options):
    return OpenLabelWriter().write(scenes, target, JobContext(), WriteOptions(**options))


@st.composite
def moving_cars(draw: st.DrawFn) -> Scene:
    """Sensors record at times of their own; every label may have a score, a track or neither."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    builder = SceneBuilder("drive", description=draw(st.text(max_size=5)))
    builder.add_lidar("top", position=(1.0, 0.0, 1.8), yaw_rad=float(generator.normal()))
    builder.add_lidar("rear", position=(-1.0, 0.0, 0.5))
    for name in ("front", "left"):
        turn = body_rotation(*generator.normal(size=3)) if draw(st.booleans()) else None
        matrix = None if turn is None else np.block([[turn, np.ones((3, 1))], [0, 0, 0, 1]])
        lens, position = draw(st.sampled_from(LENSES)), generator.normal(size=3)
        builder.add_camera(name, lens, position=position, camera_matrix=matrix)
    builder.add_label_set("objects", predictions=False)
    system = draw(st.sampled_from(("world", "ego", "top", "front")))
    time_ns = draw(st.sampled_from((0, FIRST_NS)))
    for index in range(draw(st.integers(1, 3))):
        time_ns += draw(st.integers(1_000_000, 3_000_000_000))
        position = generator.uniform(-2000, 2000, 3).tolist()
        builder.add_ego_pose(time_ns, position=position, orientation_wxyz=unit(generator))
        frame = builder.add_frame(timestamp_ns=time_ns, key=str(5 + 2 * index))
        for name in ("top", "rear"):
            points = generator.uniform(-80, 80, (3, 3)).astype(np.float32)
            late_ns = draw(st.sampled_from((None, time_ns + 40_000_000)))
            frame.add_points(name, points, timestamp_ns=late_ns, ring=np.arange(3, dtype=np.uint8))
        for name in ("front", "left"):
            late_ns = draw(st.sampled_from((None, time_ns + 30_000_000)))
            frame.add_image(name, jpeg(1), timestamp_ns=late_ns)
        tracks = draw(st.lists(st.sampled_from(TRACKS), unique=True, max_size=4))
        columns = {
            "class_names": [draw(st.sampled_from(("Car", "Größe 2"))) for _ in tracks],
            "track_ids": tracks,
            "label_set_id": "objects",
        }
        scores = st.floats(0, 1) | st.just(math.nan)
        count = len(tracks)
        frame.add_cuboids(
            generator.normal(scale=500.0, size=(count, 3)),
            generator.uniform(0.1, 20.0, (count, 3)),
            orientations_wxyz=[unit(generator) for _ in tracks] or np.empty((0, 4)),
            coord_frame_id=system,
            label_ids=[f"{track}:{draw(st.sampled_from('ab'))}" for track in tracks],
            scores=[draw(scores) for _ in tracks],
            attributes=[draw(ATTRIBUTES) for _ in tracks],
            **columns,
        )
        low = generator.uniform(0, 30, (count, 2))
        frame.add_boxes_2d(
            "left",
            np.hstack([low, low + generator.uniform(0.5, 9, (count, 2))]),
            label_ids=[f"{track} flat" for track in tracks],
            scores=[draw(scores) for _ in tracks],
            attributes=[draw(ATTRIBUTES) for _ in tracks],
            **columns,
        )
    return builder.build()


def assert_rows_come_back(old, new) -> list[int]:
    """Names, tracks, scores and attributes by label; returns the new row of each old one."""
    order = [list(new.label_ids).index(label_id) for label_id in old.label_ids]
    assert len(order) == len(new.label_ids)
    for name in ("class_names", "track_ids", "attributes"):
        assert list(getattr(old, name)) == [getattr(new, name)[row] for row in order]
    np.testing.assert_array_equal(old.scores, np.asarray(new.scores)[order])
    return order


def in_world(scene: Scene, index: int):
    """Boxes of a frame in the world, where they were when they were labelled."""
    labels = scene.reader.read_labels(index, "objects").cuboids
    rig = scene.reader.read_rig(index)
    src = labels.cuboids.coord_frame_id
    return labels.cuboids.transformed(rig.transforms.transform("world", src, labels.timestamp_ns))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moving_cars())
def test_a_drive_comes_back(before: Scene) -> None:
    with TemporaryDirectory() as folder:
        report = write([before], Path(folder) / "out")
        assert {what for what, *_ in report.rows()} <= {"colour of a class"}
        dataset = open_dataset(Path(folder) / "out")
        assert dataset.format_name == "openlabel"
        (after,) = dataset.scenes
        assert (after.scene_id, after.description) == (before.scene_id, before.description)
        assert set(after.lidar_ids) == set(before.lidar_ids)
        for frame, again in zip(before.frames, after.frames, strict=True):
            assert_frame_comes_back(before, after, frame, again)
        assert after.reader.problems() == ()
        assert write([after], Path(folder) / "again").total == 0
        dataset.close()


def assert_frame_comes_back(before, after, frame, again) -> None:
    index = frame.index
    assert frame.timestamp_ns == again.timestamp_ns
    for name in ("images", "sweeps"):
        times = [{e.sensor_id: e.timestamp_ns for e in getattr(f, name)} for f in (frame, again)]
        assert times[0] == times[1]
    old, new = (scene.reader.read_labels(index, "objects") for scene in (before, after))
    order = assert_rows_come_back(old.cuboids, new.cuboids)
    boxes, found = in_world(before, index), in_world(after, index).select(np.array(order, int))
    np.testing.assert_allclose(boxes.center, found.center, atol=1e-9)
    np.testing.assert_allclose(boxes.size, found.size, rtol=1e-12)
    np.testing.assert_allclose(boxes.rotation_matrices(), found.rotation_matrices(), atol=1e-9)
    flat = assert_rows_come_back(old.boxes_2d, new.boxes_2d)
    np.testing.assert_allclose(old.boxes_2d.boxes_px, new.boxes_2d.boxes_px[flat], atol=1e-9)
    assert list(old.boxes_2d.sensor_ids) == list(new.boxes_2d.sensor_ids)
    rigs = [scene.reader.read_rig(index) for scene in (before, after)]
    for image in frame.images:
        cameras = [rig.cameras[image.sensor_id] for rig in rigs]
        assert cameras[0].model == cameras[1].model
        moves = [
            rig.camera_from(camera, "world", image.timestamp_ns, frame.timestamp_ns)
            for rig, camera in zip(rigs, cameras, strict=True)
        ]
        np.testing.assert_allclose(moves[0], moves[1], atol=1e-9)
        data = [each.reader.read_encoded_image(index, image.sensor_id) for each in (before, after)]
        assert data[0] == data[1]
    for sweep in frame.sweeps:
        clouds = [each.reader.read_point_cloud(index, sweep.sensor_id) for each in (before, after)]
        np.testing.assert_array_equal(clouds[0].xyz, clouds[1].xyz)
        np.testing.assert_array_equal(clouds[0].fields["ring"], clouds[1].fields["ring"])
        places = [
            rig.transforms.transform("world", cloud.coord_frame_id, cloud.timestamp_ns).matrix
            for rig, cloud in zip(rigs, clouds, strict=True)
        ]
        np.testing.assert_allclose(places[0], places[1], atol=1e-9)


def one_frame() -> Scene:
    builder = SceneBuilder("one")
    builder.add_lidar("top", position=(1.0, 2.0, 3.0))
    builder.add_camera("front", LENSES[0])
    frame = builder.add_frame(timestamp_ns=1_000_000_005)
    frame.add_points("top", np.zeros((1, 3), np.float32))
    frame.add_image("front", jpeg(1))
    half = 0.3 / 2
    frame.add_cuboids(
        [[1.0, 2.0, 3.0]], [[4.0, 2.0, 1.5]], class_names=["Car"], coord_frame_id="top",
        orientations_wxyz=[[math.cos(half), 0.0, 0.0, math.sin(half)]], track_ids=["7"],
        label_ids=["7:body"], scores=[0.25],
        attributes=[{"parked": True, "doors": 4, "colour": "red", "lights": ["on", 2],
                     "odd": {"a": 1}, "none": None, "score": 3}],
    )  # fmt: skip
    frame.add_boxes_2d("front", [[10.0, 20.0, 30.0, 26.0]], class_names=["Car"], track_ids=["7"],
                       label_ids=["7:shape"])  # fmt: skip
    return builder.build()


def test_the_file_says_it_in_the_standards_words(tmp_path: Path) -> None:
    report = write([one_frame()], tmp_path / "out")
    body = json.loads((tmp_path / "out" / "one.json").read_text())["openlabel"]
    assert body["metadata"] == {"schema_version": "1.0.0", "name": "one"}
    assert body["objects"] == {
        "7": {
            "name": "7",
            "type": "Car",
            "frame_intervals": [{"frame_start": 0, "frame_end": 0}],
        }
    }
    assert body["frame_intervals"] == [{"frame_start": 0, "frame_end": 0}]
    frame = body["frames"]["0"]
    assert frame["frame_properties"]["timestamp"] == "1970-01-01T00:00:01.000000005Z"
    assert frame["frame_properties"]["streams"]["front"] == {"uri": "one/front/0.jpg"}
    data = frame["objects"]["7"]["object_data"]
    (cuboid,) = data["cuboid"]
    half = 0.3 / 2
    np.testing.assert_allclose(
        cuboid["val"], [1, 2, 3, 0, 0, math.sin(half), math.cos(half), 4, 2, 1.5], atol=1e-15
    )
    assert (cuboid["name"], cuboid["coordinate_system"]) == ("body", "top")
    assert cuboid["attributes"] == {
        "num": [{"name": "score", "val": 0.25}, {"name": "doors", "val": 4}],
        "boolean": [{"name": "parked", "val": True}],
        "text": [{"name": "colour", "val": "red"}, {"name": "odd", "val": '{"a":1}'}],
        "vec": [{"name": "lights", "val": ["on", 2]}],
    }
    told = {what for what, *_ in report.rows()}
    assert {"attribute 'odd'", "attribute 'none'", "attribute 'score'"} <= told
    (box,) = data["bbox"]
    assert (box["val"], box["coordinate_system"]) == ([20.0, 23.0, 20.0, 6.0], "front")
    lens = body["streams"]["front"]["stream_properties"]["intrinsics_pinhole"]
    assert lens["camera_matrix"] == [40.5, 0, 30.0, 0, 0, 41.0, 21.0, 0, 0, 0, 1, 0]
    assert lens["distortion_coeffs"] == [0.0] * 5
    # The standard's examples, and its tools, spell the keys so.
    assert lens["camera_matrix_3x4"] == lens["camera_matrix"]
    assert lens["distortion_coeffs_1xN"] == lens["distortion_coeffs"]
    systems = body["coordinate_systems"]
    assert systems["top"]["parent"] == "ego"
    pose = np.reshape(systems["top"]["pose_wrt_parent"]["matrix4x4"], (4, 4))
    np.testing.assert_allclose(pose[:, 3], [1.0, 2.0, 3.0, 1.0], atol=1e-15)
    types = {name: each["type"] for name, each in systems.items()}
    assert types == {"world": "scene_cs", "ego": "local_cs", "top": "sensor_cs",
                     "front": "sensor_cs"}  # fmt: skip


def with_shapes(scene: Scene) -> Scene:
    builder = ImageShapesBuilder()
    ring = [[1.0, 1.0], [9.5, 1.0], [9.0, 8.0]]
    own = {"sensor_id": "front", "class_name": "Sign", "track_id": "s"}
    builder.add(ShapeKind.ROTATED_BOX, label_id="r", parameters=[9, 8, 4, 2, 0.5], **own)
    builder.add(ShapeKind.POLYGONS, label_id="p", parts=[ring], score=0.5,
                attributes={"text": "STOP"}, **own)  # fmt: skip
    builder.add(ShapeKind.POLYLINE, label_id="l", parts=[ring], **own)
    builder.add(ShapeKind.POINT, label_id="o", parts=[[[3.25, 4.5]]], **own)
    builder.add(ShapeKind.KEYPOINTS, label_id="k", parts=[[[1, 2], [np.nan, np.nan], [5, 6]]],
                keypoint_names=("nose", "ear", "eye"), visibilities=(2, 0, 1), **own)  # fmt: skip
    builder.add(ShapeKind.ELLIPSE, label_id="e", parameters=[9, 8, 4, 2, 0.5], **own)
    labels = scene.reader.read_labels(0, "ground_truth")
    link = LabelLink("parent", "r", "p")
    return with_labels(scene, replace(labels, shapes_2d=builder.build(), links=(link,)))


def test_shapes_come_back_and_keypoints_become_points(tmp_path: Path) -> None:
    report = write([with_shapes(one_frame())], tmp_path / "out")
    (after,) = open_dataset(tmp_path / "out").scenes
    shapes = after.reader.read_labels(0, "objects").shapes_2d
    rows = dict(zip(shapes.label_ids, range(len(shapes)), strict=True))
    assert set(rows) == {"r", "p", "l", "o", "k nose", "k eye"}
    np.testing.assert_array_equal(shapes.parameters[rows["r"]], [9, 8, 4, 2, 0.5])
    for name, kind in (("p", ShapeKind.POLYGONS), ("l", ShapeKind.POLYLINE)):
        (part,) = shapes.parts(rows[name])
        np.testing.assert_array_equal(part, [[1.0, 1.0], [9.5, 1.0], [9.0, 8.0]])
        assert shapes.kinds[rows[name]] == kind
    assert shapes.scores[rows["p"]] == 0.5
    assert shapes.attributes[rows["p"]] == {"text": "STOP"}
    np.testing.assert_array_equal(shapes.parts(rows["o"])[0], [[3.25, 4.5]])
    assert shapes.attributes[rows["k eye"]] == {"visibility": 1}
    assert set(shapes.track_ids) == {"s"}
    told = {what: count for what, _, count, _ in report.rows()}
    assert told["2D label: ellipse"] == told["link"] == told["keypoint"] == 1


def test_files_hold_to_the_schema(real_data: Path, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = real_data / "labels" / "openlabel" / "openlabel_json_schema-v1.0.0.json"
    validator = jsonschema.Draft7Validator(json.loads(schema.read_text()))
    street = Path(__file__).parents[3] / "sample_scenes" / "street"
    scenes = [with_shapes(one_frame()), *open_dataset(street).scenes]
    write(scenes, tmp_path / "out")
    for name in ("one", "street"):
        document = json.loads((tmp_path / "out" / f"{name}.json").read_text())
        assert [error.message for error in validator.iter_errors(document)] == []


def test_a_real_drive_comes_back(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "labels" / "openlabel_kitti_tracking"
    dataset = open_dataset(source)
    assert write(dataset.scenes, tmp_path / "out").total == 0
    again = open_dataset(tmp_path / "out")
    for before, after in zip(dataset.scenes, again.scenes, strict=True):
        assert len(before) == len(after) > 70
        for index in range(0, len(before), 10):
            old, new = (each.reader.read_labels(index, "objects") for each in (before, after))
            order = assert_rows_come_back(old.cuboids, new.cuboids)
            found = new.cuboids.cuboids.select(np.array(order, int))
            assert found.coord_frame_id == old.cuboids.cuboids.coord_frame_id
            np.testing.assert_allclose(found.center, old.cuboids.cuboids.center, atol=1e-9)
            np.testing.assert_array_equal(found.size, old.cuboids.cuboids.size)
            np.testing.assert_allclose(found.rotation, old.cuboids.cuboids.rotation, atol=1e-12)
            flat = assert_rows_come_back(old.boxes_2d, new.boxes_2d)
            boxes = new.boxes_2d.boxes_px[flat]
            np.testing.assert_allclose(boxes, old.boxes_2d.boxes_px, atol=1e-9)
            poses = [
                each.reader.read_rig(index).transforms.transform("odom", "CAM_LEFT").matrix
                for each in (before, after)
            ]
            np.testing.assert_allclose(poses[0], poses[1], atol=1e-12)


def test_a_camera_beside_its_coordinate_system_stays_there(tmp_path: Path) -> None:
    # The fourth column moves points by inverse(K) times it: 0.1 m right, 0.05 m up, 0.2 m ahead.
    column = [0.1 * 100 + 0.2 * 50, -0.05 * 100 + 0.2 * 40, 0.2]
    matrix = [100.0, 0, 50, column[0], 0, 100.0, 40, column[1], 0, 0, 1, column[2]]
    lens = {"width_px": 100, "height_px": 80, "camera_matrix": matrix}
    pose = {"matrix4x4": [0, 0, 1, 1, -1, 0, 0, 0, 0, -1, 0, 2, 0, 0, 0, 1]}
    systems = {
        "world": {"type": "scene_cs", "parent": ""},
        "left": {"type": "sensor_cs", "parent": "world", "pose_wrt_parent": pose},
    }
    cuboid = {"name": "c", "coordinate_system": "left", "val": [1, 2, 9, 1.6, 0, 0, 4, 2, 1]}
    body = {
        "metadata": {"schema_version": "1.0.0"},
        "coordinate_systems": systems,
        "streams": {"left": {"type": "camera", "stream_properties": {"intrinsics_pinhole": lens}}},
        "objects": {"1": {"name": "1", "type": "Car"}},
        "frames": {"0": {"objects": {"1": {"object_data": {"cuboid": [cuboid]}}}}},
    }
    (tmp_path / "in.json").write_text(json.dumps({"openlabel": body}))
    (before,) = open_dataset(tmp_path / "in.json").scenes
    write([before], tmp_path / "out")
    written = json.loads((tmp_path / "out" / "in.json").read_text())["openlabel"]
    again = written["streams"]["left"]["stream_properties"]["intrinsics_pinhole"]
    np.testing.assert_allclose(again["camera_matrix"], matrix, atol=1e-12)
    assert set(written["coordinate_systems"]) == {"world", "left"}
    found = written["coordinate_systems"]["left"]["pose_wrt_parent"]["matrix4x4"]
    np.testing.assert_allclose(found, pose["matrix4x4"], atol=1e-15)
    (item,) = written["frames"]["0"]["objects"]["1"]["object_data"]["cuboid"]
    assert item["coordinate_system"] == "left"
    (after,) = open_dataset(tmp_path / "out").scenes
    moves = []
    for scene in (before, after):
        rig = scene.reader.read_rig(0)
        moves.append(rig.camera_from(rig.cameras["left"], "left", None, None))
    np.testing.assert_allclose(moves[0], moves[1], atol=1e-12)
    np.testing.assert_allclose(moves[0][:3, 3], [0.1, -0.05, 0.2], atol=1e-12)
