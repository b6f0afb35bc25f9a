"""The contract of a dataset format, and how a path is recognised."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from pathlib import Path
from typing import ClassVar, NoReturn, Protocol, TypeVar, runtime_checkable

from viewer.scene.scene import Dataset, Problem

Found = TypeVar("Found")


class Match(IntEnum):
    """How sure a format is that a path is its own."""

    POSSIBLE = 1
    """The layout fits, but other formats look like this too."""
    LIKELY = 2
    """The layout fits and nothing else looks like this."""
    CERTAIN = 3
    """A magic number or a schema name says so."""


class Rejected(Exception):
    """A format does not recognise the path; the message says which requirement failed."""


class DamagedData(Exception):
    """The format is right but a file is not. Names the file and the place in it."""

    def __init__(self, path: Path | str, place: str, problem: str) -> None:
        self.path = Path(path)
        self.place = place
        self.problem = problem
        super().__init__(str(self.as_problem()))

    @property
    def in_short(self) -> str:
        """What is wrong, then the name of the file: for places with little room."""
        return f"{self.problem} ({self.path.name})"

    def as_problem(self) -> Problem:
        """The same as a `Problem`, for a list."""
        return Problem(str(self.path), self.place, self.problem)


class UnknownFormat(Exception):
    """No format recognises the path; `reasons` has one line a format."""

    def __init__(self, path: Path, reasons: dict[str, str]) -> None:
        self.path = path
        self.reasons = reasons
        lines = "".join(f"\n  {title}: {reason}" for title, reason in reasons.items())
        super().__init__(f"{path} fits no known format{lines}")


class Probe:
    """Read-only look at a path, for `recognise`. Each `require_*` raises `Rejected`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def require_folder(self) -> None:
        """Require that the path is a folder."""
        if not self.root.is_dir():
            self.reject("needs a folder")

    def require_file(self, pattern: str) -> Path:
        """Return the first file under the root that matches a glob pattern."""
        found = min((path for path in self.root.glob(pattern) if path.is_file()), default=None)
        if found is None:
            self.reject(f"needs a file matching {pattern!r}")
        return found

    def require(self, find: Callable[[Path], Found], requirement: str) -> Found:
        """Return what is found below the path: something, and nothing of it damaged."""
        try:
            found = find(self.root)
        except DamagedData as damage:
            self.reject(str(damage))
        if not found:
            self.reject(requirement)
        return found

    def reject(self, requirement: str) -> NoReturn:
        """Say which requirement failed."""
        raise Rejected(requirement)


class DatasetFormat(Protocol):
    """One on-disk layout. A new format is one file (or folder) listed in `catalog.py`."""

    name: ClassVar[str]
    """Stable identifier, e.g. ``kitti_object``."""
    title: ClassVar[str]
    """For people, e.g. ``KITTI object``."""
    labels: ClassVar[str]
    """Kinds of labels that are read, for people; empty where the layout has none."""
    cameras: ClassVar[str]
    """Lenses that are read, for people; empty where images have none."""

    def recognise(self, probe: Probe) -> Match:
        """Say how well the path fits, or raise `Rejected`. Must not read sample data."""
        ...

    def open(self, path: Path) -> Dataset:
        """Open for reading: indexes only. Raise `DamagedData` if the index cannot be read."""
        ...


@runtime_checkable
class ImportChoices(Protocol):
    """A format whose files leave something open that a person can decide."""

    def with_choices(self, choices: Mapping[str, str]) -> DatasetFormat:
        """Return the format with the choices it knows; ValueError for a value that is none."""
        ...


@runtime_checkable
class LooksBelow(Protocol):
    """A format whose files may also lie spread over the folders in a folder."""

    def lies_below(self, path: Path) -> bool:
        """Say whether none of its files lies in the folder itself."""
        ...


@runtime_checkable
class EncodedImages(Protocol):
    """A scene's reader that can also hand over images as they are stored, without decoding."""

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file. Raise `DamagedData` when it cannot be read."""
        ...
