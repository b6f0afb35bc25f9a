"""Writes coco.json: images of objects and the figures of the official package on them.

Run in an environment of its own: ``pip install pycocotools==2.0.11`` (here with numpy 2.4.6), then
``python make_coco.py``.
"""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
from pycocotools import mask as mask_kit
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

CLASSES = ["car", "person", "sign", "absent"]
NAMES = (
    "AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large",
    "AR_1", "AR_10", "AR_100", "AR_small", "AR_medium", "AR_large",
)  # fmt: skip
KEYPOINT_NAMES = (
    "AP", "AP50", "AP75", "AP_medium", "AP_large",
    "AR_20", None, None, "AR_medium", "AR_large",
)  # fmt: skip
SIDE = 24


def label(image, name, box, *, area=None, crowd=False, **rest):
    area = box[2] * box[3] if area is None else area
    return {"image": image, "name": name, "box": box, "area": area, "crowd": crowd, **rest}


def found(image, name, box, score, **rest):
    return {"image": image, "name": name, "box": box, "score": score, **rest}


def boxes(seed, images, ties):
    rng = np.random.default_rng(seed)
    labels, predictions = [], []
    for image in range(images):
        for _ in range(rng.integers(0, 7)):
            name = CLASSES[rng.integers(0, 2)]
            size = rng.choice([20, 50, 150]) * rng.uniform(0.5, 1.5, 2)
            box = np.round([*rng.uniform(0, 400, 2), *size], 1).tolist()
            area = round(float(size.prod() * rng.uniform(0.5, 1)), 1)
            labels.append(label(image, name, box, area=area, crowd=bool(rng.random() < 0.1)))
            for _ in range(rng.integers(0, 4)):
                spread = rng.choice([0.03, 0.1, 0.3])
                moved = np.array(box) + rng.normal(0, spread, 4) * [*size, *size]
                moved = np.round(np.maximum(moved, [0, 0, 1, 1]), 1).tolist()
                score = float(rng.integers(0, 5) / 5 if ties else round(rng.random(), 6))
                predictions.append(found(image, name, moved, score))
        for _ in range(rng.integers(0, 3)):
            box = np.round([*rng.uniform(0, 400, 2), *rng.uniform(5, 90, 2)], 1).tolist()
            predictions.append(found(image, CLASSES[rng.integers(0, 3)], box, float(rng.random())))
    return labels, predictions


def blob(rng, place, radii):
    y, x = np.mgrid[:SIDE, :SIDE]
    return ((x - place[0]) / radii[0]) ** 2 + ((y - place[1]) / radii[1]) ** 2 <= 1


def masks(seed):
    rng = np.random.default_rng(seed)
    labels, predictions = [], []
    for image in range(8):
        for _ in range(rng.integers(0, 4)):
            name, place, radii = CLASSES[rng.integers(0, 2)], *rng.uniform(4, 20, (2, 2))
            mask = blob(rng, place, radii / 3)
            labels.append(mask_label(image, name, mask, bool(rng.random() < 0.15)))
            for _ in range(rng.integers(0, 3)):
                near = blob(
                    rng, place + rng.normal(0, 0.7, 2), radii / 3 * rng.uniform(0.7, 1.3, 2)
                )
                predictions.append(
                    {"image": image, "name": name, "mask": packed(near), "score": rng.random()}
                )
    return labels, predictions


def packed(mask):
    """Rows of the image as hexadecimal numbers."""
    return ["".join("1" if inside else "0" for inside in row) for row in mask]


def unpacked(rows):
    return np.array([[pixel == "1" for pixel in row] for row in rows])


def mask_label(image, name, mask, crowd):
    return label(
        image, name, [0, 0, 1, 1], area=round(float(mask.sum()) * 1.1, 1), crowd=crowd,
        mask=packed(mask),
    )  # fmt: skip


def keypoints(seed):
    rng = np.random.default_rng(seed)
    labels, predictions = [], []
    for image in range(12):
        for _ in range(rng.integers(0, 4)):
            corner, size = rng.uniform(0, 300, 2), rng.uniform(40, 150, 2)
            box = np.round([*corner, *size], 1).tolist()
            points = corner + rng.random((17, 2)) * size
            seen = rng.integers(0, 3, 17) * (rng.random() > 0.2)
            shape = np.c_[np.round(points, 1), seen].tolist()
            area = round(float(size.prod()) * 0.6, 1)
            labels.append(label(image, "person", box, area=area, keypoints=shape))
            for _ in range(rng.integers(0, 3)):
                moved = points + rng.normal(0, rng.choice([1, 4, 12]), (17, 2))
                shape = np.c_[np.round(moved, 1), np.full(17, 2)].tolist()
                predictions.append(
                    {"image": image, "name": "person", "keypoints": shape, "score": rng.random()}
                )
    return labels, predictions


def scenes():
    ten = [0, 0, 10, 10]
    yield "random", "bbox", *boxes(1, 25, False)
    yield "random with ties", "bbox", *boxes(2, 25, True)
    yield "one detection", "bbox", [label(0, "car", ten)], [found(0, "car", ten, 0.5)]
    yield (
        "overlap at a threshold", "bbox",
        [label(0, "car", ten), label(1, "car", ten)],
        [found(0, "car", [0, 0, 10, 5], 0.5), found(1, "car", [0, 0, 10, 7.5], 0.4)],
    )  # fmt: skip
    yield (
        "equal overlaps and equal scores", "bbox",
        [label(0, "car", [0, 0, 10, 10]), label(0, "car", [4, 0, 10, 10])],
        [found(0, "car", [2, 0, 10, 10], 0.5), found(0, "car", [0, 0, 10, 10], 0.5)],
    )  # fmt: skip
    yield (
        "all ignored", "bbox",
        [label(0, "car", ten, crowd=True)],
        [found(0, "car", [0, 0, 5, 5], 0.5), found(0, "car", [1, 1, 5, 5], 0.4)],
    )  # fmt: skip
    yield "nothing found", "bbox", [label(0, "car", ten)], [found(0, "sign", ten, 0.5)]
    yield (
        "a crowd and a label", "bbox",
        [label(0, "car", [0, 0, 40, 40], crowd=True), label(0, "car", ten)],
        [found(0, "car", [0, 0, 10, 9], 0.9), found(0, "car", ten, 0.8), found(0, "car", ten, 0.7)],
    )  # fmt: skip
    yield (
        "more than a hundred", "bbox",
        [label(0, "car", [20 * i, 0, 10, 10]) for i in range(120)],
        [found(0, "car", [20 * i, 0, 10, 10], round(1 - i / 200, 3)) for i in range(120)],
    )  # fmt: skip
    yield "masks", "segm", *masks(3)
    yield "keypoints", "keypoints", *keypoints(4)


def figures(measure, labels, predictions):
    size = SIDE if measure == "segm" else 1000
    images = sorted({row["image"] for row in [*labels, *predictions]})
    kit = COCO()
    kit.dataset = {
        "info": {},
        "images": [{"id": image, "width": size, "height": size} for image in images],
        "categories": [{"id": row + 1, "name": name} for row, name in enumerate(CLASSES)],
        "annotations": [
            {
                "id": row + 1,
                "image_id": each["image"],
                "category_id": CLASSES.index(each["name"]) + 1,
                "bbox": each["box"],
                "area": each["area"],
                "iscrowd": int(each["crowd"]),
                **shape(each),
            }
            for row, each in enumerate(labels)
        ],
    }
    kit.createIndex()
    results = kit.loadRes(
        [
            {
                "image_id": each["image"],
                "category_id": CLASSES.index(each["name"]) + 1,
                "score": each["score"],
                **({"bbox": each["box"]} if measure == "bbox" else shape(each)),
            }
            for each in predictions
        ]
    )
    run = COCOeval(kit, results, measure)
    run.evaluate()
    run.accumulate()
    run.summarize()
    precision = run.eval["precision"][:, :, :, 0, -1]
    names = KEYPOINT_NAMES if measure == "keypoints" else NAMES
    stats = {
        name: None if value == -1 else float(value)
        for name, value in zip(names, run.stats, strict=True)
        if name
    }
    each = {
        name: float(values.mean()) if (values := precision[:, :, row]).max() > -1 else None
        for row, name in enumerate(CLASSES)
    }
    return stats, each


def shape(row):
    if "mask" in row:
        rle = mask_kit.encode(np.asfortranarray(unpacked(row["mask"]), dtype=np.uint8))
        return {"segmentation": {"size": rle["size"], "counts": rle["counts"].decode()}}
    if "keypoints" in row:
        points = row["keypoints"]
        seen = sum(point[2] > 0 for point in points)
        return {"keypoints": [value for point in points for value in point], "num_keypoints": seen}
    return {}


def main():
    cases = []
    for case, measure, labels, predictions in scenes():
        with contextlib.redirect_stdout(io.StringIO()):
            stats, each = figures(measure, labels, predictions)
        cases.append(
            {
                "case": case, "measure": measure, "labels": labels, "predictions": predictions,
                "expected": stats, "expected_ap": each,
            }
        )  # fmt: skip
    content = {"package": "pycocotools 2.0.11", "classes": CLASSES, "cases": cases}
    rows = json.dumps(content, separators=(",", ":")).replace('{"case"', '\n{"case"')
    Path(__file__).with_name("coco.json").write_text(rows + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
