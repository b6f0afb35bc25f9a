"""Datasets written with edits, and what differs between two trees of files."""

import hashlib
import json
from pathlib import Path

from tiny_datasets import TINY_DATASETS

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.catalog import writer_by_name
from viewer.progress import JobContext
from viewer.scene.scene import Dataset


def tree_hash(root: Path) -> str:
    """SHA-256 over names, contents and times of everything below a folder."""
    total = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        total.update(f"{path.relative_to(root)}|{path.stat().st_mtime_ns}|".encode())
        total.update(path.read_bytes() if path.is_file() else b"")
    return total.hexdigest()


def write(name: str, dataset: Dataset, target: Path):
    target = target / "data"
    report = writer_by_name(name).write(dataset.scenes, target, JobContext(), WriteOptions())
    again = open_dataset(target)
    return again, report


def made(name: str, tmp_path: Path) -> tuple[Path, Dataset]:
    (tmp_path / "made").mkdir()
    root = TINY_DATASETS[name][0](tmp_path / "made")
    return root, open_dataset(root)


def json_documents(root: Path) -> dict[str, list]:
    """Every JSON document below a folder, line by line where there are several."""
    found = {}
    for path in sorted(root.rglob("*.json*")):
        text = path.read_text()
        try:
            found[path.relative_to(root).as_posix()] = [json.loads(text)]
        except json.JSONDecodeError:
            lines = [json.loads(line) for line in text.splitlines() if line.strip()]
            found[path.relative_to(root).as_posix()] = lines
    return found


def differences(one, other, place=""):
    """Yield (place, before, after) of every value that differs between two documents."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from differences(one.get(key), other.get(key), f"{place}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{place}[{index}]")
    elif one != other or type(one) is not type(other):
        yield place, one, other


def first_rows(dataset: Dataset, label_set_id: str):
    scene = dataset.scenes[0]
    frame = scene.frames[0]
    return scene, frame, scene.reader.read_labels(0, label_set_id)
