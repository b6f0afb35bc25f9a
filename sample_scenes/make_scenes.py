"""Makes the sample scenes: ``python -m sample_scenes.make_scenes [NAME ...] [--into FOLDER]``.

The same seed gives the same files. Rendering the street takes a few minutes on two cores.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sample_scenes.calibration_scene import calibration_scene
from sample_scenes.detector import LABEL_SET_ID, Detector
from sample_scenes.planted_errors import plant_errors
from sample_scenes.street_scene import SEED, RecordedFrame, StreetDrive, scene_of
from sample_scenes.street_stage import StreetStage
from viewer.formats.native.writer import write_native_scene
from viewer.scene.scene import Scene

HERE = Path(__file__).parent
STREET, STREET_WITH_ERRORS, CALIBRATION_BOXES = "street", "street_with_errors", "calibration_boxes"
NAMES = (STREET, STREET_WITH_ERRORS, CALIBRATION_BOXES)
TRUTH_NAME = "truth.json"


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the named scenes, all by default, in place of those that are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--into", type=Path, default=HERE, help="folder of the scenes")
    options = parser.parse_args(arguments)
    names = options.names or list(NAMES)
    for name in names:
        if name not in NAMES:
            parser.error(f"{name} is none of {', '.join(NAMES)}")
    if CALIBRATION_BOXES in names:
        scene, truth = calibration_scene()
        replace_scene(scene, truth, options.into / CALIBRATION_BOXES)
    if STREET in names or STREET_WITH_ERRORS in names:
        make_streets(options.into, names)
    print_sizes(options.into)


def make_streets(into: Path, names: Sequence[str]) -> None:
    """Record the drive once and write it with right and with wrong labels."""
    drive = StreetDrive()
    frames = []
    for frame in drive.frames():
        frames.append(frame)
        print(
            f"frame {frame.key}: {len(frame.sweep.xyz)} points, {len(frame.truth.cuboids)} labels"
        )
    labels = [frame.truth for frame in frames]
    keys = [frame.key for frame in frames]
    stage = StreetStage(drive.road)
    detections = Detector(stage, np.random.default_rng([SEED, 5])).run(labels, keys)
    planted = plant_errors(labels, keys, stage, np.random.default_rng([SEED, 6]))
    for name, what, scene_labels, errors in (
        (STREET, "Synthetic drive with exact labels", labels, []),
        (STREET_WITH_ERRORS, "The street drive with planted label errors", planted.frames,
         planted.entries),
    ):  # fmt: skip
        if name in names:
            scene = scene_of(name, what, drive, frames, scene_labels, detections.frames)
            truth = street_truth(drive, frames)
            truth["predictions"] = {LABEL_SET_ID: detections.truth()}
            truth["planted_errors"] = errors
            replace_scene(scene, truth, into / name)


def street_truth(drive: StreetDrive, frames: Sequence[RecordedFrame]) -> dict[str, Any]:
    """Return what is known about the drive beside its labels."""
    return {
        "schema": "sightline-truth",
        "version": 1,
        "seed": drive.seed,
        "objects": [
            {
                "track_id": user.track_id,
                "class": user.class_name,
                "size": list(user.size_m),
                "state": user.state,
                "labelled_frames": sum(
                    any(row.track_id == user.track_id for row in frame.truth.cuboids)
                    for frame in frames
                ),
            }
            for user in drive.users
        ],
    }


def replace_scene(scene: Scene, truth: dict[str, Any], folder: Path) -> None:
    """Write a scene with its truth file, then put it in the place of the old one."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as draft:
        fresh = Path(draft) / folder.name
        for problem in write_native_scene(scene, fresh, compress_points=True):
            raise SystemExit(str(problem))
        (fresh / TRUTH_NAME).write_text(readable(truth), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)


def readable(truth: dict[str, Any]) -> str:
    """Return JSON with one entry of each list a line."""
    return _layout(truth, 0) + "\n"


def _layout(value: object, depth: int) -> str:
    inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
    if (
        isinstance(value, dict)
        and any(isinstance(item, (dict, list)) for item in value.values())
        and (depth < 3)
    ):
        rows = [f"{json.dumps(key)}: {_layout(item, depth + 1)}" for key, item in value.items()]
        return "{" + inner + ("," + inner).join(rows) + outer + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        rows = [json.dumps(item) for item in value]
        return "[" + inner + ("," + inner).join(rows) + outer + "]"
    return json.dumps(value)


def print_sizes(into: Path) -> None:
    """Print how much each scene holds."""
    total = 0
    for name in NAMES:
        folder = into / name
        for part in (folder / "points", folder / "images", folder / "labels"):
            size = sum(path.stat().st_size for path in part.rglob("*") if path.is_file())
            print(f"{name + '/' + part.name:40s} {size / 1e6:8.2f} MB")
        total += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{'all scenes':40s} {total / 1e6:8.2f} MB")


if __name__ == "__main__":
    main()
