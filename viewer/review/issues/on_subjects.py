"""Which issues are on a subject, a frame, a scene: what badges and timeline show."""

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.review.issues.model import OPEN_STATES, Element, IssueState, IssueType, Priority
from viewer.review.issues.reading import ELEMENT_COLUMNS, element_from_sql
from viewer.review.ledger import Reading
from viewer.review.subject import Subject


@dataclass(frozen=True, slots=True)
class PlacedElement:
    """An element as a badge on its subject shows it."""

    element: Element
    title: str
    type: IssueType
    state: IssueState
    priority: Priority | None


def elements_on(
    reading: Reading, subject: Subject, *, only_open: bool = False
) -> list[PlacedElement]:
    """Return the elements on exactly this subject, oldest issue first."""
    return _placed(reading, "e.subject = ?", (subject.key,), only_open=only_open)


def open_elements_in_frame(
    reading: Reading, dataset_id: str, scene_id: str, frame_key: str
) -> list[PlacedElement]:
    """Return elements of open issues on a frame and on its labels, in one query."""
    where = (
        "e.subject IN (SELECT key FROM subjects"
        " WHERE dataset_id = ? AND scene_id = ? AND frame_key = ?)"
    )
    return _placed(reading, where, (dataset_id, scene_id, frame_key), only_open=True)


def open_elements_in_scene(reading: Reading, dataset_id: str, scene_id: str) -> list[PlacedElement]:
    """Return elements of open issues on a scene as a whole and on its tracks."""
    where = (
        "e.subject IN (SELECT key FROM subjects"
        " WHERE dataset_id = ? AND scene_id = ? AND frame_key IS NULL)"
    )
    return _placed(reading, where, (dataset_id, scene_id), only_open=True)


def open_elements_of_scene(reading: Reading, dataset_id: str, scene_id: str) -> list[PlacedElement]:
    """Return elements of open issues anywhere in a scene, in one query."""
    where = "e.subject IN (SELECT key FROM subjects WHERE dataset_id = ? AND scene_id = ?)"
    return _placed(reading, where, (dataset_id, scene_id), only_open=True)


def open_issue_counts_by_frame(reading: Reading, dataset_id: str, scene_id: str) -> dict[str, int]:
    """Return how many open issues have elements on each frame or its labels; for the timeline."""
    marks = ", ".join("?" * len(OPEN_STATES))
    found = reading.query(
        "SELECT s.frame_key, count(DISTINCT e.issue_id) FROM subjects s"
        " JOIN issue_elements e ON e.subject = s.key AND e.removed_ns IS NULL"
        f" JOIN issues i ON i.key = e.issue_id AND i.state IN ({marks})"
        " WHERE s.dataset_id = ? AND s.scene_id = ? AND s.frame_key IS NOT NULL"
        " GROUP BY s.frame_key",
        (*map(str, OPEN_STATES), dataset_id, scene_id),
    )
    return {str(frame_key): int(count) for frame_key, count in found}


def _placed(
    reading: Reading, where: str, values: Sequence[str], *, only_open: bool
) -> list[PlacedElement]:
    if only_open:
        where += f" AND i.state IN ({', '.join('?' * len(OPEN_STATES))})"
        values = (*values, *map(str, OPEN_STATES))
    found = reading.query(
        f"SELECT i.title, i.type, i.state, i.priority, {ELEMENT_COLUMNS} FROM issue_elements e"
        " JOIN subjects s ON s.key = e.subject JOIN issues i ON i.key = e.issue_id"
        f" WHERE e.removed_ns IS NULL AND {where} ORDER BY i.created_ns, e.created_ns, e.rowid",
        values,
    )
    return [
        PlacedElement(
            element_from_sql(rest),
            title,
            IssueType(type_name),
            IssueState(state),
            None if priority is None else Priority(priority),
        )
        for title, type_name, state, priority, *rest in found
    ]


def issues_of_finding(reading: Reading, check: str, subject: Subject) -> list[str]:
    """Return ids of issues that this check's finding on this subject became, oldest first."""
    found = reading.query(
        "SELECT DISTINCT i.key FROM issue_elements e JOIN issues i ON i.key = e.issue_id"
        " WHERE e.subject = ? AND i.finding_check = ?"
        " ORDER BY i.created_ns, i.rowid",
        (subject.key, check),
    )
    return [key for (key,) in found]
