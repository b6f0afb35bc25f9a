"""Issues, elements and comments as JSON values, and finding an issue by its id."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import subject_facts, time_facts

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.issues.history import CommentVersion, Happening
    from viewer.review.issues.model import Comment, Element, Issue


def find_issue(reading: "Reading", start: str) -> "Issue":
    """Return the issue whose id begins so; leave when there is none or more than one."""
    from viewer.review.issues.reading import issue, issue_starting_with

    ids = issue_starting_with(reading, start.lower()) if start else []
    if len(ids) > 1:
        fail(f"several issues begin with {start}: give more of the id", ExitCode.USAGE)
    found = issue(reading, ids[0]) if ids else None
    if found is None:
        fail(f"there is no issue {start}", ExitCode.USAGE)
    return found


def issue_facts(issue: "Issue") -> dict[str, Any]:
    """Return an issue as JSON values."""
    facts: dict[str, Any] = {
        "id": issue.issue_id,
        "type": str(issue.type),
        "state": str(issue.state),
        "title": issue.title,
        "description": issue.description,
        "reporter": issue.reporter,
        "assignee": issue.assignee,
        "priority": issue.priority.name.lower() if issue.priority else None,
        "due": issue.due.isoformat() if issue.due else None,
        "labels": list(issue.labels),
        "created": time_facts(issue.created_ns),
        "element_count": issue.element_count,
        "done_count": issue.done_count,
        "comment_count": issue.comment_count,
    }
    if issue.finding is not None:
        facts["finding"] = {
            "check": issue.finding.check, "score": issue.finding.score,
            "evidence": issue.finding.evidence,
        }  # fmt: skip
    return facts


def element_facts(element: "Element") -> dict[str, Any]:
    """Return an element as JSON values."""
    from viewer.review.issues.model import anchor_to_json

    facts = {
        "id": element.element_id,
        "subject": subject_facts(element.subject),
        "status": str(element.status),
        "author": element.author,
        "created": time_facts(element.created_ns),
    }
    if element.anchor is not None:
        facts["anchor"] = anchor_to_json(element.anchor)
    return facts


def comment_facts(comment: "Comment", versions: "Sequence[CommentVersion]") -> dict[str, Any]:
    """Return a comment as JSON values, with what it said before; a deleted one has no text."""
    return {
        "id": comment.comment_id,
        "element": comment.element_id,
        "author": comment.author,
        "text": None if comment.deleted_ns is not None else comment.text,
        "mentions": list(comment.mentions),
        "created": time_facts(comment.created_ns),
        "edited": time_facts(comment.edited_ns),
        "deleted": time_facts(comment.deleted_ns),
        "versions": [
            {
                "text": None if each.is_deleted else each.text, "reviewer": each.reviewer,
                "time": time_facts(each.time_ns),
            }
            for each in versions
        ],
    }  # fmt: skip


def happening_facts(happening: "Happening") -> dict[str, Any]:
    """Return what happened to an issue as JSON values."""
    return {
        "id": happening.command_id.hex(),
        "reviewer": happening.reviewer,
        "time": time_facts(happening.time_ns),
        "kind": happening.kind,
        "text": happening.text,
    }


def only_id(ids: list[str], start: str, what: str) -> str:
    """Return the id that begins so; leave when none of an issue's does, or more than one."""
    found = [each for each in ids if start and each.startswith(start.lower())]
    if len(found) != 1:
        why = f"several {what}s begin with" if found else f"the issue has no {what}"
        fail(f"{why} {start}", ExitCode.USAGE)
    return found[0]
