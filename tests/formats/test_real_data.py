"""All real files: each opens as what it is, or is known to be no scene; and the traps in them."""

import fnmatch
import json
import math
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from viewer.formats.base import DamagedData, Match, UnknownFormat
from viewer.formats.calibration.catalog import read_calibration
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.survey import all_problems
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.catalog import writer_by_name
from viewer.geometry.cameras import BrownConrady
from viewer.progress import JobContext

SCENES = {
    "bin/mmdet3d/semantickitti": "semantic_kitti",
    "eval/kitti_tracking": "kitti_tracking",
    "labels/dataloop": "dataloop",
    "labels/openlabel": "openlabel",
    "labels/openlabel_kitti_tracking": "openlabel",
    "labels/scale_nucleus": "nucleus",
    "scenes/argoverse2_7fab2350": "argoverse2",
    "scenes/dataloop": "dataloop",
    "scenes/datumaro/kitti_dataset/kitti_3d": "kitti_object",
    "scenes/datumaro/kitti_dataset/kitti_raw": "kitti_raw",
    "scenes/datumaro/sly_pointcloud_dataset": "supervisely",
    "scenes/fisheye_surround": "point_folder",
    "scenes/kitti_object": "kitti_object",
    "scenes/labelcloud": "labelcloud",
    "scenes/lyft_tables": "nuscenes",
    "scenes/pandaset_scale": "point_folder",
    "scenes/sensorscalib_l2c_1": "point_folder",
    "scenes/sustechpoints": "sustechpoints",
    "scenes/t4dataset_sample": "nuscenes",
}
"""Folders of one scene or dataset each, and what they are."""
NO_SCENE = {
    "SOURCES.md": "text",
    "MANIFEST*.json": "checksums",
    "oracles/*": "figures to compare with",
    "calib/*": "cameras without a recording; read by the calibration readers",
    "e57/*": "E57 is no format here yet",
    "other_points/autzen.pts": "rows of numbers that say not what they are",
    "other_points/diamond.xyz": "rows of numbers that say not what they are",
    "eval/argoverse2_unit/*": "boxes of many logs without a log",
    "eval/iou3d_cases.json": "figures to compare with",
    "eval/kitti_ap_*": "KITTI labels without the calibration that says where they lie",
    "eval/nuscenes_devkit_mock/expected.json": "figures to compare with",
    "labels/openlabel/openlabel_json_schema-v1.0.0.json": "the schema itself",
    "*.zip": "packed; what is inside opens when unpacked",
}
"""Files that no format claims, nor any folder that is a scene, and why."""
REFUSED = {
    "mcap/example.mcap": "holds no point clouds and no images",
    "pcd/pypcd4/ascii_empty.pcd": "is empty",
    "pcd/pypcd4/ascii_invalid_header.pcd": "no PCD header entry",
    "scenes/labelcloud/labels/segmentation/exemplary.bin": "no whole number of float32",
}
"""Files that a format claims by their name and that hold nothing it could show."""
TOLD = {
    "labels/openlabel": ["val: is not a list of numbers"],
    "labels/scale_nucleus": ["81 annotations belong", "70 annotations belong", "8 files of the"],
    "scenes/argoverse2_7fab2350": ["155 frames lack their sweep"],
    "scenes/dataloop": ["taken as lidar_from_camera", "that its scene names is missing"],
    "scenes/datumaro/kitti_dataset/kitti_raw": ["size that is not positive", "is missing"],
    "scenes/lyft_tables": ["is missing"],
}
"""What is wrong with whole scenes, as it is told: rows left out, files that were never there."""


def told(path: Path, format_name: str | None = None) -> list[str]:
    """Open a path, read all of it, and return what is wrong."""
    dataset = open_dataset(path, format_name)
    assert dataset.scenes
    assert all(scene.frames for scene in dataset.scenes)
    try:
        return [str(problem) for problem in all_problems(dataset, JobContext())]
    finally:
        dataset.close()


@pytest.mark.parametrize("name", SCENES)
def test_each_real_scene_opens_as_what_it_is(real_data: Path, name: str) -> None:
    format_, match = recognise(real_data / name)
    assert format_.name == SCENES[name]
    assert match > Match.POSSIBLE or format_.name == "point_folder"
    found = told(real_data / name)
    expected = TOLD.get(name, [])
    assert all(any(each in problem for each in expected) for problem in found), found
    assert all(any(each in problem for problem in found) for each in expected), found


def test_each_real_file_is_a_scene_or_part_of_one_or_known_to_be_none(real_data: Path) -> None:
    lost, refused = [], {}
    for path in sorted(each for each in real_data.rglob("*") if each.is_file()):
        name = path.relative_to(real_data).as_posix()
        try:
            recognise(path)
        except UnknownFormat:
            inside = any(name.startswith(f"{folder}/") for folder in SCENES)
            if not inside and not any(fnmatch.fnmatch(name, each) for each in NO_SCENE):
                lost.append(name)
            continue
        try:
            problems = told(path)
        except DamagedData as damage:
            problems = [str(damage)]
        if name in REFUSED:
            refused[name] = " ".join(problems)
        else:
            about = [each for folder in TOLD if name.startswith(folder) for each in TOLD[folder]]
            assert all(any(each in problem for each in about) for problem in problems), problems
    assert not lost
    assert set(refused) == set(REFUSED)
    for name, problem in refused.items():
        assert REFUSED[name] in problem


def test_no_reason_is_kept_for_files_that_open(real_data: Path) -> None:
    for pattern in NO_SCENE:
        for path in (each for each in real_data.glob(pattern) if each.is_file()):
            with pytest.raises(UnknownFormat):
                recognise(path)


@pytest.mark.parametrize(
    ("name", "format_name", "frame_count"),
    [
        ("labels/openlabel/openlabel_json_files.zip", "openlabel", 2),
        ("scenes/cvat/test_canvas3d.zip", "point_folder", 3),
        ("scenes/cvat/test_pointcloud_pcd.zip", "point_folder", 1),
        ("scenes/cvat/test_velodyne_points.zip", "kitti_raw", 1),
    ],
)
def test_what_is_packed_opens_unpacked(
    real_data: Path, tmp_path: Path, name: str, format_name: str, frame_count: int
) -> None:
    with zipfile.ZipFile(real_data / name) as packed:
        packed.extractall(tmp_path)
    dataset = open_dataset(tmp_path)
    assert dataset.format_name == format_name
    assert sum(len(scene.frames) for scene in dataset.scenes) == frame_count
    problems = [str(each) for each in all_problems(dataset, JobContext())]
    known = ("is not declared; it is taken for the world", "nothing is drawn over the images")
    assert all(each.endswith(known) for each in problems)


@pytest.mark.parametrize("sequence", ["0006", "0012"])
def test_no_cuboid_of_openlabel_is_made_of_dontcare(real_data: Path, sequence: str) -> None:
    """The files hold 9 numbers for each DontCare row of the text too, with sizes below zero."""
    name = f"labels/openlabel_kitti_tracking/openlabel100_kitti_tracking_{sequence}.json"
    text = (real_data / f"eval/kitti_tracking/label_02/{sequence}.txt").read_text()
    rows = [line.split() for line in text.splitlines()]
    ignored = sum(row[2] == "DontCare" for row in rows)
    assert ignored > 0
    (scene,) = open_dataset(real_data / name).scenes
    pairs = set()
    for frame in scene.frames:
        labels = scene.reader.read_labels(frame.index, "objects").cuboids
        assert (labels.cuboids.size > 0).all()
        own = [index for index, each in enumerate(labels.class_names) if each != "Egocar"]
        pairs |= {(frame.key, labels.track_ids[i], labels.class_names[i]) for i in own}
    assert pairs == {tuple(row[:3]) for row in rows if row[2] != "DontCare"}


@pytest.mark.parametrize("sequence", ["0006", "0012", "0013", "0018"])
def test_the_tracker_s_turns_far_beyond_a_circle_turn_the_same_way(
    real_data: Path, sequence: str
) -> None:
    """Real output of a tracker: rotation_y down to -14, alpha -10, no truncation or occlusion."""
    folder = real_data / "eval" / "kitti_tracking"
    rows = [line.split() for line in (folder / "pred" / f"{sequence}.txt").read_text().splitlines()]
    assert max(abs(float(row[16])) for row in rows) > 2 * np.pi
    (scene,) = [each for each in open_dataset(folder).scenes if each.scene_id == sequence]
    found = {}
    for frame in scene.frames:
        labels = scene.reader.read_labels(frame.index, "pred").cuboids
        fronts = labels.cuboids.rotation_matrices()[:, :, 0]
        for index, track_id in enumerate(labels.track_ids):
            found[frame.key, track_id] = (fronts[index], labels.attributes[index])
    assert len(found) == len(rows)
    for row in rows:
        front, attributes = found[f"{int(row[0]):06d}", row[1]]
        assert [attributes[name] for name in ("truncated", "occluded", "alpha")] == [-1, -1, -10]
        # The camera's y points down: a turn about it takes x towards -z.
        turn = float(row[16])
        np.testing.assert_allclose(front, [np.cos(turn), 0, -np.sin(turn)], atol=1e-12)


def test_folded_points_of_the_front_camera_are_not_drawn(real_data: Path) -> None:
    """What the raw formula brings back into the image from beyond where its polynomial turns."""
    (scene,) = open_dataset(real_data / "scenes" / "pandaset_scale").scenes
    file = real_data / "calib" / "pandaset_static_extrinsic_calibration.yaml"
    (front,) = [each for each in read_calibration(file) if each.camera_id == "front_camera"]
    k1, k2, p1, p2, k3 = front.lens.distortion
    assert (k1, k3) == (-0.5894, -1.0088)
    rig = scene.reader.read_rig(0)
    plain = rig.cameras["front_camera"].model
    lens = BrownConrady(
        plain.width_px, plain.height_px, fx=plain.fx, fy=plain.fy, cx=plain.cx, cy=plain.cy,
        k1=k1, k2=k2, p1=p1, p2=p2, k3=k3,
    )  # fmt: skip
    cloud = scene.reader.read_point_cloud(0, "pointcloud")
    matrix = rig.camera_from(rig.cameras["front_camera"], cloud.coord_frame_id, None, None)
    points = cloud.xyz.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
    x, y = (points[:, :2] / points[:, 2:]).T
    # r (1 + k1 r^2 + k2 r^4 + k3 r^6) turns round where its derivative is zero.
    turns = np.roots([7 * k3, 0, 5 * k2, 0, 3 * k1, 0, 1])
    fold = min(turn.real for turn in turns if abs(turn.imag) < 1e-12 and turn.real > 0)
    assert round(fold, 4) == 0.7176
    r2 = x**2 + y**2
    radial = 1 + k1 * r2 + k2 * r2**2 + k3 * r2**3
    u = plain.fx * (x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x**2)) + plain.cx
    v = plain.fy * (y * radial + p1 * (r2 + 2 * y**2) + 2 * p2 * x * y) + plain.cy
    ahead = points[:, 2] > 0.1
    inside = ahead & (u >= 0) & (u < plain.width_px) & (v >= 0) & (v < plain.height_px)
    assert inside.sum() == 82_869
    seen = lens.project(points)
    drawn = seen.valid & ahead & lens.in_image(seen.pixels)
    radius = np.sqrt(r2)
    assert (inside & (radius > fold)).sum() > 5_000
    assert not (drawn & (radius > fold)).any()
    # What comes as near to the fold as this may stay away: its pixel says little.
    clear = abs(radius - fold) > 1e-3
    np.testing.assert_array_equal(drawn[clear], (inside & (radius < fold))[clear])


class Stranger:
    """A reader of another kind: a writer has the model alone, and no row to copy."""

    def __init__(self, reader: Any) -> None:
        self.read_rig = reader.read_rig
        self.read_point_cloud = reader.read_point_cloud
        self.read_image = reader.read_image
        self.read_labels = reader.read_labels
        self.problems = reader.problems
        self.close = reader.close


def rebuilt(source: Path, format_name: str, target: Path) -> list[dict[str, Any]]:
    """Write the labels of a payload from the model, and return the rows of all files."""
    dataset = open_dataset(source)
    assert dataset.format_name == format_name
    scenes = [replace(scene, reader=Stranger(scene.reader)) for scene in dataset.scenes]
    writer_by_name(format_name).write(scenes, target, JobContext(), WriteOptions())
    documents = [json.loads(path.read_text()) for path in sorted(target.rglob("*.json"))]
    return [
        row for each in documents for key in ("annotations", "predictions")
        for row in each.get(key, ())
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["annotations", "predictions"])
def test_scale_rows_made_anew_from_the_model_are_the_vendor_s(
    real_data: Path, tmp_path: Path, kind: str
) -> None:
    source = real_data / "labels" / "scale_nucleus" / f"cuboid_{kind}_payload.json"
    expected = json.loads(source.read_text())[kind]
    found = rebuilt(source, "nucleus", tmp_path / "out")
    assert len(found) == len(expected) > 60
    for mine, theirs in zip(found, expected, strict=True):
        # A heading goes through a quaternion: whole turns are lost, and the last bit may move.
        turned = mine["geometry"].pop("yaw") - theirs["geometry"].pop("yaw")
        assert abs(math.remainder(turned, math.tau)) < 1e-14
        assert mine == theirs


def test_dataloop_rows_made_anew_from_the_model_are_the_vendor_s(
    real_data: Path, tmp_path: Path
) -> None:
    source = real_data / "labels" / "dataloop" / "cube_3d_annotations.json"
    expected = json.loads(source.read_text())["annotations"]
    found = rebuilt(source, "dataloop", tmp_path / "out")
    assert len(found) == len(expected) > 30
    for mine, theirs in zip(found, expected, strict=True):
        turns = [list(each["coordinates"].pop("rotation").values()) for each in (mine, theirs)]
        np.testing.assert_allclose(*turns, rtol=0, atol=1e-15)
        for key in ("type", "label", "coordinates"):
            assert mine[key] == theirs[key]
        assert mine["metadata"]["user"] == theirs["metadata"]["user"]
        assert mine["metadata"]["system"]["objectId"] == theirs["metadata"]["system"]["objectId"]
