import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from argoverse2_log import (
    CAMERA,
    IMAGE_OFFSETS_NS,
    IMAGE_SIZE,
    LENS,
    SWEEP_NS,
    annotations,
    columns_of,
    pose,
    sweep_columns,
    write_feather,
    write_log,
)
from pyquaternion import Quaternion

from viewer.formats.base import DamagedData, Match
from viewer.formats.catalog import open_dataset, recognise
from viewer.scene.labels import LabelSetKind
from viewer.scene.scene import Scene


def open_scene(root: Path) -> Scene:
    dataset = open_dataset(root)
    assert dataset.format_name == "argoverse2"
    (scene,) = dataset.scenes
    return scene


def turned(row: dict) -> np.ndarray:
    rotation = Quaternion(row["qw"], row["qx"], row["qy"], row["qz"]).normalised
    return rotation.rotation_matrix


def moved(row: dict) -> np.ndarray:
    return np.array([row["tx_m"], row["ty_m"], row["tz_m"]])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_log(tmp_path / "7fab2350")


def test_frames_are_sweeps_with_the_nearest_image(log: Path) -> None:
    scene = open_scene(log)
    assert scene.scene_id == "7fab2350"
    assert [frame.timestamp_ns for frame in scene.frames] == list(SWEEP_NS)
    assert [frame.key for frame in scene.frames] == [str(time) for time in SWEEP_NS]
    images = [frame.images[0].timestamp_ns - SWEEP_NS[0] for frame in scene.frames]
    assert images == [IMAGE_OFFSETS_NS[0], IMAGE_OFFSETS_NS[2]]
    assert scene.lidar_ids == ("lidar",)
    assert scene.camera_ids == ("ring_front_center",)
    assert scene.reader.read_image(0, "ring_front_center", None).full_width_px == IMAGE_SIZE[0]
    assert not scene.reader.problems()


def test_an_image_far_from_a_sweep_is_not_its_own(log: Path) -> None:
    folder = log / "sensors" / "cameras" / "ring_front_center"
    (folder / f"{SWEEP_NS[0] + IMAGE_OFFSETS_NS[2]}.jpg").unlink()
    (folder / f"{SWEEP_NS[0] + IMAGE_OFFSETS_NS[1]}.jpg").unlink()
    assert [len(frame.images) for frame in open_scene(log).frames] == [1, 0]


def test_points_are_exact_in_the_vehicle(log: Path) -> None:
    scene = open_scene(log)
    for index in range(2):
        cloud = scene.reader.read_point_cloud(index, "lidar")
        stored = sweep_columns(index)
        expected = np.stack([stored[axis] for axis in "xyz"], axis=1).astype(np.float64)
        assert cloud.xyz.dtype == np.float32
        assert np.array_equal(cloud.xyz.astype(np.float64), expected)
        assert list(cloud.fields) == ["intensity", "laser_number", "offset_ns"]
        for name, values in cloud.fields.items():
            assert values.dtype == stored[name].dtype
            assert np.array_equal(values, stored[name])
        assert cloud.coord_frame_id == "ego"
        assert cloud.timestamp_ns == SWEEP_NS[index]


def test_boxes_project_as_opencv_through_the_poses_of_both_times(log: Path) -> None:
    scene = open_scene(log)
    rig = scene.reader.read_rig(0)
    camera = rig.cameras["ring_front_center"]
    assert camera.model.name == "pinhole"  # k1 k2 k3 are of images that nobody gets
    cuboids = scene.reader.read_labels(0, "annotations").cuboids.cuboids
    corners = cuboids.corners()[0]
    matrix = rig.camera_from(
        camera, cuboids.coord_frame_id, scene.frames[0].images[0].timestamp_ns, SWEEP_NS[0]
    )
    at_sweep = pose(0)
    at_image = pose(IMAGE_OFFSETS_NS[0] / (SWEEP_NS[1] - SWEEP_NS[0]))
    city = corners @ turned(at_sweep).T + moved(at_sweep)
    vehicle = (city - moved(at_image)) @ turned(at_image)
    seen = (vehicle - moved(CAMERA)) @ turned(CAMERA)
    np.testing.assert_allclose(corners @ matrix[:3, :3].T + matrix[:3, 3], seen, atol=1e-8)
    intrinsic = np.array(
        [[LENS["fx_px"], 0, LENS["cx_px"]], [0, LENS["fy_px"], LENS["cy_px"]], [0, 0, 1]]
    )
    expected, _ = cv2.projectPoints(seen, np.zeros(3), np.zeros(3), intrinsic, None)
    np.testing.assert_allclose(camera.model.project(seen).pixels, expected[:, 0], atol=1e-9)


def test_labels_keep_tracks_counts_and_size_order(log: Path) -> None:
    scene = open_scene(log)
    labels = scene.reader.read_labels(0, "annotations").cuboids
    assert labels.track_ids == ("car-uuid", "walker-uuid")
    assert labels.class_names == ("REGULAR_VEHICLE", "PEDESTRIAN")
    assert labels.attributes == ({"num_interior_pts": 3}, {"num_interior_pts": 3})
    assert labels.cuboids.size[0].tolist() == [4.5, 1.9, 1.6]
    assert labels.timestamp_ns == SWEEP_NS[0]
    front = labels.cuboids.corners()[0][4:].mean(axis=0)
    expected = [12.0 + 2.25 * np.cos(0.4), 2.0 + 2.25 * np.sin(0.4), 0.5]
    np.testing.assert_allclose(front, expected, atol=1e-12)
    later = scene.reader.read_labels(1, "annotations").cuboids
    assert later.label_ids == (f"car-uuid@{SWEEP_NS[1]}",)
    assert np.isnan(later.scores).all()


def test_annotated_times_without_a_sweep_are_frames_too(log: Path) -> None:
    (log / "sensors" / "lidar" / f"{SWEEP_NS[1]}.feather").unlink()
    scene = open_scene(log)
    assert [len(frame.sweeps) for frame in scene.frames] == [1, 0]
    assert len(scene.reader.read_labels(1, "annotations").cuboids) == 1
    assert "the sweep is missing" in scene.reader.problems()[0].message
    with pytest.raises(DamagedData, match="missing"):
        scene.reader.read_point_cloud(1, "lidar")


def test_a_scored_table_is_a_set_of_predictions(log: Path) -> None:
    rows = [
        {**row, "score": 0.25 + index, "log_id": "7fab2350"}
        for index, row in enumerate(annotations())
    ]
    rows[1]["log_id"] = "another log"
    for row in rows:
        del row["num_interior_pts"]
    write_feather(log / "detections.feather", columns_of(rows))
    scene = open_scene(log)
    kinds = [(each.label_set_id, each.kind) for each in scene.label_sets]
    assert kinds[1] == ("detections", LabelSetKind.PREDICTIONS)
    labels = scene.reader.read_labels(0, "detections").cuboids
    assert labels.scores.tolist() == [0.25]
    assert labels.attributes == ({},)


def test_rows_that_are_no_boxes_are_named(log: Path) -> None:
    rows = annotations()
    rows[0]["length_m"] = -1.0
    rows[2] |= {"qw": 0.0, "qz": 0.0}
    write_feather(log / "annotations.feather", columns_of(rows))
    scene = open_scene(log)
    assert [len(scene.reader.read_labels(index, "annotations").cuboids) for index in (0, 1)] == [
        1,
        0,
    ]
    assert [problem.place for problem in scene.reader.problems()] == ["row 0", "row 2"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tx_m": None}, "the column is missing"),
        ({"tx_m": ["a", "b", "c"]}, "holds string"),
        ({"timestamp_ns": [1.5, 2.5, 3.5]}, "holds double"),
        ({"timestamp_ns": [1, None, 3]}, "empty values"),
        ({"category": [1, 2, 3]}, "not text"),
    ],
)
def test_a_column_that_does_not_fit_is_named(log: Path, change: dict, message: str) -> None:
    columns = columns_of(annotations()) | change
    write_feather(
        log / "annotations.feather",
        {key: each for key, each in columns.items() if each is not None},
    )
    scene = open_scene(log)
    (problem,) = scene.reader.problems()
    assert message in problem.message
    assert problem.place == next(iter(change))
    assert scene.label_sets == ()
    assert len(scene.reader.read_point_cloud(0, "lidar")) == 400


def test_a_dictionary_column_is_text(log: Path) -> None:
    import pyarrow as pa

    columns = columns_of(annotations())
    columns["category"] = pa.array(columns["category"]).dictionary_encode()
    write_feather(log / "annotations.feather", columns)
    labels = open_scene(log).reader.read_labels(1, "annotations").cuboids
    assert labels.class_names == ("REGULAR_VEHICLE",)


def test_without_calibration_points_still_show(log: Path) -> None:
    (log / "calibration" / "intrinsics.feather").write_bytes(b"FEA1")
    scene = open_scene(log)
    camera = scene.reader.read_rig(0).cameras["ring_front_center"]
    assert camera.model is None
    assert "lens is missing" in (camera.refusal or "")
    assert "no Feather file" in scene.reader.problems()[0].message
    assert "lidar" in scene.reader.read_rig(0).lidars


def test_an_incomplete_pose_table_names_its_row(log: Path) -> None:
    rows = [{"timestamp_ns": time, **pose(index)} for index, time in enumerate(SWEEP_NS)]
    rows[0]["tx_m"] = float("nan")
    write_feather(log / "city_SE3_egovehicle.feather", columns_of(rows))
    scene = open_scene(log)
    assert scene.reader.read_rig(0).ego_coord_frame_id == "ego"
    assert scene.reader.problems()[0].place == "row 0"
    rows[1]["qw"] = rows[1]["qz"] = 0.0
    write_feather(log / "city_SE3_egovehicle.feather", columns_of(rows))
    with pytest.raises(DamagedData, match="no pose"):
        open_scene(log).reader.read_rig(0)


def test_a_split_has_a_scene_a_log(log: Path) -> None:
    write_log(log.with_name("other"))
    (log.parent / "not a log").mkdir()
    assert recognise(log.parent)[0].name == "argoverse2"
    assert [scene.scene_id for scene in open_dataset(log.parent).scenes] == ["7fab2350", "other"]


def test_logs_among_other_scenes_keep_none_of_them_out(log: Path, files) -> None:
    for name in ("first", "second", "third"):
        files.write_sweep(log.parent / name / "lidar" / "0.bin", count=9)
        assert recognise(log.parent)[1] == (Match.POSSIBLE if name != "first" else Match.CERTAIN)
    dataset = open_dataset(log.parent)
    assert [scene.format_name for scene in dataset.scenes] == ["argoverse2", *["point_folder"] * 3]


def test_without_annotations_it_opens(log: Path) -> None:
    (log / "annotations.feather").unlink()
    scene = open_scene(log)
    assert scene.label_sets == ()
    assert len(scene.frames) == 2


def test_real_counts_are_those_of_the_dataset(real_data: Path) -> None:
    """81 of 81 boxes hold as many points as the dataset says."""
    expected = json.loads((real_data / "oracles" / "scene_expected.json").read_text())
    truth = expected["argoverse2_7fab2350"]
    scene = open_scene(real_data / "scenes" / "argoverse2_7fab2350")
    index = scene.frame_index_of(truth["sweep"])
    cloud = scene.reader.read_point_cloud(index, "lidar")
    labels = scene.reader.read_labels(index, "annotations").cuboids
    assert len(cloud) == truth["points"]
    counts = labels.cuboids.count_points(cloud.xyz).tolist()
    got = dict(zip(labels.track_ids, zip(labels.class_names, counts, strict=True), strict=True))
    assert len(got) == truth["rows_this_sweep"] == 81
    for box in truth["boxes"]:
        assert got[box["track_uuid"]] == (box["category"], box["num_interior_pts"])
    stored = [attributes["num_interior_pts"] for attributes in labels.attributes]
    assert counts == stored
    total = sum(
        len(scene.reader.read_labels(frame.index, "annotations").cuboids) for frame in scene.frames
    )
    assert total == truth["annotation_rows_total"]


def test_real_calibration(real_data: Path) -> None:
    scene = open_scene(real_data / "scenes" / "argoverse2_7fab2350")
    rig = scene.reader.read_rig(0)
    assert len(rig.cameras) == 9
    lens = rig.cameras["ring_front_center"].model
    assert (lens.width_px, lens.height_px, lens.fx) == (1550, 2048, 1776.0414843455)
    # The camera looks forward along the vehicle's x, its image is upright.
    time_ns = scene.frames[0].timestamp_ns
    ego_from_camera = rig.transforms.transform("ego", "ring_front_center", time_ns)
    np.testing.assert_allclose(ego_from_camera.rotate(np.eye(3)[2:]), [[1, 0, 0]], atol=0.02)
    np.testing.assert_allclose(ego_from_camera.rotate(np.eye(3)[1:2]), [[0, 0, -1]], atol=0.02)


def test_times_of_today_have_nineteen_digits(log: Path) -> None:
    folder = log / "sensors" / "lidar"
    sweep = folder / f"{SWEEP_NS[0]}.feather"
    (folder / "1718100003230739000.feather").write_bytes(sweep.read_bytes())
    (folder / f"{2**63}.feather").write_bytes(sweep.read_bytes())
    scene = open_scene(log)
    assert scene.frames[-1].timestamp_ns == 1_718_100_003_230_739_000
    assert len(scene.frames) == 3
    assert "not named after a time" in scene.reader.problems()[0].message
