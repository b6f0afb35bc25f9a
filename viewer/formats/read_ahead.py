"""What compiled code took for the next frames while it was at it."""

import threading
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

Piece = TypeVar("Piece")


class ReadAhead(Generic[Piece]):
    """Notices that frames are read one after the other, and takes many of them at once then.

    Parameters
    ----------
    take
        Return the pieces of a frame and of some that follow it, by frame index, and the last frame
        that was looked at; frames may miss.
    """

    def __init__(self, take: Callable[[int], tuple[Mapping[int, Piece], int]]) -> None:
        self._take = take
        self._lock = threading.Lock()
        self._last = -2
        self._pieces: dict[int, Piece] = {}
        self._first = 0
        self._taken_to = -1

    def get(self, frame_index: int) -> Piece | None:
        """Return the piece of a frame, once; None when nothing was taken for it."""
        with self._lock:
            if self._first <= frame_index <= self._taken_to:
                # Going back within what was taken is no reason to take it again.
                self._last = max(self._last, frame_index)
                return self._pieces.pop(frame_index, None)
            follows = frame_index == self._last + 1
            self._last = frame_index
            self._forget()
            if follows:
                pieces, self._taken_to = self._take(frame_index)
                self._first, self._pieces = frame_index, dict(pieces)
            return self._pieces.pop(frame_index, None)

    def clear(self) -> None:
        """Forget all pieces."""
        with self._lock:
            self._last = -2
            self._forget()

    def _forget(self) -> None:
        self._pieces = {}
        self._taken_to = -1
