"""Makes a file of random polygons, a list of results as masks, and pycocotools' figures of them.

Run in an environment of its own: ``pip install pycocotools==2.0.*``, then
``python tests/metrics/goldens/make_coco_files.py``.
"""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

HERE = Path(__file__).parent
WIDTH, HEIGHT = 120, 90
NAMES = (
    "AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large", "AR_1", "AR_10", "AR_100",
    "AR_small", "AR_medium", "AR_large",
)  # fmt: skip


def outline(rng, x, y, reach):
    turns = np.sort(rng.uniform(0, 2 * np.pi, 6))
    points = np.c_[x + reach * np.cos(turns), y + reach * np.sin(turns)]
    return np.round(points, 2).ravel().tolist()


def filled(flat):
    return mask.merge(mask.frPyObjects([flat], HEIGHT, WIDTH))


def main():
    rng = np.random.default_rng(3)
    images = [
        {"id": i + 7, "file_name": f"{i}.jpg", "width": WIDTH, "height": HEIGHT} for i in range(25)
    ]
    annotations, results = [], []
    for image in images:
        for _ in range(int(rng.integers(0, 6))):
            x, y, reach = rng.uniform(10, 110), rng.uniform(10, 80), rng.uniform(4, 45)
            category = int(rng.integers(1, 3))
            flat = outline(rng, x, y, reach)
            runs = filled(flat)
            annotations.append(
                {"id": len(annotations) + 1, "image_id": image["id"], "category_id": category,
                 "iscrowd": 0, "segmentation": [flat], "area": float(mask.area(runs)),
                 "bbox": mask.toBbox(runs).tolist()}
            )  # fmt: skip
            for _ in range(int(rng.integers(0, 3))):
                moved = [each + float(rng.normal(0, 0.8)) for each in flat]
                guess = category if rng.random() < 0.85 else 3 - category
                counts = filled(moved)["counts"].decode("ascii")
                results.append(
                    {"image_id": image["id"], "category_id": guess,
                     "score": round(float(rng.random()), 2),
                     "segmentation": {"size": [HEIGHT, WIDTH], "counts": counts}}
                )  # fmt: skip
    categories = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    content = {"images": images, "annotations": annotations, "categories": categories}
    labels, guesses = HERE / "coco_instances.json", HERE / "coco_results.json"
    labels.write_text(json.dumps(content) + "\n")
    guesses.write_text(json.dumps(results) + "\n")
    truth = COCO(str(labels))
    figures = {}
    for measure in ("bbox", "segm"):
        evaluation = COCOeval(truth, truth.loadRes(str(guesses)), measure)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        figures[measure] = dict(zip(NAMES, evaluation.stats.tolist(), strict=True))
    (HERE / "coco_figures.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
