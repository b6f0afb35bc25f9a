"""Issues with their elements and threads: made, changed, read back, taken back."""

import datetime as dt
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from review.issues_examples import (
    COMMENT,
    DATASET,
    ELEMENT,
    EXAMPLES,
    FRAME,
    ISSUE,
    JPEG,
    LABEL,
    PNG,
    SNAPSHOT,
    TRACK,
    prepare,
)

from viewer.review import CommandRefused, Reviewer, Subject, UndoRefused, Workspace, new_id
from viewer.review.commands.comments import AddComment, DeleteComment, EditComment
from viewer.review.commands.issues import (
    AddElement,
    ChangeElement,
    ChangeIssue,
    OpenIssue,
    RemoveElement,
    ShowIssueAs,
)
from viewer.review.issues.model import (
    ElementStatus,
    Finding,
    IssueState,
    IssueType,
    NewElement,
    Pixel,
    Point,
    Priority,
    Span,
    anchor_from_json,
    anchor_to_json,
)
from viewer.review.issues.on_subjects import (
    elements_on,
    open_elements_in_frame,
    open_elements_in_scene,
    open_issue_counts_by_frame,
)
from viewer.review.issues.reading import (
    comments_of,
    element,
    elements_of,
    issue,
    issue_starting_with,
    sight_of,
)
from viewer.review.pictures import MAX_PICTURE_BYTES, picture_hash


def test_types_states_and_statuses_are_aquariums():
    assert [str(each) for each in IssueType] == [
        "Split", "Regression Test", "Scenario", "Collection Campaign", "Label Quality", "Bucket",
        "Frame Issue", "Work Queue",
    ]  # fmt: skip
    states = ["triage", "inProgress", "inReview", "resolved", "cancelled"]
    assert [str(each) for each in IssueState] == states
    assert [str(each) for each in ElementStatus] == ["unstarted", "done"]


def test_an_issue_is_read_as_it_was_opened(workspace: Workspace):
    entry = workspace.run(EXAMPLES[OpenIssue]())
    assert entry.text == "Open issue “Id switch behind the bus”"
    found = issue(workspace.reading, "4" * 32)
    assert (found.type, found.state, found.title) == (
        IssueType.LABEL_QUALITY, IssueState.IN_PROGRESS, "Id switch behind the bus",
    )  # fmt: skip
    assert (found.reporter, found.assignee, found.priority) == ("ann", "bob", Priority.HIGH)
    assert found.due == dt.date(2027, 1, 31)
    assert found.labels == ("night",)
    assert found.created_ns == entry.time_ns
    assert found.finding == Finding("id_switch", "two tracks swap", 0.75)
    assert found.external == {"aquarium": {"issue_id": "x"}}
    assert (found.element_count, found.done_count, found.comment_count) == (3, 0, 0)
    assert sight_of(workspace.reading, "4" * 32) == {"eye": [1, 2, 3]}
    assert workspace.reading.picture(found.thumbnail_hash) == PNG
    assert workspace.reading.picture(found.camera_picture_hash) == JPEG
    span, point, pixel = elements_of(workspace.reading, "4" * 32)
    assert (span.subject, span.anchor) == (TRACK, Span("000040", "000047"))
    assert (point.subject, point.anchor) == (FRAME, Point("world", (1.0, -2.5, 0.25)))
    assert (pixel.subject, pixel.anchor) == (LABEL, Pixel("front", 12.5, 300.0))
    assert workspace.reading.snapshot(pixel.snapshot_hash) == SNAPSHOT
    assert span.text == "track 18 in street_0007, frames 000040 to 000047"


def test_an_imported_issue_keeps_its_reporter_and_time(workspace: Workspace):
    workspace.run(OpenIssue(ISSUE, "From elsewhere", reporter="cleo", created_ns=5))
    workspace.run(AddComment(COMMENT, ISSUE, "said before", author="dan", created_ns=6))
    found = issue(workspace.reading, ISSUE)
    assert (found.reporter, found.created_ns) == ("cleo", 5)
    [comment] = comments_of(workspace.reading, ISSUE)
    assert (comment.author, comment.created_ns) == ("dan", 6)


def test_a_change_leaves_other_fields_alone_and_may_empty_them(workspace: Workspace):
    workspace.run(EXAMPLES[OpenIssue]())
    before = issue(workspace.reading, "4" * 32)
    workspace.run(ChangeIssue("4" * 32, due=None, priority=None, assignee=None, labels=()))
    after = issue(workspace.reading, "4" * 32)
    assert (after.due, after.priority, after.assignee, after.labels) == (None, None, None, ())
    same = ("type", "state", "title", "description", "reporter", "created_ns", "finding")
    assert all(getattr(after, name) == getattr(before, name) for name in same)
    assert workspace.run(ChangeIssue("4" * 32, due=None)) is None


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"state": IssueState.RESOLVED}, "Resolve “Box”"),
        ({"assignee": "bob"}, "Assign “Box” to bob"),
        ({"assignee": None}, "Unassign “Box”"),
        ({"title": "Big {box}"}, "Rename “Box” to “Big {box}”"),
        ({"priority": Priority.LOW}, "Give “Box” low priority"),
        ({"priority": None}, "Give “Box” no priority"),
        ({"due": dt.date(2027, 1, 31)}, "Make “Box” due 2027-01-31"),
        ({"due": None}, "Remove due date of “Box”"),
        ({"labels": ("a",)}, "Label “Box”"),
        ({"state": IssueState.TRIAGE, "assignee": None}, "Change “Box”"),
    ],
)
def test_a_change_says_what_it_does(fields, text):
    assert ChangeIssue(ISSUE, **fields, issue_title="Box").text == text


def test_labels_are_rows_so_that_only_the_difference_is_written(workspace: Workspace):
    prepare(workspace)
    entry = workspace.run(ChangeIssue(ISSUE, labels=(" done ", "night", "")))
    changes = workspace.journal.changes(entry.seq)
    made = [each.after["label"] for each in changes if each.before is None]
    gone = [each.before["label"] for each in changes if each.after is None]
    assert (made, gone) == (["done"], ["truck"])
    assert issue(workspace.reading, ISSUE).labels == ("done", "night")


def test_elements_have_their_own_status_and_comments(workspace: Workspace):
    prepare(workspace)
    second = new_id()
    workspace.run(AddElement(ISSUE, NewElement(second, FRAME)))
    workspace.run(ChangeElement(ELEMENT, ElementStatus.DONE))
    workspace.run(AddComment(new_id(), ISSUE, "about the frame", second))
    found = issue(workspace.reading, ISSUE)
    assert (found.element_count, found.done_count, found.comment_count) == (2, 1, 2)
    about = comments_of(workspace.reading, ISSUE, element_id=second)
    assert [each.text for each in about] == ["about the frame"]
    workspace.run(RemoveElement(second))
    assert [each.element_id for each in elements_of(workspace.reading, ISSUE)] == [ELEMENT]
    assert element(workspace.reading, second).removed_ns is not None
    assert len(elements_of(workspace.reading, ISSUE, with_removed=True)) == 2
    assert len(comments_of(workspace.reading, ISSUE)) == 2
    with pytest.raises(CommandRefused, match="no longer in its issue"):
        workspace.run(ChangeElement(second, ElementStatus.DONE))


def test_badges_of_a_frame_come_by_label_and_only_from_open_issues(workspace: Workspace):
    prepare(workspace)
    workspace.run(EXAMPLES[OpenIssue]())
    elsewhere = Subject.frame(DATASET, "street_0007", "000043")
    workspace.run(OpenIssue("a" * 32, "Other frame", elements=(NewElement("b" * 32, elsewhere),)))
    place = (DATASET, "street_0007", "000042")
    found = open_elements_in_frame(workspace.reading, *place)
    assert [(each.title, each.element.subject) for each in found] == [
        ("Loose box", LABEL), ("Id switch behind the bus", FRAME),
        ("Id switch behind the bus", LABEL),
    ]  # fmt: skip
    tracks = open_elements_in_scene(workspace.reading, DATASET, "street_0007")
    assert [each.element.anchor for each in tracks] == [Span("000040", "000047")]
    counts = open_issue_counts_by_frame(workspace.reading, DATASET, "street_0007")
    assert counts == {"000042": 2, "000043": 1}
    workspace.run(ChangeIssue(ISSUE, state=IssueState.CANCELLED))
    assert len(open_elements_in_frame(workspace.reading, *place)) == 2
    assert [each.title for each in elements_on(workspace.reading, LABEL)] == [
        "Loose box", "Id switch behind the bus",
    ]  # fmt: skip
    still = elements_on(workspace.reading, LABEL, only_open=True)
    assert [each.title for each in still] == ["Id switch behind the bus"]


def test_a_span_covers_by_the_scenes_order_not_by_the_text_of_keys():
    index_of = {"b": 0, "a": 1, "c": 2, "z": 3}
    span = Span("b", "c")
    assert [key for key in index_of if span.covers(key, index_of)] == ["b", "a", "c"]
    assert not span.covers("unknown", index_of)
    assert not Span("gone", "c").covers("a", index_of)


@pytest.mark.parametrize(
    ("subject", "anchor"),
    [
        (LABEL, Span("000040", "000047")),
        (TRACK, Pixel("front", 1.0, 2.0)),
        (Subject.dataset(DATASET), Point("world", (0.0, 0.0, 0.0))),
    ],
)
def test_anchors_that_make_no_sense_are_refused(subject, anchor):
    with pytest.raises(ValueError, match="cannot be on a"):
        NewElement(new_id(), subject, anchor)


@given(
    st.one_of(
        st.none(),
        st.builds(Span, st.text(), st.text()),
        st.builds(Pixel, st.text(), *[st.floats(allow_nan=False, allow_infinity=False)] * 2),
        st.builds(
            Point,
            st.text(),
            st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 3),
        ),
    )
)
def test_anchors_survive_json(anchor):
    assert anchor_from_json(anchor_to_json(anchor)) == anchor


def test_a_thread_keeps_edits_and_deletions_in_place(workspace: Workspace):
    prepare(workspace)
    workspace.run(AddComment(new_id(), ISSUE, "agreed"))
    workspace.run(EditComment(COMMENT, "a metre too long"))
    first, second = comments_of(workspace.reading, ISSUE)
    assert (first.text, second.text) == ("a metre too long", "agreed")
    assert first.edited_ns > first.created_ns
    assert workspace.run(EditComment(COMMENT, " a metre too long ")) is None
    workspace.run(DeleteComment(COMMENT))
    first, _ = comments_of(workspace.reading, ISSUE)
    assert (first.text, first.mentions) == ("", ())
    assert first.deleted_ns is not None
    assert issue(workspace.reading, ISSUE).comment_count == 1
    with pytest.raises(CommandRefused, match="deleted"):
        workspace.run(EditComment(COMMENT, "again"))
    workspace.undo()
    assert comments_of(workspace.reading, ISSUE)[0].text == "a metre too long"


def test_only_the_author_edits_a_comment(workspace: Workspace):
    prepare(workspace)
    workspace.reviewer = Reviewer("bob")
    with pytest.raises(CommandRefused, match="only ann may edit"):
        workspace.run(EditComment(COMMENT, "not what ann said"))


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (OpenIssue(ISSUE, "Again"), "already"),
        (OpenIssue(new_id(), "  "), "title"),
        (OpenIssue(new_id(), "two\nlines"), "title"),
        (OpenIssue(new_id(), "x" * 301), "title"),
        (OpenIssue(new_id(), "Text", description="x" * 100_001), "letters"),
        (OpenIssue(new_id(), "Not JSON", sight={"eye": object()}), "JSON"),
        (OpenIssue(new_id(), "Not JSON", sight={"eye": float("nan")}), "JSON"),
        (OpenIssue(new_id(), "Huge", sight={"eye": "x" * 1_100_000}), "more than"),
        (OpenIssue(new_id(), "No picture", thumbnail=b"GIF89a"), "neither"),
        (OpenIssue(new_id(), "Cut picture", thumbnail=PNG[:-1]), "neither"),
        (OpenIssue(new_id(), "Cut picture", camera_picture=JPEG[:-2]), "neither"),
        (
            OpenIssue(new_id(), "Big", thumbnail=JPEG[:-2] + bytes(MAX_PICTURE_BYTES) + JPEG[-2:]),
            "at most 512 KiB",
        ),
        (ChangeIssue(new_id(), state=IssueState.RESOLVED), "no longer"),
        (ChangeIssue(new_id(), labels=("a",)), "no longer"),
        (ShowIssueAs(new_id(), {}), "no longer"),
        (AddElement(new_id(), NewElement(new_id(), FRAME)), "no longer"),
        (AddElement(ISSUE, NewElement(ELEMENT, FRAME)), "already"),
        (ChangeElement(new_id(), ElementStatus.DONE), "no longer"),
        (RemoveElement(new_id()), "no longer"),
        (AddComment(new_id(), new_id(), "hi"), "no longer"),
        (AddComment(COMMENT, ISSUE, "hi"), "already"),
        (AddComment(new_id(), ISSUE, " \n "), "words"),
        (AddComment(new_id(), ISSUE, "hi", new_id()), "not in the issue"),
        (EditComment(new_id(), "hi"), "deleted"),
        (DeleteComment(new_id()), "no longer"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_changes_nothing(workspace, command, reason):
    prepare(workspace)
    seq = workspace.journal.last_seq
    with pytest.raises(CommandRefused, match=reason):
        workspace.run(command)
    assert workspace.journal.last_seq == seq
    assert workspace.reading.query("SELECT count(*) FROM pictures") == [(0,)]


def test_opening_is_not_undone_while_someone_commented(workspace: Workspace):
    workspace.run(OpenIssue(ISSUE, "Loose box"))
    workspace.reviewer = Reviewer("bob")
    workspace.run(AddComment(COMMENT, ISSUE, "I see it too"))
    workspace.reviewer = Reviewer("ann")
    with pytest.raises(UndoRefused):
        workspace.undo()
    assert issue(workspace.reading, ISSUE) is not None


def test_pictures_are_kept_once_and_survive_undo(workspace: Workspace):
    workspace.run(OpenIssue(new_id(), "One", thumbnail=PNG))
    workspace.run(OpenIssue(new_id(), "Two", thumbnail=PNG))
    workspace.undo()
    assert workspace.reading.query("SELECT hash FROM pictures") == [(picture_hash(PNG),)]
    workspace.redo()
    assert workspace.reading.picture(picture_hash(PNG)) == PNG
    assert workspace.reading.picture("0" * 32) is None


def test_an_id_may_be_given_by_its_beginning(workspace: Workspace):
    for issue_id in ("ab" + "0" * 30, "ac" + "0" * 30):
        workspace.run(OpenIssue(issue_id, "x"))
    assert issue_starting_with(workspace.reading, "ab") == ["ab" + "0" * 30]
    assert len(issue_starting_with(workspace.reading, "a")) == 2
    assert issue_starting_with(workspace.reading, "b") == []


def test_a_missing_issue_reads_as_none(workspace: Workspace):
    assert issue(workspace.reading, new_id()) is None
    assert element(workspace.reading, new_id()) is None
    assert sight_of(workspace.reading, new_id()) is None
    assert elements_of(workspace.reading, new_id()) == []


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_sequence_of_commands_is_undone_exactly(tmp_path_factory, data):
    """Rows, the search index and mentions are as before."""
    folder = tmp_path_factory.mktemp("random")
    with Workspace.create(folder / "w.sightline", Reviewer("ann")) as workspace:
        prepare(workspace)
        start = _everything(workspace)
        done = 0
        for _ in range(data.draw(st.integers(1, 12))):
            try:
                done += workspace.run(data.draw(_commands())) is not None
            except CommandRefused:
                continue
        end = _everything(workspace)
        for _ in range(done):
            workspace.undo()
        assert _everything(workspace) == start
        for _ in range(done):
            workspace.redo()
        assert _everything(workspace) == end


def _commands():
    ids, words = (
        st.sampled_from([c * 32 for c in "123abc"]),
        st.sampled_from(["box @bob", "@ann loose", "Übel", "done"]),
    )
    return st.one_of(
        st.builds(OpenIssue, ids, words, description=words, labels=st.tuples(words)),
        st.builds(ChangeIssue, ids, title=words, description=words, labels=st.tuples(words)),
        st.builds(ChangeIssue, ids, state=st.sampled_from(IssueState)),
        st.builds(AddElement, ids, st.builds(NewElement, ids, st.sampled_from([LABEL, FRAME]))),
        st.builds(ChangeElement, ids, st.sampled_from(ElementStatus)),
        st.builds(RemoveElement, ids),
        st.builds(AddComment, ids, ids, words),
        st.builds(EditComment, ids, words),
        st.builds(DeleteComment, ids),
    )


def _everything(workspace: Workspace) -> dict[str, list[tuple]]:
    queries = {
        "issues": "SELECT * FROM issues ORDER BY key",
        "issue_labels": "SELECT * FROM issue_labels ORDER BY key",
        "issue_elements": "SELECT * FROM issue_elements ORDER BY key",
        "comments": "SELECT * FROM comments ORDER BY key",
        "mentions": "SELECT * FROM mentions ORDER BY 1, 2, 3",
        "texts": "SELECT source_key, issue_id, text FROM issue_texts ORDER BY 1",
        "search": "SELECT t.source_key FROM issue_search s JOIN issue_texts t ON t.id = s.rowid"
        " WHERE issue_search MATCH 'box' ORDER BY 1",
    }
    connection = sqlite3.connect(workspace.path)
    try:
        connection.execute("INSERT INTO issue_search (issue_search) VALUES ('integrity-check')")
        return {name: connection.execute(sql).fetchall() for name, sql in queries.items()}
    finally:
        connection.rollback()
        connection.close()
