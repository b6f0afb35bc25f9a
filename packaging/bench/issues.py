"""Issues in a large workspace: opening it, lists, counts, search, badges, and filing one more."""

import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from timed_rows import median_row

from viewer.review import Batch, Reviewer, Subject, Workspace, new_id
from viewer.review.commands.comments import AddComment
from viewer.review.commands.issues import OpenIssue
from viewer.review.issues.filter import IssueFilter, IssueOrder
from viewer.review.issues.model import IssueState, IssueType, NewElement, Priority
from viewer.review.issues.on_subjects import open_elements_in_frame
from viewer.review.issues.reading import count_issues, issues

ISSUES = 100_000
ISSUES_A_FRAME = 20
A_STEP = 1000
PAGE = 100
REPEATS = 9
DATASET = "d" * 32
WORDS = [
    "box",
    "heading",
    "class",
    "truck",
    "night",
    "rain",
    "kerb",
    "bus",
    "sensor",
    "drift",
    "offset",
    "missing",
]
SIGHT = {"eye": [0.125] * 16, "frame": "000042", "colour": "intensity", "selection": ["gt", "18"]}


def run(count: int = ISSUES) -> list[dict[str, object]]:
    """Fill a workspace and measure; one row a question, the median in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.sightline"
        _fill(path, count)
        opening = median_row(
            f"open a workspace of {count:,} issues", lambda: _open(path).close(), REPEATS, 1000
        )
        with _open(path) as workspace:
            return [opening, *_questions(workspace)]


def _open(path: Path) -> Workspace:
    return Workspace.open(path, Reviewer("ann"))


def _questions(workspace: Workspace) -> Iterator[dict[str, object]]:
    reading, state = workspace.reading, IssueState.TRIAGE
    asked: dict[str, Callable[[], object]] = {
        f"list {PAGE} by state": lambda: issues(reading, state, limit=PAGE),
        f"list {PAGE} by state, urgent first": lambda: issues(
            reading, state, order=IssueOrder.PRIORITY, limit=PAGE
        ),
        f"list {PAGE} of one person": lambda: issues(reading, assignee="bob", limit=PAGE),
        f"list {PAGE} with a label": lambda: issues(
            reading, wanted=IssueFilter(labels=("night",)), limit=PAGE
        ),
        "count by state": lambda: count_issues(reading),
        f"search a word in 1 of 100, list {PAGE}": lambda: issues(
            reading, wanted=IssueFilter(text="seldom"), limit=PAGE
        ),
        "badges of a frame": lambda: open_elements_in_frame(reading, DATASET, "s0", "000001"),
    }
    for name, ask in asked.items():
        yield median_row(name, ask, REPEATS, 50)
    yield median_row(
        "file an issue, on disk", lambda: workspace.run(_issue(random.Random(), 0)), REPEATS, 5
    )


def _fill(path: Path, count: int) -> None:
    draw = random.Random(4)
    with Workspace.create(path, Reviewer("ann")) as workspace:
        for start in range(0, count, A_STEP):
            made = [_issue(draw, number) for number in range(start, min(start + A_STEP, count))]
            talk = [AddComment(new_id(), each.issue_id, _text(draw)) for each in made]
            workspace.run(Batch("Many", [*made, *talk]))


def _issue(draw: random.Random, number: int) -> OpenIssue:
    frame, place = divmod(number, ISSUES_A_FRAME)
    scene, key = f"s{frame // 100}", f"{frame % 100:06}"
    return OpenIssue(
        new_id(),
        f"Issue {number}" + (" seldom" if number % 100 == 0 else ""),
        draw.choice(list(IssueType)),
        (NewElement(new_id(), Subject.label(DATASET, scene, key, "gt", str(place))),),
        _text(draw),
        draw.choice(list(IssueState)),
        draw.choice(["ann", "bob", "cleo", None]),
        draw.choice([None, *Priority]),
        labels=tuple(draw.sample(WORDS, 2)),
        sight=SIGHT,
    )


def _text(draw: random.Random) -> str:
    return " ".join(draw.choices(WORDS, k=12))
