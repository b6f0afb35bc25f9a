from pathlib import Path

import numpy as np
import pytest

from viewer.formats.catalog import open_dataset, recognise
from viewer.scene.scene import Scene


def open_scene(root: Path) -> Scene:
    dataset = open_dataset(root)
    assert dataset.format_name == "semantic_kitti"
    (scene,) = dataset.scenes
    return scene


def test_points_have_their_class_and_object(odometry_folder: Path) -> None:
    scene = open_scene(odometry_folder)
    assert scene.scene_id == "04"
    cloud = scene.reader.read_point_cloud(1, "velo")
    folder = odometry_folder / "sequences" / "04"
    stored = np.fromfile(folder / "labels" / "000001.label", dtype="<u4")
    assert np.array_equal(cloud.fields["semantic"], stored & 0xFFFF)
    assert np.array_equal(cloud.fields["instance"], stored >> 16)
    assert "predicted_semantic" not in cloud.fields
    predicted = scene.reader.read_point_cloud(2, "velo").fields["predicted_semantic"]
    assert predicted.tolist() == [40] * 500
    assert next(iter(cloud.fields)) == "intensity"
    assert not scene.reader.problems()


def test_the_world_is_the_first_lidar(odometry_folder: Path, files) -> None:
    """The development kit's chain: inverse(Tr) pose Tr, as plain 4 x 4 matrices."""
    scene = open_scene(odometry_folder)
    assert [frame.timestamp_ns for frame in scene.frames] == [0, 103_850_500, 207_575_800]
    rig = scene.reader.read_rig(0)
    calib = np.vstack([files.velo_to_cam, [0, 0, 0, 1]])
    text = (odometry_folder / "poses" / "04.txt").read_text()
    for frame, line in zip(scene.frames, text.splitlines(), strict=True):
        pose = np.vstack([np.array(line.split(), dtype=float).reshape(3, 4), [0, 0, 0, 1]])
        expected = np.linalg.inv(calib) @ pose @ calib
        got = rig.transforms.transform("world", "velo", frame.timestamp_ns).matrix
        np.testing.assert_allclose(got, expected, atol=1e-5)
    assert rig.ego_coord_frame_id == "velo"


def test_points_project_as_the_development_kit_has_it(odometry_folder: Path, files) -> None:
    scene = open_scene(odometry_folder)
    rig, frame = scene.reader.read_rig(2), scene.frames[2]
    points = scene.reader.read_point_cloud(2, "velo").xyz.astype(np.float64)
    seen = files.velo_to_cam @ np.c_[points, np.ones(len(points))].T
    homogeneous = files.project_2 @ np.vstack([seen, np.ones(len(points))])
    camera = rig.cameras["image_2"]
    matrix = rig.camera_from(camera, "velo", frame.timestamp_ns, frame.timestamp_ns)
    got = camera.model.project(points @ matrix[:3, :3].T + matrix[:3, 3]).pixels
    # The way leads through the world, by rotations that KITTI gives to seven digits.
    np.testing.assert_allclose(got, (homogeneous[:2] / homogeneous[2]).T, atol=5e-5)


def test_labels_of_another_cloud_are_left_out(odometry_folder: Path) -> None:
    path = odometry_folder / "sequences" / "04" / "labels" / "000000.label"
    path.write_bytes(path.read_bytes()[:-4])
    scene = open_scene(odometry_folder)
    assert list(scene.reader.read_point_cloud(0, "velo").fields) == ["intensity"]
    (problem,) = scene.reader.problems()
    assert problem.source == str(path)
    assert "1996 bytes" in problem.message


@pytest.mark.parametrize("times", ["0.0 0.1", "0 2 1", "0 1 nan", "a b c"])
def test_times_that_cannot_be_are_ten_a_second(odometry_folder: Path, times: str) -> None:
    (odometry_folder / "sequences" / "04" / "times.txt").write_text(times.replace(" ", "\n"))
    scene = open_scene(odometry_folder)
    assert [frame.timestamp_ns for frame in scene.frames] == [0, 100_000_000, 200_000_000]
    assert "ten frames a second" in scene.reader.problems()[0].message


def test_a_bad_pose_is_bridged(odometry_folder: Path) -> None:
    path = odometry_folder / "poses" / "04.txt"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], "1 2 3", lines[2]]))
    scene = open_scene(odometry_folder)
    scene.reader.read_rig(0)
    assert [problem.place for problem in scene.reader.problems()] == ["line 2"]


def test_without_poses_the_world_moves_along(odometry_folder: Path) -> None:
    (odometry_folder / "poses" / "04.txt").unlink()
    rig = open_scene(odometry_folder).reader.read_rig(0)
    assert rig.ego_coord_frame_id == "world"
    np.testing.assert_array_equal(rig.transforms.transform("world", "velo").matrix, np.eye(4))
    assert rig.cameras["image_2"].model is not None


def test_recognised_here_and_from_above(odometry_folder: Path) -> None:
    for path in (odometry_folder / "sequences" / "04", odometry_folder / "sequences"):
        assert recognise(path)[0].name == "semantic_kitti"
        assert len(open_dataset(path).scenes) == 1


def test_real_labels(real_data: Path) -> None:
    folder = real_data / "bin" / "mmdet3d" / "semantickitti"
    cloud = open_scene(folder).reader.read_point_cloud(0, "velo")
    stored = np.fromfile(folder / "labels" / "000000.label", dtype="<u4")
    assert len(cloud) == len(stored) == 50
    combined = cloud.fields["semantic"].astype(np.uint32)
    combined |= cloud.fields["instance"].astype(np.uint32) << 16
    assert np.array_equal(combined, stored)
