"""The clouds of a scene and the cuboids in them, for layouts with one of each a frame."""

from collections.abc import Iterable

from viewer.formats.writers.base import (
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
    read_labels,
)
from viewer.formats.writers.cloud_cuboids import (
    CuboidPlaces,
    CuboidRow,
    cuboid_rows,
    only_label_set,
)
from viewer.formats.writers.cloud_frames import CloudFrames
from viewer.formats.writers.label_survey import note_other_data
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_notes import note_scene_facts
from viewer.formats.writers.scene_poses import ScenePoses
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Frame, Scene


class BoxedClouds:
    """One cloud a frame, and one label set, `written_id`, whose cuboids lie in its coord frame."""

    def __init__(
        self,
        scene: Scene,
        title: str,
        written_id: str,
        options: WriteOptions,
        losses: LossLog,
        *,
        copied_suffixes: tuple[str, ...] = (".pcd",),
    ) -> None:
        self._scene = scene
        self._title = title
        self._options = options
        self._losses = losses
        self.poses = ScenePoses(scene, losses)
        self.frames = CloudFrames(scene, self.poses, title, losses, copied_suffixes=copied_suffixes)
        chosen = chosen_label_sets(scene, options)
        self.label_set = only_label_set(scene, chosen, written_id, title, losses)
        set_id = self.label_set.label_set_id if self.label_set is not None else ""
        self.where = f"{scene.scene_id}/{set_id}"
        """The label set, for the losses of its labels."""

    def note_scene(self, *, keeps_order: bool) -> None:
        """Note what of the scene has no place in such a layout."""
        scene, losses = self._scene, self._losses
        note_scene_facts(scene, self._title, losses, keeps_motion=False, keeps_order=keeps_order)
        note_other_data(scene, self._title, losses)
        note_left_out_label_sets(scene, self._options, losses)

    def labels(self, frame: Frame) -> FrameLabels | None:
        """Return the labels of a frame; None where there are none or they cannot be read."""
        if self.label_set is None:
            return None
        return read_labels(self._scene, frame, self.label_set.label_set_id, self._losses)

    def rows(self, frame: Frame, labels: FrameLabels, *, tracks: bool = True) -> list[CuboidRow]:
        """Return the cuboids of a frame in the coord frame and at the time of its cloud."""
        places = CuboidPlaces(self._title, tracks=tracks)
        target = self.frames.place(frame)
        return cuboid_rows(
            labels.cuboids, frame, target, self.poses, self.where, places, self._losses
        )

    def note_label_ids(self, rows: Iterable[CuboidRow], stem: str) -> None:
        """Note the ids that do not come back where labels are known by file and position."""
        for index, row in enumerate(rows):
            if row.label_id != f"{stem}:{index}":
                self._losses.add("label id", self.where, "labels are named by file and position")
