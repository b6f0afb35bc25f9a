"""Sweeps between frames: the drive moves 1 m a frame, so half a frame is half a metre."""

from dataclasses import replace

import numpy as np
import pytest
from fake_drive import PERIOD_NS, START_NS, make_scene

from viewer.formats.base import DamagedData
from viewer.formats.frame_cache import FrameCache
from viewer.progress import JobContext
from viewer.render.prepare import prepared_for
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_classes import PointClasses
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import SweepRef
from viewer.session.frame_poses import ego_from_sweep
from viewer.session.frame_store import FrameStore
from viewer.session.point_counts import count_points
from viewer.session.view_settings import PointStyle, ViewSettings


class WithSweepsBetween:
    """The fake drive's reader with two sweeps before each frame but the first."""

    def __init__(self, inner):
        self._inner = inner
        self.damaged = set()

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def earlier_sweeps(self, frame_index):
        at_ns = START_NS + frame_index * PERIOD_NS
        shares = (PERIOD_NS * 3 // 4, PERIOD_NS // 2) if frame_index else ()
        return tuple(SweepRef("lidar", at_ns - share, f"{frame_index}.bin") for share in shares)

    def read_earlier_sweep(self, frame_index, position):
        if (frame_index, position) in self.damaged:
            raise DamagedData(f"{frame_index}.bin", "", "is cut off")
        place = np.array([[10.0, frame_index, position]], np.float32)
        at_ns = self.earlier_sweeps(frame_index)[position].timestamp_ns
        return PointCloud(place, {}, "lidar", at_ns)


@pytest.fixture
def scene():
    scene = make_scene()
    return replace(scene, reader=WithSweepsBetween(scene.reader))


def view(**points):
    return ViewSettings(points=PointStyle(earlier_sweeps=True, **points))


def load(scene, index, settings):
    store = FrameStore(scene, FrameCache(10_000_000))
    try:
        return store.load(JobContext(), index, settings, 320)
    finally:
        store.close()


def ages(content):
    return [(content.timestamp_ns - sweep.timestamp_ns) / PERIOD_NS for sweep in content.sweeps]


def test_they_come_when_asked_for_newest_first(scene):
    assert len(load(scene, 4, ViewSettings()).sweeps) == 1
    assert ages(load(scene, 4, view())) == [0, 0.5, 0.75]
    assert ages(load(scene, 4, view(sweep_count=2))) == [0, 0.5, 0.75, 1, 1.5, 1.75]
    assert ages(load(scene, 0, view())) == [0]


def test_their_points_are_moved_into_the_frames_pose(scene):
    content = load(scene, 4, view())
    for sweep, behind_m in zip(content.sweeps[1:], (0.5, 0.75), strict=True):
        matrix = ego_from_sweep(content, sweep)
        moved = matrix[:3, :3] @ sweep.cloud.xyz[0] + matrix[:3, 3]
        # What was 10 m ahead then is nearer by the way that the vehicle has driven since.
        assert moved[0] == pytest.approx(10.0 - behind_m, abs=1e-6)
        assert moved[1] == pytest.approx(4.0, abs=1e-6)


def test_they_are_nobodys_points_when_points_in_boxes_are_counted(scene):
    with_them = count_points(JobContext(), load(scene, 4, view()), view())
    without = count_points(JobContext(), load(scene, 4, ViewSettings()), ViewSettings())
    assert {name: counts.tolist() for name, counts in with_them.items()} == {
        name: counts.tolist() for name, counts in without.items()
    }


def test_a_damaged_one_is_a_problem_and_the_rest_is_there(scene):
    scene.reader.damaged.add((4, 0))
    content = load(scene, 4, view())
    assert ages(content) == [0, 0.5]
    assert [problem.source for problem in content.problems] == ["4.bin"]


def test_formats_without_them_and_independent_frames_have_none(scene):
    assert ages(load(make_scene(), 4, view())) == [0]
    assert ages(load(replace(scene, independent=True), 4, view())) == [0]


def test_switching_them_on_loads_the_frame_anew(scene):
    store = FrameStore(scene, FrameCache(10_000_000))
    store.load(JobContext(), 4, ViewSettings(), 320)
    assert store.cached(4, view(), 320) is None
    assert prepared_for(view()) != prepared_for(ViewSettings())
    store.close()


def test_classes_of_the_frames_points_are_not_theirs(scene):
    inner = scene.reader.read_labels

    def read_labels(frame_index, label_set_id):
        if label_set_id != "gt":
            return inner(frame_index, label_set_id)
        found = PointClasses("lidar", np.zeros(1, np.int32), {0: "car"})
        return FrameLabels(CuboidLabels.empty("world"), point_classes=(found,))

    scene.reader.read_labels = read_labels
    content = load(scene, 4, view())
    assert [dict(sweep.point_classes) for sweep in content.sweeps[1:]] == [{}, {}]
