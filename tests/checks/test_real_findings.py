"""Every finding of severity high on real data, looked at by eye, with what is wrong there.

A change that makes one more, or one less, is a change to look at.
"""

from collections import Counter

import pytest

from viewer.batch.in_process import InProcess
from viewer.checks.finding import Severity
from viewer.checks.running import RunOptions, check_dataset
from viewer.checks.source import ScenesAt
from viewer.progress import JobContext

HIGH = {
    "scenes/argoverse2_7fab2350": {
        # One parked car has two tracks in all of its frames, 0.6 mm apart.
        "duplicate-boxes": 1,
    },
    "labels/scale_nucleus": {"duplicate-boxes": 1},  # The same car, in one frame.
    "labels/openlabel_kitti_tracking": {
        # Their 2D boxes on the right camera are up to 47,000 px wide: corners near the camera were
        # projected, and not cut at the image.
        "box-2d": 6,
    },
    "labels/dataloop": {},
    "scenes/kitti_object": {},
    "scenes/sustechpoints": {},
    "scenes/labelcloud": {},
    "scenes/lyft_tables": {},
    "scenes/t4dataset_sample": {},
    "scenes/datumaro/sly_pointcloud_dataset": {},
    "scenes/datumaro/kitti_dataset/kitti_3d": {},
    "scenes/pandaset_scale": {},
    "scenes/fisheye_surround": {},
    "scenes/sensorscalib_l2c_1": {},
}
"""By dataset: objects that a check accuses."""


@pytest.mark.parametrize("name", HIGH)
def test_what_is_of_severity_high_is_known(real_data, name):
    run = check_dataset(ScenesAt(real_data / name), RunOptions(), InProcess(), JobContext())
    assert not run.failures
    accused = {
        (each.check, each.scene_id, each.labels[0].track_id or each.labels[0].label_id)
        for each in run.findings
        if each.severity is Severity.HIGH and each.labels
    }
    assert Counter(check for check, _, _ in accused) == HIGH[name]
    unlabelled = [each.text for each in run.findings
                  if each.severity is Severity.HIGH and not each.labels]  # fmt: skip
    assert unlabelled == []


def test_a_detectors_objects_in_regions_left_out_are_not_missing(real_data):
    """KITTI's tracker output: of 315 objects without a label 232 lie in its DontCare regions.

    The others are its own: boxes that it carried on after their object was hidden, and cars that
    KITTI labels elsewhere. Nothing tells of motion, as KITTI's poses are not there.
    """
    source = ScenesAt(real_data / "eval" / "kitti_tracking")
    run = check_dataset(source, RunOptions(), InProcess(), JobContext())
    high = Counter(each.check for each in run.findings if each.severity is Severity.HIGH)
    assert set(high) <= {"missing-label"}
    assert high["missing-label"] < 100
