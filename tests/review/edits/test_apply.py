"""Labels with edits, against the same edits made row by row in plain Python."""

import copy
from dataclasses import fields, replace

import numpy as np
import pytest
from all_kinds import all_kinds_content
from fake_drive import truth
from hypothesis import given, settings
from hypothesis import strategies as st
from random_labels import all_kinds, assert_same_labels

from viewer.review.edits.apply import apply_edits
from viewer.review.edits.edited_labels import EditedLabels, delivered_labels, edit_of
from viewer.review.edits.model import NO_TRACK, LabelEdit
from viewer.review.flat_snapshots import snapshot_of
from viewer.scene.labels import FrameLabels

NUMBERS = st.floats(-1e6, 1e6)
SIZES = st.floats(0, 1e3)
NAMES = st.sampled_from(["car", "bus", "lorry"])
EDIT = st.builds(
    LabelEdit,
    st.none(),
    class_name=st.none() | NAMES,
    track_id=st.none() | st.sampled_from(["1", "77", NO_TRACK]),
    attributes=st.dictionaries(
        st.sampled_from(["occlusion", "doors", "colour"]), st.none() | st.integers(0, 3), max_size=2
    ),
    center=st.none() | st.tuples(NUMBERS, NUMBERS, NUMBERS),
    size=st.none() | st.tuples(SIZES, SIZES, SIZES),
    rotation=st.none() | st.sampled_from([(1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.6, 0.8)]),
    box_px=st.none() | st.just((1.0, 2.0, 3.0, 4.0)),
    deleted=st.booleans(),
)


def rows_of(columns):
    """A list of mappings, one a label, of any of the column classes."""
    found = []
    for row in range(len(columns)):
        one = {}
        for field in fields(columns):
            column = getattr(columns, field.name)
            if field.name == "cuboids":
                one |= {
                    name: getattr(column, name)[row].tolist()
                    for name in ("center", "size", "rotation")
                }
            elif field.name in ("vertices_px", "vertex_offsets", "part_offsets", "holes",
                                "visibilities"):  # fmt: skip
                continue
            elif column is not None and not isinstance(column, int):
                value = column[row]
                one[field.name] = value.tolist() if isinstance(value, np.ndarray) else value
        if hasattr(columns, "parts"):
            first, last = columns.part_offsets[row : row + 2]
            one["parts"] = [part.tolist() for part in columns.parts(row)]
            one["holes"] = columns.holes[first:last].tolist()
            one["visibilities"] = columns.vertex_visibilities(row).tolist()
        found.append(one)
    return found


def edited_rows(rows, edits):
    """What a person with a pencil would do."""
    found = []
    for row in copy.deepcopy(rows):
        edit = edits.get(row["label_ids"])
        if edit is None:
            found.append(row)
            continue
        if edit.deleted:
            continue
        if edit.class_name is not None:
            row["class_names"] = edit.class_name
            if "class_distributions" in row:
                row["class_distributions"] = None
        if edit.track_id is not None:
            row["track_ids"] = edit.track_id or None
        row["attributes"] = dict(row["attributes"])
        for name, value in edit.attributes.items():
            row["attributes"].pop(name, None)
            if value is not None:
                row["attributes"][name] = value
        if "center" in row:
            for name in ("center", "size", "rotation"):
                value = getattr(edit, name)
                if value is not None:
                    row[name] = list(value)
                    if "is_keyframe" in row:
                        row["is_keyframe"] = True
        if "boxes_px" in row and edit.box_px is not None:
            row["boxes_px"] = list(edit.box_px)
        found.append(row)
    return found


def assert_same_rows(mine, theirs):
    assert len(mine) == len(theirs)
    for one, other in zip(mine, theirs, strict=True):
        assert one.keys() == other.keys()
        for name, value in one.items():
            if name in ("center", "size", "rotation", "parts", "scores", "parameters",
                        "velocities_mps"):  # fmt: skip
                flat = [np.asarray(x, float).ravel() for x in (_flat(value), _flat(other[name]))]
                np.testing.assert_allclose(*flat, atol=1e-15, err_msg=name)
            else:
                assert value == other[name], name


def _flat(value):
    if not isinstance(value, list):
        return [value]
    return [number for each in value for number in _flat(each)]


def label_ids(labels: FrameLabels) -> list[str]:
    items = (*labels.masks, *labels.classifications, *labels.text_tokens)
    columns = (labels.cuboids, labels.boxes_2d, labels.shapes_2d)
    return [*(own for each in columns for own in each.label_ids), *(i.label_id for i in items)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_equals_editing_row_by_row(data):
    labels = data.draw(all_kinds(truth(3, car_count=4)))
    names = [*dict.fromkeys(label_ids(labels)), "no such label"]
    chosen = data.draw(st.lists(st.sampled_from(names), unique=True))
    edits = [replace(data.draw(EDIT), label_id=name) for name in chosen]
    before = copy.deepcopy(labels)
    edited = apply_edits(labels, edits)
    assert_same_labels(labels, before)
    by_id = {edit.label_id: edit for edit in edits}
    for name in ("cuboids", "boxes_2d", "shapes_2d"):
        wanted = edited_rows(rows_of(getattr(labels, name)), by_id)
        assert_same_rows(rows_of(getattr(edited, name)), wanted)
    for name in ("masks", "classifications", "text_tokens"):
        left = [item for item in getattr(labels, name)
                if not (item.label_id in by_id and by_id[item.label_id].deleted)]  # fmt: skip
        assert len(getattr(edited, name)) == len(left)
        for item, was in zip(getattr(edited, name), left, strict=True):
            edit = by_id.get(item.label_id, LabelEdit(""))
            if hasattr(item, "class_name"):
                assert item.class_name == (edit.class_name or was.class_name)
            if hasattr(item, "track_id"):
                wanted = was.track_id if edit.track_id is None else edit.track_id or None
                assert item.track_id == wanted
            kept = {k: v for k, v in was.attributes.items() if k not in edit.attributes}
            new = {k: v for k, v in edit.attributes.items() if v is not None}
            assert item.attributes == kept | new
    assert edited.point_classes == labels.point_classes


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_edits_do_not_add_up_and_none_gives_back_what_was_delivered(data):
    labels = data.draw(all_kinds(truth(3, car_count=4)))
    first, second = (
        [replace(data.draw(EDIT), label_id=name) for name in labels.cuboids.label_ids]
        for _ in range(2)
    )
    twice = apply_edits(apply_edits(labels, first), second)
    assert_same_labels(twice, apply_edits(labels, second))
    assert apply_edits(twice, []) is labels


def test_originals_are_at_hand_where_the_box_moved_or_was_deleted():
    labels = truth(3, car_count=4)
    edits = [
        LabelEdit("car-3", center=(1.0, 2.0, 3.0)),
        LabelEdit("extra-1-3", deleted=True),
        LabelEdit("extra-2-3", class_name="bus"),
    ]
    edited = apply_edits(labels, edits)
    assert isinstance(edited, EditedLabels)
    original = edited.original_cuboids()
    assert original.label_ids == ("car-3", "extra-1-3")
    np.testing.assert_array_equal(original.cuboids.center, labels.cuboids.cuboids.center[:2])
    assert edited.cuboids.label_ids[0] == "car-3"
    np.testing.assert_array_equal(edited.cuboids.cuboids.center[0], (1, 2, 3))
    assert edit_of(edited, "extra-2-3").changed == ("class",)
    assert edit_of(edited, "walker-3") is None
    assert edit_of(labels, "car-3") is None
    assert delivered_labels(edited) is labels


def test_what_no_edit_touches_is_the_same_object():
    labels = all_kinds_content().labels["gt"]
    edited = apply_edits(labels, [LabelEdit("p", class_name="bus")])
    assert edited.cuboids is labels.cuboids
    assert edited.boxes_2d is labels.boxes_2d
    assert edited.masks is labels.masks
    assert edited.shapes_2d.class_names == ("bus", "dog")


def test_a_deleted_label_takes_its_links_along():
    labels = all_kinds_content().labels["gt"]
    assert len(labels.links) == 1
    assert apply_edits(labels, [LabelEdit("p", deleted=True)]).links == ()
    assert apply_edits(labels, [LabelEdit("k", deleted=True)]).links == labels.links


def test_an_overruled_class_hands_on_no_probabilities():
    labels = all_kinds_content().labels["gt"]
    edited = apply_edits(labels, [LabelEdit("b", class_name="car")])
    assert labels.boxes_2d.class_distributions[1] == {"bus": 0.7, "car": 0.3}
    assert edited.boxes_2d.class_distributions[1] is None


def test_a_box_between_keyframes_that_someone_set_is_a_keyframe():
    labels = truth(3, car_count=2)
    drawn = np.zeros(len(labels.cuboids), dtype=bool)
    labels = replace(labels, cuboids=replace(labels.cuboids, is_keyframe=drawn))
    edited = apply_edits(
        labels, [LabelEdit("car-3", size=(1.0, 1.0, 1.0)), LabelEdit("extra-1-3", class_name="bus")]
    )
    assert edited.cuboids.is_keyframe.tolist() == [True, *[False] * (len(labels.cuboids) - 1)]
    assert not drawn.any()


def test_a_zero_rotation_is_refused_and_not_drawn():
    with pytest.raises(ValueError, match="quaternion"):
        apply_edits(truth(3), [LabelEdit("car-3", rotation=(0.0, 0.0, 0.0, 0.0))])


def test_an_edit_of_what_was_delivered_otherwise_since_does_nothing():
    labels = truth(3, car_count=3)
    base = snapshot_of(labels, "car-3").hash
    edits = [
        LabelEdit("car-3", class_name="bus", base_hash=base),
        LabelEdit("extra-1-3", class_name="bus", base_hash=base),
        LabelEdit("no such label", class_name="bus", base_hash=base),
    ]
    edited = apply_edits(labels, edits)
    assert edited.cuboids.class_names[:2] == ("bus", "truck")
    assert set(edited.stale) == {"extra-1-3"}
    assert set(edited.edits) == {"car-3", "no such label"}
    assert edit_of(edited, "extra-1-3") is None
