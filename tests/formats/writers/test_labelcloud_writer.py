"""labelCloud: boxes come back in all three forms, and as its own tool has them."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from cloud_round_trip import (
    ATTRIBUTES,
    assert_boxes_come_back,
    assert_points_come_back,
    turns,
    two_lidars,
    with_labels,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_drive import drives

from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.draft import WriteRefused
from viewer.formats.writers.labelcloud import LabelCloudWriter
from viewer.geometry.transform import RigidTransform
from viewer.progress import JobContext
from viewer.scene.class_map import ClassEntry, ClassMap
from viewer.scene.point_classes import PointClasses
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Scene

FORMS = ("centroid_abs", "centroid_rel", "vertices")


def write(scene, target, **options):
    return LabelCloudWriter().write([scene], target, JobContext(), WriteOptions(**options))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drives(boxes_in="LIDAR_TOP", attributes=ATTRIBUTES), st.sampled_from(FORMS))
def test_a_drive_comes_back(before: Scene, form: str) -> None:
    with TemporaryDirectory() as folder:
        report = write(before, Path(folder) / "out", label_form=form)
        dataset = open_dataset(Path(folder) / "out")
        assert dataset.format_name == "labelcloud"
        (after,) = dataset.scenes
        assert_boxes_come_back(before, after, ("annotations", "labels"), tracks=False)
        assert_points_come_back(before, after)
        assert [frame.key for frame in before.frames] == [frame.key for frame in after.frames]
        if len(before) > 1:
            assert [f.timestamp_ns for f in before.frames] == [f.timestamp_ns for f in after.frames]
        colours = [after.class_map.colour(name) for name in before.class_map.names]
        assert colours == [entry.colour for entry in before.class_map.entries]
        again = Path(folder) / "again"
        # A source of this format keeps its form; its files are copied as they are.
        assert write(replace(after, scene_id=before.scene_id), again).total == 0
        first, second = (
            {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.*")}
            for root in (Path(folder) / "out", again)
        )
        assert set(first) == set(second)
        assert first["labels/_classes.json"] == second["labels/_classes.json"]
        assert sum(count for what, _, count, _ in report.rows() if what == "image") == len(before)
        dataset.close()


def test_the_tool_reads_a_middle_and_turns_in_degrees_or_radians(tmp_path: Path) -> None:
    builder = SceneBuilder("one")
    builder.add_lidar("lidar")
    frame = builder.add_frame()
    frame.add_points("lidar", np.zeros((1, 3), np.float32))
    half = np.radians(-125.0) / 2
    frame.add_cuboids(
        [[1.0, 2.0, 3.0]], [[4.0, 2.0, 1.0]], class_names=["car"], coord_frame_id="lidar",
        orientations_wxyz=[[np.cos(half), 0.0, 0.0, np.sin(half)]],
    )  # fmt: skip
    scene = builder.build()
    found = {}
    for form in FORMS:
        write(scene, tmp_path / form, label_form=form)
        document = json.loads((tmp_path / form / "labels" / "000000.json").read_text())
        (found[form],) = document["objects"]
        classes = json.loads((tmp_path / form / "labels" / "_classes.json").read_text())
        assert classes["format"] == form
    assert found["centroid_abs"] == {
        "name": "car",
        "centroid": {"x": 1.0, "y": 2.0, "z": 3.0},
        "dimensions": {"length": 4.0, "width": 2.0, "height": 1.0},
        "rotations": {"x": 0.0, "y": 0.0, "z": 235.0},
    }
    assert found["centroid_rel"]["rotations"]["z"] == pytest.approx(-2.181661564992912, abs=1e-11)
    # The rear right bottom corner (-2, -1, -0.5) of a box turned by -125 degrees, by hand.
    cos, sin = np.cos(2 * half), np.sin(2 * half)
    corner = [1 - 2 * cos + sin, 2 - 2 * sin - cos, 2.5]
    np.testing.assert_allclose(found["vertices"]["vertices"][0], corner, atol=1e-12)
    np.testing.assert_allclose(found["vertices"]["vertices"][4], [*corner[:2], 3.5], atol=1e-12)


def test_a_box_on_its_nose_comes_back(tmp_path: Path) -> None:
    generator = np.random.default_rng(5)
    builder = SceneBuilder("nose")
    builder.add_lidar("lidar")
    frame = builder.add_frame()
    frame.add_points("lidar", np.zeros((1, 3), np.float32))
    frame.add_cuboids(
        generator.normal(size=(9, 3)), generator.uniform(1, 4, (9, 3)), class_names=["a"] * 9,
        coord_frame_id="lidar", orientations_wxyz=turns(generator, 9),
    )  # fmt: skip
    scene = builder.build()
    for form in FORMS:
        write(scene, tmp_path / form, label_form=form)
        (after,) = open_dataset(tmp_path / form).scenes
        assert_boxes_come_back(scene, after, ("ground_truth", "labels"), tracks=False)


def test_two_lidars_become_one_cloud_and_boxes_move_along(tmp_path: Path) -> None:
    report = write(two_lidars(), tmp_path / "out")
    (after,) = open_dataset(tmp_path / "out").scenes
    cloud = after.reader.read_point_cloud(0, after.lidar_ids[0])
    # The right one's point lies a metre further right in the left one.
    np.testing.assert_allclose(cloud.xyz, [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]], atol=1e-6)
    np.testing.assert_array_equal(cloud.fields["ring"], [3, 4])
    labels = after.reader.read_labels(0, "labels").cuboids
    np.testing.assert_allclose(labels.cuboids.center, [[2.0, -1.0, 0.0]], atol=1e-12)
    told = {what for what, *_ in report.rows()}
    assert {"lidar of its own", "point field 'gain'"} <= told


def test_a_cloud_keeps_its_viewpoint(tmp_path: Path) -> None:
    builder = SceneBuilder("one")
    builder.add_lidar("lidar")
    builder.add_frame().add_points("lidar", np.zeros((1, 3), np.float32))
    scene = builder.build()
    half = np.sqrt(0.5)
    pose = RigidTransform.from_quaternion("world", "sensor", [half, 0, 0, half], [1, 2, 3.25])

    class Reader:
        def __getattr__(self, name: str) -> object:
            return getattr(scene.reader, name)

        def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
            return replace(scene.reader.read_point_cloud(frame_index, sensor_id), viewpoint=pose)

    report = write(replace(scene, reader=Reader()), tmp_path / "out")
    assert "viewpoint" not in {what for what, *_ in report.rows()}
    header = (tmp_path / "out" / "pointclouds" / "000000.pcd").read_bytes().split(b"DATA")[0]
    (line,) = [line for line in header.decode().splitlines() if line.startswith("VIEWPOINT")]
    np.testing.assert_allclose(
        [float(word) for word in line.split()[1:]], [1, 2, 3.25, half, 0, 0, half], atol=1e-15
    )


def test_point_classes_keep_their_numbers_where_these_fit(tmp_path: Path) -> None:
    builder = SceneBuilder("road")
    builder.add_lidar("lidar")
    builder.add_label_set("ground_truth", predictions=False)
    frame = builder.add_frame()
    frame.add_points("lidar", np.zeros((4, 3), np.float32))
    scene = builder.build()
    entries = (
        ClassEntry("road", (1, 2, 3), 40),
        ClassEntry("moving-car", (4, 5, 6), 252),
        ClassEntry("pole", (7, 8, 9), None),
    )
    classes = PointClasses(
        "lidar", np.array([40, 252, 7, 40]), {40: "road", 252: "moving-car"}, np.array([0, 5, 0, 0])
    )
    labels = replace(scene.reader.read_labels(0, "ground_truth"), point_classes=(classes,))
    scene = replace(with_labels(scene, labels), class_map=ClassMap(entries))
    report = write(scene, tmp_path / "out")
    document = json.loads((tmp_path / "out" / "labels" / "_classes.json").read_text())
    assert [(each["name"], each["id"]) for each in document["classes"]] == [
        ("road", 40),
        ("moving-car", 0),
        ("pole", 1),
        ("unassigned", 2),
    ]
    assert (document["type"], document["default"]) == ("semantic_segmentation", 40)
    data = (tmp_path / "out" / "labels" / "segmentation" / "000000.bin").read_bytes()
    assert list(data) == [40, 0, 2, 40]
    told = {what: count for what, _, count, _ in report.rows()}
    assert told["number of a class"] == told["point without a class"] == 1
    assert told["object of points"] == 1
    (after,) = open_dataset(tmp_path / "out").scenes
    (again,) = after.reader.read_labels(0, "labels").point_classes
    names = [again.class_names[number] for number in again.class_indices.tolist()]
    assert names == ["road", "moving-car", "unassigned", "road"]


def test_an_unknown_form_and_a_scene_without_clouds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WriteRefused, match="centroid_abs"):
        write(two_lidars(), tmp_path / "out", label_form="kitti")
    builder = SceneBuilder("empty")
    builder.add_frame()
    with pytest.raises(WriteRefused, match="no point clouds"):
        write(builder.build(), tmp_path / "out")


def test_the_real_folder_comes_back(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "scenes" / "labelcloud"
    (before,) = open_dataset(source).scenes
    assert write(before, tmp_path / "out").total == 0
    written = tmp_path / "out" / "labels" / "exemplary.json"
    assert json.loads(written.read_text()) == json.loads(
        (source / "labels" / "exemplary.json").read_text()
    )
    for name in ("pointclouds/exemplary.ply", "labels/segmentation/exemplary.bin"):
        assert (tmp_path / "out" / name).read_bytes() == (source / name).read_bytes()
