"""Recognises and opens folders of point clouds."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.folder_index import has_file
from viewer.formats.point_folder.layout import CLOUD_SUFFIXES, find_point_folder, holds_clouds
from viewer.formats.point_folder.reader import PointFolderReader
from viewer.scene.scene import Dataset, Scene


class PointFolderFormat:
    """Clouds here or one level down, images beside them, calibration where a tool left it.

    Frames are independent unless the file names are times. It carries no labels.
    """

    name: ClassVar[str] = "point_folder"
    title: ClassVar[str] = "folder of point clouds"
    labels: ClassVar[str] = ""
    cameras: ClassVar[str] = "from loose calibration files"

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        kinds = " ".join(CLOUD_SUFFIXES)
        probe.require(
            lambda root: holds_clouds(root) or find_point_folder(root) is not None,
            f"needs point clouds ({kinds}) here or one folder down,"
            " or images that a calibration file here names",
        )
        return Match.POSSIBLE

    def lies_below(self, path: Path) -> bool:
        return not has_file(path, CLOUD_SUFFIXES)

    def open(self, path: Path) -> Dataset:
        folder = find_point_folder(path)
        if folder is None:
            raise DamagedData(path, "", "holds no point clouds")
        reader = PointFolderReader(folder)
        scene = Scene(
            scene_id=path.resolve().name,
            path=path,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            independent=not reader.timed,
            lidar_ids=tuple(folder.clouds),
            camera_ids=tuple(folder.images),
        )
        return Dataset(path, self.name, (scene,))
