import json
from pathlib import Path

import numpy as np
import pytest
from index_facts import facts

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.growth import grown
from viewer.formats.kitti_tracking import format as tracking_format
from viewer.progress import Cancelled, JobContext, running
from viewer.scene.labels import LabelSetKind
from viewer.scene.scene import Scene


def open_scene(root: Path) -> Scene:
    dataset = open_dataset(root)
    assert dataset.format_name == "kitti_tracking"
    (scene,) = dataset.scenes
    return scene


def test_frames_run_ten_a_second(kitti_tracking_folder: Path) -> None:
    scene = open_scene(kitti_tracking_folder)
    assert scene.scene_id == "0003"
    assert [frame.key for frame in scene.frames] == ["000000", "000001", "000002"]
    assert [frame.timestamp_ns for frame in scene.frames] == [0, 100_000_000, 200_000_000]
    assert [len(frame.sweeps) for frame in scene.frames] == [1, 0, 1]
    assert not scene.independent
    assert [(each.label_set_id, each.kind) for each in scene.label_sets] == [
        ("label_02", LabelSetKind.GROUND_TRUTH),
        ("predictions", LabelSetKind.PREDICTIONS),
    ]
    (problem,) = scene.reader.problems()
    assert problem.source.endswith("velodyne/0003/000001.bin")
    with pytest.raises(DamagedData, match=r"000001\.bin"):
        scene.reader.read_point_cloud(1, "velo")


def test_tracks_last_and_dont_care_is_flat(kitti_tracking_folder: Path) -> None:
    scene = open_scene(kitti_tracking_folder)
    first = scene.reader.read_labels(0, "label_02")
    assert first.cuboids.class_names == ("Car", "Pedestrian")
    assert first.cuboids.track_ids == ("2", "5")
    assert first.cuboids.label_ids == ("0003:1", "0003:2")
    assert first.boxes_2d.class_names == ("DontCare", "Car", "Pedestrian")
    assert first.boxes_2d.track_ids == (None, "2", "5")
    assert set(first.boxes_2d.sensor_ids) == {"image_02"}
    assert first.cuboids.cuboids.size[0].tolist() == [4.0, 1.6, 1.5]
    np.testing.assert_allclose(first.cuboids.cuboids.center[0], [-3.0, 1.70 - 0.75, 20.0])
    assert first.cuboids.attributes[0]["occluded"] == 1
    assert len(scene.reader.read_labels(1, "label_02").cuboids) == 0
    last = scene.reader.read_labels(2, "label_02").cuboids
    assert last.track_ids == ("2",)
    assert last.timestamp_ns == 200_000_000
    tracked = scene.reader.read_labels(0, "predictions").cuboids
    assert tracked.scores.tolist() == [10.25]
    assert tracked.attributes[0]["rotation_y"] == -14.15


def test_projection_equals_the_development_kit(kitti_tracking_folder: Path, files) -> None:
    scene = open_scene(kitti_tracking_folder)
    rig = scene.reader.read_rig(0)
    camera = rig.cameras["image_02"]
    points = scene.reader.read_point_cloud(2, "velo").xyz.astype(np.float64)
    rectified = files.rectify @ files.velo_to_cam @ np.c_[points, np.ones(len(points))].T
    homogeneous = files.project_2 @ np.vstack([rectified, np.ones(len(points))])
    expected = (homogeneous[:2] / homogeneous[2]).T
    time_ns = scene.frames[2].timestamp_ns
    matrix = rig.camera_from(camera, "velo", time_ns, time_ns)
    got = camera.model.project(points @ matrix[:3, :3].T + matrix[:3, 3])
    # The way leads through the vehicle, by rotations that KITTI gives to seven digits.
    np.testing.assert_allclose(got.pixels, expected, atol=5e-5)
    assert (camera.model.width_px, camera.model.height_px) == files.image_size


def test_the_vehicle_moves_as_oxts_says(kitti_tracking_folder: Path, files) -> None:
    """Between frames 1e-5 degrees to the north: 6378137 m times the angle, to Mercator's scale."""
    scene = open_scene(kitti_tracking_folder)
    rig = scene.reader.read_rig(0)
    assert rig.ego_coord_frame_id == "ego"
    first, second = (
        rig.transforms.transform("world", "ego", frame * 100_000_000).translation
        for frame in (0, 1)
    )
    north_m = 6378137.0 * np.radians(1e-5)
    east_m = 6378137.0 * np.radians(2e-5) * np.cos(np.radians(49.0))
    np.testing.assert_allclose(second - first, [east_m, north_m, 0.1], atol=1e-3)
    velo_from_ego = rig.transforms.transform("velo", "ego", 0, src_ns=0).matrix[:3]
    np.testing.assert_allclose(velo_from_ego, files.imu_to_velo, atol=1e-5)


def test_bad_lines_are_named_and_the_others_shown(kitti_tracking_folder: Path) -> None:
    path = kitti_tracking_folder / "label_02" / "0003.txt"
    rows = path.read_text()
    path.write_text("0 1 Car 0 0\nx" + rows[1:] + "9" * 30 + rows[1:80].split("\n")[0] + "\n")
    scene = open_scene(kitti_tracking_folder)
    places = [each.place for each in scene.reader.problems() if each.source == str(path)]
    assert places == ["line 1", "line 2", "line 6"]
    assert len(scene.reader.read_labels(0, "label_02").cuboids) == 2


def test_without_calibration_boxes_have_no_place(kitti_tracking_folder: Path) -> None:
    (kitti_tracking_folder / "calib" / "0003.txt").unlink()
    scene = open_scene(kitti_tracking_folder)
    labels = scene.reader.read_labels(0, "label_02")
    assert len(labels.cuboids) == 0
    assert len(labels.boxes_2d) == 3
    assert "no calibration" in (scene.reader.read_rig(0).cameras["image_02"].refusal or "")
    assert len(scene.reader.read_point_cloud(0, "velo")) == 500


def test_labels_alone_stand_upright(kitti_tracking_folder: Path) -> None:
    scene = open_scene(kitti_tracking_folder / "label_02")
    assert len(scene.frames) == 3
    assert not scene.lidar_ids
    assert not scene.camera_ids
    boxes = scene.reader.read_labels(0, "label_02").cuboids.cuboids
    rig = scene.reader.read_rig(0)
    assert boxes.coord_frame_id == "cam0"
    placed = boxes.transformed(rig.transforms.transform("world", "cam0"))
    # 20 m ahead, 3 m to the left, its middle 0.95 m below the camera; driving away at -1.57.
    np.testing.assert_allclose(placed.center[0], [20.0, 3.0, -0.95], atol=1e-12)
    np.testing.assert_allclose(placed.rotation_matrices()[0][:, 2], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(placed.rotation_matrices()[0][:, 0], [1, 0, 0], atol=1e-3)
    assert not scene.reader.problems()


def test_a_tree_with_training_and_testing(kitti_tracking_folder: Path, files) -> None:
    testing = kitti_tracking_folder.with_name("testing")
    files.write(testing / "calib" / "0000.txt", files.entry("P2", files.project_2))
    files.write_image(testing / "image_02" / "0000" / "000000.png")
    dataset = open_dataset(kitti_tracking_folder.parent)
    assert dataset.format_name == "kitti_tracking"
    assert [scene.scene_id for scene in dataset.scenes] == ["training/0003", "testing/0000"]


def test_kitti_object_is_another_format(kitti_object_folder: Path) -> None:
    assert recognise(kitti_object_folder)[0].name == "kitti_object"


def test_real_sequences_agree_with_the_evaluation(real_data: Path) -> None:
    """Frames as the tracking evaluation counts them, and no cuboid from DontCare."""
    folder = real_data / "eval" / "kitti_tracking"
    expected = json.loads((folder / "expected_tracking.json").read_text())
    dataset = open_dataset(folder)
    assert [scene.scene_id for scene in dataset.scenes] == expected["sequences"]
    combined = expected["trackeval_2d"]["combined"]["CLEAR"]
    assert sum(len(scene.frames) for scene in dataset.scenes) == combined["CLR_Frames"]
    for scene in dataset.scenes:
        for label_set in scene.label_sets:
            file = folder / label_set.label_set_id / f"{scene.scene_id}.txt"
            words = [line.split() for line in file.read_text().splitlines()]
            objects = [row for row in words if row[2] != "DontCare"]
            tracks, count = set(), 0
            for frame in scene.frames:
                labels = scene.reader.read_labels(frame.index, label_set.label_set_id).cuboids
                count += len(labels)
                tracks |= set(labels.track_ids)
                assert (labels.cuboids.size > 0).all()
                assert "DontCare" not in labels.class_names
            assert count == len(objects)
            assert tracks == {row[1] for row in objects}
        assert not scene.reader.problems()
        kinds = [each.kind for each in scene.label_sets]
        assert kinds == [LabelSetKind.GROUND_TRUTH, LabelSetKind.PREDICTIONS]


def test_the_first_sequences_are_shown_while_the_others_are_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(tracking_format, "SHOWN_SEQUENCES", 2)
    line = "Car 0 0 -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59"
    for split, count in (("training", 4), ("testing", 2)):
        for number in range(count):
            path = tmp_path / "data" / split / "label_02" / f"{number:04d}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            # The second sequence has no frame.
            path.write_text("" if number == 1 else f"{number} 7 {line}\n")
    first = open_dataset(tmp_path / "data", growing=True)
    assert [scene.scene_id for scene in first.scenes] == ["training/0000", "training/0002"]
    context = JobContext(lambda progress: context.cancel() if progress.done == 4 else None)
    with running(context), pytest.raises(Cancelled):
        grown(first)
    whole = grown(first)
    assert [scene.scene_id for scene in whole.scenes] == [
        "training/0000", "training/0002", "training/0003", "testing/0000",
    ]  # fmt: skip
    assert [len(scene) for scene in whole.scenes] == [1, 3, 4, 1]
    for early, late in zip(first.scenes, whole.scenes, strict=False):
        assert early is late
    assert whole.scenes[2].reader.read_labels(3, "label_02").boxes_2d.track_ids == ("7",)
    again = open_dataset(tmp_path / "data")
    assert [scene.scene_id for scene in again.scenes] == [each.scene_id for each in whole.scenes]
    assert facts(again) == facts(whole)
