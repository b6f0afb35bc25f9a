"""The JSON of one item: its annotations, read when asked for and not kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.json_numbers import is_number
from viewer.formats.label_rows import load_json
from viewer.formats.problem_log import ProblemLog

MAX_SHEET_BYTES = 256 * 1024 * 1024
HEAD_BYTES = 64 * 1024
_ANNOTATION_MARKS = (b'"coordinates"', b'"snapshots_"', b'"datasetId"', b'"itemId"')


@dataclass(frozen=True, slots=True)
class Sheet:
    """The annotations of one item."""

    path: Path
    item: Mapping[str, Any]
    """The document itself: what it says of its item."""
    annotations: tuple[tuple[int, Mapping[str, Any]], ...]
    """Position in the list, and the annotation."""

    def place(self, index: int) -> str:
        """JSON path of one annotation."""
        return f"$.annotations[{index}]"


def read_sheet(path: Path, problems: ProblemLog) -> Sheet:
    """Read an item's JSON; what is no object in its list is noted and left out."""
    document = load_json(path, max_bytes=MAX_SHEET_BYTES)
    item: Mapping[str, Any] = document if isinstance(document, dict) else {}
    listed = document if isinstance(document, list) else item.get("annotations", [])
    if listed is None:
        listed = []
    if not isinstance(listed, list):
        raise DamagedData(path, "$.annotations", "is no list")
    found = []
    for index, each in enumerate(listed):
        if isinstance(each, dict):
            found.append((index, each))
        else:
            problems.add(path, f"$.annotations[{index}]", "is no object; it is left out")
    return Sheet(path, item, tuple(found))


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file; none when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def is_sheet(head: bytes) -> bool:
    """Say whether a JSON file begins as an item's annotations do."""
    if b'"annotations"' not in head or b'"image_id"' in head or b'"bbox"' in head:
        return False
    if b'"label"' in head and any(mark in head for mark in _ANNOTATION_MARKS):
        return True
    return b'"filename"' in head and (b'"_id"' in head or b'"annotationsCount"' in head)


def is_scene_file(head: bytes) -> bool:
    """Say whether a JSON file begins as ``frames.json`` does."""
    return b'"isPCDFrames"' in head


def is_mapping(head: bytes) -> bool:
    """Say whether a JSON file begins as a lidar ``mapping.json`` does."""
    return (
        b'"frames"' in head and b'"path"' in head and (b'"position"' in head or b'"images"' in head)
    )


def mapping_of(value: object) -> Mapping[str, Any]:
    """Return an object, empty where the value is none."""
    return value if isinstance(value, dict) else {}


def system_of(annotation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``metadata.system``."""
    return mapping_of(mapping_of(annotation.get("metadata")).get("system"))


def user_of(annotation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``metadata.user``; it may be anything in a file, and is then nothing."""
    return mapping_of(mapping_of(annotation.get("metadata")).get("user"))


def whole_number(value: object) -> int | None:
    """Return a frame number; None where the value is none."""
    if not is_number(value) or not abs(value) < 1 << 40:
        return None
    return round(value)
