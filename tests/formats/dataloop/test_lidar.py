import json

import numpy as np
import pytest

from viewer.formats.catalog import open_dataset
from viewer.formats.dataloop.format import DataloopFormat
from viewer.formats.dataloop.poses import PoseConvention
from viewer.geometry.cameras import BrownConrady, Fisheye, Mei, Pinhole

POSITION = np.array([0.5, 0.0, 1.0])


def inverse(rotation, position):
    return rotation.T, -rotation.T @ position


def test_frames_cloud_pose_images_and_labels(tmp_path, make):
    dataset = open_dataset(make.lidar_export(tmp_path))
    (scene,) = dataset.scenes
    assert (scene.scene_id, len(scene.frames), scene.lidar_ids) == ("drive", 3, ("lidar",))
    assert scene.camera_ids == ("cam_front",)
    assert scene.frames[1].timestamp_ns == 1600000001 * 10**9
    assert scene.frames[1].images[0].timestamp_ns == 1600000001 * 10**9 + 250_000_000
    assert scene.metadata["site"] == "x"
    assert scene.description.endswith(
        "camera poses: lidar_from_camera (smallest residual of 3 labels), residual 0 px"
    )
    rig = scene.reader.read_rig(2)
    cloud = scene.reader.read_point_cloud(2, "lidar")
    world = rig.transforms.transform("world", cloud.coord_frame_id).apply(cloud.xyz)
    assert world.tolist() == [[11.0, 2.0, 3.0]]
    labels = scene.reader.read_labels(2, "annotations")
    assert labels.cuboids.cuboids.center.tolist() == [[20.0, 1.0, 0.0]]
    assert labels.cuboids.is_keyframe.tolist() == [False]
    assert labels.boxes_2d.sensor_ids == ("cam_front",)
    assert scene.reader.read_frame_metadata(2) == {"lux": 2}


@pytest.mark.parametrize("convention", list(PoseConvention))
def test_the_convention_that_fits_the_labels_is_taken(tmp_path, convention, make):
    """Labels are made with the camera on the vehicle; the extrinsic is told in each way."""
    extrinsic = (make.forward, POSITION)
    if convention.inverted:
        extrinsic = inverse(*extrinsic)
    if not convention.parent_is_lidar:
        # A world pose holds for one frame only: the vehicle stands still.
        make.lidar_export(tmp_path, extrinsic=extrinsic, step=0.0)
    else:
        make.lidar_export(tmp_path, extrinsic=extrinsic)
    (scene,) = open_dataset(tmp_path).scenes
    residuals = scene.metadata["camera pose residual px"]
    assert residuals[str(convention)] == pytest.approx(0.0, abs=1e-3)
    chosen = scene.metadata["camera pose"].partition(" ")[0]
    if convention.parent_is_lidar:
        assert chosen == str(convention)
        wrong = [value for name, value in residuals.items() if name != str(convention)]
        assert all(value is None or value > 1 for value in wrong)
    rig = scene.reader.read_rig(0)
    camera = rig.cameras["cam_front"]
    pose = rig.transforms.transform("world", camera.coord_frame_id)
    np.testing.assert_allclose(pose.translation, POSITION, atol=1e-12)
    np.testing.assert_allclose(pose.rotation, make.forward, atol=1e-12)


def test_a_person_may_choose_another(tmp_path, make):
    make.lidar_export(tmp_path)
    format_ = DataloopFormat().with_choices({"dataloop-pose": "world_from_camera"})
    (scene,) = format_.open(tmp_path).scenes
    assert scene.metadata["camera pose"] == "world_from_camera (asked for)"
    rig = scene.reader.read_rig(2)
    pose = rig.transforms.transform("world", rig.cameras["cam_front"].coord_frame_id)
    np.testing.assert_allclose(pose.translation, POSITION, atol=1e-12)
    with pytest.raises(ValueError, match="'sideways' is no pose"):
        format_.with_choices({"dataloop-pose": "sideways"})


def test_without_a_label_to_check_the_choice_is_told(tmp_path, make):
    dataset = open_dataset(make.lidar_export(tmp_path, boxes=False))
    (scene,) = dataset.scenes
    assert scene.metadata["camera pose"].startswith("lidar_from_camera (no label")
    assert any("--dataloop-pose" in str(each) for each in dataset.problems)


@pytest.mark.parametrize(
    ("distortion", "lens", "numbers"),
    [
        ({"model": "bc"}, Pinhole, {}),
        ({"k1": -0.1, "k2": 0.01, "k3": 0.001, "p1": 0.002, "p2": 0.003}, BrownConrady,
         {"k3": 0.001, "p2": 0.003}),
        ({"model": "kb", "k1": 0.1, "k4": 0.01}, Fisheye, {"k1": 0.1, "k4": 0.01}),
        ({"model": "mei", "xi": 1.5, "k1": 0.1, "p2": 0.01, "p1": 0.02}, Mei,
         {"xi": 1.5, "p2": 0.01}),
    ],
)  # fmt: skip
def test_lenses_by_name(tmp_path, distortion, lens, numbers, make):
    (scene,) = open_dataset(make.lidar_export(tmp_path, distortion=distortion)).scenes
    model = scene.reader.read_rig(0).cameras["cam_front"].model
    assert type(model) is lens
    assert (model.width_px, model.height_px) == (128, 96)
    assert {key: model.parameters()[key] for key in numbers} == numbers


@pytest.mark.parametrize(
    ("distortion", "said"),
    [
        ({"model": "custom0"}, "'custom0' is not supported"),
        ({"model": "bc", "k5": 0.1}, "bc with k5 is not supported"),
        ({"model": "kb", "p1": 0.1, "p2": 0.1}, "kb with p1, p2 is not supported"),
    ],
)
def test_other_lenses_are_refused_by_name(tmp_path, distortion, said, make):
    (scene,) = open_dataset(make.lidar_export(tmp_path, distortion=distortion)).scenes
    camera = scene.reader.read_rig(0).cameras["cam_front"]
    assert camera.model is None
    assert said in camera.refusal


def test_keyframes_of_a_lidar_scene(tmp_path, make):
    make.lidar_export(tmp_path, frames=6)
    moved = make.cube_3d()["coordinates"] | {"position": {"x": 30.0, "y": 0.0, "z": 0.0}}
    snapshots = [
        {"frame": 2, "fixed": True, "objectVisible": False},
        {"frame": 4, "fixed": True, "data": moved, "label": "van"},
    ]
    car = make.cube_3d(end=5, system={"snapshots_": snapshots, "endFrame": 5})
    make.write_json(tmp_path / "json/drive/frames.json", {"annotations": [car]})
    (scene,) = open_dataset(tmp_path).scenes
    seen = {}
    for frame in scene.frames:
        cuboids = scene.reader.read_labels(frame.index, "annotations").cuboids
        if len(cuboids):
            key = cuboids.is_keyframe[0]
            seen[frame.index] = (cuboids.class_names[0], cuboids.cuboids.center[0, 0], bool(key))
    assert seen == {
        0: ("car", 10.0, True), 1: ("car", 10.0, False), 4: ("van", 30.0, True),
        5: ("van", 30.0, False),
    }  # fmt: skip


def test_one_name_for_a_camera_whose_pose_changes(tmp_path, make):
    """The vendor's parser makes one camera entry a frame, named NAME_frame_N."""
    make.lidar_export(tmp_path)
    path = tmp_path / "items/drive/frames.json"
    scene = json.loads(path.read_text())
    (camera,) = scene["cameras"]
    scene["cameras"] = [
        {**camera, "id": f"0_frame_{index}", "name": f"cam_0_frame_{index}"} for index in range(3)
    ]
    for index, frame in enumerate(scene["frames"]):
        frame["images"][0]["camera_id"] = f"0_frame_{index}"
    make.write_json(path, scene)
    (opened,) = open_dataset(tmp_path).scenes
    assert opened.camera_ids == ("cam_0",)
    assert all(opened.reader.read_rig(n).cameras["cam_0"].model is not None for n in range(3))


def test_the_choice_reaches_the_format_from_the_command_line(tmp_path, make):
    from typer.testing import CliRunner

    from viewer.cli.parser import app

    make.lidar_export(tmp_path / "drive")
    run = CliRunner().invoke
    fine = run(app, ["info", str(tmp_path), "--dataloop-pose", "camera_from_world"])
    assert fine.exit_code == 0
    wrong = run(app, ["info", str(tmp_path), "--dataloop-pose", "sideways"])
    assert wrong.exit_code == 2
