"""Any drive written as KITTI tracking, and any 2D boxes as YOLO or VOC, read again as they were."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.writers.catalog import writer_by_name
from viewer.geometry.cameras import Pinhole
from viewer.progress import JobContext

CLASSES = ("car", "person", "Größe 2")
WIDTH, HEIGHT = 64, 40
LIDAR_HEIGHT_M = 1.25
TRUTH = "labels"


def reopened(scene, name, folder):
    writer_by_name(name).write([scene], folder / "out", JobContext())
    return open_dataset(folder / "out")


def new_scene():
    builder = SceneBuilder("images")
    builder.add_camera("front", Pinhole(WIDTH, HEIGHT, fx=40.0, fy=41.0))
    builder.add_label_set(TRUTH, predictions=False)
    return builder


@st.composite
def boxes(draw):
    """Whole boxes inside of an image, wider than nothing."""
    left, top = draw(st.floats(0, WIDTH - 1)), draw(st.floats(0, HEIGHT - 1))
    width = draw(st.floats(0.01, 1)) * (WIDTH - left)
    height = draw(st.floats(0.01, 1)) * (HEIGHT - top)
    return draw(st.sampled_from(CLASSES)), (left, top, left + width, top + height)


@st.composite
def scenes_of_images(draw):
    """One to three images, each with an object or more."""
    builder = new_scene()
    for index in range(draw(st.integers(1, 3))):
        frame = builder.add_frame(key=f"{index:06d}")
        frame.add_image("front", np.full((HEIGHT, WIDTH, 3), 40 * index, np.uint8))
        own = draw(st.lists(boxes(), min_size=1, max_size=4))
        frame.add_boxes_2d(
            "front",
            [box for _, box in own],
            class_names=[name for name, _ in own],
            label_ids=[str(number) for number in range(len(own))],
            label_set_id=TRUTH,
        )
    return builder.build()


@pytest.mark.parametrize(("name", "slack_px"), [("yolo", 1e-4), ("pascal_voc", 1e-6)])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_boxes_on_images_come_back(name, slack_px, data, tmp_path_factory):
    before = data.draw(scenes_of_images())
    dataset = reopened(before, name, tmp_path_factory.mktemp(name))
    (after,) = dataset.scenes
    assert len(after) == len(before)
    for frame in before.frames:
        mine = before.reader.read_labels(frame.index, TRUTH).boxes_2d
        theirs = after.reader.read_labels(frame.index, after.label_sets[0].label_set_id).boxes_2d
        assert list(theirs.class_names) == list(mine.class_names)
        np.testing.assert_allclose(theirs.boxes_px, mine.boxes_px, rtol=0, atol=slack_px)
    dataset.close()


@st.composite
def tracked_drives(draw):
    """A standing car that sees upright boxes before its camera, of tracks with whole numbers."""
    builder = new_scene()
    builder.add_lidar("lidar", position=(0, 0, LIDAR_HEIGHT_M))
    for index in range(draw(st.integers(1, 3))):
        frame = builder.add_frame(timestamp_ns=index * 100_000_000, key=f"{index:06d}")
        frame.add_points("lidar", np.ones((2, 3), np.float32), intensity=np.ones(2, np.float32))
        frame.add_image("front", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
        tracks = draw(st.lists(st.integers(0, 9), unique=True, max_size=3))
        place = st.tuples(st.floats(5, 60), st.floats(-20, 20), st.floats(-2, 2))
        size = st.tuples(st.floats(0.1, 12), st.floats(0.1, 3), st.floats(0.1, 3))
        frame.add_cuboids(
            np.array([draw(place) for _ in tracks]).reshape(-1, 3),
            np.array([draw(size) for _ in tracks]).reshape(-1, 3),
            class_names=[CLASSES[track % 2] for track in tracks],
            yaw_rad=np.array([draw(st.floats(-3.1, 3.1)) for _ in tracks]),
            coord_frame_id="ego",
            label_set_id=TRUTH,
            label_ids=[f"{index}-{track}" for track in tracks],
            track_ids=[str(track) for track in tracks],
        )
    return builder.build()


@settings(max_examples=30, deadline=None)
@given(before=tracked_drives())
def test_tracked_boxes_come_back_to_the_printed_precision(before, tmp_path_factory):
    dataset = reopened(before, "kitti_tracking", tmp_path_factory.mktemp("tracking"))
    (after,) = dataset.scenes
    for frame in before.frames:
        mine = before.reader.read_labels(frame.index, TRUTH).cuboids
        rig = after.reader.read_rig(frame.index)
        sets = [each.label_set_id for each in after.label_sets]
        theirs = after.reader.read_labels(frame.index, sets[0]).cuboids if sets else None
        if theirs is None or not len(mine):
            assert not len(mine)
            continue
        assert list(theirs.track_ids) == list(mine.track_ids)
        assert [name.lower() for name in theirs.class_names] == list(mine.class_names)
        at_ns = frame.timestamp_ns
        own = rig.transforms.transform("velo", theirs.cuboids.coord_frame_id, at_ns)
        moved = theirs.cuboids.transformed(own)
        np.testing.assert_allclose(moved.size, mine.cuboids.size, rtol=0, atol=0.0051)
        center = moved.center + np.array([0.0, 0.0, LIDAR_HEIGHT_M])
        np.testing.assert_allclose(center, mine.cuboids.center, rtol=0, atol=0.0101)
        turned = [math.remainder(a - b, 2 * math.pi) for a, b in
                  zip(moved.yaw_rad, mine.cuboids.yaw_rad, strict=True)]  # fmt: skip
        assert max(map(abs, turned)) <= 0.0051
    dataset.close()
