"""Frames, sensors and coord frames of Aquarium rows."""

import json

import numpy as np
import pytest

from viewer.formats.aquarium.format import AquariumFormat
from viewer.formats.base import DamagedData, Match, Probe, Rejected
from viewer.formats.catalog import open_dataset
from viewer.geometry.cameras import BrownConrady, Fisheye, Pinhole
from viewer.scene.labels import LabelSetKind


def only_scene(path):
    (scene,) = AquariumFormat().open(path).scenes
    # What is wrong with frames is told once they are made.
    assert len(list(scene.frames)) == len(scene)
    return scene


def told(scene, words):
    return [problem for problem in scene.reader.problems() if words in problem.message]


def test_the_catalogue_opens_a_folder_and_a_file(aquarium_folder):
    for path in (aquarium_folder, aquarium_folder / "frames.jsonl"):
        assert AquariumFormat().recognise(Probe(path)) == Match.LIKELY
        assert open_dataset(path).format_name == "aquarium"


def test_other_json_lines_are_rejected(tmp_path):
    (tmp_path / "log.jsonl").write_text('{"event": "start"}\n')
    with pytest.raises(Rejected, match="task_id"):
        AquariumFormat().recognise(Probe(tmp_path))


def test_a_frame_has_its_sensors_and_label_sets(aquarium_folder):
    scene = only_scene(aquarium_folder)
    assert scene.independent
    assert scene.lidar_ids == ("top",)
    assert scene.camera_ids == ("cam0", "cam1")
    (frame,) = scene.frames
    assert frame.key == "scene1_000"
    # date -u -d 2021-06-01T12:00:00Z +%s
    assert frame.timestamp_ns == 1622548800_000000000
    assert [ref.source for ref in frame.sweeps] == [str(aquarium_folder / "top.bin")]
    kinds = [(each.label_set_id, each.kind) for each in scene.label_sets]
    assert kinds == [
        ("labels", LabelSetKind.GROUND_TRUTH),
        ("model_a", LabelSetKind.PREDICTIONS),
    ]
    assert not scene.reader.problems()


def test_points_and_pixels_are_read(aquarium_folder):
    reader = only_scene(aquarium_folder).reader
    cloud = reader.read_point_cloud(0, "top")
    assert cloud.coord_frame_id == "lidar"
    assert cloud.xyz[1].tolist() == [4, 5, 6]
    assert cloud.fields["intensity"][1] == 7
    assert reader.read_image(0, "cam0", None).full_width_px == 128
    assert reader.read_encoded_image(0, "cam0")[1:4] == b"PNG"


def test_the_four_file_form_is_read(tmp_path, rows):
    urls = {"pointcloud_url": "p.bin", "intensity_url": "i.bin", "range_url": "r.bin"}
    sensor = rows.sensor("top", "POINTCLOUD_V0", "world", urls)
    path = rows.write(tmp_path / "frames.jsonl", [rows.frame(sensor_data=[sensor])])
    np.arange(6, dtype="<f4").tofile(tmp_path / "p.bin")
    np.array([4_000_000_000, 7], dtype="<u4").tofile(tmp_path / "i.bin")
    np.array([0.5, 1.5], dtype="<f4").tofile(tmp_path / "r.bin")
    cloud = only_scene(path).reader.read_point_cloud(0, "top")
    assert cloud.xyz.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert cloud.fields["intensity"].tolist() == [4_000_000_000, 7]
    assert cloud.fields["range"].tolist() == [0.5, 1.5]


def test_poses_chain_and_the_camera_looks_where_it_should(aquarium_folder):
    rig = only_scene(aquarium_folder).reader.read_rig(0)
    # A point 11 m ahead of the world's origin is 10 m ahead of the camera at x = 1, at its height.
    camera = rig.cameras["cam0"]
    camera_from_world = rig.camera_from(camera, "world", None, None)
    ahead = camera_from_world @ [11.0, 0.0, 1.5, 1.0]
    np.testing.assert_allclose(ahead[:3], [0, 0, 10], atol=1e-12)
    # One metre to the left is one to the camera's left: -x; one metre up is -y.
    np.testing.assert_allclose(
        (camera_from_world @ [11.0, 1.0, 2.5, 1.0])[:3], [-1, -1, 10], atol=1e-12
    )
    assert camera.model == BrownConrady(128, 72, fx=100, fy=100, cx=64, cy=36, k1=-0.1)
    assert rig.cameras["cam1"].model is None
    assert "no projection" in rig.cameras["cam1"].refusal
    assert rig.lidars["top"].coord_frame_id == "lidar"


def camera_rig(tmp_path, rows, metadata, **sensor):
    frame = rows.frame(
        coordinate_frames=[rows.coord_frame("c", "IMAGE_PROJECTION", **metadata)],
        sensor_data=[
            rows.sensor(
                "cam", "IMAGE_V0", "c", {"image_url": "https://x.invalid/a.png"},
                sensor_metadata={"width": 640, "height": 480}, **sensor,
            )
        ],
    )  # fmt: skip
    scene = only_scene(rows.write(tmp_path / "frames.jsonl", [frame]))
    rig = scene.reader.read_rig(0)
    return rig, rig.cameras["cam"], scene


def test_nulls_mean_defaults(tmp_path, rows):
    metadata = {"fx": 500, "fy": 400, "position": None, "orientation": None}
    metadata |= {"camera_model": None, "parent_frame_id": None, "k1": None}
    rig, camera, scene = camera_rig(tmp_path, rows, metadata)
    assert camera.model == Pinhole(640, 480, fx=500, fy=400, cx=320, cy=240)
    np.testing.assert_array_equal(rig.camera_from(camera, "world", None, None), np.eye(4))
    assert len(scene.reader.problems()) == 1  # the remote image


def test_a_fisheye_keeps_skew_and_says_what_it_ignores(tmp_path, rows):
    metadata = {"fx": 300, "fy": 300, "camera_model": "fisheye", "k1": 0.1, "skew": 0.02, "p1": 1.0}
    _, camera, scene = camera_rig(tmp_path, rows, metadata)
    assert camera.model == Fisheye(640, 480, fx=300, fy=300, k1=0.1, skew=0.02)
    assert told(scene, "p1 have no meaning in a fisheye lens")


def test_a_camera_matrix_stacks_on_the_pose(tmp_path, rows):
    matrix = [[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]
    metadata = {"fx": 300, "fy": 300, "camera_matrix": matrix, "position": {"x": 1, "y": 0, "z": 0}}
    rig, camera, scene = camera_rig(tmp_path, rows, metadata)
    # The pose takes the metre off, then the matrix turns world axes to the camera's.
    point = rig.camera_from(camera, "world", None, None) @ [11.0, 2.0, 3.0, 1.0]
    np.testing.assert_allclose(point, [-2, -3, 10, 1])
    assert told(scene, "applied after the inverse of the pose")


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"fx": 0, "fy": 1}, "fx must be positive"),
        ({"fy": 1}, "no fx"),
        ({"fx": "500", "fy": 1}, "no finite number"),
        ({"fx": 1, "fy": 1, "camera_model": "mei"}, "mei"),
        ({"fx": 1, "fy": 1, "camera_matrix": [[1]]}, "4 rows of 4"),
        ({"fx": 1, "fy": 1, "orientation": {"w": 0, "x": 0, "y": 0, "z": 0}}, "cannot be used"),
        ({"fx": 1, "fy": 1, "orientation": {"w": 1}}, "cannot be used"),
        ({"fx": 1, "fy": 1, "parent_frame_id": "nowhere"}, "cannot be used"),
        ({"fx": 1, "fy": 1, "parent_frame_id": "c"}, "cannot be used"),
    ],
)
def test_a_camera_that_makes_no_sense_says_why(tmp_path, rows, metadata, words):
    _, camera, scene = camera_rig(tmp_path, rows, metadata)
    assert camera.model is None
    assert words in camera.refusal
    problems = [each for each in scene.reader.problems() if "line 1" in each.place]
    assert problems


def test_a_quaternion_that_is_not_of_length_one_is_normalised_and_told(tmp_path, rows):
    turn = {"w": 2, "x": 0, "y": 0, "z": 0}
    rig, camera, scene = camera_rig(tmp_path, rows, {"fx": 9, "fy": 9, "orientation": turn})
    np.testing.assert_array_equal(rig.camera_from(camera, "world", None, None), np.eye(4))
    assert told(scene, "norm 2")


def test_metadata_that_is_an_object_and_downloads_as_strings_are_read(tmp_path, rows):
    frame = rows.frame()
    for record in frame["coordinate_frames"]:
        if "coordinate_frame_metadata" in record:
            record["coordinate_frame_metadata"] = json.loads(record["coordinate_frame_metadata"])
    frame["sensor_data"] = json.dumps(
        [each | {"data_urls": json.dumps(each["data_urls"])} for each in frame["sensor_data"]]
    )
    frame |= {"_idx": 3, "window": "w", "issues": []}
    scene = only_scene(rows.write(tmp_path / "frames.jsonl", [frame]))
    assert scene.lidar_ids == ("top",)
    assert scene.reader.read_rig(0).transforms.parent_of("cam0_proj") == "lidar"


def test_repeated_coord_frames_are_fine_unless_they_differ(tmp_path, rows):
    frame = rows.frame()
    again = frame["coordinate_frames"][1]
    frame["coordinate_frames"] += [again, rows.coord_frame("lidar", position={"x": 9})]
    scene = only_scene(rows.write(tmp_path / "frames.jsonl", [frame]))
    tree = scene.reader.read_rig(0).transforms
    assert tree.transform("world", "lidar").translation.tolist() == [0, 0, 1.8]
    assert told(scene, "twice and differs")


@pytest.mark.parametrize("url", ["../top.bin", "/etc/passwd", "file:///etc/passwd", "a\\..\\b"])
def test_no_path_leaves_the_folder(tmp_path, rows, url):
    sensor = rows.sensor("top", "POINTCLOUD_V0", "world", {"kitti_format_url": url})
    scene = only_scene(rows.write(tmp_path / "frames.jsonl", [rows.frame(sensor_data=[sensor])]))
    assert scene.frames[0].sweeps == ()
    assert told(scene, "cannot be shown")
    with pytest.raises(DamagedData, match="line 1"):
        scene.reader.read_point_cloud(0, "top")


def test_a_file_address_inside_the_folder_is_read(tmp_path, rows):
    np.arange(8, dtype="<f4").tofile(tmp_path / "a b.bin")
    url = (tmp_path / "a b.bin").as_uri()
    sensor = rows.sensor("top", "POINTCLOUD_V0", "world", {"kitti_format_url": url})
    scene = only_scene(rows.write(tmp_path / "frames.jsonl", [rows.frame(sensor_data=[sensor])]))
    assert len(scene.reader.read_point_cloud(0, "top")) == 2


def test_remote_data_is_counted_once_a_host(tmp_path, rows):
    frames = [
        rows.frame(
            f"f{index}",
            sensor_data=[
                rows.sensor(
                    "top", "POINTCLOUD_PCD_V0", "world", {"pcd_url": f"gs://b/{index}.pcd"}
                ),
                rows.sensor("t", "TEXT", "t", {"text": "hello"}),
            ],
        )
        for index in range(5)
    ]
    scene = only_scene(rows.write(tmp_path / "frames.jsonl", frames))
    (remote,) = told(scene, "is remote and is never fetched")
    assert remote.source == str(tmp_path / "frames.jsonl")
    assert remote.place == "line 1, top.pcd_url"
    assert "--map PREFIX=FOLDER" in remote.message
    assert remote.message.startswith("5 files")
    assert [[ref.kind for ref in frame.others] for frame in scene.frames] == [["text"]] * 5
    assert all(frame.sweeps == () for frame in scene.frames)


def test_frames_are_ordered_by_date_then_name_and_grouped_by_metadata(tmp_path, rows):
    late, early = "2021-06-01T12:00:02+00:00", "2021-06-01T12:00:01.250000+00:00"
    frames = [
        rows.frame("f10", date_captured=early, user__sequence_id="drive"),
        rows.frame("f9", date_captured=early, user__sequence_id="drive"),
        rows.frame("f1", date_captured=late, user__sequence_id="drive"),
        rows.frame("alone"),
    ]
    scenes = AquariumFormat().open(rows.write(tmp_path / "frames.jsonl", frames)).scenes
    assert [scene.scene_id for scene in scenes] == ["frames", "drive"]
    assert [scene.independent for scene in scenes] == [True, False]
    assert [frame.key for frame in scenes[1].frames] == ["f9", "f10", "f1"]
    assert scenes[1].frames[0].timestamp_ns == 1622548801_250000000


def test_add_overwrites_modify_merges_and_delete_removes_frames(tmp_path, rows):
    other = [rows.sensor("new", "POINTCLOUD_V0", "lidar", {"kitti_format_url": "n.bin"})]
    moved = [rows.coord_frame("lidar", position={"x": 5, "y": 0, "z": 0})]
    frames = [
        rows.frame("a"),
        rows.frame("b"),
        rows.frame("b", sensor_data=other, coordinate_frames=moved),
        {"task_id": "a", "sensor_data": other, "coordinate_frames": moved, "change": "MODIFY"},
        rows.frame("c"),
        {"task_id": "c", "change": "DELETE"},
        {"task_id": "d", "sensor_data": other, "change": "MODIFY"},
        {"task_id": "e", "change": "DELETE"},
    ]
    scene = only_scene(rows.write(tmp_path / "frames.jsonl", frames))
    assert [frame.key for frame in scene.frames] == ["a", "b"]
    rig_a, rig_b = scene.reader.read_rig(0), scene.reader.read_rig(1)
    assert set(rig_a.lidars) == {"top", "new"}
    assert set(rig_b.lidars) == {"new"}
    assert rig_b.cameras == {}
    for rig in (rig_a, rig_b):
        assert rig.transforms.transform("world", "lidar").translation.tolist() == [5, 0, 0]
    assert [each.place for each in told(scene, "'d', which does not exist")] == ["line 7"]
    assert [each.place for each in told(scene, "'e', which does not exist")] == ["line 8"]


def test_explicit_keys_limit_what_an_update_sets(tmp_path, rows):
    moved = [rows.coord_frame("lidar", position={"x": 5, "y": 0, "z": 0})]
    update = {"task_id": "a", "sensor_data": [], "coordinate_frames": moved, "change": "MODIFY"}
    frames = [rows.frame("a"), update | {"explicitly_set_keys": ["device_id"]}]
    rig = only_scene(rows.write(tmp_path / "frames.jsonl", frames)).reader.read_rig(0)
    assert rig.transforms.transform("world", "lidar").translation.tolist() == [0, 0, 1.8]


def test_damaged_rows_are_told_with_their_line_and_the_rest_is_read(tmp_path, rows, monkeypatch):
    import viewer.formats.json_lines as module

    monkeypatch.setattr(module, "MAX_ROW_BYTES", 20_000)
    good = json.dumps(rows.frame("good"))
    deep = '{"task_id": "x", "coordinate_frames": ' + "[" * 9_000 + "]" * 9_000 + "}"
    lines = [good, "{nonsense", '{"task_id": 3, "sensor_data": []}', deep, "x" * 30_000]
    lines += [
        '{"task_id": "y", "change": "SWAP", "sensor_data": []}',
        "",
        good.replace("good", "2"),
    ]
    path = tmp_path / "frames.jsonl"
    path.write_text("\ufeff" + "\n".join(lines))
    scene = only_scene(path)
    assert [frame.key for frame in scene.frames] == ["2", "good"]
    scene.reader.read_rig(1)
    places = [problem.place.split(",")[0] for problem in scene.reader.problems()]
    assert places[:5] == ["line 2", "line 3", "line 4", "line 5", "line 6"]


def test_an_array_and_a_single_download_are_read(tmp_path, rows):
    array = tmp_path / "array.json"
    array.write_text(json.dumps([rows.frame("a"), rows.frame("b")], indent=1))
    assert [frame.key for frame in only_scene(array).frames] == ["a", "b"]
    assert set(only_scene(array).reader.read_rig(1).lidars) == {"top"}
    single = tmp_path / "single.json"
    single.write_text(json.dumps(rows.frame("c"), indent=1))
    assert [frame.key for frame in only_scene(single).frames] == ["c"]


def test_the_project_gives_classes_their_colours(aquarium_folder):
    entry = {"name": "car", "id": 0, "train_name": "car", "color": [1, 2, 3]}
    broken = {"name": "van", "id": 1, "train_name": "van", "color": [1, 2, 300]}
    project = {
        "project_id": "p",
        "label_class_map": [entry, broken, 7],
        "confidence_threshold": 0.1,
    }
    (aquarium_folder / "project.json").write_text(json.dumps(project))
    scene = only_scene(aquarium_folder)
    assert scene.class_map.names == ("car", "van")
    assert scene.class_map.colour("car") == (1, 2, 3)
    places = [each.place for each in scene.reader.problems() if each.source.endswith("t.json")]
    assert places == ["$.label_class_map[1].color", "$.label_class_map[2]"]


def test_files_without_a_usable_frame_are_damaged(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"task_id": 5, "sensor_data": []}\n')
    with pytest.raises(DamagedData, match="line 1"):
        AquariumFormat().open(path)
