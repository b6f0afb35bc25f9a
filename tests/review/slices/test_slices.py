import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from review.slices_examples import DATASET, NIGHT, RAIN, frames, prepare_slices

from viewer.review import CommandRefused, Subject, SubjectKind, UndoRefused, Workspace
from viewer.review.commands.slices import (
    AddToSlice,
    CombineSlices,
    CreateSlice,
    DeleteSlice,
    RemoveFromSlice,
    RenameSlice,
    SampleSlice,
)
from viewer.review.commands.tags import AddTag
from viewer.review.ledger import new_id
from viewer.review.slices.algebra import Operation, combine
from viewer.review.slices.members import CHUNK_SIZE, Members
from viewer.review.slices.reading import (
    is_member,
    member_keys,
    member_subjects,
    members_among,
    slice_by_id,
    slices,
    slices_named,
    slices_with,
)
from viewer.review.subject_rows import label_rows
from viewer.review.tags.model import Item, ItemKind
from viewer.review.tags.reading import tags_of

SETS = st.frozensets(st.sampled_from("abcdefgh"))
UNION, BOTH, BUT = Operation.UNION, Operation.INTERSECTION, Operation.DIFFERENCE


def frame(name: str) -> Subject:
    return Subject.frame(DATASET, "street", name)


@given(SETS, SETS, SETS)
def test_the_algebra_obeys_its_laws(a, b, c):
    everything = frozenset("abcdefgh")
    for operation in (UNION, BOTH):
        assert combine(operation, [a, b]) == combine(operation, [b, a])
        nested = combine(operation, [a, combine(operation, [b, c])])
        assert combine(operation, [a, b, c]) == nested
        assert combine(operation, [a, a]) == a
    assert combine(UNION, [a, combine(BOTH, [a, b])]) == a
    assert combine(BOTH, [a, combine(UNION, [b, c])]) == combine(
        UNION, [combine(BOTH, [a, b]), combine(BOTH, [a, c])]
    )
    assert combine(BUT, [a, b, c]) == combine(BUT, [a, combine(UNION, [b, c])])
    assert combine(BUT, [everything, combine(UNION, [a, b])]) == combine(
        BOTH, [combine(BUT, [everything, a]), combine(BUT, [everything, b])]
    )
    assert combine(BUT, [a, a]) == frozenset()


def test_no_slices_cannot_be_combined():
    with pytest.raises(ValueError, match="one at least"):
        combine(UNION, [])


@pytest.mark.parametrize(
    ("operation", "names"),
    [(UNION, ["00", "01", "02", "03"]), (BOTH, ["01", "02"]), (BUT, ["00"])],
)
def test_slices_combine_in_the_workspace(workspace: Workspace, operation, names):
    prepare_slices(workspace)
    workspace.run(CombineSlices("3" * 32, "new", operation, (NIGHT, RAIN)))
    found = slices_named(workspace.reading, "new")[0]
    assert [each.frame_key for each in member_subjects(workspace.reading, "3" * 32)] == names
    assert found.count == len(names)
    assert found.kind is SubjectKind.FRAME
    assert found.parent == (None if operation is UNION else NIGHT)
    assert [each["name"] for each in found.how["slices"]] == ["night", "rain"]
    assert (found.created_by, found.created_ns > 0) == ("ann", True)


def test_samples_are_parts_of_their_slice(workspace: Workspace):
    two_scenes = [Subject.frame(DATASET, name, f"{n}") for name in "ab" for n in range(20)]
    workspace.run(CreateSlice(NIGHT, "night", Members.of([*two_scenes, *two_scenes[:10]])))
    drawn = {}
    for number, (seed, by_scene) in enumerate([(7, False), (7, False), (8, False), (7, True)]):
        slice_id = f"{number}" * 32
        if slice_id == NIGHT:
            slice_id = "e" * 32
        workspace.run(SampleSlice(slice_id, f"s{number}", NIGHT, 10, seed, by_scene))
        drawn[number] = list(member_subjects(workspace.reading, slice_id))
        found = slice_by_id(workspace.reading, slice_id)
        assert (found.count, found.parent, found.kind) == (10, NIGHT, SubjectKind.FRAME)
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(drawn[0]) < set(two_scenes)
    assert [each.scene_id for each in drawn[3]] == ["a"] * 5 + ["b"] * 5
    assert found.origin == "10 of night, by scene, seed 7"
    workspace.run(SampleSlice("9" * 32, "all", NIGHT, 1000, 7))
    assert slice_by_id(workspace.reading, "9" * 32).origin == "40 of night, seed 7"
    with pytest.raises(CommandRefused, match="one member"):
        workspace.run(SampleSlice("8" * 32, "none", NIGHT, 0, 7))
    with pytest.raises(CommandRefused, match="already"):
        workspace.run(SampleSlice("8" * 32, "all", NIGHT, 1, 7))


def test_slices_of_two_kinds_do_not_combine(workspace: Workspace):
    prepare_slices(workspace)
    scenes = Members.of([Subject.scene(DATASET, "street")])
    workspace.run(CreateSlice("4" * 32, "scenes", scenes))
    with pytest.raises(CommandRefused, match="frames and scenes"):
        workspace.run(CombineSlices("3" * 32, "new", UNION, (NIGHT, "4" * 32)))
    with pytest.raises(CommandRefused, match="slice of frames, not of scenes"):
        workspace.run(AddToSlice(NIGHT, scenes))


def test_adding_and_taking_out(workspace: Workspace):
    prepare_slices(workspace)
    assert workspace.run(AddToSlice(NIGHT, frames("00", "01"))) is None
    entry = workspace.run(AddToSlice(NIGHT, frames("02", "09"), "night"))
    assert entry.text == "Add 2 frames to “night”"
    assert slice_by_id(workspace.reading, NIGHT).count == 4
    entry = workspace.run(RemoveFromSlice(NIGHT, frames("00", "09", "11").keys, "night"))
    assert entry.text == "Take 3 members out of “night”"
    left = [each.frame_key for each in member_subjects(workspace.reading, NIGHT)]
    assert left == ["01", "02"]
    assert workspace.run(RemoveFromSlice(NIGHT, frames("00").keys)) is None
    workspace.undo()
    assert slice_by_id(workspace.reading, NIGHT).count == 4
    assert is_member(workspace.reading, NIGHT, frame("09"))
    assert not is_member(workspace.reading, NIGHT, frame("11"))


def test_a_slice_may_lose_all_members_and_get_them_back(workspace: Workspace):
    prepare_slices(workspace)
    whole = frames("00", "01", "02")
    workspace.run(RemoveFromSlice(NIGHT, whole.keys))
    assert slice_by_id(workspace.reading, NIGHT).count == 0
    workspace.run(AddToSlice(NIGHT, whole))
    assert member_keys(workspace.reading, NIGHT) == set(whole.keys)


def test_undo_is_refused_when_members_came_later(workspace: Workspace):
    prepare_slices(workspace)
    workspace.run(CreateSlice("3" * 32, "fog", frames("00")))
    made = workspace.journal.last_seq
    workspace.reviewer = type(workspace.reviewer)("bob")
    workspace.run(AddToSlice("3" * 32, frames("01")))
    workspace.reviewer = type(workspace.reviewer)("ann")
    with pytest.raises(UndoRefused, match="build on it"):
        workspace.undo()
    assert workspace.journal.last_seq == made + 1


def test_names_are_unique_and_plain(workspace: Workspace):
    prepare_slices(workspace)
    with pytest.raises(CommandRefused, match="“night” already"):
        workspace.run(CreateSlice("3" * 32, " night ", frames("00")))
    with pytest.raises(CommandRefused, match="already"):
        workspace.run(RenameSlice(RAIN, "night"))
    for wrong in ("", "  ", "a\nb", "n" * 201):
        with pytest.raises(CommandRefused, match="a name"):
            workspace.run(RenameSlice(RAIN, wrong))
    workspace.run(RenameSlice(NIGHT, " dusk "))
    assert [each.name for each in slices(workspace.reading)] == ["dusk", "rain"]
    assert workspace.run(RenameSlice(NIGHT, "dusk")) is None


def test_deleting_moves_slices_below_it_up_and_takes_its_tags(workspace: Workspace):
    prepare_slices(workspace)
    workspace.run(CreateSlice("3" * 32, "heavy rain", frames("02"), parent=RAIN))
    workspace.run(AddTag("wet", [Item(ItemKind.SLICE, RAIN)]))
    workspace.run(DeleteSlice(RAIN, "rain"))
    assert slice_by_id(workspace.reading, "3" * 32).parent == NIGHT
    assert slice_by_id(workspace.reading, RAIN) is None
    assert workspace.reading.query("SELECT * FROM slice_spans WHERE slice_id = ?", (RAIN,)) == []
    assert tags_of(workspace.reading, Item(ItemKind.SLICE, RAIN)) == ()
    workspace.undo()
    assert slice_by_id(workspace.reading, "3" * 32).parent == RAIN
    assert tags_of(workspace.reading, Item(ItemKind.SLICE, RAIN)) == ("wet",)


def test_members_must_be_of_one_kind_and_known(workspace: Workspace):
    with pytest.raises(ValueError, match="frame and scene"):
        Members.of([frame("00"), Subject.scene(DATASET, "street")])
    with pytest.raises(ValueError, match="not none"):
        Members.of([])
    prepare_slices(workspace)
    known = frames("00", "03").keys
    workspace.run(CreateSlice("3" * 32, "some", Members.known(SubjectKind.FRAME, known)))
    assert member_keys(workspace.reading, "3" * 32) == set(known)
    with pytest.raises(CommandRefused, match="nothing of 1 frame"):
        workspace.run(AddToSlice(NIGHT, Members.known(SubjectKind.FRAME, ["f" * 32])))
    with pytest.raises(CommandRefused, match="nothing of 2 scenes"):
        workspace.run(CreateSlice("4" * 32, "no", Members.known(SubjectKind.SCENE, known)))
    with pytest.raises(CommandRefused, match="gone"):
        workspace.run(AddToSlice("9" * 32, frames("00")))


def test_slices_of_a_subject(workspace: Workspace):
    prepare_slices(workspace)
    assert slices_with(workspace.reading, frame("02")) == [NIGHT, RAIN]
    assert slices_with(workspace.reading, frame("00")) == [NIGHT]
    assert slices_with(workspace.reading, frame("77")) == []


def test_rows_of_labels_are_those_of_subjects():
    names = ["18", 'a "quoted" \\ one', "späße\n\u2028", ""]
    rows = list(label_rows("d", 's"1', "00\\1", "gt", names))
    subjects = [Subject.label("d", 's"1', "00\\1", "gt", name) for name in names]
    assert [row.key for row in rows] == [each.key for each in subjects]
    assert [row.subject for row in rows] == subjects


def labels(numbers) -> Members:
    return Members.of_rows(label_rows(DATASET, "street", "00", "gt", map(str, numbers)))


def test_many_members_are_few_changes(workspace: Workspace):
    count = 10 * CHUNK_SIZE + 1
    entry = workspace.run(CreateSlice(NIGHT, "all", labels(range(count))))
    assert len(workspace.journal.changes(entry.seq)) == 1 + 11
    assert slice_by_id(workspace.reading, NIGHT).count == count
    entry = workspace.run(AddToSlice(NIGHT, labels(range(5, count + 5))))
    assert len(workspace.journal.changes(entry.seq)) == 1
    assert slice_by_id(workspace.reading, NIGHT).count == count + 5
    wanted = labels([3, count + 4, count + 5, *range(count + 6, count + 3000)]).keys
    assert members_among(workspace.reading, NIGHT, wanted) == set(labels([3, count + 4]).keys)


def test_a_member_in_two_chunks_counts_once_and_goes_from_both(workspace: Workspace):
    # As after a merge: two people added overlapping sets apart from each other.
    workspace.run(CreateSlice(NIGHT, "all", labels([1, 2, 3])))
    again = labels([3, 4])
    workspace.run(CreateSlice(RAIN, "theirs", again))
    part = "f" * 32
    workspace._connection.execute(
        "INSERT INTO slice_members VALUES (?, ?, ?, ?)",
        (f'["{NIGHT}","{part}"]', NIGHT, part, str(list(again.keys)).replace("'", '"')),
    )
    assert slice_by_id(workspace.reading, NIGHT).count == 4
    assert len(list(member_subjects(workspace.reading, NIGHT))) == 4
    workspace.run(RemoveFromSlice(NIGHT, labels([3]).keys))
    assert member_keys(workspace.reading, NIGHT) == set(labels([1, 2, 4]).keys)


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "undo", "redo"]), st.sets(st.integers(0, 40))),
    max_size=12,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_a_slice_behaves_as_a_set(workspace: Workspace, monkeypatch, steps):
    monkeypatch.setattr("viewer.review.slices.members.CHUNK_SIZE", 4)
    slice_id = new_id()
    workspace.run(CreateSlice(slice_id, slice_id, labels([0])))
    states, undone = [frozenset(labels([0]).keys)], []
    for what, numbers in steps:
        if what == "undo" and len(states) > 1:
            workspace.undo()
            undone.append(states.pop())
        elif what == "redo" and undone:
            workspace.redo()
            states.append(undone.pop())
        elif what in ("add", "remove") and numbers:
            keys = labels(numbers).keys
            if what == "add":
                entry = workspace.run(AddToSlice(slice_id, labels(numbers)))
                after = states[-1] | set(keys)
            else:
                entry = workspace.run(RemoveFromSlice(slice_id, keys))
                after = states[-1] - set(keys)
            assert (entry is not None) == (after != states[-1])
            if entry is not None:
                states.append(after)
                undone.clear()
        assert member_keys(workspace.reading, slice_id) == states[-1]
        assert slice_by_id(workspace.reading, slice_id).count == len(states[-1])
        some = labels([0, 7, 40]).keys
        assert members_among(workspace.reading, slice_id, some) == states[-1] & set(some)
