"""Small recordings in the layouts that tools write, made of numbers that a test can redo."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# Rotations of a camera that looks along the lidar's x; slightly bent, to seven digits, as KITTI's.
VELO_TO_CAM = np.array(
    [
        [7.533745e-03, -9.999714e-01, -6.166020e-04, -4.069766e-03],
        [1.480249e-02, 7.280733e-04, -9.998902e-01, -7.631618e-02],
        [9.998621e-01, 7.523790e-03, 1.480755e-02, -2.717806e-01],
    ]
)
RECTIFY = np.array(
    [
        [9.999239e-01, 9.837760e-03, -7.445048e-03],
        [-9.869795e-03, 9.999421e-01, -4.278459e-03],
        [7.402527e-03, 4.351614e-03, 9.999631e-01],
    ]
)
PROJECT_2 = np.array([[70.0, 0.0, 62.0, 4.5], [0.0, 70.0, 18.0, 0.2], [0.0, 0.0, 1.0, 0.0027]])
IMU_TO_VELO = np.array(
    [
        [9.999976e-01, 7.553071e-04, -2.035826e-03, -8.086759e-01],
        [-7.854027e-04, 9.998898e-01, -1.482298e-02, 3.195559e-01],
        [2.024406e-03, 1.482454e-02, 9.998881e-01, -7.997231e-01],
    ]
)
IMAGE_SIZE = (124, 37)


def entry(key: str, values: object) -> str:
    return f"{key}: " + " ".join(f"{number:.12e}" for number in np.ravel(values)) + "\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def write_image(path: Path, size: tuple[int, int] = IMAGE_SIZE, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def write_sweep(path: Path, seed: int = 0, count: int = 500) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(seed)
    points = generator.uniform([2, -15, -2, 0], [60, 15, 2, 1], (count, 4)).astype("<f4")
    points.tofile(path)
    return points


class Files:
    """Writers and numbers, for tests that need more than the ready folders."""

    entry = staticmethod(entry)
    write = staticmethod(write)
    write_image = staticmethod(write_image)
    write_sweep = staticmethod(write_sweep)
    velo_to_cam = VELO_TO_CAM
    rectify = RECTIFY
    project_2 = PROJECT_2
    imu_to_velo = IMU_TO_VELO
    image_size = IMAGE_SIZE


@pytest.fixture(scope="session")
def files() -> Files:
    return Files()


LABEL_ROWS = (
    "Car 0.25 1 -1.57 10.00 5.00 60.00 30.00 1.50 1.60 4.00 -3.00 1.70 20.00 -14.15\n"
    "Pedestrian 0.00 0 -0.20 20.00 5.00 30.00 30.00 1.89 0.48 1.20 1.84 1.47 8.41 0.01\n"
    "DontCare -1 -1 -10 50.00 17.00 59.00 19.00 -1 -1 -1 -1000 -1000 -1000 -10\n"
)


@pytest.fixture
def kitti_object_folder(tmp_path: Path) -> Path:
    """Two frames of KITTI object, both labelled, the second also predicted."""
    root = tmp_path / "object"
    calib = (
        entry("P2", PROJECT_2) + entry("R0_rect", RECTIFY) + entry("Tr_velo_to_cam", VELO_TO_CAM)
    )
    for frame, stem in enumerate(("000000", "000001")):
        write(root / "calib" / f"{stem}.txt", calib)
        write(root / "label_2" / f"{stem}.txt", LABEL_ROWS)
        write_image(root / "image_2" / f"{stem}.png", seed=frame)
        write_sweep(root / "velodyne" / f"{stem}.bin", seed=frame)
    predicted = LABEL_ROWS.splitlines()[0] + " 0.875\n"
    write(root / "predictions" / "data" / "000001.txt", predicted)
    return root


def oxts_row(frame: int) -> list[float]:
    """Position and attitude of the vehicle, then 24 numbers that nobody needs."""
    pose = [49.0 + frame * 1e-5, 8.4 + frame * 2e-5, 112.0 + frame * 0.1]
    attitude = [0.02, -0.01 * frame, 0.3 + 0.1 * frame]
    return [*pose, *attitude, *([0.0] * 24)]


TRACKLETS = """<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<!DOCTYPE boost_serialization>
<boost_serialization signature="serialization::archive" version="9">
<tracklets class_id="0" tracking_level="0" version="0">
<count>1</count><item_version>1</item_version>
<item class_id="1" tracking_level="0" version="1">
  <objectType>Van</objectType><h>2.0</h><w>1.8</w><l>4.5</l><first_frame>1</first_frame>
  <poses class_id="2" tracking_level="0" version="0"><count>2</count><item_version>2</item_version>
    <item><tx>10</tx><ty>2</ty><tz>-1.6</tz><rx>0</rx><ry>0</ry><rz>1.5707963267948966</rz>
      <state>2</state><occlusion>0</occlusion><occlusion_kf>0</occlusion_kf>
      <truncation>1</truncation></item>
    <item><tx>11</tx><ty>2</ty><tz>-1.6</tz><rx>0</rx><ry>0</ry><rz>0</rz>
      <state>1</state><occlusion>2</occlusion><occlusion_kf>1</occlusion_kf>
      <truncation>0</truncation></item>
  </poses><finished>1</finished>
</item>
</tracklets></boost_serialization>
"""


def write_drive(root: Path, *, frame_count: int = 3) -> Path:
    """One drive; its calibration lies in the folder above."""
    date = root.parent
    write(
        date / "calib_cam_to_cam.txt",
        "calib_time: 09-Jan-2012 13:57:47\n"
        + "".join(
            entry(f"{key}_0{camera}", value)
            for camera in (0, 2)
            for key, value in (
                ("S", IMAGE_SIZE),
                ("K", [90.0, 0, 61.0, 0, 91.0, 19.0, 0, 0, 1]),
                ("D", [-0.36, 0.2, 0.0012, -0.0007, -0.07]),
                ("R", RECTIFY.T if camera else np.eye(3)),
                ("T", [0.06 * camera / 2, 0.001, 0.002] if camera else [0.0, 0.0, 0.0]),
                ("S_rect", IMAGE_SIZE),
                ("R_rect", RECTIFY),
                ("P_rect", PROJECT_2 if camera else PROJECT_2 * [1, 1, 1, 0]),
            )
        ),
    )
    pose = "calib_time: 25-May-2012 16:47:16\n" + entry("R", VELO_TO_CAM[:, :3])
    write(date / "calib_velo_to_cam.txt", pose + entry("T", VELO_TO_CAM[:, 3]))
    pose = entry("R", IMU_TO_VELO[:, :3]) + entry("T", IMU_TO_VELO[:, 3])
    write(date / "calib_imu_to_velo.txt", pose)
    for frame in range(frame_count):
        stem = f"{frame:010d}"
        write_sweep(root / "velodyne_points" / "data" / f"{stem}.bin", seed=frame)
        for camera in ("image_00", "image_02"):
            write_image(root / camera / "data" / f"{stem}.png", seed=frame)
        row = " ".join(repr(number) for number in oxts_row(frame))
        write(root / "oxts" / "data" / f"{stem}.txt", row)
    for folder, offset_ns in (
        ("velodyne_points", 7),
        ("image_00", 0),
        ("image_02", 2),
        ("oxts", 5),
    ):
        lines = (f"2011-09-26 13:02:{25 + frame}.{offset_ns:09d}\n" for frame in range(frame_count))
        write(root / folder / "timestamps.txt", "".join(lines))
    write(root / "tracklet_labels.xml", TRACKLETS)
    return root


@pytest.fixture
def kitti_drive(tmp_path: Path) -> Path:
    """A rectified drive of three frames in the folder of its date."""
    return write_drive(tmp_path / "2011_09_26" / "2011_09_26_drive_0001_sync")


@pytest.fixture
def kitti_extract(tmp_path: Path) -> Path:
    """The same as the lenses made it."""
    return write_drive(tmp_path / "2011_09_26" / "2011_09_26_drive_0001_extract")


TRACKING_ROWS = (
    "0 -1 DontCare -1 -1 -10 50.00 17.00 59.00 19.00 -1000 -1000 -1000 -10 -1 -1 -1\n"
    "0 2 Car 0 1 -1.57 10.00 5.00 60.00 30.00 1.50 1.60 4.00 -3.00 1.70 20.00 -1.57\n"
    "0 5 Pedestrian 0 0 -0.20 20.00 5.00 30.00 30.00 1.89 0.48 1.20 1.84 1.47 8.41 0.01\n"
    "2 2 Car 1 0 -1.57 12.00 5.00 62.00 30.00 1.50 1.60 4.00 -2.00 1.70 19.00 -1.57\n"
)


@pytest.fixture
def kitti_tracking_folder(tmp_path: Path) -> Path:
    """A sequence of three frames with motion, labelled and tracked; the second lacks its sweep."""
    root = tmp_path / "tracking" / "training"
    calib = entry("P2", PROJECT_2).replace(":", ": ")
    calib += entry("R_rect", RECTIFY).replace(":", "")
    calib += entry("Tr_velo_cam", VELO_TO_CAM).replace(":", "")
    calib += entry("Tr_imu_velo", IMU_TO_VELO).replace(":", "")
    write(root / "calib" / "0003.txt", calib)
    write(root / "label_02" / "0003.txt", TRACKING_ROWS)
    rows = (" ".join(repr(number) for number in oxts_row(frame)) for frame in range(3))
    write(root / "oxts" / "0003.txt", "\n".join(rows) + "\n")
    for frame in range(3):
        write_image(root / "image_02" / "0003" / f"{frame:06d}.png", seed=frame)
        if frame != 1:
            write_sweep(root / "velodyne" / "0003" / f"{frame:06d}.bin", seed=frame)
    tracked = "0 7 Car -1 -1 -10 1 1 9 9 1.5 1.6 4.0 -3.0 1.7 20.0 -14.15 10.25\n"
    write(root / "predictions" / "0003.txt", tracked)
    return root


@pytest.fixture
def odometry_folder(tmp_path: Path) -> Path:
    """A sequence of three frames with motion and a class for every point."""
    root = tmp_path / "dataset"
    sequence = root / "sequences" / "04"
    write(sequence / "calib.txt", entry("P2", PROJECT_2) + entry("Tr", VELO_TO_CAM))
    write(sequence / "times.txt", "0.000000e+00\n1.038505e-01\n2.075758e-01\n")
    rows = []
    for frame in range(3):
        stem = f"{frame:06d}"
        generator = np.random.default_rng(frame)
        write_sweep(sequence / "velodyne" / f"{stem}.bin", seed=frame)
        write_image(sequence / "image_2" / f"{stem}.png", seed=frame)
        labels = generator.integers(0, 260, 500) | generator.integers(0, 900, 500) << 16
        (sequence / "labels").mkdir(exist_ok=True)
        labels.astype("<u4").tofile(sequence / "labels" / f"{stem}.label")
        angle = 0.05 * frame
        turn = [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
        pose = np.c_[turn, [0.1 * frame, -0.02 * frame, 1.3 * frame]]
        rows.append(" ".join(f"{number:.6e}" for number in pose.ravel()))
    (sequence / "predictions").mkdir()
    np.full(500, 40, dtype="<u4").tofile(sequence / "predictions" / "000002.label")
    write(root / "poses" / "04.txt", "\n".join(rows) + "\n")
    return root
