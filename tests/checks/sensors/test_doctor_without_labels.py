"""Cameras of real recordings without labels: what the lidar's edges tell of their poses."""

import numpy as np
import pytest
from turned_rig import with_pose

from viewer.checks.finding import Severity
from viewer.checks.gathering import gather_scene
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.running import RunOptions, check_scene, wanted_of
from viewer.formats.catalog import open_dataset
from viewer.progress import JobContext

DOCTOR = frozenset({"extrinsics", "image-edges", "intrinsics", "time-sync", "ego-pose"})


def checked(scene):
    seen = gather_scene(scene, wanted_of(scene, RunOptions(), points=True), JobContext())
    return check_scene(seen, learn_scene(seen), Policy(only=DOCTOR), JobContext())


@pytest.fixture(scope="module")
def drive(real_data):
    (scene,) = open_dataset(real_data / "scenes" / "pandaset_scale").scenes
    assert not scene.label_sets
    return scene


def test_right_poses_are_left_alone_and_what_was_not_asked_says_why(drive):
    result = checked(drive)
    assert result.findings == ()
    assert "frames" in result.skipped["image-edges"]


@pytest.mark.parametrize("camera", ["front_camera", "back_camera"])
def test_a_pose_the_wrong_way_round_is_named(drive, camera):
    (found,) = checked(with_pose(drive, camera, lambda pose, _: np.linalg.inv(pose))).findings
    assert (found.check, found.sensor_id, found.severity) == ("extrinsics", camera, Severity.HIGH)
    assert "with its inverse" in found.text
