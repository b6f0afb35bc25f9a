"""Recognises and opens ASAM OpenLABEL files."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import Match, Probe
from viewer.formats.openlabel.document import OpenLabelFile, starts_like_openlabel
from viewer.formats.openlabel.reader import OpenLabelReader
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

LABEL_SET_ID = "objects"


class OpenLabelFormat:
    """One JSON file is one scene; the sensor data may be missing.

    Boxes: middle of the body, size along its x y z, Rz @ Ry @ Rx or quaternion x y z w, in the
    coordinate system they name; front is +x. Times are the frames' own timestamps.
    """

    name: ClassVar[str] = "openlabel"
    title: ClassVar[str] = "ASAM OpenLABEL"

    def recognise(self, probe: Probe) -> Match:
        if not probe.root.is_file() or not starts_like_openlabel(probe.root):
            probe.reject("needs a JSON file that begins with the key openlabel")
        return Match.CERTAIN

    def open(self, path: Path) -> Dataset:
        document = OpenLabelFile(path)
        reader = OpenLabelReader(document)
        classes = {str(each.get("type") or "unknown") for each in document.body.objects.values()}
        frames = reader.frames
        scene = Scene(
            scene_id=path.stem,
            path=path,
            format_name=self.name,
            frames=frames,
            reader=reader,
            label_sets=(LabelSet(LABEL_SET_ID, LabelSetKind.GROUND_TRUTH, "Labels"),),
            class_map=ClassMap.from_names(sorted(classes)),
            independent=not document.has_frames,
            lidar_ids=tuple(
                dict.fromkeys(each.sensor_id for frame in frames for each in frame.sweeps)
            ),
            camera_ids=tuple(
                dict.fromkeys(each.sensor_id for frame in frames for each in frame.images)
            ),
        )
        return Dataset(path, self.name, (scene,))
