"""Files of a dataset with the labels that someone changed in them; all others are copied as is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.edited_reader import EditedReader
from viewer.formats.label_changes import LabelChange, label_changes
from viewer.formats.text_file import read_bytes
from viewer.formats.writers.losses import LossLog

EditedFiles = Mapping[Path, bytes]
"""New contents by the path in the source."""
NO_EDITS: EditedFiles = {}


def changes_of(edited: EditedReader, frame_index: int, label_set_id: str) -> dict[str, LabelChange]:
    """Return what someone changed about the labels of a frame, by label id."""
    wanted = edited.edits.label_ids(frame_index, label_set_id)
    if not wanted:
        return {}
    before = edited.base.read_labels(frame_index, label_set_id)
    after = edited.edits.apply(frame_index, label_set_id, before)
    return {each.label_id: each for each in label_changes(before, after, wanted)}


def note_unwritten(
    change: LabelChange, where: str, title: str, losses: LossLog, *, attributes: bool = True
) -> None:
    """Note what was changed about a label of a layout that has no tracks and no attributes."""
    for name in (*change.attributes, *change.removed_attributes) if attributes else ():
        losses.add(f"attribute {name!r}", where, f"{title}: a label has none")
    if change.changes_track and change.track_id is not None:
        losses.add("track", where, f"{title}: images share no time")


class EditedDocuments:
    """JSON files of which some rows are changed, each read once."""

    def __init__(self) -> None:
        self._documents: dict[Path, Any] = {}
        self._changed: dict[Path, None] = {}

    def open(self, path: Path, max_bytes: int) -> Any:  # noqa: ANN401 - any JSON
        """Return a document, the same each time; what is done to it is not written by itself.

        Raises
        ------
        DamagedData
            When it cannot be read.
        """
        if path not in self._documents:
            data = read_bytes(path, max_bytes=max_bytes)
            try:
                self._documents[path] = json.loads(data.decode("utf-8-sig"))
            except (ValueError, RecursionError) as error:
                raise DamagedData(path, "", f"is not valid JSON ({error})") from None
        return self._documents[path]

    def keep(self, path: Path) -> None:
        """Write an open document as it is now."""
        self._changed[path] = None

    def files(self) -> dict[Path, bytes]:
        """Return the contents of those that changed."""
        return {
            path: json.dumps(self._documents[path], ensure_ascii=False).encode()
            for path in self._changed
        }
