"""Objects as the KITTI protocol sees them: difficulty, states, and which overlap by how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.metrics.objects import KITTI_BOTTOMS_M, EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.pair_kernels import image_pairs
from viewer.metrics.protocols.upright import (
    TILTED_RAD,
    UprightBoxes,
    overlapping_pairs,
    upright,
    vertical_axis,
)

MEASURES: Final = ("2d", "bev", "3d")
INVALID_ALPHA: Final = -10.0

States = npt.NDArray[np.int8]


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """Pairs that overlap in one measure, by label row, then prediction row."""

    rows: Ints
    columns: Ints
    overlaps: Floats
    similarities: Floats
    """(K,) 1 where both face the same way, 0 where opposite; NaN where unknown."""
    forgiveness: Floats
    """(M,) largest share of each prediction that lies in an ignored region."""

    def of_class(
        self, label_states: States, min_overlap: float
    ) -> tuple[States, Ints, Ints, Floats, Floats]:
        """Return what is matched in one class: labels that overlap enough with any prediction.

        The state of each such label, where its candidates start (and the last end), and the
        prediction, overlap and similarity of each candidate.
        """
        kept = (label_states[self.rows] >= 0) & (self.overlaps > min_overlap)
        rows = self.rows[kept]
        firsts = np.flatnonzero(np.diff(rows, prepend=-1))
        starts = np.append(firsts, len(rows))
        return (
            label_states[rows[firsts]], starts, self.columns[kept], self.overlaps[kept],
            self.similarities[kept],
        )  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Side:
    """Labels or predictions, with what KITTI's files hold about each."""

    objects: EvaluatedObjects
    classes: npt.NDArray[np.str_]
    """(N,) in lower case."""
    offsets: Ints
    boxes_px: Floats
    images: Ints
    boxes: UprightBoxes
    alphas_rad: Floats

    @property
    def heights_px(self) -> Floats:
        """(N,) of the 2D boxes."""
        heights: Floats = self.boxes_px[:, 3] - self.boxes_px[:, 1]
        return heights

    def shown(self, measure: str) -> npt.NDArray[np.bool_]:
        """(N,) True for objects that have a box in a measure."""
        places = self.boxes_px if measure == "2d" else self.boxes.centers_m
        return np.asarray(np.isfinite(places).all(axis=1))

    def counted(self, ignored_class: str) -> npt.NDArray[np.bool_]:
        """(N,) False for regions."""
        counted: npt.NDArray[np.bool_] = self.classes != ignored_class.lower()
        return counted

    def measurable(self, measure: str, ignored_class: str) -> bool:
        """True unless there are objects and none has a box in the measure."""
        counted = self.counted(ignored_class)
        return bool((self.shown(measure) & counted).any() or not counted.any())

    def taking_part(self, measure: str) -> npt.NDArray[np.bool_]:
        """(N,) True for objects that can count in a measure.

        A row of KITTI's own text always counts, as by the kit: it is one object with both boxes.
        """
        if KITTI_BOTTOMS_M in self.objects.extras:
            return np.ones(len(self.objects), dtype=bool)
        return self.shown(measure)


def kitti_sides(
    labels: EvaluatedObjects, predictions: EvaluatedObjects, vertical: str | None
) -> tuple[Side, Side, str]:
    """Return both sides and the vertical axis."""
    vertical = vertical or vertical_axis((labels, predictions))
    cameras = sorted({*(labels.cameras or ()), *(predictions.cameras or ())})
    numbers = {camera: number for number, camera in enumerate(cameras)}
    return _side(labels, vertical, numbers), _side(predictions, vertical, numbers), vertical


def _side(objects: EvaluatedObjects, vertical: str, cameras: Mapping[str, int]) -> Side:
    count = len(objects)
    names = np.array([name.lower() for name in objects.class_names] or [""])
    unknown = np.full(count, np.nan)
    return Side(
        objects,
        names[objects.class_rows] if count else np.empty(0, dtype=names.dtype),
        objects.frame_offsets(),
        np.full((count, 4), np.nan) if objects.boxes_px is None else objects.boxes_px,
        np.zeros(count, dtype=np.int64)
        if objects.cameras is None
        else np.fromiter((cameras[camera] for camera in objects.cameras), np.int64, count),
        upright(objects, vertical),
        unknown if objects.alphas_rad is None else objects.alphas_rad,
    )


def label_states(
    side: Side,
    name: str,
    neighbours: Sequence[str],
    level: int,
    measure: str,
    settings: Mapping[str, Any],
) -> States:
    """(N,) 0 for labels of a class and difficulty, 1 for those that may be matched, else -1."""
    objects = side.objects
    of_class = side.classes == name.lower()
    # An unknown height, occlusion or truncation excludes nothing: comparisons with NaN fail.
    hard = side.heights_px <= settings["min_heights_px"][level]
    if settings["without_2d_box"] == "ignore":
        hard |= np.isnan(side.heights_px)
    if objects.occlusions is not None:
        hard |= objects.occlusions > settings["max_occlusions"][level]
    if objects.truncations is not None:
        hard |= objects.truncations > settings["max_truncations"][level]
    states = np.full(len(objects), -1, dtype=np.int8)
    states[of_class & ~hard] = 0
    states[(of_class & hard) | np.isin(side.classes, [each.lower() for each in neighbours])] = 1
    states[~side.taking_part(measure)] = -1
    return states


def prediction_states(
    side: Side, name: str, level: int, measure: str, settings: Mapping[str, Any]
) -> States:
    """(N,) 1 for small predictions whatever their class, 0 for the others of a class, else -1."""
    heights = np.abs(side.heights_px)
    small = heights < settings["min_heights_px"][level]
    if settings["without_2d_box"] == "ignore":
        small |= np.isnan(heights)
    states = np.where(side.classes == name.lower(), 0, -1).astype(np.int8)
    states[small] = 1
    states[~side.taking_part(measure)] = -1
    return states


def candidates_by_measure(
    labels: Side, predictions: Side, ignored_class: str
) -> dict[str, Candidates]:
    """Return what overlaps in each measure that both sides have boxes for, or no objects at all."""
    found = {}
    regions = labels.classes == ignored_class.lower()
    sides = labels, predictions
    if all(side.measurable("2d", ignored_class) for side in sides):
        found["2d"] = _in_image(labels, predictions, regions)
    if all(side.measurable("3d", ignored_class) for side in sides):
        pairs = overlapping_pairs(
            labels.boxes, labels.offsets, predictions.boxes, predictions.offsets
        )
        turn = labels.boxes.yaws_rad[pairs.rows] - predictions.boxes.yaws_rad[pairs.columns]
        similar = (1 + np.cos(turn)) / 2
        for measure, overlaps, covered in (
            ("bev", pairs.bev, pairs.covered_bev),
            ("3d", pairs.volume, pairs.covered_volume),
        ):
            found[measure] = _candidates(
                pairs.rows,
                pairs.columns,
                overlaps,
                similar,
                covered,
                regions,
                len(predictions.boxes),
            )
    return found


def _in_image(labels: Side, predictions: Side, regions: npt.NDArray[np.bool_]) -> Candidates:
    rows, columns, shared = image_pairs(
        labels.offsets, labels.boxes_px, labels.images,
        predictions.offsets, predictions.boxes_px, predictions.images,
    )  # fmt: skip
    area_a, area_b = (_areas(side.boxes_px) for side in (labels, predictions))
    overlaps = shared / (area_a[rows] + area_b[columns] - shared)
    turn = labels.alphas_rad[rows] - predictions.alphas_rad[columns]
    similar = (1 + np.cos(turn)) / 2
    covered = shared / area_b[columns]
    return _candidates(rows, columns, overlaps, similar, covered, regions, len(area_b))


def _areas(boxes_px: Floats) -> Floats:
    areas: Floats = (boxes_px[:, 2] - boxes_px[:, 0]) * (boxes_px[:, 3] - boxes_px[:, 1])
    return areas


def _candidates(
    rows: Ints,
    columns: Ints,
    overlaps: Floats,
    similarities: Floats,
    covered: Floats,
    regions: npt.NDArray[np.bool_],
    prediction_count: int,
) -> Candidates:
    forgiveness = np.zeros(prediction_count)
    in_region = regions[rows]
    np.maximum.at(forgiveness, columns[in_region], covered[in_region])
    kept = ~in_region
    return Candidates(rows[kept], columns[kept], overlaps[kept], similarities[kept], forgiveness)


def lacks_of(labels: Side, predictions: Side, settings: Mapping[str, Any]) -> list[str]:
    """Tell what the data lack for the protocol, and what was done instead."""
    lacks = []
    kept = "count whatever their height" if settings["without_2d_box"] == "count" else "are ignored"
    for side, name in ((labels, "labels"), (predictions, "predictions")):
        shown, boxed = side.shown("2d"), side.shown("3d")
        counted = side.counted(settings["ignored_class"])
        if not counted.any():
            lacks.append(f"There are no {name}.")
            continue
        flat = shown & (side.heights_px <= 0)
        if not side.measurable("2d", settings["ignored_class"]):
            lacks.append(
                f"No 2D boxes in the {name}: KITTI's difficulty is undefined and there is no 2D AP "
                f"and AOS; {name} {kept}."
            )
        elif (boxed & ~shown).any():
            lacks.append(f"{(boxed & ~shown).sum()} {name} without a 2D box {kept}.")
        if flat.any():
            lacks.append(
                f"{flat.sum()} {name} have a 2D box without height: ignored, as by KITTI's kit."
            )
        alone = shown & ~boxed & counted
        if not side.measurable("3d", settings["ignored_class"]):
            lacks.append(f"No cuboids in the {name}: no AP from above and in space.")
        elif alone.any():
            part = "are misses or false alarms" if side.taking_part("3d").all() else "take no part"
            lacks.append(f"{alone.sum()} {name} have a 2D box alone: they {part} in BEV and 3D AP.")
        if (side.boxes.tilts_rad[counted] > TILTED_RAD).any():
            lacks.append(f"Some {name} are tilted: the tilt is left out, as KITTI has none.")
    objects = labels.objects
    if objects.occlusions is None or objects.truncations is None:
        lacks.append("Occlusion or truncation is unknown: it makes no label difficult.")
    return lacks


def orientation_lack(predictions: Side) -> str | None:
    """Say why there is no AOS, or None."""
    unknown = np.isnan(predictions.alphas_rad) | (predictions.alphas_rad == INVALID_ALPHA)
    invalid = unknown & predictions.taking_part("2d")
    if not invalid.any():
        return None
    return f"{invalid.sum()} predictions have no observation angle: no AOS, as by the kit."
