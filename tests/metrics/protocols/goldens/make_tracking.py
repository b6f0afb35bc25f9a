"""Asks TrackEval and py-motmetrics: writes trackeval.json, trackeval_kitti.json, motmetrics.json.

python -m venv reference && reference/bin/pip install trackeval==1.3.0 motmetrics==1.4.0
reference/bin/python tests/metrics/protocols/goldens/make_tracking.py
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
PACKAGES = ("trackeval", "motmetrics", "numpy", "pandas", "scipy")
CLASSES = ("car", "pedestrian", "truck", "bicycle")
ZERO_DISTANCE_M = 2.0
LEFT_OUT = ("doubled_tracks",)
"""TrackEval refuses a track that is twice in a frame."""


def similarity(labels, predictions):
    a = np.array([box["translation"] for box in labels]).reshape(-1, 1, 3)
    b = np.array([box["translation"] for box in predictions]).reshape(1, -1, 3)
    return np.maximum(0, 1 - np.linalg.norm(a - b, axis=2) / ZERO_DISTANCE_M)


def numbered(by_frame):
    """Ids of each frame as numbers, and how many there are."""
    numbers = {}
    ids = [
        np.array([numbers.setdefault(box["track"], len(numbers)) for box in boxes], dtype=int)
        for boxes in by_frame
    ]
    return ids, len(numbers)


def sides(scene, name):
    return [
        [[box for box in frame[side] if box["name"] == name] for frame in scene["frames"]]
        for side in ("labels", "predictions")
    ]


def trackeval_sequence(scene, name):
    labels, predictions = sides(scene, name)
    data = {"num_timesteps": len(scene["frames"])}
    data["gt_ids"], data["num_gt_ids"] = numbered(labels)
    data["tracker_ids"], data["num_tracker_ids"] = numbered(predictions)
    data["num_gt_dets"] = sum(map(len, labels))
    data["num_tracker_dets"] = sum(map(len, predictions))
    data["similarity_scores"] = list(map(similarity, labels, predictions))
    return data


def trackeval_metrics():
    from trackeval.metrics import CLEAR, HOTA, Identity

    quiet = {"PRINT_CONFIG": False}
    return {"HOTA": HOTA(), "CLEAR": CLEAR(quiet), "Identity": Identity(quiet)}


def combined(metrics, sequences):
    """Figures over all sequences by group, and what combines with other classes."""
    return {
        group: metric.combine_sequences(
            {name: metric.eval_sequence(data) for name, data in sequences.items()}
        )
        for group, metric in metrics.items()
    }


def from_trackeval(scenes, names):
    metrics = trackeval_metrics()
    by_class = {
        name: combined(metrics, {s["name"]: trackeval_sequence(s, name) for s in scenes})
        for name in names
    }
    return together(metrics, by_class)


def together(metrics, by_class):
    overall = {
        group: metric.combine_classes_det_averaged(
            {name: found[group] for name, found in by_class.items()}
        )
        for group, metric in metrics.items()
    }
    return {
        name: plain({**found["HOTA"], **found["CLEAR"], **found["Identity"]})
        for name, found in {**by_class, "all": overall}.items()
    }


def from_trackeval_kitti(root, names):
    from trackeval.datasets import Kitti2DBox

    config = {
        "GT_FOLDER": str(root), "TRACKERS_FOLDER": str(root), "TRACKERS_TO_EVAL": ["tracks"],
        "CLASSES_TO_EVAL": ["car", "pedestrian"], "PRINT_CONFIG": False,
    }  # fmt: skip
    dataset = Kitti2DBox(config)
    metrics = trackeval_metrics()
    by_class = {}
    for name in ("car", "pedestrian"):
        sequences = {
            sequence: dataset.get_preprocessed_seq_data(
                dataset.get_raw_seq_data("tracks", sequence), name
            )
            for sequence in names
        }
        by_class[name] = combined(metrics, sequences)
    return together(metrics, by_class)


def from_motmetrics(scenes, name):
    import motmetrics

    accumulators = []
    for scene in scenes:
        labels, predictions = sides(scene, name)
        accumulator = motmetrics.MOTAccumulator()
        label_ids, tracker_ids = numbered(labels)[0], numbered(predictions)[0]
        for frame, own in enumerate(zip(labels, predictions, strict=True)):
            distances = 1 - similarity(*own)
            distances[distances > 0.5] = np.nan
            accumulator.update(label_ids[frame], tracker_ids[frame], distances, frameid=frame)
        accumulators.append(accumulator)
    host = motmetrics.metrics.create()
    wanted = [
        "num_frames", "mota", "motp", "idf1", "idp", "idr", "num_switches", "num_fragmentations",
        "num_matches", "num_false_positives", "num_misses", "num_objects", "num_predictions",
        "num_unique_objects", "mostly_tracked", "partially_tracked", "mostly_lost", "precision",
        "recall",
    ]  # fmt: skip
    table = host.compute_many(
        accumulators, names=[s["name"] for s in scenes], metrics=wanted, generate_overall=True
    )
    figures = table.loc["OVERALL"].to_dict()
    # A scene without any match has no motp, and makes that of all NaN: it is left out instead.
    each = table.drop("OVERALL")
    hits = each["num_matches"] + each["num_switches"]
    figures["motp"] = (each["motp"] * hits).sum() / hits.sum() if hits.sum() else np.nan
    return plain(figures)


def plain(figures):
    found = {}
    for name, value in figures.items():
        number = float(np.mean(value))
        found[name] = (
            None if not np.isfinite(number) else int(number) if number.is_integer() else number
        )
    return found


def occurring(scenes):
    there = {
        box["name"]
        for scene in scenes
        for frame in scene["frames"]
        for side in ("labels", "predictions")
        for box in frame[side]
    }
    return [name for name in CLASSES if name in there]


def write(name, scenarios):
    document = {"versions": {each: version(each) for each in PACKAGES}, "scenarios": scenarios}
    (HERE / f"{name}.json").write_text(json.dumps(document, separators=(",", ":")))


def main():
    # The packages are in the reference's environment, and the scenes' module beside the tests.
    sys.path.insert(0, str(HERE.parent))
    from random_kitti import write_sequences
    from random_scenes import SCENARIOS

    warnings.simplefilter("ignore")
    made = {name: make() for name, make in SCENARIOS.items() if name not in LEFT_OUT}
    made = {name: scenes for name, scenes in made.items() if occurring(scenes)}
    with contextlib.redirect_stdout(io.StringIO()):
        write(
            "trackeval",
            {name: from_trackeval(scenes, occurring(scenes)) for name, scenes in made.items()},
        )
        write(
            "motmetrics",
            {
                name: {each: from_motmetrics(scenes, each) for each in occurring(scenes)}
                for name, scenes in made.items()
            },
        )
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "kitti"
            names = write_sequences(root)
            write("trackeval_kitti", {"random": from_trackeval_kitti(root, names)})


if __name__ == "__main__":
    main()
