"""CLEAR, IDF1 and HOTA beside TrackEval's and py-motmetrics' figures, and their rules."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from metrics.protocols.random_kitti import FRAMES, row, write_sequences
from metrics.protocols.random_scenes import SCENARIOS, doubled_tracks, random_scenes
from metrics.protocols.scene_objects import evaluated_scenes
from scipy.optimize import linear_sum_assignment

from viewer.metrics.gathering import gather_paths
from viewer.metrics.protocols.assignment_kernels import assign
from viewer.metrics.protocols.clear import Clear
from viewer.metrics.protocols.hota import Hota
from viewer.progress import JobContext

GOLDENS = Path(__file__).parent / "goldens"
TRACKEVAL = json.loads((GOLDENS / "trackeval.json").read_text())["scenarios"]
KITTI = json.loads((GOLDENS / "trackeval_kitti.json").read_text())["scenarios"]
MOTMETRICS = json.loads((GOLDENS / "motmetrics.json").read_text())["scenarios"]
BY_DISTANCE = {"similarity": "distance_3d", "zero_distance_m": 2.0}
CLOSE = {"rel": 1e-9, "abs": 1e-9}


def evaluate(protocol, sides, **settings):
    return protocol().evaluate(*sides, settings, JobContext())


def assert_equal(found, expected):
    for name, figure in expected.items():
        assert found[name] == (None if figure is None else pytest.approx(figure, **CLOSE)), name


@pytest.mark.parametrize("name", TRACKEVAL)
def test_hota_and_clear_equal_trackeval(name):
    sides = evaluated_scenes(SCENARIOS[name]())
    classes = [each for each in TRACKEVAL[name] if each != "all"]
    found = {
        protocol: evaluate(protocol, sides, classes=classes, **BY_DISTANCE).results
        for protocol in (Hota, Clear)
    }
    for class_name, expected in TRACKEVAL[name].items():
        if class_name == "all" and len(classes) == 1:
            continue
        assert_equal(found[Hota][class_name] | found[Clear][class_name], expected)


@pytest.mark.parametrize("name", MOTMETRICS)
def test_clear_equals_py_motmetrics(name):
    sides = evaluated_scenes(SCENARIOS[name]())
    classes = list(MOTMETRICS[name])
    settings = {"classes": classes, "counting": "motmetrics", **BY_DISTANCE}
    found = evaluate(Clear, sides, **settings).results
    for class_name, expected in MOTMETRICS[name].items():
        assert_equal(found[class_name], expected)


def kitti_sides(root, **options):
    found = gather_paths(root / "label_02", root / "tracks" / "data", JobContext(), **options)
    return found.labels, found.predictions[0].objects(despite_problems=True)


def test_kittis_rules_equal_trackeval(tmp_path):
    write_sequences(tmp_path / "kitti")
    sides = kitti_sides(tmp_path / "kitti")
    found = {protocol: evaluate(protocol, sides) for protocol in (Hota, Clear)}
    assert found[Clear].settings["rules"] == "kitti"
    for class_name, expected in KITTI["random"].items():
        ours = class_name if class_name == "all" else class_name.capitalize()
        assert_equal(found[Hota].results[ours] | found[Clear].results[ours], expected)


def test_the_goldens_say_something():
    switches = [each.get("all", {}).get("IDSW", 0) for each in TRACKEVAL.values()]
    assert max(switches) > 10
    assert len({each["all"]["HOTA"] for each in TRACKEVAL.values()}) > 15
    car = KITTI["random"]["car"]
    assert min(car["CLR_TP"], car["CLR_FP"], car["CLR_FN"], car["IDSW"], car["Frag"]) > 0


def test_the_published_figures_of_kitti_tracking():
    root = Path(os.environ.get("SIGHTLINE_REAL_DATA", "")) / "eval" / "kitti_tracking"
    if not root.is_dir():
        pytest.skip("needs SIGHTLINE_REAL_DATA")
    published = json.loads((root / "expected_tracking.json").read_text())
    gathered = gather_paths(root / "label_02", root / "pred", JobContext())
    sides = gathered.labels, gathered.predictions[0].objects(despite_problems=False)
    expected = published["trackeval_2d"]["combined"]
    car = {
        **evaluate(Hota, sides).results["Car"],
        **evaluate(Clear, sides).results["Car"],
    }
    for group in expected.values():
        for name, figure in group.items():
            assert car[name] == pytest.approx(figure, abs=1e-6), name
    for title, by_sequence in published["motmetrics_3d"]["per_sequence_and_overall"].items():
        for sequence, figures in by_sequence.items():
            own = published["sequences"] if sequence == "OVERALL" else [sequence]
            part = gather_paths(root / "label_02", root / "pred", JobContext(), sequences=own)
            settings = {
                "similarity": "iou_3d", "counting": "motmetrics", "classes": ["Car"],
                "threshold": float(title.removeprefix("3D IoU ")),
            }  # fmt: skip
            pair = part.labels, part.predictions[0].objects(despite_problems=False)
            found = evaluate(Clear, pair, **settings).results["Car"]
            for name, figure in figures.items():
                if name != "num_frames":
                    assert found[name] == pytest.approx(figure, abs=1e-6), (title, sequence, name)


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 7), st.integers(1, 7)),
        elements=st.sampled_from([0.0, -0.5, -1.0, 0.25, 3.0]),
    )
)
def test_assignment_is_scipys_even_of_ties(cost):
    """Equal costs on purpose: figures rest on which of the best assignments is taken."""
    columns = np.empty(8, np.int64)
    assign(cost, columns, np.empty((3, 8)), np.empty((5, 8), np.int64))
    rows, expected = linear_sum_assignment(cost)
    found = columns[: len(cost)]
    assert np.flatnonzero(found >= 0).tolist() == rows.tolist()
    assert found[rows].tolist() == expected.tolist()


def test_a_track_twice_in_a_frame_is_left_out_and_told_of():
    sides = evaluated_scenes(doubled_tracks())
    evaluation = evaluate(Clear, sides, **BY_DISTANCE)
    assert any("their track has another one in the same frame" in line for line in evaluation.lacks)
    car = evaluation.results["car"]
    assert car["CLR_TP"] + car["CLR_FP"] == car["Dets"]


def test_tracks_of_different_scenes_are_different():
    """The same id in two scenes is no switch."""
    scenes = random_scenes(1, scene_count=2, classes=("car",))
    for scene in scenes:
        for number, frame in enumerate(scene["frames"]):
            box = frame["labels"][0] if frame["labels"] else None
            frame["labels"] = [box | {"track": "one"}] if box else []
            guess = {"track": f"guess of {scene['name']}", "score": 0.5}
            frame["predictions"] = [box | guess] if box and number % 3 else []
    found = evaluate(Clear, evaluated_scenes(scenes), **BY_DISTANCE).results["car"]
    assert found["IDSW"] == 0
    assert found["GT_IDs"] == 2


def test_objects_without_tracks_count_as_tracks_of_one_frame():
    labels, predictions = evaluated_scenes(random_scenes(2))
    bare = type(labels)(
        **{
            name: getattr(predictions, name)
            for name in predictions.__slots__
            if name not in ("track_rows", "track_ids")
        }
    )
    evaluation = evaluate(Hota, (labels, bare), **BY_DISTANCE)
    assert any("The predictions have no track" in line for line in evaluation.lacks)
    assert evaluation.results["all"]["IDs"] == evaluation.results["all"]["Dets"]


def test_perfect_predictions_by_hand():
    labels, _ = evaluated_scenes(random_scenes(3))
    for similarity in ("iou_3d", "iou_bev", "distance_3d", "distance_bev"):
        settings = {"similarity": similarity}
        hota = evaluate(Hota, (labels, labels), **settings).results["all"]
        clear = evaluate(Clear, (labels, labels), **settings).results["all"]
        assert hota["HOTA"] == pytest.approx(1.0)
        assert clear["MOTA"] == clear["IDF1"] == 1.0
        assert clear["IDSW"] == clear["CLR_FP"] == 0


def test_one_switch_by_hand():
    """Four frames, the second half under another id: MOTA (4 - 1) / 4, IDF1 2 / 4."""
    scenes = random_scenes(0, scene_count=1, frame_count=4, track_count=0)
    box = {
        "name": "car", "translation": [1.0, 2.0, 0.0], "size": [2.0, 4.0, 1.5], "num_pts": 3,
        "rotation": [1.0, 0.0, 0.0, 0.0], "velocity": [0.0, 0.0], "score": 0.5, "attribute": "",
    }  # fmt: skip
    for number, frame in enumerate(scenes[0]["frames"]):
        frame["labels"] = [box | {"track": "label"}]
        frame["predictions"] = [box | {"track": "first" if number < 2 else "second"}]
    sides = evaluated_scenes(scenes)
    clear = evaluate(Clear, sides).results["car"]
    assert (clear["MOTA"], clear["IDSW"], clear["IDF1"]) == (0.75, 1, 0.5)
    # Each pair of tracks shares 2 of 4 frames: AssA = 2 / 4, DetA = 1.
    assert evaluate(Hota, sides).results["car"]["HOTA"] == pytest.approx(np.sqrt(0.5))


def test_kitti_rules_one_by_one(tmp_path):
    """A Van, a truncated and a hidden Car forgive; low boxes and those in DontCare do not count."""
    root = tmp_path / "kitti"
    (root / "label_02").mkdir(parents=True)
    (root / "tracks" / "data").mkdir(parents=True)
    boxes = [(100 * place, 100, 100 * place + 80, 160) for place in range(9)]
    labels = [
        row(0, 1, "Car", boxes[0]),
        row(0, 2, "Van", boxes[1]),
        row(0, 3, "Car", boxes[2], truncated=1),
        row(0, 4, "Car", boxes[3], occluded=3),
        row(0, -1, "DontCare", boxes[4], truncated=-1, occluded=-1),
    ]
    low = (*boxes[5][:3], 125)
    seen = [*boxes[:5], low, boxes[6]]
    tracks = [row(0, number, "Car", box, score=0.5) for number, box in enumerate(seen)]
    (root / "label_02" / "0000.txt").write_text("\n".join(labels) + "\n")
    (root / "tracks" / "data" / "0000.txt").write_text("\n".join(tracks) + "\n")
    car = evaluate(Clear, kitti_sides(root)).results["Car"]
    assert (car["CLR_TP"], car["CLR_FP"], car["CLR_FN"]) == (1, 1, 0)
    plain = evaluate(Clear, kitti_sides(root), rules="none", similarity="iou_2d").results["Car"]
    assert (plain["CLR_TP"], plain["CLR_FP"], plain["CLR_FN"]) == (3, 4, 0)


def test_tracks_without_2d_boxes_are_compared_in_space(tmp_path):
    root = tmp_path / "kitti"
    (root / "label_02").mkdir(parents=True)
    (root / "tracks" / "data").mkdir(parents=True)
    label = row(0, 1, "Car", (100, 100, 180, 160))
    (root / "label_02" / "0000.txt").write_text(label + "\n")
    flat = "100 100 180 160"
    assert flat in label
    bare = label.replace(flat, "-1 -1 -1 -1") + " 0.5"
    (root / "tracks" / "data" / "0000.txt").write_text(bare + "\n")
    evaluation = evaluate(Clear, kitti_sides(root))
    assert (evaluation.settings["similarity"], evaluation.settings["rules"]) == ("iou_3d", "none")
    assert evaluation.results["Car"]["CLR_TP"] == 1


def test_kittis_rules_need_tracks_on_both_sides(tmp_path):
    """Objects of KITTI's object benchmark have none: each is a track of one frame."""
    write_sequences(tmp_path / "kitti")
    labels, predictions = kitti_sides(tmp_path / "kitti")
    alone = np.full(len(predictions), -1)
    bare = replace(predictions, track_rows=alone)
    evaluation = evaluate(Clear, (labels, bare))
    assert evaluation.settings["rules"] == "none"
    assert evaluation.results["Car"]["CLR_TP"] > 0
    forced = evaluate(Clear, (labels, bare), rules="kitti", similarity="iou_2d")
    assert forced.results["Car"]["CLR_TP"] == 0
    assert any("KITTI's rules leave them out" in line for line in forced.lacks)


def test_a_class_that_nobody_predicts_is_told_of():
    labels, predictions = evaluated_scenes(SCENARIOS["empty_classes"]())
    cars = predictions.class_rows == predictions.class_names.index("car")
    lacks = evaluate(Hota, (labels, predictions.select(cars)), **BY_DISTANCE).lacks
    assert any("No prediction is of class bus" in line for line in lacks)


def test_frames_of_kitti_are_those_of_the_listing(tmp_path):
    names = write_sequences(tmp_path / "kitti")
    labels, _ = kitti_sides(tmp_path / "kitti")
    assert len(labels.frames) <= FRAMES * len(names)
    assert len(labels.frames.scene_ids) == len(names)
