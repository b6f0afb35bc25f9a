import threading

import pytest

from viewer.formats.frame_cache import FrameCache


def test_budget_is_never_exceeded_and_the_oldest_go_first() -> None:
    cache: FrameCache[int, str] = FrameCache(budget_bytes=100)
    for key in range(5):
        assert cache.put(key, f"frame {key}", 30)
        assert cache.stats.held_bytes <= 100
    assert cache.keys() == (2, 3, 4)
    assert cache.stats.evicted_count == 2


def test_use_keeps_an_entry() -> None:
    cache: FrameCache[str, int] = FrameCache(budget_bytes=3)
    for key in "abc":
        cache.put(key, 1, 1)
    assert cache.get("a") == 1
    cache.put("d", 1, 1)
    assert "a" in cache
    assert "b" not in cache


def test_a_value_larger_than_the_budget_is_not_kept_and_drops_nothing() -> None:
    cache: FrameCache[str, int] = FrameCache(budget_bytes=10)
    cache.put("small", 1, 4)
    assert not cache.put("huge", 2, 11)
    assert cache.keys() == ("small",)
    assert cache.stats.held_bytes == 4


def test_replacing_counts_the_new_size_only() -> None:
    cache: FrameCache[str, int] = FrameCache(budget_bytes=10)
    cache.put("a", 1, 8)
    cache.put("a", 2, 3)
    assert cache.get("a") == 2
    assert cache.stats.held_bytes == 3
    assert cache.stats.entry_count == 1


def test_evict_and_shrink() -> None:
    cache: FrameCache[tuple[int, str], int] = FrameCache(budget_bytes=100)
    for frame in range(4):
        cache.put((frame, "cloud"), frame, 10)
        cache.put((frame, "image"), frame, 10)
    assert cache.evict_where(lambda key: key[1] == "image") == 4
    assert cache.evict((0, "cloud"))
    assert not cache.evict((0, "cloud"))
    cache.set_budget(15)
    assert cache.keys() == ((3, "cloud"),)
    cache.clear()
    assert cache.stats.held_bytes == 0


def test_hits_and_misses_are_counted() -> None:
    cache: FrameCache[str, int] = FrameCache(budget_bytes=10)
    cache.put("a", 1, 1)
    cache.get("a")
    cache.get("b")
    assert (cache.stats.hit_count, cache.stats.miss_count) == (1, 1)


def test_negative_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        FrameCache[str, int](budget_bytes=10).put("a", 1, -1)


def test_many_threads_keep_the_books_straight() -> None:
    cache: FrameCache[int, bytes] = FrameCache(budget_bytes=1000)
    failures = []

    def work(seed: int) -> None:
        for step in range(2000):
            key = (seed * 7919 + step * 104729) % 97
            held = cache.get(key)
            if held is not None and len(held) != key + 1:
                failures.append(key)
            cache.put(key, bytes(key + 1), key + 1)
            if step % 50 == 0:
                cache.evict(key)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert cache.stats.held_bytes == sum(key + 1 for key in cache.keys()) <= 1000  # noqa: SIM118
