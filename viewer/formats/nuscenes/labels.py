"""Annotations and results to cuboids in the world.

A box is its middle, its size as width, length, height, and a quaternion w x y z; its front is the
length axis (x). Velocities are those of the development kit: the way from the annotation before
to the one after over the time between, unknown where that is more than 1.5 s (3 s with both).
"""

from collections.abc import Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.nuscenes.schema import AnnotationRow, ResultRow
from viewer.formats.nuscenes.tables import Tables
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rigid_matrix import are_poses
from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import CuboidLabels

MAX_SIZE_M = 1e6
MAX_TIME_DIFF_S = 1.5
_UNKNOWN = (np.nan, np.nan, np.nan)


def annotation_labels(
    rows: Sequence[AnnotationRow],
    velocities: Mapping[str, npt.NDArray[np.float64]],
    tables: Tables,
    problems: ProblemLog,
    timestamp_ns: int,
) -> CuboidLabels:
    """Turn the annotations of a sample into labels; velocities are by annotation token."""
    path = tables.folder / "sample_annotation.json"
    classes = tables.instances.result()
    cuboids, is_box = _boxes(rows, path, [row.token for row in rows], problems)
    rows = list(compress(rows, is_box))
    return CuboidLabels(
        cuboids=cuboids,
        label_ids=tuple(row.token for row in rows),
        class_names=tuple(classes.get(row.instance_token, "unknown") for row in rows),
        track_ids=tuple(row.instance_token or None for row in rows),
        scores=np.full(len(rows), np.nan),
        attributes=tuple(_attributes(row, tables) for row in rows),
        velocities_mps=np.array([velocities[row.token] for row in rows]).reshape(-1, 3),
        timestamp_ns=timestamp_ns,
    )


def result_labels(
    rows: Sequence[ResultRow],
    sample_token: str,
    path: Path,
    problems: ProblemLog,
    timestamp_ns: int | None,
) -> CuboidLabels:
    """Turn the boxes of a result file into labels; a row is known by its place in the sample."""
    ids = [result_label_id(sample_token, index) for index in range(len(rows))]
    cuboids, is_box = _boxes(rows, path, ids, problems)
    boxes = list(compress(rows, is_box))
    scores = [
        row.tracking_score if row.detection_score is None else row.detection_score for row in boxes
    ]
    return CuboidLabels(
        cuboids=cuboids,
        label_ids=tuple(compress(ids, is_box)),
        class_names=tuple(row.detection_name or row.tracking_name or "unknown" for row in boxes),
        track_ids=tuple(None if row.tracking_id is None else str(row.tracking_id) for row in boxes),
        scores=np.array([np.nan if score is None else score for score in scores], dtype=np.float64),
        attributes=tuple(
            {"attributes": [row.attribute_name]} if row.attribute_name else {} for row in boxes
        ),
        velocities_mps=np.array([_velocity(row.velocity) for row in boxes]).reshape(-1, 3),
        timestamp_ns=timestamp_ns,
    )


def result_label_id(sample_token: str, index: int) -> str:
    """Return the id of a box by its place in the sample's list."""
    return f"{sample_token}:{index}"


def annotation_velocities(
    rows: Sequence[AnnotationRow], times_ns: Sequence[int]
) -> dict[str, npt.NDArray[np.float64]]:
    """Return (3,) m/s in the world by annotation token, over all annotations of a scene.

    Parameters
    ----------
    rows
        Annotations of one scene; neighbours that are not among them count as missing.
    times_ns
        (N,) time of each row's sample.
    """
    row_of = {row.token: index for index, row in enumerate(rows)}
    count = len(rows)
    before = np.array([row_of.get(row.prev or "", -1) for row in rows], dtype=np.int64)
    after = np.array([row_of.get(row.next or "", -1) for row in rows], dtype=np.int64)
    centers = np.array([row.translation for row in rows], dtype=np.float64).reshape(-1, 3)
    times = np.asarray(times_ns, dtype=np.int64)
    own = np.arange(count)
    first = np.where(before >= 0, before, own)
    last = np.where(after >= 0, after, own)
    # As the kit has them, to the last digit: evaluation compares velocities. Its times are seconds
    # since 1970 in floats, so that a difference is off by up to 0.2 us.
    seconds = times // 1000 * 1e-6
    elapsed_s = seconds[last] - seconds[first]
    allowed_s = MAX_TIME_DIFF_S * (1 + ((before >= 0) & (after >= 0)).astype(np.int64))
    known = (elapsed_s > 0) & (elapsed_s <= allowed_s)
    velocities = np.full((count, 3), np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        moved_m = centers[last] - centers[first]
        velocities[known] = moved_m[known] / elapsed_s[known, None]
    for index, row in enumerate(rows):
        if row.velocity is not None:
            velocities[index] = _velocity(row.velocity)
    return {row.token: velocities[index] for index, row in enumerate(rows)}


def _boxes(
    rows: Sequence[AnnotationRow] | Sequence[ResultRow],
    path: Path,
    places: Sequence[str],
    problems: ProblemLog,
) -> tuple[Cuboids, list[bool]]:
    """Return the boxes whose size and pose can be, and which rows they are; tell of the others."""
    centers = np.array([row.translation for row in rows], dtype=np.float64).reshape(-1, 3)
    width_length_height = np.array([row.size for row in rows], dtype=np.float64).reshape(-1, 3)
    rotations = np.array([row.rotation for row in rows], dtype=np.float64).reshape(-1, 4)
    sized = ((width_length_height > 0.0) & (width_length_height <= MAX_SIZE_M)).all(axis=1)
    good = sized & are_poses(centers, rotations)
    for row in np.flatnonzero(~good).tolist():
        problems.add(path, places[row], "has no size or no pose that can be; it is left out")
    sizes = width_length_height[:, [1, 0, 2]]
    found: list[bool] = good.tolist()
    return Cuboids(centers[good], sizes[good], rotations[good], "world"), found


def _attributes(row: AnnotationRow, tables: Tables) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if row.attribute_tokens:
        names = [tables.attributes.get(token, token) for token in row.attribute_tokens]
        values["attributes"] = names
    if row.visibility_token:
        values["visibility"] = tables.visibilities.get(row.visibility_token, row.visibility_token)
    for name in ("num_lidar_pts", "num_radar_pts", "automatic_annotation"):
        value = getattr(row, name)
        if value is not None:
            values[name] = value
    return values


def _velocity(stored: Sequence[float | None] | None) -> tuple[float, float, float]:
    """Two or three numbers as stored; the vertical one is 0 where only two are given."""
    if stored is None or not 2 <= len(stored) <= 3 or None in stored:
        return _UNKNOWN
    x, y = stored[0], stored[1]
    z = stored[2] if len(stored) == 3 else 0.0
    return (x, y, z) if x is not None and y is not None and z is not None else _UNKNOWN
