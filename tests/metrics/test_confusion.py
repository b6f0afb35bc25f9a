"""Confusion matrices by hand, and against counting one by one."""

import numpy as np
import pytest
from evaluated_objects import frames, objects
from hypothesis import given
from hypothesis import strategies as st

from viewer.metrics.class_roles import ClassRoles
from viewer.metrics.confusion import ConfusionIndex
from viewer.metrics.confusion_queries import Ordering, Query, list_errors
from viewer.metrics.matching.candidates import Matcher, MatchRules
from viewer.metrics.matching.catalog import similarity_by_name
from viewer.metrics.scope import Difficulty, Scope
from viewer.progress import JobContext
from viewer.scene.class_map import ClassEntry, ClassMap

GREY = (1, 1, 1)


def prepared(labels, predictions, *, similarity="center_distance_3d", class_map=None, rules=None,
             matcher=Matcher.BY_SCORE, **roles):  # fmt: skip
    return ConfusionIndex.prepare(
        labels, predictions, ClassRoles.of(class_map or ClassMap(), labels, predictions, **roles),
        similarity_by_name(similarity), JobContext(), rules=rules, matcher=matcher,
    )  # fmt: skip


def cells(confusion):
    names = confusion.class_names
    return {
        (names[i], names[j]): int(confusion.cells[i, j])
        for i, j in zip(*np.nonzero(confusion.cells), strict=True)
    }


LABELS = objects([0.0, 10, 20, 30, 40], classes=["car", "car", "van", "van", "dog"])
GUESSES = objects(
    [0.5, 10.5, 20.5, 50, 31.9], classes=["car", "van", "van", "car", "car"],
    scores=[0.9, 0.8, 0.7, 0.6, 0.3],
)  # fmt: skip


def test_cells_by_hand():
    index = prepared(LABELS, GUESSES)
    assert index.roles.names == ("car", "van", "dog")
    expected = {
        ("car", "car"): 1, ("car", "van"): 1, ("van", "van"): 1, ("van", "car"): 1,
        ("dog", "background"): 1, ("background", "car"): 1,
    }  # fmt: skip
    assert cells(index.at(0.0, 2.0)) == expected
    assert cells(index.at(0.5, 2.0)) == {
        ("car", "car"): 1, ("car", "van"): 1, ("van", "van"): 1, ("van", "background"): 1,
        ("dog", "background"): 1, ("background", "car"): 1,
    }  # fmt: skip
    # At 1 m the last is too far away.
    assert cells(index.at(0.0, 1.0))["background", "car"] == 2
    assert cells(index.at(0.95, 2.0)) == {
        ("car", "background"): 2, ("van", "background"): 2, ("dog", "background"): 1,
    }  # fmt: skip
    assert cells(index.at(0.0, 2.0)) == expected


def test_only_one_class_pairs_when_classes_count():
    index = prepared(LABELS, GUESSES, rules=MatchRules(class_agnostic=False))
    found = cells(index.at(0.0, 2.0))
    assert found["car", "car"] == 1
    assert found["background", "van"] == 1
    assert ("car", "van") not in found
    allowed = MatchRules(class_agnostic=False, allowed=[("Car", "van")])
    found = cells(prepared(LABELS, GUESSES, rules=allowed).at(0.0, 2.0))
    assert found["car", "van"] == 1
    assert ("van", "car") not in found
    with pytest.raises(ValueError, match="class_agnostic"):
        prepared(LABELS, GUESSES, rules=MatchRules(allowed=[("car", "van")]))


def test_classes_collapse_and_are_left_out_or_ignored():
    class_map = ClassMap(
        (
            ClassEntry("van", GREY, train_name="car"),
            ClassEntry("car", GREY),
            ClassEntry("dog", GREY, ignored=True),
        )
    )
    predictions = objects([0.5, 40.2], classes=["van", "car"], scores=[0.5, 0.6])
    index = prepared(LABELS, predictions, class_map=class_map)
    assert index.roles.names == ("car",)
    # The prediction on the dog is no error, and nobody misses the dog.
    assert cells(index.at(0.0, 2.0)) == {("car", "car"): 1, ("car", "background"): 3}
    apart = prepared(LABELS, predictions, class_map=class_map, collapsed=False)
    assert cells(apart.at(0.0, 2.0))["car", "van"] == 1
    without = ClassMap((ClassEntry("dog", GREY, train_name=""), ClassEntry("car", GREY)))
    found = prepared(LABELS, predictions, class_map=without, joined={"VAN": "car"})
    assert cells(found.at(0.0, 2.0)) == {
        ("car", "car"): 1, ("car", "background"): 3, ("background", "car"): 1,
    }  # fmt: skip


def test_a_crowd_excuses_any_number():
    labels = objects([[0, 0, 0], [100, 0, 0]], size=[(20, 20, 5), (4, 2, 1.5)],
                     is_crowd=np.array([True, False]))  # fmt: skip
    predictions = objects([[-5, 0, 0], [5, 0, 0], [50, 0, 0]], scores=[0.9, 0.8, 0.7])
    index = prepared(labels, predictions, similarity="iou_3d")
    found = index.at(0.0, 0.5)
    assert cells(found) == {("car", "background"): 1, ("background", "car"): 1}
    assert found.false_positives.tolist() == [2]
    assert found.false_negatives.tolist() == [1]


def test_what_is_out_of_scope_neither_counts_nor_harms():
    labels, predictions = objects([10.0, 60]), objects([10.5, 60.5, 61.9, 30], scores=[0.9] * 4)
    index = prepared(labels, predictions, rules=MatchRules(scope=Scope(most_range_m=50)))
    assert cells(index.at(0, 2.0)) == {("car", "car"): 1, ("background", "car"): 1}
    few = objects([10.0, 60], point_counts=np.array([3, 0]))
    index = prepared(few, predictions, rules=MatchRules(scope=Scope(least_points=1)))
    assert cells(index.at(0, 1.0)) == {("car", "car"): 1, ("background", "car"): 2}


def test_difficulty_of_kitti():
    tall, low = [0, 0, 9, 41], [0, 0, 9, 30]
    labels = objects(
        [0.0, 10, 20, 30], boxes_px=np.array([tall, low, tall, tall], float), cameras=[""] * 4,
        occlusions=np.array([0, 0, 2, 0]), truncations=np.array([0, 0, 0, 0.4]),
    )  # fmt: skip
    counted = {each: Scope(difficulty=each).labels_in(labels).tolist() for each in Difficulty}
    assert counted[Difficulty.EASY] == [True, False, False, False]
    assert counted[Difficulty.MODERATE] == [True, True, False, False]
    assert counted[Difficulty.HARD] == [True, True, True, True]


def test_queries():
    confusion = prepared(LABELS, GUESSES).at(0.0, 2.0)

    def rows(query, **more):
        found = list_errors(confusion, query, **more)
        return list(zip(found.label_rows.tolist(), found.prediction_rows.tolist(), strict=True))

    assert rows(Query.cell("car", "van")) == [(1, 1)]
    assert rows(Query.cell("background", "car")) == [(-1, 3)]
    assert rows(Query.correct()) == [(0, 0), (2, 2)]
    assert rows(Query.confusions()) == [(1, 1), (3, 4)]
    assert rows(Query.confused_as("car")) == [(3, 4)]
    assert rows(Query.confused_from("car")) == [(1, 1)]
    assert rows(Query.false_positives()) == [(-1, 3)]
    assert rows(Query.false_positives("van")) == []
    assert rows(Query.false_negatives()) == [(4, -1)]
    assert rows([Query.correct(), Query.cell("car", "car"), Query.false_negatives("dog")]) == [
        (0, 0), (2, 2), (4, -1),
    ]  # fmt: skip
    with pytest.raises(KeyError, match="car, van, dog"):
        rows(Query.confused_as("cat"))


def test_orderings_and_pages():
    labels = objects([0.0, 10, 20], size=[(4, 2, 1), (2, 1, 1), (8, 2, 1)])
    predictions = objects([0.5, 10.1, 21.0, 90], scores=[0.4, 0.6, 0.5, 0.9])
    confusion = prepared(labels, predictions).at(0.0, 2.0)
    everything = [Query.correct(), Query.false_positives()]

    def order(ordering):
        return list_errors(confusion, everything, ordering).prediction_rows.tolist()

    assert order(Ordering.CONF_ASC) == [0, 2, 1, 3]
    assert order(Ordering.CONF_DESC) == [3, 1, 2, 0]
    # What has no partner has no distance and comes last.
    assert order(Ordering.IOU_ASC) == [1, 0, 2, 3]
    assert order(Ordering.IOU_DESC) == [2, 0, 1, 3]
    assert order(Ordering.BOX_SIZE_ASC) == [1, 0, 3, 2]
    assert order(Ordering.BOX_SIZE_DESC) == [2, 3, 0, 1]
    page = list_errors(confusion, everything, Ordering.CONF_DESC, offset=1, most=2)
    assert page.prediction_rows.tolist() == [1, 2]
    assert (page.offset, page.total, len(page)) == (1, 4, 2)
    assert page.values.tolist() == pytest.approx([0.1, 1.0])
    assert page.sizes.tolist() == [2, 16]
    assert page.frame_rows.tolist() == [0, 0]


@given(st.integers(0, 2**32), st.sampled_from(list(Matcher)), st.booleans())
def test_every_object_is_in_one_cell(seed, matcher, agnostic):
    rng = np.random.default_rng(seed)
    on = frames(3)
    n, m = rng.integers(0, 30, 2).tolist()
    names = np.array(["a", "b", "c"])
    labels = objects(rng.uniform(0, 6, (n, 3)), on=on, frame=np.sort(rng.integers(0, 3, n)),
                     classes=names[rng.integers(0, 3, n)].tolist())  # fmt: skip
    predictions = objects(
        rng.uniform(0, 6, (m, 3)), on=on, frame=np.sort(rng.integers(0, 3, m)),
        classes=names[rng.integers(0, 2, m)].tolist(), scores=rng.random(m),
    )  # fmt: skip
    index = prepared(
        labels, predictions, matcher=matcher, rules=MatchRules(class_agnostic=agnostic)
    )
    for confidence, threshold in ((0.0, 1.5), (0.4, 1.5), (0.4, 0.8)):
        found = index.at(confidence, threshold)
        names_of = [index.roles.names, (*index.roles.names, "background")]
        for row, name in enumerate(names_of[0]):
            own = sum(labels.class_names[each] == name for each in labels.class_rows)
            guessed = sum(
                predictions.class_names[each] == name and score >= confidence
                for each, score in zip(predictions.class_rows, predictions.scores, strict=True)
            )
            assert found.cells[row].sum() == own
            assert found.cells[:, row].sum() == guessed
        listed = list_errors(found, [Query.correct(), Query.confusions()])
        assert len(listed) == found.cells[:-1, :-1].sum()
        assert (listed.values <= threshold).all()
        assert (listed.confidences >= confidence).all()
        assert len(list_errors(found, Query.false_positives())) == found.cells[-1].sum()
        assert len(list_errors(found, Query.false_negatives())) == found.cells[:, -1].sum()


def test_bounds_of_scores():
    assert prepared(objects([0.0]), objects([], scores=[])).score_bounds == (0, 1)
    assert prepared(objects([0.0]), objects([0.0], scores=[0.5])).score_bounds == (0, 1)
    wide = prepared(objects([0.0]), objects([0.0, 9], scores=[-3.0, 12.5]))
    assert wide.score_bounds == (-3, 12.5)
    assert cells(wide.at(-3.0, 2.0))["car", "car"] == 1
