"""Playing keeps the pace of the recording."""

from dataclasses import replace

import pytest
from fake_drive import make_scene

from viewer.session.playback import INDEPENDENT_FRAME_S, Playback, Player, frame_times_s


def with_times(times_ns):
    scene = make_scene(len(times_ns))
    frames = tuple(
        replace(frame, timestamp_ns=time)
        for frame, time in zip(scene.frames, times_ns, strict=True)
    )
    return replace(scene, frames=frames)


def test_times_are_seconds_since_the_first_frame():
    scene = with_times([5_000_000_000, 5_100_000_000, 5_350_000_000])
    assert frame_times_s(scene) == pytest.approx([0.0, 0.1, 0.35])


@pytest.mark.parametrize("times_ns", [[3, 2, 1], [None, 1, 2], [7, 7, 7], [0, 10, 10]], ids=str)
def test_times_that_do_not_rise_are_replaced_by_even_ones(times_ns):
    scene = with_times(times_ns)
    assert frame_times_s(scene) == [0.0, INDEPENDENT_FRAME_S, 2 * INDEPENDENT_FRAME_S]


def test_independent_frames_are_even_whatever_their_times():
    scene = make_scene(3, independent=True)
    assert frame_times_s(scene) == [0.0, INDEPENDENT_FRAME_S, 2 * INDEPENDENT_FRAME_S]


def test_frame_is_due_when_its_time_has_come():
    player = Player(with_times([0, 100_000_000, 300_000_000]))
    playback = Playback(playing=True)
    assert player.advance(0.05, playback) == 0
    assert player.advance(0.06, playback) == 1
    assert player.advance(0.1, playback) == 1
    assert player.advance(0.1, playback) == 2


def test_speed_scales_time_and_slow_drawing_skips_frames():
    player = Player(make_scene(12))
    assert player.advance(0.25, Playback(playing=True, speed=2.0)) == 5


def test_end_without_loop():
    player = Player(make_scene(3))
    playback = Playback(playing=True)
    player.seek(2)
    assert player.advance(0.09, playback) == 2
    assert player.advance(0.02, playback) is None


def test_loop_starts_over_and_keeps_the_rest_of_the_time():
    player = Player(make_scene(3))
    player.seek(2)
    assert player.advance(0.21, Playback(playing=True, loop=True)) == 1


def test_one_frame_plays_and_ends():
    player = Player(make_scene(1))
    assert player.advance(0.1, Playback(playing=True)) == 0
    assert player.advance(INDEPENDENT_FRAME_S, Playback(playing=True)) is None
    assert player.advance(INDEPENDENT_FRAME_S, Playback(playing=True, loop=True)) == 0


def test_no_frame_at_all():
    assert Player(make_scene(0)).advance(1.0, Playback(playing=True)) is None
