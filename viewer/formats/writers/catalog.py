"""All layouts that can be written."""

from typing import Final

from viewer.formats.writers.aquarium.writer import AquariumWriter
from viewer.formats.writers.argoverse2.writer import Argoverse2Writer
from viewer.formats.writers.base import SceneWriter
from viewer.formats.writers.coco import CocoWriter
from viewer.formats.writers.dataloop.writer import DataloopWriter
from viewer.formats.writers.kitti_object import KittiObjectWriter
from viewer.formats.writers.kitti_tracking import KittiTrackingWriter
from viewer.formats.writers.labelcloud import LabelCloudWriter
from viewer.formats.writers.lightly.writer import LightlyWriter
from viewer.formats.writers.nucleus.writer import NucleusWriter
from viewer.formats.writers.nuscenes.results import NuScenesResultsWriter
from viewer.formats.writers.nuscenes.writer import NuScenesWriter
from viewer.formats.writers.openlabel.writer import OpenLabelWriter
from viewer.formats.writers.pascal_voc import PascalVocWriter
from viewer.formats.writers.supervisely.writer import SuperviselyWriter
from viewer.formats.writers.sustechpoints import SustechPointsWriter
from viewer.formats.writers.whole_scene import NativeWriter, ScenePackWriter
from viewer.formats.writers.yolo import YoloWriter

SCENE_WRITERS: Final[tuple[SceneWriter, ...]] = (
    NativeWriter(),
    ScenePackWriter(),
    AquariumWriter(),
    KittiObjectWriter(),
    KittiTrackingWriter(),
    NuScenesWriter(),
    NuScenesResultsWriter(),
    Argoverse2Writer(),
    CocoWriter(),
    PascalVocWriter(),
    YoloWriter(),
    DataloopWriter(),
    LightlyWriter(),
    NucleusWriter(),
    LabelCloudWriter(),
    SustechPointsWriter(),
    SuperviselyWriter(),
    OpenLabelWriter(),
)


def writer_by_name(name: str) -> SceneWriter:
    """Return a writer by its identifier; KeyError, naming all, when there is none."""
    by_name = {writer.name: writer for writer in SCENE_WRITERS}
    if name not in by_name:
        raise KeyError(f"{name!r} cannot be written; there are {', '.join(by_name)}")
    return by_name[name]
