"""Lightly singletons with changes: of a row's values those that changed, all others as they are."""

import re
from pathlib import Path
from typing import Any

from viewer.formats.edited_reader import EditedReader
from viewer.formats.label_changes import LabelChange
from viewer.formats.lightly.reader import LightlyReader
from viewer.formats.lightly.side_files import PREDICTIONS
from viewer.formats.writers.edited_files import EditedDocuments, changes_of, note_unwritten
from viewer.formats.writers.lightly.singletons import TITLE
from viewer.formats.writers.losses import LossLog
from viewer.scene.scene import Scene

MAX_BYTES = 1 << 30
CATEGORY_KEYS = ("category_id", "categoryId")
_POSITION = re.compile(r"\[(\d+)\]$")


def edited_rows(scene: Scene, losses: LossLog) -> dict[Path, bytes]:
    """Return the files of a Lightly dataset that edits change."""
    edited = scene.reader
    if not isinstance(edited, EditedReader):
        return {}
    reader = edited.base
    assert isinstance(reader, LightlyReader)
    documents = EditedDocuments()
    for index, name in enumerate(reader.file_names):
        for task in reader.side.tasks:
            changes = changes_of(edited, index, task)
            if not changes:
                continue
            where = f"{scene.scene_id}/{task}"
            numbers = _Categories(reader, task, documents)
            gone: list[tuple[list[Any], int]] = []
            for path, place, _ in reader.singletons(name, task):
                change = changes.get(place.rpartition(".")[2])
                found = _POSITION.search(place)
                if change is None or found is None:
                    continue
                document = documents.open(path, MAX_BYTES)
                is_own = path == reader.side.prediction_path(task, name)
                rows = document["predictions"] if is_own else document[name]
                number = int(found[1])
                documents.keep(path)
                if change.is_deleted:
                    gone.append((rows, number))
                else:
                    _change(rows[number], change, numbers, where, losses)
            for rows, number in sorted(gone, key=lambda each: -each[1]):
                del rows[number]
    return documents.files()


class _Categories:
    """Numbers of a task's categories; new ones join its schema."""

    def __init__(self, reader: LightlyReader, task: str, documents: EditedDocuments) -> None:
        self._numbers = {
            name: number for number, name in reader.side.tasks[task].categories.items()
        }
        self._path = reader.side.folder / PREDICTIONS / task / "schema.json"
        self._documents = documents

    def of(self, name: str) -> int | None:
        """Return the number of a class; None where no schema can take it."""
        if name in self._numbers:
            return self._numbers[name]
        if not self._path.is_file():
            return None
        listed: list[dict[str, Any]] = self._documents.open(self._path, MAX_BYTES)["categories"]
        known = {each["name"]: int(each["id"]) for each in listed}
        if name not in known:
            known[name] = max(known.values(), default=-1) + 1
            listed.append({"id": known[name], "name": name})
            self._documents.keep(self._path)
        return known[name]


def _change(
    row: dict[str, Any],
    change: LabelChange,
    categories: _Categories,
    where: str,
    losses: LossLog,
) -> None:
    note_unwritten(change, where, TITLE, losses)
    if change.class_name is not None:
        number = categories.of(change.class_name)
        if number is None:
            losses.add("class", where, f"{TITLE}: no schema of the task can take a new one")
        else:
            row[next((key for key in CATEGORY_KEYS if key in row), CATEGORY_KEYS[0])] = number
            # It spreads over the classes that there were, and for the one that was wrong.
            row.pop("probabilities", None)
    if change.box_px is not None:
        left, top, right, bottom = change.box_px
        if min(left, top) < 0:
            told = "coordinates are not negative"
            losses.add("part of a box outside its image", where, told)
        left, top = max(left, 0.0), max(top, 0.0)
        row["bbox"] = [left, top, max(right - left, 0.0), max(bottom - top, 0.0)]
