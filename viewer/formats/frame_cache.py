"""Loaded clouds, images and labels kept within a byte budget; the least recently used go first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What a cache holds and how well it served."""

    entry_count: int
    held_bytes: int
    budget_bytes: int
    hit_count: int
    miss_count: int
    evicted_count: int


class FrameCache(Generic[Key, Value]):
    """Least-recently-used cache with a byte budget; every method may run on any thread.

    The budget is never exceeded: a value larger than all of it is not kept.

    Examples
    --------
    >>> cache: FrameCache[str, str] = FrameCache(budget_bytes=10)
    >>> cache.put("a", "cloud a", 6), cache.put("b", "cloud b", 6)
    (True, True)
    >>> cache.get("a") is None, cache.get("b")
    (True, 'cloud b')
    """

    def __init__(self, budget_bytes: int) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._budget_bytes = _checked_bytes(budget_bytes)
        self._held_bytes = 0
        self._hit_count = 0
        self._miss_count = 0
        self._evicted_count = 0

    def get(self, key: Key) -> Value | None:
        """Return the value and mark it as just used; None when it is not held."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                self._miss_count += 1
                return None
            self._entries.move_to_end(key)
            self._hit_count += 1
            return entry[0]

    def put(self, key: Key, value: Value, size_bytes: int) -> bool:
        """Keep a value, dropping the oldest as needed; False when it is larger than the budget."""
        _checked_bytes(size_bytes)
        with self._lock:
            self._forget(key)
            if size_bytes > self._budget_bytes:
                return False
            self._make_room(size_bytes)
            self._entries[key] = (value, size_bytes)
            self._held_bytes += size_bytes
            return True

    def evict(self, key: Key) -> bool:
        """Drop one value; False when it was not held."""
        with self._lock:
            return self._forget(key)

    def evict_where(self, unwanted: Callable[[Key], bool]) -> int:
        """Drop every value whose key is unwanted; return how many there were."""
        with self._lock:
            doomed = [key for key in self._entries if unwanted(key)]
            for key in doomed:
                self._forget(key)
            return len(doomed)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._entries.clear()
            self._held_bytes = 0

    def set_budget(self, budget_bytes: int) -> None:
        """Change the budget; drops the oldest when it shrinks."""
        with self._lock:
            self._budget_bytes = _checked_bytes(budget_bytes)
            self._make_room(0)

    def keys(self) -> tuple[Key, ...]:
        """Keys held, least recently used first."""
        with self._lock:
            return tuple(self._entries)

    def __contains__(self, key: object) -> bool:
        with self._lock:
            return key in self._entries

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    @property
    def stats(self) -> CacheStats:
        """Figures at this moment."""
        with self._lock:
            return CacheStats(
                len(self._entries),
                self._held_bytes,
                self._budget_bytes,
                self._hit_count,
                self._miss_count,
                self._evicted_count,
            )

    def _forget(self, key: Key) -> bool:
        entry = self._entries.pop(key, None)
        if entry is None:
            return False
        self._held_bytes -= entry[1]
        return True

    def _make_room(self, size_bytes: int) -> None:
        while self._entries and self._held_bytes + size_bytes > self._budget_bytes:
            _, (_, freed_bytes) = self._entries.popitem(last=False)
            self._held_bytes -= freed_bytes
            self._evicted_count += 1


def _checked_bytes(size_bytes: int) -> int:
    if size_bytes < 0:
        raise ValueError(f"a size in bytes cannot be {size_bytes}")
    return size_bytes
