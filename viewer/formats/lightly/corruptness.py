"""The file of samples that could not be read: a name and what is wrong."""

from pathlib import Path

from viewer.formats.base import DamagedData

KEY = "corrupt_samples"


def read_corruptness(document: object, path: Path) -> dict[str, str]:
    """Return the error of each sample; `DamagedData` when the file has another shape."""
    rows = document.get(KEY) if isinstance(document, dict) else None
    if not isinstance(rows, dict):
        raise DamagedData(path, f"$.{KEY}", "is no object of sample names")
    return {name: str(error) for name, error in rows.items()}


def document_of(errors: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return the file."""
    return {KEY: dict(errors)}
