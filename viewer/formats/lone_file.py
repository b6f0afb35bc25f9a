"""One point cloud or one image, opened by itself."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.folder_index import stem_of
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.point_folder.layout import PointFolder
from viewer.formats.point_folder.reader import PointFolderReader
from viewer.formats.points.catalog import POINT_SUFFIXES
from viewer.scene.scene import Dataset, Scene


class LoneFileFormat:
    """A scene of one frame with one cloud or one image; the suffix decides which."""

    name: ClassVar[str] = "lone_file"
    title: ClassVar[str] = "one point cloud or image"
    labels: ClassVar[str] = ""
    cameras: ClassVar[str] = ""

    def recognise(self, probe: Probe) -> Match:
        if not probe.root.is_file():
            probe.reject("needs a file")
        if stem_of(probe.root.name, (*POINT_SUFFIXES, *IMAGE_SUFFIXES)) is None:
            kinds = " ".join((*POINT_SUFFIXES, *IMAGE_SUFFIXES))
            probe.reject(f"needs a file name that ends in one of {kinds}")
        return Match.POSSIBLE

    def open(self, path: Path) -> Dataset:
        folder = _as_folder(path)
        reader = PointFolderReader(folder)
        scene = Scene(
            scene_id=path.name,
            path=path,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            independent=True,
            lidar_ids=tuple(folder.clouds),
            camera_ids=tuple(folder.images),
        )
        return Dataset(path, self.name, (scene,))


def _as_folder(path: Path) -> PointFolder:
    stem = stem_of(path.name, POINT_SUFFIXES)
    if stem is not None:
        return PointFolder(path.parent, (stem,), {"points": {stem: path}})
    stem = stem_of(path.name, IMAGE_SUFFIXES)
    if stem is None:
        raise DamagedData(path, "", "is neither a point cloud nor an image")
    return PointFolder(path.parent, (stem,), {}, {"image": {stem: (stem, path)}})
