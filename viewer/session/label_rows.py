"""The labels of a frame as rows of a table: numbers in the units that people read."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from viewer.scene.labels import CuboidLabels, LabelSet, LabelSetKind
from viewer.session.facts import value_text
from viewer.session.flat_labels import (
    DRAWN_KINDS,
    flat_labels,
    is_set_shown,
    passes,
    shows_flat_labels,
)
from viewer.session.frame_content import FrameContent
from viewer.session.frame_poses import cuboids_in_ego
from viewer.session.label_filter import ego_range_m, visible_rows
from viewer.session.marks_set import MARK_KIND, drawn_sets, is_marks
from viewer.session.point_class_lookup import POINTS, count_classes, points_label_id
from viewer.session.point_counts import PointCounts
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

CUBOID = "cuboid"
_OCCLUSION_NAMES = ("occlusion", "occluded", "visibility", "visibility_level")


class LabelRow(NamedTuple):
    """One label, a tuple for speed. What is not known is NaN or an empty text."""

    key: LabelKey
    set_title: str
    class_name: str
    track_id: str
    score: float
    distance_m: float
    """Horizontal distance of the centre from the ego origin."""
    point_count: int
    """-1 while it is not known."""
    length_m: float
    width_m: float
    height_m: float
    yaw_deg: float
    """Heading seen from the ego vehicle: 0 ahead, 90 to the left."""
    speed_mps: float
    occlusion: str
    attributes: str
    predicted: bool
    """True for a label of a prediction set."""
    shown: bool
    """False when a filter leaves the label out of the views."""
    kind: str = CUBOID
    place: str = ""
    """The image, text or whole that a label without a cuboid belongs to."""
    verdict: str = ""
    """State of the verdict that holds for it; empty where there is none."""

    @property
    def search_text(self) -> str:
        """Everything that the text filter looks at, in lower case."""
        parts = (
            self.set_title, self.class_name, self.track_id, self.key.label_id, self.attributes,
            self.kind, self.place,
        )  # fmt: skip
        return " ".join(parts).lower()


def label_rows(
    content: FrameContent, view: ViewSettings, selection: LabelKey | None
) -> tuple[LabelRow, ...]:
    """Every label of every set, in the order of the data, filtered ones included.

    A cuboid's object may be labelled on images too: those labels have rows while they are drawn.
    """
    rows: list[LabelRow] = []
    for label_set, _ in drawn_sets(content):
        if is_marks(label_set.label_set_id):
            rows += _mark_rows(content, label_set, view, selection)
            continue
        rows += _set_rows(content, label_set, view, selection)
        rows += _flat_rows(content, label_set, view)
        rows += _point_rows(content, label_set, view)
    return tuple(rows)


def _mark_rows(
    content: FrameContent, label_set: LabelSet, view: ViewSettings, selection: LabelKey | None
) -> list[LabelRow]:
    """Rows of missing objects, which are no labels."""
    found = _set_rows(content, label_set, view, selection) + _flat_rows(content, label_set, view)
    return [row._replace(kind=MARK_KIND) for row in found]


def _flat_rows(content: FrameContent, label_set: LabelSet, view: ViewSettings) -> list[LabelRow]:
    title = label_set.title or label_set.label_set_id
    predicted = label_set.kind is LabelSetKind.PREDICTIONS
    set_shown, filters, unknown = is_set_shown(label_set, view), view.filters, math.nan
    cuboids = content.labels[label_set.label_set_id].cuboids
    in_3d = set() if shows_flat_labels(content, view) else set(cuboids.track_ids) - {None}
    return [
        LabelRow(
            label.key, title, label.class_name, label.key.track_id or "", label.score, unknown, -1,
            unknown, unknown, unknown, unknown, unknown, occlusion_text(label.attributes),
            attributes_text(label.attributes), predicted,
            set_shown and passes(filters, label.class_name, label.score, label.attributes),
            label.kind, label.place,
        )
        for label in flat_labels(content, label_set.label_set_id)
        if label.kind not in DRAWN_KINDS or label.key.track_id not in in_3d
    ]  # fmt: skip


def _point_rows(content: FrameContent, label_set: LabelSet, view: ViewSettings) -> list[LabelRow]:
    """A row for each class of points: how many there are."""
    title = label_set.title or label_set.label_set_id
    predicted = label_set.kind is LabelSetKind.PREDICTIONS
    set_shown, unknown = is_set_shown(label_set, view), math.nan
    rows = []
    for found in content.labels[label_set.label_set_id].point_classes:
        for each in count_classes(found):
            label_id = points_label_id(found.sensor_id, each.number)
            name = each.title
            rows.append(
                LabelRow(
                    LabelKey(label_set.label_set_id, content.index, label_id), title, name, "",
                    unknown, unknown, each.count, unknown, unknown, unknown, unknown, unknown, "",
                    f"objects: {each.object_count:,}" if each.object_count else "", predicted,
                    set_shown and name not in view.filters.hidden_classes,
                    POINTS, found.sensor_id,
                )
            )  # fmt: skip
    return rows


def _set_rows(
    content: FrameContent, label_set: LabelSet, view: ViewSettings, selection: LabelKey | None
) -> list[LabelRow]:
    labels = content.labels[label_set.label_set_id].cuboids
    if not len(labels):
        return []
    shown = visible_rows(labels, label_set, content, view, selection).tolist()
    distance_m = ego_range_m(labels, content).tolist()
    yaw_deg = np.degrees(cuboids_in_ego(content, labels).yaw_rad).tolist()
    speeds_mps = speed_mps(labels).tolist()
    sizes_m = labels.cuboids.size.tolist()
    scores = labels.scores.tolist()
    title = label_set.title or label_set.label_set_id
    predicted = label_set.kind is LabelSetKind.PREDICTIONS
    rows: list[LabelRow] = []
    for row in range(len(labels)):
        track_id = labels.track_ids[row]
        key = LabelKey(label_set.label_set_id, content.index, labels.label_ids[row], track_id)
        attributes = labels.attributes[row]
        length_m, width_m, height_m = sizes_m[row]
        rows.append(
            LabelRow(
                key, title, labels.class_names[row], track_id or "", scores[row], distance_m[row],
                -1, length_m, width_m, height_m, yaw_deg[row], speeds_mps[row],
                occlusion_text(attributes), attributes_text(attributes), predicted, shown[row],
            )
        )  # fmt: skip
    return rows


def counts_by_key(content: FrameContent, counts: PointCounts) -> Mapping[tuple[str, str], int]:
    """Points inside by (label set id, label id)."""
    return {
        (set_id, label_id): count
        for set_id, column in counts.items()
        for label_id, count in zip(
            content.labels[set_id].cuboids.label_ids, column.tolist(), strict=True
        )
    }


def speed_mps(labels: CuboidLabels) -> npt.NDArray[np.float64]:
    """(N,) length of each velocity, NaN where unknown."""
    if labels.velocities_mps is None:
        return np.full(len(labels), np.nan)
    known = np.where(np.isnan(labels.velocities_mps[:, 2:]), 0.0, labels.velocities_mps[:, 2:])
    planar = labels.velocities_mps[:, :2]
    speeds: npt.NDArray[np.float64] = np.sqrt((planar**2).sum(axis=1) + known[:, 0] ** 2)
    return speeds


def occlusion_text(attributes: Mapping[str, Any]) -> str:
    """State the format's own word for how much is hidden; empty where it says nothing."""
    found = (attributes[name] for name in _OCCLUSION_NAMES if name in attributes)
    return value_text(next(found, ""))


def attributes_text(attributes: Mapping[str, Any]) -> str:
    """All attributes in one line."""
    return ", ".join(f"{name}: {value_text(value)}" for name, value in attributes.items())
