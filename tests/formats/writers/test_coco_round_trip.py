"""Any 2D labels written as COCO are read again as they were."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.formats.coco.annotation_file import CategoryRow
from viewer.formats.coco.annotations import ImageLabels
from viewer.formats.problem_log import ProblemLog
from viewer.formats.writers.coco_rows import AnnotationRows, CategoryNumbers, number_rows
from viewer.formats.writers.image_labels import ImageLabel, bounds_of, labels_on_image
from viewer.formats.writers.losses import LossLog
from viewer.scene.class_map import ClassMap
from viewer.scene.masks import RunLengths

CLASSES = ClassMap.from_names(["car", "person"])
coordinate = st.floats(-50, 200, allow_nan=False).map(lambda value: round(value, 3))
plain = st.one_of(st.booleans(), st.integers(-9, 9), st.text(max_size=5), st.none())
facts = st.fixed_dictionaries(
    {
        "class_name": st.sampled_from(CLASSES.names),
        "score": st.one_of(st.just(float("nan")), st.floats(0, 1)),
        "track_id": st.one_of(st.none(), st.text(min_size=1, max_size=4)),
        "attributes": st.dictionaries(
            st.sampled_from(["colour", "status", "tags", "worker"]), plain.filter(bool), max_size=3
        ),
        "is_crowd": st.booleans(),
    }
)


@st.composite
def image_labels(draw, label_id):
    """A box, a polygon in parts, keypoints, a mask or a class."""
    own = draw(facts)
    kind = draw(st.sampled_from(["box", "polygon", "keypoints", "mask", "class"]))
    if kind == "class":
        return ImageLabel(label_id, **{**own, "is_crowd": False})
    if kind == "box":
        left, top = draw(coordinate), draw(coordinate)
        width, height = draw(st.integers(0, 90)), draw(st.integers(0, 90))
        return ImageLabel(label_id, box_px=(left, top, left + width, top + height), **own)
    if kind == "mask":
        shape = (draw(st.integers(1, 6)), draw(st.integers(1, 6)))
        bits = draw(st.lists(st.booleans(), min_size=shape[0] * shape[1], max_size=36))
        mask = np.array(bits[: shape[0] * shape[1]]).reshape(shape)
        return ImageLabel(label_id, runs=RunLengths.of(mask), box_px=(0.0, 0.0, 1.0, 1.0), **own)
    points = st.tuples(coordinate, coordinate)
    if kind == "polygon":
        rings = draw(st.lists(st.lists(points, min_size=3, max_size=6), min_size=1, max_size=3))
        arrays = [np.array(ring, dtype=float) for ring in rings]
        return ImageLabel(label_id, rings=arrays, box_px=bounds_of(arrays), **own)
    states = draw(st.lists(st.integers(0, 2), min_size=1, max_size=4).filter(any))
    places = np.array([draw(points) if state else (np.nan, np.nan) for state in states])
    return ImageLabel(
        label_id, keypoints=places, visibilities=states, box_px=bounds_of([places]), **own
    )


@st.composite
def images(draw):
    count = draw(st.integers(0, 5))
    return [draw(image_labels(str(index + 1))) for index in range(count)]


@settings(deadline=None)
@given(images())
def test_labels_come_back(labels):
    categories = CategoryNumbers([CLASSES])
    rows = [row for row, _ in AnnotationRows(categories, LossLog()).of(labels, 1, "here")]
    assert number_rows(rows, [each.label_id for each in labels]) == []
    problems = ProblemLog()
    names = {row["id"]: CategoryRow(row["id"], row["name"]) for row in categories.rows()}
    reader = ImageLabels("somewhere.json", names, problems, are_results=True)
    for row in rows:
        reader.add(row, "there", "none")
    assert problems.snapshot() == ()
    again = {e.label_id: e for e in labels_on_image(reader.build(), "image", "", "", LossLog())}
    assert set(again) == {each.label_id for each in labels}
    for label in labels:
        _require_same(label, again[label.label_id])


def _require_same(label, again):
    for name in ("class_name", "track_id", "is_crowd"):
        assert getattr(again, name) == getattr(label, name)
    assert again.attributes == label.attributes
    assert again.score == pytest.approx(label.score, nan_ok=True)
    for own, other in zip(label.rings, again.rings, strict=True):
        np.testing.assert_array_equal(other, own)
    if label.runs is not None:
        np.testing.assert_array_equal(again.runs.decoded(), label.runs.decoded())
    elif label.keypoints is not None:
        np.testing.assert_array_equal(again.keypoints, label.keypoints)
        assert list(again.visibilities) == list(label.visibilities)
    elif label.box_px is not None:
        assert again.box_px == pytest.approx(label.box_px, abs=1e-9)


def test_numbers_of_labels_stay_and_others_take_what_is_free():
    rows = [{}, {}, {}, {}]
    assert number_rows(rows, ["car-1", "2", "2", "007"]) == [0, 2, 3]
    assert [row["id"] for row in rows] == [1, 2, 3, 4]
