"""Lists stay quick in a large workspace: no query walks a whole table where an index serves."""

import pytest
from review.explaining import explaining_ledger
from review.issues_examples import DATASET, ISSUE, LABEL, prepare

from viewer.review import Workspace
from viewer.review.issues.filter import IssueFilter, IssueOrder
from viewer.review.issues.history import comment_history, issue_history, updated_ns
from viewer.review.issues.model import OPEN_STATES, IssueState, IssueType
from viewer.review.issues.on_subjects import (
    elements_on,
    issues_of_finding,
    open_elements_in_frame,
    open_elements_in_scene,
    open_issue_counts_by_frame,
)
from viewer.review.issues.reading import comments_of, count_issues, elements_of, issue, issues

TABLES = ("issues", "e", "i", "s", "c", "l", "h", "t", "issue_texts", "comments", "subjects")


@pytest.fixture
def explaining(workspace: Workspace):
    prepare(workspace)
    with explaining_ledger(workspace) as ledger:
        yield ledger


PLACE = (DATASET, "street_0007")
QUESTIONS = {
    "state": lambda r: issues(r, IssueState.TRIAGE, limit=50),
    "state and assignee": lambda r: issues(r, IssueState.TRIAGE, "ann", limit=50),
    "type": lambda r: issues(r, wanted=IssueFilter(types=(IssueType.BUCKET,)), limit=50),
    "label": lambda r: issues(r, wanted=IssueFilter(labels=("night",)), limit=50),
    "mention": lambda r: issues(r, wanted=IssueFilter(mentions="bob"), limit=50),
    "check": lambda r: issues(r, wanted=IssueFilter(check="id_switch"), limit=50),
    "scene": lambda r: issues(
        r, wanted=IssueFilter(dataset_id=DATASET, scene_id="street_0007"), limit=50
    ),
    "text": lambda r: issues(r, wanted=IssueFilter(text="loose"), limit=50),
    "counts of one": lambda r: count_issues(r, IssueFilter(assignee="ann")),
    "issue": lambda r: issue(r, ISSUE),
    "elements": lambda r: elements_of(r, ISSUE),
    "comments": lambda r: comments_of(r, ISSUE),
    "history": lambda r: issue_history(r, ISSUE),
    "updated": lambda r: updated_ns(r, [ISSUE]),
    "comment": lambda r: comment_history(r, ISSUE),
    "badges": lambda r: open_elements_in_frame(r, *PLACE, "000042"),
    "badges of tracks": lambda r: open_elements_in_scene(r, *PLACE),
    "badges of a label": lambda r: elements_on(r, LABEL, only_open=True),
    "timeline": lambda r: open_issue_counts_by_frame(r, *PLACE),
    "finding": lambda r: issues_of_finding(r, "id_switch", LABEL),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_no_table_is_walked_whole(explaining, question):
    question(explaining)
    assert explaining.plans
    walked = [f"SCAN {name}" for name in TABLES]
    assert [plan for plan in explaining.plans if plan.strip() in walked] == []


@pytest.mark.parametrize(
    ("order", "index"),
    [
        (IssueOrder.NEWEST, "issues_by_state"),
        (IssueOrder.OLDEST, "issues_by_state"),
        (IssueOrder.PRIORITY, "issues_by_priority"),
    ],
)
def test_a_page_of_one_state_needs_no_sorting_of_the_whole(explaining, order, index):
    issues(explaining, IssueState.TRIAGE, order=order, limit=50)
    [inner] = [plan for plan in explaining.plans if index in plan]
    assert "COVERING INDEX" in inner
    assert sum("TEMP B-TREE FOR ORDER BY" in plan for plan in explaining.plans) <= 1


def test_counts_come_from_an_index_alone(explaining):
    count_issues(explaining)
    assert explaining.plans == ["SCAN issues USING COVERING INDEX issues_by_state"]


def test_open_states_are_those_with_something_left():
    assert [str(state) for state in OPEN_STATES] == ["triage", "inProgress", "inReview"]
