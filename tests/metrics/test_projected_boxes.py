"""Projected boxes by hand, with a pinhole that looks along x."""

from dataclasses import replace

import numpy as np
import pytest
from evaluated_scenes import MemoryReader, cuboids, dataset

from viewer.geometry.cameras import BrownConrady
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.metrics.class_roles import ClassRoles
from viewer.metrics.confusion import ConfusionIndex
from viewer.metrics.gathering import gather_datasets
from viewer.metrics.matching.catalog import similarity_by_name
from viewer.metrics.projected_boxes import with_projected_boxes
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap
from viewer.scene.images import ImageRef
from viewer.scene.sensors import CameraSensor, Rig

JOB = JobContext()


@pytest.fixture
def scene():
    # Camera: z forward is the world's x, x right is -y, y down is -z.
    turn = np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])
    tree = TransformTree([RigidTransform("world", "cam", turn, np.zeros(3))])
    lens = BrownConrady(1000, 800, fx=500.0, fy=500.0, cx=500.0, cy=400.0)
    labels = {
        "truth": [cuboids([[10, 0, 0], [-10, 0, 0]], size=(2.0, 2.0, 2.0))],
        "guess": [cuboids([[10, 1, 0]], size=(2.0, 2.0, 2.0), scores=[0.9])],
    }
    made = dataset(labels, tree=tree)
    (own,) = made.scenes
    rig = Rig({"front": CameraSensor("front", "cam", lens)}, {}, tree)
    frames = tuple(
        replace(each, images=(ImageRef("front", None, "front.png"),)) for each in own.frames
    )
    own = replace(own, frames=frames, camera_ids=("front",), reader=MemoryReader(labels, rig))
    return replace(made, scenes=(own,))


def test_boxes_by_hand(scene):
    found = gather_datasets(scene, "truth", [(scene, "guess")], JOB)
    labels = with_projected_boxes(scene, found.labels, JOB)
    guesses = with_projected_boxes(scene, found.predictions[0].usable, JOB)
    # The near face is 9 m away: 500 px * 1 m / 9 m to each side.
    near = 500 / 9
    expected = [500 - near, 400 - near, 500 + near, 400 + near]
    np.testing.assert_allclose(labels.extras["projected_px"][0, 0], expected, atol=1e-6)
    assert np.isnan(labels.extras["projected_px"][1]).all()
    # One metre to the left: from -2 m to 0 on the near face, nearer the middle on the far one.
    right = 500.0
    np.testing.assert_allclose(
        guesses.extras["projected_px"][0, 0], [500 - 2 * near, 400 - near, right, 400 + near],
        atol=1e-6,
    )  # fmt: skip
    pairs = similarity_by_name("iou_projected").pairs(labels, guesses)
    assert pairs.values.tolist() == pytest.approx([1 / 3])


def test_a_matrix_of_projected_boxes_asks_the_cameras(scene):
    found = gather_datasets(scene, "truth", [(scene, "guess")], JOB)
    labels, guesses = found.labels, found.predictions[0].usable
    roles = ClassRoles.of(ClassMap(), labels, guesses)
    measure = similarity_by_name("iou_projected")
    index = ConfusionIndex.prepare(labels, guesses, roles, measure, JOB, dataset=scene)
    assert index.at(0.5, 0.3).cells.tolist() == [[1, 1], [0, 0]]
    assert index.at(0.5, 0.4).cells.tolist() == [[0, 2], [1, 0]]
