"""Snapshots of labels on images: what changes their hash, and what does not."""

from dataclasses import replace

import numpy as np
import pytest
from all_kinds import all_kinds_content
from fake_drive import truth
from hypothesis import given, settings
from hypothesis import strategies as st
from random_labels import all_kinds

from viewer.review.edits.apply import apply_edits
from viewer.review.edits.model import LabelEdit
from viewer.review.flat_snapshots import mask_snapshot, shape_snapshot, snapshot_of, snapshots_in
from viewer.review.label_snapshot import LabelSnapshot
from viewer.scene.masks import InstanceMask, RunLengths, SemanticMask
from viewer.scene.shapes import ImageShapesBuilder, ShapeKind


def kinds():
    return all_kinds_content().labels["gt"]


def test_every_label_of_a_frame_has_one():
    found = snapshots_in(kinds())
    shapes = {name: each.shape for name, each in found.items()}
    assert shapes == {
        "car-4": "cuboid", "walker-4": "cuboid", "b": "box_2d", "p": "polygons", "k": "keypoints",
        "m": "mask", "s": "semantic_mask", "c1": "classification", "c2": "classification",
        "t": "text_token",
    }  # fmt: skip
    assert snapshot_of(kinds(), "m") == found["m"]
    assert snapshot_of(kinds(), "none of these") is None
    assert snapshots_in(kinds(), {"k", "x"}) == {"k": found["k"]}


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_label_goes_through_json_and_edits_do_not_show(data):
    labels = data.draw(all_kinds(truth(3, 3)))
    for label_id, each in snapshots_in(labels).items():
        again = LabelSnapshot.from_json(each.to_json())
        assert again == each
        assert again.hash == each.hash
        edited = apply_edits(labels, [LabelEdit(label_id, class_name="other", track_id="7")])
        assert snapshot_of(edited, label_id) == each


def mask(inside, name="car"):
    return InstanceMask("front", "m", name, RunLengths.of(inside))


@pytest.mark.parametrize(
    ("pixels", "numbers"),
    [
        ([(3, 4), (3, 5), (4, 5)], (10, 6, 4, 3, 5, 4, 3)),
        ([(0, 9), (1, 0)], (10, 6, 0, 0, 9, 1, 2)),
        ([], (10, 6, -1, -1, -1, -1, 0)),
        ([(5, 9)], (10, 6, 9, 5, 9, 5, 1)),
    ],
)
def test_a_mask_tells_its_edges_and_area(pixels, numbers):
    inside = np.zeros((6, 10), dtype=bool)
    for place in pixels:
        inside[place] = True
    assert mask_snapshot(mask(inside)).geometry[:7] == numbers


@given(st.integers(0, 2**32 - 1))
def test_any_other_pixel_is_another_mask(seed):
    generator = np.random.default_rng(seed)
    inside = generator.random((5, 7)) < 0.5
    other = inside.copy()
    place = tuple(generator.integers(0, (5, 7)))
    other[place] = ~other[place]
    assert mask_snapshot(mask(inside)).hash == mask_snapshot(mask(inside.copy())).hash
    assert mask_snapshot(mask(inside)).hash != mask_snapshot(mask(other)).hash
    classes = [SemanticMask("front", "s", each.astype(np.int32), {}) for each in (inside, other)]
    assert mask_snapshot(classes[0]).hash != mask_snapshot(classes[1]).hash


def polygon(*parts, holes=None):
    made = ImageShapesBuilder()
    made.add(ShapeKind.POLYGONS, sensor_id="front", label_id="p", class_name="car", parts=parts,
             holes=holes)  # fmt: skip
    return shape_snapshot(made.build(), 0)


def test_parts_and_holes_of_a_polygon_count():
    first, second = [[0, 0], [9, 0], [0, 9]], [[1, 1], [2, 1], [1, 2]]
    different = [
        polygon(first), polygon(second), polygon(first, second), polygon([*first, *second]),
        polygon(first, second, holes=[False, True]), polygon([[0, 0], [9, 0.02], [0, 9]]),
    ]  # fmt: skip
    assert len({each.hash for each in different}) == len(different)
    assert polygon([[0, 0], [9, 0.001], [0, 9]]).hash == polygon(first).hash
    assert polygon(first).geometry == (3, 0, 0, 0, 9, 0, 0, 9)


def test_a_keypoint_without_a_place_counts_as_zeros():
    assert snapshots_in(kinds())["k"].geometry == (5, 20, 2, 9, 20, 1, 0, 0, 0)


def test_class_counts_and_track_and_score_do_not():
    labels = kinds()
    own = snapshots_in(labels)["b"]
    boxes = replace(labels.boxes_2d, track_ids=("x", "y"), scores=np.array([0.1, 0.2]))
    assert snapshots_in(replace(labels, boxes_2d=boxes))["b"].hash == own.hash
    boxes = replace(labels.boxes_2d, class_names=("car", "tram"))
    assert snapshots_in(replace(labels, boxes_2d=boxes))["b"].hash != own.hash
