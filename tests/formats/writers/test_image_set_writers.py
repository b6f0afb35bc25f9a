"""COCO, VOC and YOLO written: their own data as they are, boxes that lenses show, what is lost."""

import json

import image_sets
import numpy as np
import pytest

from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.writers.catalog import writer_by_name
from viewer.geometry.cameras import Pinhole
from viewer.progress import JobContext

BOX_PX = (32 - 43 / 8, 20 - 43 * 0.5 / 8, 32 + 43 / 8, 20 + 43 * 0.5 / 8)
"""A cuboid of 4 x 2 x 1 m, 10 m ahead, by hand: its near face is 8 m away and bounds the rest."""


def written(name, scenes, target):
    return writer_by_name(name).write(scenes, target, JobContext())


def files(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", ["yolo", "pascal_voc"])
def test_unchanged_data_are_copied_as_they_are(tmp_path, name):
    (tmp_path / "in").mkdir()
    root = getattr(image_sets, name)(tmp_path / "in")
    if name == "yolo":
        yaml = (root / "data.yaml").read_text()
        (root / "data.yaml").write_text(yaml + "roboflow:\n  project: mine\n")
    report = written(name, open_dataset(root).scenes, tmp_path / "out")
    assert files(tmp_path / "out") == files(root)
    assert report.total == 0


def test_tags_status_and_captions_of_coco_become_facts_and_come_back(tmp_path):
    (tmp_path / "in").mkdir()
    root = image_sets.coco(tmp_path / "in")
    path = root / "annotations" / "instances.json"
    document = json.loads(path.read_text())
    document["images"][0]["tags"] = ["night", "rain"]
    document["annotations"][0] |= {"status": "ACCEPTED", "tags": ["hard"], "caption": "a car"}
    path.write_text(json.dumps(document))
    scene = open_dataset(root).scenes[0]
    assert scene.reader.read_frame_metadata(0) == {"extra": {"kept": 1}, "tags": ["night", "rain"]}
    name = scene.label_sets[0].label_set_id
    (facts,) = scene.reader.read_labels(0, name).boxes_2d.attributes
    assert facts == {"status": "ACCEPTED", "tags": ["hard"], "caption": "a car"}
    written("coco", [scene], tmp_path / "same")
    assert json.loads((tmp_path / "same" / "annotations" / "instances.json").read_text()) == (
        document
    )
    # Through a layout that is not COCO, then back: no source row helps.
    written("native", [scene], tmp_path / "native")
    again = open_dataset(tmp_path / "native")
    written("coco", again.scenes, tmp_path / "back")
    new = json.loads((tmp_path / "back" / "annotations" / f"{name}.json").read_text())
    assert new["images"][0]["tags"] == ["night", "rain"]
    (row,) = [each for each in new["annotations"] if "status" in each]
    assert (row["status"], row["tags"], row["caption"]) == ("ACCEPTED", ["hard"], "a car")


def test_keypoints_and_segmentation_of_an_object_are_one_annotation(tmp_path):
    (tmp_path / "in").mkdir()
    root = image_sets.coco(tmp_path / "in")
    path = root / "annotations" / "instances.json"
    document = json.loads(path.read_text())
    document["annotations"][3]["segmentation"] = [[0, 0, 30, 0, 30, 30, 0, 30]]
    path.write_text(json.dumps(document))
    (root / "annotations" / "results.json").unlink()
    written("native", open_dataset(root).scenes, tmp_path / "native")
    written("coco", open_dataset(tmp_path / "native").scenes, tmp_path / "back")
    new = json.loads((tmp_path / "back" / "annotations" / "ground_truth.json").read_text())
    assert len(new["annotations"]) == len(document["annotations"])
    (row,) = [each for each in new["annotations"] if "keypoints" in each]
    assert row["keypoints"] == [5, 6, 2, 9, 8, 1, 0, 0, 0]
    assert row["segmentation"] == [[0, 0, 30, 0, 30, 30, 0, 30]]
    assert (row["bbox"], row["area"], row["num_keypoints"]) == ([0, 0, 30, 30], 900, 2)


def scene_with_cuboids(root):
    builder = SceneBuilder("drive")
    builder.add_camera("front", Pinhole(64, 40, fx=43.0, fy=43.0))
    frame = builder.add_frame(timestamp_ns=0)
    frame.add_image("front", np.zeros((40, 64, 3), np.uint8))
    # Ahead; half out of the image on the right; behind the camera.
    frame.add_cuboids(
        [[10.0, 0.0, 0.0], [10.0, -8 * 32 / 43, 0.0], [-10.0, 0.0, 0.0]],
        [[4.0, 2.0, 1.0]] * 3,
        class_names=["car"] * 3,
        label_ids=["1", "2", "3"],
    )
    return builder.build()


def test_a_cuboid_becomes_the_box_that_the_lens_shows(tmp_path):
    scene = scene_with_cuboids(tmp_path)
    report = written("coco", [scene], tmp_path / "coco")
    (path,) = (tmp_path / "coco" / "annotations").iterdir()
    first, second = json.loads(path.read_text())["annotations"]
    left, top, right, bottom = BOX_PX
    np.testing.assert_allclose(first["bbox"], [left, top, right - left, bottom - top], atol=0.05)
    assert first["attributes"] == {"truncated": 0.0, "from_cuboid": True}
    # It reaches from its far left edge, 12 m away, to its near right edge, 8 m away.
    center = 8 * 32 / 43
    far_left, near_right = 43 * (center - 1) / 12, 43 * (center + 1) / 8
    outside = (near_right - 32) / (near_right - far_left)
    assert second["bbox"][0] + second["bbox"][2] == pytest.approx(64, abs=0.6)
    assert second["attributes"]["truncated"] == pytest.approx(outside, abs=0.005)
    told = {(what, why.rpartition("; ")[2]): count for what, _, count, why in report.rows()}
    assert told["cuboid", "its box in each image"] == 2
    assert told["cuboid", "in no image"] == 1


def test_what_people_saw_lies_in_the_projected_box(tmp_path):
    """The street's 2D boxes bound the pixels that its renderer drew of each object."""
    from pathlib import Path

    from viewer.formats.writers.image_labels import cuboids_on_image
    from viewer.formats.writers.losses import LossLog
    from viewer.scene.labels import FrameLabels

    scene = open_dataset(Path(__file__).parents[3] / "sample_scenes" / "street").scenes[0]
    beyond = []
    for frame in scene.frames[::10]:
        labels = scene.reader.read_labels(frame.index, "ground_truth")
        rig = scene.reader.read_rig(frame.index)
        for camera in scene.camera_ids:
            alone = FrameLabels(labels.cuboids)
            rows, _ = cuboids_on_image(alone, rig, frame, camera, "", LossLog())
            boxes = {row.track_id: row.box_px for row in rows}
            for row in labels.boxes_2d.on_image(camera):
                seen = labels.boxes_2d.boxes_px[row]
                left, top, right, bottom = boxes[labels.boxes_2d.track_ids[row]]
                beyond.append(max(left - seen[0], top - seen[1], seen[2] - right, seen[3] - bottom))
    assert len(beyond) > 300
    # Half a pixel is the border of the image itself.
    assert np.percentile(beyond, 98) <= 0.6
    assert max(beyond) < 5.0


def test_classes_of_yolo_are_a_list_as_every_reader_knows_it(tmp_path):
    written("yolo", [scene_with_cuboids(tmp_path)], tmp_path / "yolo")
    assert "names:\n- car\n" in (tmp_path / "yolo" / "data.yaml").read_text()


def test_masks_become_polygons_where_a_layout_has_no_masks(tmp_path):
    (tmp_path / "in").mkdir()
    root = image_sets.coco(tmp_path / "in")
    path = root / "annotations" / "instances.json"
    document = json.loads(path.read_text())
    # Columns of 40 pixels: rows 3 to 6 of the columns 2 and 3.
    runs = [2 * 40 + 3, 4, 36, 4, 60 * 40 + 33]
    document["annotations"] = [
        {"id": 1, "image_id": 7, "category_id": 3, "bbox": [2, 3, 2, 4], "iscrowd": 0,
         "segmentation": {"size": [40, 64], "counts": runs}}
    ]  # fmt: skip
    path.write_text(json.dumps(document))
    (root / "annotations" / "results.json").unlink()
    scene = open_dataset(root).scenes[0]
    ring = [[2, 3], [4, 3], [4, 7], [2, 7]]
    written("yolo", [scene], tmp_path / "yolo")
    words = (tmp_path / "yolo" / "labels" / "train" / "a.txt").read_text().split()
    assert np.array(words[1:], float) == pytest.approx((np.array(ring) / [64, 40]).ravel())
    report = written("pascal_voc", [scene], tmp_path / "voc")
    assert "mask" in {what for what, _, _, _ in report.rows()}
    again = open_dataset(tmp_path / "voc").scenes[0]
    shapes = again.reader.read_labels(0, "ground_truth").shapes_2d
    assert shapes.parts(0)[0].tolist() == ring


def test_the_box_stored_beside_keypoints_is_the_box_of_voc(tmp_path):
    (tmp_path / "in").mkdir()
    root = image_sets.coco(tmp_path / "in")
    (root / "annotations" / "results.json").unlink()
    written("pascal_voc", open_dataset(root).scenes, tmp_path / "voc")
    boxes = open_dataset(tmp_path / "voc").scenes[0].reader.read_labels(0, "ground_truth").boxes_2d
    persons = [row for row, name in enumerate(boxes.class_names) if name == "person"]
    assert boxes.boxes_px[persons].tolist() == [[0, 0, 30, 30]]
