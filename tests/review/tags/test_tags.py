import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from viewer.review import CommandRefused, Subject, SubjectKind, Workspace
from viewer.review.commands.tags import AddTag, RemoveTag, RenameTag
from viewer.review.tags.model import Item, ItemKind, TagFilter
from viewer.review.tags.reading import (
    tag_counts,
    tagged_items,
    tagged_subjects,
    tags_by_subject,
    tags_of,
    tags_over,
)

SCENE = Subject.scene("d", "street")
FRAME = Subject.frame("d", "street", "00")
LABEL = Subject.label("d", "street", "00", "gt", "18")
TRACK = Subject.track("d", "street", "gt", "7")
ISSUE, SLICE = Item(ItemKind.ISSUE, "a"), Item(ItemKind.SLICE, "a")
EVERYTHING = [Subject.dataset("d"), SCENE, FRAME, TRACK, LABEL, ISSUE, SLICE]


def test_anything_carries_tags(workspace: Workspace):
    workspace.run(AddTag("wet", EVERYTHING))
    assert workspace.run(AddTag("wet", EVERYTHING)) is None
    assert [tags_of(workspace.reading, each) for each in EVERYTHING] == [("wet",)] * 7
    assert tag_counts(workspace.reading) == {"wet": 7}
    workspace.run(RemoveTag("wet", [ISSUE, LABEL]))
    assert tags_of(workspace.reading, ISSUE) == tags_of(workspace.reading, LABEL) == ()
    assert tags_of(workspace.reading, SLICE) == ("wet",)
    with pytest.raises(CommandRefused, match="letter"):
        workspace.run(AddTag(" ", [ISSUE]))


def test_tags_of_what_lies_around_hold_too(workspace: Workspace):
    workspace.run(AddTag("night", [SCENE, FRAME]))
    workspace.run(AddTag("towed", [TRACK]))
    workspace.run(AddTag("odd", [LABEL]))
    assert tags_over(workspace.reading, LABEL, "7") == {
        "odd": LABEL, "towed": TRACK, "night": FRAME,
    }  # fmt: skip
    assert tags_over(workspace.reading, LABEL) == {"odd": LABEL, "night": FRAME}
    assert tags_over(workspace.reading, TRACK) == {"towed": TRACK, "night": SCENE}


def test_a_renamed_tag_joins_another(workspace: Workspace):
    workspace.run(AddTag("wet", [SCENE, ISSUE]))
    workspace.run(AddTag("damp", [SCENE, FRAME]))
    workspace.run(RenameTag("damp", "wet"))
    assert tag_counts(workspace.reading) == {"wet": 3}
    workspace.undo()
    assert tag_counts(workspace.reading) == {"damp": 2, "wet": 2}


def test_tags_of_many_subjects(workspace: Workspace):
    workspace.run(AddTag("wet", [SCENE, FRAME]))
    workspace.run(AddTag("odd", [FRAME]))
    keys = [SCENE.key, FRAME.key, LABEL.key]
    assert tags_by_subject(workspace.reading, keys) == {
        SCENE.key: {"wet"}, FRAME.key: {"wet", "odd"},
    }  # fmt: skip


TAGS = st.sets(st.sampled_from("abcd"), min_size=1, max_size=4)
FILTERS = st.builds(
    TagFilter, *[st.sets(st.sampled_from("abcd"), max_size=2).map(lambda s: tuple(sorted(s)))] * 3
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TAGS, min_size=1, max_size=6), FILTERS)
def test_filters_find_what_they_accept(workspace: Workspace, carried, wanted):
    targets = [(Subject.frame("d", "s", str(n)), Item(ItemKind.ISSUE, str(n))) for n in range(6)]
    for tag in "abcd":
        workspace.run(RemoveTag(tag, [each for pair in targets for each in pair]))
        on = [pair for pair, tags in zip(targets, carried, strict=False) if tag in tags]
        workspace.run(AddTag(tag, [each for pair in on for each in pair]))
    right = [str(place) for place, tags in enumerate(carried) if wanted.accepts(tags)]
    found = tagged_subjects(workspace.reading, wanted, SubjectKind.FRAME)
    assert [each.frame_key for each in found] == right
    assert tagged_items(workspace.reading, wanted, ItemKind.ISSUE) == right
    assert tagged_subjects(workspace.reading, wanted, SubjectKind.LABEL) == []


def test_conditions_by_hand():
    both = TagFilter(all_of=("a", "b"))
    assert both.accepts({"a", "b", "c"})
    assert not both.accepts({"a"})
    assert TagFilter().accepts(set())
    assert TagFilter().is_empty
    assert not TagFilter(none_of=("a",)).is_empty
