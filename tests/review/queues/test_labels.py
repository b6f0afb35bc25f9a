from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.builder import SceneBuilder
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.progress import Cancelled, JobContext
from viewer.review import Subject
from viewer.review.queues.labels import LabelFilter, labels_through, points_inside
from viewer.scene.masks import InstanceMask, RunLengths
from viewer.scene.scene import Dataset, Scene
from viewer.scene.shapes import Classification, ClassificationScope

SET = "boxes"


def one_scene(scene_id: str = "street") -> Scene:
    """The ego stands at x = 100 m, turned left; boxes in the world at 5, 20 and 50 m from it."""
    builder = SceneBuilder(scene_id)
    builder.add_lidar("top", position=(0, 0, 2))
    builder.add_camera("front", Pinhole(8, 6, fx=5, fy=5))
    for index in range(2):
        frame = builder.add_frame(
            timestamp_ns=index * 100, ego_position=(100, 0, 0), ego_yaw_rad=np.pi / 2
        )
        frame.add_cuboids(
            [(105, 0, 0), (100, 20, 0), (100, -50, 0)], (2, 2, 2), label_set_id=SET,
            class_names=["car", "pedestrian", "car"], label_ids=["9", "10", "11"],
            track_ids=["a", None, "c"], scores=[0.9, 0.3, np.nan],
            attributes=[{"occlusion": 2, "moving": True}, {"occlusion": 0}, {}],
        )  # fmt: skip
        # Three points around (105, 0, 0) of the world, as the lidar sees them: x forward is +y.
        frame.add_points("top", [(0.5, -5, -2), (0, -5.5, -2), (0, -5, -1.5), (30, 30, 0)])
        frame.add_boxes_2d(
            "front", [(1, 1, 3, 3), (2, 2, 4, 4)], class_names=["car", "sign"], label_set_id=SET,
            label_ids=["9", "12"], scores=[0.8, 0.7],
        )  # fmt: skip
    return builder.build()


def through(wanted: LabelFilter, *scenes: Scene, **others) -> list[str]:
    dataset = Dataset(Path("street"), "native", scenes or (one_scene(),))
    found = labels_through(JobContext(), dataset, "d", SET, wanted, **others)
    assert found.problems == ()
    return [item.row.label_id for item in found.plan.items if item.row.frame_key == "000000"]


@pytest.mark.parametrize(
    ("wanted", "label_ids"),
    [
        (LabelFilter(), ["9", "10", "11", "12"]),
        (LabelFilter(frozenset({"car"})), ["9", "11"]),
        (LabelFilter(score=(0.5, None)), ["9", "12"]),
        (LabelFilter(score=(None, 0.75)), ["10", "12"]),
        (LabelFilter(distance_m=(5.0, 20.0)), ["9", "10"]),
        (LabelFilter(distance_m=(None, 19.9)), ["9"]),
        (LabelFilter(distance_m=(20.1, None)), ["11"]),
        (LabelFilter(attributes={"occlusion": frozenset({"0", "1"})}), ["10"]),
        (LabelFilter(attributes={"moving": frozenset({"yes"})}), ["9"]),
        (LabelFilter(attributes={"occlusion": frozenset()}), ["11", "9", "12"]),
        (LabelFilter(frozenset({"car"}), distance_m=(None, 10.0)), ["9"]),
        (LabelFilter(frozenset({"tram"})), []),
    ],
)
def test_a_filter_lets_through_what_it_says(wanted, label_ids):
    assert through(wanted) == label_ids


def test_points_are_counted_where_the_sweep_saw_them():
    assert through(LabelFilter(points=(1, None)), count_points=points_inside) == ["9"]
    assert through(LabelFilter(points=(3, 3)), count_points=points_inside) == ["9"]
    assert through(LabelFilter(points=(None, 0)), count_points=points_inside) == ["10", "11"]
    with pytest.raises(ValueError, match="nobody counts points"):
        through(LabelFilter(points=(1, None)))


def test_clouds_are_only_read_where_a_label_may_still_come_through():
    def never(*_: object) -> None:
        raise AssertionError("read a cloud for nothing")

    wanted = LabelFilter(frozenset({"tram"}), points=(1, None))
    assert through(wanted, count_points=never) == []


def test_items_know_their_class_and_track():
    dataset = Dataset(Path("street"), "native", (one_scene(),))
    plan = labels_through(JobContext(), dataset, "d", SET, LabelFilter()).plan
    assert len(plan) == 8
    first = plan.items[0]
    assert first.row.subject == Subject.label("d", "street", "000000", SET, "9")
    assert (first.class_name, first.track_id) == ("car", "a")
    assert plan.how == {"by": "filter", "filter": "all labels"}


def test_scenes_without_the_label_set_are_passed_over():
    bare = SceneBuilder("bare")
    bare.add_frame()
    assert through(LabelFilter(frozenset({"sign"})), bare.build(), one_scene()) == ["12"]


def test_whole_image_labels_and_masks_come_through_too():
    cloudy = Classification(ClassificationScope.FRAME, "", "w", "cloudy")
    runs = RunLengths(2, 2, np.array([1, 3]))
    mask = InstanceMask("front", "m", "car", runs, "t", 0.5, {"occlusion": 1})

    class WithMore(Damaged):
        def read_labels(self, frame_index, label_set_id):
            labels = self._reader.read_labels(frame_index, label_set_id)
            return replace(labels, classifications=(cloudy,), masks=(mask,))

    scene = one_scene()
    scene = replace(scene, reader=WithMore(scene.reader))
    assert through(LabelFilter(), scene) == ["9", "10", "11", "12", "w", "m"]
    assert through(LabelFilter(frozenset({"cloudy"})), scene) == ["w"]
    assert through(LabelFilter(attributes={"occlusion": frozenset({"1"})}), scene) == ["m"]
    assert through(LabelFilter(score=(0.5, 0.5)), scene) == ["m"]


class Damaged:
    """A reader whose second frame cannot be read."""

    def __init__(self, reader) -> None:
        self._reader = reader

    def read_labels(self, frame_index, label_set_id):
        if frame_index == 1:
            raise DamagedData("labels.json", "line 3", "is cut off")
        return self._reader.read_labels(frame_index, label_set_id)


def test_a_damaged_frame_is_told_and_the_rest_is_there():
    scene = one_scene()
    dataset = Dataset(Path("street"), "native", (replace(scene, reader=Damaged(scene.reader)),))
    found = labels_through(JobContext(), dataset, "d", SET, LabelFilter())
    assert {item.row.frame_key for item in found.plan.items} == {"000000"}
    assert [str(each) for each in found.problems] == ["labels.json, line 3: is cut off"]


def test_it_can_be_given_up():
    context = JobContext()
    context.cancel()
    dataset = Dataset(Path("street"), "native", (one_scene(),))
    with pytest.raises(Cancelled):
        labels_through(context, dataset, "d", SET, LabelFilter())


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        (LabelFilter(score=(0.25, 0.5)), "score 0.25 to 0.5"),
        (LabelFilter(distance_m=(30.0, None)), "from 30 m away"),
        (
            LabelFilter(frozenset({"car", "bus"}), attributes={"occlusion": frozenset()}),
            "bus or car, no occlusion",
        ),
        (LabelFilter(text="cars in rain"), "cars in rain"),
    ],
)
def test_a_filter_is_told_in_words(wanted, title):
    assert wanted.title == title
