"""What the empty 3D view says, for each reason that it can be empty."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.all_kinds import all_kinds_content
from viewer.formats.catalog import open_dataset
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Problem, SweepRef
from viewer.session.empty_view import why_3d_is_empty
from viewer.session.frame_content import FrameContent


@pytest.fixture(scope="module")
def content():
    return all_kinds_content()


def without_lidar(content, *, frames=None, **changes):
    scene = replace(content.scene, **changes, frames=frames or content.scene.frames)
    frame = replace(content.frame, sweeps=())
    return replace(content, scene=scene, frame=frame, sweeps=(), labels={})


def test_points_or_boxes_are_enough(content):
    assert why_3d_is_empty(content) is None
    assert why_3d_is_empty(replace(content, labels={})) is None
    assert why_3d_is_empty(replace(content, sweeps=())) is None


def test_remote_lidar_is_told_with_how_to_map_it(tmp_path):
    url = "https://cloud.example/bucket/1.json"
    lidar = {"reference_id": "l1", "metadata": {}, "type": "pointcloud", "url": url}
    document = {"reference_id": "s", "frames": [{"lidar": lidar}]}
    (tmp_path / "scene.json").write_text(json.dumps(document))
    scene = open_dataset(tmp_path).scenes[0]
    told = why_3d_is_empty(_content_of(scene))
    assert told is not None
    assert "lie at https://cloud.example/\n" in told
    assert told.endswith("--map https://cloud.example/=FOLDER")


def _content_of(scene):
    frame = scene.frames[0]
    return FrameContent(scene, frame, scene.reader.read_rig(0), (), {}, {})


def test_unreadable_lidar_is_told_with_its_file(content):
    frame = replace(content.frame, sweeps=(SweepRef("lidar", 0, "points/7.pcd"),))
    problems = (
        Problem("images/7.jpg", "", "is missing"),
        Problem("/data/points/7.pcd", "header", "has no fields"),
    )
    empty = replace(content, frame=frame, sweeps=(), labels={}, problems=problems)
    told = why_3d_is_empty(empty)
    assert told == "The lidar of this frame cannot be read\n7.pcd: has no fields"


def test_a_frame_without_lidar_names_the_nearest_that_has_it(content):
    bare = replace(content.frame, sweeps=())
    full = replace(content.frame, sweeps=(SweepRef("lidar", 0, "points/7.pcd"),))
    empty = without_lidar(content, frames=(bare, bare, bare, full))
    assert why_3d_is_empty(empty) == (
        "This frame has neither lidar nor boxes\nThe nearest frame with lidar is 4 of 4"
    )
    alone = without_lidar(content, frames=(bare, bare))
    assert why_3d_is_empty(alone) == "This frame has neither lidar nor boxes"


def test_a_cloud_without_points_is_told(content):
    cloud = PointCloud(np.empty((0, 3), np.float32), {}, "ego", 0)
    sweep = replace(content.sweeps[0], cloud=cloud)
    told = why_3d_is_empty(replace(content, sweeps=(sweep,), labels={}))
    assert told is not None
    assert told.startswith("The lidar of this frame has no points")


def test_a_scene_of_cameras_points_at_its_images(content):
    told = why_3d_is_empty(without_lidar(content, lidar_ids=()))
    assert told is not None
    assert told.startswith("This scene has no lidar, and this frame no boxes\nThe images")
    bare = without_lidar(content, lidar_ids=(), camera_ids=())
    assert why_3d_is_empty(bare) == "This scene has no lidar, and this frame no boxes"
