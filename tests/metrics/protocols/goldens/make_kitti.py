"""Writes kitti.json: label and result rows, and the figures of KITTI's C++ kit on them.

``python make_kitti.py KIT``, where KIT is the kit's evaluate_object_3d_offline (of
asharakeh/kitti_native_evaluation) compiled with ``g++ -O2`` and Boost 1.74, its plots and mail left
out, and with ``%.17g`` in the place of ``%f`` where it prints the 41 values of a curve. That build
gives the published figures of real tracks within their printed digits. Needs numpy alone.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

CLASSES = ("Car", "Pedestrian", "Cyclist")
OTHERS = ("Van", "Person_sitting", "Truck")
MEASURES = {
    "2d": "detection_AP",
    "aos": "orientation_AOS",
    "bev": "detection_BEV_AP",
    "bev_ahs": "orientation_BEV_AHS",
    "3d": "detection_3D_AP",
    "3d_ahs": "orientation_3D_AHS",
}
SIZES = {"Car": (1.5, 1.7, 4.0), "Van": (2.0, 1.9, 4.8), "Truck": (3.0, 2.5, 9.0)}


def row(
    name="Car",
    *,
    box=(100, 100, 200, 200),
    alpha=0.0,
    place=(0, 1.5, 20),
    size=(1.5, 2, 4),
    turn=0.0,
    truncated=0,
    occluded=0,
    score=None,
):
    numbers = [alpha, *box, *size, *place, turn, *([] if score is None else [score])]
    return f"{name} {truncated} {occluded} " + " ".join(f"{value:g}" for value in numbers)


REGION = {"alpha": -10, "place": (-1000,) * 3, "size": (-1,) * 3, "turn": -10,
          "truncated": -1, "occluded": -1}  # fmt: skip


def random_scene(seed, frames, ties=False):
    rng = np.random.default_rng(seed)
    labels, found = [], []
    for _ in range(frames):
        ours, theirs = [], []
        for _ in range(rng.integers(0, 7)):
            kind = str(rng.choice([*CLASSES, *OTHERS], p=[0.4, 0.2, 0.15, 0.1, 0.05, 0.1]))
            size = np.array(SIZES.get(kind, (1.7, 0.7, 0.9))) * rng.uniform(0.9, 1.1, 3)
            place = np.array([rng.uniform(-12, 12), 1.6, rng.uniform(6, 45)])
            turn = rng.uniform(-3.1, 3.1)
            corner, extent = rng.uniform([0, 100], [1000, 200]), rng.uniform(18, 120, 2)
            box = np.array([*corner, *(corner + extent)])
            rest = {"turn": turn, "alpha": turn - 0.2}
            ours.append(
                row(kind, box=box, place=place, size=size, occluded=rng.integers(0, 4),
                    truncated=rng.choice([0, 0, 0.1, 0.2, 0.4, 0.6]), **rest)
            )  # fmt: skip
            for _ in range(rng.choice([0, 1, 1, 2])):
                guess = kind if kind in CLASSES and rng.random() < 0.9 else str(rng.choice(CLASSES))
                near = place + rng.normal(0, [0.1, 0.05, 0.15]) * (0.4 if size[2] < 2 else 1)
                turned = turn + rng.normal(0, 0.1) + np.pi * (rng.random() < 0.1)
                score = rng.integers(0, 6) / 5 if ties else round(float(rng.normal()), 4)
                theirs.append(
                    row(guess, box=box + rng.normal(0, 3, 4), place=near, turn=turned,
                        size=size * rng.normal(1, 0.04, 3), alpha=turned - 0.2, score=score)
                )  # fmt: skip
        for _ in range(rng.integers(0, 3)):
            corner = rng.uniform([0, 100], [1000, 200])
            box = [*corner, *(corner + rng.uniform(15, 90, 2))]
            score = rng.integers(0, 6) / 5 if ties else round(float(rng.normal()) - 1, 4)
            theirs.append(row(str(rng.choice(CLASSES)), box=box, score=score,
                              place=(rng.uniform(-12, 12), 1.6, rng.uniform(6, 45))))  # fmt: skip
            if rng.random() < 0.5:
                region = np.array(box) + rng.normal(0, 4, 4)
                ours.append(row("DontCare", box=region, **REGION))
        labels.append(ours)
        found.append(theirs)
    return labels, found


def scenes():
    yield "random", *random_scene(1, 40)
    yield "random with ties", *random_scene(2, 40, ties=True)
    yield "one detection", [[row()]], [[row(score=0.5)]]
    yield "two labels, one detection", [[row(), row(place=(9, 1.5, 20))]], [[row(score=0.5)]]
    yield "41 labels", [[row()]] * 41, [[row(score=1 - i / 50)] for i in range(41)]
    yield (
        "all ignored",
        [[row(occluded=3), row("Van", place=(9, 1.5, 20))]] * 3,
        [[row(score=0.5), row(place=(9, 1.5, 20), score=0.4)]] * 3,
    )
    yield (
        "nothing found",
        [[row(), row("Cyclist", place=(9, 1.5, 20))]] * 3,
        [[row("Pedestrian", place=(-9, 1.5, 20), score=0.5)]] * 3,
    )
    yield "the same prediction twice", [[row()]] * 30, [[row(score=0.5), row(score=0.5)]] * 30
    yield (
        "at the overlap",
        [[row(box=(0, 0, 100, 100))]] * 60,
        [[row(box=(0, 0, 100, 70), score=0.5)]] * 60,
    )
    yield (
        "just above the overlap",
        [[row(box=(0, 0, 100, 100))]] * 60,
        [[row(box=(0, 0, 100, 70.01), score=0.5)]] * 60,
    )
    yield "heights at the bounds", [
        [row(box=(0, 0, 100, 40)), row(box=(300, 0, 400, 25), place=(9, 1.5, 20)),
         row(box=(500, 0, 600, 40.5), place=(-9, 1.5, 20))]
    ] * 20, [
        [row(box=(0, 0, 100, 39.9), score=0.9),
         row(box=(300, 0, 400, 24.9), place=(9, 1.5, 20), score=0.8),
         row(box=(500, 0, 600, 40), place=(-9, 1.5, 20), score=0.7)]
    ] * 20  # fmt: skip
    yield (
        "a small prediction of another class takes the label",
        [[row()]] * 50,
        [
            [
                row("Cyclist", box=(100, 100, 200, 120), score=0.9),
                row(score=0.5, place=(0.2, 1.5, 20)),
            ]
        ]
        * 50,
    )
    yield (
        "surest is not the nearest",
        [[row(), row(place=(0, 1.5, 20.5))]] * 30,
        [[row(place=(0, 1.5, 20.25), score=0.9), row(place=(0, 1.5, 20), score=0.1)]] * 30,
    )
    nothing = [
        row(place=(0.3, 1.5, 20), score=0.6),
        row(box=(100, 100, 200, 110), place=(-0.4, 1.5, 20), score=0.9),
    ]
    both = [row(occluded=3), row(place=(0.6, 1.5, 20))]
    yield "nothing counts where precision is taken", [both] * 20, [nothing] * 20
    yield (
        "nothing counts at the surest",
        [both] * 20 + [[row()]] * 20,
        ([nothing] * 20 + [[row(score=0.5 - i / 100)] for i in range(20)]),
    )
    yield "no labels", [[]] * 3, [[row(score=0.5)]] * 3
    yield "no angles", [[row()]] * 30, [[row(score=0.5, alpha=-10)]] * 30
    yield "negative scores", [[row()]] * 30, [[row(score=-i / 10)] for i in range(30)]


def figures(kit, labels, found):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side, rows_by_frame in (("label", labels), ("result/data", found)):
            (folder / side).mkdir(parents=True)
            for frame, rows in enumerate(rows_by_frame):
                text = "".join(f"{each}\n" for each in rows)
                (folder / side / f"{frame:06}.txt").write_text(text, encoding="ascii")
        subprocess.run([kit, folder / "label", folder / "result"], check=True)
        results = {}
        for kind in CLASSES:
            for measure, title in MEASURES.items():
                path = folder / "result/plot" / f"{kind.lower()}_{title}.txt"
                if path.exists():
                    curve = np.loadtxt(path)[:, 1:].T
                    r40 = curve[:, 1:].sum(axis=1) / 40 * 100
                    r11 = curve[:, ::4].sum(axis=1) / 11 * 100
                    each = {"R40": r40, "R11": r11}
                    results.setdefault(kind, {})[measure] = {
                        positions: [None if np.isnan(value) else value for value in values]
                        for positions, values in each.items()
                    }
        return results


def packed(frames):
    """Runs of equal frames: how many, and their rows."""
    runs = []
    for rows in frames:
        if runs and runs[-1][1] == rows:
            runs[-1][0] += 1
        else:
            runs.append([1, rows])
    return runs


def main():
    kit = Path(sys.argv[1]).resolve()
    cases = []
    for case, labels, found in scenes():
        expected = figures(kit, labels, found)
        sides = {"labels": packed(labels), "predictions": packed(found)}
        cases.append({"case": case, **sides, "expected": expected})
    rows = json.dumps({"cases": cases}, separators=(",", ":")).replace('{"case"', '\n{"case"')
    Path(__file__).with_name("kitti.json").write_text(rows + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
