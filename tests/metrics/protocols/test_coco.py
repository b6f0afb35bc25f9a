"""COCO's protocol beside the figures of its package."""

import json
from pathlib import Path

import numpy as np
import pytest
from metrics.protocols.evaluated import frames_of, objects_of

from viewer.metrics.objects import KEYPOINTS_PX, MASKS
from viewer.metrics.protocols.coco import ALL, CocoProtocol
from viewer.metrics.protocols.coco_overlaps import AREAS_PX
from viewer.progress import JobContext
from viewer.scene.masks import InstanceMask, RunLengths

GOLDENS = json.loads((Path(__file__).parent / "goldens/coco.json").read_text("utf-8"))


def side(frames, rows, **columns):
    def corners(box):
        return [box[0], box[1], box[0] + box[2], box[1] + box[3]]

    def mask(row):
        pixels = np.array([[pixel == "1" for pixel in line] for line in row["mask"]])
        return InstanceMask("camera", "", row["name"], RunLengths.of(pixels))

    order = np.argsort([row["image"] for row in rows], kind="stable")
    extras = columns.pop("extras", {})
    if any("mask" in row for row in rows):
        extras[MASKS] = [mask(rows[row]) for row in order]
    if any("keypoints" in row for row in rows):
        extras[KEYPOINTS_PX] = [np.array(rows[row]["keypoints"], dtype=float) for row in order]
    boxes = [corners(row["box"]) if "box" in row else [np.nan] * 4 for row in rows]
    return objects_of(
        frames,
        [row["image"] for row in rows],
        [row["name"] for row in rows],
        boxes_px=np.array(boxes, dtype=float).reshape(-1, 4),
        cameras=["camera"] * len(rows),
        extras={
            name: values if name != AREAS_PX else values[order] for name, values in extras.items()
        },
        **columns,
    )


def sides(labels, predictions):
    frames = frames_of([("a", image) for image in range(30)])
    areas = np.array([row["area"] for row in labels], dtype=float)
    crowds = np.array([row["crowd"] for row in labels], dtype=bool)
    return (
        side(frames, labels, is_crowd=crowds, extras={AREAS_PX: areas}),
        side(frames, predictions, scores=[row["score"] for row in predictions]),
    )


def evaluate(labels, predictions, **settings):
    return CocoProtocol().evaluate(*sides(labels, predictions), settings, JobContext())


@pytest.mark.parametrize("case", GOLDENS["cases"], ids=lambda case: case["case"])
def test_figures_of_the_package(case):
    settings = {"measure": case["measure"], "classes": GOLDENS["classes"]}
    found = evaluate(case["labels"], case["predictions"], **settings).results
    ours = {name: found[ALL][name] for name in case["expected"]}
    assert ours == pytest.approx(case["expected"], abs=1e-9)
    each = {name: found[name]["AP"] for name in GOLDENS["classes"]}
    assert each == pytest.approx(case["expected_ap"], abs=1e-9)


def label(box, image=0, name="car"):
    return {"image": image, "name": name, "box": box, "area": box[2] * box[3], "crowd": False}


def test_an_image_is_one_camera_of_a_frame():
    from dataclasses import replace

    labels, predictions = sides([label([0, 0, 9, 9])], [{**label([0, 0, 9, 9]), "score": 0.5}])
    found = CocoProtocol().evaluate(labels, predictions, {}, JobContext())
    assert found.results["car"]["AP"] == pytest.approx(1)
    elsewhere = replace(predictions, cameras=["another"])
    found = CocoProtocol().evaluate(labels, elsewhere, {}, JobContext())
    assert found.results["car"]["AP"] == 0


def test_without_boxes_nothing_is_said_to_be_found():
    from dataclasses import replace

    labels, predictions = sides([label([0, 0, 9, 9])], [{**label([0, 0, 9, 9]), "score": 0.5}])
    found = CocoProtocol().evaluate(
        replace(labels, boxes_px=None), replace(predictions, boxes_px=None), {}, JobContext()
    )
    assert found.results[ALL]["AP"] is None
    assert "1 labels without 2D box take no part." in found.lacks


def test_predictions_of_another_kind_are_no_misses():
    from dataclasses import replace

    labels, predictions = sides([label([0, 0, 9, 9])], [{**label([0, 0, 9, 9]), "score": 0.5}])
    found = CocoProtocol().evaluate(labels, replace(predictions, boxes_px=None), {}, JobContext())
    assert found.results["car"]["AP"] is None
    labels, predictions = sides([label([0, 0, 9, 9])], [])
    found = CocoProtocol().evaluate(labels, predictions, {}, JobContext())
    assert found.results["car"]["AP"] == 0


def test_settings_are_checked():
    with pytest.raises(ValueError, match="do not ascend"):
        evaluate([], [], thresholds=[0.5, 0.5])
