"""Verdicts as JSON values and as lines."""

from typing import TYPE_CHECKING, Any

from viewer.cli.review.base import subject_facts, time_facts

if TYPE_CHECKING:
    from viewer.review import Subject
    from viewer.review.verdicts.model import Verdict


def verdict_facts(subject: "Subject", verdict: "Verdict") -> dict[str, Any]:
    """Return a verdict as JSON values."""
    return {
        "subject": subject_facts(subject),
        "state": str(verdict.state),
        "reasons": list(verdict.reasons),
        "comment": verdict.comment,
        "reviewer": verdict.reviewer,
        "time": time_facts(verdict.time_ns),
        "class": verdict.class_name,
    }


def verdict_line(subject: "Subject", verdict: "Verdict") -> str:
    """Return a verdict in one line."""
    why = ", ".join([*verdict.reasons, *([verdict.comment] if verdict.comment else [])])
    told = f"  ({why})" if why else ""
    return f"{verdict.state.words:<9}  {subject.text}  {verdict.reviewer}{told}"
