"""What real data taught: things that look wrong and are not, and their wrong neighbours."""

from dataclasses import replace

import numpy as np
import pytest
from checked_drive import FRAMES, Row, changed, drive_scene, find, moved, true_rows

from viewer.checks.base import Need
from viewer.checks.catalog import check_by_id
from viewer.checks.finding import Severity
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.known_sizes import is_known_size
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.running import check_scene
from viewer.progress import JobContext

T = true_rows()


def result(check, rows, **more):
    points = Need.POINTS in check_by_id()[check].needs
    wanted = Wanted("ground_truth", points=points)
    seen = gather_scene(drive_scene(rows, **more), wanted, JobContext())
    return check_scene(
        seen, learn_scene(seen), Policy(only=frozenset({check})), JobContext(),
        [check_by_id()[check]],
    )  # fmt: skip


def severities(check, rows, **more):
    """The worst severity of each accused track."""
    found = {}
    for each in result(check, rows, **more).findings:
        track = each.labels[0].track_id
        found[track] = max(found.get(track, Severity.INFO), each.severity)
    return found


def with_one_more(size):
    """The drive with one more car, seen for a moment."""
    center = (0.0, 18.0, size[2] / 2)
    return [*T, *(Row(frame, "more", "car", center, size, state="parked") for frame in range(5))]


# -- sizes ---------------------------------------------------------------------------------------


def test_the_first_pickup_among_small_cars_is_a_hint():
    found = severities("size-prior", with_one_more((6.2, 2.25, 1.95)))
    assert found == {"more": Severity.LOW}


def test_a_car_as_wide_as_a_lane_is_none():
    found = severities("size-prior", with_one_more((4.0, 3.0, 1.4)))
    assert found["more"] >= Severity.MEDIUM


def test_a_size_that_is_known_but_not_that_of_its_track_is_none():
    rows = changed(T, "car-1", [4, 5], size=(6.2, 2.25, 1.95))
    assert severities("size-prior", rows)["car-1"] >= Severity.MEDIUM


@pytest.mark.parametrize(
    ("name", "size", "known"),
    [
        ("Car", (4.2, 1.8, 1.5), True),
        ("vehicle.bus.rigid", (12.0, 2.9, 3.4), True),
        ("VEHICULAR_TRAILER", (6.8, 2.6, 3.6), True),
        ("human.pedestrian.child", (0.5, 0.45, 1.1), True),
        ("Person_sitting", (0.8, 0.78, 1.2), True),
        ("PassengerVehicle", (4.5, 1.9, 1.6), True),
        ("Car", (2.1, 1.5, 1.4), False),
        ("Pedestrian", (0.6, 0.6, 3.0), False),
        ("CONSTRUCTION_CONE", (4.5, 1.8, 1.5), False),
        ("shopping cart", (4.5, 1.8, 1.5), False),
        ("3", (4.5, 1.8, 1.5), False),
    ],
)
def test_known_sizes_go_by_the_words_of_the_class(name, size, known):
    assert is_known_size(name, np.array(size)) is known


# -- overlaps ------------------------------------------------------------------------------------


def beside_the_truck(*, aside_m):
    """A pedestrian whose middle is so far from the side of a standing truck."""
    truck = [Row(frame, "truck-9", "truck", (0.0, 0.0, 1.6), (8.0, 2.5, 3.2), state="parked")
             for frame in range(FRAMES)]  # fmt: skip
    person = [Row(frame, "person-9", "pedestrian", (0.0, 1.25 + aside_m, 0.875), (0.8, 0.7, 1.75))
              for frame in range(FRAMES)]  # fmt: skip
    return [*T, *truck, *person]


def test_a_person_in_a_truck_cannot_be_however_small_a_share_of_it():
    found = result("physical-overlap", beside_the_truck(aside_m=-0.6)).findings
    assert {each.severity for each in found} == {Severity.MEDIUM}
    # 0.7 x 0.8 x 1.75 m lie in 8 x 2.5 x 3.2 m.
    assert found[0].evidence.numbers["inside"] == pytest.approx(1.0)
    assert found[0].evidence.numbers["iou"] == pytest.approx(0.98 / 64.0)


def test_a_person_who_leans_on_a_truck_is_no_claim():
    found = result("physical-overlap", beside_the_truck(aside_m=0.25)).findings
    assert all(each.severity == Severity.LOW for each in found)


def test_parts_are_where_what_they_are_parts_of_is():
    doors = [replace(row, track=f"door-{row.track}", class_name="door", size=(1.1, 0.2, 1.1))
             for row in T if row.class_name == "car"]  # fmt: skip
    assert severities("physical-overlap", [*T, *doors]) == {}
    one = [row for row in doors if row.track == "door-car-3"]
    assert severities("physical-overlap", [*T, *one]) != {}


def test_of_two_the_one_that_overlaps_more_others_is_accused():
    bicycles = [Row(3, f"bicycle-{n}", "bicycle", (n - 1.0, 0.0, 0.6), (0.6, 1.7, 1.2))
                for n in range(3)]  # fmt: skip
    rack = Row(3, "rack", "car", (0.0, 0.0, 0.7), (4.0, 3.0, 1.4))
    found = result("physical-overlap", [*T, *bicycles, rack]).findings
    assert [each.labels[0].track_id for each in found] == ["rack"] * 3


# -- a vehicle whose pose nobody told ------------------------------------------------------------


def seen_from_a_turning_vehicle(rows, *, turn_from=8):
    """Labels in the coord frame of a vehicle that drives and then turns, which nobody wrote down.

    Its yaw goes from rest to 1 rad/s at once, as a vehicle's does over a few frames.
    """
    turned = []
    for row in rows:
        t = row.frame / 10
        yaw = max(row.frame - turn_from, 0) / 10
        c, s = np.cos(yaw), np.sin(yaw)
        x, y, z = np.subtract(row.center, (8.0 * t, 0.0, 0.0))
        turned.append(replace(row, center=(c * x + s * y, c * y - s * x, z), yaw=row.yaw - yaw))
    return turned


def test_motion_tells_nothing_where_the_vehicle_is_not_known_to_stand():
    rows = seen_from_a_turning_vehicle(T)
    assert severities("heading-motion", rows) == {}
    assert all(each <= Severity.LOW for each in severities("smoothness", rows).values())
    assert "not known" in result("still-or-moving", rows).skipped["still-or-moving"]


def test_a_few_things_that_keep_their_place_tell_that_the_sensor_stands():
    moving = [row for row in T if row.state == "moving"]
    three = [row for row in T if row.track in {"car-3", "car-4", "car-5"}]
    turned = [
        replace(row, yaw=row.yaw + 0.6) if (row.track, row.frame) == ("car-1", 7) else row
        for row in moving
    ]
    assert severities("heading-motion", turned) == {}
    assert set(severities("heading-motion", [*turned, *three])) == {"car-1"}


# -- empty boxes ---------------------------------------------------------------------------------


def test_none_where_others_have_one_point_is_no_certain_error():
    """Poles of a few centimetres: rays pass beside them in their boxes."""
    poles = [Row(frame, f"pole-{n}", "pole", (-12.0 + 6 * n, 3.0, 1.0), (0.4, 0.4, 2.0),
                 state="parked") for frame in range(FRAMES) for n in range(4)]  # fmt: skip
    empty = [replace(row, track=f"e-{row.track}", center=(row.center[0], -17.0, 1.0))
             for row in poles if row.frame == 5]  # fmt: skip
    rows = [*T, *poles, *empty]
    found = result("empty-box", rows, truth=[*T]).findings
    assert {each.severity for each in found} <= {Severity.LOW, Severity.MEDIUM}
    cars = changed(T, "car-3", [5], center=lambda row: (row.center[0], 10.5, 0.75))
    assert severities("empty-box", cars) == {"car-3": Severity.HIGH}


def test_a_box_that_reaches_below_the_ground_is_loose_though_ground_lies_at_its_sides():
    grown = {
        "size": lambda row: tuple(np.add(row.size, 1.0).tolist()),
    }
    rows = changed(T, "car-5", [8, 9], **grown)
    assert severities("tightness", rows) == {"car-5": Severity.MEDIUM}
    found = result("tightness", rows).findings
    assert {each.labels[0].label_id for each in found} == {"car-5.008", "car-5.009"}
    slack = [each.evidence.numbers["slack_m"] for each in found]
    np.testing.assert_allclose(slack, 0.5, atol=0.06)


def test_noise_at_a_side_that_fits_is_no_cut():
    rows = changed(T, "car-5", range(FRAMES), size=(4.46, 1.76, 1.5))
    assert severities("tightness", rows) == {}


def test_points_well_outside_of_a_side_are_a_cut():
    rows = changed(T, "car-5", [8], size=(4.5, 1.5, 1.5))
    assert severities("tightness", rows) == {"car-5": Severity.MEDIUM}


# -- what turns, and slopes ----------------------------------------------------------------------


def turning_rows(*, rate_hz, frames=FRAMES, wrong=()):
    """A car that turns round a corner of 7 m at 5 m/s, `wrong` of its labels moved aside."""
    rows = []
    for frame in range(frames):
        t = frame / rate_hz - 1.0
        angle = np.clip(5.0 * t / 7.0, 0.0, np.pi / 2)
        ahead = min(t, 0.0) * 5.0
        beyond = max(t - 7.0 * np.pi / 10.0, 0.0) * 5.0
        x = 7.0 * np.sin(angle) + ahead
        y = 7.0 * (1.0 - np.cos(angle)) + beyond
        side = 1.2 if frame in wrong else 0.0
        center = (x - side * np.sin(angle), y + side * np.cos(angle), 0.75)
        rows.append(Row(frame, "turning", "car", center, (4.5, 1.8, 1.5), float(angle)))
    return rows


@pytest.mark.parametrize("rate_hz", [10, 5])
@pytest.mark.parametrize("check", ["smoothness", "heading-motion", "speed-limit"])
def test_a_turn_is_no_label_aside(check, rate_hz):
    rows = [*T, *turning_rows(rate_hz=rate_hz)]
    found = severities(check, rows, step_ns=round(1e9 / rate_hz))
    assert found.get("turning", Severity.INFO) <= Severity.LOW


def test_labels_aside_in_a_turn_are():
    rows = [*T, *turning_rows(rate_hz=10, wrong={14, 15, 16})]
    found = result("smoothness", rows).findings
    aside = {each.frame_key for each in found if each.severity >= Severity.MEDIUM}
    assert {f"{frame:06d}" for frame in (14, 15, 16)} <= aside


def leaning(row, degrees):
    """Lean a box back, as uphill."""
    return replace(row, rise=np.radians(degrees))


def test_boxes_lean_with_the_slope_they_drive_up():
    slope = 8.0
    rise = np.tan(np.radians(slope))
    climbing = [
        leaning(replace(row, center=(*row.center[:2], row.center[2] + rise * (row.center[0] + 20))),
                slope)
        for row in T if row.track == "car-1"
    ]  # fmt: skip
    others = [row for row in T if row.track != "car-1"]
    assert severities("illegal-box", [*others, *climbing]) == {}
    flat = [leaning(row, slope) for row in T if row.track == "car-1"]
    assert severities("illegal-box", [*others, *flat]) == {"car-1": Severity.MEDIUM}
    # Three stand on a ramp, seen for a while.
    ramp = [leaning(row, slope) for row in T
            if row.track in {"car-3", "car-4", "car-5"} and row.frame < 5]  # fmt: skip
    others = [row for row in T if row.state == "moving"]
    assert severities("illegal-box", [*others, *ramp]) == {}
    alone = [row for row in ramp if row.track == "car-3"]
    assert severities("illegal-box", [*others, *alone]) == {"car-3": Severity.MEDIUM}


# -- jumps, and what looks like one --------------------------------------------------------------


def without(track, frames):
    return [row for row in T if (row.track, row.frame) not in {(track, each) for each in frames}]


def test_a_label_after_a_long_gap_is_on_no_way():
    rows = changed(without("car-1", range(7, 14)), "car-1", [14], center=moved(y=2.0))
    assert severities("speed-limit", rows) == {}
    assert severities("speed-limit", changed(T, "car-1", [14], center=moved(y=2.0))) != {}


def test_a_track_that_stops_or_goes_on_beside_jumps_nowhere():
    stopped = changed(T, "car-1", range(12, 16), center=lambda _: (-20.0 + 9.0 * 1.1, 6.0, 0.75))
    beside = changed(T, "car-1", range(12, FRAMES), center=moved(y=1.0))
    for rows in (stopped, beside):
        found = result("speed-limit", rows).findings
        assert "car-1.011" not in {each.labels[0].label_id for each in found}


def test_two_labels_of_a_frame_in_one_track_hide_no_jump():
    rows = changed(T, "car-1", [12], center=moved(y=2.5))
    twice = [*rows, replace(rows[find(rows, "car-2", 5)], track="car-1", name="car-2.005")]
    assert "car-1" in severities("speed-limit", twice)


# -- ground that is seen too high ----------------------------------------------------------------


def sunk_under(ground_m, *, track, hide_points=False):
    """Findings of the drive where the ground under a track is told to be higher than it is."""
    wanted = Wanted("ground_truth")
    seen = gather_scene(drive_scene(T), wanted, JobContext())
    rows = [row for row in range(len(seen.labels)) if seen.track_id(row) == track][:5]
    heights, low_m = seen.points.ground_m.copy(), seen.points.fit.low_m.copy()
    heights[rows] = ground_m
    if hide_points:
        low_m[rows] = np.nan
    points = replace(seen.points, ground_m=heights, fit=replace(seen.points.fit, low_m=low_m))
    found = check_scene(
        replace(seen, points=points), learn_scene(seen), Policy(), JobContext(),
        [check_by_id()["floating"]],
    ).findings  # fmt: skip
    return {each.labels[0].track_id for each in found}


def test_a_fence_is_not_the_ground_under_a_box_with_lower_points():
    assert sunk_under(0.9, track="car-1") == set()


def test_where_others_stand_as_low_the_ground_is_there():
    assert sunk_under(0.9, track="car-4", hide_points=True) == set()
    # Nothing is near the truck that tells better.
    assert sunk_under(0.9, track="truck-2", hide_points=True) == {"truck-2"}


# -- sizes along a track -------------------------------------------------------------------------


def test_a_size_that_lasts_is_one_step_not_many_wrong_sizes():
    rows = changed(T, "truck-1", range(13, FRAMES), size=(9.4, 2.5, 3.2))
    (found,) = result("size-change", rows).findings
    assert found.labels[0].label_id == "truck-1.013"
    assert "From here on its length is 9.40 m, before 8.00 m" in found.text
    (found,) = result(
        "size-change", changed(T, "truck-1", range(10), size=(9.4, 2.5, 3.2))
    ).findings
    assert found.labels[0].label_id == "truck-1.010"
    assert (
        len(result("size-change", changed(T, "truck-1", range(9), size=(9.4, 2.5, 3.2))).findings)
        == 9
    )


def test_where_no_ground_is_seen_the_track_tells_how_high_it_stands():
    rows = changed(T, "car-1", [10, 11], center=moved(z=-0.7))
    seen = gather_scene(drive_scene(rows), Wanted("ground_truth"), JobContext())
    own = [row for row in range(len(seen.labels)) if seen.track_id(row) == "car-1"]
    heights = seen.points.ground_m.copy()
    heights[own] = np.nan
    found = check_scene(
        replace(seen, points=replace(seen.points, ground_m=heights)), learn_scene(seen), Policy(),
        JobContext(), [check_by_id()["floating"]],
    ).findings  # fmt: skip
    assert {each.labels[0].label_id for each in found} == {"car-1.010", "car-1.011"}
    assert all(each.severity is Severity.MEDIUM for each in found)
    assert found[0].evidence.numbers["gap_m"] == pytest.approx(-0.7, abs=0.05)
