"""Issues and work queues as the client's ``to_dict`` and its service write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.label_rows import load_json
from viewer.formats.problem_log import ProblemLog

MAX_ISSUES_BYTES = 256 * 1024 * 1024
HEAD_BYTES = 64 * 1024
STATES = (
    "triage", "inProgress", "inReview", "resolved", "cancelled", "labeling_campaign_active",
    "ignored", "backlog",
)  # fmt: skip
_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AquariumElement:
    """One frame or crop of an issue or a work queue."""

    element_id: str
    frame_id: str
    element_type: str
    """``frame`` or ``crop``."""
    dataset: str = ""
    crop_type: str | None = None
    """``label`` or ``inference`` for a crop."""
    status: str = ""
    inference_set: str | None = None
    batch_name: str | None = None
    assignee: str | None = None
    comments: Any = None


@dataclass(frozen=True, slots=True)
class AquariumIssue:
    """An issue; a work queue is one with batches."""

    issue_id: str
    name: str
    element_type: str
    elements: tuple[AquariumElement, ...] = ()
    dataset: str | None = None
    inference_set: str | None = None
    state: str = "triage"
    issue_type: str = "Bucket"
    reporter: str | None = None
    assignee: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    comments: Any = None
    batch_statuses: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    batch_assignees: Mapping[str, str] = field(default_factory=lambda: _EMPTY)

    @property
    def is_work_queue(self) -> bool:
        """True when people work through it in batches."""
        return self.issue_type == "Work Queue" or bool(self.batch_statuses)


def is_issues(path: Path) -> bool:
    """Say whether a JSON file looks like issues, from its first bytes."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return False
    return b'"elements"' in head and (b'"element_type"' in head or b'"elementType"' in head)


def read_issues(paths: Sequence[Path], problems: ProblemLog) -> tuple[AquariumIssue, ...]:
    """Return the issues and work queues of files; what makes no sense is noted."""
    found: list[AquariumIssue] = []
    for path in paths:
        try:
            content = load_json(path, max_bytes=MAX_ISSUES_BYTES)
        except DamagedData as damage:
            problems.add_damage(damage)
            continue
        items = content if isinstance(content, list) else [content]
        for index, item in enumerate(items):
            try:
                found.append(_issue(item))
            except ValueError as error:
                problems.add(path, f"$[{index}]", f"{error}; the issue is left out")
    return tuple(found)


def _issue(item: object) -> AquariumIssue:
    if not isinstance(item, Mapping):
        raise ValueError("is no issue")
    name = _text(item, "name")
    if name is None:
        raise ValueError("has no name")
    elements = item.get("elements") or []
    if not isinstance(elements, list):
        raise ValueError("has elements that are no list")
    kind = _text(item, "element_type", "elementType") or "frame"
    state = _text(item, "state") or "triage"
    if state not in STATES:
        raise ValueError(f"has the unknown state {state[:40]!r}")
    return AquariumIssue(
        issue_id=_text(item, "issue_id", "work_queue_id", "id", "uuid") or name,
        name=name,
        element_type=kind,
        elements=tuple(_element(element, kind) for element in elements),
        dataset=_text(item, "dataset"),
        inference_set=_text(item, "inference_set", "inferenceSet"),
        state=state,
        issue_type=_text(item, "issue_type", "template_type") or "Bucket",
        reporter=_text(item, "reporter"),
        assignee=_text(item, "assignee"),
        created_at=_text(item, "created_at"),
        updated_at=_text(item, "updated_at"),
        comments=item.get("comments"),
        batch_statuses=_texts(item.get("batch_statuses")),
        batch_assignees=_texts(item.get("batch_assignees")),
    )


def _element(item: object, kind: str) -> AquariumElement:
    if not isinstance(item, Mapping):
        raise ValueError("has an element that is no object")
    element_id = _text(item, "element_id", "id")
    frame_id = _text(item, "frame_id", "frameId") or element_id
    if element_id is None or frame_id is None:
        raise ValueError("has an element without an id")
    return AquariumElement(
        element_id=element_id,
        frame_id=frame_id,
        element_type=_text(item, "element_type", "type") or kind,
        dataset=_text(item, "dataset") or "",
        crop_type=_text(item, "crop_type", "cropType"),
        status=_text(item, "status") or "",
        inference_set=_text(item, "inference_set", "inferenceSet"),
        batch_name=_text(item, "batch_name"),
        assignee=_text(item, "assignee"),
        comments=item.get("comments"),
    )


def _text(item: Mapping[str, Any], *keys: str) -> str | None:
    for key in keys:
        value = item.get(key)
        if isinstance(value, str) and value:
            return value
    return None


def _texts(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        return _EMPTY
    return {str(key): str(each) for key, each in value.items() if each is not None}
