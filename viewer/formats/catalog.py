"""All dataset formats, and opening a path whatever its format."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import ClassVar, Final, cast

from viewer.formats.base import (
    DamagedData,
    DatasetFormat,
    ImportChoices,
    LooksBelow,
    Match,
    Probe,
    Rejected,
    UnknownFormat,
)
from viewer.formats.collection import Child, Collection, Siblings
from viewer.formats.collector import collector_at_rest
from viewer.formats.folder_index import shared_listings, subfolders
from viewer.formats.growth import shared, whole
from viewer.progress import Cancelled, JobContext, report_progress, running
from viewer.scene.scene import Dataset, Problem

BUILT_IN: Final = (
    "viewer.formats.native.format:NativeFormat",
    "viewer.formats.scene_pack.format:ScenePackFormat",
    "viewer.formats.nuscenes.format:NuScenesFormat",
    "viewer.formats.nuscenes.lone_result:NuScenesResultsFormat",
    "viewer.formats.argoverse2.format:Argoverse2Format",
    "viewer.formats.pandaset.format:PandaSetFormat",
    "viewer.formats.rosbag.format:RosbagFormat",
    "viewer.formats.aquarium.format:AquariumFormat",
    "viewer.formats.nucleus.format:NucleusFormat",
    "viewer.formats.dataloop.format:DataloopFormat",
    "viewer.formats.lightly.format:LightlyFormat",
    "viewer.formats.coco.format:CocoFormat",
    "viewer.formats.pascal_voc.format:PascalVocFormat",
    "viewer.formats.yolo.format:YoloFormat",
    "viewer.formats.kitti_raw.format:KittiRawFormat",
    "viewer.formats.kitti_tracking.format:KittiTrackingFormat",
    "viewer.formats.kitti_object.format:KittiObjectFormat",
    "viewer.formats.semantic_kitti.format:SemanticKittiFormat",
    "viewer.formats.openlabel.format:OpenLabelFormat",
    "viewer.formats.sustechpoints.format:SustechPointsFormat",
    "viewer.formats.supervisely.format:SuperviselyFormat",
    "viewer.formats.labelcloud.format:LabelCloudFormat",
    "viewer.formats.point_folder.format:PointFolderFormat",
    "viewer.formats.lone_file:LoneFileFormat",
)
"""``module:class`` of every format: a reader's libraries load when its turn comes, not at start."""
ENTRY_POINT_GROUP = "sightline.formats"
NEVER_SURE: Final = (
    "viewer.formats.point_folder.format:PointFolderFormat",
    "viewer.formats.lone_file:LoneFileFormat",
)
"""Formats whose match is never more than possible: not asked where only sure ones count."""
MAX_CHILDREN = 256


@cache
def _built_in(place: str) -> DatasetFormat:
    module, _, name = place.partition(":")
    return cast("DatasetFormat", getattr(import_module(module), name)())


def built_in_formats() -> Iterator[DatasetFormat]:
    """Yield the formats of the catalogue, each imported as it is reached."""
    return map(_built_in, BUILT_IN)


class _FaultyAddOn:
    """Stands for a format that could not be loaded, and says why."""

    name: ClassVar[str]
    title: ClassVar[str]
    labels: ClassVar[str] = ""
    cameras: ClassVar[str] = ""

    def __init__(self, name: str, error: Exception) -> None:
        self.name = self.title = name  # type: ignore[misc] # one class, many add-ons
        self._reason = f"cannot be loaded: {type(error).__name__}: {error}"

    def recognise(self, probe: Probe) -> Match:
        probe.reject(self._reason)

    def open(self, path: Path) -> Dataset:
        raise DamagedData(path, "", f"the add-on {self.name} {self._reason}")


@cache
def all_formats() -> tuple[DatasetFormat, ...]:
    """Return the built-in formats, then those of installed packages.

    A package offers a format class or object under the entry point group
    ``sightline.formats``; one whose name is taken already is left out.
    """
    from importlib.metadata import entry_points

    formats = list(built_in_formats())
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            offered = entry.load()
            format_ = cast("DatasetFormat", offered() if isinstance(offered, type) else offered)
        except Exception as error:  # noqa: BLE001 - a faulty add-on keeps no format away
            format_ = _FaultyAddOn(entry.name, error)
        if all(format_.name != known.name for known in formats):
            formats.append(format_)
    return tuple(formats)


def _formats_in_order() -> Iterator[DatasetFormat]:
    """Yield all formats; those of installed packages are looked for last."""
    yield from built_in_formats()
    yield from all_formats()[len(BUILT_IN) :]


def recognise(path: Path, *, sure: bool = False) -> tuple[DatasetFormat, Match]:
    """Return the format that fits best; of equals the earlier in the catalogue.

    With `sure` those that can only be possible are not asked.

    Raises
    ------
    UnknownFormat
        With the reason of every format.
    """
    if not path.exists():
        raise UnknownFormat(path, {"path": "there is no such file or folder"})
    best: tuple[DatasetFormat, Match] | None = None
    reasons = {}
    unasked = [_built_in(place) for place in NEVER_SURE] if sure else []
    for format_ in _formats_in_order():
        if format_ in unasked:
            continue
        report_progress(0, None, f"Looking for {format_.title}")
        try:
            match = format_.recognise(Probe(path))
        except Rejected as rejected:
            reasons[format_.title] = str(rejected)
        except (DamagedData, OSError) as error:
            reasons[format_.title] = str(error)
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - a faulty add-on keeps no other format away
            reasons[format_.title] = f"failed: {type(error).__name__}: {error}"
        else:
            if best is None or match > best[1]:
                best = (format_, match)
            if match == max(Match):
                break
    if best is None:
        raise UnknownFormat(path, reasons)
    return best


def format_by_name(name: str) -> DatasetFormat:
    """Return a format by its identifier; KeyError, naming all, when there is none."""
    by_name = {format_.name: format_ for format_ in all_formats()}
    if name not in by_name:
        raise KeyError(f"no format is called {name!r}; there are {', '.join(by_name)}")
    return by_name[name]


@shared_listings()
@collector_at_rest()
def open_dataset(
    path: Path,
    format_name: str | None = None,
    choices: Mapping[str, str] | None = None,
    context: JobContext | None = None,
    *,
    growing: bool = False,
) -> Dataset:
    """Open a path: as the format named, as the one that fits, or as a folder of scenes.

    A folder that fits no format, or only may, but some of whose direct subfolders do, opens as one
    dataset of all their scenes; so does one whose files all lie in subfolders, when others of these
    are surely of another format. The first `MAX_CHILDREN` subfolders count. `choices` decide what
    a format's files leave open, by the names of options. `context` hears how far large files are
    read, and can give up. With `growing` the dataset is there as soon as its first scenes can be
    shown, and its `growth` tells what is left to be indexed; without, it is whole.

    Raises
    ------
    UnknownFormat
        When nothing fits; it has the reason of every format.
    DamagedData
        When an index that is needed cannot be read.
    KeyError
        When no format has the name.
    ValueError
        When a choice is none that its format has.
    Cancelled
        When the work was given up.
    """
    with running(context):
        dataset = _opened(path, format_name, choices or {})
        return shared(dataset) if growing else whole(dataset)


def _opened(path: Path, format_name: str | None, chosen: Mapping[str, str]) -> Dataset:
    if format_name is not None:
        return _with_choices(format_by_name(format_name), chosen).open(path)
    try:
        format_, match = recognise(path)
    except UnknownFormat:
        collection = _open_collection(path, (), _folders_in(path), chosen)
        if collection is None:
            raise
        return collection
    collection = None
    if match == Match.POSSIBLE:
        collection = _open_surer_children(path, format_, chosen)
    elif isinstance(format_, LooksBelow) and format_.lies_below(path):
        children = _recognised_children(path, format_)
        if {other.name for _, other, sure in children if sure > Match.POSSIBLE} - {format_.name}:
            gathered = _gathered((path, format_, match), children)
            collection = _open_collection(path, gathered, (), chosen)
    return collection or _with_choices(format_, chosen).open(path)


def _open_surer_children(
    path: Path, format_: DatasetFormat, chosen: Mapping[str, str]
) -> Dataset | None:
    """Open the folders in one that only may be of a format; None where none of them surely is."""
    siblings = Siblings(recognise, _suits)
    folders = _folders_in(path)
    known: list[Child] = []
    for number, folder in enumerate(folders):
        child = siblings.recognise(folder)
        if child is None:
            continue
        known.append(child)
        if child[2] > Match.POSSIBLE:
            # Folders of clouds look like much else; what is surely a scene is none of its parts.
            if isinstance(format_, LooksBelow) and not format_.lies_below(path):
                known.insert(0, (path, format_, Match.POSSIBLE))
            return _open_collection(path, known, folders[number + 1 :], chosen, siblings)
    return None


def _gathered(parent: Child, children: Sequence[Child]) -> list[Child]:
    """Return the sure children; those of a format that looks below are one dataset: the parent."""
    path, own, _ = parent
    kept: list[Child] = []
    gathered: set[str] = set()
    for folder, format_, match in children:
        if match == Match.POSSIBLE:
            continue
        if not isinstance(format_, LooksBelow) or format_.lies_below(folder):
            # What lies still lower is not seen from the parent.
            kept.append((folder, format_, match))
        elif format_.name not in gathered:
            gathered.add(format_.name)
            kept.append((path, format_, match))
    return kept if own.name in gathered else [parent, *kept]


def _with_choices(format_: DatasetFormat, choices: Mapping[str, str]) -> DatasetFormat:
    return format_.with_choices(choices) if isinstance(format_, ImportChoices) else format_


def _folders_in(path: Path) -> tuple[Path, ...]:
    return subfolders(path)[:MAX_CHILDREN] if path.is_dir() else ()


def _recognised_children(path: Path, expected: DatasetFormat) -> list[Child]:
    """Return what the subfolders surely look like; those that suit a format are not asked on."""
    found = []
    for folder in _folders_in(path):
        if _suits(expected, folder):
            found.append((folder, expected, Match.LIKELY))
            continue
        try:
            found.append((folder, *recognise(folder, sure=True)))
        except UnknownFormat:
            continue
    return found


def _suits(format_: DatasetFormat, folder: Path) -> bool:
    try:
        return format_.recognise(Probe(folder)) > Match.POSSIBLE
    except (Rejected, DamagedData, OSError):
        return False


def _open_collection(
    path: Path,
    known: Sequence[Child],
    folders: Sequence[Path],
    chosen: Mapping[str, str],
    siblings: Siblings | None = None,
) -> Dataset | None:
    """Open the children that are recognised, then the folders that are not yet."""
    problems = []
    count = len(subfolders(path)) if path.is_dir() else 0
    if count > MAX_CHILDREN:
        left_out = f"only the first {MAX_CHILDREN} of {count} folders are opened"
        problems.append(Problem(str(path), "", left_out))
    siblings = siblings or Siblings(recognise, _suits)
    return Collection(
        path, known, folders, siblings.recognise,
        lambda folder, format_: _with_choices(format_, chosen).open(folder), problems,
    ).first()  # fmt: skip
