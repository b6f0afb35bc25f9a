import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from review.versions.label_tables import boxes_2d, cuboids, table

from viewer.geometry.transform import FrameMismatch
from viewer.review.versions.diff import ALL_ASPECTS, Aspect, Difference, diff_labels
from viewer.review.versions.diff_totals import class_diffs, total_diff
from viewer.review.versions.label_table import LabelTable
from viewer.review.versions.matching import MatchedBy, match, pair_ious
from viewer.scene.labels import CuboidLabels, FrameLabels

SAME, CHANGED, ADDED, REMOVED = Difference


def test_differences_by_hand():
    before = table(
        {
            "00": [
                ("1", "car", "a", 0, 0, 0, 4),
                ("2", "car", "b", 20, 0, 10, 4),
                ("3", "van", "c", 40, 0, 0, 4),
                ("4", "car", None, 60, 0, 0, 4),
            ],
        }
    )
    after = table(
        {
            "00": [
                ("1", "car", "a", 0, 0, 0, 4),
                ("2", "car", "b", 21.2, 1.6, 190, 4.5),
                ("3", "truck", "z", 40, 0, 0, 4),
                ("5", "car", "e", 80, 0, 0, 4),
            ],
        }
    )
    diff = diff_labels(before, after)
    assert diff.difference.tolist() == [SAME, CHANGED, CHANGED, ADDED, REMOVED]
    assert diff.matched_by.tolist() == [1, 1, 1, 0, 0]
    assert diff.center_m[:3] == pytest.approx([0, 2.0, 0])
    assert diff.size_m[1] == pytest.approx([0.5, 0, 0])
    assert abs(diff.heading_deg[1]) == pytest.approx(180)
    assert diff.rotation_deg[1] == pytest.approx(180)
    assert diff.iou[0] == 1.0
    assert diff.track_changed.tolist() == [False, False, True, False, False]
    assert math.isnan(diff.iou[3])
    assert diff.what_changed(2) == ("class van to truck", "track")
    assert diff.what_changed(1)[:2] == ("centre 2.00 m", "size +0.50 x +0.00 x +0.00 m")
    assert diff.what_changed(0) == ()
    assert [diff.class_before(row) for row in range(5)] == ["car", "car", "van", None, "car"]
    assert [diff.class_after(row) for row in range(5)] == ["car", "car", "truck", "car", None]
    assert diff.place(4)[:2] == ("street", "00")
    assert diff.rows(ADDED, REMOVED).tolist() == [3, 4]

    totals = {each.class_name: each for each in class_diffs(diff)}
    car = totals["car"]
    assert (car.before, car.after, car.same, car.changed, car.added, car.removed) == (
        3, 3, 1, 1, 1, 1,
    )  # fmt: skip
    assert (car.center_m, car.size_m, car.heading_deg) == pytest.approx((2.0, 0.5, 180.0))
    assert (totals["van"].before, totals["van"].reclassed_from) == (1, 1)
    assert (totals["truck"].after, totals["truck"].reclassed_to) == (1, 1)
    whole = total_diff(diff)
    assert (whole.before, whole.after, whole.changed, whole.same) == (4, 4, 2, 1)


def test_overlap_by_hand():
    # 4 m long boxes 2 m apart along their length: half of each is shared, 1/3 of the union.
    before = table({"00": [("1", "car", None, 0, 0, 0, 4)]})
    after = table({"00": [("1", "car", None, 2, 0, 0, 4)]})
    assert diff_labels(before, after).iou[0] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("row", "way"),
    [
        (("9", "bus", "a", 50, 0, 0, 4), MatchedBy.TRACK),
        (("9", "car", None, 0, 0, 0, 4), MatchedBy.BOX),
        (("9", "car", None, 0.5, 0, 3, 4), MatchedBy.OVERLAP),
        (("9", "bus", None, 0.5, 0, 3, 4), MatchedBy.OVERLAP),
        (("9", "car", None, 3.9, 0, 0, 4), None),
        (("1", "bus", "z", 99, 0, 0, 4), MatchedBy.ID),
    ],
)
def test_what_tells_that_two_labels_are_the_same(row, way):
    before = table({"00": [("1", "car", "a", 0, 0, 0, 4)]})
    diff = diff_labels(before, table({"00": [row]}))
    assert diff.matched_by.tolist() == ([int(way)] if way else [0, 0])
    # The same label in another frame is another one.
    other = diff_labels(before, table({"01": [row]}))
    assert sorted(other.difference) == [ADDED, REMOVED]


def test_an_id_goes_before_an_equal_box():
    before = table({"00": [("1", "car", None, 0, 0, 0, 4), ("2", "car", None, 10, 0, 0, 4)]})
    after = table({"00": [("2", "car", None, 0, 0, 0, 4), ("1", "car", None, 10, 0, 0, 4)]})
    by_id = diff_labels(before, after)
    assert by_id.center_m.tolist() == [10, 10]
    by_box = diff_labels(before, after, (MatchedBy.BOX, MatchedBy.OVERLAP))
    assert by_box.difference.tolist() == [SAME, SAME]


def test_a_track_twice_in_a_frame_tells_nothing():
    before = table({"00": [("1", "car", "a", 0, 0, 0, 4), ("2", "car", "a", 10, 0, 0, 4)]})
    after = table({"00": [("8", "car", "a", 10, 0, 0, 4), ("9", "car", "a", 0, 0, 0, 4)]})
    diff = diff_labels(before, after)
    assert diff.matched_by.tolist() == [MatchedBy.BOX] * 2
    assert diff.difference.tolist() == [SAME, SAME]


def test_the_greater_overlap_goes_first_and_then_the_same_class():
    before = table(
        {"00": [("1", "car", None, 0, 0, 0, 4), ("2", "bus", None, 0, 0, 0, 4)],
         "01": [("1", "car", None, 0, 0, 0, 4), ("2", "car", None, 1, 0, 0, 4)]}
    )  # fmt: skip
    after = table(
        {"00": [("8", "bus", None, 0.1, 0, 0, 4), ("9", "car", None, 0.1, 0, 0, 4)],
         "01": [("8", "car", None, 0.9, 0, 0, 4), ("9", "car", None, 0.3, 0, 0, 4)]}
    )  # fmt: skip
    diff = diff_labels(before, after)
    assert not diff.class_changed.any()
    assert diff.center_m == pytest.approx([0.1, 0.1, 0.1, 0.3])


def test_2d_boxes_compare_on_their_own_image():
    def made(rows):
        return LabelTable.of(
            [("s", "00", FrameLabels(CuboidLabels.empty("ego"), boxes_2d=boxes_2d(rows)))]
        )

    before = made([("1", "car", "front", 0, 0, 10, 10), ("2", "car", "rear", 0, 0, 10, 10)])
    after = made([("1", "car", "front", 5, 0, 15, 10), ("2", "car", "left", 0, 0, 10, 10)])
    diff = diff_labels(before, after)
    assert diff.difference.tolist() == [CHANGED, ADDED, REMOVED]
    assert diff.iou[0] == pytest.approx(50 / 150)
    assert diff.box_px[0] == 5
    assert np.isnan(diff.center_m).all()
    assert diff.what_changed(0) == ("box 5.0 px",)
    moved = made([("7", "car", "front", 2, 0, 12, 10)])
    assert diff_labels(before, moved).matched_by.max() == MatchedBy.OVERLAP


def test_attributes_are_told():
    before = cuboids([("1", "car", None, 0, 0, 0, 4)])
    after = replace(before, attributes=({"lit": False, "parked": True},))
    tables = [LabelTable.of([("s", "00", FrameLabels(each))]) for each in (before, after)]
    diff = diff_labels(*tables)
    assert diff.what_changed(0) == ("lit True to False", "parked True")
    assert diff_labels(*reversed(tables)).what_changed(0) == ("lit False to True", "no parked")


def test_other_coord_frames_are_refused():
    rows = [("1", "car", None, 0, 0, 0, 4)]
    tables = [
        LabelTable.of([("s", "00", FrameLabels(cuboids(rows, name)))]) for name in ("ego", "world")
    ]
    with pytest.raises(FrameMismatch, match=r"s / 00.*'ego'.*'world'"):
        diff_labels(*tables)


def test_empty_tables():
    nothing, one = table({}), table({"00": [("1", "car", None, 0, 0, 0, 4)]})
    assert len(diff_labels(nothing, nothing)) == 0
    assert diff_labels(one, nothing).difference.tolist() == [REMOVED]
    assert diff_labels(nothing, one).difference.tolist() == [ADDED]
    assert class_diffs(diff_labels(nothing, nothing)) == []


ROW = st.tuples(
    st.sampled_from("12345"), st.sampled_from(["car", "van"]),
    st.sampled_from(["a", "b", None]), st.sampled_from([0, 0.5, 1, 8]),
    st.sampled_from([0, 0.25]), st.sampled_from([0, 30, 180]), st.sampled_from([4.0, 4.5]),
)  # fmt: skip
TABLES = st.dictionaries(st.sampled_from(["00", "01"]), st.lists(ROW, max_size=5)).map(table)


@given(TABLES)
def test_a_table_is_the_same_as_itself(one):
    diff = diff_labels(one, one)
    assert (diff.difference == SAME).all()
    assert len(diff) == len(one)


@given(TABLES, TABLES)
def test_the_way_back_is_the_mirror_image(one, other):
    there, back = diff_labels(one, other), diff_labels(other, one)
    pairs = {
        (a, b): row
        for row, (a, b) in enumerate(zip(there.row_before, there.row_after, strict=True))
    }
    assert len(pairs) == len(there) == len(back)
    ambiguous = (there.matched_by == MatchedBy.OVERLAP).any()
    for row, (b, a) in enumerate(zip(back.row_before, back.row_after, strict=True)):
        if ambiguous and (a, b) not in pairs:
            continue  # Boxes that overlap alike may pair otherwise.
        mate = pairs[a, b]
        swapped = {SAME: SAME, CHANGED: CHANGED, ADDED: REMOVED, REMOVED: ADDED}
        assert swapped[Difference(there.difference[mate])] == back.difference[row]
        assert back.center_m[row] == pytest.approx(there.center_m[mate], nan_ok=True)
        assert back.size_m[row] == pytest.approx(-there.size_m[mate], nan_ok=True)
        assert back.iou[row] == pytest.approx(there.iou[mate], nan_ok=True)


@given(TABLES, TABLES)
def test_every_label_is_counted_once(one, other):
    diff = diff_labels(one, other)
    for own, count in ((diff.row_before, len(one)), (diff.row_after, len(other))):
        assert sorted(own[own >= 0]) == list(range(count))
    for each in class_diffs(diff):
        assert each.before == each.same + each.changed + each.removed + each.reclassed_from
        assert each.after == each.same + each.changed + each.added + each.reclassed_to
        assert each.before == one.class_names.count(each.class_name)
        assert each.after == other.class_names.count(each.class_name)


@given(TABLES, TABLES, st.sampled_from([0.1, 0.3, 0.7]))
def test_overlap_matching_is_greedy(one, other, least):
    """Against the plain definition: no free pair overlaps more than both partners' own."""
    first, second, _ = match(one, other, (MatchedBy.OVERLAP,), least)
    taken = dict(zip(first.tolist(), second.tolist(), strict=True))
    back = {b: a for a, b in taken.items()}

    def overlap(a, b):
        if one.places[one.place[a]] != other.places[other.place[b]]:
            return 0.0
        return float(pair_ious(one, other, np.array([a]), np.array([b]))[0])

    for a, b in taken.items():
        assert overlap(a, b) >= least
    for a in range(len(one)):
        for b in range(len(other)):
            if taken.get(a) == b or overlap(a, b) < least:
                continue
            better = [overlap(a, taken[a])] if a in taken else []
            better += [overlap(back[b], b)] if b in back else []
            assert better
            assert max(better) >= overlap(a, b) - 1e-12


def test_blocks_change_nothing(monkeypatch):
    chance = np.random.default_rng(3)
    frames = {
        f"{key:02}": [
            (str(n), "car", None, *chance.uniform(0, 20, 2), chance.uniform(0, 360), 4)
            for n in range(12)
        ]
        for key in range(9)
    }
    one = table(frames)
    other = table(
        {key: [(f"x{row[0]}", *row[1:3], row[3] + 0.4, *row[4:]) for row in rows]
         for key, rows in frames.items()}
    )  # fmt: skip
    whole = diff_labels(one, other)
    monkeypatch.setattr("viewer.review.versions.matching.PAIRS_AT_ONCE", 100)
    parts = diff_labels(one, other)
    assert parts.row_after.tolist() == whole.row_after.tolist()
    assert (whole.matched_by == MatchedBy.OVERLAP).sum() > 90


@pytest.mark.parametrize(
    ("aspects", "same"),
    [
        ((Aspect.BOX, Aspect.CLASS), [True, True, False, False]),
        ((Aspect.TRACK,), [True, False, True, True]),
        ((Aspect.ATTRIBUTES,), [False, True, True, True]),
        ((), [True, True, True, True]),
        (ALL_ASPECTS, [False, False, False, False]),
    ],
)
def test_only_what_is_asked_for_is_a_change(aspects, same):
    before = cuboids([(str(n), "car", "a", 9 * n, 0, 0, 4) for n in range(4)])
    after = cuboids(
        [("0", "car", "a", 0, 0, 0, 4), ("1", "car", "b", 9, 0, 0, 4),
         ("2", "van", "a", 18, 0, 0, 4), ("3", "car", "a", 27, 1, 0, 4)]
    )  # fmt: skip
    after = replace(after, attributes=({}, *after.attributes[1:]))
    tables = [LabelTable.of([("s", "00", FrameLabels(each))]) for each in (before, after)]
    diff = diff_labels(*tables, aspects=aspects)
    assert (diff.difference == SAME).tolist() == same
    assert diff.center_m[3] == 1.0


def test_cuboids_alone():
    labels = FrameLabels(
        cuboids([("1", "car", None, 0, 0, 0, 4)]), boxes_2d([("1", "car", "front", 0, 0, 9, 9)])
    )
    assert len(LabelTable.of([("s", "00", labels)])) == 2
    assert LabelTable.of([("s", "00", labels)], boxes_2d=False).is_cuboid.tolist() == [True]
