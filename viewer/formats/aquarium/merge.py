"""The labels of one frame: rows applied one after the other.

ADD overwrites the label of the same uuid, MODIFY merges what is not null into it, DELETE removes
it. An update of a label that the frame does not have is noted and left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from viewer.formats.aquarium.schema import expanded
from viewer.formats.json_lines import RowPlace, decode_row, read_row
from viewer.formats.problem_log import ProblemLog


@dataclass(eq=False, slots=True)
class LabelRecord:
    """One label as its rows left it, and where it stands."""

    uuid: str
    label_type: str
    class_name: str
    coordinate_frame: str | None
    attributes: dict[str, Any]
    row: RowPlace
    index: int
    """In the list of labels of the row."""

    @property
    def place(self) -> str:
        """For people."""
        return f"{self.row.place}, label {self.index}"


def merged_labels(rows: Sequence[RowPlace], problems: ProblemLog) -> list[LabelRecord]:
    """Return the labels that are left after all rows, in the order of their first."""
    labels: dict[str, LabelRecord] = {}
    for row in rows:
        content = decode_row(read_row(row), row)
        key = "label_data" if content.get("label_data") is not None else "inference_data"
        items = expanded(content.get(key))
        if not isinstance(items, list):
            problems.add(row.path, f"{row.place}, $.{key}", "is not a list of labels")
            continue
        added: set[str] = set()
        for index, item in enumerate(items):
            _apply(expanded(item), index, row, labels, added, problems)
    return list(labels.values())


def _apply(
    item: object,
    index: int,
    row: RowPlace,
    labels: dict[str, LabelRecord],
    added: set[str],
    problems: ProblemLog,
) -> None:
    place = f"{row.place}, label {index}"
    attributes = expanded(item.get("attributes")) if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(attributes, dict | None):
        problems.add(row.path, place, "is no label; it is left out")
        return
    attributes = attributes or {}
    given = item.get("uuid")
    uuid = given if isinstance(given, str) and given else f"{row.number}:{index}"
    change = str(item.get("change") or "ADD").upper()
    if change == "ADD":
        if uuid in added:
            problem = f"has the id {uuid[:80]!r} of an earlier label of its row; the later is kept"
            problems.add(row.path, place, problem)
        added.add(uuid)
        labels[uuid] = LabelRecord(
            uuid=uuid,
            label_type=_text(item.get("label_type")).upper(),
            class_name=_text(item.get("label")),
            coordinate_frame=_text(item.get("label_coordinate_frame")) or None,
            attributes=attributes,
            row=row,
            index=index,
        )
        return
    known = labels.get(uuid)
    if known is None:
        problem = f"changes the label {uuid[:80]!r}, which the frame does not have"
        problems.add(row.path, place, f"{problem}; it is left out")
    elif change == "DELETE":
        del labels[uuid]
    elif change == "MODIFY":
        known.class_name = _text(item.get("label")) or known.class_name
        known.coordinate_frame = _text(item.get("label_coordinate_frame")) or known.coordinate_frame
        news = {key: value for key, value in attributes.items() if value is not None}
        known.attributes = {**known.attributes, **news}
        known.row, known.index = row, index
    else:
        problem = f"change {change[:40]!r} is none of ADD, MODIFY, DELETE; it is left out"
        problems.add(row.path, place, problem)


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
