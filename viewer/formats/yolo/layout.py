"""Which images each split has, and where their label files are."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import natural_key, subfolders
from viewer.formats.image_set import inner_path
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_text
from viewer.formats.yolo.data_file import SPLITS, DataFile

MAX_IMAGES = 2_000_000


@dataclass(frozen=True, slots=True)
class YoloImage:
    """An image, its label file, and for classification the class that its folder names."""

    key: str
    path: Path
    label_path: Path | None
    class_name: str | None = None


def images_of_split(
    root: Path, places: tuple[PurePosixPath, ...], problems: ProblemLog
) -> list[YoloImage]:
    """Return the images of folders, files and lists of files, in natural order."""
    found: list[YoloImage] = []
    for place in places:
        path = root / place
        if path.is_dir():
            names = list(_walk(path))
            found += [_image(root, place / name) for name in names]
        elif path.suffix.lower() == ".txt":
            found += _listed(root, path, problems)
        if len(found) > MAX_IMAGES:
            raise DamagedData(root, "", f"holds more than {MAX_IMAGES} images")
    return found


def default_splits(root: Path) -> dict[str, tuple[PurePosixPath, ...]]:
    """Return splits by the usual names of folders, for a dataset that names none."""
    found: dict[str, tuple[PurePosixPath, ...]] = {}
    for split in SPLITS:
        for place in (PurePosixPath("images", split), PurePosixPath(split, "images")):
            if (root / place).is_dir():
                found[split] = (place,)
    if not found:
        place = PurePosixPath("images")
        found["images"] = (place if (root / place).is_dir() else PurePosixPath("."),)
    return found


def class_folders(root: Path) -> dict[str, list[YoloImage]]:
    """Return the images of ``SPLIT/CLASS/``, by split; empty when the folder is laid out else."""
    found: dict[str, list[YoloImage]] = {}
    for split in SPLITS:
        folder = root / split
        if not folder.is_dir():
            continue
        images = []
        for inner in subfolders(folder):
            if inner.name in ("images", "labels"):
                return {}
            images += [
                YoloImage(f"{split}/{inner.name}/{name}", inner / name, None, inner.name)
                for name in _walk(inner)
            ]
        if images:
            found[split] = images
    return found


def has_class_folders(root: Path) -> bool:
    """Say whether there are ``train/CLASS/`` folders with images, at the first look."""
    if not (root / "train").is_dir() or not any((root / each).is_dir() for each in SPLITS[1:]):
        return False
    inner = subfolders(root / "train")
    if not inner or any(each.name in ("images", "labels") for each in inner):
        return False
    try:
        names = [each.name for each in inner[0].iterdir()]
    except OSError:
        return False
    return any(name.lower().endswith(IMAGE_SUFFIXES) for name in names)


def split_places(root: Path, data: DataFile) -> dict[str, tuple[PurePosixPath, ...]]:
    """Return where the images of each split are."""
    return dict(data.splits) or default_splits(root)


def _walk(root: Path) -> Iterator[str]:
    for base, folders, names in os.walk(root):
        folders[:] = sorted((each for each in folders if not each.startswith(".")), key=natural_key)
        inner = Path(base).relative_to(root).as_posix()
        for name in sorted(names, key=natural_key):
            if name.lower().endswith(IMAGE_SUFFIXES) and not name.startswith("."):
                yield name if inner == "." else f"{inner}/{name}"


def _listed(root: Path, path: Path, problems: ProblemLog) -> list[YoloImage]:
    found = []
    try:
        lines = read_text(path).splitlines()
    except DamagedData as damage:
        problems.add_damage(damage)
        return []
    for number, line in enumerate(lines, 1):
        text = line.strip().removeprefix("./")
        if not text:
            continue
        inner = inner_path(text)
        if inner is None or not text.lower().endswith(IMAGE_SUFFIXES):
            problems.add(path, f"line {number}", f"{text[:80]!r} is no image in the folder")
            continue
        found.append(_image(root, inner))
    return found


def _image(root: Path, inner: PurePosixPath) -> YoloImage:
    """Swap the last folder called ``images`` for ``labels``, as the training code does."""
    parts = list(inner.parts)
    spots = [index for index, part in enumerate(parts[:-1]) if part == "images"]
    if spots:
        parts[spots[-1]] = "labels"
    label = root.joinpath(*parts).with_suffix(".txt")
    return YoloImage(inner.as_posix(), root / inner, label)
