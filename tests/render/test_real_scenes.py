"""Real recordings in 3D: the first view, and colours that the cameras give."""

import json

import numpy as np
import pytest

from viewer.formats.catalog import open_dataset
from viewer.formats.frame_cache import FrameCache
from viewer.progress import JobContext
from viewer.render.colour import UNCOLOURED_RGB, colour_points, point_rgb
from viewer.render.prepare import PREPARERS
from viewer.render.snapshot import SceneSnapshots
from viewer.session.frame_store import FrameStore
from viewer.session.selection import LabelKey
from viewer.session.view_settings import PointStyle, ViewSettings

pytestmark = pytest.mark.render

SIZE = (640, 360)
SCENES = ["kitti_object", "sustechpoints", "pandaset_scale", "sensorscalib_l2c_1", "labelcloud"]


def _content(path, index=0):
    scene = open_dataset(path).scenes[0]
    store = FrameStore(scene, FrameCache(2**30), PREPARERS)
    try:
        return store.load(JobContext(), index, ViewSettings(), 640)
    finally:
        store.close()


@pytest.mark.parametrize("name", SCENES)
def test_first_view_shows_most_points_of_a_real_scene(real_data, name):
    content = _content(real_data / "scenes" / name)
    with SceneSnapshots(SIZE) as snapshots:
        picture = snapshots.take(content, ViewSettings(), preset="auto")
        cloud = content.sweeps[0].cloud
        matrix = content.world_from(cloud.coord_frame_id, content.sweeps[0].timestamp_ns)
        xyz = cloud.xyz[cloud.finite_mask()].astype(np.float64)
        pixels, depth = snapshots.view.eye.project(xyz @ matrix[:3, :3].T + matrix[:3, 3])
    seen = (depth > 0) & (pixels > 0).all(axis=1) & (pixels < SIZE).all(axis=1)
    assert seen.mean() > 0.6
    lit = (np.abs(picture.astype(int) - picture[0, 0]).sum(axis=2) > 30).mean()
    assert lit > 0.03


@pytest.mark.parametrize("index", [0, 1])
def test_coloured_points_are_those_that_fall_in_the_image(real_data, index):
    """An independent implementation says how many points the image holds; some are hidden."""
    content = _content(real_data / "scenes" / "kitti_object", index)
    expected = json.loads((real_data / "oracles" / "scene_expected.json").read_text("utf-8"))
    inside = expected[f"kitti_object/{content.frame.key}"]["points_projecting_into_image_z>0"]
    rgb = colour_points(content, content.sweeps[0], PointStyle(colour_by="cameras")).rgb
    coloured = (rgb != np.array(UNCOLOURED_RGB)).any(axis=1).sum()
    assert 0.9 * inside < coloured <= inside


def test_times_that_are_garbage_colour_without_overflow(real_data):
    """A padding field of no bytes leaves times of up to 1e308 where the header says they are."""
    content = _content(real_data / "scenes" / "sustechpoints")
    sweep = content.sweeps[0]
    assert np.nanmax(np.abs(sweep.cloud.fields["timestamp"])) > 1e300
    for mode in ("timestamp", "ring", "intensity"):
        colouring = colour_points(content, sweep, PointStyle(colour_by=mode))
        assert len(point_rgb(colouring, ViewSettings().points.colour_map)) == len(sweep.cloud)


def test_selected_label_is_found_where_it_is_drawn(real_data):
    content = _content(real_data / "scenes" / "kitti_object")
    set_id = content.scene.label_sets[0].label_set_id
    labels = content.labels[set_id].cuboids
    key = LabelKey(set_id, 0, labels.label_ids[0], labels.track_ids[0])
    with SceneSnapshots(SIZE) as snapshots:
        snapshots.take(content, ViewSettings(), preset="behind", selection=key)
        picked = snapshots.view.pick(SIZE[0] / 2, SIZE[1] / 2)
    assert picked.kind == "label"
    assert picked.label == key
