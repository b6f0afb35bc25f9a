"""Reading the labels of tracks, and the steps that merge and split with all of them."""

import pytest

from viewer.formats.builder import SceneBuilder
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.progress import JobContext
from viewer.review import Batch, Subject
from viewer.review.commands.tracks import ChangeTrackId, MergeTracks
from viewer.review.commands.whole_tracks import merged, split_off
from viewer.review.edits.track_labels import TrackLabels, labels_of_tracks
from viewer.scene.scene import Scene


@pytest.fixture
def scene() -> Scene:
    """Frame by frame: cuboid a0 of track a; then b1 of track b with a box on an image, c1."""
    builder = SceneBuilder("street")
    builder.add_lidar("top", position=(0, 0, 2))
    builder.add_camera("front", Pinhole(8, 6, fx=5, fy=5))
    for index, (names, tracks) in enumerate(((["a0"], ["a"]), (["b1", "c1"], ["b", None]))):
        frame = builder.add_frame(timestamp_ns=index * 100, ego_position=(0, 0, 0))
        centers = [(5.0 * row, 0, 0) for row in range(len(names))]
        frame.add_cuboids(
            centers, (2, 2, 2), label_set_id="gt", class_names=["car"] * len(names),
            label_ids=names, track_ids=tracks,
        )  # fmt: skip
        frame.add_boxes_2d(
            "front", [(1, 1, 3, 3)], class_names=["car"], label_set_id="gt",
            label_ids=[f"front{index}"], track_ids=["ab"[index]],
        )  # fmt: skip
    return builder.build()


def read(scene: Scene, *track_ids: str) -> TrackLabels:
    return labels_of_tracks(JobContext(), scene, "d", "gt", track_ids)


def test_the_labels_of_tracks_are_found_in_3d_and_on_images(scene: Scene):
    found = read(scene, "b")
    told = [(each.subject.label_id, each.frame_index, each.is_cuboid) for each in found.labels]
    assert told == [("front1", 1, False), ("b1", 1, True)]
    keys = [frame.key for frame in scene.frames]
    assert found.labels[1].subject == Subject.label("d", "street", keys[1], "gt", "b1")
    assert found.labels[1].snapshot.track_id == "b"
    assert found.known == {"a", "b"}
    assert read(scene).labels == ()


def test_a_new_track_gets_an_id_that_no_other_has():
    assert TrackLabels((), frozenset({"7"})).free_id("7") == "7-2"
    assert TrackLabels((), frozenset({"7", "7-2", "7-3"})).free_id("7") == "7-4"


def test_boxes_on_images_go_along_when_tracks_merge(scene: Scene):
    step = merged(read(scene, "a", "b").labels, "a", ["b"])
    assert isinstance(step, Batch)
    merging, flat = step.commands
    assert isinstance(merging, MergeTracks)
    assert [each.label_id for each in merging.labels] == ["a0", "b1"]
    assert isinstance(flat, ChangeTrackId)
    assert (flat.subject.label_id, flat.track_id) == ("front1", "a")
    assert step.text == "Merge track b into track a"


def test_what_leaves_a_track_takes_its_snapshots_along(scene: Scene):
    step = split_off(read(scene, "b").labels, "b-2", "b")
    assert [each.label_id for each in step.labels] == ["front1", "b1"]
    assert {each.label_id for each in step.snapshots} == {"front1", "b1"}
    assert step.text == "Split track b: 2 labels become track b-2"
