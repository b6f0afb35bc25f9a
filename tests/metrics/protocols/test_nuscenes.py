"""The nuScenes protocols beside the development kit's figures, and their rules one by one."""

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from metrics.protocols.nuscenes_files import write_dataset, write_results
from metrics.protocols.random_scenes import SCENARIOS, random_scenes
from metrics.protocols.scene_objects import evaluated_scenes

from viewer.metrics.gathering import gather_paths
from viewer.metrics.protocols.expanded_distances import expanded_distances
from viewer.metrics.protocols.nuscenes_detection import NuScenesDetection
from viewer.metrics.protocols.nuscenes_tracking import NuScenesTracking
from viewer.metrics.protocols.similarity import FramePairs
from viewer.progress import JobContext

GOLDENS = Path(__file__).parent / "goldens"
DETECTION = json.loads((GOLDENS / "nuscenes_detection.json").read_text())["scenarios"]
TRACKING = json.loads((GOLDENS / "nuscenes_tracking.json").read_text())["scenarios"]
FROM_FILES = json.loads((GOLDENS / "nuscenes_from_files.json").read_text())["scenarios"]
ERRORS = {
    "ATE": "trans_err",
    "ASE": "scale_err",
    "AOE": "orient_err",
    "AVE": "vel_err",
    "AAE": "attr_err",
}
CLOSE = {"rel": 1e-9, "abs": 1e-9}


def detect(scenes, **settings):
    return NuScenesDetection().evaluate(*evaluated_scenes(scenes), settings, JobContext())


def track(scenes, **settings):
    return NuScenesTracking().evaluate(*evaluated_scenes(scenes), settings, JobContext())


@pytest.mark.parametrize("name", SCENARIOS)
def test_detection_equals_the_development_kit(name):
    assert_detection(detect(SCENARIOS[name]()).results, DETECTION[name])


def assert_detection(found, expected):
    for class_name, aps in expected["label_aps"].items():
        for limit, ap in aps.items():
            assert found[class_name][f"AP@{float(limit):g}"] == pytest.approx(ap, **CLOSE)
        for ours, theirs in ERRORS.items():
            error = expected["label_tp_errors"][class_name][theirs]
            assert found[class_name][ours] == (
                None if error is None else pytest.approx(error, **CLOSE)
            ), (class_name, ours)
    assert found["all"]["mAP"] == pytest.approx(expected["mean_ap"], **CLOSE)
    assert found["all"]["NDS"] == pytest.approx(expected["nd_score"], **CLOSE)
    for ours, theirs in ERRORS.items():
        assert found["all"][f"m{ours}"] == pytest.approx(expected["tp_errors"][theirs], **CLOSE)


@pytest.mark.parametrize("name", SCENARIOS)
def test_tracking_equals_the_development_kit(name):
    assert_tracking(track(SCENARIOS[name]()).results, TRACKING[name])


def assert_tracking(found, expected):
    for metric, by_class in expected["label_metrics"].items():
        for class_name, figure in by_class.items():
            ours = found[class_name][metric.upper()]
            assert ours == (None if figure is None else pytest.approx(figure, **CLOSE)), (
                class_name, metric,
            )  # fmt: skip
        overall = expected[metric]
        assert found["all"][metric.upper()] == (
            None if overall is None else pytest.approx(overall, **CLOSE)
        )


@pytest.mark.parametrize("name", FROM_FILES)
def test_tables_and_results_on_disk_equal_the_development_kit(name, tmp_path):
    """With the kit's own velocities, attributes, counts of points, ranges and racks."""
    scenes = SCENARIOS[name]()
    write_dataset(tmp_path / "data", scenes)
    for task, protocol, compare in (
        ("detection", NuScenesDetection, assert_detection),
        ("tracking", NuScenesTracking, assert_tracking),
    ):
        results = write_results(tmp_path / f"{task}.json", scenes, task)
        gathered = gather_paths(tmp_path / "data", results, JobContext())
        predictions = gathered.predictions[0].objects(despite_problems=False)
        evaluation = protocol().evaluate(gathered.labels, predictions, {}, JobContext())
        compare(evaluation.results, FROM_FILES[name][task])


def test_the_goldens_say_something():
    values = [each["nd_score"] for each in DETECTION.values()]
    assert len(set(values)) > 15
    assert max(values) > 0.1
    assert max(each["amota"] or 0 for each in TRACKING.values()) > 0.2
    assert max(each["ids"] or 0 for each in TRACKING.values()) > 10
    assert max(each["frag"] or 0 for each in TRACKING.values()) > 5


def test_counts_of_tracking_are_whole_numbers():
    found = track(random_scenes(0)).results
    for name in ("TP", "FP", "FN", "IDS", "FRAG", "MT", "ML"):
        assert type(found["all"][name]) is int
        assert all(type(each[name]) in (int, type(None)) for each in found.values())


def test_results_are_json():
    for evaluation in (detect(random_scenes(1)), track(random_scenes(1))):
        text = json.dumps(
            {"s": dict(evaluation.settings), "r": evaluation.results}, allow_nan=False
        )
        assert "AP" in text or "AMOTA" in text


def test_the_published_score_of_the_unit_test():
    root = Path(os.environ.get("SIGHTLINE_REAL_DATA", "")) / "eval" / "nuscenes_devkit_mock"
    if not root.is_dir():
        pytest.skip("needs SIGHTLINE_REAL_DATA")
    gathered = gather_paths(root / "gt.json", root / "pred.json", JobContext())
    predictions = gathered.predictions[0].objects(despite_problems=False)
    evaluation = NuScenesDetection().evaluate(
        gathered.labels, predictions, {"dist_ths": [2.0]}, JobContext()
    )
    assert evaluation.results["all"]["NDS"] == pytest.approx(0.08606662159639042, abs=1e-12)
    expected = json.loads((root / "expected.json").read_text())
    standard = expected["expected_standard_thresholds_0.5_1_2_4"]
    found = NuScenesDetection().evaluate(gathered.labels, predictions, {}, JobContext()).results
    assert found["all"]["NDS"] == pytest.approx(standard["nd_score"], abs=1e-12)
    for name, aps in standard["label_aps"].items():
        for limit, ap in aps.items():
            assert found[name][f"AP@{float(limit):g}"] == pytest.approx(ap, abs=1e-12)


def test_one_perfect_prediction_by_hand():
    """AP is 1, and the one matched pair has every error at every recall."""
    scenes = random_scenes(0, scene_count=1, frame_count=1, track_count=0, classes=("car",))
    label = {
        "name": "car", "translation": [3.0, 4.0, 0.0], "size": [2.0, 4.0, 1.5],
        "rotation": [1.0, 0.0, 0.0, 0.0], "velocity": [1.0, 0.0], "attribute": "vehicle.moving",
        "num_pts": 3, "track": "a", "score": -1.0,
    }  # fmt: skip
    turned = {"rotation": [math.cos(0.1), 0.0, 0.0, math.sin(0.1)], "track": "b", "score": 0.5}
    wrong = {"velocity": [1.0, 2.0], "attribute": "vehicle.parked", "size": [1.0, 4.0, 1.5]}
    frame = scenes[0]["frames"][0]
    frame["labels"], frame["predictions"] = [label], [label | turned | wrong]
    frame["predictions"][0]["translation"] = [3.0, 4.4, 9.0]
    car = detect(scenes).results["car"]
    assert car["AP"] == pytest.approx(1.0)
    assert [car[name] for name in ERRORS] == pytest.approx([0.4, 0.5, 0.2, 2.0, 1.0])


def test_perfect_tracks_by_hand():
    """Recall stays below 1 by nothing; distances are those of an expanded square, nearly 0."""
    scenes = random_scenes(6, classes=("car",), spread_m=20)
    for scene in scenes:
        for frame in scene["frames"]:
            for box in frame["labels"]:
                box["num_pts"] = 5
            frame["predictions"] = [box | {"score": 0.7} for box in frame["labels"]]
    car = track(scenes).results["car"]
    assert car["AMOTA"] == car["MOTA"] == car["MOTAR"] == car["RECALL"] == 1.0
    assert (car["IDS"], car["FP"], car["FN"], car["ML"]) == (0, 0, 0, 0)
    assert car["AMOTP"] == pytest.approx(0.0, abs=1e-5)
    assert car["TID"] == car["LGD"] == 0.0


def test_distances_by_the_expanded_square_are_distances():
    rng = np.random.default_rng(0)
    sides, offsets = [], []
    for _ in range(2):
        counts = rng.integers(0, 5, 30)
        sides.append(rng.uniform(-50, 50, (counts.sum(), 2)))
        offsets.append(np.concatenate([[0], np.cumsum(counts)]))
    pairs = [
        (row, column)
        for frame in range(30)
        for row in range(*offsets[0][frame : frame + 2])
        for column in range(*offsets[1][frame : frame + 2])
        if rng.random() < 0.7
    ]
    rows, columns = np.array(pairs).T
    starts = np.searchsorted(rows, offsets[0])
    found = expanded_distances(
        sides[0], offsets[0], sides[1], offsets[1],
        FramePairs(rows, columns, starts, np.empty(len(rows))),
    )  # fmt: skip
    expected = np.linalg.norm(sides[0][rows] - sides[1][columns], axis=1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_classes_of_other_data_are_evaluated_as_they_are():
    scenes = random_scenes(2, classes=("lorry", "dog"))
    evaluation = detect(scenes)
    assert {"lorry", "dog", "all"} == set(evaluation.results)
    assert any("None of the benchmark's classes occurs" in line for line in evaluation.lacks)
    renamed = detect(scenes, classes={"lorry": "truck"})
    assert renamed.results["truck"]["AP"] == pytest.approx(evaluation.results["lorry"]["AP"])
    assert any("'dog'" in line for line in renamed.lacks)


def test_categories_of_the_tables_become_classes():
    scenes = random_scenes(3, classes=("car",))
    expected = detect(scenes).results["car"]
    for scene in scenes:
        for frame in scene["frames"]:
            for box in frame["labels"]:
                box["name"] = "vehicle.car"
    assert detect(scenes).results["car"] == expected


def test_what_the_data_lack_is_told():
    labels, predictions = evaluated_scenes(random_scenes(1), with_ego=False)
    lacks = NuScenesDetection().evaluate(labels, predictions, {}, JobContext()).lacks
    assert any("The vehicle's place is not known" in line for line in lacks)


def test_filters_can_be_turned_off():
    scenes = SCENARIOS["all_out_of_range"]()
    assert detect(scenes).results["all"]["mAP"] == 0.0
    assert detect(scenes, filter_range=False).results["all"]["mAP"] > 0.1


def test_too_many_predictions_in_a_frame_are_refused():
    with pytest.raises(ValueError, match=r"frame s\d+f\d+ has \d+ predictions"):
        detect(random_scenes(0), max_boxes_per_sample=2)


def test_unknown_settings_are_refused():
    with pytest.raises(ValueError, match="dist_th_tp"):
        detect(random_scenes(0), dist=3)


def test_predictions_of_a_frame_do_not_depend_on_other_frames_order():
    """Shuffling boxes of different scores within their frames changes nothing."""
    scenes = random_scenes(5)
    scores = iter(np.random.default_rng(0).permutation(10_000) / 10_000)
    for scene in scenes:
        for frame in scene["frames"]:
            for box in frame["predictions"]:
                box["score"] = float(next(scores))
    before = detect(scenes).results
    for scene in scenes:
        for frame in scene["frames"]:
            frame["predictions"].reverse()
    assert detect(scenes).results == before
