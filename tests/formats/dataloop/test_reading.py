import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from viewer.formats.base import DamagedData, Probe
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.dataloop.format import DataloopFormat
from viewer.formats.dataloop.lidar import time_of
from viewer.scene.metadata import FrameMetadata
from viewer.scene.shapes import ShapeKind
from viewer.scene.tracks import TrackSource


@pytest.fixture
def picture(picture_export):
    dataset = open_dataset(picture_export)
    assert dataset.format_name == "dataloop"
    (scene,) = dataset.scenes
    yield scene
    dataset.close()


def test_boxes_keep_their_corners_and_attributes(picture):
    labels = picture.reader.read_labels(0, "annotations").boxes_2d
    assert labels.class_names == ("car", "check")
    assert labels.boxes_px[0].tolist() == [1.5, 2.0, 30.25, 40.0]
    expected = {"1": "parked", "2": ["a", "b"], "status": "issue", "description": "near"}
    assert labels.attributes[0] == expected
    assert labels.attributes[1] == {"note": "", "status": "issue"}
    assert labels.sensor_ids == ("image", "image")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"creator": "ann@x.org", "updatedBy": None}, {"creator": "ann@x.org"}),
        ({"creator": 3, "updatedBy": "bob@x.org"}, {"updatedBy": "bob@x.org"}),
    ],
)
def test_who_made_an_annotation_is_told(picture_export, written, told):
    path = picture_export / "json/a/picture.json"
    document = json.loads(path.read_text())
    document["annotations"][0] |= written
    path.write_text(json.dumps(document))
    (scene,) = open_dataset(picture_export).scenes
    attributes = scene.reader.read_labels(0, "annotations").boxes_2d.attributes[0]
    known = {key: value for key, value in attributes.items() if key in ("creator", "updatedBy")}
    assert known == told


def test_every_shape_has_its_kind_and_numbers(picture):
    shapes = picture.reader.read_labels(0, "annotations").shapes_2d
    kinds = [ShapeKind(kind) for kind in shapes.kinds.tolist()]
    assert kinds == [
        ShapeKind.ROTATED_BOX, ShapeKind.POLYGONS, ShapeKind.POLYLINE, ShapeKind.POINT,
        ShapeKind.ELLIPSE, ShapeKind.IMAGE_CUBOID, ShapeKind.KEYPOINTS,
    ]  # fmt: skip
    assert shapes.parameters[0].tolist() == [20.0, 40.0, 20.0, 40.0, math.radians(30)]
    assert shapes.parts(1)[0].tolist() == [[1, 2], [3, 4.5], [5, 1]]
    assert shapes.parts(2)[0].tolist() == [[1, 2], [3, 4], [7, 9]]
    assert shapes.parts(3)[0].tolist() == [[4.5, 2.25]]
    assert shapes.parameters[4].tolist() == [10.0, 20.0, 5.0, 3.0, math.radians(45)]
    assert shapes.parts(5)[0].tolist()[0::4] == [[200, 200], [300, 300]]
    assert shapes.parts(6)[0].tolist() == [[5, 5], [6, 7]]
    assert shapes.keypoint_names[6] == ("nose", "hand")


def test_a_mask_covers_what_the_sdk_drew(picture):
    labels = picture.reader.read_labels(0, "annotations")
    (mask,) = labels.masks
    truth = np.zeros((6, 8), bool)
    truth[2:5, 3:7] = True
    assert (mask.runs.decoded() == truth).all()
    assert mask.class_name == "tree"


def test_a_cuboid_turns_about_fixed_x_then_y_then_z(picture):
    from scipy.spatial.transform import Rotation

    cuboids = picture.reader.read_labels(0, "annotations").cuboids
    assert cuboids.track_ids == ("7",)
    assert cuboids.cuboids.center.tolist() == [[1, 2, 3]]
    assert cuboids.cuboids.size.tolist() == [[8, 2.5, 3]]
    truth = Rotation.from_euler("xyz", [0.1, -0.2, 0.7]).as_matrix()
    np.testing.assert_allclose(cuboids.cuboids.rotation_matrices()[0], truth, atol=1e-12)


def test_classes_texts_and_predictions(picture):
    labels = picture.reader.read_labels(0, "annotations")
    assert [each.class_name for each in labels.classifications] == ["rain", "speech"]
    assert labels.classifications[1].attributes["text"] == "turn left"
    assert [each.label_set_id for each in picture.label_sets] == ["annotations", "yolo"]
    predicted = picture.reader.read_labels(0, "yolo").boxes_2d
    assert predicted.scores.tolist() == [0.75]
    assert len(predicted) == 1


def test_unknown_types_are_told_and_statuses_are_metadata(picture):
    picture.reader.read_labels(0, "annotations")
    told = [problem.message for problem in picture.reader.problems()]
    assert told == ["1 annotation of type 'hologram' is kept and not shown"]
    assert isinstance(picture.reader, FrameMetadata)
    facts = picture.reader.read_frame_metadata(0)
    assert facts == {"status": ["completed"], "weather": "fog", "lux": 12}


def test_video_states_hold_until_the_next(tmp_path, make):
    """Also against the SDK's own frames, at its keyframes."""
    document = json.loads((make.golden / "video.json").read_text())
    path = make.write_json(tmp_path / "json/clip.mp4.json", document)
    (tmp_path / "items").mkdir()
    (tmp_path / "items/clip.mp4").write_bytes(b"no video")
    (scene,) = open_dataset(tmp_path).scenes
    assert path.is_file()
    assert len(scene.frames) == 13
    shown = {}
    for frame in scene.frames:
        boxes = scene.reader.read_labels(frame.index, "annotations").boxes_2d
        if len(boxes):
            shown[frame.index] = [boxes.class_names[0], boxes.boxes_px[0, 0], boxes.boxes_px[0, 2]]
    held = {int(frame): state for frame, state in document["held"].items()}
    assert {frame: shown[frame] for frame in held} == held
    assert sorted(shown) == [2, 3, 4, 5, 6, 7, 10, 11, 12]
    assert shown[7] == shown[5]
    assert isinstance(scene.reader, TrackSource)
    (track,) = scene.reader.read_tracks("annotations")
    assert (track.track_id, track.keyframes) == ("3", (2, 5, 10))
    assert track.visible == ((2, 7), (10, 12))


def test_the_still_image_of_the_documents_is_no_video(tmp_path, make):
    """It says endFrame 1 and carries a snapshot of frame 0."""
    ring = [[{"x": 1, "y": 2}, {"x": 5, "y": 2}, {"x": 5, "y": 6}, {"x": 1, "y": 6}]]
    snapshot = {"fixed": True, "type": "transition", "frame": 0, "objectVisible": True,
                "data": ring, "label": "Planet", "attributes": []}  # fmt: skip
    annotation = {
        "id": "x", "datasetId": "d", "itemId": "i", "type": "segment", "label": "Planet",
        "attributes": [], "coordinates": ring,
        "metadata": {"system": {"status": None, "startTime": 0, "endTime": 1, "frame": 0,
                                "endFrame": 1, "snapshots_": [snapshot]}, "user": True},
    }  # fmt: skip
    path = make.write_json(tmp_path / "one.json", {"annotations": [annotation]})
    (scene,) = open_dataset(path).scenes
    assert len(scene.frames) == 1
    assert len(scene.reader.read_labels(0, "annotations").shapes_2d) == 1


@pytest.mark.parametrize("name", ["picture.json", "picture.png.json"])
def test_both_export_versions_pair_items_with_their_json(picture_export, name):
    (picture_export / "json/a/picture.json").rename(picture_export / "json/a" / name)
    (scene,) = open_dataset(picture_export).scenes
    assert [frame.key for frame in scene.frames] == ["a/picture.png"]
    assert len(scene.reader.read_labels(0, "annotations").boxes_2d) == 2


def test_items_that_share_a_first_version_name_are_told(picture_export, make):
    make.write_image(picture_export / "items/a/picture.jpg", (8, 6))
    dataset = open_dataset(picture_export)
    told = [str(problem) for problem in dataset.scenes[0].reader.problems()]
    assert any("is the only JSON of 2 items" in each for each in told)


def test_an_ontology_gives_colours_parents_and_attribute_types(picture_export, make):
    attributes = [
        {"key": "1", "title": "state", "type": "options", "values": ["a"], "scope": ["*"]},
        {"key": "2", "type": "options", "multi": True, "scope": ["car"]},
        {"key": "3", "type": "range", "range": {"min": 0, "max": 9, "step": 1}},
    ]
    child = {"value": {"tag": "van", "color": "#0000ff"}, "children": []}
    roots = [{"value": {"tag": "car", "color": "#ff0000"}, "children": [child]}]
    make.write_json(picture_export / "ontology.json", {"roots": roots, "attributes": attributes})
    dataset = open_dataset(picture_export)
    classes = dataset.scenes[0].class_map
    assert classes.colour("car") == (255, 0, 0)
    assert classes.entry("car.van").parent == "car"
    assert classes.colour("car.van") == (0, 0, 255)
    assert classes.index("road") > 1
    types = {key: str(value) for key, value in dataset.metadata_types.items()}
    assert (types["1"], types["2"], types["3"]) == ("text", "json", "number")
    assert dataset.metadata["attributes"] == attributes


def test_damaged_annotations_are_told_with_their_place_and_the_rest_stays(tmp_path, make):
    good = make.cube_3d()
    flat = make.cube_3d(object_id="2")
    flat["coordinates"]["scale"]["x"] = 0.0
    wordy = make.cube_3d(object_id="3")
    wordy["coordinates"]["position"]["y"] = "far"
    path = make.write_json(tmp_path / "a.json", {"annotations": [good, flat, wordy, 7]})
    (scene,) = open_dataset(path).scenes
    assert len(scene.reader.read_labels(0, "annotations").cuboids) == 1
    told = sorted(str(problem).partition("a.json, ")[2] for problem in scene.reader.problems())
    assert told[0].startswith("$.annotations[1].coordinates: has a size that is not positive")
    assert told[1].startswith("$.annotations[2].coordinates.position.y: is not a finite number")
    assert told[2].startswith("$.annotations[3]: is no object")


def test_paths_that_leave_the_dataset_are_not_read(tmp_path, make):
    frame = {"path": "../../etc/passwd.pcd", "images": {"0": {"image_path": "http://a/b.png"}}}
    make.write_json(tmp_path / "mapping.json", {"frames": {"0": frame}})
    (scene,) = open_dataset(tmp_path).scenes
    assert scene.frames[0].sweeps == ()
    assert scene.frames[0].images == ()
    told = " ".join(str(problem) for problem in scene.reader.problems())
    assert told.count("may leave the dataset") == 2


def test_coco_is_not_taken_for_an_export(tmp_path, make):
    coco = {"images": [], "annotations": [{"image_id": 1, "bbox": [1, 2, 3, 4], "label": "a"}]}
    path = make.write_json(tmp_path / "coco.json", coco)
    with pytest.raises(Exception, match="needs a JSON file"):
        DataloopFormat().recognise(Probe(path))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1631640361.230928, 1631640361230928000),
        ("1631640361.230928123", 1631640361230928123),
        (1631640361230, 1631640361230000000),
        (1631640361230928000, 1631640361230928000),
        ("2021-09-14T17:26:01.25Z", 1631640361250000000),
        ("0.100000001", 100000001),
        ("", None), ("soon", None), (-5, None), (True, None), (None, None), (1e300, None),
    ],
)  # fmt: skip
def test_times_of_any_unit(value, expected):
    assert time_of(value) == expected


def test_the_vendors_cuboids_open(real_data: Path):
    """40 boxes that the SDK wrote, against the numbers in the file."""
    path = real_data / "labels/dataloop/cube_3d_annotations.json"
    assert recognise(path)[0].name == "dataloop"
    (scene,) = open_dataset(path).scenes
    rows = json.loads(path.read_text())["annotations"]
    labels = scene.reader.read_labels(0, "annotations").cuboids
    assert len(labels) == len(rows) == 40
    for row, each in enumerate(rows):
        position, scale = each["coordinates"]["position"], each["coordinates"]["scale"]
        assert labels.cuboids.center[row].tolist() == [position[axis] for axis in "xyz"]
        assert labels.cuboids.size[row].tolist() == [scale[axis] for axis in "xyz"]
        assert labels.cuboids.yaw_rad[row] == pytest.approx(each["coordinates"]["rotation"]["z"])
        count = each["metadata"]["user"]["num_interior_pts"]
        assert labels.attributes[row]["user.num_interior_pts"] == count


def test_the_vendors_scene_opens(real_data: Path, tmp_path):
    folder = real_data / "scenes/dataloop"
    (scene,) = open_dataset(folder).scenes
    assert len(scene.frames) == 3
    assert scene.frames[0].timestamp_ns == 1631640361230928000
    rig = scene.reader.read_rig(0)
    assert list(rig.cameras) == ["cam_0", "cam_1", "cam_2"]
    camera = rig.cameras["cam_0"]
    assert camera.model.parameters()["fx"] == 3535.294117647
    pose = rig.transforms.transform("world", camera.coord_frame_id)
    # The camera stands 3.5 m up and looks along +x of the vehicle, a little down.
    np.testing.assert_allclose(pose.translation, [0.0933424, 0.225241, 3.5171])
    np.testing.assert_allclose(pose.rotation[:, 2], [0.99881, 0.00392, -0.04865], atol=1e-5)
    with pytest.raises(DamagedData, match="no such point cloud"):
        scene.reader.read_point_cloud(0, "lidar")
    shutil.rmtree(tmp_path)
