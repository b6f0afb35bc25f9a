"""What is told of a point, and how many points a class has; all numbers counted by hand."""

from dataclasses import replace

import numpy as np
import pytest
from fake_drive import make_scene

from viewer.formats.frame_cache import FrameCache
from viewer.progress import JobContext
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_classes import PointClasses
from viewer.session.frame_store import FrameStore
from viewer.session.point_class_lookup import (
    ClassCount,
    class_of_point,
    count_classes,
    places,
    pointed_text,
)
from viewer.session.selection import PointedPosition
from viewer.session.view_settings import Filters, PointStyle, ViewSettings

NAMES = {1: "road", 4: "car"}


def found(numbers, instances=None):
    own = None if instances is None else np.array(instances, np.int32)
    return PointClasses("lidar", np.array(numbers, np.int32), NAMES, own)


class ClassedReader:
    """The fake drive's reader, with the frame's number as the class of all its points."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def read_labels(self, frame_index, label_set_id):
        if label_set_id != "gt":
            return FrameLabels(CuboidLabels.empty("world"))
        count = len(self._inner.read_point_cloud(frame_index, "lidar"))
        own = found(np.full(count, frame_index), np.arange(count))
        return FrameLabels(CuboidLabels.empty("world"), point_classes=(own,))


@pytest.fixture
def content():
    scene = make_scene()
    scene = replace(scene, reader=ClassedReader(scene.reader))
    store = FrameStore(scene, FrameCache(10_000_000))
    yield store.load(JobContext(), 4, ViewSettings(points=PointStyle(sweep_count=2)), 320)
    store.close()


@pytest.mark.parametrize("strange", [9, -1, 1 << 20])
def test_places_lead_back_to_the_numbers(strange):
    stored = np.array([4, strange, 1, 4, 4], np.int32)
    numbers, place = places(found(stored))
    assert numbers == sorted({1, 4, strange})
    assert np.array_equal(np.array(numbers)[place], stored)
    assert places(found([])) == ([], pytest.approx([]))


def test_points_and_objects_of_each_class_are_counted():
    own = found([4, 4, 4, 1, 1, 9, 4, 1, 1, 1], [7, 7, 8, 0, 0, 3, 0, 0, 0, 0])
    assert count_classes(own) == [
        ClassCount(1, "road", 5, 0),
        ClassCount(4, "car", 4, 2),
        ClassCount(9, None, 1, 1),
    ]
    assert count_classes(found([1]))[0].object_count == 0


def test_a_point_is_told_with_its_class_and_object(content):
    view = ViewSettings()
    assert [sweep.frame_index for sweep in content.sweeps] == [4, 3]
    assert class_of_point(content, 0, 3, view) == "car, object 3"
    assert class_of_point(content, 0, 0, view) == "car"
    # The older sweep's classes are those of its own frame.
    assert class_of_point(content, 1, 2, view) == "class 3 without a name, object 2"
    hidden = ViewSettings(filters=Filters(hidden_label_sets=frozenset({"gt"})))
    assert class_of_point(content, 0, 3, hidden) is None


def test_the_pointed_position_is_told_with_its_class(content):
    view = ViewSettings()
    at = PointedPosition((1.0, -2.5, 0.25), "3d", (0, 3))
    assert pointed_text(content, at, view) == "car, object 3   1.00  -2.50  0.25 m"
    beyond = replace(at, point=(0, 10_000_000))
    for other in (replace(at, point=None), beyond, replace(at, point=(5, 0))):
        assert pointed_text(content, other, view) == "1.00  -2.50  0.25 m"
    assert pointed_text(content, None, view) == pointed_text(None, at, view) == ""
