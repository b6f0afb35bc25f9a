"""Columns of labels."""

from dataclasses import replace

import numpy as np

from viewer.geometry.cuboids import Cuboids
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.shapes import Classification, ClassificationScope


def test_an_object_with_a_cuboid_and_a_box_counts_once() -> None:
    cuboids = CuboidLabels(
        Cuboids(np.zeros((1, 3)), np.ones((1, 3)), np.array([[1.0, 0, 0, 0]]), "world"),
        ("a",), ("car",), (None,), np.array([np.nan]), ({},),
    )  # fmt: skip
    boxes = BoxLabels2D(
        np.zeros((3, 4)), ("image",) * 3, ("a", "b", "c"), ("car", "car", "DontCare"),
        (None,) * 3, np.full(3, np.nan), ({},) * 3,
    )  # fmt: skip
    labels = FrameLabels(cuboids, boxes)
    assert labels.count() == 3
    assert (
        labels.count(ClassMap.from_names(["car", "DontCare"], ignored=["DontCare"]).ignored_names)
        == 2
    )
    tracked = replace(cuboids, track_ids=("7",))
    same_track = replace(boxes, track_ids=(None, "7", None))
    assert FrameLabels(tracked, same_track).count(["DontCare"]) == 1
    whole = Classification(ClassificationScope.FRAME, "", "w", "rain")
    assert replace(labels, classifications=(whole,)).count() == 4
