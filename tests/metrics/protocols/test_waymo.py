"""Waymo's protocol beside its published tests, and beside its definition taken literally."""

import json
from pathlib import Path

import numpy as np
import pytest
from metrics.protocols.evaluated import frames_of, objects_of
from scipy.optimize import linear_sum_assignment

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.overlap import iou_3d
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.metrics.protocols.waymo import WaymoProtocol, _average_precision
from viewer.progress import JobContext

GOLDENS = json.loads((Path(__file__).parent / "goldens/waymo.json").read_text("utf-8"))
VEHICLE, PEDESTRIAN = "TYPE_VEHICLE", "TYPE_PEDESTRIAN"


def box(name, *, frame=0, overlap=1.0, place=(0, 0, 0), yaw=0.0, size=None, score=None, points=9):
    """As the published tests: an overlap with a box 100 m long is had by its length."""
    size = size or (overlap * 100, 1, 1)
    return {
        "frame": frame, "name": name, "place": place, "yaw": yaw, "size": size, "score": score,
        "points": points,
    }  # fmt: skip


def side(rows, frames=2):
    return objects_of(
        frames_of([("a", index) for index in range(frames)]),
        [row["frame"] for row in rows],
        [row["name"] for row in rows],
        centers=[row["place"] for row in rows],
        sizes=[row["size"] for row in rows],
        rotations=[quaternion_from_yaw(row["yaw"]) for row in rows],
        scores=[np.nan if row["score"] is None else row["score"] for row in rows],
        point_counts=np.array([row["points"] for row in rows], dtype=np.int64),
    )


def evaluate(labels, predictions, frames=2, **settings):
    return WaymoProtocol().evaluate(
        side(labels, frames), side(predictions, frames), settings, JobContext()
    )


@pytest.mark.parametrize("case", GOLDENS["cases"], ids=lambda case: case["case"])
def test_figures_of_the_package(case):
    def row(values, **rest):
        frame, name, *numbers = values[:9]
        place, size, yaw = numbers[:3], numbers[3:6], numbers[6]
        return box(name, frame=frame, place=place, size=size, yaw=yaw, **rest)

    labels = [row(values, points=values[9]) for values in case["labels"]]
    predictions = [row(values, score=values[9]) for values in case["predictions"]]
    found = evaluate(labels, predictions, 101).results
    compared = 0
    for title, expected in case["expected"].items():
        # Such as OBJECT_TYPE_TYPE_SIGN_LEVEL_1 and RANGE_TYPE_SIGN_[0, 30)_LEVEL_1.
        name, _, rest = (
            title.removeprefix("OBJECT_TYPE_").removeprefix("RANGE_").rpartition("_LEVEL")
        )
        level = f"LEVEL{rest}"
        name, _, band = name.partition("_[")
        figures = found.get(name)
        if figures is None:
            assert expected == [0, 0]
            continue
        figures = figures["ranges"][f"[{band}"] if band else figures
        # The package sums floats of 32 bits.
        assert list(figures[level].values()) == pytest.approx(expected, abs=2e-6), title
        compared += 1
    assert compared >= 8


def test_one_shard_of_the_published_tests():
    labels = [box(VEHICLE, frame=frame) for frame in range(2)]
    predictions = [
        box(VEHICLE, frame=frame, overlap=overlap, score=score)
        for frame in range(2)
        for overlap, score in ((0.9, 0.0), (0.6, 0.5))
    ]
    found = evaluate(
        labels, predictions, score_cutoffs=[0, 0.5, 1], min_overlaps={VEHICLE: 0.5}
    ).results[VEHICLE]
    assert found["LEVEL_2"] == pytest.approx({"AP": 1, "APH": 1})


@pytest.mark.parametrize(
    ("precisions", "recalls", "step", "expected"),
    [
        ([0.1], [0.2], 0.05, 0.2 * 0.1),
        ([0.1, 0.05], [0.2, 1.0], 0.05, 0.05 * 0.8 + 0.1 * 0.2 + 0.05 * 0.5 * 0.05),
        ([0.1, 0.05], [0.2, 1.0], 1.0, 0.2 * 0.1 + 0.5 * 0.15 * 0.8),
        ([0.1, 0.0, 0.05], [0.2, 0.4, 1.0], 0.05, 0.05 * 0.8 + 0.1 * 0.2 + 0.05 * 0.5 * 0.05),
    ],
)
def test_areas_of_the_published_tests(precisions, recalls, step, expected):
    found = _average_precision(np.array(precisions), np.array(recalls), step)
    assert found == pytest.approx(expected, abs=1e-9)


def test_a_missed_label_of_level_2_is_no_miss_at_level_1_and_a_found_one_counts_at_both():
    easy, hard = box(VEHICLE), box(VEHICLE, place=(500, 0, 0), points=5)
    one = box(VEHICLE, score=0.9)
    found = evaluate([easy, hard], [one]).results[VEHICLE]
    assert found["LEVEL_1"]["AP"] == pytest.approx(1)
    assert found["LEVEL_2"]["AP"] == pytest.approx(0.5)
    both = [one, box(VEHICLE, place=(500, 0, 0), score=0.9)]
    found = evaluate([easy, hard], both).results[VEHICLE]
    assert found["LEVEL_1"]["AP"] == found["LEVEL_2"]["AP"] == pytest.approx(1)
    unseen = {**hard, "points": 0}
    assert evaluate([easy, unseen], [one]).results[VEHICLE]["LEVEL_2"]["AP"] == pytest.approx(1)


def test_heading_weighs_matches():
    labels = [box(VEHICLE, size=(4, 4, 2))]
    turned = [box(VEHICLE, size=(4, 4, 2), yaw=np.pi / 2, score=0.5)]
    found = evaluate(labels, turned).results[VEHICLE]["LEVEL_1"]
    assert found == pytest.approx({"AP": 1, "APH": 0.5})


def test_the_greatest_sum_of_overlaps_wins_over_the_greatest_overlap():
    # Of two labels 1 m apart the first prediction suits both, the second only the left one.
    labels = [box(VEHICLE, size=(10, 2, 2), place=(x, 0, 0)) for x in (0.0, 1.0)]
    predictions = [box(VEHICLE, size=(10, 2, 2), place=(x, 0, 0), score=0.9) for x in (0.1, -1.0)]
    found = evaluate(labels, predictions).results[VEHICLE]
    assert found["LEVEL_1"]["AP"] == pytest.approx(1)


def scattered(seed, frames):
    rng = np.random.default_rng(seed)
    labels, predictions = [], []
    for frame in range(frames):
        for _ in range(rng.integers(0, 9)):
            name = (VEHICLE, PEDESTRIAN)[rng.integers(0, 2)]
            place = rng.uniform(-6, 6, 3) * [1, 1, 0.02] + [rng.choice([0, 27, 52]), 0, 0]
            size, yaw = rng.uniform([2, 2, 1], [5, 3, 2]), rng.uniform(-4, 4)
            points = int(rng.integers(0, 12))
            labels.append(
                box(name, frame=frame, place=place, size=tuple(size), yaw=yaw, points=points)
            )
            for _ in range(rng.integers(0, 4)):
                moved = place + rng.normal(0, 0.3, 3) * [1, 1, 0.3]
                turned = yaw + rng.normal(0, 0.2) + np.pi * (rng.random() < 0.1)
                score = round(float(rng.random()), 2)
                predictions.append(
                    box(name, frame=frame, place=moved, size=tuple(size), yaw=turned, score=score)
                )
    return labels, predictions


def literal_figures(labels, predictions, name, frames, threshold, level, band=(0, np.inf)):
    """The definition, cutoff by cutoff and frame by frame, over whole matrices."""
    cutoffs = np.float32([*(row * 0.01 for row in range(100)), 1.0])

    def belongs(row):
        return row["name"] == name and band[0] <= np.linalg.norm(row["place"]) < band[1]

    def cuboids(rows):
        if not rows:
            return Cuboids.empty("ego")
        columns = zip(*((r["place"], r["size"], quaternion_from_yaw(r["yaw"])) for r in rows),
                      strict=True)  # fmt: skip
        return Cuboids(*map(np.array, columns), "ego")

    hits, sums, misses, found = np.zeros((4, len(cutoffs)))
    for frame in range(frames):
        ours = [r for r in labels if r["frame"] == frame and belongs(r) and r["points"] > 0]
        theirs = [r for r in predictions if r["frame"] == frame and belongs(r)]
        overlaps = np.float32(iou_3d(cuboids(theirs), cuboids(ours)))
        for at, cutoff in enumerate(cutoffs):
            kept = np.flatnonzero([np.float32(r["score"]) >= cutoff for r in theirs])
            part = overlaps[kept]
            weights = np.where(part >= np.float32(threshold), np.round(part * 1e6), 0)
            rows, columns = linear_sum_assignment(-weights)
            matched = {j: kept[i] for i, j in zip(rows, columns, strict=True) if weights[i, j] > 0}
            for j, i in matched.items():
                apart = abs(theirs[i]["yaw"] - ours[j]["yaw"]) % (2 * np.pi)
                sums[at] += 1 - min(apart, 2 * np.pi - apart) / np.pi
            hits[at] += len(matched)
            found[at] += len(kept)
            misses[at] += sum(
                j not in matched and (2 if row["points"] <= 5 else 1) <= level
                for j, row in enumerate(ours)
            )
    recalls = np.divide(hits, hits + misses, out=np.zeros(len(hits)), where=hits + misses > 0)
    figures = []
    for values in (hits, sums):
        shares = np.divide(values, found, out=np.zeros(len(hits)), where=found > 0)
        shares[recalls == 0] = 1
        figures.append(_average_precision(shares, recalls, 0.05))
    return figures


@pytest.mark.parametrize("seed", range(4))
def test_the_definition_taken_literally(seed):
    labels, predictions = scattered(seed, 8)
    found = evaluate(labels, predictions, 8).results
    for name, threshold in ((VEHICLE, 0.7), (PEDESTRIAN, 0.5)):
        for level in (1, 2):
            expected = literal_figures(labels, predictions, name, 8, threshold, level)
            ours = list(found[name][f"LEVEL_{level}"].values())
            assert ours == pytest.approx(expected, abs=1e-9), (name, level)
            far = literal_figures(labels, predictions, name, 8, threshold, level, (30, 50))
            ours = list(found[name]["ranges"]["[30, 50)"][f"LEVEL_{level}"].values())
            assert ours == pytest.approx(far, abs=1e-9), (name, level, "far")
    assert 0 < found[VEHICLE]["LEVEL_2"]["APH"] < found[VEHICLE]["LEVEL_2"]["AP"] < 1


def test_scores_are_compared_as_floats_of_32_bits():
    # 0.29 as a double is below 29 * 0.01; as floats they are equal.
    found = evaluate([box(VEHICLE)], [box(VEHICLE, score=0.29), box(VEHICLE, score=0.285)])
    assert found.results[VEHICLE]["LEVEL_1"]["AP"] == pytest.approx(1)


def test_what_is_unknown_is_said():
    from dataclasses import replace

    labels, predictions = side([box("Car")]), side([box("Car", score=0.5)])
    labels = replace(labels, point_counts=None)
    found = WaymoProtocol().evaluate(labels, predictions, {}, JobContext())
    assert found.results["Car"]["LEVEL_1"]["AP"] == pytest.approx(1)
    said = " ".join(found.lacks)
    for part in ("Zones without labels", "None of Waymo's classes", "no count of points"):
        assert part in said
    hard = replace(labels, attributes=[{"detection_difficulty_level": 2}])
    found = WaymoProtocol().evaluate(hard, side([]), {}, JobContext())
    assert found.results["Car"]["LEVEL_1"]["AP"] == 0
