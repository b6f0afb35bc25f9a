"""One label set of one scene, frame by frame."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from viewer.formats.writers.base import read_labels
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.annotation_rows import AnnotationRows
from viewer.formats.writers.nucleus.mask_rows import mask_rows
from viewer.formats.writers.scene_poses import WORLD, ScenePoses
from viewer.scene.labels import CuboidLabels, FrameLabels, LabelSet
from viewer.scene.scene import Frame, Scene


class LabelFile:
    """Writes the labels of each frame of a scene.

    Parameters
    ----------
    scene_ref
        Reference id of the scene.
    mask_folder
        Where the PNG of its masks go, relative to the target.
    add_row
        Takes a row.
    write
        Takes a relative path and a file.
    """

    def __init__(
        self,
        scene: Scene,
        label_set: LabelSet,
        scene_ref: str,
        mask_folder: str,
        losses: LossLog,
        *,
        predicted: bool,
        add_row: Callable[[dict[str, Any]], None],
        write: Callable[[str, bytes], None],
    ) -> None:
        self._scene = scene
        self._label_set_id = label_set.label_set_id
        self._where = f"{scene.scene_id}/{label_set.label_set_id}"
        self._mask_folder = mask_folder
        self._losses = losses
        self._add_row = add_row
        self._write = write
        self._rows = AnnotationRows(
            scene_ref, predicted=predicted, where=self._where, losses=losses
        )

    def add(self, frame: Frame, poses: ScenePoses, refs: Mapping[str, str], cloud_ref: str) -> None:
        """Write the labels of a frame, whose items have these ids."""
        labels = read_labels(self._scene, frame, self._label_set_id, self._losses)
        if labels is None:
            return
        for row in self._rows.rows(self._in_world(labels, frame, poses), refs, cloud_ref):
            self._add_row(row)
        for number, (_, row, png) in enumerate(
            mask_rows(labels.masks, refs, self._where, self._losses)
        ):
            name = f"{self._mask_folder}/{frame.index:06d}_{number}.png"
            self._write(name, png)
            self._add_row(row | {"mask_url": name})

    def _in_world(self, labels: FrameLabels, frame: Frame, poses: ScenePoses) -> FrameLabels:
        own = labels.cuboids
        time_ns = frame.timestamp_ns if own.timestamp_ns is None else own.timestamp_ns
        moved = poses.moved(own.cuboids, frame, WORLD, time_ns, time_ns)
        if moved is None:
            return replace(labels, cuboids=CuboidLabels.empty(WORLD))
        return replace(labels, cuboids=replace(own, cuboids=moved))
