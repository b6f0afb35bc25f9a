"""Labels of a frame as annotations and predictions, key for key as the client writes them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.plain_values import plain_metadata
from viewer.formats.writers.nucleus.shape_rows import shape_geometries
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.shapes import Classification, ClassificationScope, ImageShapes, ShapeKind

TILT_SLACK = 1e-6
_TRACK_KEYS = ("track_reference_id", "track_id")
Row = dict[str, Any]


class AnnotationRows:
    """Makes the rows of one label set of one scene.

    Parameters
    ----------
    scene_ref
        Reference id of the scene.
    predicted
        True for predictions: they keep a confidence and a distribution.
    where
        Scene and label set, for the losses.
    """

    def __init__(self, scene_ref: str, *, predicted: bool, where: str, losses: LossLog) -> None:
        self._scene_ref = scene_ref
        self._predicted = predicted
        self._where = where
        self._losses = losses
        self._told_scene: set[str] = set()

    def rows(self, labels: FrameLabels, refs: Mapping[str, str], cloud_ref: str) -> Iterator[Row]:
        """Yield all but the masks.

        Parameters
        ----------
        labels
            Cuboids in ``world``.
        refs
            Reference id of the image of each sensor.
        cloud_ref
            Reference id of the frame's cloud; empty without one.
        """
        if cloud_ref:
            yield from self._cuboids(labels.cuboids, cloud_ref)
        else:
            why = "cuboids belong to point clouds, and the frame has none"
            self._lose("cuboid", why, len(labels.cuboids))
        yield from self._boxes(labels.boxes_2d, refs)
        yield from self._shapes(labels.shapes_2d, refs)
        for each in labels.classifications:
            yield from self._category(each, refs, cloud_ref)
        title = "Nucleus has no such labels"
        self._lose("text token", title, len(labels.text_tokens))
        self._lose("point classes", title, len(labels.point_classes))
        self._lose("link", title, len(labels.links))

    def _cuboids(self, labels: CuboidLabels, cloud_ref: str) -> Iterator[Row]:
        cuboids = labels.cuboids
        tilted = (np.abs(cuboids.rotation[:, 1:3]) > TILT_SLACK).any(axis=1)
        self._lose("pitch and roll of a cuboid", "a cuboid has yaw only", int(tilted.sum()))
        if labels.velocities_mps is not None:
            known = int(np.isfinite(labels.velocities_mps).any(axis=1).sum())
            self._lose("velocity", "a cuboid has none", known)
        if labels.is_keyframe is not None:
            between = int((~labels.is_keyframe).sum())
            self._lose("mark of an interpolated cuboid", "becomes one that someone drew", between)
        self._note_crowds(labels.is_crowd)
        columns = zip(
            cuboids.center.tolist(), cuboids.size.tolist(), cuboids.yaw_rad.tolist(), strict=True
        )
        for row, (center, size, yaw_rad) in enumerate(columns):
            geometry = {
                "position": dict(zip("xyz", center, strict=True)),
                "dimensions": dict(zip("xyz", size, strict=True)),
                "yaw": yaw_rad,
            }
            written = self._begun(labels.class_names[row], "cuboid", geometry, cloud_ref)
            # The client leaves out what a cuboid does not have, and writes null for 2D labels.
            if labels.label_ids[row]:
                written["annotation_id"] = labels.label_ids[row]
            metadata = self._metadata(labels, row)
            if metadata:
                written["metadata"] = metadata
            if labels.track_ids[row]:
                written["track_reference_id"] = labels.track_ids[row]
            yield self._scored(written, *_scores(labels, row))

    def _boxes(self, labels: BoxLabels2D, refs: Mapping[str, str]) -> Iterator[Row]:
        self._note_crowds(labels.is_crowd)
        for row, (left, top, right, bottom) in enumerate(labels.boxes_px.tolist()):
            ref = self._image_ref(labels.sensor_ids[row], refs, "2D box")
            if ref is not None:
                size = {"width": right - left, "height": bottom - top}
                geometry = {"x": left, "y": top, **size}
                yield self._row_2d(labels, row, "box", geometry, ref)

    def _shapes(self, labels: ImageShapes, refs: Mapping[str, str]) -> Iterator[Row]:
        self._note_crowds(labels.is_crowd)
        for row in range(len(labels)):
            name = ShapeKind(int(labels.kinds[row])).name.lower().replace("_", " ")
            ref = self._image_ref(labels.sensor_ids[row], refs, f"2D label: {name}")
            if ref is None:
                continue
            for part, (kind, geometry) in enumerate(
                shape_geometries(labels, row, self._where, self._losses)
            ):
                written = self._row_2d(labels, row, kind, geometry, ref)
                if part:
                    written["annotation_id"] = f"{labels.label_ids[row]}#{part}"
                yield written

    def _category(
        self, each: Classification, refs: Mapping[str, str], cloud_ref: str
    ) -> Iterator[Row]:
        scope = each.scope
        ref: str | None = cloud_ref
        if scope == ClassificationScope.IMAGE:
            ref = self._image_ref(each.target, refs, "classification")
        elif scope == ClassificationScope.SCENE:
            ref = self._scene_ref
        elif scope == ClassificationScope.COORD_FRAME:
            self._lose("classification of a coord frame", "becomes one of the point cloud")
        if not ref:
            if ref is not None:
                self._lose("classification", "the frame has no item to which it could belong")
            return
        metadata = self._plain({**each.attributes}, each.track_id)
        written = self._begun(each.class_name, "category", {}, ref) | {"metadata": metadata}
        if scope == ClassificationScope.SCENE:
            # Shown in every frame, written once.
            key = f"{each.taxonomy!r} {each.class_name!r}"
            if key in self._told_scene:
                return
            self._told_scene.add(key)
            if each.track_id:
                self._lose("track of a scene's class", "the scene as a whole has no tracks")
        else:
            written["track_reference_id"] = each.track_id
        written["task_id"] = None
        if each.taxonomy is not None:
            written["taxonomy_name"] = each.taxonomy
        distribution = each.class_distribution
        if scope == ClassificationScope.SCENE and distribution is not None:
            self._lose("class distribution", "a scene's class has none")
            distribution = None
        yield self._scored(written, each.score, distribution)

    def _row_2d(
        self,
        labels: BoxLabels2D | ImageShapes,
        row: int,
        kind: str,
        geometry: Mapping[str, Any],
        ref: str,
    ) -> Row:
        written = self._begun(labels.class_names[row], kind, geometry, ref)
        written["annotation_id"] = labels.label_ids[row] or None
        written["metadata"] = self._metadata(labels, row)
        if kind in ("box", "polygon"):
            written["embedding_vector"] = None
        written["track_reference_id"] = labels.track_ids[row]
        written["task_id"] = None
        return self._scored(written, *_scores(labels, row))

    def _begun(self, label: str, kind: str, geometry: Mapping[str, Any], ref: str) -> Row:
        return {"label": label, "type": kind, "geometry": geometry, "reference_id": ref}

    def _scored(self, written: Row, score: float, distribution: Mapping[str, float] | None) -> Row:
        if self._predicted:
            if score == score:
                written["confidence"] = float(score)
            if distribution is not None:
                written["class_pdf"] = {name: float(each) for name, each in distribution.items()}
            return written
        if score == score:
            self._lose("confidence", "only predictions have one")
        if distribution is not None:
            self._lose("class distribution", "only predictions have one")
        return written

    def _metadata(self, labels: CuboidLabels | BoxLabels2D | ImageShapes, row: int) -> Row:
        return self._plain(labels.attributes[row], labels.track_ids[row])

    def _plain(self, attributes: Mapping[str, Any], track_id: str | None) -> Row:
        if not attributes:
            return {}
        if not track_id and any(key in attributes for key in _TRACK_KEYS):
            self._lose("attribute that names a track", "the label is then read as one of a track")
        return plain_metadata(attributes, self._where, self._losses)

    def _image_ref(self, sensor_id: str, refs: Mapping[str, str], what: str) -> str | None:
        ref = refs.get(sensor_id)
        if ref is None:
            self._lose(what, "belongs to no image of its frame")
        return ref

    def _note_crowds(self, is_crowd: Sequence[bool] | np.ndarray | None) -> None:
        if is_crowd is not None:
            self._lose("crowd mark", "Nucleus marks no crowds", int(np.count_nonzero(is_crowd)))

    def _lose(self, what: str, why: str, count: int = 1) -> None:
        self._losses.add(what, self._where, why, count)


def _scores(
    labels: CuboidLabels | BoxLabels2D | ImageShapes, row: int
) -> tuple[float, Mapping[str, float] | None]:
    given = labels.class_distributions
    return float(labels.scores[row]), None if given is None else given[row]
