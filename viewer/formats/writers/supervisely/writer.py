"""Writes scenes as a Supervisely point cloud project: one dataset a scene."""

from collections.abc import Sequence
from typing import Any, ClassVar

from viewer.formats.edited_reader import as_delivered
from viewer.formats.point_folder.times import times_from_stems
from viewer.formats.supervisely.format import LABEL_SET_ID, META, SuperviselyFormat
from viewer.formats.supervisely.labels import CUBOID
from viewer.formats.supervisely.layout import ANNOTATIONS, CLOUDS, RELATED
from viewer.formats.supervisely.reader import SuperviselyReader
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    WriteOptions,
)
from viewer.formats.writers.boxed_clouds import BoxedClouds
from viewer.formats.writers.cloud_cuboids import (
    note_class_map,
)
from viewer.formats.writers.cloud_frames import frame_stems
from viewer.formats.writers.label_survey import note_other_kinds
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import named_scenes
from viewer.formats.writers.supervisely.annotations import Annotations
from viewer.formats.writers.supervisely.related_images import RelatedImages, image_names
from viewer.formats.writers.supervisely.tags import TagKinds, frame_tags
from viewer.formats.writers.target_files import Write, file_writer, json_file
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap, Rgb
from viewer.scene.scene import Frame, Scene

TOOL = "Supervisely"
KEYS_NAME = "key_id_map.json"


class SuperviselyWriter(SceneWriter):
    """Classes and tags are the project's; every image has a calibration of its own."""

    name: ClassVar[str] = SuperviselyFormat.name
    title: ClassVar[str] = SuperviselyFormat.title
    holds: ClassVar[str] = (
        "one cloud a frame, images of pinhole cameras, cuboids whose objects have a class and tags "
        "of text or number, tags of frames, the colours of classes"
    )
    many_scenes: ClassVar[bool] = True
    writes_labels_only: ClassVar[bool] = True
    needs_sweeps: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        write = file_writer(job.draft)
        kinds = TagKinds()
        datasets = [
            _DatasetWriter(scene, name, write, job.options, kinds, job.losses)
            for scene, name in named_scenes(scenes, job.losses)
        ]
        for dataset in datasets:
            dataset.survey(job.context)
        for dataset in datasets:
            dataset.run(job.context)
        classes = _classes(datasets)
        for scene in scenes:
            note_class_map(scene, classes, TOOL, job.losses)
        write(META, json_file(_meta(classes, kinds)))
        write(KEYS_NAME, _key_ids(scenes))


class _DatasetWriter:
    """One run over a scene."""

    def __init__(
        self,
        scene: Scene,
        name: str,
        write: Write,
        options: WriteOptions,
        kinds: TagKinds,
        losses: LossLog,
    ) -> None:
        self.scene = scene
        self.class_names = dict.fromkeys(scene.class_map.names)
        self._name = name
        self._write = write
        self._options = options
        self._kinds = kinds
        self._losses = losses
        self._title = TOOL
        names = image_names(scene)
        self._stems = frame_stems(scene, self._title, losses, apart_from=names.values())
        self._clouds = BoxedClouds(scene, self._title, LABEL_SET_ID, options, losses)
        self._images = RelatedImages(scene, self._clouds.frames, self._clouds.poses, names, losses)
        self._where = self._clouds.where
        self._annotations = Annotations(scene.scene_id, kinds, self._where, losses)

    def survey(self, context: JobContext) -> None:
        """Learn what kinds of tags there are."""
        for frame in context.track(self.scene.frames, "Looking through the labels"):
            labels = self._clouds.labels(frame)
            if labels is not None:
                self._kinds.add(labels)

    def run(self, context: JobContext) -> None:
        """Write all frames."""
        timed = times_from_stems(self._stems) is not None
        self._clouds.note_scene(keeps_order=timed)
        for frame in context.track(self.scene.frames, "Writing Supervisely"):
            stem, suffix = self._stems[frame.index], ".pcd"
            if not self._options.labels_only:
                data, suffix = self._clouds.frames.file(frame)
                self._write(f"{self._name}/{CLOUDS}/{stem}{suffix}", data)
                self._write_images(frame, stem, suffix)
            document = self._annotation(frame, stem, suffix)
            self._write(f"{self._name}/{ANNOTATIONS}/{stem}{suffix}.json", json_file(document))

    def _write_images(self, frame: Frame, stem: str, suffix: str) -> None:
        folder = f"{self._name}/{RELATED}/" + f"{stem}{suffix}".replace(".", "_")
        for name, data, description in self._images.files(frame, stem):
            self._write(f"{folder}/{name}", data)
            self._write(f"{folder}/{name}.json", json_file(description))

    def _annotation(self, frame: Frame, stem: str, suffix: str) -> dict[str, Any]:
        labels = self._clouds.labels(frame)
        if labels is None:
            return self._annotations.document(stem, [], {})
        note_other_kinds(labels, self._where, self._title, self._losses, classifications=False)
        why = f"{self._title} has cuboids only"
        self._losses.add("2D box", self._where, why, len(labels.boxes_2d))
        rows = self._clouds.rows(frame, labels)
        self.class_names.update(dict.fromkeys(row.class_name for row in rows))
        tags = frame_tags(labels, f"{stem}{suffix}", self._kinds, self._where, self._losses)
        return self._annotations.document(stem, rows, tags)


def _classes(datasets: Sequence[_DatasetWriter]) -> ClassMap:
    """Return the classes of all scenes; the first one's colour holds."""
    colours: dict[str, Rgb] = {}
    names: dict[str, None] = {}
    for dataset in datasets:
        for entry in dataset.scene.class_map.entries:
            colours.setdefault(entry.name, entry.colour)
        names.update(dataset.class_names)
    return ClassMap.from_names(names, colours)


def _meta(classes: ClassMap, kinds: TagKinds) -> dict[str, Any]:
    return {
        "classes": [
            {
                "title": entry.name,
                "color": "#" + bytes(entry.colour).hex(),
                "shape": CUBOID,
                "geometry_config": {},
            }
            for entry in classes.entries
        ],
        "tags": kinds.as_json(),
        "projectType": "point_clouds",
    }


def _key_ids(scenes: Sequence[Scene]) -> bytes:
    """Return which key is which number on the server: the source's own, else of nothing."""
    readers = ((each.path.parent, as_delivered(each.reader)) for each in scenes)
    paths = {folder for folder, reader in readers if isinstance(reader, SuperviselyReader)}
    if len(paths) == 1:
        try:
            return (paths.pop() / KEYS_NAME).read_bytes()
        except OSError:
            # A project without the file gets an empty one.
            pass
    return json_file({"tags": {}, "objects": {}, "figures": {}, "videos": {}})
