"""Scenes as the tables of nuScenes, with detection and tracking results; standard library only."""

import json
from pathlib import Path
from typing import Any

CATEGORIES = {
    "car": "vehicle.car",
    "truck": "vehicle.truck",
    "bus": "vehicle.bus.rigid",
    "trailer": "vehicle.trailer",
    "construction_vehicle": "vehicle.construction",
    "pedestrian": "human.pedestrian.adult",
    "motorcycle": "vehicle.motorcycle",
    "bicycle": "vehicle.bicycle",
    "traffic_cone": "movable_object.trafficcone",
    "barrier": "movable_object.barrier",
    "rack": "static_object.bicycle_rack",
    "debris": "movable_object.debris",
}
SCENE_NAMES = ("scene-0103", "scene-0916")
"""Those of the split mini_val, which the development kit evaluates."""
SPLIT = "mini_val"
TRACKED = ("bicycle", "bus", "car", "motorcycle", "pedestrian", "trailer", "truck")
META = {
    "use_camera": False, "use_lidar": True, "use_radar": False, "use_map": False,
    "use_external": False,
}  # fmt: skip
Rows = list[dict[str, Any]]


def write_dataset(root: Path, scenes: list[dict[str, Any]]) -> None:
    """Write two scenes into `root`/v1.0-mini; tracks become instances."""
    tables: dict[str, Rows] = {
        "log": [{"token": "log", "logfile": "", "vehicle": "", "date_captured": "", "location": "",
                 "map_token": "map"}],
        "map": [{"token": "map", "log_tokens": ["log"], "category": "semantic_prior",
                 "filename": "maps/map.png"}],
        "sensor": [{"token": "lidar", "channel": "LIDAR_TOP", "modality": "lidar"}],
        "calibrated_sensor": [{"token": "mounted", "sensor_token": "lidar",
                               "translation": [0.0, 0.0, 1.8], "rotation": [1.0, 0.0, 0.0, 0.0],
                               "camera_intrinsic": []}],
        "visibility": [{"token": "4", "description": "", "level": "v80-100"}],
        "category": [{"token": name, "name": name, "description": "", "index": row}
                     for row, name in enumerate(CATEGORIES.values())],
        "attribute": [], "scene": [], "sample": [], "sample_data": [], "ego_pose": [],
        "instance": [], "sample_annotation": [],
    }  # fmt: skip
    for scene, name in zip(scenes, SCENE_NAMES, strict=True):
        _add_scene(tables, scene, name)
    spoken = {token for row in tables["sample_annotation"] for token in row["attribute_tokens"]}
    tables["attribute"] = [{"token": each, "name": each, "description": ""} for each in spoken]
    folder = root / "v1.0-mini"
    folder.mkdir(parents=True)
    (root / "maps").mkdir()
    (root / "maps" / "map.png").touch()
    for table, rows in tables.items():
        (folder / f"{table}.json").write_text(json.dumps(rows))


def _add_scene(tables: dict[str, Rows], scene: dict[str, Any], name: str) -> None:
    frames = scene["frames"]
    tokens = ["", *(frame["token"] for frame in frames), ""]
    tables["scene"].append(
        {"token": name, "name": name, "log_token": "log", "nbr_samples": len(frames),
         "first_sample_token": tokens[1], "last_sample_token": tokens[-2], "description": ""}
    )  # fmt: skip
    last: dict[str, dict[str, Any]] = {}
    for place, frame in enumerate(frames, 1):
        token, time_us = frame["token"], frame["time_us"]
        around = {"prev": tokens[place - 1], "next": tokens[place + 1]}
        tables["sample"].append(
            {"token": token, "timestamp": time_us, "scene_token": name, **around}
        )
        tables["ego_pose"].append(
            {"token": token, "timestamp": time_us, "translation": frame["ego"],
             "rotation": [1.0, 0.0, 0.0, 0.0]}
        )  # fmt: skip
        tables["sample_data"].append(
            {"token": token, "sample_token": token, "ego_pose_token": token,
             "calibrated_sensor_token": "mounted", "timestamp": time_us, "fileformat": "pcd",
             "is_key_frame": True, "height": 0, "width": 0,
             "filename": f"samples/LIDAR_TOP/{token}.pcd.bin", **around}
        )  # fmt: skip
        for row, box in enumerate([*frame["labels"], *frame["racks"]]):
            _add_annotation(tables, last, frame, name, row, box)


def _add_annotation(
    tables: dict[str, Rows],
    last: dict[str, dict[str, Any]],
    frame: dict[str, Any],
    scene: str,
    row: int,
    box: dict[str, Any],
) -> None:
    track = f"{scene} {box.get('track', 'rack')} {box['name']}"
    token = f"{frame['token']} {row}"
    category = CATEGORIES[box["name"]]
    if track not in last:
        tables["instance"].append(
            {"token": track, "category_token": category, "nbr_annotations": 1,
             "first_annotation_token": token, "last_annotation_token": token}
        )  # fmt: skip
    before = last.get(track)
    annotation = {
        "token": token, "sample_token": frame["token"], "instance_token": track,
        "visibility_token": "4", "attribute_tokens": [box["attribute"]] if box["attribute"] else [],
        "translation": box["translation"], "size": box["size"], "rotation": box["rotation"],
        "prev": before["token"] if before else "", "next": "",
        "num_lidar_pts": box["num_pts"] // 2, "num_radar_pts": box["num_pts"] - box["num_pts"] // 2,
    }  # fmt: skip
    if before:
        before["next"] = token
    last[track] = annotation
    tables["sample_annotation"].append(annotation)


def write_results(path: Path, scenes: list[dict[str, Any]], task: str) -> Path:
    """Write the predictions for ``detection`` or ``tracking``."""
    kept = set(TRACKED) if task == "tracking" else set(CATEGORIES)
    results = {
        frame["token"]: [
            _result(frame["token"], box, task) for box in frame["predictions"]
            if box["name"] in kept
        ]
        for scene in scenes
        for frame in scene["frames"]
    }  # fmt: skip
    path.write_text(json.dumps({"meta": META, "results": results}))
    return path


def _result(token: str, box: dict[str, Any], task: str) -> dict[str, Any]:
    own = {name: box[name] for name in ("translation", "size", "rotation", "velocity")}
    own |= {"sample_token": token, f"{task}_name": box["name"], f"{task}_score": box["score"]}
    if task == "tracking":
        return own | {"tracking_id": box["track"]}
    return own | {"attribute_name": box["attribute"]}
