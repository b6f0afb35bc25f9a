"""Recognises and opens KITTI raw drives."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.kitti_raw.layout import LIDAR_ID, RawDrive, drive_folders, list_drive
from viewer.formats.kitti_raw.reader import LABEL_SET_ID, KittiRawReader
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

CLASS_NAMES = (
    "Car", "Van", "Truck", "Pedestrian", "Person (sitting)", "Cyclist", "Tram", "Misc",
)  # fmt: skip


class KittiRawFormat:
    """A drive, sync or extract, or the folder of a date with several.

    Boxes: middle of the bottom face, height-width-length, Rz Ry Rx in the lidar's coord frame,
    front is the length axis, at the time of the sweep.
    """

    name: ClassVar[str] = "kitti_raw"
    title: ClassVar[str] = "KITTI raw"
    labels: ClassVar[str] = "cuboids"
    cameras: ClassVar[str] = "pinhole, Brown-Conrady"

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        probe.require(
            drive_folders,
            "needs velodyne_points/data with sweeps, or image_00/data ... with oxts, tracklets"
            " or calibration, here or in the drives below",
        )
        return Match.LIKELY

    def lies_below(self, path: Path) -> bool:
        return path not in drive_folders(path)

    def open(self, path: Path) -> Dataset:
        folders = drive_folders(path)
        if not folders:
            raise DamagedData(path, "", "holds no KITTI raw drive")
        scenes = tuple(_open_drive(list_drive(folder)) for folder in folders)
        return Dataset(path, self.name, scenes)


def _open_drive(drive: RawDrive) -> Scene:
    reader = KittiRawReader(drive)
    label_sets: tuple[LabelSet, ...] = ()
    if drive.tracklets is not None:
        label_sets = (LabelSet(LABEL_SET_ID, LabelSetKind.GROUND_TRUTH, "Tracklets"),)
    return Scene(
        scene_id=drive.root.resolve().name,
        path=drive.root,
        format_name=KittiRawFormat.name,
        frames=reader.frames,
        reader=reader,
        label_sets=label_sets,
        class_map=ClassMap.from_names((*CLASS_NAMES, *reader.tracklets.class_names)),
        lidar_ids=(LIDAR_ID,) if drive.clouds.files else (),
        camera_ids=tuple(drive.images),
    )
