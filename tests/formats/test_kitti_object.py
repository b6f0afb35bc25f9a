import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.kitti_object.boxes import cuboids_from_kitti, kitti_from_cuboids
from viewer.scene.labels import LabelSetKind
from viewer.scene.scene import Scene


def open_scene(root: Path) -> Scene:
    dataset = open_dataset(root)
    assert dataset.format_name == "kitti_object"
    (scene,) = dataset.scenes
    return scene


def devkit_corners(h, w, l, x, y, z, ry):  # noqa: E741
    """Corners of a box in rectified camera 0, as the object development kit computes them."""
    rotation = np.array([[np.cos(ry), 0, np.sin(ry)], [0, 1, 0], [-np.sin(ry), 0, np.cos(ry)]])
    xs = np.array([l, l, -l, -l, l, l, -l, -l]) / 2
    ys = np.array([0, 0, 0, 0, -h, -h, -h, -h])
    zs = np.array([w, -w, -w, w, w, -w, -w, w]) / 2
    return (rotation @ np.array([xs, ys, zs])).T + np.array([x, y, z])


def assert_same_points(got, expected, atol):
    """The same points in any order."""
    distances = np.linalg.norm(got[:, None] - np.asarray(expected)[None], axis=2)
    assert sorted(distances.argmin(axis=1)) == list(range(len(got)))
    assert distances.min(axis=1).max() < atol


def test_corners_equal_the_development_kit() -> None:
    generator = np.random.default_rng(1)
    for _ in range(50):
        h, w, l = generator.uniform(0.3, 5, 3)  # noqa: E741
        x, y, z = generator.uniform(-30, 30, 3)
        ry = generator.uniform(-20, 20)
        cuboids = cuboids_from_kitti(
            np.array([[h, w, l]]), np.array([[x, y, z]]), np.array([ry]), "cam0"
        )
        expected = devkit_corners(h, w, l, x, y, z, ry)
        assert_same_points(cuboids.corners()[0], expected, 1e-9)


def test_front_is_the_length_axis_and_up_is_against_camera_y() -> None:
    box = cuboids_from_kitti(
        np.array([[1.5, 1.6, 4.0]]), np.array([[0.0, 2.0, 10.0]]), np.array([0.0]), "cam0"
    )
    np.testing.assert_allclose(
        box.rotation_matrices()[0], [[1, 0, 0], [0, 0, -1], [0, 1, 0]], atol=1e-15
    )
    np.testing.assert_allclose(box.center, [[0.0, 1.25, 10.0]])
    np.testing.assert_allclose(box.size, [[4.0, 1.6, 1.5]])


def test_boxes_go_back_to_the_text_they_came_from() -> None:
    generator = np.random.default_rng(2)
    size = generator.uniform(0.3, 15, (1000, 3)).round(2)
    bottom = generator.uniform(-90, 90, (1000, 3)).round(2)
    rotation = generator.uniform(-3.14, 3.14, 1000).round(2)
    back = kitti_from_cuboids(cuboids_from_kitti(size, bottom, rotation, "cam0"))
    for expected, got in zip((size, bottom, rotation), back, strict=True):
        assert np.array_equal(expected, got.round(6))


def test_frames_are_independent_with_all_their_parts(kitti_object_folder: Path) -> None:
    scene = open_scene(kitti_object_folder)
    assert [frame.key for frame in scene.frames] == ["000000", "000001"]
    assert scene.independent
    assert scene.lidar_ids == ("velo",)
    assert scene.camera_ids == ("image_2",)
    assert [(each.label_set_id, each.kind) for each in scene.label_sets] == [
        ("label_2", LabelSetKind.GROUND_TRUTH),
        ("predictions", LabelSetKind.PREDICTIONS),
    ]
    assert not scene.reader.problems()


def test_labels_keep_their_numbers_and_dont_care_is_flat(kitti_object_folder: Path) -> None:
    scene = open_scene(kitti_object_folder)
    labels = scene.reader.read_labels(0, "label_2")
    assert labels.cuboids.class_names == ("Car", "Pedestrian")
    assert labels.cuboids.label_ids == ("000000:0", "000000:1")
    assert labels.boxes_2d.class_names == ("Car", "Pedestrian", "DontCare")
    assert labels.boxes_2d.label_ids == ("000000:0", "000000:1", "000000:2")
    assert set(labels.boxes_2d.sensor_ids) == {"image_2"}
    np.testing.assert_array_equal(labels.boxes_2d.boxes_px[0], [10, 5, 60, 30])
    assert labels.cuboids.attributes[0] == {
        "truncated": 0.25,
        "occluded": 1,
        "alpha": -1.57,
        "bbox": [10.0, 5.0, 60.0, 30.0],
        "rotation_y": -14.15,
    }
    assert np.isnan(labels.cuboids.scores).all()
    predicted = scene.reader.read_labels(1, "predictions")
    assert predicted.cuboids.scores.tolist() == [0.875]
    assert len(scene.reader.read_labels(0, "predictions").cuboids) == 0


def test_projection_equals_the_development_kit(kitti_object_folder: Path, files) -> None:
    scene = open_scene(kitti_object_folder)
    rig = scene.reader.read_rig(0)
    camera = rig.cameras["image_2"]
    points = scene.reader.read_point_cloud(0, "velo").xyz.astype(np.float64)
    rectified = files.rectify @ files.velo_to_cam @ np.c_[points, np.ones(len(points))].T
    homogeneous = files.project_2 @ np.vstack([rectified, np.ones(len(points))])
    expected = (homogeneous[:2] / homogeneous[2]).T
    camera_from_velo = rig.camera_from(camera, "velo", None, None)
    got = camera.model.project(points @ camera_from_velo[:3, :3].T + camera_from_velo[:3, 3])
    assert got.valid.all()
    np.testing.assert_allclose(got.pixels, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("velo_key", "rect_key"), [("Tr_velo_cam", "R_rect"), ("Tr_velo_to_cam", "R0_rect")]
)
def test_spellings_of_calibration_keys(
    kitti_object_folder: Path, files, velo_key: str, rect_key: str
) -> None:
    text = files.entry("P2", files.project_2)
    text += files.entry(rect_key, files.rectify) + files.entry(velo_key, files.velo_to_cam)
    for path in (kitti_object_folder / "calib").iterdir():
        path.write_text(text.replace(": ", " "))
    scene = open_scene(kitti_object_folder)
    assert scene.reader.read_rig(0).cameras["image_2"].model is not None
    assert not scene.reader.problems()


def test_a_bad_label_line_is_named_and_the_others_shown(kitti_object_folder: Path) -> None:
    path = kitti_object_folder / "label_2" / "000000.txt"
    lines = path.read_text().splitlines()
    path.write_text(
        "\n".join([lines[0], "Car 0.00 0 1.85 387.63", *lines[1:], "Van a" + " 0" * 14])
    )
    scene = open_scene(kitti_object_folder)
    labels = scene.reader.read_labels(0, "label_2")
    assert labels.cuboids.label_ids == ("000000:0", "000000:2")
    problems = scene.reader.problems()
    assert [problem.place for problem in problems] == ["line 2", "line 5"]
    assert "5 columns" in problems[0].message
    assert problems[0].source == str(path)


def test_negative_sizes_never_become_boxes(kitti_object_folder: Path) -> None:
    path = kitti_object_folder / "label_2" / "000000.txt"
    path.write_text("Car 0 0 0 10 5 60 30 -1 -1 -1 -1000 -1000 -1000 -10\n")
    scene = open_scene(kitti_object_folder)
    labels = scene.reader.read_labels(0, "label_2")
    assert len(labels.cuboids) == 0
    assert len(labels.boxes_2d) == 1
    assert "not positive" in scene.reader.problems()[0].message


def test_without_calibration_the_cloud_and_the_image_still_show(kitti_object_folder: Path) -> None:
    (kitti_object_folder / "calib" / "000000.txt").unlink()
    scene = open_scene(kitti_object_folder)
    rig = scene.reader.read_rig(0)
    assert rig.cameras["image_2"].model is None
    assert "no calibration" in (rig.cameras["image_2"].refusal or "")
    assert len(scene.reader.read_point_cloud(0, "velo")) == 500
    assert scene.reader.read_image(0, "image_2", None).pixels.shape == (37, 124, 4)
    labels = scene.reader.read_labels(0, "label_2")
    assert len(labels.cuboids) == 0
    assert len(labels.boxes_2d) == 3
    assert "000000.txt" in scene.reader.problems()[0].source
    assert scene.reader.read_rig(1).cameras["image_2"].model is not None


def test_a_missing_image_is_a_problem_of_its_frame(kitti_object_folder: Path) -> None:
    (kitti_object_folder / "image_2" / "000001.png").unlink()
    scene = open_scene(kitti_object_folder)
    assert [len(frame.images) for frame in scene.frames] == [1, 0]
    assert "the image is missing" in scene.reader.problems()[0].message
    assert scene.reader.read_rig(1).cameras["image_2"].model is None
    with pytest.raises(DamagedData, match=r"000001\.png"):
        scene.reader.read_image(1, "image_2", None)
    assert len(scene.reader.read_labels(1, "label_2").cuboids) == 2


def test_calibration_of_another_image_draws_nothing(kitti_object_folder: Path, files) -> None:
    files.write_image(kitti_object_folder / "image_2" / "000000.png", size=(40, 12))
    scene = open_scene(kitti_object_folder)
    camera = scene.reader.read_rig(0).cameras["image_2"]
    assert camera.model is None
    assert "40 x 12" in (camera.refusal or "")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("P2", "1 2 3"),
        ("P2", "x " * 12),
        ("Tr_velo_to_cam", "nan " * 12),
        ("R0_rect", "2 0 0 0 2 0 0 0 2"),
        ("P2", "0 " * 12),
    ],
)
def test_bad_calibration_entries_name_the_line(
    kitti_object_folder: Path, files, key: str, value: str
) -> None:
    entries = {
        "P2": files.entry("P2", files.project_2),
        "R0_rect": files.entry("R0_rect", files.rectify),
        "Tr_velo_to_cam": files.entry("Tr_velo_to_cam", files.velo_to_cam),
    }
    entries[key] = f"{key}: {value}\n"
    (kitti_object_folder / "calib" / "000000.txt").write_text("".join(entries.values()))
    scene = open_scene(kitti_object_folder)
    assert scene.reader.read_rig(0).cameras["image_2"].model is None
    (problem,) = scene.reader.problems()
    assert problem.place == f"line {list(entries).index(key) + 1} ({key})"


def test_training_and_testing_are_two_scenes(kitti_object_folder: Path) -> None:
    root = kitti_object_folder.with_name("kitti")
    (root / "testing").mkdir(parents=True)
    kitti_object_folder.rename(root / "training")
    for name in ("velodyne", "calib"):
        (root / "testing" / name).mkdir()
        for path in (root / "training" / name).iterdir():
            (root / "testing" / name / path.name).write_bytes(path.read_bytes())
    dataset = open_dataset(root)
    assert [scene.scene_id for scene in dataset.scenes] == ["training", "testing"]
    assert dataset.scenes[1].label_sets == ()


def test_real_frames_agree_with_the_development_kit(real_data: Path) -> None:
    expected = json.loads((real_data / "oracles" / "scene_expected.json").read_text())
    scene = open_scene(real_data / "scenes" / "kitti_object")
    for frame in scene.frames:
        truth = expected[f"kitti_object/{frame.key}"]
        rig = scene.reader.read_rig(frame.index)
        camera = rig.cameras["image_2"]
        assert [camera.model.width_px, camera.model.height_px] == truth["image_size"]
        cloud = scene.reader.read_point_cloud(frame.index, "velo")
        assert len(cloud) == truth["points"]
        matrix = rig.camera_from(camera, "velo", None, None)
        points_cam = cloud.xyz.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
        projection = camera.model.project(points_cam)
        seen = camera.model.in_image(projection.pixels) & (points_cam[:, 2] > 0)
        assert seen.sum() == truth["points_projecting_into_image_z>0"]
        first = np.c_[projection.pixels, points_cam[:, 2]][truth["first5_point_indices"]]
        np.testing.assert_allclose(first, truth["first5_points_uv_depth"], atol=6e-4)
        labels = scene.reader.read_labels(frame.index, "label_2").cuboids
        assert labels.class_names == tuple(each["type"] for each in truth["objects"])
        velo_from_cam0 = rig.transforms.transform("velo", labels.cuboids.coord_frame_id)
        boxes = labels.cuboids.transformed(velo_from_cam0)
        for row, each in enumerate(truth["objects"]):
            np.testing.assert_allclose(boxes.center[row], each["centre_velodyne_xyz"], atol=6e-5)
            count = int(boxes.count_points(cloud.xyz)[row])
            assert each["points_inside_box_shrunk_1cm"] <= count
            assert count <= each["points_inside_box_grown_1cm"]
            corners = boxes.corners()[row] @ matrix[:3, :3].T + matrix[:3, 3]
            pixels = camera.model.project(corners).pixels
            assert_same_points(pixels, each["corners_px"], 2e-3)


def test_real_boxes_equal_opencv(real_data: Path) -> None:
    scene = open_scene(real_data / "scenes" / "kitti_object")
    rig = scene.reader.read_rig(1)
    camera, labels = rig.cameras["image_2"], scene.reader.read_labels(1, "label_2").cuboids
    row = (real_data / "scenes/kitti_object/label_2/000001.txt").read_text().splitlines()[1].split()
    corners = devkit_corners(*(float(word) for word in row[8:15]))
    calib = (real_data / "scenes/kitti_object/calib/000001.txt").read_text().splitlines()
    project = np.array(calib[2].split()[1:], dtype=float).reshape(3, 4)
    offset = np.linalg.solve(project[:, :3], project[:, 3])
    expected, _ = cv2.projectPoints(corners, np.zeros(3), offset, project[:, :3], None)
    matrix = rig.camera_from(camera, "cam0", None, None)
    got = labels.cuboids.corners()[1] @ matrix[:3, :3].T + matrix[:3, 3]
    # The way leads through the lidar, by rotations that KITTI gives to seven digits.
    assert_same_points(camera.model.project(got).pixels, expected[:, 0], 5e-5)


def test_real_datumaro_sample(real_data: Path) -> None:
    scene = open_scene(real_data / "scenes/datumaro/kitti_dataset/kitti_3d")
    labels = scene.reader.read_labels(0, "label_2")
    assert labels.cuboids.class_names == ("Truck", "Car")
    size_hwl, bottom, rotation_y = kitti_from_cuboids(labels.cuboids.cuboids)
    assert size_hwl.tolist() == [[2.85, 2.63, 12.34], [1.86, 0.6, 2.02]]
    assert bottom.tolist() == [[0.47, 1.49, 69.44], [4.59, 1.32, 45.84]]
    assert rotation_y.tolist() == [-1.56, -1.55]
    assert [each["occluded"] for each in labels.cuboids.attributes] == [0, 3]
    assert len(scene.reader.read_point_cloud(0, "velo")) == 298080 // 16


def test_recognised_by_its_folders_only(tmp_path: Path, files) -> None:
    files.write_sweep(tmp_path / "velodyne" / "000000.bin")
    assert recognise(tmp_path)[0].name == "point_folder"
    files.write(tmp_path / "calib" / "000000.txt", files.entry("P2", files.project_2))
    assert recognise(tmp_path)[0].name == "kitti_object"
