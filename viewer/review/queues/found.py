"""Findings of checks from a JSON file, for a queue."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.label_rows import load_json
from viewer.review.queues.build import Scored
from viewer.review.subject import Subject, SubjectKind

MAX_BYTES = 1024 * 1024 * 1024
SUBJECT_KEYS: Mapping[str, str] = {
    "scene": "scene_id", "frame": "frame_key", "label_set": "label_set_id", "label": "label_id",
    "track": "track_id",
}  # fmt: skip


def read_findings(path: Path, dataset_id: str) -> list[Scored]:
    """Return the findings of a file, in its order.

    The file is a list, or an object whose ``findings`` is one. Each finding is an object with
    ``subject``: the names ``scene``, ``frame``, ``label_set``, ``label``, ``track`` that it is
    about; and, where known, ``score``: the higher the more suspicious; ``check``: the check's
    name; ``evidence``: a text.

    Parameters
    ----------
    dataset_id
        Id in the workspace of the dataset that the findings are about.

    Raises
    ------
    DamagedData
        When the file cannot be read or a finding is none: it names the place.
    """
    document = load_json(path, max_bytes=MAX_BYTES)
    place = "$"
    if isinstance(document, Mapping):
        document, place = document.get("findings"), "$.findings"
    if not isinstance(document, list):
        raise DamagedData(path, place, "is no list of findings")
    return [
        _finding(each, dataset_id, path, f"{place}[{number}]")
        for number, each in enumerate(document)
    ]


def _finding(value: object, dataset_id: str, path: Path, place: str) -> Scored:
    if not isinstance(value, Mapping) or not isinstance(value.get("subject"), Mapping):
        raise DamagedData(path, f"{place}.subject", "is missing")
    score = value.get("score")
    if score is not None and not _is_number(score):
        raise DamagedData(path, f"{place}.score", "is not a finite number")
    told = [value.get("check") or "", value.get("evidence") or ""]
    if not all(isinstance(each, str) for each in told):
        raise DamagedData(path, place, "has a check or evidence that is no text")
    why = ": ".join(each for each in (told[0].replace("_", " "), told[1]) if each)
    subject = _subject(value["subject"], dataset_id, path, f"{place}.subject")
    return subject, None if score is None else float(score), why


def _subject(value: Mapping[str, Any], dataset_id: str, path: Path, place: str) -> Subject:
    if value.get("dataset_id", dataset_id) != dataset_id:
        raise DamagedData(path, f"{place}.dataset_id", "is another dataset")
    names = {name: value[key] for key, name in SUBJECT_KEYS.items() if value.get(key) is not None}
    if not names or not all(isinstance(each, str) for each in names.values()):
        raise DamagedData(path, place, "does not name a scene, frame, label or track")
    if "label_id" in names:
        kind = SubjectKind.LABEL
    elif "track_id" in names:
        kind = SubjectKind.TRACK
    else:
        kind = SubjectKind.FRAME if "frame_key" in names else SubjectKind.SCENE
    try:
        return Subject(kind, dataset_id, **names)
    except ValueError as error:
        raise DamagedData(path, place, str(error)) from None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
