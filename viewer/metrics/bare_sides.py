"""Sides of an evaluation that are no dataset: label text and tables by themselves."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from viewer.formats.argoverse2.labels import EGO, label_ids
from viewer.formats.argoverse2.lone_table import LoneTable, is_lone_table, read_lone_table
from viewer.formats.kitti_object.boxes import cuboids_from_kitti
from viewer.formats.kitti_object.label_folder import (
    KittiTable,
    label_folder_of,
    read_label_folder,
)
from viewer.formats.kitti_object.labels import CLASS_NAMES
from viewer.formats.kitti_object.rig import BOX_COORD_FRAME_ID
from viewer.formats.kitti_tracking.rig import FRAME_INTERVAL_NS
from viewer.metrics.object_columns import NameRows, kitti_unknowns
from viewer.metrics.objects import (
    KITTI_BOTTOMS_M,
    KITTI_ROTATIONS_Y_RAD,
    EvaluatedFrames,
    EvaluatedObjects,
    Floats,
    Ints,
)
from viewer.metrics.prediction_problems import PredictionRules
from viewer.metrics.sides import UNTIMED, Side
from viewer.progress import JobContext, running

IMAGE_SENSORS = {False: "image_2", True: "image_02"}


def bare_side(
    path: Path, sequences: Sequence[str] | None, job: JobContext, *, of_split: bool
) -> Side | None:
    """Return what a folder of KITTI text or a Feather table holds; None for anything else.

    With `of_split` also what the folder of true labels of a split holds.

    Raises
    ------
    DamagedData
        When it is one of them and cannot be read.
    ValueError
        When sequences are named and it has none.
    """
    with running(job):
        folder = label_folder_of(path, of_split=of_split)
        if folder is not None:
            table = read_label_folder(folder, sequences)
            if sequences is not None and not table.is_tracking:
                raise ValueError(f"{path} has no sequences to choose from")
            return _kitti_side(table)
        if is_lone_table(path):
            return _argoverse_side(read_lone_table(path))
    return None


def _kitti_side(table: KittiTable) -> Side:
    numbers, count = table.numbers, len(table)
    boxed = table.has_cuboid()
    cuboids = cuboids_from_kitti(
        numbers[:, 7:10], numbers[:, 10:13], numbers[:, 13], BOX_COORD_FRAME_ID
    )
    classes, tracks = NameRows(), NameRows()
    class_rows = np.array(classes.rows(table.class_names), dtype=np.int64)
    track_rows = np.array(tracks.rows(table.track_ids), dtype=np.int64)
    unknowns = kitti_unknowns(numbers[:, [2, 0, 1]])
    sensor = IMAGE_SENSORS[table.is_tracking]
    flat = table.has_box_2d()
    stems = [file.stem for file in table.files]
    objects = EvaluatedObjects(
        frames=_kitti_frames(table),
        frame_rows=table.frame_rows,
        label_ids=[
            f"{stems[file]}:{line}"
            for file, line in zip(table.file_rows.tolist(), table.lines.tolist(), strict=True)
        ],
        class_names=classes.names,
        class_rows=class_rows,
        scores=table.scores,
        centers_m=_where(boxed, cuboids.center),
        sizes_m=_where(boxed, cuboids.size),
        rotations=_where(boxed, cuboids.rotation),
        coord_frame_id=BOX_COORD_FRAME_ID,
        track_ids=tracks.names,
        track_rows=track_rows if table.is_tracking else None,
        boxes_px=_where(flat, numbers[:, 3:7]),
        cameras=[sensor if each else "" for each in flat.tolist()],
        alphas_rad=unknowns[:, 0].copy(),
        truncations=unknowns[:, 1].copy(),
        occlusions=np.nan_to_num(unknowns[:, 2], nan=-1.0).astype(np.int64),
        attributes=({},) * count,
        extras={
            KITTI_BOTTOMS_M: _where(boxed, numbers[:, 10:13]),
            KITTI_ROTATIONS_Y_RAD: np.where(boxed, numbers[:, 13], np.nan),
        },
    )
    return Side(
        objects,
        str(table.path),
        _kitti_places(table),
        open_ended=table.is_tracking,
        known_classes=CLASS_NAMES,
        # Scores of KITTI are any number; trackers often give none.
        rules=PredictionRules(score_bounds=None, needs_score=not table.is_tracking),
        problems=table.problems,
    )


def _kitti_frames(table: KittiTable) -> EvaluatedFrames:
    count = len(table.frame_keys)
    index = _index_in_scene(table.frame_scenes)
    return EvaluatedFrames(
        keys=table.frame_keys,
        scene_ids=table.scene_ids,
        scene_of_frame=table.frame_scenes,
        index_in_scene=index,
        timestamps_ns=index * FRAME_INTERVAL_NS
        if table.is_tracking
        else np.full(count, UNTIMED, dtype=np.int64),
        # Ranges are told from the camera, where all boxes lie.
        ego_positions_m=np.zeros((count, 3)),
    )


def _kitti_places(table: KittiTable) -> Callable[[int], tuple[str, str]]:
    def place_of(row: int) -> tuple[str, str]:
        return str(table.files[table.file_rows[row]]), f"line {table.lines[row] + 1}"

    return place_of


def _argoverse_side(table: LoneTable) -> Side:
    count = len(table)
    logs = table.log_ids.astype(str)
    # Rows are sorted by log and time: a frame begins where either changes.
    is_new = np.ones(count, dtype=bool)
    is_new[1:] = (logs[1:] != logs[:-1]) | (table.times_ns[1:] != table.times_ns[:-1])
    firsts = np.flatnonzero(is_new)
    frame_rows = np.cumsum(is_new) - 1
    scene_ids, scene_of_frame = np.unique(logs[firsts], return_inverse=True)
    times_ns = table.times_ns[firsts]
    frames = EvaluatedFrames(
        keys=[str(time) for time in times_ns.tolist()],
        scene_ids=scene_ids.tolist(),
        scene_of_frame=scene_of_frame.astype(np.int64),
        index_in_scene=_index_in_scene(scene_of_frame.astype(np.int64)),
        timestamps_ns=times_ns,
        ego_positions_m=np.zeros((len(firsts), 3)),
    )
    columns = table.columns
    classes, tracks = NameRows(), NameRows()
    names: list[str] = columns["category"].tolist()
    track_names: list[str] = columns["track_uuid"].tolist() if "track_uuid" in columns else []
    ids: list[str] = []
    for first, last in zip(firsts.tolist(), [*firsts[1:].tolist(), count], strict=True):
        own = track_names[first:last] or [""] * (last - first)
        ids += label_ids(own, int(table.times_ns[first]))
    objects = EvaluatedObjects(
        frames=frames,
        frame_rows=frame_rows.astype(np.int64),
        label_ids=ids,
        class_names=(),
        class_rows=np.array(classes.rows(names), dtype=np.int64),
        scores=columns.get("score", np.full(count, np.nan)),
        # Copies: kernels are compiled for columns that can be written.
        centers_m=table.cuboids.center.copy(),
        sizes_m=table.cuboids.size.copy(),
        rotations=table.cuboids.rotation.copy(),
        coord_frame_id=EGO,
        track_rows=np.array(tracks.rows([name or None for name in track_names]), dtype=np.int64)
        if track_names
        else None,
        point_counts=columns.get("num_interior_pts"),
        attributes=({},) * count,
    )
    return Side(
        _named(objects, classes, tracks),
        str(table.path),
        lambda row: (str(table.path), f"row {table.rows[row]}"),
        open_ended=True,
        problems=table.problems,
    )


def _named(objects: EvaluatedObjects, classes: NameRows, tracks: NameRows) -> EvaluatedObjects:
    from dataclasses import replace

    return replace(objects, class_names=classes.names, track_ids=tracks.names)


def _index_in_scene(scene_of_frame: Ints) -> Ints:
    starts = np.searchsorted(scene_of_frame, scene_of_frame)
    return np.arange(len(scene_of_frame)) - starts


def _where(known: "np.ndarray[tuple[int], np.dtype[np.bool_]]", values: Floats) -> Floats:
    return np.where(known[:, None], values, np.nan)
