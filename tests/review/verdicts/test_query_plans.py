"""Judging stays quick in a large workspace: no query walks a whole table where an index serves."""

import pytest
from review.explaining import explaining_ledger

from viewer.review import Subject, Workspace
from viewer.review.commands.queues import CreateQueue, FinishItem
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.ledger import Reading
from viewer.review.queues.reading import (
    batch_of,
    item_of,
    next_item,
    previous_item,
    queue_by_id,
    queue_progress,
)
from viewer.review.verdicts.counts import CountBy, count_verdicts, verdicts_in_time
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import (
    all_verdicts,
    effective_verdict,
    verdict_of,
    verdicts_in_frame,
    verdicts_of,
    verdicts_of_tracks,
)

LARGE = ("verdicts", "v", "subjects", "s", "queue_done", "queue_batches", "b", "m",
         "queue_members", "p", "queue_batch_progress")  # fmt: skip
QUEUE = "5" * 32
LABEL = Subject.label("d", "street", "000042", "gt", "18")
TRACK = Subject.track("d", "street", "gt", "7")
REJECTED = VerdictState.REJECTED


@pytest.fixture
def explaining(workspace: Workspace):
    workspace.run(CreateQueue(QUEUE, "two", [LABEL, TRACK]))
    workspace.run(SetVerdict(LABEL, REJECTED))
    with explaining_ledger(workspace) as ledger:
        yield ledger


QUESTIONS = {
    "a verdict": lambda r: verdict_of(r, LABEL),
    "a reviewer's verdict": lambda r: verdict_of(r, LABEL, "ann"),
    "all verdicts of a label": lambda r: verdicts_of(r, LABEL),
    "what covers a label": lambda r: effective_verdict(r, LABEL, TRACK),
    "a frame": lambda r: verdicts_in_frame(r, "d", "street", "000042"),
    "tracks": lambda r: verdicts_of_tracks(r, "d", "street"),
    "newest of a state": lambda r: all_verdicts(r, state=REJECTED, limit=50),
    "counts": lambda r: count_verdicts(r, CountBy.CLASS, CountBy.STATE),
    "next": lambda r: next_item(r, QUEUE, "ann", LABEL.key),
    "previous": lambda r: previous_item(r, QUEUE, "ann", TRACK.key),
    "where an item is": lambda r: (item_of(r, QUEUE, LABEL.key), batch_of(r, QUEUE, LABEL.key)),
    "a queue": lambda r: queue_by_id(r, QUEUE),
    "progress": lambda r: queue_progress(r, QUEUE),
    "finishing": lambda r: list(FinishItem(QUEUE, LABEL.key, 1.0).changes(r)),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_walks_a_large_table(explaining: Reading, question):
    QUESTIONS[question](explaining)
    assert explaining.plans
    walked = [plan for plan in explaining.plans if plan.startswith("SCAN")]
    assert not [plan for plan in walked if plan.split()[1] in LARGE]


@pytest.mark.parametrize(
    "question",
    [lambda r: all_verdicts(r, limit=50), lambda r: all_verdicts(r, state=REJECTED, limit=50)],
)
def test_newest_verdicts_are_not_sorted(explaining: Reading, question):
    question(explaining)
    assert not [plan for plan in explaining.plans if "TEMP B-TREE" in plan]


def test_verdicts_in_time_are_counted_in_an_index_alone(explaining: Reading):
    verdicts_in_time(explaining, 10)
    assert any("COVERING INDEX verdicts_by_time" in plan for plan in explaining.plans)
