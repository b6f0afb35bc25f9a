"""Edited labels in the platforms' shapes: the edits arrive, all else is as without them."""

import numpy as np
import pytest
from fake_drive import make_scene
from review.edited_trees import first_rows, made, tree_hash, write
from review.edits_examples import DATASET
from tiny_datasets import TINY_DATASETS

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.catalog import SCENE_WRITERS
from viewer.review import Subject, Workspace
from viewer.review.attach import attach_dataset
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.edits import (
    ChangeBox,
    ChangeClass,
    FlipHeading,
)
from viewer.review.commands.marks import MarkMissing
from viewer.review.commands.redelivery import AcceptCarry
from viewer.review.commands.tracks import ChangeTrackId
from viewer.review.datasets.relink import Recognised
from viewer.review.edits.edited_dataset import (
    EditsOfScene,
    edited_dataset,
    edited_scene,
    with_classes,
)
from viewer.review.edits.model import LabelEdit
from viewer.review.flat_snapshots import snapshot_of
from viewer.review.redelivery.carry_over import Move, carry_over
from viewer.scene.class_map import ClassEntry, ClassMap
from viewer.scene.scene import Dataset
from viewer.scene.tracks import Track

BOTH = sorted({each.name for each in SCENE_WRITERS} & TINY_DATASETS.keys())


def in_world(scene, index, labels):
    cuboids = labels.cuboids
    at_ns = cuboids.timestamp_ns or scene.frames[index].timestamp_ns
    tree = scene.reader.read_rig(index).transforms
    world_from = tree.transform("world", cuboids.cuboids.coord_frame_id, at_ns)
    return cuboids.cuboids.transformed(world_from)


def contents(dataset: Dataset):
    """Of each scene, frame and label set: (class, track, attributes, 7 numbers) a cuboid, boxes."""
    found = []
    for scene in dataset.scenes:
        for frame in scene.frames:
            for label_set in scene.label_sets:
                labels = scene.reader.read_labels(frame.index, label_set.label_set_id)
                own = labels.cuboids
                placed = in_world(scene, frame.index, labels)
                cuboids = [
                    (
                        own.class_names[row], own.track_ids[row], dict(own.attributes[row]),
                        [*placed.center[row], *placed.size[row], placed.yaw_rad[row]],
                    )
                    for row in range(len(own))
                ]  # fmt: skip
                flat = [
                    (name, box.tolist())
                    for name, box in zip(
                        labels.boxes_2d.class_names, labels.boxes_2d.boxes_px, strict=True
                    )
                ]
                shapes = list(labels.shapes_2d.class_names)
                found.append(((frame.index, label_set.label_set_id), cuboids, flat, shapes))
    return found


def first_truth(dataset: Dataset):
    """The first frame with a label: subject maker, its labels."""
    for scene in dataset.scenes:
        for frame in scene.frames:
            for label_set in scene.label_sets:
                labels = scene.reader.read_labels(frame.index, label_set.label_set_id)
                if len(labels.cuboids) or len(labels.boxes_2d) or len(labels.shapes_2d):
                    return scene, frame, label_set.label_set_id, labels
    pytest.skip("it has no labels that are edited here")


def close(one, other):
    return np.allclose(one, other, rtol=0, atol=0.011)


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("name", BOTH)
def test_an_edit_arrives_and_the_rest_stays_as_it_is(name, place, workspace: Workspace, tmp_path):
    makers = TINY_DATASETS[name]
    if place >= len(makers):
        pytest.skip("one way to make it")
    (tmp_path / "made").mkdir()
    root = makers[place](tmp_path / "made")
    before = tree_hash(tmp_path / "made")
    dataset = open_dataset(root)
    scene, frame, label_set_id, labels = first_truth(dataset)
    workspace.run(AddDataset(DATASET, "tiny", str(root), name))

    def subject(label_id: str) -> Subject:
        return Subject.label(DATASET, scene.scene_id, frame.key, label_set_id, label_id)

    def run(command, label_id, *values, **named):
        workspace.run(
            command(subject(label_id), *values, snapshot=snapshot_of(labels, label_id), **named)
        )

    has_cuboid = len(labels.cuboids) > 0
    if has_cuboid:
        edited_id = labels.cuboids.label_ids[0]
        center = labels.cuboids.cuboids.center[0] + (0.5, 0.25, -0.125)
        run(ChangeBox, edited_id, center=center, size=(4.5, 1.75, 1.25))
    elif len(labels.boxes_2d):
        edited_id = labels.boxes_2d.label_ids[0]
        run(ChangeBox, edited_id, box_px=(1, 2, 3, 4))
    else:
        edited_id = labels.shapes_2d.label_ids[0]
    run(ChangeClass, edited_id, "Truck")

    edited = edited_dataset(dataset, workspace.reading, DATASET)
    plain, _ = write(name, dataset, tmp_path / "plain")
    out, report = write(name, edited, tmp_path / "out")
    assert not [row for row in report.rows() if "its edit does nothing" in str(row)]
    mine, theirs, wanted = contents(out), contents(plain), contents(edited)
    assert len(mine) == len(theirs)
    changed = 0
    for (key, cuboids, boxes, shapes), (_, old_cuboids, old_boxes, old_shapes) in zip(
        mine, theirs, strict=True
    ):
        if (name, place) == ("yolo", 1):
            # One task a file: polygons beside boxes become boxes where lines are made anew.
            boxes, shapes = boxes[: len(old_boxes)], shapes[: len(old_shapes)]
            old_shapes = old_shapes[: len(shapes)]
        assert (len(cuboids), len(boxes), len(shapes)) == (
            len(old_cuboids), len(old_boxes), len(old_shapes),
        )  # fmt: skip
        for new, old in zip(cuboids, old_cuboids, strict=True):
            if name == "nuscenes":
                # A track has one class there: the changed label becomes a track of its own.
                new, old = ((one[0], None, *one[2:]) for one in (new, old))
            if new[0] == old[0] and new[1:3] == old[1:3] and close(new[3], old[3]):
                continue
            changed += 1
            assert new[0].lower() == "truck", key
            assert (new[1], new[2]) == (old[1], old[2])
            assert any(
                close(new[3], each[3])
                for _, edited_cuboids, _, _ in wanted
                for each in edited_cuboids
                if each[0] == "Truck"
            ), key
        for new, old in zip(boxes, old_boxes, strict=True):
            if new != old:
                changed += 1
                assert new[0].lower() == "truck"
                assert has_cuboid or new[1] == [1, 2, 3, 4]
        changed += sum(new != old for new, old in zip(shapes, old_shapes, strict=True))
    assert changed >= 1
    for each in (dataset, plain, out):
        each.close()
    assert tree_hash(tmp_path / "made") == before


def test_edits_that_do_nothing_are_told(workspace: Workspace, tmp_path):
    _, dataset = made("native", tmp_path)
    scene, frame, labels = first_rows(dataset, dataset.scenes[0].label_sets[0].label_set_id)
    label_set_id = scene.label_sets[0].label_set_id
    gone = LabelEdit("no such label", class_name="bus")
    stale = LabelEdit(labels.cuboids.label_ids[0], class_name="bus", base_hash="0" * 32)
    edits = {frame.key: {label_set_id: [gone, stale]}, "no such frame": {label_set_id: [gone]}}
    edited = edited_scene(scene, edits)
    again = edited.reader.read_labels(0, label_set_id)
    assert list(again.cuboids.class_names) == list(labels.cuboids.class_names)
    told = {problem.message for problem in edited.reader.problems()}
    assert told >= {
        "label no such label is gone; its edit does nothing",
        f"label {stale.label_id} was delivered otherwise since; its edit does nothing",
        "the frame is gone; edits of its labels do nothing",
    }
    assert edited.class_map.entry("bus") is not None
    assert scene.class_map.entry("bus") is None


def test_new_classes_get_the_next_number_where_all_have_one():
    numbered = ClassMap((ClassEntry("a", (0, 0, 0), 0), ClassEntry("b", (0, 0, 0), 4)))
    assert [each.class_id for each in with_classes(numbered, ["b", "c", "d", "c"]).entries] == [
        0, 4, 5, 6,
    ]  # fmt: skip
    plain = ClassMap.from_names(["a"])
    assert [each.class_id for each in with_classes(plain, ["c"]).entries] == [None, None]
    assert with_classes(plain, ["a"]) is plain


def test_tracks_as_a_whole_are_told_as_far_as_they_are_still_true():
    scene = make_scene(4, car_count=3)
    told = [Track(name, "car", (0, 1, 2, 3)) for name in ("1", "x1", "x2", "x3")]
    edits = {
        f"{index:06d}": {
            "gt": [
                LabelEdit(f"car-{index}", class_name="bus"),
                LabelEdit(f"extra-1-{index}", track_id="x2" if index else None),
            ]
        }
        for index in range(4)
    }
    found = EditsOfScene(scene, edits).tracks("gt", told)
    assert [(track.track_id, track.class_name) for track in found] == [("1", "bus"), ("x3", "car")]
    del edits["000002"]
    found = EditsOfScene(scene, edits).tracks("gt", told)
    assert found[0].class_name == "car"


def test_nothing_that_review_does_touches_the_dataset(workspace: Workspace, tmp_path):
    """Attach, edit, mark, compare, carry over, export: the folder is the same to the last bit."""
    root, dataset = made("aquarium", tmp_path)
    before = tree_hash(root)
    known = attach_dataset(workspace, dataset).dataset_id
    scene, frame, labels = first_rows(dataset, "labels")
    label_id = labels.cuboids.label_ids[0]
    subject = Subject.label(known, scene.scene_id, frame.key, "labels", label_id)
    snapshot = snapshot_of(labels, label_id)
    workspace.run(ChangeClass(subject, "Truck", snapshot))
    workspace.run(FlipHeading(subject, snapshot))
    workspace.run(ChangeTrackId(subject, "9", snapshot))
    workspace.run(MarkMissing("m" * 32, Subject.frame(known, scene.scene_id, frame.key), "Car",
                              (1, 2, 3), "world"))  # fmt: skip
    found = carry_over(workspace.reading, dataset, known)
    assert found.stale == ()
    other = Subject.label(known, scene.scene_id, frame.key, "labels", "other")
    workspace.run(AcceptCarry([Move(subject, other, snapshot)]))
    workspace.undo()
    write("aquarium", edited_dataset(dataset, workspace.reading, known), tmp_path / "out")
    dataset.close()
    assert attach_dataset(workspace, open_dataset(root)).how is Recognised.SAME
    assert tree_hash(root) == before
