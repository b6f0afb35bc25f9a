"""Runs in the environment of nuscenes-devkit: boxes of two files, its evaluation, its figures.

python nuscenes_detection.py LABELS.json PREDICTIONS.json
"""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    from nuscenes.eval.common.config import config_factory
    from nuscenes.eval.common.data_classes import EvalBoxes
    from nuscenes.eval.detection.data_classes import DetectionBox
    from nuscenes.eval.detection.evaluate import DetectionEval

    started = time.perf_counter()
    sides = []
    for path in map(Path, sys.argv[1:3]):
        with path.open(encoding="utf-8") as file:
            sides.append(EvalBoxes.deserialize(json.load(file)["results"], DetectionBox))
    task = DetectionEval.__new__(DetectionEval)
    task.cfg, task.verbose = config_factory("detection_cvpr_2019"), False
    task.gt_boxes, task.pred_boxes = sides
    read = time.perf_counter()
    summary = task.evaluate()[0].serialize()
    done = time.perf_counter()
    figures = {
        "NDS": summary["nd_score"],
        "mAP": summary["mean_ap"],
        "AP": summary["mean_dist_aps"],
    }
    print("FOUND" + json.dumps({"read_s": read - started, "evaluate_s": done - read, **figures}))


if __name__ == "__main__":
    main()
