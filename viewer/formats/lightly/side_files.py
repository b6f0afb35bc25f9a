"""The files that stand beside the images, found and read by what they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import files_by_stem
from viewer.formats.image_set import inner_path
from viewer.formats.label_rows import load_json
from viewer.formats.lightly.corruptness import KEY as CORRUPT
from viewer.formats.lightly.corruptness import read_corruptness
from viewer.formats.lightly.custom_metadata import by_file_name, is_custom_metadata, types_of
from viewer.formats.lightly.embeddings import starts_like_embeddings
from viewer.formats.lightly.predictions import Task, guessed_task, read_task
from viewer.formats.lightly.tags import Tag, read_tags
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_text
from viewer.scene.metadata import MetadataType

HIDDEN = ".lightly"
PREDICTIONS, METADATA, EMBEDDINGS = "predictions", "metadata", "embeddings"
LIST_NAMES = ("filenames.txt", "relevant_filenames.txt", "file_names.txt")
HEAD_BYTES = 64 * 1024
MAX_SIDE_FILES = 256


@dataclass(slots=True)
class SideFiles:
    """All that a dataset's files say beside its images."""

    root: Path
    tasks: dict[str, Task] = field(default_factory=dict)
    singletons: dict[str, tuple[Path, Mapping[str, Any]]] = field(default_factory=dict)
    """Singletons by file name, where one file holds them all: by path of that file."""
    metadata: dict[str, dict[str, Any]] = field(default_factory=dict)
    metadata_types: dict[str, MetadataType] = field(default_factory=dict)
    tags: tuple[Tag, ...] = ()
    corrupt: dict[str, str] = field(default_factory=dict)
    embeddings: tuple[Path, ...] = ()
    file_names: tuple[str, ...] = ()
    """The dataset's ordered list, where a file gives one."""
    list_path: Path | None = None
    paths: list[Path] = field(default_factory=list)
    """The files themselves, those of single images not among them."""

    @property
    def folder(self) -> Path:
        """Folder of predictions and metadata of single images."""
        return self.root / HIDDEN

    def prediction_path(self, task: str, file_name: str) -> Path:
        """Return where the singletons of one image lie."""
        return self.folder / PREDICTIONS / task / f"{_without_suffix(file_name)}.json"

    def metadata_path(self, file_name: str) -> Path:
        """Return where the metadata of one image lie."""
        return self.folder / METADATA / f"{_without_suffix(file_name)}.json"


def looks_like_lightly(root: Path) -> bool:
    """Say whether a folder has the format's files, from names and heads."""
    hidden = root / HIDDEN
    if any((hidden / name).is_dir() for name in (PREDICTIONS, METADATA, EMBEDDINGS)):
        return True
    return any(_kind(path) is not None for path in _candidates(root))


def read_side_files(root: Path, problems: ProblemLog) -> SideFiles:
    """Read everything but embeddings and what concerns single images; damage is told."""
    found = SideFiles(root)
    for path in _candidates(root):
        try:
            _read_one(path, found, problems)
        except DamagedData as damage:
            problems.add_damage(damage)
    _read_tasks(found, problems)
    schema = found.folder / METADATA / "schema.json"
    if schema.is_file():
        try:
            found.metadata_types.update(types_of(load_json(schema), schema))
            found.paths.append(schema)
        except DamagedData as damage:
            problems.add_damage(damage)
    return found


def _candidates(root: Path) -> Iterator[Path]:
    hidden = root / HIDDEN
    for folder in (root, hidden, hidden / EMBEDDINGS):
        for suffix in (".json", ".csv"):
            yield from list(files_by_stem(folder, (suffix,)).values())[:MAX_SIDE_FILES]
        for name in LIST_NAMES:
            if (folder / name).is_file() and folder != root:
                yield folder / name
    for name in LIST_NAMES:
        if (root / name).is_file():
            yield root / name


def _kind(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return None
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return EMBEDDINGS if starts_like_embeddings(head.removeprefix(b"\xef\xbb\xbf")) else None
    if suffix == ".txt":
        return "names" if (path.parent.name == HIDDEN) else None
    if b'"bitMaskData"' in head:
        return "tags"
    if b'"corrupt_samples"' in head:
        return CORRUPT
    if b'"taskName"' in head and b'"categoryId"' in head:
        return "singletons"
    if b'"images"' in head and b'"metadata"' in head and b'"annotations"' not in head:
        return METADATA if b'"image_id"' in head or b'"file_name"' in head else None
    return None


def _read_one(path: Path, found: SideFiles, problems: ProblemLog) -> None:
    kind = _kind(path)
    if path.suffix.lower() == ".txt":
        names = [line for line in read_text(path).splitlines() if line]
        if not found.file_names:
            found.file_names, found.list_path = tuple(dict.fromkeys(names)), path
    elif kind is None:
        return
    elif kind == EMBEDDINGS:
        found.embeddings = (*found.embeddings, path)
    else:
        document = load_json(path)
        if kind == "tags":
            found.tags = (*found.tags, *read_tags(document, path))
        elif kind == CORRUPT:
            found.corrupt.update(read_corruptness(document, path))
        elif kind == METADATA and is_custom_metadata(document):
            assert isinstance(document, dict)
            found.metadata.update(by_file_name(document, path, problems))
        elif kind == "singletons" and isinstance(document, dict):
            for name, rows in document.items():
                found.singletons[name] = (path, {"predictions": rows})
                _guess_tasks(rows, found)
        else:
            raise DamagedData(path, "$", "is not of the shape that its first bytes promise")
    found.paths.append(path)


def _guess_tasks(rows: object, found: SideFiles) -> None:
    for row in rows if isinstance(rows, list) else ():
        name = row.get("taskName") if isinstance(row, dict) else None
        if isinstance(name, str) and name not in found.tasks and is_inner(name):
            task = guessed_task(name, str(row.get("type", "")))
            if task is not None:
                found.tasks[name] = task


def _read_tasks(found: SideFiles, problems: ProblemLog) -> None:
    folder = found.folder / PREDICTIONS
    listed = folder / "tasks.json"
    names: list[str] = []
    if listed.is_file():
        try:
            document = load_json(listed)
            if not isinstance(document, list):
                raise DamagedData(listed, "$", "is no list of task names")
            names = [each for each in document if isinstance(each, str) and is_inner(each)]
            if len(names) < len(document):
                problems.add(listed, "$", "holds a name that is no folder's; it is left out")
            found.paths.append(listed)
        except DamagedData as damage:
            problems.add_damage(damage)
    for name in names:
        path = folder / name / "schema.json"
        try:
            found.tasks[name] = read_task(name, load_json(path), path)
            found.paths.append(path)
        except DamagedData as damage:
            problems.add_damage(damage)


def is_inner(name: str) -> bool:
    """Say whether a name stays inside its folder on every system."""
    return "\\" not in name and inner_path(name) is not None


def _without_suffix(file_name: str) -> str:
    stem, dot, last = file_name.rpartition(".")
    return stem if dot and "/" not in last else file_name
