"""Boxes between keyframes; expected values are worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from fake_drive import START_NS, Desk, make_dataset, make_scene

from viewer.formats.base import DamagedData
from viewer.formats.frame_cache import FrameCache
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.progress import JobContext
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.tracks import Track
from viewer.session.flat_facts import kind_counts
from viewer.session.frame_store import FrameStore
from viewer.session.keyframe_gaps import KeyframeGaps
from viewer.session.scene_facts import scene_facts
from viewer.session.tracks import frames_between, read_tracks, stretches, told_tracks
from viewer.session.view_settings import ViewSettings

TURN = math.radians(90)
FIRST = ((0.0, 0.0, 1.0), (4.0, 2.0, 1.0), 0.0)
LAST = ((8.0, -4.0, 3.0), (6.0, 2.0, 2.0), TURN)


def box(key, coord_frame_id="world", **columns):
    """One car of track "a"."""
    center, size, yaw = key
    cuboids = Cuboids(
        np.array([center]), np.array([size]), quaternion_from_yaw(np.array([yaw])), coord_frame_id
    )
    return CuboidLabels(
        cuboids, ("drawn",), ("car",), ("a",), np.array([0.5]), ({"colour": "red"},), **columns
    )


class Keyframed:
    """The fake drive's reader with one track, whose boxes stand only in keyframes."""

    def __init__(self, inner, boxes, track):
        self._inner, self.boxes, self.track = inner, boxes, track
        self.damaged = set()

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def read_labels(self, frame_index, label_set_id):
        if frame_index in self.damaged:
            raise DamagedData("labels.json", "", "is cut off")
        found = self.boxes.get(frame_index) if label_set_id == "gt" else None
        return FrameLabels(CuboidLabels.empty("world") if found is None else found)

    def read_tracks(self, label_set_id):
        return [self.track] if label_set_id == "gt" else []


def scene_of(boxes=None, track=None, **changes):
    scene = make_scene()
    if boxes is None:
        boxes = {2: box(FIRST), 6: box(LAST)}
    reader = Keyframed(scene.reader, boxes, track or Track("a", "car", (2, 6)))
    return replace(scene, reader=reader, **changes)


def filled(scene, index):
    labels = scene.reader.read_labels(index, "gt")
    return KeyframeGaps(scene, told_tracks(scene)).filled(labels, "gt", index).cuboids


@pytest.mark.parametrize(
    ("index", "center", "size", "yaw_deg"),
    [
        (3, (2.0, -1.0, 1.5), (4.5, 2.0, 1.25), 22.5),
        (4, (4.0, -2.0, 2.0), (5.0, 2.0, 1.5), 45.0),
        (5, (6.0, -3.0, 2.5), (5.5, 2.0, 1.75), 67.5),
    ],
)
def test_everything_goes_evenly_from_keyframe_to_keyframe(index, center, size, yaw_deg):
    labels = filled(scene_of(), index)
    np.testing.assert_allclose(labels.cuboids.center, [center], atol=1e-12)
    np.testing.assert_allclose(labels.cuboids.size, [size], atol=1e-12)
    np.testing.assert_allclose(np.degrees(labels.cuboids.yaw_rad), [yaw_deg], atol=1e-9)
    assert labels.is_interpolated(0)
    assert list(labels.track_ids) == ["a"]
    assert list(labels.class_names) == ["car"]
    assert list(labels.attributes) == [{"colour": "red"}]
    assert np.isnan(labels.scores).all()


def test_the_clock_counts_where_frames_are_not_evenly_apart():
    scene = scene_of()
    frames = list(scene.frames)
    # Frame 3 comes after a tenth of the way from frame 2 to frame 6.
    frames[3] = replace(frames[3], timestamp_ns=START_NS + 240_000_000)
    labels = filled(replace(scene, frames=tuple(frames)), 3)
    np.testing.assert_allclose(labels.cuboids.center, [(0.8, -0.4, 1.2)], atol=1e-12)
    without = tuple(replace(frame, timestamp_ns=None) for frame in frames)
    labels = filled(replace(scene, frames=without), 3)
    np.testing.assert_allclose(labels.cuboids.center, [(2.0, -1.0, 1.5)], atol=1e-12)


def test_boxes_in_a_moving_coord_frame_go_evenly_through_the_world():
    """The vehicle drives 1 m a frame along x: an object at rest comes 1 m nearer a frame."""
    stays = {2: box(((10.0, 3, 0), (4, 2, 1), 0.0), "ego"),
             6: box(((6.0, 3, 0), (4, 2, 1), 0.0), "ego"),
             4: replace(CuboidLabels.empty("ego"))}  # fmt: skip
    labels = filled(scene_of(stays), 4)
    assert labels.cuboids.coord_frame_id == "ego"
    np.testing.assert_allclose(labels.cuboids.center, [(8.0, 3, 0)], atol=1e-9)
    # A frame without labels keeps its own coord frame: there the object stands still.
    world = filled(scene_of(stays), 5).cuboids
    np.testing.assert_allclose(world.center, [(12.0, 3, 0)], atol=1e-9)


@pytest.mark.parametrize("index", [0, 1, 2, 6, 7, 11])
def test_keyframes_and_what_lies_outside_them_stay_as_they_are(index):
    scene = scene_of()
    labels = scene.reader.read_labels(index, "gt")
    found = KeyframeGaps(scene, told_tracks(scene)).filled(labels, "gt", index)
    assert found is labels


@pytest.mark.parametrize(
    "scene",
    [
        scene_of({2: box(FIRST), 4: box(LAST), 6: box(LAST)}),
        scene_of(track=Track("a", "car", (2, 6), visible=((0, 3), (5, 9)))),
        scene_of({2: box(FIRST)}),
    ],
    ids=["labelled there", "not visible", "without the later box"],
)
def test_nothing_is_made_up(scene):
    labels = filled(scene, 4)
    assert [labels.is_interpolated(row) for row in range(len(labels))] == [False] * len(labels)


@pytest.mark.parametrize(
    "scene",
    [scene_of(independent=True), scene_of(track=Track("a", "car")), make_scene()],
    ids=["independent", "keyframes unknown", "format without tracks"],
)
def test_there_is_nothing_to_fill(scene):
    assert not KeyframeGaps(scene, told_tracks(scene))


def test_a_damaged_keyframe_leaves_the_gap():
    scene = scene_of()
    scene.reader.damaged.add(6)
    assert len(filled(scene, 4)) == 0


def test_other_labels_of_the_frame_keep_their_columns():
    other = replace(
        box(FIRST, velocities_mps=np.ones((1, 3)), is_crowd=np.array([True]),
            class_distributions=({"car": 1.0},)),
        track_ids=("b",),
    )  # fmt: skip
    labels = filled(scene_of({2: box(FIRST), 6: box(LAST), 4: other}), 4)
    assert list(labels.label_ids) == ["drawn", "a (interpolated)"]
    assert labels.is_keyframe.tolist() == [True, False]
    assert labels.is_crowd.tolist() == [True, False]
    assert labels.class_distributions == ({"car": 1.0}, None)
    np.testing.assert_array_equal(labels.velocities_mps, [[1, 1, 1], [np.nan] * 3])


def test_they_are_shown_but_never_counted_as_labels():
    scene = scene_of()
    store = FrameStore(scene, FrameCache(10_000_000))
    before = store.load(JobContext(), 4, ViewSettings(), 320)
    assert len(before.labels["gt"].cuboids) == 0
    assert store.use_tracks(told_tracks(scene))
    assert store.cached(4, ViewSettings(), 320) is None
    content = store.load(JobContext(), 4, ViewSettings(), 320)
    store.close()
    assert len(content.labels["gt"].cuboids) == 1
    assert kind_counts(content.labels["gt"], content, "gt") == "1 interpolated cuboid"
    assert len(scene.reader.read_labels(4, "gt").cuboids) == 0
    tracks = read_tracks(JobContext(), scene)
    assert tracks.class_counts["gt"] == {"car": 2}
    (extent,) = tracks.extents
    assert (extent.frames, extent.interpolated) == ((2, 6), ((3, 5),))
    groups = {group.title: group for group in scene_facts(scene, content, tracks, ())}
    assert groups["Labels: Ground truth"].facts[0].value == "2"


@pytest.mark.parametrize(
    ("track", "labelled", "between"),
    [
        (Track("a", "car", (2, 6)), (2, 6), ((3, 5),)),
        (Track("a", "car", (6, 2, 4)), (2, 4, 6), ((3, 3), (5, 5))),
        (Track("a", "car", (2, 6), visible=((0, 3),)), (2, 6), ((3, 3),)),
        (Track("a", "car", (2, 6)), (2, 4, 6), ((3, 3), (5, 5))),
        (Track("a", "car", (2, 6)), (2,), ()),
        (Track("a", "car"), (2, 6), ()),
    ],
)
def test_the_timeline_tells_which_frames_are_filled(track, labelled, between):
    assert stretches(frames_between(track, labelled)) == between


def test_the_window_shows_them_once_tracks_are_read():
    desk = Desk()
    desk.session.open_dataset(make_dataset(scene_of()))
    desk.settle()
    desk.session.go_to_frame(4)
    desk.settle()
    assert len(desk.session.content.labels["gt"].cuboids) == 0
    desk.session.read_tracks()
    desk.settle()
    cuboids = desk.session.content.labels["gt"].cuboids
    assert [cuboids.is_interpolated(row) for row in range(len(cuboids))] == [True]
    desk.close()
