"""Writes scenes as Nucleus payloads."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from viewer.formats.nucleus.format import NucleusFormat
from viewer.formats.writers.base import SceneWriter, WriteOptions
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.scene_payloads import ScenePayloads
from viewer.progress import JobContext
from viewer.scene.scene import Scene


class NucleusWriter(SceneWriter):
    """A folder of payloads with clouds, images and masks beside them.

    Everything is brought to ``world``. What Nucleus data itself holds is copied as it is, with
    keys that nothing here knows.
    """

    name: ClassVar[str] = NucleusFormat.name
    title: ClassVar[str] = NucleusFormat.title
    holds: ClassVar[str] = (
        "one cloud a frame, images with Brown-Conrady and fisheye lenses, upright cuboids, all 2D "
        "labels with attributes, tracks, predictions, masks, classes of images and scenes"
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
        ScenePayloads(draft, options, losses).run(scenes, context)
