"""Tracks of a scene: where they are, their gaps, and the counts of all labels."""

import pytest
from fake_drive import WALKER_FRAMES, make_scene

from viewer.progress import Cancelled, JobContext
from viewer.session.selection import LabelKey
from viewer.session.tracks import TrackExtent, read_tracks


def test_extents_longest_first():
    tracks = read_tracks(JobContext(), make_scene())
    assert [(t.name, t.class_name, t.runs) for t in tracks.extents] == [
        (("gt", "1"), "car", ((0, 11),)),
        (("gt", "2"), "pedestrian", ((3, 4), (6, 8))),
    ]


def test_counts_take_a_2d_box_and_its_cuboid_as_one_label():
    tracks = read_tracks(JobContext(), make_scene())
    assert tracks.class_counts == {
        "gt": {"car": 12, "pedestrian": len(WALKER_FRAMES)},
        "model": {"car": 24},
    }


def test_independent_frames_are_counted_but_have_no_tracks():
    tracks = read_tracks(JobContext(), make_scene(independent=True))
    assert tracks.extents == ()
    assert tracks.class_counts["gt"]["car"] == 12


def test_unreadable_frame_is_a_gap_and_is_counted():
    scene = make_scene()
    scene.reader.damaged.add(("labels", 5))
    tracks = read_tracks(JobContext(), scene)
    assert tracks.unread_frame_count == 1
    assert tracks.find("gt", "1").runs == ((0, 4), (6, 11))


def test_reading_reports_and_can_be_cancelled():
    reports = []
    read_tracks(JobContext(reports.append), make_scene())
    assert (reports[0].done, reports[-1].done, reports[-1].total) == (0, 12, 12)
    context = JobContext()
    context.cancel()
    with pytest.raises(Cancelled):
        read_tracks(context, make_scene())


def test_neighbours_skip_gaps_and_end():
    track = TrackExtent("gt", "7", "car", (2, 3, 6), ("a", "b", "c"))
    key_6 = LabelKey("gt", 6, "c", "7")
    assert track.neighbour(3, 1) == key_6
    assert track.neighbour(4, 1) == key_6
    assert track.neighbour(4, -1) == LabelKey("gt", 3, "b", "7")
    assert track.neighbour(3, -1) == LabelKey("gt", 2, "a", "7")
    assert track.neighbour(6, 1) is None
    assert track.neighbour(2, -1) is None
    assert track.neighbour(0, 1) == LabelKey("gt", 2, "a", "7")


def test_key_at():
    track = TrackExtent("gt", "7", "car", (2, 6), ("a", "c"))
    assert track.key_at(6) == LabelKey("gt", 6, "c", "7")
    assert track.key_at(3) is None
    assert track.key_at(9) is None
