"""Supervisely: objects, tags and calibrated images come back, and as its own tool has them."""

import json
import uuid
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from cloud_round_trip import (
    assert_boxes_come_back,
    assert_camera_comes_back,
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
from viewer.formats.writers.supervisely.writer import SuperviselyWriter
from viewer.geometry.cameras import Pinhole
from viewer.progress import JobContext
from viewer.scene.scene import Scene
from viewer.scene.shapes import Classification, ClassificationScope

STREET = Path(__file__).parents[3] / "sample_scenes" / "street"
TAGS = st.fixed_dictionaries(
    {},
    optional={
        "speed": st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9),
        "größe": st.text(max_size=6),
        "parked": st.none(),
    },
)


def write(scenes, target):
    return SuperviselyWriter().write(scenes, target, JobContext())


def key_pairs(before: Scene, after: Scene) -> set[tuple[str, str]]:
    """Each track with the object that it became."""
    pairs = set()
    for index in range(len(before)):
        old = before.reader.read_labels(index, "annotations").cuboids.track_ids
        new = after.reader.read_labels(index, "ann").cuboids.track_ids
        pairs |= set(zip(old, new, strict=True))
    return pairs


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drives(boxes_in="LIDAR_TOP", attributes=TAGS, lens=False))
def test_a_drive_comes_back(before: Scene) -> None:
    with TemporaryDirectory() as folder:
        write([before], Path(folder) / "out")
        dataset = open_dataset(Path(folder) / "out")
        assert dataset.format_name == "supervisely"
        (after,) = dataset.scenes
        assert_boxes_come_back(before, after, ("annotations", "ann"), tracks=False)
        assert_points_come_back(before, after)
        pairs = key_pairs(before, after)
        # Every track is one object in all frames, and every object one track.
        assert len(pairs) == len({old for old, _ in pairs}) == len({new for _, new in pairs})
        assert_camera_comes_back(before, after, "pointcloud")
        assert write([after], Path(folder) / "again").total == 0
        for path in (Path(folder) / "out").rglob("*.*"):
            relative = path.relative_to(Path(folder) / "out")
            # A pose that is inverted twice may differ in its last bit.
            if path.suffix != ".json" or len(relative.parts) == 1:
                assert path.read_bytes() == (Path(folder) / "again" / relative).read_bytes()
        dataset.close()


def one_frame(attributes: list[dict[str, object]], wxyz=None, tracks=None) -> Scene:
    builder = SceneBuilder("one", class_colours={"car": (1, 2, 255)})
    builder.add_lidar("lidar", position=(0.0, 0.0, 2.0))
    builder.add_camera("front", Pinhole(64, 40, fx=50.0, fy=51.0, cx=30.0, cy=20.0))
    frame = builder.add_frame(key="front")
    frame.add_points("lidar", np.zeros((1, 3), np.float32))
    frame.add_image("front", np.zeros((40, 64, 3), np.uint8))
    count = len(attributes)
    generator = np.random.default_rng(3)
    frame.add_cuboids(
        generator.normal(size=(count, 3)), generator.uniform(1, 4, (count, 3)),
        class_names=["car"] * count, coord_frame_id="lidar", orientations_wxyz=wxyz,
        track_ids=tracks, attributes=attributes,
    )  # fmt: skip
    return builder.build()


def test_the_tool_reads_objects_figures_and_tags(tmp_path: Path) -> None:
    attributes = [{"n": 1, "mixed": 2, "flag": True}, {"n": 2.5, "mixed": "two", "flag": False}]
    scene = one_frame(attributes, tracks=["a", "a"])
    tag = Classification(ClassificationScope.FRAME, "", "x", "rain", attributes={"value": 3})
    labels = scene.reader.read_labels(0, "ground_truth")
    report = write([with_labels(scene, replace(labels, classifications=(tag,)))], tmp_path / "out")
    meta = json.loads((tmp_path / "out" / "meta.json").read_text())
    (car,) = meta["classes"]
    assert (car["title"], car["color"], car["shape"]) == ("car", "#0102ff", "cuboid_3d")
    assert {each["name"]: each["value_type"] for each in meta["tags"]} == {
        "n": "any_number",
        "mixed": "any_string",
        "flag": "any_string",
        "rain": "any_number",
    }
    assert meta["projectType"] == "point_clouds"
    # A frame named as a camera is numbered, so that the camera keeps its name.
    document = json.loads((tmp_path / "out" / "one" / "ann" / "000000.pcd.json").read_text())
    values = [{tag["name"]: tag["value"] for tag in each["tags"]} for each in document["objects"]]
    assert values == [
        {"n": 1, "mixed": "2", "flag": "true"},
        {"n": 2.5, "mixed": "two", "flag": "false"},
    ]
    assert [(each["name"], each["value"]) for each in document["tags"]] == [("rain", 3)]
    keys = [each["key"] for part in ("objects", "figures") for each in document[part]]
    assert len({uuid.UUID(key) for key in keys}) == 4
    owners = [each["objectKey"] for each in document["figures"]]
    assert owners == [each["key"] for each in document["objects"]]
    told = {what: count for what, _, count, _ in report.rows()}
    assert (told["attribute 'mixed'"], told["attribute 'flag'"]) == (1, 2)
    assert told["track of a label"] == 1
    related = tmp_path / "out" / "one" / "related_images" / "000000_pcd"
    sensors = json.loads((related / "front.png.json").read_text())["meta"]["sensorsData"]
    assert sensors["intrinsicMatrix"] == [50.0, 0.0, 30.0, 0.0, 51.0, 20.0, 0.0, 0.0, 1.0]
    # The camera stands at the origin and looks along x: right is -y, down is -z, two metres up.
    expected = [0, -1, 0, 0, 0, 0, -1, -2, 1, 0, 0, 0]
    np.testing.assert_allclose(sensors["extrinsicMatrix"], expected, atol=1e-12)
    (after,) = open_dataset(tmp_path / "out").scenes
    assert after.camera_ids == ("front",)
    (again,) = after.reader.read_labels(0, "ann").classifications
    assert (again.class_name, again.attributes) == ("rain", {"value": 3})


def test_a_box_on_its_nose_comes_back(tmp_path: Path) -> None:
    scene = one_frame([{}] * 9, turns(np.random.default_rng(7), 9))
    write([scene], tmp_path / "out")
    (after,) = open_dataset(tmp_path / "out").scenes
    assert_boxes_come_back(scene, after, ("ground_truth", "ann"), tracks=False)


def test_each_scene_is_a_dataset(tmp_path: Path) -> None:
    write([two_lidars(), replace(two_lidars(), scene_id="pair/2")], tmp_path / "out")
    dataset = open_dataset(tmp_path / "out")
    assert [scene.scene_id for scene in dataset.scenes] == ["pair", "pair_2"]
    for after in dataset.scenes:
        labels = after.reader.read_labels(0, "ann").cuboids
        np.testing.assert_allclose(labels.cuboids.center, [[2.0, -1.0, 0.0]], atol=1e-12)


def test_the_real_project_comes_back(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "scenes" / "datumaro" / "sly_pointcloud_dataset"
    dataset = open_dataset(source)
    assert write(dataset.scenes, tmp_path / "out").total == 0
    for name in ("frame1", "frame2"):
        documents = [
            json.loads((root / "ds0" / "ann" / f"{name}.pcd.json").read_text())
            for root in (source, tmp_path / "out")
        ]
        figures = [[(each["key"], each["objectKey"], each["geometry"]) for each in d["figures"]]
                   for d in documents]  # fmt: skip
        assert figures[0] == figures[1]
        tags = [[(t["name"], t["value"]) for t in d["tags"]] for d in documents]
        assert tags[0] == tags[1]
        owners = {key for _, key, _ in figures[0]}
        objects = [
            {
                each["key"]: (each["classTitle"], [(t["name"], t["value"]) for t in each["tags"]])
                for each in document["objects"]
                if each["key"] in owners
            }
            for document in documents
        ]
        assert objects[0] == objects[1]
        cloud = f"ds0/pointcloud/{name}.pcd"
        assert (tmp_path / "out" / cloud).read_bytes() == (source / cloud).read_bytes()
    names = sorted(str(path.relative_to(source)) for path in source.rglob("*.*"))
    assert names == sorted(
        str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")
    )


def test_boxes_stay_on_images_that_were_taken_later(tmp_path: Path) -> None:
    (before,) = open_dataset(STREET).scenes
    write([before], tmp_path / "out")
    (after,) = open_dataset(tmp_path / "out").scenes
    for index in (0, 20, 39):
        corners = []
        for scene, set_id in ((before, "ground_truth"), (after, "ann")):
            frame, rig = scene.frames[index], scene.reader.read_rig(index)
            labels = scene.reader.read_labels(index, set_id).cuboids
            (image,) = (each for each in frame.images if each.sensor_id == "front")
            camera_from_labels = rig.camera_from(
                rig.cameras["front"],
                labels.cuboids.coord_frame_id,
                image.timestamp_ns,
                labels.timestamp_ns,
            )
            found = labels.cuboids.corners()
            corners.append(found @ camera_from_labels[:3, :3].T + camera_from_labels[:3, 3])
        np.testing.assert_allclose(corners[0], corners[1], atol=1e-9)
