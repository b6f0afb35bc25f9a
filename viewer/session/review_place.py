"""Where the workspace of a dataset lies: with the user's documents, never beside the data."""

import os
import re
from pathlib import Path

from platformdirs import user_data_path, user_documents_path

from viewer.review import WorkspaceError
from viewer.review.workspace import SUFFIX
from viewer.scene.scene import Dataset

FOLDER = "Sightline"


class InsideDataset(WorkspaceError):
    """A workspace was to be made in a dataset's folder, which is never written to."""

    def __init__(self, path: Path, dataset: Path) -> None:
        super().__init__(
            f"{path} lies in the dataset's folder {dataset}, which is never written to:"
            " choose another folder"
        )


def workspace_folder() -> Path:
    """Where workspaces are made; beside the settings where `SIGHTLINE_CONFIG` names a folder."""
    configured = os.environ.get("SIGHTLINE_CONFIG")
    if configured:
        return Path(configured) / "workspaces"
    documents = user_documents_path()
    return documents / FOLDER if documents.is_dir() else user_data_path("sightline")


def default_path(dataset: Dataset, number: int = 1) -> Path:
    """Where the workspace of a dataset is made; `number` tells apart datasets of one name.

    Raises
    ------
    InsideDataset
        When every usual folder lies in the dataset's.
    """
    name = re.sub(r"[^\w.-]+", "_", dataset_name(dataset)).strip("._") or "dataset"
    file_name = f"{name}{'' if number == 1 else f'-{number}'}{SUFFIX}"
    for folder in (workspace_folder(), user_data_path("sightline")):
        if not is_inside(folder, dataset.path):
            return folder / file_name
    raise InsideDataset(workspace_folder() / file_name, dataset.path)


def dataset_name(dataset: Dataset) -> str:
    """Name of a dataset for people: that of its folder or file."""
    return dataset.path.stem if dataset.path.is_file() else dataset.path.name


def is_inside(path: Path, dataset: Path) -> bool:
    """Whether a path lies in a dataset's folder; a dataset of one file has none of its own."""
    if not dataset.is_dir():
        return False
    return path.resolve().is_relative_to(dataset.resolve())
