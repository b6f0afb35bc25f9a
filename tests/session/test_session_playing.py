"""Playing: time goes on, frames that load late do not hold it up."""

from session.hearing import kinds

from viewer.session.changes import (
    PlaybackChanged,
)


def test_playing_advances_with_time_and_stops_at_the_end(open_desk):
    session = open_desk.session
    session.play(playing=True)
    session.advance(0.31)
    assert session.frame_index == 3
    open_desk.settle()
    session.advance(5.0)
    assert not session.playback.playing
    assert PlaybackChanged in kinds(open_desk)


def test_playing_waits_for_a_frame_that_loads_and_then_makes_up_the_time(open_desk):
    session = open_desk.session
    session.play(playing=True)
    session.scene.reader.gate.clear()
    session.advance(0.51)
    assert session.frame_index == 5
    session.advance(0.51)
    assert session.frame_index == 5
    session.scene.reader.gate.set()
    open_desk.settle()
    session.advance(0.11)
    assert session.frame_index == 11  # 1.13 s at 10 Hz


def test_playing_ends_on_the_last_frame_however_slowly_it_loads(open_desk):
    session = open_desk.session
    session.play(playing=True)
    session.advance(100.0)
    assert not session.playback.playing
    assert session.frame_index == len(session.scene.frames) - 1


def test_scrubbing_while_playing_goes_on_from_there(open_desk):
    session = open_desk.session
    session.play(playing=True)
    session.advance(0.11)
    open_desk.settle()
    session.go_to_frame(8)
    open_desk.settle()
    session.advance(0.11)
    assert session.frame_index == 9


def test_play_at_the_end_starts_over(open_desk):
    session = open_desk.session
    session.go_to_frame(11)
    open_desk.settle()
    session.play(playing=True)
    session.advance(0.05)
    assert session.frame_index == 0


def test_loop_and_speed(open_desk):
    session = open_desk.session
    session.set_playback(loop=True, speed=2.0)
    session.go_to_frame(10)
    open_desk.settle()
    session.play(playing=True)
    session.advance(0.11)
    assert session.frame_index == 0
    assert session.playback.playing


def test_nothing_plays_without_a_scene(desk):
    desk.session.play(playing=True)
    assert not desk.session.playback.playing
