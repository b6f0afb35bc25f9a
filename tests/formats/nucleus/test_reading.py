"""Scenes, items and cameras of Nucleus payloads."""

import json

import numpy as np
import pytest

from viewer.formats.base import DamagedData, Match, Probe, Rejected
from viewer.formats.catalog import open_dataset
from viewer.formats.nucleus.format import NucleusFormat
from viewer.geometry.cameras import BrownConrady, Fisheye, Pinhole


def only_scene(path):
    (scene,) = NucleusFormat().open(path).scenes
    return scene


def told(scene, words):
    return [problem for problem in scene.reader.problems() if words in problem.message]


def test_the_catalogue_opens_a_folder_and_each_file(nucleus_folder):
    names = ("", "scenes.json", "annotations.json", "model.json")
    for path in (nucleus_folder / name for name in names):
        assert NucleusFormat().recognise(Probe(path)) == Match.LIKELY
        assert open_dataset(path).format_name == "nucleus"


def test_other_json_is_rejected(tmp_path):
    (tmp_path / "a.json").write_text('{"frames": [], "name": "x"}')
    with pytest.raises(Rejected, match="reference_id"):
        NucleusFormat().recognise(Probe(tmp_path))


def test_a_scene_has_ordered_frames_without_time(nucleus_folder):
    scene = only_scene(nucleus_folder)
    assert scene.scene_id == "drive"
    assert not scene.independent
    assert [frame.key for frame in scene.frames] == ["drive_lidar_0", "drive_lidar_1"]
    assert [frame.timestamp_ns for frame in scene.frames] == [None, None]
    assert scene.lidar_ids == ("lidar",)
    assert scene.camera_ids == ("front",)
    assert [each.label_set_id for each in scene.label_sets] == ["annotations", "model"]
    assert not scene.reader.problems()


def test_point_json_and_images_are_read(nucleus_folder):
    reader = only_scene(nucleus_folder).reader
    cloud = reader.read_point_cloud(0, "lidar")
    assert cloud.coord_frame_id == "world"
    assert cloud.xyz.tolist() == [[1.5, 2, -3], [4, 5, 6]]
    assert cloud.fields["intensity"][0] == 0.5
    assert np.isnan(cloud.fields["intensity"][1])
    assert cloud.fields["device"].tolist() == [1, -1]
    assert cloud.fields["time_ns"].tolist() == [1_600_000_000_123_456_789, 0]
    assert len(reader.read_point_cloud(1, "lidar")) == 0
    assert reader.read_image(0, "front", None).full_width_px == 128


def test_many_points_are_read_in_pieces(tmp_path, payloads):
    from viewer.formats.nucleus.point_json import read_point_json

    numbers = np.random.default_rng(0).normal(size=(10_000, 3))
    points = [dict(zip("xyz", row, strict=True)) for row in numbers.tolist()]
    path = payloads.write(tmp_path / "cloud.json", {"points": points})
    np.testing.assert_array_equal(read_point_json(path).xyz, numbers)


@pytest.mark.parametrize(
    "text",
    [
        '{"points": 3}',
        "{}",
        "[]",
        '{"points": [{"x": 1, "y": 2}]}',
        '{"points": [{"x": 1, "y"',
        "x",
    ],
)
def test_a_damaged_cloud_is_told(tmp_path, text):
    from viewer.formats.nucleus.point_json import read_point_json

    path = tmp_path / "cloud.json"
    path.write_text(text)
    with pytest.raises(DamagedData, match=r"cloud\.json"):
        read_point_json(path)


def test_position_is_the_camera_centre_and_heading_turns_camera_to_world(nucleus_folder):
    rig = only_scene(nucleus_folder).reader.read_rig(0)
    camera = rig.cameras["front"]
    assert camera.model == Pinhole(128, 72, fx=100, fy=100, cx=64, cy=36)
    camera_from_world = rig.camera_from(camera, "world", None, None)
    # From (1, 0, 2): 10 m along y is 10 m ahead, 1 m along x is right, 1 m down is down.
    point = camera_from_world @ [2.0, 10.0, 1.0, 1.0]
    np.testing.assert_allclose(point[:3], [1, 1, 10], atol=1e-12)


def test_both_lens_models_are_read(tmp_path, payloads):
    cases = [
        ({"k1": -0.5, "k2": 0.6, "k3": -1, "p1": 0.001, "p2": -0.002}, BrownConrady),
        ({"camera_model": "brown_conrady", "k4": 0.1}, BrownConrady),
        ({"camera_model": "fisheye", "k1": 0.1, "k4": 0.01, "p1": 0.5}, Fisheye),
    ]
    for number, (params, model) in enumerate(cases):
        scene = payloads.scene(1, **params)
        scene["frames"][0]["front"] |= {"width": 128, "height": 72, "url": "s3://b/front.jpg"}
        opened = only_scene(payloads.write(tmp_path / f"{number}.json", scene))
        lens = opened.reader.read_rig(0).cameras["front"].model
        assert isinstance(lens, model)
        taken = {key: value for key, value in params.items() if key[0] == "k"}
        assert {key: lens.parameters()[key] for key in taken} == taken
        assert bool(told(opened, "rational denominator")) == (number == 1)
        assert bool(told(opened, "p1 have no meaning")) == (number == 2)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"fx": None}, "no finite number"),
        ({"heading": {"x": 0, "y": 0, "z": 0, "w": 0}}, "quaternion"),
        ({"heading": {"x": 0, "y": 0, "z": 0}}, "no finite number"),
        ({"position": [1, 2, 3]}, "no object"),
        ({"camera_model": "mei"}, "'mei'"),
        ({"fy": -1.0}, "fy must be positive"),
    ],
)
def test_a_camera_that_makes_no_sense_says_why(tmp_path, payloads, params, words):
    scene = payloads.scene(1, **params)
    scene["frames"][0]["front"] |= {"width": 128, "height": 72}
    opened = only_scene(payloads.write(tmp_path / "scene.json", scene))
    camera = opened.reader.read_rig(0).cameras["front"]
    assert camera.model is None
    assert words in camera.refusal
    assert any("$.frames[0].front.camera_params" in p.place for p in opened.reader.problems())


def test_a_heading_of_another_length_is_normalised_and_told(tmp_path, payloads):
    heading = {"x": -1.0, "y": 0.0, "z": 0.0, "w": 1.0}
    scene = payloads.scene(1, heading=heading)
    scene["frames"][0]["front"] |= {"width": 128, "height": 72}
    opened = only_scene(payloads.write(tmp_path / "scene.json", scene))
    rig = opened.reader.read_rig(0)
    point = rig.camera_from(rig.cameras["front"], "world", None, None) @ [2.0, 10.0, 1.0, 1.0]
    np.testing.assert_allclose(point[:3], [1, 1, 10], atol=1e-12)
    assert told(opened, "norm 1.414")


def test_lines_lists_items_and_exports_are_read(tmp_path, payloads):
    scenes = [payloads.scene(1, "a"), payloads.scene(1, "b")]
    opened = NucleusFormat().open(payloads.write_lines(tmp_path / "scenes.jsonl", scenes))
    assert [scene.scene_id for scene in opened.scenes] == ["a", "b"]
    opened = NucleusFormat().open(payloads.write(tmp_path / "list.json", scenes))
    assert [scene.scene_id for scene in opened.scenes] == ["a", "b"]
    item = {"metadata": {}, "reference_id": "i", "image_url": "i.jpg"}
    box = payloads.annotation("box", {"x": 1, "y": 2, "width": 3, "height": 4}, "i")
    rows = [{"item": item, "annotations": {"box": [box], "cuboid": []}}]
    scene = only_scene(payloads.write_lines(tmp_path / "export.jsonl", rows))
    assert scene.independent
    assert scene.camera_ids == ("image",)
    labels = scene.reader.read_labels(0, "annotations")
    assert labels.boxes_2d.boxes_px.tolist() == [[1, 2, 4, 6]]
    assert labels.boxes_2d.sensor_ids == ["image"]
    scene = only_scene(payloads.write(tmp_path / "items.json", {"items": [item], "update": True}))
    assert [frame.key for frame in scene.frames] == ["i"]


def test_remote_data_is_told_once_and_no_path_leaves_the_folder(tmp_path, payloads):
    scene = payloads.scene(3)
    for frame in scene["frames"]:
        frame["lidar"]["url"] = "https://example.invalid/a.json"
        frame["front"]["url"] = "../../front.png"
    opened = only_scene(payloads.write(tmp_path / "scene.json", scene))
    assert all(not frame.sweeps and not frame.images for frame in opened.frames)
    assert len(told(opened, "3 files of the frames cannot be shown")) == 2
    with pytest.raises(DamagedData, match="remote"):
        opened.reader.read_point_cloud(0, "lidar")
    assert "may leave" in opened.reader.read_rig(0).cameras["front"].refusal


def test_structure_that_breaks_the_rules_is_told(tmp_path, payloads):
    scene = payloads.scene(2)
    scene["frames"][1]["lidar"]["reference_id"] = "drive_lidar_0"
    del scene["frames"][0]["lidar"]
    scene["frames"].append({"x": 3})
    opened = only_scene(payloads.write(tmp_path / "scene.json", scene))
    assert len(opened) == 3
    places = [problem.place for problem in opened.reader.problems()]
    assert places[:3] == ["$.frames[0]", "$.frames[2].x", "$.frames[2]"]


def test_a_scene_that_is_no_scene_is_told_and_the_others_open(tmp_path, payloads):
    scenes = [{"reference_id": 7, "frames": []}, payloads.scene(1)]
    path = payloads.write(tmp_path / "scenes.json", {"scenes": scenes})
    opened = only_scene(path)
    assert next(problem.place for problem in opened.reader.problems()).startswith("$.scenes[0]")


def test_files_without_anything_usable_are_damaged(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text(json.dumps({"scenes": [{"reference_id": 3, "frames": [], "url": ""}]}))
    with pytest.raises(DamagedData, match=r"\$\.scenes\[0\]"):
        NucleusFormat().open(path)
