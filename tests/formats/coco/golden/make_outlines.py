"""Makes ``outlines.json``: random polygons as pycocotools fills them.

Run in an environment of its own: ``pip install pycocotools==2.0.*``, then
``python tests/formats/coco/golden/make_outlines.py``.
"""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask

CASES = 120


def outline(rng, width, height):
    count = int(rng.integers(3, 9))
    kind = rng.integers(0, 4)
    if kind == 0:  # Corners on whole pixels, some outside
        points = rng.integers(-2, [width + 3, height + 3], (count, 2)).astype(float)
    else:
        points = rng.uniform(-8, [width + 8, height + 8], (count, 2))
    if kind == 2:
        points = np.round(points * 2) / 2
    if kind == 3:  # On and beside the finer grid
        points = np.round(points * 5) / 5 + 0.1
    return np.round(points, 2).ravel().tolist()


def main():
    rng = np.random.default_rng(0)
    cases = []
    for _ in range(CASES):
        width, height = rng.integers(1, 60, 2).tolist()
        polygons = [outline(rng, width, height) for _ in range(int(rng.integers(1, 3)))]
        runs = mask.merge(mask.frPyObjects(polygons, height, width))
        counts = runs["counts"].decode("ascii")
        cases.append({"width": width, "height": height, "polygons": polygons, "counts": counts})
    Path(__file__).with_name("outlines.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
