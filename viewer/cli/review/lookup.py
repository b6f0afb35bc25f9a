"""Looking into a dataset whether what an option names is there, and how it looks now."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import ExitCode, fail, readable_errors, terminal_progress

if TYPE_CHECKING:
    from viewer.review import LabelSnapshot, Reading, Subject
    from viewer.scene.scene import Dataset

NAMES_SHOWN = 8

Unchecked = Annotated[
    bool,
    typer.Option("--unchecked", help="Do not look into the dataset whether what is named exists."),
]


def look_up(
    reading: "Reading", subject: "Subject | None", *, unchecked: bool
) -> "LabelSnapshot | None":
    """Return how a label looks now; None for other subjects.

    Leaves when the dataset lies where the workspace says and has no such thing; where it does not
    lie there, says so and goes on.
    """
    from viewer.formats.catalog import open_dataset
    from viewer.review.datasets.entities import DATASETS

    row = None if subject is None else reading.row(DATASETS, subject.dataset_id)
    if subject is None or row is None or unchecked:
        return None
    path = Path(row["path"])
    if not path.exists():
        print(f"sightline: not checked: {path} is not there", file=sys.stderr)
        return None
    with readable_errors(), terminal_progress(f"Reading {path.name}") as context:
        dataset = open_dataset(path, choices=row["choices"] or {}, context=context)
        try:
            return _find(dataset, subject)
        finally:
            dataset.close()


def _find(dataset: "Dataset", subject: "Subject") -> "LabelSnapshot | None":
    from viewer.review.flat_snapshots import snapshot_of

    scenes = {scene.scene_id: scene for scene in dataset.scenes}
    scene = scenes.get(subject.scene_id or "")
    if scene is None:
        fail(f"there is no scene {subject.scene_id}{_known(scenes)}", ExitCode.USAGE)
    if subject.label_set_id is not None:
        known = [each.label_set_id for each in scene.label_sets]
        if subject.label_set_id not in known:
            fail(f"there is no label set {subject.label_set_id}{_known(known)}", ExitCode.USAGE)
    if subject.frame_key is None:
        return None
    index = scene.frame_index_of(subject.frame_key)
    if index is None:
        keys = (frame.key for frame in scene.frames)
        fail(f"{scene.scene_id} has no frame {subject.frame_key}{_known(keys)}", ExitCode.USAGE)
    if subject.label_id is None or subject.label_set_id is None:
        return None
    snapshot = snapshot_of(scene.reader.read_labels(index, subject.label_set_id), subject.label_id)
    if snapshot is None:
        fail(f"there is no {subject.text} of {subject.label_set_id}", ExitCode.USAGE)
    return snapshot


def _known(names: Iterable[str]) -> str:
    listed = list(names)
    more = ", ..." if len(listed) > NAMES_SHOWN else ""
    return f"; known: {', '.join(listed[:NAMES_SHOWN])}{more}" if listed else ""
