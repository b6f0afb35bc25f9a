"""A wrong manifest or label file says where it is wrong; nothing outside the folder is read."""

import json

import numpy as np
import pytest

from viewer.formats.base import DamagedData, Match, Probe, Rejected
from viewer.formats.builder import SceneBuilder
from viewer.formats.native.format import NativeFormat
from viewer.formats.native.writer import write_native_scene
from viewer.geometry.cameras.pinhole import Pinhole

FORMAT = NativeFormat()


@pytest.fixture
def folder(tmp_path):
    builder = SceneBuilder("s")
    builder.add_lidar("top")
    builder.add_camera("front", Pinhole(8, 6, fx=5, fy=5))
    for index in range(2):
        frame = builder.add_frame(timestamp_ns=index)
        frame.add_points("top", np.eye(3))
        frame.add_image("front", np.zeros((6, 8, 3), dtype=np.uint8))
        frame.add_cuboids(np.eye(3), (1, 1, 1), class_names=["a"] * 3)
    write_native_scene(builder.build(), tmp_path / "s")
    return tmp_path / "s"


def change(folder, edit):
    path = folder / "scene.json"
    manifest = json.loads(path.read_text())
    edit(manifest)
    path.write_text(json.dumps(manifest))


def set_at(*keys, value):
    def edit(manifest):
        place = manifest
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return edit


IMAGE_FILE = ("frames", 0, "images", 0, "file")
IMAGE_PLACE = "$.frames[0].images[0].file"


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (set_at("version", value=99), "$.version"),
        (set_at("version", value="one"), "$.version"),
        (set_at("frames", 1, "key", value=7), "$.frames[1].key"),
        (set_at("frames", 1, "key", value="000000"), "$.frames"),
        (set_at("frames", 0, "timestamp_ns", value=2**63), "$.frames[0].timestamp_ns"),
        (set_at("frames", 0, "rig", value=3), "$.frames[0].rig"),
        (set_at("frames", 0, "rig", value=-1), "$.frames[0].rig"),
        (set_at(*IMAGE_FILE, value="../x.png"), IMAGE_PLACE),
        (set_at(*IMAGE_FILE, value="/etc/hosts"), IMAGE_PLACE),
        (set_at(*IMAGE_FILE, value="a/../../b"), IMAGE_PLACE),
        (set_at(*IMAGE_FILE, value="C:x.png"), IMAGE_PLACE),
        (set_at(*IMAGE_FILE, value="..\\x"), IMAGE_PLACE),
        (set_at(*IMAGE_FILE, value="http://a/b"), IMAGE_PLACE),
        (set_at("label_sets", 0, "file", value="../labels"), "$.label_sets[0].file"),
        (set_at("label_sets", 0, "kind", value="guess"), "$.label_sets[0].kind"),
        (set_at("classes", 0, "colour", value=[1, 2, 300]), "$.classes[0].colour[2]"),
        (set_at("rigs", 0, "cameras", 0, "width_px", value=0), "$.rigs[0].cameras[0].width_px"),
    ],
)  # fmt: skip
def test_a_wrong_manifest_names_the_place(folder, edit, place):
    change(folder, edit)
    with pytest.raises(DamagedData) as caught:
        FORMAT.open(folder)
    assert caught.value.place == place
    assert caught.value.path == folder / "scene.json"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (set_at("rigs", 0, "coord_frames", 0, "parent", value="moon"), "moon"),
        (set_at("rigs", 0, "coord_frames", 0, "parent", value="top"), "cycle"),
        (set_at("rigs", 0, "coord_frames", 1, "orientation_wxyz", value=[0, 0, 0, 0]), "top"),
        (set_at("rigs", 0, "cameras", 0, "coord_frame_id", value="moon"), "moon"),
        (set_at("rigs", 0, "cameras", 0, "parameters", value={"fx": 5}), "front"),
        (set_at("rigs", 0, "cameras", 0, "parameters", value={"fx": 5, "fy": 5, "k9": 1}), "k9"),
        (set_at("rigs", 0, "ego_coord_frame_id", value="moon"), "moon"),
        (set_at("rigs", 0, "coord_frames", 0, "trajectory",
                value={"timestamps_ns": [2, 1], "positions": [[0, 0, 0]] * 2,
                       "orientations_wxyz": [[1, 0, 0, 0]] * 2}), "increasing"),
    ],
)  # fmt: skip
def test_a_wrong_rig_is_named_and_the_rest_opens(folder, edit, words):
    change(folder, edit)
    scene = FORMAT.open(folder).scenes[0]
    with pytest.raises(DamagedData, match=words):
        scene.reader.read_rig(0)
    assert len(scene.reader.read_labels(0, "ground_truth").cuboids) == 3
    assert scene.reader.read_image(0, "front", None).full_width_px == 8


def test_an_unknown_lens_is_refused_by_name_and_the_image_shows(folder):
    change(folder, set_at("rigs", 0, "cameras", 0, "model", value="double_sphere"))
    reader = FORMAT.open(folder).scenes[0].reader
    camera = reader.read_rig(0).cameras["front"]
    assert camera.model is None
    assert "double_sphere" in camera.refusal
    assert reader.read_image(0, "front", None).full_width_px == 8


def test_an_image_of_a_camera_that_is_not_described_shows_without_overlay(folder):
    change(folder, set_at("frames", 0, "images", 0, "sensor_id", value="other"))
    scene = FORMAT.open(folder).scenes[0]
    assert scene.camera_ids == ("front", "other")
    assert scene.reader.read_rig(0).cameras["other"].refusal
    assert scene.reader.read_image(0, "other", None).full_width_px == 8


def test_a_quaternion_that_is_not_of_length_one_is_reported(folder):
    change(folder, set_at("rigs", 0, "coord_frames", 1, "orientation_wxyz", value=[1.3, 0, 0, 0]))
    reader = FORMAT.open(folder).scenes[0].reader
    rig = reader.read_rig(0)
    np.testing.assert_allclose(rig.transforms.transform("ego", "top").rotation, np.eye(3))
    assert any("'top' was normalised (norm 1.3)" in str(problem) for problem in reader.problems())


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ("{", "line 2", "JSON"),
        ('{"frame": "000001", "cuboids": {"coord_frame_id": "world"}}', "line 2, $.cuboids",
         "label_id"),
        ('{"frame": "000000"}', "line 2", "line 1"),
        ('{"frame": "000001", "cuboids": {"coord_frame_id": "world", "label_id": ["a"],'
         '"class_name": [], "center": [[0,0,0]], "size": [[1,1,1]],'
         '"orientation_wxyz": [[1,0,0,0]]}}', "line 2, $.cuboids.class_name", "0 rows"),
        ('{"frame": "000001", "cuboids": {"coord_frame_id": "world", "label_id": ["a"],'
         '"class_name": ["c"], "center": [[0,0,0]], "size": [[1,1,1]],'
         '"orientation_wxyz": [[0,0,0,0]]}}', "line 2, $.cuboids[0]", "zero"),
        ('{"frame": "000001", "cuboids": {"coord_frame_id": "world", "label_id": ["a"],'
         '"class_name": ["c"], "center": [[0,0]], "size": [[1,1,1]],'
         '"orientation_wxyz": [[1,0,0,0]]}}', "line 2, $.cuboids.center[0]", "length"),
    ],
)  # fmt: skip
def test_a_wrong_label_line_names_line_and_place(folder, line, place, words):
    path = folder / "labels" / "ground_truth.jsonl"
    first = path.read_text().splitlines()[0]
    path.write_text(f"{first}\n{line}\n")
    reader = FORMAT.open(folder).scenes[0].reader
    with pytest.raises(DamagedData, match=words) as caught:
        reader.read_labels(1, "ground_truth")
    assert caught.value.place == place
    assert caught.value.path == path


def test_a_frame_without_a_line_has_no_labels(folder):
    path = folder / "labels" / "ground_truth.jsonl"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    labels = FORMAT.open(folder).scenes[0].reader.read_labels(1, "ground_truth")
    assert len(labels.cuboids) == len(labels.boxes_2d) == 0


def test_one_damaged_scene_does_not_keep_the_others_from_opening(folder):
    root = folder.parent
    broken = root / "b"
    broken.mkdir()
    (broken / "scene.json").write_text('{"schema": "sightline-scene", "version": 1}')
    dataset = FORMAT.open(root)
    assert [(scene.scene_id, len(scene)) for scene in dataset.scenes] == [("b", 0), ("s", 2)]
    (problem,) = dataset.scenes[0].reader.problems()
    assert "scene_id" in problem.message


def test_files_of_other_programs_are_rejected(tmp_path):
    (tmp_path / "scene.json").write_text('{"name": "something else"}')
    with pytest.raises(Rejected, match="sightline-scene"):
        FORMAT.recognise(Probe(tmp_path))


def test_a_manifest_its_folder_and_the_folder_above_are_recognised(folder):
    for path in (folder / "scene.json", folder, folder.parent):
        assert FORMAT.recognise(Probe(path)) is Match.CERTAIN
        assert len(FORMAT.open(path).scenes) == 1
