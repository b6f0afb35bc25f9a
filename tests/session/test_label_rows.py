"""Rows of the label table: numbers of the small drive that can be checked in the head."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from fake_drive import CAR_POINTS, make_scene

from viewer.formats.catalog import open_dataset
from viewer.formats.frame_cache import FrameCache
from viewer.progress import JobContext
from viewer.scene.labels import CuboidLabels
from viewer.session.frame_poses import inverse_rigid, world_from_sweep
from viewer.session.frame_store import FrameStore
from viewer.session.label_filter import visible_rows
from viewer.session.label_rows import counts_by_key, label_rows, speed_mps
from viewer.session.point_counts import count_points
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Filters, PointStyle, Solo, ViewSettings

VIEW = ViewSettings()


def load(index, view=VIEW, **options):
    store = FrameStore(make_scene(**options), FrameCache(10_000_000))
    content = store.load(JobContext(), index, view, 320)
    store.close()
    return content


@pytest.fixture(scope="module")
def content():
    return load(4)


@pytest.fixture(scope="module")
def rows(content):
    return {row.key.label_id: row for row in label_rows(content, VIEW, None)}


def test_every_label_of_every_set_has_a_row(rows):
    assert list(rows) == ["car-4", "walker-4", "p0-4", "p1-4"]
    assert [row.set_title for row in rows.values()] == ["Ground truth"] * 2 + ["Model"] * 2
    assert [row.predicted for row in rows.values()] == [False, False, True, True]


def test_numbers_of_a_box(rows):
    car = rows["car-4"]
    assert (car.length_m, car.width_m, car.height_m) == (4.0, 2.0, 1.5)
    assert car.distance_m == pytest.approx(math.hypot(26.0, 2.0))
    assert rows["walker-4"].yaw_deg == pytest.approx(90.0)
    assert rows["p1-4"].yaw_deg == pytest.approx(math.degrees(1.0))


def test_unknown_numbers_are_nan(rows):
    assert math.isnan(rows["car-4"].score)
    assert rows["p0-4"].score == pytest.approx(0.9)
    assert math.isnan(rows["p0-4"].speed_mps)
    assert rows["walker-4"].speed_mps == pytest.approx(5.0)
    assert rows["p0-4"].track_id == ""


def test_words(rows):
    assert rows["car-4"].occlusion == "partly"
    assert rows["car-4"].attributes == "parked: yes, occlusion: partly, doors: 4"
    assert "ground truth" in rows["car-4"].search_text


def test_velocity_without_height_still_gives_a_speed():
    labels = load(4).labels["gt"].cuboids
    velocities = np.array([[3.0, 4.0, np.nan], [np.nan, np.nan, np.nan]])
    speeds = speed_mps(replace(labels, velocities_mps=velocities))
    assert speeds[0] == pytest.approx(5.0)
    assert math.isnan(speeds[1])


def test_points_in_boxes_are_those_put_there(content):
    """40 points were put into the car; the slope passes through no box of the truth there."""
    counts = counts_by_key(content, count_points(JobContext(), content, VIEW))
    assert counts["gt", "car-4"] == CAR_POINTS
    expected = content.labels["gt"].cuboids.cuboids.contains(content.sweeps[0].cloud.xyz).sum(1)
    assert counts["gt", "walker-4"] == expected[1]


def test_only_the_frames_own_sweeps_count():
    view = replace(VIEW, points=PointStyle(sweep_count=3))
    content = load(4, view)
    assert len(content.sweeps) == 3
    assert count_points(JobContext(), content, view)["gt"][0] == CAR_POINTS


def test_time_offset_of_the_lidar_moves_points_and_the_labels_drawn_on_them():
    view = replace(VIEW, time_offsets_ns={"lidar": 500_000_000})
    content = load(4)
    assert count_points(JobContext(), content, view)["gt"][0] == CAR_POINTS
    sweep = content.sweeps[0]
    moved = world_from_sweep(content, sweep, view) @ inverse_rigid(world_from_sweep(content, sweep))
    assert moved[:3, 3] == pytest.approx([5.0, 0.0, 0.0])


def test_frame_without_points_has_no_counts(content):
    assert count_points(JobContext(), replace(content, sweeps=()), VIEW) == {}


def shown(content, filters, selection=None, **changes):
    view = replace(VIEW, filters=filters, **changes)
    return [row.key.label_id for row in label_rows(content, view, selection) if row.shown]


def test_filters_mark_rows_as_not_shown(content):
    assert shown(content, Filters()) == ["car-4", "walker-4", "p0-4", "p1-4"]
    assert shown(content, Filters(hidden_classes=frozenset({"car"}))) == ["walker-4"]
    assert shown(content, Filters(hidden_label_sets=frozenset({"gt"}))) == ["p0-4", "p1-4"]
    assert shown(content, Filters(min_score=0.5)) == ["car-4", "walker-4", "p0-4"]
    assert shown(content, Filters(attribute=("parked", "True"))) == ["car-4"]
    assert shown(content, Filters(max_range_m=15.0)) == ["walker-4", "p1-4"]
    assert shown(content, Filters(min_range_m=15.0)) == ["car-4", "p0-4"]
    layers = replace(VIEW.layers, predictions=False)
    assert shown(content, Filters(), layers=layers) == ["car-4", "walker-4"]


def test_solo_leaves_the_label_or_its_track(content):
    car = LabelKey("gt", 4, "car-4", "1")
    assert shown(content, Filters(solo=Solo.LABEL), car) == ["car-4"]
    assert shown(content, Filters(solo=Solo.TRACK), car) == ["car-4"]
    earlier = LabelKey("gt", 3, "car-3", "1")
    assert shown(content, Filters(solo=Solo.LABEL), earlier) == ["car-4"]
    assert len(shown(content, Filters(solo=Solo.LABEL), None)) == 4


def test_no_labels():
    content = load(0)
    label_set = content.scene.label_sets[0]
    none = visible_rows(CuboidLabels.empty("lidar"), label_set, content, VIEW, None)
    assert none.tolist() == []


def test_kitti_points_in_boxes_equal_the_published_counts(real_data):
    """By the devkit's formulas; faces count as 1 cm thick."""
    expected = json.loads((real_data / "oracles" / "scene_expected.json").read_text())
    scene = open_dataset(real_data / "scenes" / "kitti_object").scenes[0]
    store = FrameStore(scene, FrameCache(100_000_000))
    checked = 0
    for key in ("000000", "000001"):
        content = store.load(JobContext(), scene.frame_index_of(key), VIEW, 320)
        counts = count_points(JobContext(), content, VIEW)
        (set_id,) = counts
        for item in expected[f"kitti_object/{key}"]["objects"]:
            found = int(counts[set_id][item["line"]])
            low, high = (item[f"points_inside_box_{how}_1cm"] for how in ("shrunk", "grown"))
            assert low <= found <= high, item["type"]
            checked += 1
    store.close()
    scene.reader.close()
    assert checked == 4
