import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from review.versions.label_tables import boxes_2d, cuboids

from viewer.review import CommandRefused, Subject, Workspace, new_id
from viewer.review.commands.datasets import AddDataset, RecordDelivery
from viewer.review.commands.edits import (
    ChangeAttribute,
    ChangeBox,
    ChangeClass,
    DeleteLabel,
    RestoreLabel,
)
from viewer.review.commands.slices import CreateSlice
from viewer.review.commands.tags import AddTag, RemoveTag
from viewer.review.commands.tracks import ChangeTrackId
from viewer.review.commands.versions import (
    DeleteVersion,
    ForkVersion,
    RenameVersion,
    RestoreVersion,
    SaveVersion,
)
from viewer.review.edits.apply import apply_edits
from viewer.review.edits.reading import edits, edits_in_frame
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.slices.members import Members
from viewer.review.tags.reading import tag_counts, tags_of
from viewer.review.versions.diff import Difference, diff_labels
from viewer.review.versions.label_table import LabelTable
from viewer.review.versions.labels import version_labels
from viewer.review.versions.model import (
    ForkChoices,
    SceneKeep,
    VersionKeeps,
    edit_from_json,
    edit_to_json,
)
from viewer.review.versions.reading import (
    edited_scenes,
    is_of_older_delivery,
    scene_version,
    scenes_that_differ,
    version_by_id,
    versions,
)
from viewer.scene.labels import FrameLabels, LabelLink

DATASET = "d" * 32
ROWS = [
    ("1", "car", "a", 0, 0, 0, 4),
    ("2", "car", "b", 10, 0, 0, 4),
    ("3", "van", None, 20, 0, 0, 4),
]
DELIVERED = FrameLabels(
    cuboids(ROWS),
    boxes_2d([("1", "car", "front", 0, 0, 9, 9), ("7", "sign", "front", 0, 0, 9, 9)]),
    links=(LabelLink("parent", "1", "2"), LabelLink("parent", "2", "3")),
)


def label(label_id: str, scene: str = "street", frame: str = "00", label_set: str = "gt"):
    return Subject.label(DATASET, scene, frame, label_set, label_id)


@pytest.fixture
def street(workspace: Workspace) -> Workspace:
    workspace.run(AddDataset(DATASET, "street", "street", "native"))
    workspace.run(RecordDelivery(DATASET, "old"))
    workspace.run(RecordDelivery(DATASET, "new"))
    return workspace


def labels_in(workspace: Workspace, version_id: str, scene="street", frame="00") -> FrameLabels:
    version = version_by_id(workspace.reading, version_id)
    held = scene_version(workspace.reading, version, scene)
    return version_labels(version.keeps, held, frame, DELIVERED)


def save(workspace: Workspace, name: str, parent: str | None = None) -> str:
    version_id = new_id()
    workspace.run(SaveVersion(version_id, name, DATASET, "gt", ("car", "van"), parent))
    return version_id


def fork(workspace: Workspace, parent: str, **choices) -> str:
    version_id = new_id()
    workspace.run(ForkVersion(version_id, version_id, parent, ForkChoices(**choices)))
    return version_id


def test_a_version_keeps_what_was(street: Workspace):
    street.run(ChangeClass(label("1"), "bus"))
    street.run(ChangeClass(label("1", label_set="model"), "tram"))
    first = save(street, "first")
    street.run(DeleteLabel(label("2")))
    second = save(street, "second", first)
    assert labels_in(street, first).cuboids.class_names == ("bus", "car", "van")
    assert labels_in(street, second).cuboids.label_ids == ("1", "3")
    assert labels_in(street, second, scene="yard").cuboids.label_ids == ("1", "2", "3")
    found = versions(street.reading, DATASET, "gt")
    assert [(each.name, each.parent) for each in found] == [("first", None), ("second", first)]
    assert {each.fingerprint for each in found} == {"new"}
    assert found[0].classes == ("car", "van")
    assert versions(street.reading, DATASET, "model") == []
    assert scenes_that_differ(street.reading, *found) == ["street"]
    assert scenes_that_differ(street.reading, found[0], found[0]) == []
    assert not is_of_older_delivery(street.reading, found[0])
    street.run(RecordDelivery(DATASET, "newer"))
    assert is_of_older_delivery(street.reading, found[0])


def test_restoring_is_one_step(street: Workspace):
    street.run(ChangeClass(label("1"), "bus"))
    street.run(ChangeBox(label("2"), center=(1, 2, 3)))
    street.run(ChangeClass(label("1", label_set="model"), "tram"))
    first = save(street, "first")
    before = edits(street.reading)
    street.run(RestoreLabel(label("1")))
    street.run(ChangeBox(label("2"), center=(7, 7, 7), size=(1, 1, 1)))
    street.run(DeleteLabel(label("3", scene="yard")))
    street.run(DeleteLabel(label("1", label_set="model")))
    after = edits(street.reading)
    street.run(RestoreVersion(first, "first"))
    restored = edits(street.reading)
    own = [each for each in restored if each[0].label_set_id == "gt"]
    assert own == [each for each in before if each[0].label_set_id == "gt"]
    # Another label set stays as it is.
    assert [edit.deleted for subject, edit in restored if subject.label_set_id == "model"] == [True]
    street.undo()
    assert edits(street.reading) == after


def test_tags_are_kept_and_restored(street: Workspace):
    scene = Subject.scene(DATASET, "street")
    street.run(AddTag("wet", [scene, label("1"), label("1", label_set="model")]))
    street.run(AddTag("odd", [label("2")]))
    first = save(street, "first")
    assert version_by_id(street.reading, first).tags == {
        "odd": (("label", "street", "00", "gt", "2", None),),
        "wet": (
            ("label", "street", "00", "gt", "1", None),
            ("scene", "street", None, None, None, None),
        ),
    }
    street.run(RemoveTag("wet", [scene]))
    street.run(AddTag("new", [label("2")]))
    street.run(RestoreVersion(first, "first", with_tags=True))
    assert tags_of(street.reading, scene) == ("wet",)
    assert tags_of(street.reading, label("2")) == ("odd",)
    # Those of another label set are not the version's.
    assert tag_counts(street.reading) == {"odd": 1, "wet": 3}


def test_forks_take_what_was_chosen(street: Workspace):
    street.run(ChangeClass(label("2"), "van"))
    street.run(AddTag("wet", [label("1")]))
    street.run(AddTag("odd", [label("2")]))
    first = save(street, "first")

    vans = fork(street, first, classes=("van",), tags=("odd",), with_classes=False)
    found = labels_in(street, vans)
    assert found.cuboids.label_ids == ("2", "3")
    assert list(found.boxes_2d.label_ids) == []
    assert found.links == (LabelLink("parent", "2", "3"),)
    version = version_by_id(street.reading, vans)
    assert (version.parent, version.classes, list(version.tags)) == (first, (), ["odd"])

    empty = fork(street, first, with_labels=False, with_tags=False)
    assert labels_in(street, empty).count() == 0
    assert version_by_id(street.reading, empty).tags == {}
    with pytest.raises(CommandRefused, match="holds no labels"):
        street.run(RestoreVersion(empty, "empty"))
    # A fork of a fork has no more than that.
    assert labels_in(street, fork(street, empty)).count() == 0
    assert labels_in(street, fork(street, vans, classes=("car", "van"))).cuboids.label_ids == (
        "2", "3",
    )  # fmt: skip
    assert labels_in(street, fork(street, vans, classes=("car",))).count() == 0
    assert labels_in(street, first).count() == 4


@pytest.mark.parametrize(
    ("members", "ids"),
    [
        ([Subject.scene(DATASET, "street")], ("1", "2", "3")),
        ([Subject.frame(DATASET, "street", "00")], ("1", "2", "3")),
        ([Subject.frame(DATASET, "street", "01")], ()),
        ([Subject.scene(DATASET, "yard")], ()),
        ([label("1"), label("3"), label("2", label_set="model")], ("1", "3")),
        ([label("1", frame="01")], ()),
        ([Subject.track(DATASET, "street", "gt", "b")], ("2",)),
        ([Subject.scene("e" * 32, "street")], ()),
    ],
)
def test_forks_of_slices(street: Workspace, members, ids):
    street.run(ChangeClass(label("1"), "bus"))
    first = save(street, "first")
    slice_id = new_id()
    street.run(CreateSlice(slice_id, "some", Members.of(members)))
    some = fork(street, first, slice_id=slice_id)
    assert labels_in(street, some).cuboids.label_ids == ids
    if "1" in ids:
        assert labels_in(street, some).cuboids.class_names[0] == "bus"
    assert labels_in(street, fork(street, some)).cuboids.label_ids == ids
    # What the fork did not choose stays as it is.
    street.run(ChangeClass(label("1"), "tram"))
    street.run(RestoreVersion(some, "some"))
    (edit,) = edits_in_frame(street.reading, DATASET, "street", "00")["gt"]
    assert edit.class_name == ("bus" if "1" in ids else "tram")


CAR = LabelSnapshot("cuboid", "car", (0, 0, 0, 4, 2, 2, 1, 0, 0, 0), "a")
VAN = LabelSnapshot("cuboid", "van", (20, 0, 0, 4, 2, 2, 1, 0, 0, 0))


def test_a_fork_of_a_class_restores_labels_of_that_class(street: Workspace):
    """By the class that they had in the version, not by the one that they got since."""
    street.run(ChangeBox(label("1"), center=(1, 0, 0), snapshot=CAR))
    street.run(ChangeClass(label("2"), "van"))
    first = save(street, "first")
    vans = fork(street, first, classes=("van",))
    street.run(ChangeBox(label("1"), center=(2, 0, 0), snapshot=CAR))
    street.run(ChangeClass(label("1"), "van", CAR))
    street.run(ChangeClass(label("2"), "bus"))
    street.run(ChangeBox(label("3"), center=(7, 0, 0), snapshot=VAN))
    street.run(DeleteLabel(label("4")))
    after = edits(street.reading)
    street.run(RestoreVersion(vans, "vans"))
    found = {subject.label_id: edit for subject, edit in edits(street.reading)}
    assert found.keys() == {"1", "2", "4"}, "label 3 is as delivered again"
    assert (found["1"].center, found["1"].class_name) == ((2, 0, 0), "van"), "was a car then"
    assert found["2"].class_name == "van"
    assert found["4"].deleted, "nobody knows whether it is a van"
    kinds = [entry.kind for entry in street.journal.entries()]
    since = ["change_box", "change_class", "change_class", "change_box", "delete_label"]
    assert kinds[-6:] == [*since, "restore_version"], "the journal keeps them all"
    street.undo()
    assert edits(street.reading) == after
    street.redo()
    assert {subject.label_id: edit for subject, edit in edits(street.reading)} == found


def test_a_fork_of_a_track_restores_that_track(street: Workspace):
    street.run(ChangeBox(label("1"), center=(1, 0, 0), snapshot=CAR))
    street.run(ChangeBox(label("3"), center=(1, 0, 0), snapshot=VAN))
    first = save(street, "first")
    street.run(
        CreateSlice("5" * 32, "a", Members.of([Subject.track(DATASET, "street", "gt", "a")]))
    )
    of_track = fork(street, first, slice_id="5" * 32)
    street.run(RestoreLabel(label("1")))
    street.run(RestoreLabel(label("3")))
    street.run(RestoreVersion(of_track, "of track"))
    assert [subject.label_id for subject, _ in edits(street.reading)] == ["1"]


def test_forks_of_forks_keep_what_both_chose(street: Workspace):
    first = save(street, "first")
    kept = [label("1"), label("2")]
    for name, members in (("a", kept), ("b", [Subject.track(DATASET, "street", "gt", "b")])):
        street.run(CreateSlice(name * 32, name, Members.of(members)))
    both = fork(street, fork(street, first, slice_id="a" * 32), slice_id="b" * 32)
    assert labels_in(street, both).cuboids.label_ids == ("2",)


def test_names_and_deleting(street: Workspace):
    first = save(street, "first")
    with pytest.raises(CommandRefused, match="“first” already"):
        save(street, " first ")
    second = save(street, "second", first)
    third = save(street, "third", second)
    with pytest.raises(CommandRefused, match="already"):
        street.run(RenameVersion(second, "first"))
    assert street.run(RenameVersion(second, "second")) is None
    street.run(DeleteVersion(second, "second"))
    assert version_by_id(street.reading, third).parent == first
    street.undo()
    assert version_by_id(street.reading, third).parent == second
    with pytest.raises(CommandRefused, match="version is gone"):
        street.run(RestoreVersion("0" * 32, "none"))
    with pytest.raises(CommandRefused, match="slice is gone"):
        fork(street, first, slice_id="0" * 32)


def test_values_go_to_json_and_back():
    keep = SceneKeep(frozenset("ab"), {"00": frozenset("1")}, frozenset("t"))
    assert SceneKeep.from_json(keep.to_json()) == keep
    assert SceneKeep.from_json(SceneKeep().to_json()) == SceneKeep()
    keeps = VersionKeeps(False, ("car",), False)
    assert VersionKeeps.from_json(keeps.to_json()) == keeps


STEP = st.one_of(
    st.builds(ChangeClass, st.sampled_from("123").map(label), st.sampled_from(["bus", None])),
    st.builds(DeleteLabel, st.sampled_from("123").map(label)),
    st.builds(RestoreLabel, st.sampled_from("123").map(label)),
    st.builds(
        ChangeAttribute, st.sampled_from("123").map(label), st.just("lit"),
        st.sampled_from([False, None, [1, {"x": 2}]]),
    ),
    st.builds(
        ChangeBox, st.sampled_from("123").map(label),
        st.tuples(*[st.integers(-5, 5).map(float)] * 3), st.just((1.5, 2.0, 3.0)),
        st.sampled_from([(1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0)]),
    ),
    st.builds(ChangeTrackId, st.sampled_from("123").map(label), st.sampled_from(["z", None])),
)  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=8), st.lists(STEP, max_size=8))
def test_versions_hold_and_restore_any_edits(workspace: Workspace, first_steps, second_steps):
    if workspace.reading.query("SELECT 1 FROM datasets") == []:
        workspace.run(AddDataset(DATASET, "street", "street", "native"))
    for step in first_steps:
        workspace.run(step)
    then = edits(workspace.reading)
    version_id = save(workspace, new_id())
    for step in second_steps:
        workspace.run(step)
    held = edited_scenes(workspace.reading, version_id)
    found = [edit for scene in held for frame in scene.edits.values() for edit in frame.values()]
    assert found == [edit for _, edit in then]
    assert [edit_from_json(each.label_id, edit_to_json(each)) for each in found] == found

    expected = apply_edits(DELIVERED, [edit for _, edit in then])
    tables = [
        LabelTable.of([("street", "00", each)])
        for each in (expected, labels_in(workspace, version_id))
    ]
    assert (diff_labels(*tables).difference == Difference.SAME).all()
    workspace.run(RestoreVersion(version_id, "then"))
    assert edits(workspace.reading) == then


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=8), st.lists(STEP, max_size=8), st.sets(st.sampled_from("123")))
def test_a_fork_restores_its_labels_and_no_others(
    workspace: Workspace, first_steps, second_steps, chosen
):
    if workspace.reading.query("SELECT 1 FROM datasets") == []:
        workspace.run(AddDataset(DATASET, "street", "street", "native"))
    for step in first_steps:
        workspace.run(step)
    then = {subject.label_id: edit for subject, edit in edits(workspace.reading)}
    slice_id = new_id()
    members = Members.of([label(each) for each in sorted(chosen)] or [label("none")])
    workspace.run(CreateSlice(slice_id, slice_id, members))
    part = fork(workspace, save(workspace, new_id()), slice_id=slice_id)
    for step in second_steps:
        workspace.run(step)
    now = {subject.label_id: edit for subject, edit in edits(workspace.reading)}
    made = workspace.run(RestoreVersion(part, "part"))
    found = {subject.label_id: edit for subject, edit in edits(workspace.reading)}
    wanted = {each: (then if each in chosen else now).get(each) for each in "123"}
    assert found == {name: edit for name, edit in wanted.items() if edit is not None}
    if made is not None:
        workspace.undo()
        assert {subject.label_id: edit for subject, edit in edits(workspace.reading)} == now
