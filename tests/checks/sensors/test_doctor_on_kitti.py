"""The doctor of cameras on KITTI's own boxes: silent where all is right, exact where it is not.

The 2D boxes and cuboids are KITTI's; the calibration is that of the days of recording, as KITTI
publishes it. Recorded on another day, the same camera has another lens: an error nobody made up.
"""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from turned_rig import turn, with_pose

from viewer.checks.finding import Severity
from viewer.checks.gathering import gather_scene
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.running import RunOptions, check_scene, wanted_of
from viewer.formats.catalog import open_dataset
from viewer.progress import JobContext

SEQUENCE = "0018"
OWN_DAY = "718.3351 0 600.3891 44.50382 0 718.3351 181.5122 -0.5951107 0 0 1 0.002616315"
"""P2 of 2011_09_29, when sequence 0018 was recorded."""
OTHER_DAY = "721.5377 0 609.5593 44.85728 0 721.5377 172.854 0.2163791 0 0 1 0.002745884"
"""P2 of 2011_09_26."""
RECTIFIED = (
    "0.9999239 0.00983776 -0.007445048 -0.009869795 0.9999421 -0.004278459"
    " 0.007402527 0.004351614 0.9999631"
)
CAMERA_FROM_LIDAR = (
    "0.007533745 -0.9999714 -0.000616602 -0.004069766 0.01480249 0.0007280733 -0.9998902"
    " -0.07631618 0.9998621 0.00752379 0.01480755 -0.2717806"
)
DOCTOR = frozenset({"box-2d", "extrinsics", "calibration-drift", "sync-offset", "intrinsics"})


def folder(root: Path, labels: Path, *, p2: str, shift_px: float = 0.0) -> Path:
    """Write the sequence with a calibration, its 2D boxes shifted to the right."""
    rows = [line.split() for line in labels.read_text().splitlines()]
    for row in rows:
        row[6], row[8] = (str(float(row[place]) + shift_px) for place in (6, 8))
    out = io.BytesIO()
    Image.new("L", (1242, 375)).save(out, "PNG")
    images = root / "image_02" / SEQUENCE
    images.mkdir(parents=True)
    for frame in range(max(int(row[0]) for row in rows) + 1):
        (images / f"{frame:06d}.png").write_bytes(out.getvalue())
    (root / "label_02").mkdir()
    (root / "label_02" / f"{SEQUENCE}.txt").write_text("\n".join(map(" ".join, rows)) + "\n")
    (root / "calib").mkdir()
    matrices = "".join(f"P{number}: {p2}\n" for number in range(4))
    (root / "calib" / f"{SEQUENCE}.txt").write_text(
        f"{matrices}R_rect {RECTIFIED}\nTr_velo_cam {CAMERA_FROM_LIDAR}\n"
        "Tr_imu_velo 1 0 0 0 0 1 0 0 0 0 1 0\n"
    )
    return root


def told(scene):
    """Findings by check."""
    seen = gather_scene(scene, wanted_of(scene, RunOptions(), points=False), JobContext())
    result = check_scene(seen, learn_scene(seen), Policy(only=DOCTOR), JobContext())
    assert not result.skipped
    found: dict[str, list] = {}
    for each in result.findings:
        found.setdefault(each.check, []).append(each)
    return found


@pytest.fixture(scope="module")
def labels(real_data):
    return real_data / "eval" / "kitti_tracking" / "label_02" / f"{SEQUENCE}.txt"


@pytest.fixture(scope="module")
def right(labels, tmp_path_factory):
    (scene,) = open_dataset(folder(tmp_path_factory.mktemp("right"), labels, p2=OWN_DAY)).scenes
    return scene


def test_all_is_silent_on_the_calibration_of_its_day(right):
    assert told(right) == {}


def test_the_lens_of_another_day_is_told_to_half_a_pixel(labels, tmp_path):
    (scene,) = open_dataset(folder(tmp_path, labels, p2=OTHER_DAY)).scenes
    found = told(scene)
    assert set(found) == {"calibration-drift"}
    numbers = found["calibration-drift"][0].evidence.numbers
    assert numbers["bias_right_px"] == pytest.approx(600.3891 - 609.5593, abs=0.5)
    assert numbers["bias_down_px"] == pytest.approx(181.5122 - 172.854, abs=0.5)


def test_boxes_20_px_aside_are_the_cameras_not_the_labels(labels, tmp_path):
    (scene,) = open_dataset(folder(tmp_path, labels, p2=OWN_DAY, shift_px=20.0)).scenes
    found = told(scene)
    assert set(found) == {"calibration-drift"}
    assert found["calibration-drift"][0].evidence.numbers["bias_right_px"] == pytest.approx(
        20.0, abs=0.5
    )


def test_a_turn_of_half_a_degree_is_told(right):
    camera = right.reader.read_rig(0).cameras["image_02"].coord_frame_id
    found = told(with_pose(right, camera, lambda pose, _: pose @ turn(1, 0.5)))
    assert set(found) == {"calibration-drift"}
    assert found["calibration-drift"][0].evidence.numbers["yaw_deg"] == pytest.approx(-0.5, abs=0.1)


@pytest.mark.parametrize("mistake", ["its inverse", "its rotation transposed"])
def test_a_pose_the_wrong_way_is_named(right, mistake):
    rig = right.reader.read_rig(0)
    camera = rig.cameras["image_02"].coord_frame_id
    ego_from_cam0 = rig.transforms.transform(rig.ego_coord_frame_id, "cam0", 0).matrix

    def wrong(cam0_from_camera, _):
        pose = ego_from_cam0 @ cam0_from_camera
        if mistake == "its inverse":
            pose = np.linalg.inv(pose)
        else:
            pose[:3, :3] = pose[:3, :3].T.copy()
        return np.linalg.inv(ego_from_cam0) @ pose

    found = told(with_pose(right, camera, wrong))
    (finding,) = found["extrinsics"]
    assert f"with {mistake}" in finding.text
    assert finding.severity is Severity.HIGH
    assert not [each for each in found.get("box-2d", []) if each.labels]
