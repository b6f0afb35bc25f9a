"""Frames load piece by piece; what is damaged is said, and the rest is there."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from fake_drive import START_NS, make_scene

from viewer.formats.frame_cache import FrameCache
from viewer.geometry.transform_tree import TransformTreeError
from viewer.progress import Cancelled, JobContext
from viewer.session.frame_store import KEPT_CONTENTS, FrameStore
from viewer.session.view_settings import PointStyle, ViewSettings

VIEW = ViewSettings()


@pytest.fixture
def scene():
    return make_scene()


@pytest.fixture
def cache():
    return FrameCache(10_000_000)


@pytest.fixture
def store(scene, cache):
    store = FrameStore(scene, cache)
    yield store
    store.close()


def test_loads_everything_of_a_frame(store):
    content = store.load(JobContext(), 3, VIEW, 320)
    assert content.index == 3
    assert [sweep.sensor_id for sweep in content.sweeps] == ["lidar"]
    assert set(content.images) == {"front", "rear"}
    assert list(content.labels) == ["gt", "model"]
    assert list(content.labels["gt"].cuboids.track_ids) == ["1", "2"]
    assert content.problems == ()


def test_loaded_frame_is_ready_for_the_same_view_only(store):
    content = store.load(JobContext(), 3, VIEW, 320)
    assert store.cached(3, VIEW, 320) is content
    assert store.cached(3, VIEW, 640) is None
    assert store.cached(3, replace(VIEW, points=PointStyle(sweep_count=2)), 320) is None
    assert store.cached(4, VIEW, 320) is None


def test_damaged_image_is_a_problem_and_the_rest_is_there(scene, store):
    scene.reader.damaged.add(("image", 2))
    content = store.load(JobContext(), 2, VIEW, 320)
    assert dict(content.images) == {}
    assert len(content.sweeps) == 1
    assert {problem.place for problem in content.problems} == {"byte 7"}
    assert len(content.problems) == 2


@pytest.mark.parametrize("kind", ["points", "labels"])
def test_damaged_points_or_labels_leave_the_rest(scene, store, kind):
    scene.reader.damaged.add((kind, 2))
    content = store.load(JobContext(), 2, VIEW, 320)
    assert len(content.images) == 2
    assert content.problems[0].source == f"/fake/2.{kind}"
    if kind == "points":
        assert content.sweeps == ()
    else:
        assert len(content.labels["gt"].cuboids) == 0


def test_failing_disk_is_a_problem_too(scene, store):
    scene.reader.broken_disk |= {("points", 1), ("image", 1), ("labels", 1)}
    content = store.load(JobContext(), 1, VIEW, 320)
    assert {problem.source for problem in content.problems} == {
        "/fake/1.points", "/fake/1.image", "/fake/1.labels",
    }  # fmt: skip
    assert "Input/output error" in content.problems[0].message


def test_sweeps_accumulate_backwards_and_stop_at_the_first_frame(store):
    view = replace(VIEW, points=PointStyle(sweep_count=3))
    indices = [sweep.frame_index for sweep in store.load(JobContext(), 5, view, 320).sweeps]
    assert indices == [5, 4, 3]
    assert [s.frame_index for s in store.load(JobContext(), 1, view, 320).sweeps] == [1, 0]


def test_each_sweep_keeps_its_own_time(store):
    view = replace(VIEW, points=PointStyle(sweep_count=2))
    times = [sweep.timestamp_ns for sweep in store.load(JobContext(), 5, view, 320).sweeps]
    assert times == [START_NS + 500_000_000, START_NS + 400_000_000]


def test_independent_frames_do_not_accumulate(cache):
    store = FrameStore(make_scene(independent=True), cache)
    view = replace(VIEW, points=PointStyle(sweep_count=3))
    assert len(store.load(JobContext(), 5, view, 320).sweeps) == 1
    store.close()


def test_pieces_are_read_once(scene, store):
    store.load(JobContext(), 4, replace(VIEW, points=PointStyle(sweep_count=3)), 320)
    store.load(JobContext(), 5, replace(VIEW, points=PointStyle(sweep_count=3)), 320)
    assert [scene.reader.read_counts["points", index] for index in range(7)] == [
        0, 0, 1, 1, 1, 1, 0,
    ]  # fmt: skip


def test_two_loads_at_once_share_the_reading(scene, store):
    scene.reader.gate.clear()
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(store.load(JobContext(), 6, VIEW, 320)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    scene.reader.gate.set()
    for thread in threads:
        thread.join(10)
    assert len(results) == 2
    assert scene.reader.read_counts["points", 6] == 1
    assert results[0].sweeps[0].cloud is results[1].sweeps[0].cloud


def test_failed_read_is_tried_again(scene, store):
    scene.reader.damaged.add(("points", 2))
    assert store.load(JobContext(), 2, VIEW, 320).sweeps == ()
    scene.reader.damaged.clear()
    assert len(store.load(JobContext(), 2, VIEW, 640).sweeps) == 1


def test_scenes_of_the_same_name_never_share_pieces(cache):
    first, second = make_scene(scene_id="training"), make_scene(scene_id="training")
    stores = [FrameStore(scene, cache) for scene in (first, second)]
    clouds = [store.load(JobContext(), 0, VIEW, 320).sweeps[0].cloud for store in stores]
    assert clouds[0] is not clouds[1]
    assert second.reader.read_counts["points", 0] == 1
    for store in stores:
        store.close()


def test_memory_stays_within_the_budget(scene):
    cache = FrameCache(200_000)
    store = FrameStore(scene, cache)
    for index in range(12):
        store.load(JobContext(), index, VIEW, 320)
        assert cache.stats.held_bytes <= 200_000
    assert store.cached(0, VIEW, 320) is None
    kept = [index for index in range(12) if store.cached(index, VIEW, 320) is not None]
    assert kept == list(range(12 - KEPT_CONTENTS, 12))
    store.close()


def test_cancelled_load_stops(scene, store):
    context = JobContext()
    context.cancel()
    with pytest.raises(Cancelled):
        store.load(context, 0, VIEW, 320)


def test_preparers_see_the_loaded_frame_and_the_view(scene, cache):
    def make(content, view):
        return content.index, len(content.images), view.points.size_px

    store = FrameStore(scene, cache, {"three": make})
    assert store.load(JobContext(), 7, VIEW, 320).prepared == {"three": (7, 2, 2.0)}
    store.close()


def test_missing_coord_frame_in_a_preparer_is_a_problem_of_the_frame(scene, cache):
    def make(_content, _view):
        raise TransformTreeError("unknown coord frame 'cam9'")

    store = FrameStore(scene, cache, {"overlay": make, "ok": lambda c, _v: c.index})
    content = store.load(JobContext(), 1, VIEW, 320)
    assert content.prepared == {"ok": 1}
    assert [problem.message for problem in content.problems] == ["unknown coord frame 'cam9'"]
    store.close()


def test_content_knows_where_the_ego_is_and_when_images_were_taken(store):
    content = store.load(JobContext(), 4, VIEW, 320)
    np.testing.assert_allclose(content.world_from_ego()[:3, 3], [4.0, 0.0, 0.0])
    assert content.image_timestamp_ns("front") == START_NS + 420_000_000
    assert content.image_timestamp_ns("unknown") == START_NS + 400_000_000


def test_what_was_asked_for_last_is_kept_longest(store):
    for index in range(KEPT_CONTENTS):
        store.load(JobContext(), index, VIEW, 320)
    assert store.cached(0, VIEW, 320) is not None
    store.load(JobContext(), KEPT_CONTENTS, VIEW, 320)
    assert store.cached(0, VIEW, 320) is not None
    assert store.cached(1, VIEW, 320) is None
