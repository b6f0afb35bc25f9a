"""Scenes that come from Dataloop files: written back as they are, unknown keys included."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.dataloop.attributes import label_set_of
from viewer.formats.dataloop.document import MAX_SHEET_BYTES
from viewer.formats.dataloop.reader import DataloopReader
from viewer.formats.label_rows import load_json
from viewer.formats.text_file import read_bytes
from viewer.formats.writers.base import WriteJob
from viewer.formats.writers.edited_files import NO_EDITS, EditedFiles
from viewer.formats.writers.losses import LossLog
from viewer.scene.labels import LabelSet


def copy_scene(
    reader: DataloopReader,
    label_sets: Iterable[LabelSet] | None,
    job: WriteJob,
    edited: EditedFiles = NO_EDITS,
) -> None:
    """Copy a scene's files under their names, annotation files that are edited as they are now.

    With `label_sets` the annotations of the others are left out; all that stays keeps its values.
    """
    source, draft, losses = reader.source, job.draft, job.losses
    items, sheets = source.files()
    wanted = None if label_sets is None else {each.label_set_id for each in label_sets}
    for path in [] if job.options.labels_only else job.context.track(items, "Copying items"):
        if not path.is_relative_to(source.root):
            losses.add("item", str(path), "lies outside the dataset; its address is kept")
            continue
        try:
            _copy(path, draft, source.root)
        except OSError as error:
            _note(DamagedData(path, "", f"cannot be read: {error.strerror or error}"), losses)
    for path in [*job.context.track(sheets, "Copying annotations"), *reader.ontology_paths]:
        try:
            chosen = None if path in reader.ontology_paths else wanted
            _copy_sheet(path, draft, source.root, chosen, edited)
        except DamagedData as damage:
            _note(damage, losses)


def _copy_sheet(
    path: Path, draft: Path | None, root: Path, wanted: set[str] | None, edited: EditedFiles
) -> None:
    given = edited.get(path)
    if wanted is None:
        data = read_bytes(path, max_bytes=MAX_SHEET_BYTES) if given is None else given
    else:
        document: Any = json.loads(given) if given else load_json(path, max_bytes=MAX_SHEET_BYTES)
        rows = document if isinstance(document, list) else document.get("annotations")
        if isinstance(rows, list):
            rows[:] = [e for e in rows if not isinstance(e, dict) or label_set_of(e) in wanted]
        data = msgspec.json.encode(document)
    if draft is not None:
        target = _target(path, draft, root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _copy(path: Path, draft: Path | None, root: Path) -> None:
    if draft is None:
        with path.open("rb"):
            return
    target = _target(path, draft, root)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _target(path: Path, draft: Path, root: Path) -> Path:
    name = path.relative_to(root) if path.is_relative_to(root) else Path(path.name)
    return draft / name


def _note(damage: DamagedData, losses: LossLog) -> None:
    losses.add_unreadable(damage.as_problem())
