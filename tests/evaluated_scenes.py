"""Small datasets made in memory, label set by label set."""

from pathlib import Path

import numpy as np

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import CuboidLabels, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Frame, Scene
from viewer.scene.sensors import Rig


def cuboids(centers, *, coord_frame_id="world", yaw_rad=0.0, size=(4.0, 2.0, 1.5), ids=None,
            classes=None, scores=None, velocities=None, tracks=None, attributes=None):  # fmt: skip
    """Labels of one frame."""
    count = len(centers)
    return FrameLabels(
        CuboidLabels(
            Cuboids(
                np.array(centers, float).reshape(-1, 3),
                np.tile(size, (count, 1)),
                quaternion_from_yaw(np.broadcast_to(yaw_rad, count)),
                coord_frame_id,
            ),
            ids or tuple(f"id{i}" for i in range(count)),
            classes or ("car",) * count,
            tracks or (None,) * count,
            np.full(count, np.nan) if scores is None else np.array(scores, float),
            attributes or ({},) * count,
            velocities_mps=velocities,
        )
    )


class MemoryReader:
    """Implements `SceneReader` over labels by label set and frame."""

    def __init__(self, labels, rig):
        self._labels = labels
        self._rig = rig

    def read_rig(self, frame_index):
        return self._rig

    def read_labels(self, frame_index, label_set_id):
        return self._labels[label_set_id][frame_index]

    def problems(self):
        return ()

    def close(self):
        pass


def dataset(labels, *, keys=None, times=None, tree=None, ego="world", classes=("car", "van"),
            scene_id="drive"):  # fmt: skip
    """A dataset of one scene; `labels` are lists of `FrameLabels` by label set id.

    The label set ``truth`` is ground truth, all others are predictions.
    """
    count = len(next(iter(labels.values())))
    frames = tuple(
        Frame(i, (keys or [f"f{i}" for i in range(count)])[i], times[i] if times else None)
        for i in range(count)
    )
    kinds = {"truth": LabelSetKind.GROUND_TRUTH}
    scene = Scene(
        scene_id, Path("/nowhere"), "memory", frames,
        MemoryReader(labels, Rig({}, {}, tree or TransformTree(), ego)),
        tuple(LabelSet(name, kinds.get(name, LabelSetKind.PREDICTIONS)) for name in labels),
        ClassMap.from_names(classes),
    )  # fmt: skip
    return Dataset(Path("/nowhere"), "memory", (scene,))
