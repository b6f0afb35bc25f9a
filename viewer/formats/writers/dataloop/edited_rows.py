"""Dataloop annotations with changes: of an annotation's values those that changed, others as is.

On a video or a lidar scene a change in one frame becomes a state of that frame, and the frame
after has the state that held before. What stands on an annotation as a whole, such as its status
or its track, changes in all of its frames.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viewer.formats.dataloop.attributes import label_set_of
from viewer.formats.dataloop.document import MAX_SHEET_BYTES
from viewer.formats.dataloop.reader import DataloopReader, label_id_of
from viewer.formats.edited_reader import EditedReader
from viewer.formats.label_changes import LabelChange
from viewer.formats.writers.dataloop.edited_states import (
    change_still,
    change_timeline,
)
from viewer.formats.writers.edited_files import EditedDocuments, changes_of
from viewer.formats.writers.losses import LossLog
from viewer.scene.scene import Scene

Row = dict[str, Any]


def edited_sheets(scene: Scene, losses: LossLog) -> dict[Path, bytes]:
    """Return the annotation files that edits change."""
    edited = scene.reader
    if not isinstance(edited, EditedReader):
        return {}
    reader = edited.base
    assert isinstance(reader, DataloopReader)
    documents = EditedDocuments()
    over_frames: dict[int, dict[int, LabelChange]] = {}
    """Changes by annotation of the timeline, then by frame."""
    for index in range(len(scene.frames)):
        for label_set in scene.label_sets:
            set_id = label_set.label_set_id
            changes = changes_of(edited, index, set_id)
            if not changes:
                continue
            where = f"{scene.scene_id}/{set_id}"
            ids: Counter[str] = Counter()
            for number, label_id in _timeline_labels(reader, index, set_id, ids):
                if label_id in changes:
                    over_frames.setdefault(number, {})[index] = changes[label_id]
            for path in reader.sheets_of(index).values():
                _change_stills(documents, path, set_id, changes, ids, where, losses)
    sheet = reader.source.timeline_sheet
    if sheet is not None and over_frames:
        _change_timelines(documents, reader, sheet, over_frames, scene.scene_id, losses)
    return documents.files()


def _rows_of(documents: EditedDocuments, path: Path) -> list[Any]:
    document = documents.open(path, MAX_SHEET_BYTES)
    rows: list[Any] = document if isinstance(document, list) else document["annotations"]
    return rows


def _numbered(label_id: str, ids: Counter[str]) -> str:
    """Return a label's id as the reader gives it: the second of one id has its number."""
    ids[label_id] += 1
    return f"{label_id} {ids[label_id]}" if ids[label_id] > 1 else label_id


def _timeline_labels(
    reader: DataloopReader, frame: int, label_set_id: str, ids: Counter[str]
) -> list[tuple[int, str]]:
    found = []
    for each in reader.timelines():
        shown = each.state_at(frame) is not None
        if shown and label_set_of(each.annotation) == label_set_id:
            found.append((each.index, _numbered(label_id_of(each.annotation, each.index), ids)))
    return found


def _change_stills(
    documents: EditedDocuments,
    path: Path,
    label_set_id: str,
    changes: Mapping[str, LabelChange],
    ids: Counter[str],
    where: str,
    losses: LossLog,
) -> None:
    rows = _rows_of(documents, path)
    gone = []
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or label_set_of(row) != label_set_id:
            continue
        change = changes.get(_numbered(label_id_of(row, number), ids))
        if change is None:
            continue
        documents.keep(path)
        if change.is_deleted:
            gone.append(number)
        else:
            change_still(row, change, where, losses)
    for number in reversed(gone):
        del rows[number]


def _change_timelines(
    documents: EditedDocuments,
    reader: DataloopReader,
    path: Path,
    changes: Mapping[int, Mapping[int, LabelChange]],
    where: str,
    losses: LossLog,
) -> None:
    rows = _rows_of(documents, path)
    timelines = {each.index: each for each in reader.timelines()}
    count = len(reader.frames)
    gone = []
    for number, own in changes.items():
        documents.keep(path)
        if not change_timeline(rows[number], timelines[number], own, count, where, losses):
            gone.append(number)
    for number in sorted(gone, reverse=True):
        del rows[number]
