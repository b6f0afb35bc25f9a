"""One scene as checks see it: labels as columns in the world, and what was measured of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from viewer.checks.absences import AbsenceMeasures
from viewer.checks.file_facts import FileFacts
from viewer.checks.finding import BoxRole, EvidenceBox, LabelName
from viewer.checks.motion import TrackSteps, track_steps
from viewer.geometry.box_fit import BoxFit
from viewer.geometry.box_sight import BoxSight
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.scene.class_map import ClassMap
from viewer.scene.scene import Problem, Scene

FLOOR_M = 0.2
"""Points lower than this in a box may be the ground's."""
MARGIN_M = 0.3
"""How far around a box points are looked for."""
NOISE_M = 0.06
"""So far outside of a side that fits its points may lie."""


@dataclass(frozen=True, eq=False, slots=True)
class PointMeasures:
    """What the points of their frames say of N labels; rows as the labels'."""

    fit: BoxFit
    """Beside the points of all lidars of the frame, `MARGIN_M` around, from `FLOOR_M` up."""
    sight: BoxSight
    """What the rays of the lidars tell: whether a box is empty or hidden."""
    ground_m: Floats
    """(N,) world height of the ground under the box, told from points that lie in no box; NaN where
    none are near."""
    has_points: npt.NDArray[np.bool_]
    """(F,) False for frames whose point clouds are missing or cannot be read: their labels have a
    count of 0 that says nothing."""
    absent: AbsenceMeasures | None = None
    """Of boxes that no label is at; None where there are none."""


@dataclass(frozen=True, eq=False)
class CheckedScene:
    """Everything that checks of one scene look at; world coordinates."""

    scene: Scene
    """For class map, sensors and rig; checks read no points and labels from it."""
    label_set_id: str
    """Empty where there are no labels."""
    labels: EvaluatedObjects
    """Labels without a cuboid have NaN for one."""
    predictions: Mapping[str, EvaluatedObjects]
    """By label set id, on the frames of the labels."""
    times_s: Floats
    """(F,) since the first frame; NaN where a frame has none."""
    world_from_ego: Floats
    """(F, 4, 4); NaN where the pose of the vehicle is not known."""
    points: PointMeasures | None
    """None where no check wanted them, or there are no point clouds."""
    problems: tuple[Problem, ...] = ()
    """What could not be read."""
    second_labels: Mapping[str, EvaluatedObjects] = field(default_factory=dict)
    """What other people said of the same frames, by label set id, on the frames of the labels."""
    annotator_attribute: str | None = None
    """Attribute of labels that names who made them; None to look for a usual one."""
    files: FileFacts | None = None
    """None where no check wanted them."""
    digest: str = ""
    """Of the labels and of which points they were measured with."""
    cache: dict[str, object] = field(default_factory=dict)
    """What several checks derive from it, kept between them."""

    @property
    def scene_id(self) -> str:
        """The scene's name."""
        return self.scene.scene_id

    @property
    def class_map(self) -> ClassMap:
        """The dataset's own classes."""
        return self.scene.class_map

    @cached_property
    def boxes(self) -> Ints:
        """(K,) rows of the labels that have a finite cuboid."""
        labels = self.labels
        numbers = np.concatenate([labels.centers_m, labels.sizes_m, labels.rotations], axis=1)
        return np.flatnonzero(np.isfinite(numbers).all(axis=1))

    @cached_property
    def class_of(self) -> npt.NDArray[np.object_]:
        """(N,) class name of each label."""
        names = np.array([*self.labels.class_names, ""], dtype=object)
        chosen: npt.NDArray[np.object_] = names[self.labels.class_rows]
        return chosen

    @cached_property
    def yaws_rad(self) -> Floats:
        """(N,) heading of the front about the world's z; NaN without a cuboid."""
        w, x, y, z = self.labels.rotations.T
        yaws: Floats = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
        return yaws

    @cached_property
    def ranges_m(self) -> Floats:
        """(N,) distance from the vehicle in the plane; NaN where it is not known."""
        ego = self.world_from_ego[self.labels.frame_rows, :2, 3]
        offset = self.labels.centers_m[:, :2] - ego
        distances: Floats = np.hypot(offset[:, 0], offset[:, 1])
        return distances

    @cached_property
    def steps(self) -> TrackSteps:
        """From each label of a track to the next of it; none between independent frames."""
        rows = self.boxes[:0] if self.scene.independent else self.boxes
        return track_steps(self.labels, rows, self.times_s, self.yaws_rad)

    def frame_key(self, row: int) -> str:
        """Frame of a label."""
        return self.labels.frames.keys[int(self.labels.frame_rows[row])]

    def track_id(self, row: int) -> str | None:
        """Track of a label."""
        rows = self.labels.track_rows
        place = -1 if rows is None else int(rows[row])
        return None if place < 0 else self.labels.track_ids[place]

    def name(self, row: int) -> LabelName:
        """Name of a label."""
        return LabelName(
            self.scene_id, self.frame_key(row), self.label_set_id, self.labels.label_ids[row],
            self.track_id(row),
        )  # fmt: skip

    def box(self, row: int, role: BoxRole = BoxRole.LABEL) -> EvidenceBox:
        """Box of a label as evidence."""
        return evidence_box(self.labels, row, role)


def evidence_box(objects: EvaluatedObjects, row: int, role: BoxRole) -> EvidenceBox:
    """Box of any object as evidence."""
    x, y, z = objects.centers_m[row].tolist()
    length, width, height = objects.sizes_m[row].tolist()
    w, i, j, k = objects.rotations[row].tolist()
    key = objects.frames.keys[int(objects.frame_rows[row])]
    return EvidenceBox(role, key, (x, y, z), (length, width, height), (w, i, j, k))
