"""What was built of a scene's frames, kept for the next time it is asked for."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class KeptFrames(Generic[Item]):
    """One thing a frame, built when it is first asked for; every method may run on any thread.

    Parameters
    ----------
    most
        How many are kept; then those that were built first go.
    build
        Makes the thing of a frame. It runs outside of the lock, on two threads it may be at once:
        both get what was ready first.
    """

    def __init__(self, most: int, build: Callable[[int], Item]) -> None:
        self._most = most
        self._build = build
        self._lock = threading.Lock()
        self._items: OrderedDict[int, Item] = OrderedDict()

    def of(self, frame_index: int) -> Item:
        """Return the thing of a frame."""
        with self._lock:
            if frame_index in self._items:
                return self._items[frame_index]
        built = self._build(frame_index)
        with self._lock:
            item = self._items.setdefault(frame_index, built)
            if len(self._items) > self._most:
                self._items.popitem(last=False)
        return item

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._items.clear()
