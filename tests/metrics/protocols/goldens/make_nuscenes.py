"""Asks the nuScenes development kit: writes nuscenes_detection, _tracking and _from_files.json.

python -m venv reference && reference/bin/pip install "numpy<2" nuscenes-devkit==1.2.0
reference/bin/python tests/metrics/protocols/goldens/make_nuscenes.py
"""

import contextlib
import io
import json
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
PACKAGES = ("nuscenes-devkit", "motmetrics", "numpy", "pandas", "scipy", "scikit-learn")


FROM_FILES = ("random_1", "bikes_in_racks", "long_gaps", "unknown_velocities")


class Tables:
    """As much of `NuScenes` as evaluation asks for."""

    def __init__(self, scenes):
        self._rows = {}
        for scene in scenes:
            frames = scene["frames"]
            tokens = [frame["token"] for frame in frames]
            self._rows["scene", scene["name"]] = {
                "name": scene["name"], "first_sample_token": tokens[0],
                "last_sample_token": tokens[-1],
            }  # fmt: skip
            for frame, following in zip(frames, [*tokens[1:], ""], strict=True):
                token = frame["token"]
                racks = [f"{token}r{k}" for k in range(len(frame["racks"]))]
                self._rows["sample", token] = {
                    "scene_token": scene["name"], "timestamp": frame["time_us"],
                    "next": following, "data": {"LIDAR_TOP": token}, "anns": racks,
                }  # fmt: skip
                self._rows["sample_data", token] = {"ego_pose_token": token}
                self._rows["ego_pose", token] = {"translation": frame["ego"]}
                for name, rack in zip(racks, frame["racks"], strict=True):
                    kind = {"category_name": "static_object.bicycle_rack"}
                    self._rows["sample_annotation", name] = kind | rack

    def get(self, table, token):
        return self._rows[table, token]


def boxes_of(scenes, side, make, kept):
    from nuscenes.eval.common.data_classes import EvalBoxes

    boxes = EvalBoxes()
    for scene in scenes:
        for frame in scene["frames"]:
            rows = [make(frame["token"], box, side) for box in frame[side] if box["name"] in kept]
            boxes.add_boxes(frame["token"], rows)
    return boxes


def detection_box(token, box, side):
    from nuscenes.eval.detection.data_classes import DetectionBox

    return DetectionBox(
        token, tuple(box["translation"]), tuple(box["size"]), tuple(box["rotation"]),
        tuple(box["velocity"]), num_pts=box["num_pts"] if side == "labels" else -1,
        detection_name=box["name"], detection_score=float(box["score"]),
        attribute_name=box["attribute"],
    )  # fmt: skip


def tracking_box(token, box, side):
    from nuscenes.eval.tracking.data_classes import TrackingBox

    return TrackingBox(
        token, tuple(box["translation"]), tuple(box["size"]), tuple(box["rotation"]),
        tuple(box["velocity"]), num_pts=box["num_pts"] if side == "labels" else -1,
        tracking_id=box["track"], tracking_name=box["name"], tracking_score=float(box["score"]),
    )  # fmt: skip


def filtered(scenes, tables, make, config):
    from nuscenes.eval.common.loaders import add_center_dist, filter_eval_boxes

    sides = []
    for side in ("predictions", "labels"):
        boxes = add_center_dist(tables, boxes_of(scenes, side, make, set(config.class_names)))
        if boxes.all:
            boxes = filter_eval_boxes(tables, boxes, config.class_range)
        sides.append(boxes)
    return sides


def detection(scenes):
    from nuscenes.eval.common.config import config_factory
    from nuscenes.eval.detection.evaluate import DetectionEval

    config = config_factory("detection_cvpr_2019")
    task = DetectionEval.__new__(DetectionEval)
    task.cfg, task.verbose = config, False
    task.pred_boxes, task.gt_boxes = filtered(scenes, Tables(scenes), detection_box, config)
    summary = task.evaluate()[0].serialize()
    names = ("label_aps", "label_tp_errors", "mean_ap", "nd_score", "tp_errors")
    return {name: summary[name] for name in names}


def tracking(scenes):
    from nuscenes.eval.common.config import config_factory
    from nuscenes.eval.tracking import loaders
    from nuscenes.eval.tracking.evaluate import TrackingEval

    config = config_factory("tracking_nips_2019")
    tables = Tables(scenes)
    loaders.get_scenes_of_split = lambda **_: [scene["name"] for scene in scenes]
    task = TrackingEval.__new__(TrackingEval)
    task.cfg, task.verbose, task.output_dir, task.render_classes = config, False, "", []
    predictions, labels = filtered(scenes, tables, tracking_box, config)
    task.tracks_gt = loaders.create_tracks(labels, tables, "val", gt=True)
    task.tracks_pred = loaders.create_tracks(predictions, tables, "val", gt=False)
    summary = task.evaluate()[0].serialize()
    return {name: summary[name] for name in ("label_metrics", *summary["label_metrics"])}


def from_files(scenes):
    """Both evaluations from the tables, as the kit's command line runs them."""
    from nuscenes import NuScenes
    from nuscenes.eval.common.config import config_factory
    from nuscenes.eval.detection.evaluate import DetectionEval
    from nuscenes.eval.tracking.evaluate import TrackingEval
    from nuscenes_files import SPLIT, write_dataset, write_results

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        root = Path(folder)
        write_dataset(root, scenes)
        results = [
            str(write_results(root / f"{task}.json", scenes, task))
            for task in ("detection", "tracking")
        ]
        nusc = NuScenes("v1.0-mini", folder, verbose=False)
        config = config_factory("detection_cvpr_2019")
        detection_task = DetectionEval(nusc, config, results[0], SPLIT, folder, verbose=False)
        found = detection_task.evaluate()[0].serialize()
        tracking_task = TrackingEval(
            config_factory("tracking_nips_2019"), results[1], SPLIT, folder, "v1.0-mini", folder,
            verbose=False,
        )  # fmt: skip
        tracked = tracking_task.evaluate()[0].serialize()
    names = ("label_aps", "label_tp_errors", "mean_ap", "nd_score", "tp_errors")
    return {
        "detection": {name: found[name] for name in names},
        "tracking": {name: tracked[name] for name in ("label_metrics", *tracked["label_metrics"])},
    }


def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    number = float(value)
    return None if np.isnan(number) else number


def main():
    # The packages are in the reference's environment, and the scenes' module beside the tests.
    sys.path.insert(0, str(HERE.parent))
    from random_scenes import SCENARIOS

    warnings.simplefilter("ignore")
    versions = {name: version(name) for name in PACKAGES}
    for task in (detection, tracking, from_files):
        names = FROM_FILES if task is from_files else SCENARIOS
        found = {name: plain(task(SCENARIOS[name]())) for name in names}
        path = HERE / f"nuscenes_{task.__name__}.json"
        path.write_text(json.dumps({"versions": versions, "scenarios": found}, indent=0))


if __name__ == "__main__":
    main()
