"""What happened to an issue: who changed what when, and what a comment said before."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from viewer.review.issues.entities import COMMENTS
from viewer.review.ledger import Reading

_PARTS = (
    "SELECT 'issues' AS entity, ? AS key"
    " UNION ALL SELECT 'issue_elements', key FROM issue_elements WHERE issue_id = ?"
    " UNION ALL SELECT 'comments', key FROM comments WHERE issue_id = ?"
)
# Labels that are gone have no row any more, but their keys begin with the issue's id.
_LABELS = "SELECT seq FROM changes WHERE entity = 'issue_labels' AND key >= ? AND key < ?"


@dataclass(frozen=True, slots=True)
class Happening:
    """A command that concerned an issue."""

    command_id: bytes
    reviewer: str
    time_ns: int
    kind: str
    """As in the journal; ``undo`` and ``redo`` too."""
    text: str


@dataclass(frozen=True, slots=True)
class CommentVersion:
    """What a comment said from some time on."""

    text: str
    reviewer: str
    time_ns: int
    is_deleted: bool = False


def issue_history(reading: Reading, issue_id: str) -> list[Happening]:
    """Return what happened to an issue, its labels, elements and comments, oldest first."""
    found = reading.query(
        "SELECT command_id, reviewer, time_ns, kind, text FROM commands WHERE seq IN ("
        f" SELECT h.seq FROM ({_PARTS}) part"
        "  JOIN changes h ON h.key = part.key AND h.entity = part.entity"
        f" UNION {_LABELS}) ORDER BY seq",
        (issue_id, issue_id, issue_id, *_label_keys(issue_id)),
    )
    return [Happening(*values) for values in found]


def updated_ns(reading: Reading, issue_ids: Sequence[str]) -> dict[str, int]:
    """Return when each issue, or anything in it, was last changed."""
    times = {}
    for issue_id in issue_ids:
        found = reading.query(
            "SELECT time_ns FROM commands WHERE seq = (SELECT max(seq) FROM ("
            f" SELECT h.seq FROM ({_PARTS}) part"
            "  JOIN changes h ON h.key = part.key AND h.entity = part.entity"
            f" UNION ALL {_LABELS}))",
            (issue_id, issue_id, issue_id, *_label_keys(issue_id)),
        )
        if found:
            times[issue_id] = int(found[0][0])
    return times


def comment_history(reading: Reading, comment_id: str) -> list[CommentVersion]:
    """Return what a comment said, from its first words to its last, deletions included.

    What an undo took back and brought back counts too: it could be read in between.
    """
    found = reading.query(
        "SELECT c.reviewer, c.time_ns, h.after FROM changes h JOIN commands c ON c.seq = h.seq"
        " WHERE h.entity = ? AND h.key = ? ORDER BY h.seq, h.position",
        (COMMENTS.name, comment_id),
    )
    versions: list[CommentVersion] = []
    text, is_deleted = "", True
    for reviewer, time_ns, after in found:
        values: dict[str, Any] = {"deleted_ns": 0} if after is None else json.loads(after)
        former = (text, is_deleted)
        text = values.get("text", text)
        if "deleted_ns" in values:
            is_deleted = values["deleted_ns"] is not None
        if (text, is_deleted) != former:
            versions.append(CommentVersion(text, reviewer, time_ns, is_deleted))
    return versions


def _label_keys(issue_id: str) -> tuple[str, str]:
    begin = f'["{issue_id}",'
    return begin, begin + "\U0010ffff"
