"""`sightline review issue`: one issue with its elements and comments."""

from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.review.base import (
    SHORT_ID_LENGTH,
    AsJson,
    File,
    print_facts,
    print_json,
    reading_workspace,
    short_time,
)
from viewer.cli.review.issue_facts import (
    comment_facts,
    element_facts,
    find_issue,
    happening_facts,
    issue_facts,
)

if TYPE_CHECKING:
    from viewer.review import Reading

IssueId = Annotated[str, typer.Argument(metavar="ISSUE", help="Its id, or how that begins.")]


def run(file: File, issue_id: IssueId, as_json: AsJson = False) -> None:
    """Show ISSUE of the workspace FILE: its fields, elements and comments."""
    with reading_workspace(file) as workspace:
        show_issue(workspace.reading, issue_id, as_json=as_json)


def show_issue(reading: "Reading", issue_id: str, *, as_json: bool) -> None:
    """Print an issue whole."""
    from viewer.review.issues.history import comment_history, issue_history
    from viewer.review.issues.reading import comments_of, elements_of, sight_of

    found = find_issue(reading, issue_id)
    issue_id = found.issue_id
    elements = elements_of(reading, issue_id)
    comments = comments_of(reading, issue_id)
    facts = issue_facts(found)
    if as_json:
        facts["sight"] = sight_of(reading, issue_id)
        facts["elements"] = [element_facts(each) for each in elements]
        facts["comments"] = [
            comment_facts(each, comment_history(reading, each.comment_id)) for each in comments
        ]
        facts["history"] = [happening_facts(each) for each in issue_history(reading, issue_id)]
        print_json(facts)
        return
    labels = ", ".join(found.labels)
    counted = ("element_count", "done_count", "comment_count", "finding")
    shown = {name: value for name, value in facts.items() if name not in counted}
    print_facts(shown | {"labels": labels, "created": short_time(found.created_ns)})
    for element in elements:
        mark = "x" if element.status == "done" else " "
        print(f"[{mark}] {element.element_id[:SHORT_ID_LENGTH]}  {element.text}")
    for comment in comments:
        text = "(deleted)" if comment.deleted_ns is not None else comment.text
        edited = " (edited)" if comment.edited_ns is not None else ""
        short = comment.comment_id[:SHORT_ID_LENGTH]
        print(f"\n{short}  {comment.author}, {short_time(comment.created_ns)}{edited}")
        print(text)
