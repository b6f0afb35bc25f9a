"""Evaluated objects from the scenes of `random_scenes`."""

import numpy as np
from metrics.protocols.random_scenes import Box, Scenes

from viewer.metrics.objects import EvaluatedFrames, EvaluatedObjects

RACK = "static_object.bicycle_rack"


def evaluated_scenes(
    scenes: Scenes, *, with_ego: bool = True
) -> tuple[EvaluatedObjects, EvaluatedObjects]:
    """Labels, with racks among them, and predictions on the same frames."""
    frames = [frame for scene in scenes for frame in scene["frames"]]
    counts = [len(scene["frames"]) for scene in scenes]
    shared = EvaluatedFrames(
        keys=[frame["token"] for frame in frames],
        scene_ids=[scene["name"] for scene in scenes],
        scene_of_frame=np.repeat(np.arange(len(scenes)), counts),
        index_in_scene=np.concatenate([np.arange(count) for count in counts]),
        timestamps_ns=np.array([frame["time_us"] for frame in frames], np.int64) * 1000,
        ego_positions_m=(
            np.array([frame["ego"] for frame in frames], dtype=float)
            if with_ego
            else np.full((len(frames), 3), np.nan)
        ),
    )
    labels = [
        frame["labels"] + [rack | {"name": RACK, "track": None} for rack in frame["racks"]]
        for frame in frames
    ]
    predictions = [frame["predictions"] for frame in frames]
    return _side(shared, labels, is_truth=True), _side(shared, predictions, is_truth=False)


def _side(
    frames: EvaluatedFrames, by_frame: list[list[Box]], *, is_truth: bool
) -> EvaluatedObjects:
    boxes = [box for own in by_frame for box in own]
    frame_rows = np.repeat(np.arange(len(frames)), [len(own) for own in by_frame])
    classes = tuple(dict.fromkeys(box["name"] for box in boxes))
    scenes = frames.scene_of_frame[frame_rows]
    tracks: dict[object, int] = {}
    track_rows = [
        -1 if box["track"] is None else tracks.setdefault((int(scene), box["track"]), len(tracks))
        for scene, box in zip(scenes, boxes, strict=True)
    ]

    def column(name: str, width: int) -> np.ndarray:
        return np.array([box[name] for box in boxes], dtype=float).reshape(len(boxes), width)

    velocities = np.concatenate([column("velocity", 2), np.zeros((len(boxes), 1))], axis=1)
    points = [box["num_pts"] if is_truth else -1 for box in boxes]
    return EvaluatedObjects(
        frames=frames,
        frame_rows=frame_rows.astype(np.int64),
        label_ids=[str(row) for row in range(len(boxes))],
        class_names=classes,
        class_rows=np.array([classes.index(box["name"]) for box in boxes], np.int64),
        scores=np.array([np.nan if is_truth else box["score"] for box in boxes], dtype=float),
        centers_m=column("translation", 3),
        sizes_m=column("size", 3)[:, [1, 0, 2]],
        rotations=column("rotation", 4),
        coord_frame_id="world",
        track_ids=tuple(str(name) for _, name in tracks),
        track_rows=np.array(track_rows, np.int64),
        velocities_mps=velocities,
        point_counts=np.array(points, np.int64),
        attributes=[
            {"attributes": [box["attribute"]]} if box.get("attribute") else {} for box in boxes
        ],
    )
