"""Labels of all frames as columns with offsets, and back, frame by frame."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats.label_records import OtherLabels, other_labels
from viewer.formats.scene_pack.rig_codec import restore_exactly
from viewer.formats.scene_pack.schema import PackedCuboidHeader
from viewer.formats.scene_records import plain_value
from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels

Array = npt.NDArray[Any]
_CUBOID_TEXTS = ("label_ids", "class_names", "track_ids", "attributes")
_BOX_TEXTS = ("sensor_ids", *_CUBOID_TEXTS)


def pack_cuboids(
    frames: Sequence[CuboidLabels],
) -> tuple[tuple[PackedCuboidHeader, ...], dict[str, Array]]:
    """Return the headers and the columns of all frames."""
    headers = tuple(
        PackedCuboidHeader(
            labels.cuboids.coord_frame_id, labels.timestamp_ns, labels.velocities_mps is not None
        )
        for labels in frames
    )
    velocities = [
        np.full((len(labels), 3), np.nan)
        if labels.velocities_mps is None
        else labels.velocities_mps
        for labels in frames
    ]
    columns = {
        "offsets": _offsets([len(labels) for labels in frames]),
        "center": _stack([labels.cuboids.center for labels in frames], 3),
        "size": _stack([labels.cuboids.size for labels in frames], 3),
        "rotation": _stack([labels.cuboids.rotation for labels in frames], 4),
        "scores": _stack([labels.scores for labels in frames], 0),
        "velocities": _stack(velocities, 3),
        **_pack_texts(frames, _CUBOID_TEXTS),
    }
    return headers, columns


def pack_boxes_2d(frames: Sequence[BoxLabels2D]) -> dict[str, Array]:
    """Return the columns of all frames."""
    return {
        "offsets": _offsets([len(labels) for labels in frames]),
        "boxes_px": _stack([labels.boxes_px for labels in frames], 4),
        "scores": _stack([labels.scores for labels in frames], 0),
        **_pack_texts(frames, _BOX_TEXTS),
    }


def pack_other(frames: Sequence[FrameLabels]) -> dict[str, Array] | None:
    """Return what is neither cuboids nor 2D boxes of all frames; None when that is nothing."""
    records = [other_labels(labels) for labels in frames]
    if not any(records):
        return None
    blobs = [
        b"" if record is None else msgspec.json.encode(record, enc_hook=plain_value)
        for record in records
    ]
    texts = np.frombuffer(b"".join(blobs), dtype=np.uint8)
    return {"texts": texts, "text_offsets": _offsets([len(blob) for blob in blobs])}


def unpack_other(blob: Array) -> OtherLabels | None:
    """Return what `pack_other` packed of a frame; ValueError when it is not that."""
    if not len(blob):
        return None
    try:
        return msgspec.json.decode(blob.astype(np.uint8).tobytes(), type=OtherLabels)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"the other labels cannot be read: {error}") from None


def unpack_cuboids(header: PackedCuboidHeader, columns: dict[str, Array]) -> CuboidLabels:
    """Return one frame from its rows; ValueError when they do not fit together."""
    texts = _unpack_texts(columns["texts"], _CUBOID_TEXTS)
    rotation = columns["rotation"].astype(np.float64)
    cuboids = Cuboids(columns["center"], columns["size"], rotation, header.coord_frame_id)
    restore_exactly(cuboids, "rotation", rotation)
    return CuboidLabels(
        cuboids=cuboids,
        scores=columns["scores"].astype(np.float64),
        velocities_mps=columns["velocities"].astype(np.float64) if header.has_velocities else None,
        timestamp_ns=header.timestamp_ns,
        **texts,
    )


def unpack_boxes_2d(columns: dict[str, Array]) -> BoxLabels2D:
    """Return one frame from its rows; ValueError when they do not fit together."""
    texts = _unpack_texts(columns["texts"], _BOX_TEXTS)
    boxes_px = columns["boxes_px"].astype(np.float64)
    if any(len(column) != len(boxes_px) for column in (*texts.values(), columns["scores"])):
        raise ValueError("the columns of the 2D boxes differ in length")
    return BoxLabels2D(boxes_px=boxes_px, scores=columns["scores"].astype(np.float64), **texts)


def _offsets(counts: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)


def _stack(columns: Sequence[Array], width: int) -> Array:
    shape = (-1, width) if width else (-1,)
    parts = [np.asarray(column, dtype=np.float64).reshape(shape) for column in columns]
    return np.concatenate([np.empty((0, width) if width else (0,)), *parts])


def _pack_texts(frames: Sequence[object], names: Sequence[str]) -> dict[str, Array]:
    """One JSON object a frame: a list for each column."""
    blobs = []
    for labels in frames:
        columns = {name: list(getattr(labels, name)) for name in names}
        blobs.append(json.dumps(columns, default=plain_value, ensure_ascii=False).encode())
    texts = np.frombuffer(b"".join(blobs), dtype=np.uint8)
    return {"texts": texts, "text_offsets": _offsets([len(blob) for blob in blobs])}


def _unpack_texts(blob: Array, names: Sequence[str]) -> dict[str, Any]:
    try:
        columns = json.loads(blob.astype(np.uint8).tobytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the texts are not valid JSON: {error}") from None
    if not isinstance(columns, dict) or any(not isinstance(columns.get(n), list) for n in names):
        raise ValueError("the texts lack a column")
    for name in names:
        kinds = {
            "attributes": (dict,),
            "track_ids": (str, type(None)),
        }.get(name, (str,))
        if not all(isinstance(value, kinds) for value in columns[name]):
            raise ValueError(f"the column {name} holds something else than it should")
    return {name: tuple(columns[name]) for name in names}
