"""Measures of likeness: every pair of a frame, none of two frames, values by hand."""

import numpy as np
import pytest
from evaluated_objects import frames, objects
from hypothesis import given
from hypothesis import strategies as st

from viewer.geometry.overlap import bev_iou, iou_3d
from viewer.metrics.matching.catalog import SIMILARITIES, similarity_by_name
from viewer.metrics.matching.near_pairs import near_pairs
from viewer.metrics.objects import KEYPOINTS_PX, MASKS
from viewer.scene.masks import InstanceMask, RunLengths


def found(name, labels, predictions, **more):
    pairs = similarity_by_name(name).pairs(labels, predictions, **more)
    rows = zip(pairs.label_rows.tolist(), pairs.prediction_rows.tolist(), strict=True)
    return dict(zip(rows, pairs.values.tolist(), strict=True))


@given(st.integers(0, 2**32), st.integers(0, 40), st.integers(0, 40), st.integers(2, 3))
def test_near_pairs_are_those_that_brute_force_finds(seed, n, m, width):
    rng = np.random.default_rng(seed)
    units_a, units_b = rng.integers(0, 4, n), rng.integers(0, 4, m)
    a, b = rng.uniform(-5, 5, (n, width)), rng.uniform(-5, 5, (m, width))
    a[rng.random(n) < 0.1] = np.nan
    b[rng.random(m) < 0.1] = np.nan
    radii_a, radii_b = rng.uniform(0, 2, n), rng.uniform(0, 2, m)
    rows, columns = near_pairs(units_a, a, radii_a, units_b, b, radii_b)
    expected = [
        (i, j) for i in range(n) for j in range(m)
        if units_a[i] == units_b[j] and np.linalg.norm(a[i] - b[j]) <= radii_a[i] + radii_b[j]
    ]  # fmt: skip
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == expected


@given(st.integers(0, 2**32), st.integers(1, 15), st.integers(1, 15))
def test_pairs_are_all_that_overlap(seed, n, m):
    rng = np.random.default_rng(seed)
    on = frames(2)
    labels = objects(rng.uniform(-6, 6, (n, 3)), on=on, frame=np.sort(rng.integers(0, 2, n)),
                     size=(4, 2, 3), yaw_rad=rng.uniform(-3, 3, n))  # fmt: skip
    predictions = objects(rng.uniform(-6, 6, (m, 3)), on=on, frame=np.sort(rng.integers(0, 2, m)),
                          size=(3, 3, 2), yaw_rad=rng.uniform(-3, 3, m))  # fmt: skip
    same = labels.frame_rows[:, None] == predictions.frame_rows[None]
    for name, overlap in (("iou_3d", iou_3d), ("iou_bev", bev_iou)):
        table = overlap(labels.cuboids(np.arange(n)), predictions.cuboids(np.arange(m))) * same
        pairs = similarity_by_name(name).pairs(labels, predictions)
        rows = zip(*np.nonzero(table), strict=True)
        expected = {(int(i), int(j)): table[i, j] for i, j in rows}
        assert found(name, labels, predictions) == pytest.approx(expected)
        assert len(pairs) == len(expected)


def test_overlap_by_hand():
    # Half a length along x is shared: a third of what both cover. Above by half: half of that.
    labels = objects([[0, 0, 0], [100, 0, 0]])
    predictions = objects([[2, 0, 0.75], [200, 0, 0]])
    assert found("iou_bev", labels, predictions) == {(0, 0): pytest.approx(1 / 3)}
    assert found("iou_3d", labels, predictions) == {(0, 0): pytest.approx(1 / 7)}


def test_a_share_of_the_prediction_is_told_for_regions():
    labels = objects([[0, 0, 0]], size=(40, 20, 15))
    predictions = objects([[0, 0, 0], [20, 0, 0]])
    for name in ("iou_3d", "iou_bev"):
        shares = found(name, labels, predictions, covering=True)
        assert shares == {(0, 0): pytest.approx(1), (0, 1): pytest.approx(0.5)}


def test_distances_by_hand():
    labels, predictions = objects([[0, 0, 0]]), objects([[3, 0, 4], [0, 30, 0], [9, 0, 9]])
    assert found("center_distance_3d", labels, predictions) == {(0, 0): 5}
    assert found("center_distance_bev", labels, predictions) == {(0, 0): 3, (0, 2): 9}


def test_the_ground_of_a_camera_is_its_x_and_z():
    # Boxes that stand along the camera's -y: half a turn about x and z up.
    upright = np.tile([np.sqrt(0.5), np.sqrt(0.5), 0, 0], (1, 1))
    labels, predictions = objects([[0, 0, 0]]), objects([[0, 5, 3]])
    labels = labels.__class__(**{**_fields(labels), "rotations": upright})
    predictions = predictions.__class__(**{**_fields(predictions), "rotations": upright})
    assert found("center_distance_bev", labels, predictions) == {(0, 0): pytest.approx(3)}


def _fields(each):
    return {name: getattr(each, name) for name in each.__slots__}


def test_objects_of_two_frames_are_never_alike():
    on = frames(2)
    labels = objects([0.0, 0.0], on=on, frame=[0, 1])
    for each in SIMILARITIES:
        if each.needs == "cuboids":
            pairs = each.pairs(labels, objects([0.0], on=on, frame=[1]))
            assert pairs.label_rows.tolist() == [1], each.name


def test_flat_boxes_by_hand():
    labels = objects([0.0, 0.0], boxes_px=np.array([[0, 0, 10, 10], [0, 0, 10, 10.0]]),
                     cameras=["front", "rear"])  # fmt: skip
    predictions = objects(
        [0.0, 0.0, 0.0],
        boxes_px=np.array([[5, 0, 15, 10], [20, 20, 30, 30], [np.nan] * 4]),
        cameras=["rear", "rear", ""],
    )
    assert found("iou_2d", labels, predictions) == {(1, 0): pytest.approx(1 / 3)}
    assert found("iou_2d", labels, predictions, covering=True) == {(1, 0): pytest.approx(0.5)}
    assert found("iou_2d", objects([0.0]), predictions) == {}


def mask(picture, sensor_id="front"):
    return InstanceMask(sensor_id, "m", "car", RunLengths.of(np.array(picture, bool)))


def test_masks_by_hand():
    one = mask([[0, 1, 1], [0, 1, 1]])
    other = mask([[0, 0, 1], [0, 0, 1]])
    apart = mask([[1, 0, 0], [0, 0, 0]])
    labels = objects([0.0], extras={MASKS: [one]})
    predictions = objects(
        [0.0] * 5, extras={MASKS: [other, apart, None, one, mask(np.ones((2, 3)), "rear")]}
    )
    assert found("iou_mask", labels, predictions) == {(0, 0): 0.5, (0, 3): 1}
    assert found("iou_mask", labels, predictions, covering=True) == {(0, 0): 1, (0, 3): 1}


def test_keypoints_by_hand():
    own = np.array([[0, 0, 2], [10, 0, 2], [0, 0, 0.0]])
    moved = np.array([[0, 3, 2], [10, 0, 2], [99, 99, 2.0]])
    labels = objects([0.0], boxes_px=np.array([[0, 0, 10, 4.0]]), cameras=["front"],
                     extras={KEYPOINTS_PX: [own]})  # fmt: skip
    predictions = objects([0.0], boxes_px=np.array([[0, 0, 10, 4.0]]), cameras=["front"],
                          extras={KEYPOINTS_PX: [moved]})  # fmt: skip
    # Sigma 1/3 for three points, area 40 px: exp(-9 / (2 * 40 * 4 / 9)), and 1 for the other.
    expected = (np.exp(-9 / (2 * 40 * 4 / 9)) + 1) / 2
    assert found("keypoint_oks", labels, predictions) == {(0, 0): pytest.approx(expected)}


def test_projected_boxes_count_where_the_label_is_largest():
    nowhere = [np.nan] * 4
    labels = objects([0.0], extras={"projected_px": np.array([[[0, 0, 2, 2], [0, 0, 10, 10]]])})
    predictions = objects(
        [0.0, 0.0],
        extras={
            "projected_px": np.array([[[0, 0, 2, 2], [0, 5, 10, 15]], [[0, 0, 2, 2], nowhere]])
        },
    )
    assert found("iou_projected", labels, predictions) == {(0, 0): pytest.approx(1 / 3)}


@pytest.mark.parametrize("similarity", SIMILARITIES, ids=lambda each: each.name)
def test_nothing_on_either_side_is_no_pair(similarity):
    none, one = objects([]), objects([0.0])
    for labels, predictions in ((none, one), (one, none), (none, none)):
        assert len(similarity.pairs(labels, predictions)) == 0


def test_a_name_that_is_none_is_told_with_those_that_are():
    with pytest.raises(KeyError, match="iou_3d"):
        similarity_by_name("nothing")
