import json
from pathlib import Path

import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset
from viewer.formats.point_folder.times import match_files, time_from_stem, times_from_stems
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.scene.scene import Scene


def open_scene(root: Path, format_name: str = "point_folder") -> Scene:
    dataset = open_dataset(root)
    assert dataset.format_name == format_name
    (scene,) = dataset.scenes
    return scene


def images_of(scene: Scene) -> list[dict[str, str]]:
    return [
        {image.sensor_id: Path(image.source).name for image in frame.images}
        for frame in scene.frames
    ]


def points_in_camera(scene: Scene, frame_index: int, lidar_id: str, sensor_id: str):
    rig = scene.reader.read_rig(frame_index)
    camera = rig.cameras[sensor_id]
    matrix = rig.camera_from(camera, lidar_id, None, None)
    xyz = scene.reader.read_point_cloud(frame_index, lidar_id).xyz.astype(np.float64)
    return camera.model, xyz @ matrix[:3, :3].T + matrix[:3, 3]


def test_clouds_in_the_folder_itself_in_counting_order(tmp_path: Path, files) -> None:
    for stem in ("scan_10", "scan_9", "scan_100"):
        files.write_sweep(tmp_path / f"{stem}.bin")
    scene = open_scene(tmp_path)
    assert [frame.key for frame in scene.frames] == ["scan_9", "scan_10", "scan_100"]
    assert scene.independent
    assert scene.lidar_ids == ("lidar",)
    assert scene.camera_ids == ()
    cloud = scene.reader.read_point_cloud(0, "lidar")
    assert cloud.coord_frame_id == "lidar"
    tree = scene.reader.read_rig(0).transforms
    assert np.array_equal(tree.transform("world", "lidar").matrix, np.eye(4))


def test_images_by_stem_in_sibling_folders(tmp_path: Path, files) -> None:
    for stem in ("000965", "000970"):
        files.write_sweep(tmp_path / "lidar" / f"{stem}.bin")
        files.write_image(tmp_path / "camera" / "front" / f"{stem}.png")
    files.write_image(tmp_path / "camera" / "left" / "970.png")
    scene = open_scene(tmp_path)
    assert images_of(scene) == [
        {"front": "000965.png"},
        {"front": "000970.png", "left": "970.png"},
    ]
    refusal = scene.reader.read_rig(0).cameras["front"].refusal
    assert "no calibration" in (refusal or "")
    assert scene.reader.read_image(0, "front", None).full_width_px == files.image_size[0]


def test_images_by_order_when_counts_agree(tmp_path: Path, files) -> None:
    for index in range(3):
        files.write_sweep(tmp_path / "points" / f"cloud_{index}.bin")
        files.write_image(tmp_path / "photos" / f"img_{chr(97 + index)}.png")
    assert images_of(open_scene(tmp_path)) == [
        {"photos": "img_a.png"},
        {"photos": "img_b.png"},
        {"photos": "img_c.png"},
    ]


def test_images_that_fit_nothing_are_told(tmp_path: Path, files) -> None:
    for index in range(3):
        files.write_sweep(tmp_path / "points" / f"cloud_{index}.bin")
    files.write_image(tmp_path / "photos" / "odd.png")
    scene = open_scene(tmp_path)
    assert images_of(scene) == [{}, {}, {}]
    (problem,) = scene.reader.problems()
    assert problem.source == str(tmp_path / "photos")


def test_one_folder_of_images_a_frame(tmp_path: Path, files) -> None:
    for index in range(2):
        files.write_sweep(tmp_path / "points" / f"{index}.bin")
        for camera in ("left", "right"):
            files.write_image(tmp_path / "related_images" / f"{index}_pcd" / f"{camera}.png")
    scene = open_scene(tmp_path)
    assert scene.camera_ids == ("left", "right")
    assert [sorted(images) for images in images_of(scene)] == [["left", "right"]] * 2


def test_several_lidars_share_frames(tmp_path: Path, files) -> None:
    for lidar in ("lidar_front", "lidar_rear"):
        for index in range(2):
            files.write_sweep(tmp_path / lidar / f"{index}.bin", seed=index)
    scene = open_scene(tmp_path)
    assert scene.lidar_ids == ("lidar_front", "lidar_rear")
    assert [len(frame.sweeps) for frame in scene.frames] == [2, 2]


def test_folders_not_named_as_lidars_are_scenes_of_their_own(tmp_path: Path, files) -> None:
    for run in ("monday", "tuesday"):
        files.write_sweep(tmp_path / run / "0.bin")
    dataset = open_dataset(tmp_path)
    assert [scene.scene_id for scene in dataset.scenes] == ["monday", "tuesday"]


def test_names_that_are_times_make_a_sequence(tmp_path: Path, files) -> None:
    for index in range(3):
        stem = 1_532_402_927_647_951 + index * 100_000
        files.write_sweep(tmp_path / "lidar" / f"{stem}.bin")
        files.write_image(tmp_path / "camera" / f"{stem + 20_000}.png")
    files.write_image(tmp_path / "camera" / "1532402929000000.png")
    scene = open_scene(tmp_path)
    assert not scene.independent
    assert scene.frames[0].timestamp_ns == 1_532_402_927_647_951_000
    assert scene.frames[1].images[0].timestamp_ns == 1_532_402_927_767_951_000
    assert len(scene.frames[2].images) == 1


@pytest.mark.parametrize(
    ("stem", "time_ns"),
    [
        ("1557539924493977000", 1_557_539_924_493_977_000),
        ("LIDAR_1557539924493977", 1_557_539_924_493_977_000),
        ("1557539924493", 1_557_539_924_493_000_000),
        ("1557539924_5", None),
        ("1557539924.500", 1_557_539_924_500_000_000),
        ("0000000042", None),
        ("9999999999999999999", None),
        ("frame12", None),
    ],
)
def test_times_in_names(stem: str, time_ns: int | None) -> None:
    assert time_from_stem(stem) == time_ns


def test_times_must_rise_and_be_complete() -> None:
    assert times_from_stems(["1557539924", "1557539925"]) is not None
    assert times_from_stems(["1557539925", "1557539924"]) is None
    assert times_from_stems(["1557539924", "notes"]) is None
    assert times_from_stems(["1557539924"]) is None


def test_matching_prefers_names_to_order() -> None:
    files = {stem: Path(stem) for stem in ("1", "2")}
    assert match_files(files, ["2", "3"]) == {"2": ("2", Path("2"))}


def test_sustechpoints_counts(real_data: Path) -> None:
    truth = json.loads((real_data / "oracles" / "scene_expected.json").read_text())["sustechpoints"]
    # SUSTechPOINTS has a format of its own; without it the folder still opens as clouds.
    scene = open_dataset(real_data / "scenes" / "sustechpoints", "point_folder").scenes[0]
    assert scene.camera_ids == ("front", "left", "right")
    for frame in scene.frames:
        expected = truth["frames"][frame.key]
        for camera_id in scene.camera_ids:
            lens, points_cam = points_in_camera(scene, frame.index, "lidar", camera_id)
            seen = lens.in_image(lens.project(points_cam).pixels) & (points_cam[:, 2] > 0.5)
            assert seen.sum() == expected[f"points_in_{camera_id}_image_depth>0.5m"]
    assert not scene.reader.problems()


def test_pandaset_counts(real_data: Path) -> None:
    truth = json.loads((real_data / "oracles" / "scene_expected.json").read_text())
    scene = open_scene(real_data / "scenes" / "pandaset_scale")
    for frame in scene.frames:
        for camera_id in scene.camera_ids:
            expected = truth["pandaset_scale"]["counts"][f"{frame.key}/{camera_id}"]
            lens, points_cam = points_in_camera(scene, frame.index, "pointcloud", camera_id)
            assert len(points_cam) == expected["points"]
            seen = lens.in_image(lens.project(points_cam).pixels) & (points_cam[:, 2] > 0.1)
            assert seen.sum() == expected["in_image_pinhole_z>0.1"]


def test_sensors_calibration_pixels(real_data: Path) -> None:
    truth = json.loads((real_data / "oracles" / "scene_expected.json").read_text())
    expected = truth["sensorscalib_l2c_1"]
    scene = open_scene(real_data / "scenes" / "sensorscalib_l2c_1")
    lens, points_cam = points_in_camera(scene, 0, "lidar", "camera")
    assert isinstance(lens, BrownConrady)
    assert [lens.width_px, lens.height_px] == expected["image_size"]
    rows = [sample["index"] for sample in expected["samples"]]
    projection = lens.project(points_cam)
    uv = [sample["uv"] for sample in expected["samples"]]
    np.testing.assert_allclose(projection.pixels[rows], uv, atol=2e-3)
    in_front = (points_cam[:, 2] > 1.0) & (
        np.hypot(points_cam[:, 0], points_cam[:, 1]) < points_cam[:, 2]
    )
    seen = lens.in_image(projection.pixels) & in_front
    assert seen.sum() == expected["in_image_depth>1m_and_angle<45deg"]


def test_images_with_described_fisheyes_need_no_cloud(real_data: Path) -> None:
    scene = open_scene(real_data / "scenes" / "fisheye_surround")
    assert scene.camera_ids == ("Front", "Left")
    assert len(scene) == 1
    rig = scene.reader.read_rig(0)
    assert all(isinstance(camera.model, Fisheye) for camera in rig.cameras.values())
    truth = json.loads((real_data / "scenes/fisheye_surround/fisheye_calib.json").read_text())
    pose = rig.transforms.transform("Front", "world").matrix
    np.testing.assert_allclose(pose, truth["Front"]["T_ground_to_camera"], atol=1e-6)
    assert scene.reader.read_image(0, "Left", 320).full_width_px == 1280


def test_a_refused_lens_shows_the_image_and_says_why(tmp_path: Path, files) -> None:
    files.write_sweep(tmp_path / "lidar" / "0.bin")
    files.write_image(tmp_path / "images" / "cam0" / "0.png", size=(75, 48))
    files.write(
        tmp_path / "camchain.yaml",
        "cam0:\n  camera_model: ds\n  intrinsics: [-0.2, 0.5, 349, 348, 36, 24]\n"
        "  resolution: [75, 48]\n",
    )
    scene = open_scene(tmp_path)
    camera = scene.reader.read_rig(0).cameras["cam0"]
    assert camera.model is None
    assert "double sphere" in (camera.refusal or "")
    assert scene.reader.read_image(0, "cam0", None).pixels.shape == (48, 75, 4)
    assert "double sphere" in scene.reader.problems()[0].message


def test_a_camera_posed_from_elsewhere_draws_nothing(tmp_path: Path, files) -> None:
    files.write_sweep(tmp_path / "lidar" / "0.bin")
    files.write_image(tmp_path / "images" / "cam0" / "0.png", size=(75, 48))
    files.write(
        tmp_path / "camchain.yaml",
        "cam0:\n  camera_model: pinhole\n  distortion_model: radtan\n  resolution: [75, 48]\n"
        "  intrinsics: [34, 34, 36, 24]\n  distortion_coeffs: [0.1, 0, 0, 0]\n"
        "  T_cam_imu: [[1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]\n",
    )
    camera = open_scene(tmp_path).reader.read_rig(0).cameras["cam0"]
    assert camera.model is None
    assert "imu" in (camera.refusal or "")


def test_damaged_calibration_leaves_the_rest(tmp_path: Path, files) -> None:
    files.write_sweep(tmp_path / "lidar" / "0.bin")
    files.write_image(tmp_path / "camera" / "front" / "0.png")
    path = files.write(tmp_path / "calib" / "camera" / "front.json", '{"extrinsic": [1], "intri')
    scene = open_scene(tmp_path)
    assert "no calibration" in (scene.reader.read_rig(0).cameras["front"].refusal or "")
    assert [problem.source for problem in scene.reader.problems()] == [str(path)]
    assert len(scene.reader.read_point_cloud(0, "lidar")) == 500


def test_a_lone_cloud_and_a_lone_image(tmp_path: Path, files) -> None:
    points = files.write_sweep(tmp_path / "one.bin")
    scene = open_scene(tmp_path / "one.bin", "lone_file")
    assert scene.scene_id == "one.bin"
    assert np.array_equal(scene.reader.read_point_cloud(0, "points").xyz, points[:, :3])
    files.write_image(tmp_path / "one.png")
    scene = open_scene(tmp_path / "one.png", "lone_file")
    assert scene.lidar_ids == ()
    assert "no calibration" in (scene.reader.read_rig(0).cameras["image"].refusal or "")
    assert scene.reader.read_image(0, "image", None).full_height_px == files.image_size[1]


def test_a_damaged_lone_cloud_says_so_when_read(tmp_path: Path) -> None:
    path = tmp_path / "empty.pcd"
    path.write_bytes(b"")
    scene = open_scene(path, "lone_file")
    with pytest.raises(DamagedData, match=r"empty\.pcd"):
        scene.reader.read_point_cloud(0, "points")
