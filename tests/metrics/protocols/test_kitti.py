"""The KITTI protocol beside the C++ kit's figures, and its rules one by one."""

import json
from pathlib import Path

import numpy as np
import pytest
from metrics.protocols.kitti_text import objects_from_rows

from viewer.metrics.objects import KITTI_BOTTOMS_M
from viewer.metrics.protocols.kitti import KittiProtocol
from viewer.progress import JobContext

GOLDENS = json.loads((Path(__file__).parent / "goldens/kitti.json").read_text("utf-8"))
KEYS = {
    "detection_AP": "2d",
    "detection_BEV_AP": "bev",
    "detection_3D_AP": "3d",
    "orientation_AOS": "aos",
    "orientation_BEV_AHS": "bev_ahs",
    "orientation_3D_AHS": "3d_ahs",
}


def evaluate(labels, predictions, **settings):
    """Rows by frame on both sides; a list is one frame."""
    sides = [{"000000": side} if isinstance(side, list) else side for side in (labels, predictions)]
    return KittiProtocol().evaluate(*map(objects_from_rows, sides), settings, JobContext())


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
    values = [truncated, occluded, alpha, *box, *size, *place, turn]
    return " ".join([name, *map(str, values), *([] if score is None else [str(score)])])


def unpacked(runs):
    frames = [rows for count, rows in runs for _ in range(count)]
    return {f"{index:06}": rows for index, rows in enumerate(frames)}


@pytest.mark.parametrize("case", GOLDENS["cases"], ids=lambda case: case["case"])
def test_figures_of_the_kit_on_random_scenes_and_traps(case):
    evaluation = evaluate(unpacked(case["labels"]), unpacked(case["predictions"]))
    found = evaluation.results
    assert ("no numbers" in " ".join(evaluation.lacks)) == ("nothing counts" in case["case"])
    for name, measures in case["expected"].items():
        for measure, expected in measures.items():
            for positions, values in expected.items():
                ours = found[name][measure][positions]
                assert ours == pytest.approx(values, abs=1e-9), (name, measure, positions)
        left_out = set(found[name]) - set(measures)
        assert all(found[name][measure]["R40"] == [None] * 3 for measure in left_out)


@pytest.mark.parametrize("case", ["kitti_ap_real_cars", "kitti_ap_perturbed_multiclass"])
def test_figures_of_the_official_kit(real_data, case):
    root = real_data / "eval" / case
    sides = [
        {path.stem: path.read_text().splitlines() for path in sorted((root / side).glob("*.txt"))}
        for side in ("label_2", "pred")
    ]
    found = evaluate(*sides).results
    expected = json.loads((root / "expected_ap.json").read_text())["expected_percent"]
    compared = 0
    for positions, figures in expected.items():
        for title, levels in figures.items():
            name, _, measure = title.partition("_")
            ours = found[name.capitalize()][KEYS[measure]][positions]
            # The kit sums floats and prints four digits.
            assert ours == pytest.approx(list(levels.values()), abs=1e-4), title
            compared += 1
    assert compared >= 10


def test_orientation_is_left_out_when_one_angle_is_invalid():
    found = evaluate([row()], [row(score=0.9), row(score=0.1, alpha=-10, place=(9, 1, 9))])
    assert found.results["Car"]["aos"] == {"R40": [None] * 3, "R11": [None] * 3}
    assert "no AOS" in " ".join(found.lacks)


def test_one_perfect_detection():
    found = evaluate([row()], [row(score=0.5)]).results["Car"]
    # One match gives one threshold, at recall 0: R40 leaves it out, R11 counts it.
    for measure in ("2d", "bev", "3d", "aos", "bev_ahs", "3d_ahs"):
        assert found[measure]["R40"] == [0, 0, 0]
        assert found[measure]["R11"] == pytest.approx([100 / 11] * 3)


def frames(count, make):
    return {f"{index:06}": [make(index)] for index in range(count)}


def test_all_found_is_100_percent_and_half_turned_has_no_similarity():
    labels = frames(80, lambda _: row())
    found = evaluate(labels, frames(80, lambda i: row(score=1 - i / 100))).results["Car"]
    assert found["3d"]["R40"] == [100, 100, 100]
    assert found["2d"]["R11"] == [100, 100, 100]
    turned = frames(80, lambda i: row(score=1 - i / 100, alpha=np.pi, turn=np.pi))
    found = evaluate(labels, turned).results["Car"]
    assert found["2d"]["R40"] == [100, 100, 100]
    assert found["aos"]["R40"] == pytest.approx([0, 0, 0], abs=1e-12)
    assert found["bev_ahs"]["R40"] == pytest.approx([0, 0, 0], abs=1e-12)


def test_the_overlap_must_exceed_the_threshold():
    labels = frames(80, lambda _: row(box=(0, 0, 100, 100)))
    at = frames(80, lambda _: row(box=(0, 0, 100, 50), score=0.5))
    assert evaluate(labels, at, min_overlaps={"Car": 0.5}).results["Car"]["2d"]["R40"][0] == 0
    assert evaluate(labels, at, min_overlaps={"Car": 0.499}).results["Car"]["2d"]["R40"][0] == 100


@pytest.mark.parametrize(
    ("changed", "counted"),
    [
        ({"occluded": 1}, [0, 100, 100]),
        ({"occluded": 2}, [0, 0, 100]),
        ({"occluded": 3}, [0, 0, 0]),
        ({"truncated": 0.2}, [0, 100, 100]),
        ({"truncated": 0.15}, [100, 100, 100]),
        ({"box": (100, 100, 200, 140)}, [0, 100, 100]),
        ({"box": (100, 100, 200, 125)}, [0, 0, 0]),
    ],
)
def test_difficulty(changed, counted):
    labels = frames(80, lambda _: row(**changed))
    predictions = frames(80, lambda _: row(**changed, score=0.5))
    assert evaluate(labels, predictions).results["Car"]["2d"]["R40"] == counted


def test_a_region_forgives_false_alarms_in_the_image_alone():
    region = row("DontCare", box=(400, 100, 600, 300), place=(-1000,) * 3, size=(-1,) * 3)
    alarm = row(box=(420, 120, 560, 260), place=(30, 1.5, 40), score=0.9)
    labels = {key: [*rows, region] for key, rows in frames(80, lambda _: row()).items()}
    found = {key: [*rows, alarm] for key, rows in frames(80, lambda _: row(score=0.5)).items()}
    figures = evaluate(labels, found).results["Car"]
    assert figures["2d"]["R40"] == [100, 100, 100]
    assert figures["3d"]["R40"] == [50, 50, 50]


def test_a_neighbour_class_and_small_predictions_count_for_nothing():
    van = row("Van", box=(400, 100, 600, 300), place=(8, 1.5, 30))
    on_van = row(box=(400, 100, 600, 300), place=(8, 1.5, 30), score=0.9)
    small = row("Cyclist", box=(700, 100, 720, 110), place=(-8, 1.5, 60), score=0.9)
    labels = {key: [*rows, van] for key, rows in frames(80, lambda _: row()).items()}
    found = {
        key: [*rows, on_van, small] for key, rows in frames(80, lambda _: row(score=0.5)).items()
    }
    figures = evaluate(labels, found).results
    assert figures["Car"]["3d"]["R40"] == [100, 100, 100]
    assert figures["Cyclist"]["3d"]["R40"] == [0, 0, 0]


def without(objects, **columns):
    from dataclasses import replace

    return replace(objects, **columns)


def test_without_2d_boxes_the_difficulty_is_said_to_be_undefined():
    rows = frames(80, lambda _: row(occluded=1))
    labels = without(objects_from_rows(rows), boxes_px=None)
    predictions = without(
        objects_from_rows(frames(80, lambda _: row(score=0.5))), boxes_px=None, alphas_rad=None
    )
    found = KittiProtocol().evaluate(labels, predictions, {}, JobContext())
    assert found.results["Car"]["3d"]["R40"] == [0, 100, 100]
    assert found.results["Car"]["2d"]["R40"] == [None, None, None]
    assert "difficulty is undefined" in " ".join(found.lacks)
    ignored = {"without_2d_box": "ignore"}
    found = KittiProtocol().evaluate(labels, predictions, ignored, JobContext())
    assert found.results["Car"]["3d"]["R40"] == [0, 0, 0]


def test_an_object_with_one_of_the_boxes_counts_where_it_has_one():
    labels, predictions = (
        objects_from_rows({key: [*rows, *more[key]] for key, rows in frames(80, one).items()})
        for one, more in (
            (lambda _: row(), frames(80, lambda _: row(place=(30, 1.5, 20)))),
            (lambda _: row(score=0.5), frames(80, lambda _: row(place=(-30, 1.5, 20), score=0.9))),
        )
    )

    def flat(objects):
        every_other = (np.arange(len(objects)) % 2 == 1)[:, None]
        return without(
            objects,
            centers_m=np.where(every_other, np.nan, objects.centers_m),
            boxes_px=np.where(every_other, objects.boxes_px + 500, objects.boxes_px),
        )

    found = KittiProtocol().evaluate(flat(labels), flat(predictions), {}, JobContext())
    assert found.results["Car"]["3d"]["R40"] == [100, 100, 100]
    assert found.results["Car"]["2d"]["R40"] == [100, 100, 100]
    assert "80 labels have a 2D box alone: they take no part" in " ".join(found.lacks)
    # Rows of KITTI's own text are whole objects: the kit counts those without a cuboid as well.
    text = {"extras": {KITTI_BOTTOMS_M: np.zeros((160, 3))}}
    sides = without(flat(labels), **text), without(flat(predictions), **text)
    found = KittiProtocol().evaluate(*sides, {}, JobContext())
    assert found.results["Car"]["3d"]["R40"][0] < 60


def test_the_same_boxes_in_a_vehicle_frame_give_the_same_figures():
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(3)

    def scattered(index, score=None):
        place = np.round(rng.normal([index % 7, 1.5, 20], [0.2, 0.1, 0.2]), 3)
        return row(place=place, turn=round(rng.normal(0, 0.1), 3), score=score)

    labels = objects_from_rows(frames(60, scattered))
    predictions = objects_from_rows(frames(60, lambda i: scattered(i, round(rng.random(), 2))))
    turn = Rotation.from_matrix([[0, 0, 1], [-1, 0, 0], [0, -1, 0]])

    def turned(objects):
        before = Rotation.from_quat(objects.rotations[:, [1, 2, 3, 0]])
        return without(
            objects,
            centers_m=turn.apply(objects.centers_m),
            rotations=(turn * before).as_quat()[:, [3, 0, 1, 2]],
        )

    one = KittiProtocol().evaluate(labels, predictions, {}, JobContext())
    other = KittiProtocol().evaluate(turned(labels), turned(predictions), {}, JobContext())
    assert (one.settings["vertical"], other.settings["vertical"]) == ("y", "z")
    assert 0 < one.results["Car"]["3d"]["R40"][0] < 100
    for measure, figures in one.results["Car"].items():
        for positions, values in figures.items():
            expected = other.results["Car"][measure][positions]
            assert values == pytest.approx(expected, abs=1e-9), measure


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"overlap": 0.5}, "no setting 'overlap'"),
        ({"min_overlaps": {"Car": 2}}, "2 is not from 0 to 1"),
        ({"min_heights_px": [1, 2]}, "2 values instead of 3"),
        ({"vertical": "up"}, "none of"),
        ({"without_2d_box": None}, "none of count, ignore"),
        ({"max_occlusions": [0, 1.5, 2]}, "not a whole number"),
        ({"min_overlaps": {"": 0.5}}, "not a name"),
        ({"max_truncations": [0, float("nan"), 1]}, "not a number"),
    ],
)
def test_settings_are_checked(settings, said):
    with pytest.raises(ValueError, match=said):
        evaluate([row()], [row(score=1)], **settings)


def test_frames_without_labels_give_zero_and_not_nothing():
    found = evaluate([row("DontCare", box=(1, 1, 9, 9), size=(-1,) * 3)], [row(score=0.5)])
    assert found.results["Car"]["3d"]["R40"] == [0, 0, 0]
    assert "There are no labels." in found.lacks
    found = evaluate([row()], [])
    assert found.results["Car"]["2d"]["R40"] == [0, 0, 0]
    assert "There are no predictions." in found.lacks


def test_predictions_without_a_score_are_left_out_beside_those_that_have_one():
    scored = frames(80, lambda _: row(score=0.5))
    unsure = {key: [*rows, row(place=(9, 1.5, 20))] for key, rows in scored.items()}
    found = evaluate(frames(80, lambda _: row()), unsure)
    assert found.results["Car"]["3d"]["R40"] == [100, 100, 100]
    assert "80 predictions without a score are left out." in found.lacks


def test_other_classes_are_evaluated_where_none_is_kittis():
    found = evaluate([row("vehicle.bus")], [row("vehicle.bus", score=1)])
    assert found.settings["min_overlaps"] == {"vehicle.bus": 0.5}
    assert "None of KITTI's classes" in " ".join(found.lacks)
