"""Writes scenes as an Aquarium dataset."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from viewer.formats.aquarium.format import AquariumFormat
from viewer.formats.aquarium.reader import AquariumReader
from viewer.formats.native.paths import file_stem
from viewer.formats.writers.aquarium.scene_rows import SceneRows
from viewer.formats.writers.aquarium.source_copy import SourceCopy, reader_of
from viewer.formats.writers.base import SceneWriter, WriteOptions, note_left_out_label_sets
from viewer.formats.writers.losses import LossLog
from viewer.progress import JobContext
from viewer.scene.scene import Scene


class AquariumWriter(SceneWriter):
    """A folder of JSON Lines in the streaming form, with clouds, images and masks beside them.

    What Aquarium data itself holds is copied as it is, with keys that nothing here knows.
    """

    name: ClassVar[str] = AquariumFormat.name
    title: ClassVar[str] = AquariumFormat.title
    holds: ClassVar[str] = (
        "point clouds, images with Brown-Conrady and fisheye lenses, coord frames, cuboids, 2D "
        "boxes, polygons, lines, keypoints, masks, classifications, text tokens, inferences"
    )
    many_scenes: ClassVar[bool] = True
    writes_labels_only: ClassVar[bool] = True

    def _write(
        self,
        scenes: Sequence[Scene],
        draft: Path | None,
        context: JobContext,
        options: WriteOptions,
        losses: LossLog,
    ) -> None:
        own: dict[Path, list[AquariumReader]] = {}
        foreign: list[Scene] = []
        for scene in scenes:
            reader = reader_of(scene)
            if reader is None:
                foreign.append(scene)
            else:
                own.setdefault(reader.root, []).append(reader)
                note_left_out_label_sets(scene, options, losses)
        parts = len(own) + bool(foreign)
        for number, (root, readers) in enumerate(own.items()):
            # Data of several sources may have the same file names.
            folder = draft
            if draft is not None and parts > 1:
                folder = draft / f"{number:04d}_{file_stem(root.name)}"
            if folder is not None:
                folder.mkdir(parents=True)
            SourceCopy(root, folder, options, losses).run(readers, context)
        if foreign:
            folder = draft if draft is None or parts == 1 else draft / "scenes"
            SceneRows(folder, options, losses).run(foreign, context)
