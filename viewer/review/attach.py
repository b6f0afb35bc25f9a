"""Taking an open dataset into a workspace, or recognising it there."""

from collections.abc import Mapping
from pathlib import Path

from viewer.progress import JobContext
from viewer.review.commands.datasets import AddDataset, RecordDelivery, RelinkDataset
from viewer.review.datasets.fingerprint import Fingerprint, fingerprint
from viewer.review.datasets.relink import (
    Attached,
    Recognised,
    Recognition,
    last_delivery,
    recognise,
)
from viewer.review.ledger import Reading, new_id
from viewer.review.workspace import Workspace
from viewer.scene.scene import Dataset


def attach_dataset(
    workspace: Workspace,
    dataset: Dataset,
    found: Fingerprint | None = None,
    *,
    context: JobContext | None = None,
    choices: Mapping[str, str] | None = None,
) -> Attached:
    """Recognise a dataset in the workspace, or add it; write down where it lies and what it holds.

    Parameters
    ----------
    found
        Its content, when it was hashed already, e.g. on another thread.
    choices
        What was chosen about its files on opening; kept with a new dataset.

    Raises
    ------
    WorkspaceError
        When it had to be written down and could not be.
    Cancelled
        When hashing was given up through `context`.
    """
    path = dataset.path.resolve()
    found = found or fingerprint(path, context)
    known = recognise(workspace.reading, path, dataset_name(path), found)
    dataset_id = known.dataset_id or new_id()
    if known.dataset_id is None:
        name = dataset_name(path)
        workspace.run(AddDataset(dataset_id, name, str(path), dataset.format_name, choices or {}))
    elif known.how in (Recognised.MOVED, Recognised.MOVED_AND_DELIVERED_AGAIN):
        workspace.run(RelinkDataset(dataset_id, str(path)))
    if last_delivery(workspace.reading, dataset_id) != found.text:
        workspace.run(RecordDelivery(dataset_id, found.text, found.packed()))
    return Attached(known.how, dataset_id, known.before, known.difference)


def recognise_dataset(
    reading: Reading, dataset: Dataset, *, context: JobContext | None = None
) -> Recognition:
    """Say which dataset of a workspace it is; nothing is written down.

    Raises
    ------
    Cancelled
        When hashing was given up through `context`.
    """
    path = dataset.path.resolve()
    return recognise(reading, path, dataset_name(path), fingerprint(path, context))


def dataset_name(path: Path) -> str:
    """Name of a dataset for people: that of its folder, or of its file without the suffix."""
    return path.stem if path.is_file() else path.name
