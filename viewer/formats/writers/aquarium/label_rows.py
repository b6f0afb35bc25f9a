"""Labels of a frame as the client writes them."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from viewer.formats.writers.aquarium.coord_frame_rows import WORLD, CoordFrameRows
from viewer.formats.writers.aquarium.names import UniqueIds
from viewer.formats.writers.aquarium.shape_rows import shape_rows
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.plain_values import plain_value
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.shapes import Classification, ClassificationScope

TRACK = "track_id"
Row = dict[str, Any]


class LabelRows:
    """Makes the labels of one frame and label set.

    Parameters
    ----------
    ids
        Ids of all labels of the dataset so far.
    where
        Scene and label set.
    """

    def __init__(self, task_id: str, ids: UniqueIds, where: str, losses: LossLog) -> None:
        self._task_id = task_id
        self._ids = ids
        self._where = where
        self._losses = losses
        self._links: dict[str, Row] = {}

    def rows(
        self, labels: FrameLabels, frames: CoordFrameRows, time_ns: int | None
    ) -> Iterator[Row]:
        """Yield a row a label, masks excepted."""
        self._links = {}
        for link in labels.links:
            own = self._links.setdefault(link.from_label_id, {})
            taken = own.setdefault(f"link__{link.kind}", link.to_label_id) != link.to_label_id
            self._note("link", "a label has one link of a kind", int(taken))
        yield from self._cuboids(labels.cuboids, frames, time_ns)
        yield from self._boxes(labels.boxes_2d)
        for kind, row, geometry in shape_rows(labels.shapes_2d, self._where, self._losses):
            shapes = labels.shapes_2d
            is_crowd = bool(shapes.is_crowd[row])
            if kind != "LINE_SEGMENT_2D":
                self._note("crowd mark", "polygons and keypoints have none", int(is_crowd))
            identity = self.facts(
                shapes.label_ids[row],
                shapes.attributes[row],
                shapes.track_ids[row],
                float(shapes.scores[row]),
                is_crowd=is_crowd if kind == "LINE_SEGMENT_2D" else None,
            )
            yield self.row(
                shapes.label_ids[row],
                kind,
                shapes.class_names[row],
                shapes.sensor_ids[row],
                geometry | identity,
            )
        for each in labels.classifications:
            yield self._classification(each)
        for token in labels.text_tokens:
            facts = self.facts(token.label_id, token.attributes, None, token.score)
            own = {"index": token.index, "token": token.text, "visible": token.visible}
            yield self.row(
                token.label_id, "TEXT_TOKEN", token.class_name, token.sensor_id, own | facts
            )
        self._note("point classes", "there are no labels of points", len(labels.point_classes))

    def row(
        self, label_id: str, kind: str, class_name: str, coord_frame: str, attributes: Row
    ) -> Row:
        """Return one label."""
        return {
            "uuid": self._ids.take(label_id, self._task_id, self._where),
            "linked_labels": [],
            "label_type": kind,
            "label": class_name,
            "label_coordinate_frame": coord_frame,
            "attributes": attributes,
            "reuse_latest_embedding": False,
            "change": "ADD",
        }

    def facts(
        self,
        label_id: str,
        attributes: Mapping[str, Any],
        track_id: str | None,
        score: float,
        *,
        is_crowd: bool | None = None,
    ) -> Row:
        """Return what attributes hold beside the geometry."""
        facts: Row = {}
        if score == score:
            facts["confidence"] = score
        if is_crowd is not None:
            facts["iscrowd"] = is_crowd
        for key, value in attributes.items():
            if key == "links" and isinstance(value, Mapping):
                for name, other in value.items():
                    facts[f"link__{name}"] = plain_value(other, "link", self._where, self._losses)
            else:
                what = f"attribute {key!r}"
                facts[f"user__{key}"] = plain_value(value, what, self._where, self._losses)
        if track_id is not None:
            facts[f"user__{TRACK}"] = track_id
        return facts | self._links.get(label_id, {})

    def _cuboids(
        self, labels: CuboidLabels, frames: CoordFrameRows, time_ns: int | None
    ) -> Iterator[Row]:
        self._note_distributions(labels)
        if labels.velocities_mps is not None:
            known = np.isfinite(labels.velocities_mps).any(axis=1)
            self._note("velocity", "cuboids have none", int(np.count_nonzero(known)))
        if labels.is_keyframe is not None:
            between = int(np.count_nonzero(~labels.is_keyframe))
            self._note("mark of an interpolated cuboid", "cuboids have none", between)
        cuboids, frame_id = labels.cuboids, labels.cuboids.coord_frame_id
        at_ns = time_ns if labels.timestamp_ns is None else labels.timestamp_ns
        if len(labels) and not frames.stands(frame_id, at_ns):
            pose = frames.world_from(frame_id, at_ns)
            if pose is not None:
                cuboids, frame_id = cuboids.transformed(pose), WORLD
        geometry = zip(
            cuboids.center.tolist(), cuboids.size.tolist(), cuboids.rotation.tolist(), strict=True
        )
        for row, (center, size, (w, x, y, z)) in enumerate(geometry):
            attributes: Row = dict(zip(("pos_x", "pos_y", "pos_z"), center, strict=True))
            attributes |= dict(zip(("dim_x", "dim_y", "dim_z"), size, strict=True))
            attributes |= {"rot_x": x, "rot_y": y, "rot_z": z, "rot_w": w}
            label_id = labels.label_ids[row]
            attributes |= self.facts(
                label_id,
                labels.attributes[row],
                labels.track_ids[row],
                float(labels.scores[row]),
                is_crowd=_crowd(labels, row),
            )
            yield self.row(label_id, "CUBOID_3D", labels.class_names[row], frame_id, attributes)

    def _boxes(self, labels: BoxLabels2D) -> Iterator[Row]:
        self._note_distributions(labels)
        for row, (left, top, right, bottom) in enumerate(labels.boxes_px.tolist()):
            attributes: Row = {
                "top": top, "left": left, "width": right - left, "height": bottom - top,
            }  # fmt: skip
            label_id = labels.label_ids[row]
            attributes |= self.facts(
                label_id,
                labels.attributes[row],
                labels.track_ids[row],
                float(labels.scores[row]),
                is_crowd=_crowd(labels, row),
            )
            sensor_id = labels.sensor_ids[row]
            yield self.row(label_id, "BBOX_2D", labels.class_names[row], sensor_id, attributes)

    def _classification(self, each: Classification) -> Row:
        facts = self.facts(each.label_id, each.attributes, each.track_id, each.score)
        if each.taxonomy is not None:
            self._note("taxonomy of a classification", "classifications have none", 1)
        if each.class_distribution is not None:
            self._note("class distribution", "one class a label is kept", 1)
        kind, target = "CLASSIFICATION_3D", each.target
        if each.scope == ClassificationScope.IMAGE:
            kind = "CLASSIFICATION_2D"
        elif each.scope != ClassificationScope.COORD_FRAME:
            self._note(f"classification of a {each.scope.value}", "becomes one of world", 1)
            target = WORLD
        return self.row(each.label_id, kind, each.class_name, target, facts)

    def _note_distributions(self, labels: CuboidLabels | BoxLabels2D) -> None:
        given = sum(1 for each in labels.class_distributions or () if each is not None)
        self._note("class distribution", "a label keeps one class", given)

    def _note(self, what: str, why: str, count: int) -> None:
        self._losses.add(what, self._where, why, count)


def _crowd(labels: CuboidLabels | BoxLabels2D, row: int) -> bool | None:
    return None if labels.is_crowd is None else bool(labels.is_crowd[row])
