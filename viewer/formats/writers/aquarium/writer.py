"""Writes scenes as an Aquarium dataset."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from viewer.formats.aquarium.format import AquariumFormat
from viewer.formats.aquarium.reader import AquariumReader
from viewer.formats.edited_reader import EditedReader, as_delivered
from viewer.formats.native.paths import file_stem
from viewer.formats.writers.aquarium.dataset_files import DatasetFiles
from viewer.formats.writers.aquarium.edited_rows import RowBytes, edited_rows
from viewer.formats.writers.aquarium.source_copy import SourceCopy
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    note_left_out_label_sets,
)
from viewer.scene.scene import Scene


class AquariumWriter(SceneWriter):
    """A folder of frames, labels, inferences and a project file, with clouds and images in it.

    Coord frames are given as they were when their sensor measured. Rows that come from Aquarium
    are copied as they are, with keys that nothing here knows; of labels that a reviewer changed
    what changed is put into their rows.
    """

    name: ClassVar[str] = AquariumFormat.name
    title: ClassVar[str] = AquariumFormat.title
    holds: ClassVar[str] = (
        "points, images with overlays, Brown-Conrady and fisheye lenses, coord frames, cuboids, "
        "2D boxes, polygons, lines, keypoints, masks, classifications, text tokens, attributes, "
        "predictions, class details, frame metadata"
    )
    many_scenes: ClassVar[bool] = True
    holds_overlays: ClassVar[bool] = True
    writes_labels_only: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        own: dict[Path, list[AquariumReader]] = {}
        foreign: list[Scene] = []
        edited: RowBytes = {}
        for scene in scenes:
            note_left_out_label_sets(scene, job.options, job.losses)
            reader = as_delivered(scene.reader)
            if isinstance(reader, AquariumReader):
                own.setdefault(reader.root, []).append(reader)
                if isinstance(scene.reader, EditedReader):
                    edited |= edited_rows(scene.reader, job.losses)
            else:
                foreign.append(scene)
        parts = len(own) + bool(foreign)
        for number, (root, readers) in enumerate(own.items()):
            # Data of several sources may have the same file names.
            folder = job.place(f"{number:04d}_{file_stem(root.name)}", is_only=parts == 1)
            if folder is not None:
                folder.mkdir(parents=True)
            SourceCopy(root, folder, job.options, job.losses, edited).run(readers, job.context)
        if foreign:
            folder = job.place("scenes", is_only=parts == 1)
            DatasetFiles(folder, job.options, job.losses).write(foreign, job.context)
