"""Every check on a drive with one thing wrong: it names that, and nothing where all is right."""

from dataclasses import replace

import numpy as np
import pytest
from checked_drive import FRAMES, Row, changed, drive_scene, find, moved, renamed, true_rows

from viewer.checks.catalog import CHECKS, check_by_id
from viewer.checks.finding import Severity
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.running import check_scene
from viewer.progress import JobContext


def findings(check, rows=None, predictions=None, **more):
    scene = drive_scene(rows, predictions, **more)
    sets = ("model",) if predictions is not None else ()
    seen = gather_scene(scene, Wanted("ground_truth", sets), JobContext())
    result = check_scene(
        seen, learn_scene(seen), Policy(only=frozenset({check})), JobContext(),
        [check_by_id()[check]],
    )  # fmt: skip
    assert check not in result.skipped, result.skipped
    return [each for each in result.findings if each.severity >= Severity.MEDIUM]


def accused(found):
    return {each.labels[0].label_id for each in found}


def predicted(rows, score=0.9):
    return [Row(row.frame, f"p-{row.track}", row.class_name, row.center, row.size, row.yaw,
                row.velocity, row.state, f"p-{row.label_id}", score) for row in rows]  # fmt: skip


T = true_rows()
WIDE = (2 * 1.8, 2 * 4.5, 1.5)
EMPTY_SPOT = Row(5, "ghost", "car", (0.0, -17.0, 0.75), (4.5, 1.8, 1.5), name="ghost.005")

CASES = {
    "empty-box": (changed(T, "car-3", [5], center=moved(y=-3.5)), {"car-3.005"}),
    "size-prior": (changed(T, "car-3", range(5, 7), size=(7.0, 1.8, 1.5)),
                   {"car-3.005", "car-3.006"}),
    "aspect": (changed(T, "car-4", [8], size=(1.8, 4.5, 1.5)), {"car-4.008"}),
    "tightness": (changed(T, "car-5", [8], size=(5.9, 3.2, 1.5)), {"car-5.008"}),
    "floating": (changed(T, "car-1", [10, 11], center=moved(z=0.7)), {"car-1.010", "car-1.011"}),
    "taxonomy": (changed(T, "car-6", [3], class_name="carr"), {"car-6.003"}),
    "inside-ego": ([*T, Row(4, "ego", "car", (0.2, 0.1, 0.75), (4.5, 1.8, 1.5))], {"ego.004"}),
    "duplicate-boxes": ([*T, Row(9, "twin", "car", T[find(T, "car-1", 9)].center,
                                 (4.4, 1.75, 1.5))], {"twin.009"}),
    "physical-overlap": (changed(T, "car-4", [8], center=moved(x=3.5)), {"car-4.008"}),
    "duplicate-id": (renamed(T, "car-3", [6], "car-4"), {"car-3.006"}),
    "speed-limit": (changed(T, "car-1", [12], center=moved(x=2.5)), {"car-1.012"}),
    "yaw-flip": (changed(T, "car-1", [7, 8], yaw=np.pi), {"car-1.007", "car-1.008"}),
    "heading-motion": (changed(T, "car-1", [7], yaw=0.6), {"car-1.007"}),
    "size-change": (changed(T, "truck-1", [7, 8], size=(9.4, 2.5, 3.2)),
                    {"truck-1.007", "truck-1.008"}),
    "class-change": (changed(T, "car-2", [4], class_name="truck"), {"car-2.004"}),
    "id-switch": (renamed(T, "car-2", range(12, FRAMES), "car-9"), {"car-2.012"}),
    "track-gap": ([row for row in T if (row.track, row.frame) not in {("car-1", 9), ("car-1", 10)}],
                  {"car-1.008"}),
    "smoothness": (changed(T, "truck-2", [9, 10, 11], center=moved(y=0.8)),
                   {"truck-2.009", "truck-2.010", "truck-2.011"}),
    "still-or-moving": (changed(T, "car-3", [7, 8], center=moved(x=0.8)),
                        {"car-3.007", "car-3.008"}),
    "birth-death": ([row for row in T if row.track != "car-5" or row.frame >= 9], {"car-5.009"}),
}  # fmt: skip


@pytest.mark.parametrize("check", CASES)
def test_what_is_wrong_is_named(check):
    rows, wrong = CASES[check]
    found = findings(check, rows)
    assert wrong <= {label.label_id for each in found for label in each.labels}
    assert accused(found) & wrong


@pytest.fixture(scope="module")
def all_right():
    seen = gather_scene(drive_scene(), Wanted("ground_truth"), JobContext())
    return check_scene(seen, learn_scene(seen), Policy(), JobContext()).findings


@pytest.mark.parametrize("check", CASES)
def test_nothing_is_said_where_all_is_right(check, all_right):
    claims = [each for each in all_right if each.severity >= Severity.MEDIUM]
    assert [each.text for each in claims if each.check == check] == []


@pytest.mark.parametrize("check", ["empty-box", "aspect", "floating", "yaw-flip", "duplicate-boxes",
                                   "size-change", "class-change", "duplicate-id"])  # fmt: skip
def test_only_what_is_wrong_is_accused(check):
    rows, wrong = CASES[check]
    assert accused(findings(check, rows)) == wrong


def test_a_tilted_box_is_illegal_where_others_stand():
    scene = drive_scene()
    half = np.radians(15) / 2

    def read(frame, label_set_id):
        labels = scene.reader.read_labels(frame, label_set_id)
        if frame != 3:
            return labels
        rotation = labels.cuboids.cuboids.rotation.copy()
        rotation[2] = (np.cos(half), np.sin(half), 0, 0)
        boxes = replace(labels.cuboids.cuboids, rotation=rotation)
        return replace(labels, cuboids=replace(labels.cuboids, cuboids=boxes))

    seen = gather_scene(scene, Wanted("ground_truth", points=False), JobContext(), read)
    only = Policy(only=frozenset({"illegal-box"}))
    found = check_scene(seen, learn_scene(seen), only, JobContext()).findings
    assert accused(found) == {read(3, "ground_truth").cuboids.label_ids[2]}
    assert found[0].evidence.numbers["tilt_deg"] == pytest.approx(15, abs=0.1)


def test_numbers_that_are_none_are_told():
    rows = changed(T, "car-1", [3], size=(4.5, -1.8, 1.5))
    rows = changed(rows, "car-2", [4], center=(float("inf"), 0.0, 0.0))
    assert accused(findings("illegal-box", rows)) == {"car-1.003", "car-2.004"}


def test_a_predicted_object_without_a_label_is_missing():
    rows = [row for row in T if row.track != "truck-2"]
    found = findings("missing-label", rows, predicted(T))
    assert {each.frame_key for each in found} == {f"{frame:06d}" for frame in range(FRAMES)}
    assert all(each.class_name == "truck" and not each.labels for each in found)
    assert found[3].fix.values["center_m"] == pytest.approx(T[find(T, "truck-2", 3)].center)


def test_a_weak_prediction_alone_is_no_missing_label():
    lone = Row(6, "p", "car", (0.0, -17.0, 0.75), (4.5, 1.8, 1.5), name="p.6", score=0.6)
    assert findings("missing-label", T, [*predicted(T), lone]) == []


def test_a_label_that_no_model_sees_is_spurious():
    ghosts = [Row(f, "ghost", "car", (0.0, -17.0, 0.75), (4.5, 1.8, 1.5)) for f in range(4, 9)]
    found = findings("spurious-label", [*T, *ghosts], predicted(T))
    assert accused(found) == {f"ghost.{frame:03d}" for frame in range(4, 9)}


def test_models_outvote_a_class():
    rows = changed(T, "car-3", range(FRAMES), class_name="truck")
    found = findings("class-swap", rows, predicted(T))
    assert len(found) == FRAMES
    assert {each.labels[0].track_id for each in found} == {"car-3"}
    assert found[0].fix.values == {"class_name": "car"}


def test_one_mistaken_prediction_outvotes_nobody():
    guesses = predicted(T)
    place = next(i for i, row in enumerate(guesses) if row.label_id == "p-car-3.005")
    guesses[place] = Row(5, "p-car-3", "truck", guesses[place].center, guesses[place].size,
                         name="p-car-3.005", score=0.8)  # fmt: skip
    assert findings("class-swap", T, guesses) == []


def test_a_model_without_a_class_has_no_vote_on_it():
    rows = [replace(row, class_name="van") if row.track == "car-3" else row for row in T]
    assert findings("class-swap", rows, predicted(T)) == []


def test_log_odds_are_taken_for_scores():
    rows = [row for row in T if row.track != "truck-2"]
    found = findings("missing-label", rows, [replace(row, score=5.0) for row in predicted(T)])
    assert found[0].evidence.numbers["score"] == pytest.approx(1 / (1 + np.exp(-5.0)))


def test_a_turned_box_that_stands_is_told_beside_its_track():
    found = findings("heading-motion", changed(T, "car-3", [7], yaw=lambda row: row.yaw + 0.5))
    assert accused(found) == {"car-3.007"}
    assert found[0].evidence.numbers["angle_deg"] == pytest.approx(np.degrees(0.5), abs=0.1)


def test_where_many_move_elsewhere_the_world_moves():
    backwards = [replace(row, yaw=row.yaw + np.pi / 2) for row in T]
    assert findings("heading-motion", backwards) == []


def test_the_vehicle_itself_may_be_labelled():
    own = [Row(f, "self", "car", (0.2, 0.1, 0.75), (4.5, 1.8, 1.5)) for f in range(FRAMES)]
    assert findings("inside-ego", [*T, *own]) == []


def projected_box(row):
    """Left, top, right, bottom of a box through the camera of the drive, by hand."""
    length, width, height = row.size
    corners = [
        np.add(row.center, (x * length / 2, y * width / 2, z * height / 2))
        for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)
    ]  # fmt: skip
    us = [640 - 600 * y / x for x, y, z in corners]
    vs = [400 - 600 * (z - 1.6) / x for x, y, z in corners]
    return [min(us), min(vs), max(us), max(vs)]


def test_a_2d_box_beside_its_cuboid_is_told_with_the_camera():
    ahead = Row(0, "lead", "car", (12.0, 0.0, 0.75), (4.5, 1.8, 1.5))
    truth = [*T, *(Row(f, "lead", "car", ahead.center, ahead.size, state="parked")
                   for f in range(FRAMES))]  # fmt: skip
    right = projected_box(ahead)
    width = right[2] - right[0]
    boxes = [(frame, "lead", right) for frame in range(FRAMES)]
    boxes[6] = (6, "lead", [right[0] + width, right[1], right[2] + width, right[3]])
    found = findings("box-2d", truth, truth=truth, camera=True, boxes=boxes)
    assert [(each.labels[0].label_id, each.evidence.camera_id) for each in found] == [
        ("lead.006", "front")
    ]
    assert found[0].evidence.numbers["iou"] == pytest.approx(0.0, abs=1e-9)


def test_every_check_with_a_question_to_labels_is_tried_here():
    here = {*CASES, "illegal-box", "missing-label", "spurious-label", "class-swap", "box-2d"}
    elsewhere = {"too-few-points", "time-sync", "ego-pose", "intrinsics", "extrinsics",
                 "calibration-drift", "image-edges", "sync-offset", "sweep-motion"}  # fmt: skip
    assert {check.id for check in CHECKS} >= here
    assert elsewhere.isdisjoint(here)
