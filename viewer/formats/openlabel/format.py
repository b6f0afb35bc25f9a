"""Recognises and opens ASAM OpenLABEL files."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.folder_index import files_by_stem
from viewer.formats.openlabel.document import OpenLabelFile, starts_like_openlabel
from viewer.formats.openlabel.reader import OpenLabelReader
from viewer.formats.path_map import NO_MAP, PathMap
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Problem, Scene

LABEL_SET_ID = "objects"
PROBED_FILES = 8
MAX_FILES = 10_000


class OpenLabelFormat:
    """One JSON file, or each of a folder, is one scene; the sensor data may be missing.

    Boxes: middle of the body, size along its x y z, Rz @ Ry @ Rx or quaternion x y z w, in the
    coordinate system they name; front is +x. Times are the frames' own timestamps.
    """

    name: ClassVar[str] = "openlabel"
    title: ClassVar[str] = "ASAM OpenLABEL"
    labels: ClassVar[str] = "cuboids, 2D labels"
    cameras: ClassVar[str] = "pinhole, Brown-Conrady, fisheye, MEI"

    def __init__(self, path_map: PathMap = NO_MAP) -> None:
        self._path_map = path_map

    def with_choices(self, choices: Mapping[str, str]) -> "OpenLabelFormat":
        """Return the format that looks for data where a person says."""
        return OpenLabelFormat(PathMap.from_choices(choices))

    def recognise(self, probe: Probe) -> Match:
        if probe.root.is_file() and starts_like_openlabel(probe.root):
            return Match.CERTAIN
        probe.require(
            lambda root: _documents(root, PROBED_FILES),
            "needs a JSON file that begins with the key openlabel, or a folder of such",
        )
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        if path.is_file():
            return Dataset(path, self.name, (self._scene(path),))
        scenes: list[Scene] = []
        problems: list[Problem] = []
        for file in _documents(path, MAX_FILES):
            try:
                scenes.append(self._scene(file))
            except DamagedData as damage:
                problems.append(damage.as_problem())
        if not scenes:
            told = f"; first problem: {problems[0]}" if problems else ""
            raise DamagedData(path, "", f"holds no OpenLABEL file that can be read{told}")
        return Dataset(path, self.name, tuple(scenes), tuple(problems))

    def _scene(self, path: Path) -> Scene:
        document = OpenLabelFile(path)
        reader = OpenLabelReader(document, self._path_map)
        lidar_ids, camera_ids = reader.sensor_ids()
        comment = document.body.metadata.get("comment")
        classes = {str(each.get("type") or "unknown") for each in document.body.objects.values()}
        return Scene(
            scene_id=path.stem,
            path=path,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            label_sets=(LabelSet(LABEL_SET_ID, LabelSetKind.GROUND_TRUTH, "Labels"),),
            class_map=ClassMap.from_names(sorted(classes)),
            independent=not document.has_frames,
            lidar_ids=lidar_ids,
            camera_ids=camera_ids,
            description=comment if isinstance(comment, str) else "",
        )


def _documents(folder: Path, count: int) -> list[Path]:
    """Return those of the first `count` JSON files of a folder that begin as OpenLABEL does."""
    paths = islice(files_by_stem(folder, (".json",)).values(), count)
    return [path for path in paths if starts_like_openlabel(path)]
