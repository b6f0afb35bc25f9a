"""Which images each split has, and where their label files are."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import in_natural_order, natural_key, subfolders
from viewer.formats.image_set import inner_path
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.path_map import MAP_HINT, NO_MAP, LeavesFolder, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_text
from viewer.formats.yolo.data_file import SPLITS, DataFile

MAX_IMAGES = 2_000_000
_HERE = PurePosixPath()


class YoloImage(NamedTuple):
    """An image, its label file, and for classification the class that its folder names."""

    key: str
    source: str
    """Where it lies."""
    label_source: str | None
    class_name: str | None = None

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.source)

    @property
    def label_path(self) -> Path | None:
        """Where its labels lie, if they are there."""
        return None if self.label_source is None else Path(self.label_source)


def images_of_split(
    root: Path,
    places: tuple[PurePosixPath | str, ...],
    problems: ProblemLog,
    path_map: PathMap = NO_MAP,
) -> list[YoloImage]:
    """Return the images of folders, files and lists of files, in natural order."""
    found: list[YoloImage] = []
    for place in places:
        path = path_map.find(place) if isinstance(place, str) else root / place
        if path is None:
            continue
        if path.is_dir():
            prefix = "" if place == _HERE else f"{place}/"
            for name in _walk(path):
                if isinstance(place, str):
                    address = f"{place.rstrip('/')}/{name}"
                    image = _mapped_image(address, path_map)
                    if image is None:
                        problems.add(path / name, "", "leads out of its folder; it is not read")
                    else:
                        found.append(image)
                else:
                    found.append(_image(root, prefix + name))
        elif path.suffix.lower() == ".txt":
            found += _listed(root, path, problems, path_map)
        if len(found) > MAX_IMAGES:
            raise DamagedData(root, "", f"holds more than {MAX_IMAGES} images")
    return found


def default_splits(root: Path) -> dict[str, tuple[PurePosixPath | str, ...]]:
    """Return splits by the usual names of folders, for a dataset that names none."""
    found: dict[str, tuple[PurePosixPath | str, ...]] = {}
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
                YoloImage(f"{split}/{inner.name}/{name}", f"{inner}/{name}", None, inner.name)
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


def split_places(root: Path, data: DataFile) -> dict[str, tuple[PurePosixPath | str, ...]]:
    """Return where the images of each split are."""
    return dict(data.splits) or default_splits(root)


def _walk(root: Path) -> Iterator[str]:
    for base, folders, names in os.walk(root):
        folders[:] = sorted((each for each in folders if not each.startswith(".")), key=natural_key)
        inner = Path(base).relative_to(root).as_posix()
        for name in in_natural_order(names):
            if name.lower().endswith(IMAGE_SUFFIXES) and not name.startswith("."):
                yield name if inner == "." else f"{inner}/{name}"


def _listed(root: Path, path: Path, problems: ProblemLog, path_map: PathMap) -> list[YoloImage]:
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
        if not text.lower().endswith(IMAGE_SUFFIXES):
            problems.add(path, f"line {number}", f"{text[:80]!r} is no image")
            continue
        mapped = _mapped_image(text, path_map)
        if mapped is not None:
            found.append(mapped)
            continue
        inner = inner_path(text)
        if inner is None:
            told = f"{text[:200]!r} is no image in the folder; {MAP_HINT}"
            problems.add(path, f"line {number}", told)
            continue
        found.append(_image(root, inner.as_posix()))
    return found


def _mapped_image(address: str, path_map: PathMap) -> YoloImage | None:
    """Return an image that lies elsewhere; its labels where their own address is mapped to."""
    try:
        path = path_map.find(address)
        if path is None:
            return None
        before, images, after = address.rpartition("/images/")
        swapped = f"{before}/labels/{after}" if images else address
        label = path_map.find(f"{swapped.rpartition('.')[0]}.txt")
    except LeavesFolder:
        return None
    return YoloImage(address, str(path), None if label is None else str(label))


def _image(root: Path, inner: str) -> YoloImage:
    """Swap the last folder called ``images`` for ``labels``, as the training code does."""
    folder, slash, name = inner.rpartition("/")
    parts = folder.split("/")
    spots = [index for index, part in enumerate(parts) if part == "images"]
    if spots:
        parts[spots[-1]] = "labels"
    stem = name.rpartition(".")[0] or name
    label = f"{'/'.join(parts)}{slash}{stem}.txt"
    return YoloImage(inner, f"{root}/{inner}", f"{root}/{label}")
