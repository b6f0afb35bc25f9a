"""Making an issue of what an automatic check found."""

from collections.abc import Mapping
from typing import Any

from viewer.review.commands.issues import OpenIssue
from viewer.review.errors import CommandRefused
from viewer.review.issues.model import Anchor, Finding, IssueType, NewElement, Sight
from viewer.review.issues.texts import MAX_TITLE_LENGTH
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.subject import Subject, SubjectKind


def open_from_finding(
    finding: Mapping[str, Any],
    issue_id: str,
    element_id: str,
    *,
    anchor: Anchor | None = None,
    snapshot: LabelSnapshot | None = None,
    sight: Sight | None = None,
    thumbnail: bytes | None = None,
    camera_picture: bytes | None = None,
) -> OpenIssue:
    """Return the command that makes an issue of a finding, about what it was found on.

    Parameters
    ----------
    finding
        ``check``: the check's name, e.g. ``loose_box``; ``evidence``: a text; ``subject``: a
        `Subject`; ``score``: a finite number, which may be missing.

    Raises
    ------
    CommandRefused
        When one of them is missing or of another kind.
    """
    check, evidence = finding.get("check"), finding.get("evidence", "")
    subject, score = finding.get("subject"), finding.get("score")
    if not isinstance(check, str) or not check.strip():
        raise CommandRefused("a finding needs the name of its check")
    if not isinstance(subject, Subject) or not isinstance(evidence, str):
        raise CommandRefused(f"the finding of {check} needs a subject and a text")
    try:
        kept = Finding(check, evidence, None if score is None else float(score))
    except (TypeError, ValueError) as error:
        raise CommandRefused(f"the score of {check} is no number: {score!r}") from error
    name = check.replace("_", " ").strip()
    title = f"{name[:1].upper()}{name[1:]}: {subject.text}"
    is_on_objects = subject.kind in (SubjectKind.LABEL, SubjectKind.TRACK)
    return OpenIssue(
        issue_id,
        title[:MAX_TITLE_LENGTH],
        IssueType.LABEL_QUALITY if is_on_objects else IssueType.FRAME_ISSUE,
        (NewElement(element_id, subject, anchor, snapshot),),
        description=evidence,
        sight=sight,
        thumbnail=thumbnail,
        camera_picture=camera_picture,
        finding=kept,
    )
