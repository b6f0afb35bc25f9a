"""What lies where the labels themselves say that they left things out is no missing label."""

import io

from PIL import Image

from viewer.checks.catalog import check_by_id
from viewer.checks.gathering import gather_scene
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.running import RunOptions, check_scene, wanted_of
from viewer.formats.catalog import open_dataset
from viewer.progress import JobContext

CALIBRATION = """\
P0: 700 0 600 0 0 700 180 0 0 0 1 0
P1: 700 0 600 0 0 700 180 0 0 0 1 0
P2: 700 0 600 0 0 700 180 0 0 0 1 0
P3: 700 0 600 0 0 700 180 0 0 0 1 0
R_rect 1 0 0 0 1 0 0 0 1
Tr_velo_cam 0 -1 0 0 0 0 -1 0 1 0 0 0
Tr_imu_velo 1 0 0 0 0 1 0 0 0 0 1 0
"""
LABEL = "0 1 Car 0 0 0 500 150 700 250 1.5 1.6 4.0 0.0 1.65 20.0 0.0"
# A car of 1.5 x 1.6 x 4 m, 30 m ahead and 10 m to the right, covers x from 766 to 885 px.
PREDICTED = "0 7 Car -1 -1 -10 {box} 1.5 1.6 4.0 10.0 1.65 30.0 0.0 0.9"
SEEN = "766 182 885 220"


def region(left, top, right, bottom):
    return f"0 -1 DontCare -1 -1 -10 {left} {top} {right} {bottom} -1000 -1000 -1000 -10 -1 -1 -1"


def picture():
    """As large as KITTI's are: without one the camera has no size."""
    out = io.BytesIO()
    Image.new("L", (1242, 375)).save(out, "PNG")
    return out.getvalue()


def missing(root, lines, *, box=SEEN):
    for folder, text in (
        ("label_02", "\n".join([LABEL, *lines])),
        ("predictions", PREDICTED.format(box=box)),
    ):
        (root / folder).mkdir(parents=True)
        (root / folder / "0000.txt").write_text(text + "\n")
    (root / "calib").mkdir()
    (root / "calib" / "0000.txt").write_text(CALIBRATION)
    (root / "image_02" / "0000").mkdir(parents=True)
    (root / "image_02" / "0000" / "000000.png").write_bytes(picture())
    (scene,) = open_dataset(root).scenes
    seen = gather_scene(scene, wanted_of(scene, RunOptions(), points=False), JobContext())
    result = check_scene(
        seen, learn_scene(seen), Policy(), JobContext(), [check_by_id()["missing-label"]]
    )
    assert not result.skipped
    return len(result.findings)


def test_an_object_that_the_model_alone_sees_is_missing(tmp_path):
    assert missing(tmp_path / "none", []) == 1
    assert missing(tmp_path / "elsewhere", [region(0, 100, 300, 300)]) == 1


def test_in_a_region_that_was_left_out_nothing_is_missing(tmp_path):
    assert missing(tmp_path / "whole", [region(700, 150, 900, 240)]) == 0
    two_halves = [region(700, 150, 810, 240), region(815, 150, 900, 240)]
    assert missing(tmp_path / "halves", two_halves) == 0
    assert missing(tmp_path / "corner", [region(700, 150, 790, 240)]) == 1


def test_a_prediction_without_a_2d_box_is_projected(tmp_path):
    none = "-1 -1 -1 -1"
    assert missing(tmp_path / "whole", [region(740, 150, 900, 240)], box=none) == 0
    assert missing(tmp_path / "elsewhere", [region(0, 100, 300, 300)], box=none) == 1
