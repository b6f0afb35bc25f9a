"""Finding issues: by what they are, by words, by who is called."""

import datetime as dt
import random

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
    LABEL,
    TRACK,
    prepare,
)

from viewer.review import Batch, CommandRefused, Reviewer, Subject, Workspace, new_id
from viewer.review.commands.comments import AddComment, DeleteComment, EditComment
from viewer.review.commands.findings import open_from_finding
from viewer.review.commands.issues import ChangeElement, ChangeIssue, OpenIssue, RemoveElement
from viewer.review.issues.filter import IssueFilter, IssueOrder
from viewer.review.issues.history import comment_history, issue_history, updated_ns
from viewer.review.issues.mentions import mentions_in
from viewer.review.issues.model import (
    ElementStatus,
    Finding,
    IssueState,
    IssueType,
    NewElement,
    Priority,
)
from viewer.review.issues.on_subjects import issues_of_finding
from viewer.review.issues.reading import comments_of, count_issues, issue, issue_labels, issues


def titles(workspace: Workspace, wanted: IssueFilter | None = None, **how) -> list[str]:
    return [each.title for each in issues(workspace.reading, wanted=wanted, **how)]


@pytest.fixture
def many(workspace: Workspace) -> list[OpenIssue]:
    """200 issues of every kind, the plain values beside them as the oracle."""
    draw = random.Random(7)
    opened = [
        OpenIssue(
            new_id(),
            f"Issue {number}",
            draw.choice(list(IssueType)),
            (NewElement(new_id(), Subject.scene(DATASET, draw.choice("ab"))),),
            state=draw.choice(list(IssueState)),
            assignee=draw.choice(["ann", "bob", None]),
            reporter=draw.choice(["ann", "cleo"]),
            priority=draw.choice([None, *Priority]),
            due=draw.choice([None, dt.date(2027, 1, 1 + number % 28)]),
            labels=tuple(draw.sample(["night", "rain", "truck"], draw.randrange(3))),
            created_ns=number // 2,
        )
        for number in range(200)
    ]
    workspace.run(Batch("All", opened))
    return opened


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (IssueFilter(), lambda _: True),
        (IssueFilter(states=(IssueState.TRIAGE,)), lambda i: i.state == "triage"),
        (
            IssueFilter(types=(IssueType.BUCKET, IssueType.SPLIT)),
            lambda i: i.type in ("Bucket", "Split"),
        ),
        (IssueFilter(assignee="bob"), lambda i: i.assignee == "bob"),
        (IssueFilter(is_assigned=False), lambda i: i.assignee is None),
        (IssueFilter(is_assigned=True), lambda i: i.assignee is not None),
        (IssueFilter(reporter="cleo"), lambda i: i.reporter == "cleo"),
        (IssueFilter(labels=("night", "rain")), lambda i: {"night", "rain"} <= set(i.labels)),
        (
            IssueFilter(due_until=dt.date(2027, 1, 10)),
            lambda i: i.due is not None and i.due <= dt.date(2027, 1, 10),
        ),
        (
            IssueFilter(dataset_id=DATASET, scene_id="a"),
            lambda i: i.elements[0].subject.scene_id == "a",
        ),
        (IssueFilter(dataset_id=DATASET), lambda _: True),
        (IssueFilter(dataset_id="other"), lambda _: False),
        (
            IssueFilter(states=(IssueState.RESOLVED,), assignee="ann", labels=("truck",)),
            lambda i: i.state == "resolved" and i.assignee == "ann" and "truck" in i.labels,
        ),
    ],
)
def test_filters_give_what_a_plain_loop_gives(workspace: Workspace, many, wanted, fits):
    expected = [each for each in many if fits(each)]
    assert sorted(titles(workspace, wanted)) == sorted(each.title for each in expected)
    counts = count_issues(workspace.reading, wanted)
    if not wanted.states:
        states = [each.state for each in expected]
        assert counts == {state: states.count(state) for state in IssueState}


@pytest.mark.parametrize(
    ("order", "rank"),
    [
        (IssueOrder.OLDEST, lambda n, i: (i.created_ns, n)),
        (IssueOrder.NEWEST, lambda n, i: (-i.created_ns, -n)),
        (IssueOrder.PRIORITY, lambda n, i: (-(i.priority or 0), -i.created_ns, -n)),
        (IssueOrder.DUE, lambda n, i: (i.due is None, i.due or dt.date.min, i.created_ns, n)),
    ],
)
def test_pages_follow_the_order_and_join_to_the_whole(workspace: Workspace, many, order, rank):
    ranked = sorted(enumerate(many), key=lambda each: rank(*each))
    expected = [each.title for _, each in ranked]
    assert titles(workspace, order=order) == expected
    pages = [titles(workspace, order=order, limit=30, offset=at) for at in range(0, 210, 30)]
    assert [title for page in pages for title in page] == expected


def test_state_and_assignee_are_short_for_a_filter(workspace: Workspace, many):
    found = issues(workspace.reading, IssueState.TRIAGE, "ann")
    assert found == issues(
        workspace.reading, wanted=IssueFilter(states=(IssueState.TRIAGE,), assignee="ann")
    )
    assert len(found) == sum(i.state == "triage" and i.assignee == "ann" for i in many) > 0


def test_counts_by_state_ignore_the_state_that_is_shown(workspace: Workspace, many):
    shown = IssueFilter(states=(IssueState.TRIAGE,), assignee="ann")
    assert count_issues(workspace.reading, shown) == count_issues(
        workspace.reading, IssueFilter(assignee="ann")
    )


def test_labels_are_listed_with_their_counts(workspace: Workspace):
    prepare(workspace)
    workspace.run(OpenIssue(new_id(), "x", labels=("night",)))
    assert issue_labels(workspace.reading) == {"night": 2, "truck": 1}


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("loose", True), ("LOOSE box", True), ("oos", True), ("box half", True),
        ("metre wrong", False), ('"half a metre"', True), ('"a half metre"', False), ("a", True),
        ("zq", False), ("%", False), ("_", False), ("100%", False), ("too lo", True),
        ("", True), ("   ", True), ('" "', True), ("x OR loose", False), ("loose*", False),
        ('"', False), ("'; DROP", False),
    ],
)  # fmt: skip
def test_words_are_found_in_title_and_comments(workspace: Workspace, text, is_found):
    prepare(workspace)
    assert bool(titles(workspace, IssueFilter(text=text))) == is_found


def test_words_in_other_scripts_and_short_ones_are_found(workspace: Workspace):
    workspace.run(OpenIssue(new_id(), "Überhang des LKW", description="车辆 位置"))
    for text in ("überhang", "lkw", "车辆", "ÜBER", "kw", "üb", "ÜB"):
        assert titles(workspace, IssueFilter(text=text)) == ["Überhang des LKW"]


@pytest.mark.parametrize("text", ["loose", "LOOSE box", '"half a metre"', "100%", "a_c", "oose"])
def test_both_ways_of_searching_find_the_same(workspace: Workspace, monkeypatch, text):
    prepare(workspace)
    for number, title in enumerate(["Loose 100% box", "a_c\\d", "abc loosely", "tight"]):
        workspace.run(OpenIssue(new_id(), title, description="half a metre" * (number % 2)))
    by_index = titles(workspace, IssueFilter(text=text))
    counted = count_issues(workspace.reading, IssueFilter(text=text))
    assert 0 < len(by_index) < 5
    monkeypatch.setattr("viewer.review.issues.reading.COMMON_TEXTS", 0)
    assert titles(workspace, IssueFilter(text=text)) == by_index
    assert count_issues(workspace.reading, IssueFilter(text=text)) == counted


def test_search_follows_edits_deletions_and_undo(workspace: Workspace):
    prepare(workspace)
    half, metre = IssueFilter(text="half"), IssueFilter(text="whole")
    workspace.run(EditComment(COMMENT, "the whole box"))
    assert (titles(workspace, half), titles(workspace, metre)) == ([], ["Loose box"])
    workspace.run(DeleteComment(COMMENT))
    assert titles(workspace, metre) == []
    workspace.undo()
    assert titles(workspace, metre) == ["Loose box"]
    workspace.undo()
    assert titles(workspace, half) == ["Loose box"]
    workspace.run(ChangeIssue(ISSUE, title="Half a truck", description="Loading ramp"))
    assert titles(workspace, IssueFilter(text="ramp")) == ["Half a truck"]
    assert titles(workspace, IssueFilter(text="loose")) == []


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=40))
def test_any_text_can_be_searched_for(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("search")
    with Workspace.create(folder / "w.sightline", Reviewer("ann")) as workspace:
        printable = "".join(letter for letter in text if letter.isprintable()).strip()
        workspace.run(OpenIssue(new_id(), f"Begin {printable} end"))
        for word in printable.replace('"', " ").split():
            assert titles(workspace, IssueFilter(text=word)), word
        titles(workspace, IssueFilter(text=text))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@bob look", ["bob"]),
        ("ask @Bob, @bob and (@cleo)!", ["bob", "cleo"]),
        ("mail ann@example.org", []),
        ("@ann.lee. And @x-y-", ["ann.lee", "x-y"]),
        ("@bob@example.org", ["bob@example.org"]),
        ("@Ann Lee sees", ["ann lee"]),
        ("@annika sees", ["annika"]),
        ("@ann leeway", ["ann"]),
        ('@"No One" and @"', ["no one"]),
        ("@ nobody @", []),
        ("@Éva and @李雷", ["éva", "李雷"]),
        ("@STRASSE", ["strasse"]),
        ("@Straße 1", ["strasse"]),
    ],
)
def test_mentions_are_found_in_the_text(text, names):
    assert mentions_in(text, ["Ann", "Ann Lee", "Straße"]) == names


@given(st.lists(st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True), max_size=5))
def test_every_plain_name_behind_an_at_is_mentioned(names):
    assert mentions_in(" ".join(f"@{name}," for name in names)) == sorted(set(names))


def test_texts_lose_what_could_not_be_searched(workspace: Workspace):
    workspace.run(OpenIssue(ISSUE, "One", description="a\0bc \ud800d"))
    assert issue(workspace.reading, ISSUE).description == "abc ?d"
    assert titles(workspace, IssueFilter(text="ab\0c")) == ["One"]
    assert titles(workspace, IssueFilter(text="abc")) == ["One"]


def test_issues_that_mention_me(workspace: Workspace):
    prepare(workspace)
    workspace.run(EXAMPLES[OpenIssue]())
    assert titles(workspace, IssueFilter(mentions="Bob")) == ["Loose box"]
    assert titles(workspace, IssueFilter(mentions="ann")) == ["Id switch behind the bus"]
    assert comments_of(workspace.reading, ISSUE)[0].mentions == ("bob",)
    workspace.run(EditComment(COMMENT, "@ann instead"))
    assert titles(workspace, IssueFilter(mentions="bob")) == []
    assert len(titles(workspace, IssueFilter(mentions="ann"))) == 2
    workspace.run(DeleteComment(COMMENT))
    workspace.run(ChangeIssue("4" * 32, description="nobody"))
    assert titles(workspace, IssueFilter(mentions="ann")) == []
    workspace.undo()
    workspace.undo()
    assert len(titles(workspace, IssueFilter(mentions="ann"))) == 2


def test_a_known_reviewer_with_a_blank_in_the_name_is_mentioned(workspace: Workspace):
    workspace.run(OpenIssue(ISSUE, "One"))
    workspace.close()
    with Workspace.open(workspace.path, Reviewer("Bob Ray")) as later:
        later.run(AddComment(COMMENT, ISSUE, "I am @bob ray and that is @ann"))
        assert comments_of(later.reading, ISSUE)[0].mentions == ("ann", "bob ray")


def test_a_comment_tells_what_it_said_before(workspace: Workspace):
    prepare(workspace)
    workspace.run(EditComment(COMMENT, "second"))
    workspace.run(DeleteComment(COMMENT))
    workspace.undo()
    versions = comment_history(workspace.reading, COMMENT)
    assert [(each.text, each.is_deleted) for each in versions] == [
        ("@bob, half a metre too long", False), ("second", False), ("second", True),
        ("second", False),
    ]  # fmt: skip
    assert [each.time_ns for each in versions] == sorted(each.time_ns for each in versions)
    assert {each.reviewer for each in versions} == {"ann"}
    assert comment_history(workspace.reading, new_id()) == []


def test_the_history_of_an_issue_has_all_its_parts_and_no_others(workspace: Workspace):
    prepare(workspace)
    workspace.run(OpenIssue("a" * 32, "Another", labels=("x",)))
    workspace.run(ChangeIssue(ISSUE, labels=(), issue_title="Loose box"))
    workspace.run(ChangeElement(ELEMENT, ElementStatus.DONE, "label 18"))
    workspace.run(RemoveElement(ELEMENT))
    workspace.undo()
    happened = issue_history(workspace.reading, ISSUE)
    assert [(each.kind, each.text) for each in happened] == [
        ("open_issue", "Open issue “Loose box”"), ("add_comment", "Comment on an issue"),
        ("change_issue", "Label “Loose box”"), ("change_element", "Mark label 18 as done"),
        ("remove_element", "Remove an element from its issue"),
        ("undo", "Remove an element from its issue"),
    ]  # fmt: skip
    times = updated_ns(workspace.reading, [ISSUE, "a" * 32, new_id()])
    opened_last = issue(workspace.reading, "a" * 32).created_ns
    assert times == {ISSUE: happened[-1].time_ns, "a" * 32: opened_last}


def test_a_finding_becomes_an_issue_once_it_is_promoted(workspace: Workspace):
    finding = {"check": "id_switch", "score": 0.75, "evidence": "swaps with 19", "subject": TRACK}
    workspace.run(open_from_finding(finding, ISSUE, ELEMENT, sight={"frame": 1}))
    found = issue(workspace.reading, ISSUE)
    assert found.title == "Id switch: track 18 in street_0007"
    assert (found.type, found.description) == (IssueType.LABEL_QUALITY, "swaps with 19")
    assert found.finding == Finding("id_switch", "swaps with 19", 0.75)
    assert titles(workspace, IssueFilter(check="id_switch")) == [found.title]
    assert titles(workspace, IssueFilter(check="loose_box")) == []
    assert issues_of_finding(workspace.reading, "id_switch", TRACK) == [ISSUE]
    assert issues_of_finding(workspace.reading, "id_switch", LABEL) == []
    assert issues_of_finding(workspace.reading, "loose_box", TRACK) == []


@pytest.mark.parametrize(
    "finding",
    [
        {"check": "", "evidence": "", "subject": FRAME},
        {"evidence": "", "subject": FRAME},
        {"check": "x", "evidence": 3, "subject": FRAME},
        {"check": "x", "evidence": "", "subject": "label 18"},
        {"check": "x", "evidence": "", "subject": FRAME, "score": "high"},
        {"check": "x", "evidence": "", "subject": FRAME, "score": float("nan")},
    ],
)
def test_a_finding_that_says_too_little_is_refused(finding):
    with pytest.raises(CommandRefused):
        open_from_finding(finding, ISSUE, ELEMENT)
