"""Trails: where the tracks of the fake drive were and will be."""

import numpy as np

from tests.fake_drive import CAR_SIZE, LIDAR_HEIGHT_M, make_scene
from viewer.render.trails import TrackPositions, build_trails


def _by_track(trails):
    return {trail.track_id: trail for trail in trails}


def test_parked_car_stays_in_the_world_at_its_foot():
    trails = _by_track(build_trails(make_scene(12), 5, ("gt",), 3, TrackPositions()))
    car = trails["1"]
    assert car.class_name == "car"
    np.testing.assert_array_equal(car.frame_offsets, range(-3, 4))
    foot = [30.0, 2.0, LIDAR_HEIGHT_M + 0.5 - CAR_SIZE[2] / 2]
    np.testing.assert_allclose(car.positions_world, np.tile(foot, (7, 1)), atol=1e-9)


def test_walker_is_where_it_was_labelled_and_gaps_are_left_out():
    """10 m ahead of an ego that drives 1 m a frame; not labelled in frame 5."""
    trails = _by_track(build_trails(make_scene(12), 6, ("gt",), 10, TrackPositions()))
    walker = trails["2"]
    np.testing.assert_array_equal(walker.frame_offsets, [-3, -2, 0, 1, 2])
    np.testing.assert_allclose(walker.positions_world[:, 0], [13, 14, 16, 17, 18], atol=1e-9)


def test_only_tracks_of_the_frame_have_trails():
    trails = _by_track(build_trails(make_scene(12), 5, ("gt", "model"), 3, TrackPositions()))
    assert set(trails) == {"1"}


def test_ends_of_the_scene_shorten_trails():
    trails = _by_track(build_trails(make_scene(12), 0, ("gt",), 4, TrackPositions()))
    np.testing.assert_array_equal(trails["1"].frame_offsets, range(5))


def test_independent_frames_have_none():
    assert build_trails(make_scene(12, independent=True), 5, ("gt",), 3, TrackPositions()) == ()


def test_frames_are_read_once_and_damaged_ones_left_out():
    scene = make_scene(12)
    scene.reader.damaged.add(("labels", 4))
    positions = TrackPositions()
    trails = _by_track(build_trails(scene, 5, ("gt",), 2, positions))
    np.testing.assert_array_equal(trails["1"].frame_offsets, [-2, 0, 1, 2])
    build_trails(scene, 6, ("gt",), 2, positions)
    assert scene.reader.read_counts["labels", 6] == 1
