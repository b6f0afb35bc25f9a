"""Handing decisions over as files; runs on a worker thread."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from viewer.progress import JobContext, running
from viewer.review import Workspace, WorkspaceError
from viewer.review.exchange.base import ExchangeShape, Exported
from viewer.review.exchange.names import DatasetNames
from viewer.review.exchange.records import read_records
from viewer.scene.scene import Dataset
from viewer.session.review_place import InsideDataset, is_inside

MOST_OF_ONE_NAME = 1000


def export_decisions(
    context: JobContext,
    workspace: Workspace,
    dataset: Dataset,
    dataset_id: str,
    shape: ExchangeShape,
    folder: Path,
) -> Exported:
    """Write verdicts, issues and marks into a new folder inside of `folder`.

    Raises
    ------
    WorkspaceError
        When the folder lies in the dataset, or cannot be written to; no new folder is left then.
    Cancelled
        When it was given up, likewise.
    """
    refuse_inside(folder, dataset)
    reading, connection = workspace.another_reading()
    try:
        with running(context):
            context.report(0, None, "Reading decisions")
            records = read_records(reading, dataset_id)
            with _new_folder(folder, f"{workspace.path.stem}-{shape.name}") as target:
                exported = shape.write(records, DatasetNames(dataset, dataset_id), target)
                context.report(1, 1, "Writing files")
        return exported
    except OSError as error:
        raise WorkspaceError(f"{folder} cannot be written to: {error.strerror}") from error
    finally:
        connection.close()


@contextmanager
def _new_folder(folder: Path, name: str) -> Iterator[Path]:
    """Make a folder; where the block fails it is gone again."""
    target = free_folder(folder, name)
    target.mkdir(parents=True)
    try:
        yield target
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def refuse_inside(path: Path, dataset: Dataset) -> None:
    """Raise where a path lies in the dataset's folder, which is never written to."""
    if is_inside(path, dataset.path):
        raise InsideDataset(path, dataset.path)


def free_folder(folder: Path, name: str) -> Path:
    """Return the first folder of a name that is not there yet: nothing is written over."""
    names = (name, *(f"{name}-{number}" for number in range(2, MOST_OF_ONE_NAME)))
    found = next((folder / each for each in names if not (folder / each).exists()), None)
    if found is None:
        raise WorkspaceError(f"{folder} has too many folders named {name}")
    return found


def exported_text(exported: Exported) -> str:
    """What was written and what was left out, in one sentence."""
    place = exported.files[0].parent if exported.files else None
    counts = ", ".join(f"{count:,} {what}" for what, count in exported.counts.items() if count)
    text = f"Exported {counts or 'nothing'}" + ("" if place is None else f" to {place}")
    lost = "; ".join(f"{count:,} x {why}" for why, count in exported.losses.items())
    return f"{text}. Left out: {lost}" if lost else text
