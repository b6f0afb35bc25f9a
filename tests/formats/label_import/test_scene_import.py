"""Labels brought into a scene: what finds its place, what stays, what the plan counts."""

import json

import image_sets
import numpy as np
import pytest

from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.label_import.label_columns import label_count, label_ids, split_by_sensor
from viewer.formats.label_import.modes import ImportMode, ImportRefused, UnknownClasses
from viewer.formats.label_import.scene_import import ImportOptions, SceneImport
from viewer.formats.native.writer import write_native_scene
from viewer.geometry.cameras import Pinhole
from viewer.progress import JobContext

CREATE = UnknownClasses.CREATE


def drive(root, name="drive", offset=0.0):
    """Two frames, two cameras, one cuboid and one 2D box a camera each."""
    builder = SceneBuilder(name)
    builder.add_lidar("lidar", position=(0, 0, 1.0))
    for camera in ("front", "rear"):
        builder.add_camera(camera, Pinhole(64, 40, fx=43.0, fy=43.0))
    for index in range(2):
        frame = builder.add_frame(timestamp_ns=index * 100_000_000)
        frame.add_points("lidar", np.zeros((4, 3), np.float32))
        for camera in ("front", "rear"):
            frame.add_image(camera, np.full((40, 64, 3), index, np.uint8))
            frame.add_boxes_2d(camera, [[1.0, 2.0, 11.0, 12.0]], class_names=["car"])
        frame.add_cuboids([[10.0 + offset, index, 0.5]], [[4.0, 2.0, 1.5]], class_names=["car"])
    write_native_scene(builder.build(), root)
    return root


def coco_file(root, names, image_tags=None):
    """One box of class ``bike`` on each image."""
    root.mkdir()
    images = [
        {"id": n + 1, "file_name": name, "width": 64, "height": 40, **(image_tags or {})}
        for n, name in enumerate(names)
    ]
    boxes = [
        {"id": n + 1, "image_id": n + 1, "category_id": 4, "bbox": [3, 4, 5, 6], "mine": "kept"}
        for n in range(len(names))
    ]
    document = {"images": images, "annotations": boxes, "categories": [{"id": 4, "name": "bike"}]}
    (root / "labels.json").write_text(json.dumps(document))
    return root


def importing(base, labels, options):
    scene = open_dataset(base).scenes[0]
    other = open_dataset(labels).scenes
    work = SceneImport(scene, [(e, e.label_sets[0].label_set_id) for e in other], options)
    report = work.report(JobContext())
    return scene, work, report


def test_images_find_their_camera_by_the_folders_of_their_name(tmp_path):
    base = drive(tmp_path / "drive")
    key = open_dataset(base).scenes[0].frames[1].key
    source = open_dataset(base).scenes[0].frames[1].images[0].source
    names = [source, f"{key}__rear.png", "nothing.png", source.rpartition("/")[2]]
    labels = coco_file(tmp_path / "coco", names)
    options = ImportOptions(ImportMode.REPLACE, CREATE)
    _, _, report = importing(base, labels, options)
    assert [(row.frame_key, row.sensor_id) for row in report.rows] == [
        (key, "front"),
        (key, "rear"),
    ]
    told = {each.name: each.reason for each in report.unmatched}
    assert "no such image" in told["nothing.png"]
    assert "2 images have this name" in told[names[3]]
    assert [report.total(name) for name in ("existing", "removed", "added")] == [2, 2, 2]


def test_only_the_matched_image_changes(tmp_path):
    base = drive(tmp_path / "drive")
    key = open_dataset(base).scenes[0].frames[0].key
    labels = coco_file(tmp_path / "coco", [f"{key}__rear.png"])
    scene, work, report = importing(base, labels, ImportOptions(ImportMode.REPLACE, CREATE))
    merged = work.merged(report)
    assert merged.class_map.names == ("car", "bike")
    found = merged.reader.read_labels(0, "ground_truth")
    assert len(found.cuboids) == 1
    rear, rest = split_by_sensor(found, "rear")
    assert rear.boxes_2d.class_names == ("bike",)
    assert rear.boxes_2d.boxes_px.tolist() == [[3, 4, 8, 10]]
    assert rest.boxes_2d.class_names == ("car",)
    assert label_count(merged.reader.read_labels(1, "ground_truth")) == 3
    assert label_count(scene.reader.read_labels(0, "ground_truth")) == 3
    assert len(set(label_ids(found))) == len(label_ids(found))


@pytest.mark.parametrize(
    ("mode", "counts", "boxes"),
    [
        ("replace", (1, 1, 0), ["bike"]),
        ("concatenate", (0, 1, 0), ["car", "bike"]),
        ("keep", (0, 0, 1), ["car"]),
    ],
)
def test_each_mode_says_what_it_does_and_does_it(tmp_path, mode, counts, boxes):
    base = drive(tmp_path / "drive")
    key = open_dataset(base).scenes[0].frames[0].key
    labels = coco_file(tmp_path / "coco", [f"{key}__front.png"])
    _, work, report = importing(base, labels, ImportOptions(ImportMode(mode), CREATE))
    assert tuple(report.total(name) for name in ("removed", "added", "kept_out")) == counts
    found = work.merged(report).reader.read_labels(0, "ground_truth")
    assert list(split_by_sensor(found, "front")[0].boxes_2d.class_names) == boxes


def test_unknown_classes_refuse_the_import_unless_named_otherwise(tmp_path):
    base = drive(tmp_path / "drive")
    key = open_dataset(base).scenes[0].frames[0].key
    labels = coco_file(tmp_path / "coco", [f"{key}__front.png"])
    options = ImportOptions(ImportMode.REPLACE, UnknownClasses.REFUSE)
    _, work, report = importing(base, labels, options)
    assert report.classes.refused == ("bike",)
    with pytest.raises(ImportRefused, match="bike"):
        work.merged(report)
    options = ImportOptions(ImportMode.REPLACE, UnknownClasses.MAP, {"bike": "car"}, status="DONE")
    _, work, report = importing(base, labels, options)
    merged = work.merged(report)
    assert report.classes.mapped == {"bike": "car"}
    assert merged.class_map.names == ("car",)
    boxes = split_by_sensor(merged.reader.read_labels(0, "ground_truth"), "front")[0].boxes_2d
    assert (boxes.class_names, boxes.attributes) == (("car",), ({"status": "DONE"},))


def test_tags_of_images_come_in_as_the_mode_says(tmp_path):
    first = coco_file(tmp_path / "first", ["a.png"], {"tags": ["night"]})
    second = coco_file(tmp_path / "second", ["a.png"], {"tags": ["night", "rain"], "licence": 3})
    image_sets.picture(first / "a.png")
    expected = {"replace": ["night", "rain"], "concatenate": ["night", "rain"], "keep": ["night"]}
    for mode, tags in expected.items():
        _, work, report = importing(first, second, ImportOptions(ImportMode(mode), CREATE))
        assert work.merged(report).reader.read_frame_metadata(0) == {"tags": tags}


def test_cuboids_of_another_drive_join_those_of_the_same_frame(tmp_path):
    base = drive(tmp_path / "a")
    other = drive(tmp_path / "b", offset=20.0)
    _, work, report = importing(base, other, ImportOptions(ImportMode.CONCATENATE))
    merged = work.merged(report)
    for index in range(2):
        cuboids = merged.reader.read_labels(index, "ground_truth").cuboids
        centers = cuboids.cuboids.center.tolist()
        assert centers == [[10.0, index, 0.5], [30.0, index, 0.5]]
        assert len(set(cuboids.label_ids)) == 2
    assert report.total("new_ids") > 0


def test_a_label_set_that_is_not_there_is_refused(tmp_path):
    base = drive(tmp_path / "a")
    with pytest.raises(ImportRefused, match="it has ground_truth"):
        importing(base, base, ImportOptions(ImportMode.KEEP, label_set_id="nobody"))


def test_labels_of_cameras_that_the_scene_lacks_are_left_out_and_counted(tmp_path):
    other = drive(tmp_path / "other")
    builder = SceneBuilder("drive")
    builder.add_camera("front", Pinhole(64, 40, fx=43.0, fy=43.0))
    for index in range(2):
        frame = builder.add_frame(timestamp_ns=index * 100_000_000)
        frame.add_image("front", np.zeros((40, 64, 3), np.uint8))
    write_native_scene(builder.build(), tmp_path / "base")
    options = ImportOptions(ImportMode.REPLACE, CREATE)
    _, work, report = importing(tmp_path / "base", other, options)
    assert report.no_sensor == {"rear": 2}
    assert report.total("added") == 4
    labels = work.merged(report).reader.read_labels(1, "ground_truth")
    assert (len(labels.cuboids), labels.boxes_2d.sensor_ids) == (1, ("front",))
