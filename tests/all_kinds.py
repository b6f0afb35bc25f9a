"""One frame of the fake drive with a label of every kind."""

from dataclasses import replace

import numpy as np

from tests.render_content import drive_content
from viewer.scene.labels import BoxLabels2D, LabelLink
from viewer.scene.masks import InstanceMask, RunLengths, SemanticMask
from viewer.scene.point_classes import PointClasses
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    ShapeKind,
    TextToken,
)


def boxes():
    """A 2D box of the cuboid "car-4", and one of nothing else."""
    return BoxLabels2D(
        np.array([[10.0, 20, 40, 50], [1, 2, 31, 18]]), ("front", "rear"), ("car-4", "b"),
        ("car", "bus"), (None, "9"), np.array([np.nan, 0.4]), ({}, {"occluded": "half"}),
        np.array([False, True]), (None, {"bus": 0.7, "car": 0.3}),
    )  # fmt: skip


def shapes():
    """A triangle of 50 square pixels, and three keypoints of which one is seen."""
    made = ImageShapesBuilder()
    made.add(
        ShapeKind.POLYGONS, label_id="p", parts=[[[0, 0], [10, 0], [0, 10]]], sensor_id="front",
        class_name="car", attributes={"colour": "red"},
    )  # fmt: skip
    made.add(
        ShapeKind.KEYPOINTS, label_id="k", parts=[[[5, 20], [9, 20], [np.nan, np.nan]]],
        visibilities=[2, 1, 0], keypoint_names=["nose", "tail", "ear"], sensor_id="front",
        class_name="dog",
    )  # fmt: skip
    return made.build()


def masks():
    """Fifteen pixels of a car, and half the pixels road."""
    inside = np.zeros((30, 40), bool)
    inside[3:6, 4:9] = True
    classes = np.zeros((10, 10), np.int32)
    classes[:5] = 1
    return (
        InstanceMask("front", "m", "car", RunLengths.of(inside), track_id="1", score=0.25),
        SemanticMask("rear", "s", classes, {1: "road"}),
    )


def all_kinds_content(index=4):
    """The labels of the truth, grown by one or two of each other kind."""
    content = drive_content(index)
    count = len(content.sweeps[0].cloud)
    numbers = np.zeros(count, np.int32)
    numbers[:30] = 3
    points = PointClasses("lidar", numbers, {0: "road", 3: "car"}, (numbers > 0).astype(np.int32))
    labels = replace(
        content.labels["gt"],
        boxes_2d=boxes(),
        shapes_2d=shapes(),
        masks=masks(),
        classifications=(
            Classification(ClassificationScope.IMAGE, "front", "c1", "rain", score=0.5),
            Classification(
                ClassificationScope.SCENE, "", "c2", "city", taxonomy="place",
                class_distribution={"city": 0.9, "village": 0.1},
            ),
        ),
        text_tokens=(TextToken("notes", "t", "verb", 2, "turns"),),
        point_classes=(points,),
        links=(LabelLink("parent", "car-4", "p"),),
    )  # fmt: skip
    return replace(content, labels={**content.labels, "gt": labels})
