"""The Argoverse 2 protocol beside the figures of its package."""

import json
from pathlib import Path

import numpy as np
import pytest
from metrics.protocols.evaluated import frames_of, objects_of

from viewer.metrics.protocols.argoverse2 import ALL, CATEGORIES, Argoverse2Protocol
from viewer.progress import JobContext

GOLDENS = json.loads((Path(__file__).parent / "goldens/argoverse2.json").read_text("utf-8"))
FIGURES = ("AP", "ATE", "ASE", "AOE", "CDS")


def sides(labels, predictions):
    """Rows of log, time, class, size, rotation, place, and points or score."""
    logs = list(dict.fromkeys(row[0] for row in [*labels, *predictions]))
    keys = sorted(
        {(row[0], row[1]) for row in [*labels, *predictions]},
        key=lambda key: (logs.index(key[0]), key[1]),
    )
    frames = frames_of(keys)

    def side(rows, **columns):
        return objects_of(
            frames,
            [keys.index((row[0], row[1])) for row in rows],
            [row[2] for row in rows],
            sizes=[row[3:6] for row in rows],
            rotations=[row[6:10] for row in rows],
            centers=[row[10:13] for row in rows],
            **columns,
        )

    points = np.array([row[13] for row in labels], dtype=np.int64)
    return side(labels, point_counts=points), side(predictions, scores=[r[13] for r in predictions])


def evaluate(labels, predictions, **settings):
    return Argoverse2Protocol().evaluate(*sides(labels, predictions), settings, JobContext())


@pytest.mark.parametrize("case", GOLDENS["cases"], ids=lambda case: case["case"])
def test_figures_of_the_package(case):
    found = evaluate(case["labels"], case["predictions"], classes=GOLDENS["classes"]).results
    for name, expected in case["expected"].items():
        row = found[ALL if name == "AVERAGE_METRICS" else name]
        ours = {figure: row[figure] for figure in FIGURES}
        assert ours == pytest.approx(expected, abs=1e-9), name


def test_published_unit_figures(real_data):
    import pyarrow.feather as feather

    columns = (
        "log_id", "timestamp_ns", "category", "length_m", "width_m", "height_m", "qw", "qx", "qy",
        "qz", "tx_m", "ty_m", "tz_m",
    )  # fmt: skip

    def rows(name, last):
        table = feather.read_table(real_data / f"eval/argoverse2_unit/{name}.feather").to_pydict()
        if last not in table:
            table[last] = [1] * len(table["log_id"])
        return [list(row) for row in zip(*(table[name] for name in (*columns, last)), strict=True)]

    labels = rows("labels", "num_interior_pts")
    one = {"classes": ["REGULAR_VEHICLE"]}
    identity = evaluate(
        rows("detections_identity", "num_interior_pts"), rows("detections_identity", "score"), **one
    ).results[ALL]
    assert {name: round(identity[name], 3) for name in FIGURES} == {
        "AP": 1, "ATE": 0, "ASE": 0, "AOE": 0, "CDS": 1,
    }  # fmt: skip
    found = evaluate(labels, rows("detections", "score"), **one).results[ALL]
    assert round(found["ATE"], 3) == 0.017
    assert round(found["ASE"], 3) == 0.033
    assert round(found["AOE"], 3) == 0.524
    assigned = evaluate(labels, rows("detections_assignment", "score"), **one).results[ALL]
    assert round(assigned["AP"], 3) == 0.999


def car(place, last, time=0):
    return ["a", time, "REGULAR_VEHICLE", 4, 2, 1.5, 1, 0, 0, 0, *place, last]


def test_all_categories_are_averaged_with_the_worst_errors_where_there_are_no_labels():
    found = evaluate([car((0, 0, 0), 5)], [car((1, 0, 0), 0.5)]).results
    assert set(found) == {*CATEGORIES, ALL}
    # At 1 m a match must be nearer than 1: two of four distances.
    assert found["REGULAR_VEHICLE"]["AP"] == pytest.approx(0.5)
    assert found["REGULAR_VEHICLE"]["ATE"] == pytest.approx(1)
    assert found[ALL]["ATE"] == pytest.approx((1 + 25 * 2) / 26)
    assert found[ALL]["AOE"] == pytest.approx(25 * np.pi / 26)


def test_what_is_unknown_is_said():
    from dataclasses import replace

    labels, predictions = sides([car((400, 0, 0), 5)], [car((400, 0, 0), 0.5)])
    found = Argoverse2Protocol().evaluate(labels, predictions, {}, JobContext())
    assert found.results["REGULAR_VEHICLE"]["AP"] == 0
    nowhere = replace(labels.frames, ego_positions_m=np.full((1, 3), np.nan))
    labels = replace(labels, frames=nowhere, point_counts=None)
    predictions = replace(predictions, frames=nowhere, scores=np.array([np.nan]))
    found = Argoverse2Protocol().evaluate(labels, predictions, {}, JobContext())
    assert found.results["REGULAR_VEHICLE"]["AP"] == pytest.approx(1)
    said = " ".join(found.lacks)
    for part in ("region of interest", "no count of points", "whatever their range", "No predict"):
        assert part in said
