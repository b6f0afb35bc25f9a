"""Recognises and opens Nucleus payloads."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.data_urls import UnmappedUrl, resolve_url
from viewer.formats.folder_index import files_by_stem, natural_key, subfolders
from viewer.formats.nucleus.index import (
    FrameItems,
    LabelIndex,
    SceneItems,
    add_unknown,
    index_labels,
    index_scenes,
)
from viewer.formats.nucleus.labels import FrontAxis
from viewer.formats.nucleus.payload import read_payload
from viewer.formats.nucleus.reader import NucleusReader
from viewer.formats.nucleus.schema import POINT_CLOUD
from viewer.formats.problem_log import ProblemLog
from viewer.scene.class_map import ClassMap
from viewer.scene.images import ImageRef
from viewer.scene.labels import LabelSet
from viewer.scene.scene import Dataset, Frame, Scene, SweepRef

SUFFIXES = (".json", ".jsonl", ".ndjson")
HEAD_BYTES = 256 * 1024
MAX_FOLDERS = 64


class NucleusFormat:
    """A payload of scenes, items, annotations or predictions, or the folder that holds some.

    Boxes: centre, full size along own x, y, z, yaw in radians about z; points, boxes and cameras in
    ``world``. The format does not say which side of a box is its front: `front_axis` does. Files
    of predictions are label sets. Frames have an order and no time.
    """

    name: ClassVar[str] = "nucleus"
    title: ClassVar[str] = "Scale Nucleus"

    def __init__(self, front_axis: FrontAxis = "x") -> None:
        self._front_axis = front_axis

    def recognise(self, probe: Probe) -> Match:
        if not find_payloads(probe.root):
            kinds = ", ".join(SUFFIXES)
            probe.reject(
                f"needs a {kinds} file with reference_id beside frames with urls, or beside label"
                " and geometry"
            )
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        paths = find_payloads(path)
        if not paths:
            raise DamagedData(path, "", "holds no Nucleus scenes or annotations")
        root = path if path.is_dir() else path.parent
        problems = ProblemLog()
        payloads = []
        for file in paths:
            try:
                payloads.append(read_payload(file, problems))
            except DamagedData as damage:
                problems.add_damage(damage)
        scenes = index_scenes(payloads, problems)
        labels = index_labels(payloads, problems)
        add_unknown(scenes, labels, problems)
        if not any(scene.frames for scene in scenes):
            first = next(iter(problems.snapshot()), None)
            told = f"; first problem: {first}" if first else ""
            raise DamagedData(path, "", f"holds no usable frame or annotation{told}")
        class_map = ClassMap.from_names(sorted({n for each in labels for n in each.class_names}))
        lister = _FrameLister(root, problems)
        opened = tuple(
            self._scene(root, scene, labels, class_map, lister) for scene in scenes if scene.frames
        )
        lister.note_totals()
        return Dataset(path, self.name, opened)

    def _scene(
        self,
        root: Path,
        scene: SceneItems,
        labels: Sequence[LabelIndex],
        class_map: ClassMap,
        lister: "_FrameLister",
    ) -> Scene:
        frames = tuple(lister.frame(number, frame) for number, frame in enumerate(scene.frames))
        own = {item.item_id for frame in scene.frames for item in frame.items.values()}
        own |= {scene.scene_id} | {frame.key for frame in scene.frames if not frame.items}
        sensors = {name: item.kind for frame in scene.frames for name, item in frame.items.items()}
        used = [index for index in labels if not own.isdisjoint(index.rows)]
        return Scene(
            scene_id=scene.scene_id or "scene",
            path=root,
            format_name=self.name,
            frames=frames,
            reader=NucleusReader(root, scene, labels, lister.problems, self._front_axis),
            label_sets=tuple(LabelSet(i.label_set_id, i.kind, i.label_set_id) for i in used),
            class_map=class_map,
            independent=scene.independent,
            lidar_ids=tuple(name for name, kind in sensors.items() if kind == POINT_CLOUD),
            camera_ids=tuple(name for name, kind in sensors.items() if kind != POINT_CLOUD),
            description=(
                "the format does not say which side of a cuboid is its front;"
                f" +{self._front_axis} is taken"
            ),
        )


def find_payloads(path: Path) -> tuple[Path, ...]:
    """Return the payload that a path is, or those in the folder and one level down."""
    if path.is_file():
        suits = path.name.lower().endswith(SUFFIXES) and _is_payload(path)
        return (path,) if suits else ()
    if not path.is_dir():
        return ()
    files: set[Path] = set()
    for folder in (path, *subfolders(path)[:MAX_FOLDERS]):
        for suffix in SUFFIXES:
            files.update(files_by_stem(folder, (suffix,)).values())
    ordered = sorted(files, key=lambda file: natural_key(str(file.relative_to(path))))
    return tuple(file for file in ordered if _is_payload(file))


def _is_payload(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return False
    if b'"reference_id"' not in head and b'"ref_id"' not in head:
        return False
    if b'"geometry"' in head or b'"mask_url"' in head:
        return b'"label"' in head
    if b'"category"' in head and b'"label"' in head:
        return True
    urls = (b'"url"', b'"image_url"', b'"pointcloud_url"')
    return any(key in head for key in urls)


class _FrameLister:
    """Makes frames, and counts the data that is not on this machine."""

    def __init__(self, root: Path, problems: ProblemLog) -> None:
        self._root = root
        self.problems = problems
        self._unmapped: Counter[tuple[Path, str, str]] = Counter()
        self._examples: dict[tuple[Path, str, str], str] = {}

    def frame(self, number: int, frame: FrameItems) -> Frame:
        """Return one frame: what of its items lies on this machine."""
        sweeps, images = [], []
        for name, item in frame.items.items():
            if not item.source:
                self.problems.add(frame.path, f"{frame.place}.{name}", "has no url")
                continue
            try:
                source = str(resolve_url(item.source, self._root, frame.path.parent))
            except UnmappedUrl as unmapped:
                key = (frame.path, unmapped.place, unmapped.reason)
                self._unmapped[key] += 1
                self._examples.setdefault(key, item.source)
                continue
            if item.kind == POINT_CLOUD:
                sweeps.append(SweepRef(name, None, source))
            else:
                images.append(ImageRef(name, None, source))
        return Frame(number, frame.key, None, tuple(sweeps), tuple(images))

    def note_totals(self) -> None:
        """Note what was counted over all frames."""
        for key, count in self._unmapped.items():
            path, place, reason = key
            files = "1 file" if count == 1 else f"{count} files"
            example = self._examples[key][:120]
            message = f"{files} of the frames cannot be shown: {reason} ({example})"
            self.problems.add(path, place, message)
