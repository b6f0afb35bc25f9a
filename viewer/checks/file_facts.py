"""What inspecting the recorded files of a scene tells; checks of files look at nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from viewer.scene.scene import Problem


class FileState(StrEnum):
    """What came of reading a file."""

    READ = "read"
    UNREADABLE = "unreadable"
    """Missing, or not to be opened."""
    CORRUPT = "corrupt"
    """Opened, but not what it should be."""


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """One point cloud or image of one frame; what is not known stays at its default."""

    frame: int
    """Index in the scene."""
    sensor_id: str
    is_image: bool
    source: str
    """Where it lies, for people."""
    timestamp_ns: int | None
    state: FileState = FileState.READ
    place: str = ""
    """Where in the file it is damaged."""
    problem: str = ""
    digest: str = ""
    """Of the content: equal for equal content."""
    points: int = -1
    finite: int = -1
    """Points with three finite coordinates."""
    zeros: int = -1
    """Points at the origin."""
    fields: tuple[str, ...] = ()
    width_px: int = 0
    height_px: int = 0
    calibrated_px: tuple[int, int] | None = None
    """Width and height that the calibration is for; None without one."""
    is_decoded: bool = False
    """Whether the image was decoded to its end."""
    is_blank: bool = False
    """Whether it was, and all pixels are alike."""

    @property
    def what(self) -> str:
        """Kind of data, for people."""
        return "image" if self.is_image else "point cloud"


@dataclass(frozen=True, eq=False, slots=True)
class FileFacts:
    """Every file that the frames of a scene refer to, in the order of frames."""

    files: tuple[InspectedFile, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What the reader of the scene noted while it read labels and files."""

    def by_sensor(self) -> Iterator[tuple[str, list[InspectedFile]]]:
        """Yield each sensor's files, images apart from clouds, in the order of frames."""
        found: dict[tuple[bool, str], list[InspectedFile]] = {}
        for each in self.files:
            found.setdefault((each.is_image, each.sensor_id), []).append(each)
        for (_, sensor_id), files in found.items():
            yield sensor_id, files
