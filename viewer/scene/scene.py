"""Scenes, frames and datasets: light indexes over files that are read when needed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from viewer.scene.class_map import ClassMap

if TYPE_CHECKING:
    # Only for their names: an index is told about without loading what cuboids and lenses need.
    from viewer.scene.images import Image, ImageRef, OverlayRef
    from viewer.scene.labels import FrameLabels, LabelSet
    from viewer.scene.metadata import MetadataType
    from viewer.scene.point_cloud import PointCloud
    from viewer.scene.sensors import Rig


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the data; everything else is still shown."""

    source: str
    """The file it concerns."""
    place: str
    """Where in the file: a line, a byte, a key; empty for the whole file."""
    message: str
    """What is wrong and what follows, in one sentence."""

    def __str__(self) -> str:
        where = f"{self.source}, {self.place}" if self.place else self.source
        return f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class SweepRef:
    """One point cloud of a frame; nothing is read before it is needed."""

    sensor_id: str
    timestamp_ns: int | None
    source: str
    """Where it lies, for people."""


class OtherKind(StrEnum):
    """Recorded data that is listed and kept, and neither shown nor measured."""

    MESH = "mesh"
    TEXT = "text"
    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class OtherRef:
    """One piece of such data."""

    kind: OtherKind
    sensor_id: str
    source: str
    """Where it lies, for people."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One annotated time step: what it holds, not the data itself."""

    index: int
    """Position in the scene."""
    key: str
    """Stable name of the frame in its dataset, e.g. the file stem."""
    timestamp_ns: int | None
    sweeps: tuple[SweepRef, ...] = ()
    images: "tuple[ImageRef, ...]" = ()
    others: tuple[OtherRef, ...] = ()
    overlays: "tuple[OverlayRef, ...]" = ()
    """In the order in which they are drawn over their images."""


class SceneReader(Protocol):
    """Reads what the frames refer to. Every method may run on any thread, several at once.

    Each raises `formats.base.DamagedData` when the file it needs cannot be used.
    """

    def read_rig(self, frame_index: int) -> "Rig":
        """Sensors and coord frames of a frame; the same object again where nothing changes."""
        ...

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> "PointCloud":
        """Points of one lidar."""
        ...

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> "Image":
        """Pixels of one camera, decoded at the smallest scale of at least `min_width_px`."""
        ...

    def read_labels(self, frame_index: int, label_set_id: str) -> "FrameLabels":
        """Labels of one label set."""
        ...

    def problems(self) -> Sequence[Problem]:
        """What was found wrong so far; grows while frames are read."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


@runtime_checkable
class LabelsFollow(Protocol):
    """A reader whose labels are indexed while its scene is looked at already."""

    def are_labels_indexed(self, frame_index: int, label_set_id: str) -> bool:
        """Say whether the labels of a frame can be read at once.

        `read_labels` answers in any case: it first indexes what it needs.
        """
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """One recorded sequence, or a set of independent frames."""

    scene_id: str
    path: Path
    format_name: str
    frames: Sequence[Frame]
    """Never changes; a reader of many scenes makes a scene's frames when first asked for one."""
    reader: SceneReader
    label_sets: "tuple[LabelSet, ...]" = ()
    class_map: ClassMap = field(default_factory=ClassMap)
    independent: bool = False
    """True when the frames share no time: no tracks, play speed or accumulation across them."""
    lidar_ids: tuple[str, ...] = ()
    """Lidars and radars; the rig tells which is which."""
    camera_ids: tuple[str, ...] = ()
    description: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Facts about the scene by key; a frame's own come from `metadata.FrameMetadata`."""
    has_overlays: bool = False
    """Whether any frame has overlays; the reader is an `images.OverlaySource` then."""

    def __len__(self) -> int:
        return len(self.frames)

    def frame_index_of(self, key: str) -> int | None:
        """Index of the frame with this key, None when there is none."""
        return next((frame.index for frame in self.frames if frame.key == key), None)


@dataclass(frozen=True, eq=False, slots=True)
class Growth:
    """The rest of a dataset's index, made while its scenes are looked at already."""

    complete: "Callable[[], Dataset]"
    """Index the rest and return the dataset whole, on any thread.

    Its scenes begin with those there were: in their order, of their ids, frames and readers. Label
    sets, classes, sensors, metadata and problems may have come, and scenes after the others. The
    job that runs it hears of progress and can give it up; it may be asked for again then.
    """
    widens: bool = True
    """False where the dataset is whole as it is, and only reading its labels would wait."""
    renews: bool = False
    """True where what is there was made from the beginning of the files alone.

    The scenes are others then, in any order: of the ids they had, with frames of the same keys
    before, between and after those there were; what the rest of the files deletes is gone.
    """


@dataclass(frozen=True, eq=False, slots=True)
class Dataset:
    """Scenes that were opened together."""

    path: Path
    format_name: str
    scenes: tuple[Scene, ...]
    problems: tuple[Problem, ...] = ()
    """What kept parts of the dataset from opening."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    metadata_types: "Mapping[str, MetadataType]" = field(default_factory=dict)
    """Types that the dataset's own schema gives to keys of frames, scenes or the dataset."""
    growth: Growth | None = None
    """What is still to be indexed; None where the dataset is whole."""

    def close(self) -> None:
        """Let go of every scene's files."""
        for scene in self.scenes:
            scene.reader.close()
