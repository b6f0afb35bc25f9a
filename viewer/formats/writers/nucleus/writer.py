"""Writes scenes as Nucleus payloads."""

from collections.abc import Sequence
from typing import ClassVar, TypeGuard

from viewer.formats.edited_reader import EditedReader, as_delivered
from viewer.formats.native.paths import file_stem
from viewer.formats.nucleus.format import NucleusFormat
from viewer.formats.nucleus.reader import NucleusReader
from viewer.formats.nucleus.source import NucleusSource
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    note_left_out_label_sets,
)
from viewer.formats.writers.nucleus.edited_rows import EditedRows, edited_rows
from viewer.formats.writers.nucleus.scene_payloads import ScenePayloads
from viewer.formats.writers.nucleus.source_copy import SourceCopy
from viewer.scene.scene import Scene, SceneReader


class NucleusWriter(SceneWriter):
    """A folder of payloads with clouds, images and masks beside them.

    Everything is brought to ``world``. What Nucleus data itself holds is copied as it is, with
    keys that nothing here knows; what a reviewer changed about labels is put into their rows.
    """

    name: ClassVar[str] = NucleusFormat.name
    title: ClassVar[str] = NucleusFormat.title
    holds: ClassVar[str] = (
        "one cloud a frame, images with Brown-Conrady and fisheye lenses, upright cuboids, all 2D "
        "labels with attributes, tracks, predictions, masks, classes of images and scenes"
    )
    many_scenes: ClassVar[bool] = True
    writes_labels_only: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        groups = _by_source(scenes)
        for number, (source, own) in enumerate(groups):
            # Data of several sources may have the same file names.
            name = f"{number:04d}_{file_stem(own[0].scene_id)}"
            folder = job.place(name, is_only=len(groups) == 1)
            if source is None:
                ScenePayloads(folder, job.options, job.losses).run(own, job.context)
                continue
            readers = [as_delivered(each.reader) for each in own]
            chosen = [reader.scene_items for reader in readers if _is_nucleus(reader)]
            edited: EditedRows = {}
            for scene in own:
                note_left_out_label_sets(scene, job.options, job.losses)
                if isinstance(scene.reader, EditedReader):
                    for spans, rows in edited_rows(scene.reader, job.losses).items():
                        edited.setdefault(spans, {}).update(rows)
            SourceCopy(source, chosen, folder, job.options, job.losses, edited).run(job.context)


def _is_nucleus(reader: SceneReader) -> TypeGuard[NucleusReader]:
    return isinstance(reader, NucleusReader)


def _by_source(scenes: Sequence[Scene]) -> list[tuple[NucleusSource | None, list[Scene]]]:
    """Return scenes by the Nucleus dataset they are of; those of other formats together."""
    groups: dict[int, tuple[NucleusSource | None, list[Scene]]] = {}
    for scene in scenes:
        reader = as_delivered(scene.reader)
        source = reader.source if _is_nucleus(reader) else None
        groups.setdefault(id(source), (source, []))[1].append(scene)
    return list(groups.values())
