"""Readers over files with bytes changed, cut or repeated: only clear errors, never a crash."""

import os
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from byte_mutations import mutated

from viewer.formats.base import DamagedData, UnknownFormat
from viewer.formats.calibration.catalog import read_calibration
from viewer.formats.catalog import open_dataset
from viewer.formats.scene_pack.writer import write_scene_pack
from viewer.progress import JobContext

ROUNDS = 5000 if os.environ.get("SIGHTLINE_LONG") else 200


def read_all(root: Path) -> None:
    """Read everything there is; every failure must be of the named kinds."""
    try:
        dataset = open_dataset(root)
    except (DamagedData, UnknownFormat):
        return
    for scene in dataset.scenes:
        reader = scene.reader
        for frame in scene.frames:
            calls: list[Callable[[], object]] = [partial(reader.read_rig, frame.index)]
            for sweep in frame.sweeps:
                calls.append(partial(reader.read_point_cloud, frame.index, sweep.sensor_id))
            for image in frame.images:
                calls.append(partial(reader.read_image, frame.index, image.sensor_id, None))
            for label_set in scene.label_sets:
                calls.append(partial(reader.read_labels, frame.index, label_set.label_set_id))
            for call in calls:
                try:
                    call()
                except DamagedData:
                    continue
        assert all(problem.message for problem in scene.reader.problems())
    dataset.close()


def shake(root: Path, victims: list[Path], seed: int) -> None:
    generator = random.Random(seed)
    originals = {path: path.read_bytes() for path in victims}
    for _ in range(ROUNDS):
        path = generator.choice(victims)
        path.write_bytes(mutated(originals[path], generator))
        read_all(root)
        path.write_bytes(originals[path])


def test_kitti_object(kitti_object_folder: Path) -> None:
    victims = [path for path in kitti_object_folder.rglob("*.*") if path.suffix in (".txt", ".png")]
    shake(kitti_object_folder, victims, 1)


def test_kitti_raw(kitti_drive: Path) -> None:
    victims = [*kitti_drive.parent.rglob("*.txt"), kitti_drive / "tracklet_labels.xml"]
    shake(kitti_drive, victims, 2)


def test_kitti_tracking(kitti_tracking_folder: Path) -> None:
    shake(kitti_tracking_folder, list(kitti_tracking_folder.rglob("*.txt")), 7)


def test_semantic_kitti(odometry_folder: Path) -> None:
    classes = odometry_folder / "semantic-kitti.yaml"
    classes.write_text(
        "labels: {0: none, 10: car}\ncolor_map: {10: [1, 2, 3]}\nlearning_map: {0: 0, 10: 1}\n"
        "learning_map_inv: {0: 0, 1: 10}\nlearning_ignore: {0: True}\n"
    )
    victims = [classes, *odometry_folder.rglob("*.txt"), *odometry_folder.rglob("*.label")]
    shake(odometry_folder, victims, 8)


def test_scene_pack(kitti_drive: Path, tmp_path: Path) -> None:
    (scene,) = open_dataset(kitti_drive).scenes
    pack = tmp_path / "pack.h5"
    write_scene_pack(scene, pack, JobContext())
    shake(pack, [pack], 3)


def test_point_folder_with_calibration(tmp_path: Path, files) -> None:
    files.write_sweep(tmp_path / "lidar" / "0.bin")
    files.write_image(tmp_path / "camera" / "front" / "0.png")
    identity = "1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1"
    calibration = files.write(
        tmp_path / "calib" / "camera" / "front.json",
        f'{{"extrinsic": [{identity}], "intrinsic": [90, 0, 62, 0, 90, 18, 0, 0, 1]}}',
    )
    shake(tmp_path, [calibration, tmp_path / "lidar" / "0.bin"], 4)


CALIBRATIONS = {
    "kalibr.yaml": "cam0:\n  camera_model: pinhole\n  distortion_model: equidistant\n"
    "  intrinsics: [190.9, 190.9, 254.9, 256.8]\n  distortion_coeffs: [0.1, 0.2, 0.3, 0.4]\n"
    "  resolution: [512, 512]\n  T_cam_imu:\n  - [1, 0, 0, 0]\n  - [0, 1, 0, 0]\n"
    "  - [0, 0, 1, 0]\n  - [0, 0, 0, 1]\n",
    "opencv.yml": "%YAML:1.0\n---\nK: !!opencv-matrix\n   rows: 3\n   cols: 3\n   dt: d\n"
    "   data: [ 5., 0., 5., 0., 5., 5., 0., 0., 1. ]\ndist: !!opencv-matrix\n   rows: 5\n"
    "   cols: 1\n   dt: d\n   data: [ 0.1, 0., 0., 0., 0. ]\n",
    "ost.txt": "[image]\n\nwidth\n964\n\nheight\n724\n\n[cam]\n\ncamera matrix\n4 0 4\n0 4 4\n"
    "0 0 1\n\ndistortion\n-0.1 0 0 0 0\n",
    "calib.txt": "K: 9 0 4 0 9 4 0 0 1\nD: 0.1 0 0 0\nT: 1 0 0 0 0 1 0 0 0 0 1 0\n",
    "basalt.json": '{"value0": {"T_imu_cam": [{"px": 0, "py": 0, "pz": 0, "qx": 0, "qy": 0,'
    ' "qz": 0, "qw": 1}], "intrinsics": [{"camera_type": "kb4", "intrinsics": {"fx": 3, "fy": 3,'
    ' "cx": 1, "cy": 1, "k1": 0, "k2": 0, "k3": 0, "k4": 0}}], "resolution": [[7, 8]]}}',
}


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_calibration_files(tmp_path: Path, name: str) -> None:
    generator = random.Random(name)
    path = tmp_path / name
    path.write_text(CALIBRATIONS[name])
    assert read_calibration(path)
    read = 0
    for _ in range(ROUNDS):
        path.write_bytes(mutated(CALIBRATIONS[name].encode(), generator))
        try:
            read += len(read_calibration(path))
        except DamagedData as damage:
            assert damage.path == path  # noqa: PT017
    assert read
