"""Decisions across deliveries: found again by id, then by class and geometry; none is lost."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_drive import make_dataset, make_scene, truth
from hypothesis import given, settings
from hypothesis import strategies as st
from review.conftest import tables
from review.edits_examples import DATASET

from viewer.geometry.cuboids import Cuboids
from viewer.progress import Cancelled, JobContext
from viewer.review import CommandRefused, LabelSnapshot, Reviewer, Subject, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.edits import ChangeBox, ChangeClass
from viewer.review.commands.issues import OpenIssue
from viewer.review.commands.marks import MarkMissing
from viewer.review.commands.queues import CreateQueue
from viewer.review.commands.redelivery import AcceptCarry, Reanchor
from viewer.review.commands.slices import CreateSlice
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.edits.apply import apply_edits
from viewer.review.edits.reading import edit_of, edits_in_frame
from viewer.review.flat_snapshots import snapshot_of
from viewer.review.issues.model import NewElement
from viewer.review.issues.on_subjects import elements_on
from viewer.review.redelivery.carry_over import Staleness, carry_over
from viewer.review.redelivery.reanchor import replaced
from viewer.review.slices.members import Members
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import verdict_of
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Growth

CARS = 5


class Delivery:
    """A reader of the fake drive that hands out other labels in some frames."""

    def __init__(self, base, labels):
        self._base, self.labels = base, labels

    def __getattr__(self, name):
        return getattr(self._base, name)

    def read_labels(self, frame_index, label_set_id):
        if label_set_id == "gt" and frame_index in self.labels:
            return self.labels[frame_index]
        return self._base.read_labels(frame_index, label_set_id)


def delivered(labels=None, frame_count=12):
    scene = make_scene(frame_count, car_count=CARS)
    return make_dataset(replace(scene, reader=Delivery(scene.reader, labels or {})))


def label(label_id, index=3):
    return Subject.label(DATASET, "drive", f"{index:06d}", "gt", label_id)


def before(label_id, index=3):
    return snapshot_of(truth(index, CARS), label_id)


def changed(index=3, *, ids=None, center=None, classes=None, keep=None):
    """The frame's labels with other ids, places (by row) or classes (by row); `keep` rows."""
    labels = truth(index, CARS)
    own = labels.cuboids
    centers = own.cuboids.center.copy()
    for row, place in (center or {}).items():
        centers[row] = place
    names = [(classes or {}).get(row, name) for row, name in enumerate(own.class_names)]
    cuboids = replace(
        own,
        cuboids=Cuboids(centers, own.cuboids.size, own.cuboids.rotation, "lidar"),
        label_ids=ids or own.label_ids,
        class_names=names,
    )
    if keep is not None:
        from viewer.scene.kept_rows import kept_cuboids

        cuboids = kept_cuboids(cuboids, np.isin(np.arange(len(own)), keep))
    return replace(labels, cuboids=cuboids, boxes_2d=type(labels.boxes_2d).empty())


@pytest.fixture
def drive(workspace: Workspace) -> Workspace:
    workspace.run(AddDataset(DATASET, "drive", "/fake", "fake"))
    return workspace


def verdict(label_id, state=VerdictState.REJECTED, index=3):
    return SetVerdict(label(label_id, index), state, snapshot=before(label_id, index))


def test_the_same_labels_keep_everything(drive: Workspace):
    drive.run(verdict("car-3"))
    drive.run(ChangeClass(label("extra-1-3"), "bus", before("extra-1-3")))
    drive.run(MarkMissing("m" * 32, Subject.frame(DATASET, "drive", "000004"), "car",
                          sensor_id="front", pixel=(1, 2)))  # fmt: skip
    drive.run(SetVerdict(Subject.track(DATASET, "drive", "gt", "x2"), VerdictState.ACCEPTED))
    drive.run(SetVerdict(Subject.scene(DATASET, "drive"), VerdictState.ACCEPTED))
    found = carry_over(drive.reading, delivered(), DATASET)
    assert (found.kept_count, found.moves, found.stale) == (5, (), ())
    assert found.text == "5 as before, none stale"


def test_ids_that_are_counted_by_row_are_followed(drive: Workspace):
    """A label was taken out, so that those behind it have the ids of their predecessors."""
    ids = list(truth(3, CARS).cuboids.label_ids)
    for name in ids[1:]:
        drive.run(replace(verdict(name), comment=name))
    drive.run(ChangeClass(label(ids[3]), "bus", before(ids[3])))
    shifted = changed(keep=[0, *range(2, len(ids))])
    own = replace(shifted.cuboids, label_ids=tuple(ids[: len(ids) - 1]))
    after = delivered({3: replace(shifted, cuboids=own)})
    found = carry_over(drive.reading, after, DATASET)
    moved = [
        (move.subject.label_id, move.to.label_id) for move in found.moves if not move.makes_way
    ]
    assert moved == list(zip(ids[2:], ids[1:-1], strict=True))
    (gone,) = found.stale
    assert gone.why is Staleness.LABEL_GONE
    assert gone.subject.label_id == f"{ids[1]} (was {before(ids[1]).hash[:6]})"
    assert (gone.before, gone.candidate) == (before(ids[1]), None)
    assert found.text == f"0 as before, {len(moved)} found under another id, 1 stale"
    earlier = tables(drive.path)
    drive.run(AcceptCarry(found.moves))
    assert drive.undo_text == f"Carry decisions over to {len(moved)} labels"
    for old, new in zip(ids[2:], ids[1:-1], strict=True):
        assert verdict_of(drive.reading, label(new).key).comment == old
    assert verdict_of(drive.reading, gone.subject.key).comment == ids[1]
    assert edit_of(drive.reading, label(ids[2])).class_name == "bus"
    assert edit_of(drive.reading, label(ids[3])) is None
    again = carry_over(drive.reading, after, DATASET)
    assert (again.moves, [each.subject for each in again.stale]) == ((), [gone.subject])
    back = carry_over(drive.reading, delivered(), DATASET)
    assert back.stale == ()
    drive.run(AcceptCarry(back.moves))
    for name in ids[1:]:
        assert verdict_of(drive.reading, label(name).key).comment == name
    drive.undo()
    drive.undo()
    assert tables(drive.path) == earlier


def test_what_moved_or_changed_class_is_stale_with_the_difference(drive: Workspace):
    drive.run(verdict("car-3"))
    drive.run(verdict("extra-1-3"))
    drive.run(verdict("extra-2-3"))
    x, y, z = truth(3, CARS).cuboids.cuboids.center[0]
    new = changed(center={0: (x + 0.3, y + 0.4, z)}, classes={1: "van"})
    found = carry_over(drive.reading, delivered({3: new}), DATASET)
    assert found.kept_count == 1
    told = {each.subject.label_id: each for each in found.stale}
    assert told["car-3"].why is Staleness.CHANGED
    assert told["car-3"].difference.moved_m == pytest.approx(0.5)
    assert told["car-3"].text == "label car-3 in drive / 000003: moved 0.50 m"
    assert told["extra-1-3"].difference.text == "truck is van now"
    assert told["car-3"].counts == {"verdicts": 1}


def test_what_is_gone_is_listed_with_the_nearest_label(drive: Workspace):
    for name in ("car-3", "extra-1-3"):
        drive.run(verdict(name))
    ids = [f"new-{row}" for row in range(len(truth(3, CARS).cuboids))]
    x, y, z = truth(3, CARS).cuboids.cuboids.center[0]
    rows = [0, *range(2, len(ids))]
    new = changed(ids=ids, center={0: (x, y + 1.0, z)}, keep=rows)
    found = carry_over(drive.reading, delivered({3: new}), DATASET)
    told = {each.subject.label_id: each for each in found.stale}
    assert [each.why for each in found.stale] == [Staleness.LABEL_GONE] * 2
    assert told["car-3"].candidate == label("new-0")
    assert told["car-3"].text.endswith("is gone; label new-0 is near: moved 1.00 m")
    assert told["extra-1-3"].candidate is None
    assert told["extra-1-3"].text.endswith("is gone")


def test_frames_tracks_scenes_and_unreadable_labels_are_told_apart(drive: Workspace):
    drive.run(verdict("car-3"))
    drive.run(verdict("car-11", index=11))
    drive.run(SetVerdict(Subject.frame(DATASET, "drive", "000011"), VerdictState.ACCEPTED))
    drive.run(SetVerdict(Subject.track(DATASET, "drive", "gt", "no more"), VerdictState.ACCEPTED))
    drive.run(SetVerdict(Subject.scene(DATASET, "yard"), VerdictState.ACCEPTED))
    shorter = delivered(frame_count=10)
    found = carry_over(drive.reading, shorter, DATASET)
    assert {(each.subject.kind.value, each.why) for each in found.stale} == {
        ("label", Staleness.FRAME_GONE),
        ("frame", Staleness.FRAME_GONE),
        ("track", Staleness.TRACK_GONE),
        ("scene", Staleness.SCENE_GONE),
    }
    assert found.kept_count == 1
    shorter.scenes[0].reader.damaged.add(("labels", 3))
    found = carry_over(drive.reading, shorter, DATASET)
    whys = {each.subject.text: each.why for each in found.stale}
    assert whys["label car-3 in drive / 000003"] is Staleness.UNREADABLE
    assert whys["track no more in drive"] is Staleness.UNREADABLE


def test_the_comparison_can_be_given_up(drive: Workspace):
    drive.run(verdict("car-3"))
    context = JobContext()
    context.cancel()
    with pytest.raises(Cancelled):
        carry_over(drive.reading, delivered(), DATASET, context)


def everything_about(drive: Workspace, name: str):
    """One decision of each kind about a label of frame 3."""
    drive.run(verdict(name))
    drive.run(ChangeBox(label(name), size=(5, 2, 2), snapshot=before(name)))
    element = NewElement("e" * 31 + name[-1], label(name), snapshot=before(name))
    drive.run(OpenIssue("i" * 31 + name[-1], "Loose box", elements=(element,)))
    drive.run(CreateQueue("q" * 31 + name[-1], "Loose", [label(name), label("walker-3")]))
    drive.run(CreateSlice("s" * 31 + name[-1], "Loose", Members.of([label(name)])))


def test_a_label_under_another_id_takes_everything_along_and_undo_brings_it_back(
    drive: Workspace, tmp_path: Path
):
    everything_about(drive, "car-3")
    ids = ["renamed", *truth(3, CARS).cuboids.label_ids[1:]]
    new = changed(ids=ids)
    found = carry_over(drive.reading, delivered({3: new}), DATASET)
    assert [(move.subject, move.to) for move in found.moves] == [(label("car-3"), label("renamed"))]
    earlier = tables(drive.path)
    drive.run(AcceptCarry(found.moves))
    assert drive.undo_text == "Carry decisions over to 1 label"
    reading = drive.reading
    assert verdict_of(reading, label("renamed").key).state is VerdictState.REJECTED
    assert verdict_of(reading, label("car-3").key) is None
    assert edit_of(reading, label("renamed")).size == (5, 2, 2)
    assert len(elements_on(reading, label("renamed"))) == 1
    assert elements_on(reading, label("car-3")) == elements_on(reading, label("none"))
    keys = reading.query("SELECT value FROM queue_batches, json_each(subjects)")
    assert [key for (key,) in keys] == [label("renamed").key, label("walker-3").key]
    heads = {head for (head,) in reading.query("SELECT subject_head FROM queue_members")}
    assert heads == {label("renamed").key[:12], label("walker-3").key[:12]}
    keys = reading.query("SELECT value FROM slice_members, json_each(members)")
    assert keys == [(label("renamed").key,)]
    again = carry_over(reading, delivered({3: new}), DATASET)
    assert (again.moves, again.stale) == ((), ())
    edited = apply_edits(new, edits_in_frame(reading, DATASET, "drive", "000003")["gt"])
    np.testing.assert_array_equal(edited.cuboids.cuboids.size[0], (5, 2, 2))
    drive.undo()
    assert tables(drive.path) == earlier


def test_an_accepted_difference_is_no_longer_stale_and_the_edit_counts_again(drive: Workspace):
    drive.run(verdict("car-3"))
    drive.run(ChangeClass(label("car-3"), "bus", before("car-3")))
    x, y, z = truth(3, CARS).cuboids.cuboids.center[0]
    new = changed(center={0: (x, y + 1, z)}, classes={0: "van"})
    edits = edits_in_frame(drive.reading, DATASET, "drive", "000003")["gt"]
    assert apply_edits(new, edits).cuboids.class_names[0] == "van"
    (stale,) = carry_over(drive.reading, delivered({3: new}), DATASET).stale
    drive.run(Reanchor(stale.subject, stale.subject, stale.after))
    assert drive.undo_text == "Keep decisions about changed label car-3"
    assert carry_over(drive.reading, delivered({3: new}), DATASET).stale == ()
    edits = edits_in_frame(drive.reading, DATASET, "drive", "000003")["gt"]
    assert apply_edits(new, edits).cuboids.class_names[0] == "bus"
    assert drive.reading.query("SELECT class_name FROM verdicts") == [("van",)]
    drive.undo()
    assert len(carry_over(drive.reading, delivered({3: new}), DATASET).stale) == 1


def test_a_decision_in_the_way_stays_and_so_does_the_other(drive: Workspace):
    drive.run(verdict("car-3", VerdictState.REJECTED))
    drive.run(verdict("extra-1-3", VerdictState.ACCEPTED))
    path = drive.path
    drive.close()
    with Workspace.open(path, Reviewer("bob")) as other:
        other.run(verdict("car-3", VerdictState.SKIPPED))
        other.run(Reanchor(label("car-3"), label("extra-1-3"), before("extra-1-3")))
        rows = set(other.reading.query("SELECT subject, reviewer, state FROM verdicts"))
    assert rows == {
        (label("car-3").key, "ann", "rejected"),
        (label("extra-1-3").key, "ann", "accepted"),
        (label("extra-1-3").key, "bob", "skipped"),
    }


def test_what_makes_no_sense_is_refused(drive: Workspace):
    drive.run(verdict("car-3"))
    with pytest.raises(CommandRefused, match="cannot go to a frame"):
        drive.run(Reanchor(label("car-3"), Subject.frame(DATASET, "drive", "000003")))
    found = carry_over(drive.reading, delivered({3: changed(ids=["a", "b", "c", "d", "e", "f"][
        : len(truth(3, CARS).cuboids)])}), DATASET)  # fmt: skip
    with pytest.raises(CommandRefused, match="one in one step"):
        drive.run(AcceptCarry([*found.moves, replace(found.moves[0], subject=label("walker-3"))]))


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_delivery_that_only_renames_labels_loses_and_mixes_up_nothing(data, tmp_path_factory):
    """Each label gets a verdict that names it; after any renaming each is on the same object."""
    path = tmp_path_factory.mktemp("carry") / "a.sightline"
    names = list(truth(3, CARS).cuboids.label_ids)
    ids = data.draw(st.permutations([*names, "x", "y"]))[: len(names)]
    decided = data.draw(st.lists(st.sampled_from(range(len(names))), unique=True, min_size=1))
    new = changed(ids=ids)
    with Workspace.create(path, Reviewer("ann")) as drive:
        drive.run(AddDataset(DATASET, "drive", "/fake", "fake"))
        for row in decided:
            drive.run(
                SetVerdict(label(names[row]), VerdictState.ACCEPTED, comment=str(row),
                           snapshot=before(names[row]))
            )  # fmt: skip
        found = carry_over(drive.reading, delivered({3: new}), DATASET)
        assert found.stale == ()
        assert found.kept_count + len(found.moves) == len(decided)
        if found.moves:
            drive.run(AcceptCarry(found.moves))
        for row in decided:
            assert verdict_of(drive.reading, label(ids[row]).key).comment == str(row)
        assert drive.reading.query("SELECT count(*) FROM verdicts") == [(len(decided),)]


KEYS = st.sampled_from("abcdef")


@given(st.lists(KEYS, unique=True), st.dictionaries(KEYS, KEYS))
def test_lists_stay_lists_of_distinct_members(members, moves):
    after = replaced(members, moves)
    assert len(set(after)) == len(after) == len(members)
    for old, new in zip(members, after, strict=True):
        assert new in (old, moves.get(old))
    if len({moves.get(each, each) for each in members}) == len(members):
        assert after == [moves.get(each, each) for each in members]


def test_snapshots_of_another_state_are_kept_by_their_own_hash():
    assert before("car-3").hash != LabelSnapshot("cuboid", "van", before("car-3").geometry).hash


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_rows_taken_out_and_put_in_lose_and_mix_up_nothing(data, tmp_path_factory):
    """Ids counted by row: whatever goes or comes, each decision is on its object or listed."""
    path = tmp_path_factory.mktemp("carry") / "a.sightline"
    names = list(truth(3, CARS).cuboids.label_ids)
    count = len(names)
    kept = data.draw(st.lists(st.sampled_from(range(count)), unique=True))
    extra = data.draw(st.lists(st.sampled_from(range(count)), max_size=3))
    decided = data.draw(st.lists(st.sampled_from(range(count)), unique=True, min_size=1))
    # Rows of `extra` are objects that were not there before, far from all others.
    labels = truth(3, CARS)
    order = data.draw(st.permutations([*kept, *(count + i for i in range(len(extra)))]))
    rows = [row if row < count else extra[row - count] for row in order]
    centers = labels.cuboids.cuboids.center[rows] if rows else np.empty((0, 3))
    centers = centers + np.array([[0, 0, 100.0 * (row >= count)] for row in order]).reshape(-1, 3)
    own = labels.cuboids
    new = replace(
        own,
        cuboids=Cuboids(
            centers, own.cuboids.size[rows].reshape(-1, 3),
            own.cuboids.rotation[rows].reshape(-1, 4), "lidar",
        ),
        label_ids=tuple(names[i] if i < count else f"new-{i}" for i in range(len(rows))),
        class_names=tuple(own.class_names[row] for row in rows),
        track_ids=tuple(own.track_ids[row] for row in rows),
        scores=own.scores[rows],
        attributes=tuple(own.attributes[row] for row in rows),
        velocities_mps=None,
    )  # fmt: skip
    after = delivered({3: FrameLabels(new)})
    with Workspace.create(path, Reviewer("ann")) as drive:
        drive.run(AddDataset(DATASET, "drive", "/fake", "fake"))
        for row in decided:
            drive.run(replace(verdict(names[row]), comment=str(row)))
        found = carry_over(drive.reading, after, DATASET)
        if found.moves:
            drive.run(AcceptCarry(found.moves))
        stale = {each.subject.key for each in found.stale}
        for row in decided:
            if row in kept:
                place = label(new.label_ids[order.index(row)])
                assert place.key not in stale
                assert verdict_of(drive.reading, place.key).comment == str(row)
        comments = drive.reading.query("SELECT subject, comment FROM verdicts")
        assert sorted(int(comment) for _, comment in comments) == sorted(decided)
        gone = {key for key, comment in comments if int(comment) not in kept}
        assert gone == stale
        again = carry_over(drive.reading, after, DATASET)
        assert again.moves == ()
        assert {each.subject.key for each in again.stale} == stale


def test_decisions_on_what_is_not_indexed_yet_are_not_taken_for_stale(drive):
    whole = delivered()
    beginning = replace(whole, scenes=(), growth=Growth(lambda: whole, renews=True))
    drive.run(SetVerdict(Subject.scene(DATASET, "drive"), VerdictState.ACCEPTED))
    found = carry_over(drive.reading, beginning, DATASET)
    assert (found.kept_count, found.stale) == (1, ())
