"""Recognises and opens scene packs."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.scene_pack.guarded_file import SIGNATURE, GuardedFile
from viewer.formats.scene_pack.reader import open_pack
from viewer.formats.scene_pack.schema import FORMAT_MARK, Manifest
from viewer.formats.scene_records import class_entry, metadata_of, other_refs
from viewer.scene.class_map import ClassMap
from viewer.scene.images import ImageRef, OverlayRef
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Frame, Scene, SweepRef


class ScenePackFormat:
    """One HDF5 file with the whole scene; everything is in our own conventions."""

    name: ClassVar[str] = "scene_pack"
    title: ClassVar[str] = "scene pack (HDF5)"
    labels: ClassVar[str] = "all kinds"
    cameras: ClassVar[str] = "all lenses"

    def recognise(self, probe: Probe) -> Match:
        if not probe.root.is_file():
            probe.reject("needs an HDF5 file")
        try:
            with probe.root.open("rb") as file:
                head = file.read(len(SIGNATURE))
        except OSError as error:
            probe.reject(f"cannot be read: {error.strerror}")
        if head != SIGNATURE:
            probe.reject("needs an HDF5 file; this one does not start like one")
        try:
            pack = GuardedFile(probe.root)
            try:
                mark = pack.text_attribute("format")
            finally:
                pack.close()
        except DamagedData as damage:
            probe.reject(damage.problem)
        if mark != FORMAT_MARK:
            probe.reject("is an HDF5 file, but not a scene pack")
        return Match.CERTAIN

    def open(self, path: Path) -> Dataset:
        reader, manifest = open_pack(path)
        scene = Scene(
            scene_id=manifest.scene_id,
            path=path,
            format_name=self.name,
            frames=_frames(manifest),
            reader=reader,
            label_sets=tuple(
                LabelSet(each.label_set_id, _kind(each.kind), each.title)
                for each in manifest.label_sets
            ),
            class_map=ClassMap(
                tuple(
                    class_entry(each.name, each.colour, each.details) for each in manifest.classes
                )
            ),
            independent=manifest.independent,
            lidar_ids=manifest.lidar_ids,
            camera_ids=manifest.camera_ids,
            description=manifest.description,
            metadata=metadata_of(manifest.metadata),
            has_overlays=any(frame.overlays for frame in manifest.frames),
        )
        return Dataset(path, self.name, (scene,))


def _kind(text: str) -> LabelSetKind:
    known = {kind.value: kind for kind in LabelSetKind}
    return known.get(text, LabelSetKind.PREDICTIONS)


def _frames(manifest: Manifest) -> tuple[Frame, ...]:
    return tuple(
        Frame(
            index,
            frame.key,
            frame.timestamp_ns,
            tuple(
                SweepRef(each.sensor_id, each.timestamp_ns, each.source) for each in frame.sweeps
            ),
            tuple(
                ImageRef(each.sensor_id, each.timestamp_ns, each.source) for each in frame.images
            ),
            other_refs(frame.others),
            tuple(
                OverlayRef(each.sensor_id, each.overlay_id, each.source, each.fill)
                for each in frame.overlays
            ),
        )
        for index, frame in enumerate(manifest.frames)
    )
