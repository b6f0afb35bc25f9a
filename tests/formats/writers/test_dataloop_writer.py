"""Dataloop exports: what was read from one is copied, any other scene comes back equal."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.catalog import writer_by_name
from viewer.geometry.cameras import Fisheye, Mei, Pinhole
from viewer.progress import JobContext
from viewer.scene.labels import BoxLabels2D, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.masks import InstanceMask, RunLengths
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    ShapeKind,
)

STREET = Path(__file__).parents[3] / "sample_scenes" / "street"
GOLDEN = Path(__file__).parents[1] / "dataloop" / "golden"


def write(scenes, target, **options):
    return writer_by_name("dataloop").write(
        scenes, target, JobContext(), WriteOptions(**options) if options else None
    )


@pytest.fixture
def export(tmp_path):
    root = tmp_path / "source"
    for folder in ("items/a", "json/a"):
        (root / folder).mkdir(parents=True)
    (root / "items/a/picture.txt").write_text("words")
    (root / "items/a/views.json").write_text('{"type": "multi", "items": []}')
    (root / "json/a/picture.json").write_bytes((GOLDEN / "picture.json").read_bytes())
    (root / "ontology.json").write_text('{"roots": [], "extra": {"kept": [1, 2.50, null]}}')
    return root


def test_an_unchanged_export_comes_back_value_for_value(export, tmp_path):
    dataset = open_dataset(export)
    write(dataset.scenes, tmp_path / "out")
    for path in export.rglob("*"):
        if path.is_file():
            again = tmp_path / "out" / path.relative_to(export)
            assert again.read_bytes() == path.read_bytes()


def test_one_label_set_of_an_export_keeps_its_rows_whole(export, tmp_path):
    dataset = open_dataset(export)
    report = write(dataset.scenes, tmp_path / "out", label_set_id="yolo")
    before = json.loads((GOLDEN / "picture.json").read_text())
    after = json.loads((tmp_path / "out/json/a/picture.json").read_text())
    assert after["annotations"] == [each for each in before["annotations"] if each["id"] == "pred"]
    assert {key: after[key] for key in after if key != "annotations"} == {
        key: before[key] for key in before if key != "annotations"
    }
    assert ("label set", "source/annotations", 1, "was not chosen") in report.rows()


def test_the_vendors_payload_round_trips_value_for_value(real_data, tmp_path):
    source = real_data / "labels/dataloop/cube_3d_annotations.json"
    write(open_dataset(source).scenes, tmp_path / "out")
    again = json.loads((tmp_path / "out" / source.name).read_text())
    assert again == json.loads(source.read_text())


def test_street_comes_back_equal(tmp_path):
    before = open_dataset(STREET).scenes[0]
    before = replace(before, frames=before.frames[:8])
    report = write([before], tmp_path / "out")
    kinds = {what for what, _ in report.by_kind()}
    assert kinds == {"velocity", "label id", "confidence", "lens"}
    (after,) = open_dataset(tmp_path / "out").scenes
    assert after.scene_id == before.scene_id
    assert after.class_map.colour("car") == before.class_map.colour("car")
    for frame in before.frames:
        mine = after.frames[frame.index]
        assert (mine.key, mine.timestamp_ns) == (frame.key, frame.timestamp_ns)
        rigs = [scene.reader.read_rig(frame.index) for scene in (before, after)]
        for image in frame.images:
            cameras = [rig.cameras[image.sensor_id] for rig in rigs]
            if cameras[1].model is None:
                continue
            assert cameras[0].model == cameras[1].model
            times = [image.timestamp_ns, None]
            poses = [
                rig.transforms.transform("world", camera.coord_frame_id, time)
                for rig, camera, time in zip(rigs, cameras, times, strict=True)
            ]
            np.testing.assert_allclose(poses[0].matrix, poses[1].matrix, atol=1e-9)
        for first, second in (("ground_truth", "annotations"), ("detector", "detector")):
            labels = [
                scene.reader.read_labels(frame.index, name).cuboids
                for scene, name in ((before, first), (after, second))
            ]
            world = rigs[0].transforms.transform(
                "world", labels[0].cuboids.coord_frame_id, frame.timestamp_ns
            )
            boxes = labels[0].cuboids
            if boxes.coord_frame_id != "world":
                boxes = boxes.transformed(world)
            order = [
                sorted(range(len(each)), key=lambda n, each=each: str(each.track_ids[n]))
                for each in labels
            ]
            for column in ("track_ids", "class_names"):
                values = [
                    [getattr(each, column)[n] for n in rows]
                    for each, rows in zip(labels, order, strict=True)
                ]
                assert values[0] == values[1]
            centers = boxes.center[order[0]], labels[1].cuboids.center[order[1]]
            np.testing.assert_allclose(*centers, atol=1e-9)
            turns = [
                each.rotation_matrices()[rows]
                for each, rows in zip((boxes, labels[1].cuboids), order, strict=True)
            ]
            np.testing.assert_allclose(*turns, atol=1e-12)


def test_who_made_a_label_comes_back_in_its_own_place(tmp_path):
    builder = SceneBuilder("made")
    builder.add_lidar("lidar")
    for index in range(2):
        frame = builder.add_frame(timestamp_ns=index * 10**8)
        frame.add_points("lidar", np.ones((1, 3), np.float32))
        frame.add_cuboids([[5, 0, 1]], [[4, 2, 2]], class_names=["car"], track_ids=["7"],
                          attributes=[{"creator": "ann", "state": "parked"}])  # fmt: skip
    write([builder.build()], tmp_path / "out")
    (path,) = (tmp_path / "out" / "json").rglob("*.json")
    (annotation,) = json.loads(path.read_text())["annotations"]
    assert (annotation["creator"], annotation["updatedBy"]) == ("ann", None)
    (scene,) = open_dataset(tmp_path / "out").scenes
    labels = scene.reader.read_labels(1, "annotations").cuboids
    assert labels.attributes[0] == {"creator": "ann", "state": "parked"}


NAMES = st.sampled_from(["car", "person", "ü-bahn", "a.b"])
NUMBERS = st.floats(-1e4, 1e4, allow_nan=False)
SIZES = st.floats(0.01, 100.0)
ANGLES = st.floats(-3.1, 3.1)
VALUES = st.one_of(
    st.text(max_size=5), st.booleans(), st.integers(-9, 9), NUMBERS, st.lists(st.text(max_size=3))
)
ATTRIBUTES = st.dictionaries(st.sampled_from(["1", "state", "status", "user.x", "deep"]), VALUES)


@st.composite
def states(draw):
    """Per frame: the boxes of up to three tracks."""
    frames = []
    for _ in range(draw(st.integers(1, 4))):
        tracks = draw(st.lists(st.sampled_from(["7", "t1", "ü"]), unique=True, max_size=3))
        frames.append(
            [
                (
                    track, draw(NAMES), [draw(NUMBERS) for _ in range(3)],
                    [draw(SIZES) for _ in range(3)], draw(ANGLES),
                    {key: value for key, value in draw(ATTRIBUTES).items()
                     if key not in ("status", "user.x")},
                )
                for track in tracks
            ]
        )  # fmt: skip
    return frames


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(frames=states())
def test_any_tracks_come_back(frames, tmp_path_factory):
    builder = SceneBuilder("any")
    builder.add_lidar("lidar")
    for index, boxes in enumerate(frames):
        frame = builder.add_frame(timestamp_ns=index * 100_000_001)
        frame.add_points("lidar", np.ones((1, 3), np.float32))
        if boxes:
            frame.add_cuboids(
                [box[2] for box in boxes], [box[3] for box in boxes],
                class_names=[box[1] for box in boxes], yaw_rad=[box[4] for box in boxes],
                track_ids=[box[0] for box in boxes], attributes=[box[5] for box in boxes],
                label_ids=[f"id {box[0]}" for box in boxes],
            )  # fmt: skip
    target = tmp_path_factory.mktemp("any") / "out"
    report = write([builder.build()], target)
    (scene,) = open_dataset(target).scenes
    for index, boxes in enumerate(frames):
        assert scene.frames[index].timestamp_ns == index * 100_000_001
        labels = scene.reader.read_labels(index, "annotations").cuboids
        expected = {box[0]: box for box in boxes}
        assert set(labels.track_ids) == set(expected)
        for row, track in enumerate(labels.track_ids):
            _, name, center, size, yaw, attributes = expected[track]
            assert labels.class_names[row] == name
            assert labels.cuboids.center[row].tolist() == center
            assert labels.cuboids.size[row].tolist() == size
            turn = labels.cuboids.yaw_rad[row] - yaw
            assert abs((turn + np.pi) % (2 * np.pi) - np.pi) < 1e-9
            assert labels.attributes[row] == attributes
    assert report.rows() == ()


class WithShapes:
    """A reader whose frames have these labels."""

    def __init__(self, reader, labels):
        self._reader = reader
        self._labels = labels

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def read_labels(self, frame_index, label_set_id):
        return replace(self._labels, cuboids=self._reader.read_labels(frame_index, "x").cuboids)


POINTS = st.tuples(NUMBERS, NUMBERS)


@st.composite
def flat_labels(draw):
    shapes = ImageShapesBuilder()
    makers = {
        ShapeKind.ROTATED_BOX: lambda: {
            "parameters": [draw(NUMBERS), draw(NUMBERS), draw(SIZES), draw(SIZES),
                           draw(st.floats(0.01, 3.0))]},
        ShapeKind.ELLIPSE: lambda: {
            "parameters": [draw(NUMBERS), draw(NUMBERS), draw(SIZES), draw(SIZES), draw(ANGLES)]},
        ShapeKind.POINT: lambda: {"parts": [[draw(POINTS)]]},
        ShapeKind.POLYLINE: lambda: {
            "parts": [draw(st.lists(POINTS, min_size=2, max_size=4)) for _ in range(2)]},
        ShapeKind.POLYGONS: lambda: {
            "parts": [draw(st.lists(POINTS, min_size=3, max_size=4)) for _ in range(2)],
            "holes": [False, True]},
        ShapeKind.IMAGE_CUBOID: lambda: {
            "parts": [draw(st.lists(POINTS, min_size=8, max_size=8))]},
        ShapeKind.KEYPOINTS: lambda: {
            "parts": [draw(st.lists(POINTS, min_size=2, max_size=2))],
            "keypoint_names": ["nose", "hand"]},
    }  # fmt: skip
    for number, kind in enumerate(draw(st.lists(st.sampled_from(list(makers)), max_size=5))):
        shapes.add(
            kind, sensor_id="front", label_id=f"s{number}", class_name=draw(NAMES),
            attributes=draw(ATTRIBUTES), track_id=draw(st.sampled_from([None, "3", "x"])),
            **makers[kind](),
        )  # fmt: skip
    bits = draw(st.lists(st.booleans(), min_size=48, max_size=48))
    mask = InstanceMask("front", "m", "tree", RunLengths.of(np.array(bits).reshape(6, 8)))
    box = BoxLabels2D(
        np.array([[1.0, 2.0, 3.5, 9.0]]), ("front",), ("b",), (draw(NAMES),), (None,),
        np.array([np.nan]), (draw(ATTRIBUTES),),
    )  # fmt: skip
    rain = Classification(ClassificationScope.IMAGE, "front", "c", "rain", attributes={"1": "a"})
    fog = Classification(ClassificationScope.FRAME, "", "f", "fog")
    return FrameLabels(None, box, shapes.build(), (rain, fog), masks=(mask,))


def told(shapes):
    return [
        (
            int(shapes.kinds[row]), shapes.label_ids[row], shapes.class_names[row],
            shapes.track_ids[row], shapes.attributes[row],
            [part.round(9).tolist() for part in shapes.parts(row)],
            shapes.parameters[row].round(9).tolist() if np.isfinite(shapes.parameters[row]).all()
            else None,
        )
        for row in range(len(shapes))
    ]  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(labels=flat_labels())
def test_any_flat_labels_come_back(labels, tmp_path_factory):
    builder = SceneBuilder("any")
    builder.add_camera("front", Pinhole(8, 6, fx=5.0, fy=5.0))
    builder.add_frame().add_image("front", np.zeros((6, 8, 3), np.uint8))
    scene = builder.build()
    scene = replace(
        scene,
        reader=WithShapes(scene.reader, labels),
        label_sets=(LabelSet("x", LabelSetKind.GROUND_TRUTH),),
    )
    target = tmp_path_factory.mktemp("flat") / "out"
    write([scene], target)
    (after,) = open_dataset(target).scenes
    again = after.reader.read_labels(0, "annotations")
    assert told(again.shapes_2d) == told(labels.shapes_2d)
    assert again.boxes_2d.boxes_px.tolist() == labels.boxes_2d.boxes_px.tolist()
    assert list(again.boxes_2d.attributes) == list(labels.boxes_2d.attributes)
    assert [each.class_name for each in again.classifications] == ["fog", "rain"]
    (mask,), (truth,) = again.masks, labels.masks
    assert (mask.runs.decoded() == truth.runs.decoded()).all()


@pytest.mark.parametrize(
    "lens",
    [
        Fisheye(8, 6, fx=5.0, fy=5.5, cx=4.25, cy=3.5, k1=0.1, k4=0.01, skew=0.25),
        Mei(8, 6, fx=5.0, fy=5.5, cx=4.25, cy=3.5, xi=1.5, k1=0.1, p2=0.01, skew=0.5),
    ],
)
def test_lenses_come_back_with_their_skew(lens, tmp_path):
    builder = SceneBuilder("any")
    builder.add_camera("front", lens, position=(1, 2, 3))
    builder.add_frame().add_image("front", np.zeros((6, 8, 3), np.uint8))
    write([builder.build()], tmp_path / "out")
    (after,) = open_dataset(tmp_path / "out").scenes
    assert after.reader.read_rig(0).cameras["front"].model == lens
