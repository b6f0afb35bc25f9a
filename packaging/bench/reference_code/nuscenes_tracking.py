"""Runs in the environment of nuscenes-devkit: tracks of two files, its evaluation, its figures.

python nuscenes_tracking.py LABELS.json PREDICTIONS.json FRAMES_A_SCENE
"""

import contextlib
import io
import json
import sys
import time
import warnings
from pathlib import Path


class Tables:
    """As much of `NuScenes` as tracks ask for: samples follow each other, half a second apart."""

    def __init__(self, tokens: list[str], frames_a_scene: int) -> None:
        self._rows: dict[tuple[str, str], dict[str, object]] = {}
        for row, token in enumerate(tokens):
            scene = f"scene{row // frames_a_scene}"
            first = row // frames_a_scene * frames_a_scene
            last = min(first + frames_a_scene, len(tokens)) - 1
            self._rows["scene", scene] = {
                "name": scene, "first_sample_token": tokens[first],
                "last_sample_token": tokens[last],
            }  # fmt: skip
            self._rows["sample", token] = {
                "scene_token": scene, "timestamp": row * 500_000,
                "next": tokens[row + 1] if row < last else "",
            }  # fmt: skip
        self.scenes = [name for table, name in self._rows if table == "scene"]

    def get(self, table: str, token: str) -> dict[str, object]:
        return self._rows[table, token]


def main() -> None:
    from nuscenes.eval.common.config import config_factory
    from nuscenes.eval.common.data_classes import EvalBoxes
    from nuscenes.eval.tracking import loaders
    from nuscenes.eval.tracking.data_classes import TrackingBox
    from nuscenes.eval.tracking.evaluate import TrackingEval

    warnings.simplefilter("ignore")
    config = config_factory("tracking_nips_2019")
    started = time.perf_counter()
    sides = []
    for path in map(Path, sys.argv[1:3]):
        with path.open(encoding="utf-8") as file:
            sides.append(EvalBoxes.deserialize(json.load(file)["results"], TrackingBox))
    tables = Tables(sides[0].sample_tokens, int(sys.argv[3]))
    loaders.get_scenes_of_split = lambda **_: tables.scenes
    read = time.perf_counter()
    task = TrackingEval.__new__(TrackingEval)
    task.cfg, task.verbose, task.output_dir, task.render_classes = config, False, "", []
    with contextlib.redirect_stdout(io.StringIO()):
        task.tracks_gt = loaders.create_tracks(sides[0], tables, "val", gt=True)
        task.tracks_pred = loaders.create_tracks(sides[1], tables, "val", gt=False)
        summary = task.evaluate()[0].serialize()
    done = time.perf_counter()
    figures = {"AMOTA": summary["amota"], "AMOTP": summary["amotp"], "IDS": summary["ids"]}
    print("FOUND" + json.dumps({"read_s": read - started, "evaluate_s": done - read, **figures}))


if __name__ == "__main__":
    main()
